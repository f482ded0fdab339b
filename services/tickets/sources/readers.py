"""Export files as rows of text: what kind of file it is, told by its content, and its rows in bounded pieces."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from services.errors import Invalid
from services.tickets.sources.records import Rejection, shown

MAX_COLUMNS = 1_000
MAX_CHUNK_BYTES = 16 << 20


class Row(NamedTuple):
    """One data row: the line it begins on, and as many cells as there are columns; no value is an empty text."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of rows. `position` is the number of bytes of the file behind us after it."""

    rows: Sequence[Row]
    rejections: Sequence[Rejection]
    position: int


class Reader(Protocol):
    """An export file of one kind. It can be read any number of times."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def encoding(self) -> str:
        """How text is encoded: `utf-8` or `latin-1`."""

    def chunks(self, size: int) -> Iterator[Chunk]:
        """All data rows in pieces of at most `size`."""


def named(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    """The header's names; a nameless column is called by its place, and a repeated name gets its number after it.

    Invalid for too many columns, and for repetitions that cannot be told apart in this way.
    """
    if len(header) > MAX_COLUMNS:
        raise Invalid(f"{path}: {len(header)} columns, the limit is {MAX_COLUMNS}")
    seen: Counter[str] = Counter()
    names = []
    for place, name in enumerate(header, 1):
        called = name.strip() or f"column {place}"
        seen[called] += 1
        names.append(called if seen[called] == 1 else f"{called} ({seen[called]})")
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise Invalid(f"{path}: the header names these columns more than once: {shown(', '.join(repeated))}")
    return tuple(names)


def size_and_sha256(path: Path) -> tuple[int, str]:
    """Bytes and SHA-256 (hexadecimal) of a file. Invalid if it cannot be read or is empty."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        raise Invalid(f"{path}: the file cannot be read: {error.strerror}") from None
    if size == 0:
        raise Invalid(f"{path}: the file is empty; expected a CSV, CSV.gz or Parquet export with a header")
    return size, digest


def open_reader(path: Path) -> Reader:
    """The reader for this file's content, whatever its name ends in. Raises Invalid for what is no export."""
    from services.tickets.sources.csv_reader import CsvReader  # each kind imports the types above
    from services.tickets.sources.parquet_reader import ParquetReader

    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PAR1":
        return ParquetReader(path)
    if start[:2] == b"PK":
        raise Invalid(f"{path}: this is a zip archive or a spreadsheet; unpack it, or export as CSV or Parquet")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Invalid(f"{path}: this text is UTF-16; save it as UTF-8")
    return CsvReader(path, compressed=start[:2] == b"\x1f\x8b")
