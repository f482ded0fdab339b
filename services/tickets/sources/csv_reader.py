"""CSV exports, plain or gzip: line numbers that are right, damage reported row by row, memory bounded."""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from services.errors import Invalid
from services.tickets.sources.readers import MAX_CHUNK_BYTES, Chunk, Row, named
from services.tickets.sources.records import Rejection, shown

SCAN_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 20
ROWS_BETWEEN_LOOKS = 64  # asking an archive for its position costs more than reading a row
DELIMITERS = (",", ";", "\t")
LINE_END = re.compile(rb"[\r\n]")
MAX_EXPANSION = 200
"""Exports shrink to a tenth or a thirtieth; what unpacks to more than this is made to fill a machine."""
UNSUSPICIOUS_BYTES = 64 << 20


class CsvReader:
    """A CSV file with a header. Comma, semicolon or tab, as the header shows; UTF-8 (a mark is dropped) or Latin-1.

    The whole file is scanned once when opened: a truncated archive, one that unpacks to 200 times its size, a binary
    file or a line beyond 1 MiB is an error before any row is handed on, and Latin-1 is only taken where the file as a
    whole is not UTF-8.
    """

    def __init__(self, path: Path, *, compressed: bool) -> None:
        self._path = path
        self._compressed = compressed
        self.encoding = self._scan()
        self._delimiter, self.columns = self._header()

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Rows and damaged rows in file order, in pieces of at most `size` rows or about 16 MiB."""
        with self._opened() as (raw, data, text):
            reader = csv.reader(text, delimiter=self._delimiter, strict=True)
            next(filter(None, reader), None)
            rows: list[Row] = []
            rejections: list[Rejection] = []
            limit = data.tell() + MAX_CHUNK_BYTES
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except csv.Error as error:
                    rejections.append(Rejection(line, "", "", f"unreadable up to line {reader.line_num}: {error}"))
                else:
                    if len(cells) == len(self.columns):
                        rows.append(Row(line, cells))
                    elif cells:
                        rejections.append(self._wrong_width(line, reader.line_num, cells))
                held = len(rows) + len(rejections)
                if held >= size or (held % ROWS_BETWEEN_LOOKS == 0 and data.tell() > limit):
                    yield Chunk(rows, rejections, raw.tell())
                    rows, rejections, limit = [], [], data.tell() + MAX_CHUNK_BYTES
            if rows or rejections:
                yield Chunk(rows, rejections, raw.tell())

    def _wrong_width(self, line: int, last: int, cells: list[str]) -> Rejection:
        quoted = "" if last == line else f"; by its quotes it goes on to line {last}"
        reason = f"the row has {len(cells)} columns, the header has {len(self.columns)}{quoted}"
        return Rejection(line, "", shown(self._delimiter.join(cells)), reason)

    @contextmanager
    def _opened(self) -> Iterator[tuple[IO[bytes], IO[bytes], io.TextIOWrapper]]:
        """The file, its uncompressed bytes, and its text with line ends as they are (`csv` wants them so)."""
        encoding = "utf-8-sig" if self.encoding == "utf-8" else self.encoding
        with self._path.open("rb") as raw, self._bytes(raw) as data:
            yield raw, data, io.TextIOWrapper(data, encoding=encoding, newline="")

    def _bytes(self, raw: io.BufferedReader) -> io.BufferedReader:
        return io.BufferedReader(gzip.GzipFile(fileobj=raw)) if self._compressed else raw

    def _scan(self) -> str:
        decoder = codecs.getincrementaldecoder("utf-8")()
        encoding, line, unbroken, blank, unpacked = "utf-8", 1, 0, True, 0
        try:
            with self._path.open("rb") as raw, self._bytes(raw) as data:
                while piece := data.read(SCAN_BYTES):
                    if line == 1 and b"\0" in LINE_END.split(piece, 1)[0]:
                        raise Invalid(f"{self._path}: this is a binary file; expected CSV, CSV.gz or Parquet")
                    ended = LINE_END.search(piece)
                    unbroken += ended.start() if ended else len(piece)
                    if unbroken > MAX_LINE_BYTES:
                        raise Invalid(
                            f"{self._path}: line {line} is longer than {MAX_LINE_BYTES} bytes; not a CSV export"
                        )
                    if ended:
                        line += max(piece.count(b"\n"), piece.count(b"\r"))
                        unbroken = len(piece) - max(piece.rfind(b"\n"), piece.rfind(b"\r")) - 1
                    blank = blank and not piece.strip()
                    encoding = self._still(encoding, decoder, piece)
                    unpacked += len(piece)
                    if unpacked > max(UNSUSPICIOUS_BYTES, MAX_EXPANSION * raw.tell()):
                        raise Invalid(
                            f"{self._path}: the archive unpacks to more than {MAX_EXPANSION} times its size; "
                            "not an export"
                        )
            encoding = self._still(encoding, decoder, b"", final=True)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Invalid(f"{self._path}: the gzip archive is damaged or cut off: {error}") from None
        if blank:
            raise Invalid(f"{self._path}: the file is empty; expected a CSV export with a header")
        return encoding

    @staticmethod
    def _still(encoding: str, decoder: codecs.IncrementalDecoder, piece: bytes, final: bool = False) -> str:
        if encoding == "utf-8":
            try:
                decoder.decode(piece, final)
            except UnicodeDecodeError:
                return "latin-1"
        return encoding

    def _header(self) -> tuple[str, tuple[str, ...]]:
        readings: list[tuple[str, list[str]]] = []
        for delimiter in DELIMITERS:
            with self._opened() as (_, _, text):
                try:
                    header = next(filter(None, csv.reader(text, delimiter=delimiter, strict=True)))
                except (csv.Error, StopIteration):
                    continue
            readings.append((delimiter, header))
        if not readings:
            raise Invalid(f"{self._path}: the first line cannot be read as the header of a CSV export")
        delimiter, header = max(readings, key=lambda reading: len(reading[1]))
        return delimiter, named(self._path, header)
