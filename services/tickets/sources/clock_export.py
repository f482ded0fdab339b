"""Exports of clocks: ServiceNow's task_sla and Jira's SLA cycles, one row per clock, as CSV, Parquet or JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.errors import Invalid
from services.tickets.sources.cells import RowRejected
from services.tickets.sources.clock_columns import ALIASES, REQUIRED, ClockField
from services.tickets.sources.clock_profile import ClockProfile, clock_profile_for
from services.tickets.sources.clock_rows import ClockRowParser, ReportedClockRecord
from services.tickets.sources.columns import locate
from services.tickets.sources.dates import DateNotation, OtherNotation, instant_reader
from services.tickets.sources.definitions import zone
from services.tickets.sources.export import BATCH_ROWS, MAX_ROWS, ProfileSource, read_notation
from services.tickets.sources.jira_reader import JiraReader
from services.tickets.sources.readers import Reader, open_reader, size_and_sha256
from services.tickets.sources.records import Rejection

TIMES = (ClockField.STARTED_AT, ClockField.STOPPED_AT, ClockField.DUE_AT, ClockField.UPDATED_AT)


@dataclass(frozen=True)
class ClockBatch:
    """What became of a stretch of rows: each was a clock or a rejection."""

    clocks: list[ReportedClockRecord]
    rejections: list[Rejection]
    lines_read: int
    bytes_read: int


@dataclass(frozen=True)
class ClockExport:
    """An export of clocks that can be read, with everything assumed or found out about it."""

    path: Path
    columns: tuple[str, ...]
    places: Mapping[ClockField, int]
    profile: ClockProfile
    profile_source: ProfileSource
    time_zone: str | None
    time_zone_assumed: bool
    date_formats: tuple[DateNotation, ...]
    encoding: str
    sha256: str
    total_bytes: int
    reader: Reader
    now: datetime

    def batches(self, size: int = BATCH_ROWS) -> Iterator[ClockBatch]:
        """The rows in file order, `size` at a time. Raises Invalid as an export of tickets does."""
        instant = instant_reader(self.date_formats, zone(self.time_zone) if self.time_zone else None)
        parser = ClockRowParser(self.columns, self.places, self.profile, instant, self.now)
        read = 0
        for chunk in self.reader.chunks(size):
            clocks, rejections = [], list(chunk.rejections)
            for line, cells in chunk.rows:
                try:
                    clocks.append(parser.parse(line, cells))
                except RowRejected as at_fault:
                    rejections.append(Rejection(line, at_fault.column, at_fault.value, at_fault.reason))
                except OtherNotation as mixed:
                    raise Invalid(f"{self.path}: line {line}: {mixed}") from None
            lines_read = len(chunk.rows) + len(chunk.rejections)
            read += lines_read
            if read > MAX_ROWS:
                raise Invalid(f"{self.path}: more than {MAX_ROWS} rows; split the export, for example by month")
            yield ClockBatch(clocks, rejections, lines_read, chunk.position)


def open_clock_export(
    path: Path, profile: ClockProfile | None = None, *, now: datetime, time_zone: str | None = None
) -> ClockExport:
    """Look at an export of clocks and settle how it is read, as `open_export` does for tickets. Raises Invalid."""
    total_bytes, sha256 = size_and_sha256(path)
    with path.open("rb") as file:
        start = file.read(64).lstrip()
    reader = JiraReader(path) if start[:1] in (b"{", b"[") else open_reader(path)
    found = None if profile else clock_profile_for(reader.columns)
    used = profile or found or ClockProfile()
    try:
        places = locate(reader.columns, used.columns, ALIASES, REQUIRED)
        zone_name = zone(time_zone).key if time_zone else used.time_zone
    except Invalid as error:
        raise Invalid(f"{path}: {error.message}", error.problems) from None
    except ValueError as error:
        raise Invalid(f"the time zone {error}") from None
    times = [places[field] for field in TIMES if field in places]
    return ClockExport(
        path=path,
        columns=tuple(reader.columns),
        places=places,
        profile=used,
        profile_source=ProfileSource.GIVEN
        if profile
        else ProfileSource.SHIPPED_EXAMPLE
        if found
        else ProfileSource.NONE,
        time_zone=zone_name,
        time_zone_assumed=used.time_zone_assumed and not time_zone,
        date_formats=read_notation(path, reader, times, used, zone_name),
        encoding=reader.encoding,
        sha256=sha256,
        total_bytes=total_bytes,
        reader=reader,
        now=now,
    )
