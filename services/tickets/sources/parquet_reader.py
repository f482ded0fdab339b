"""Parquet exports: typed columns turned into the text a CSV export would hold, so that one set of rules reads both."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.errors import Invalid
from services.tickets.sources.readers import Chunk, Row, named

ZERO_FRACTION = r"\.0+(Z?)$"
"""Arrow writes up to nine zeros after whole seconds."""


class ParquetReader:
    """A Parquet file of flat columns. Lines are rows, counted from 1."""

    encoding = "utf-8"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._total_bytes = path.stat().st_size
        with self._opened() as file:
            nested = [field.name for field in file.schema_arrow if pa.types.is_nested(field.type)]
            if nested:
                raise Invalid(f"{path}: columns with lists or structures cannot be read: {', '.join(nested[:10])}")
            self.columns = named(path, file.schema_arrow.names)

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Rows in file order, `size` at a time; the position is the share of rows read, in bytes."""
        lines = count(1)
        with self._opened() as file:
            total = int(file.metadata.num_rows)
            done = 0
            try:
                for batch in file.iter_batches(batch_size=size, use_threads=False):
                    texts = [
                        self._texts(name, values) for name, values in zip(self.columns, batch.columns, strict=True)
                    ]
                    rows = [Row(line, cells) for cells, line in zip(zip(*texts, strict=True), lines, strict=False)]
                    done += len(rows)
                    yield Chunk(rows, (), self._total_bytes * done // total)
            except (pa.ArrowException, OSError) as error:
                raise Invalid(f"{self._path}: the Parquet file is damaged after row {done}: {error}") from None

    def _opened(self) -> Any:
        try:
            return pq.ParquetFile(self._path)
        except (pa.ArrowException, OSError) as error:
            raise Invalid(f"{self._path}: the Parquet file cannot be read: {error}") from None

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
