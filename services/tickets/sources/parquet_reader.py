"""Parquet exports: typed columns turned into the text a CSV export would hold, so that one set of rules reads both."""

import struct
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.errors import Invalid
from services.tickets.sources.readers import MAX_CHUNK_BYTES, Chunk, Row, named

ZERO_FRACTION = r"\.0+(Z?)$"
"""Arrow writes up to nine zeros after whole seconds."""
MAX_FOOTER_BYTES = 4 << 20
"""A thousand columns in a thousand row groups take less; a million columns take a hundred times as much."""
MAX_COLUMN_CHUNK_BYTES = 128 << 20
"""Unpacked size of one column of a row group, which is read at once."""


class ParquetReader:
    """A Parquet file of flat columns. Lines are rows, counted from 1.

    Repeated values stay stored once until their rows are handed on in pieces of about 16 MiB, so that a file that says
    a long text ten thousand times takes no more memory than one that says it once.
    """

    encoding = "utf-8"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._total_bytes = path.stat().st_size
        self._refuse_large_footer()
        with self._opened() as file:
            schema = file.schema_arrow
            nested = [field.name for field in schema if pa.types.is_nested(field.type)]
            if nested:
                raise Invalid(f"{path}: columns with lists or structures cannot be read: {', '.join(nested[:10])}")
            self.columns = named(path, schema.names)
            self._repeating = [field.name for field in schema if pa.types.is_string(field.type)]
            self._refuse_large_columns(file.metadata)

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Rows in file order, `size` at a time; the position is the share of rows read, in bytes."""
        lines = count(1)
        with self._opened(read_dictionary=self._repeating) as file:
            total = int(file.metadata.num_rows)
            done = 0
            try:
                for batch in file.iter_batches(batch_size=size, use_threads=False):
                    step = min(size, max(1, MAX_CHUNK_BYTES // max(1, sum(map(_longest, batch.columns)))))
                    for start in range(0, batch.num_rows, step):
                        texts = [
                            self._texts(name, values)
                            for name, values in zip(self.columns, batch.slice(start, step).columns, strict=True)
                        ]
                        rows = [Row(line, cells) for cells, line in zip(zip(*texts, strict=True), lines, strict=False)]
                        done += len(rows)
                        yield Chunk(rows, (), self._total_bytes * done // total)
            except (pa.ArrowException, OSError) as error:
                raise Invalid(f"{self._path}: the Parquet file is damaged after row {done}: {error}") from None

    def _opened(self, **options: Any) -> Any:
        try:
            return pq.ParquetFile(self._path, **options)
        except (pa.ArrowException, OSError) as error:
            raise Invalid(f"{self._path}: the Parquet file cannot be read: {error}") from None

    def _refuse_large_footer(self) -> None:
        """The file ends with the length of its description and a mark; Arrow would read one of any length."""
        with self._path.open("rb") as file:
            file.seek(max(0, self._total_bytes - 8))
            end = file.read()
        length = struct.unpack("<I", end[:4])[0] if len(end) == 8 else 0
        if end.endswith(b"PAR1") and length > MAX_FOOTER_BYTES:
            raise Invalid(
                f"{self._path}: the description of the Parquet file's columns has {length} bytes, the limit is "
                f"{MAX_FOOTER_BYTES}; too many columns or row groups"
            )

    def _refuse_large_columns(self, metadata: Any) -> None:
        for group in range(metadata.num_row_groups):
            columns = metadata.row_group(group)
            for column in map(columns.column, range(columns.num_columns)):
                if column.total_uncompressed_size > MAX_COLUMN_CHUNK_BYTES:
                    raise Invalid(
                        f"{self._path}: column {column.path_in_schema} unpacks to {column.total_uncompressed_size} "
                        f"bytes in row group {group + 1}, the limit is {MAX_COLUMN_CHUNK_BYTES}; write smaller groups"
                    )

    def _texts(self, name: str, values: Any) -> list[str]:
        try:
            texts = pc.fill_null(pc.cast(values, pa.string()), "")
            if pa.types.is_timestamp(values.type):
                texts = pc.replace_substring_regex(texts, ZERO_FRACTION, r"\1")
            listed: list[str] = texts.to_pylist()
        except pa.ArrowException as error:
            raise Invalid(
                f"{self._path}: column {name} of type {values.type} cannot be read as text: {error}"
            ) from None
        return listed


def _longest(values: Any) -> int:
    """Bytes that the longest value of a column may take as text."""
    distinct = values.dictionary if pa.types.is_dictionary(values.type) else values
    if not (pa.types.is_string(distinct.type) or pa.types.is_binary(distinct.type)):
        return 40
    return int(pc.max(pc.binary_length(distinct)).as_py() or 0)
