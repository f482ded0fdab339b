"""Exports of tickets: CSV, CSV.gz or Parquet, one row per update of a ticket, or one per ticket."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from services.errors import Invalid
from services.tickets.sources.cells import RowRejected
from services.tickets.sources.columns import ALIASES, REQUIRED, EventField, Layout, locate
from services.tickets.sources.dates import DateNotation, OtherNotation, detect, has_offset, instant_reader
from services.tickets.sources.definitions import zone
from services.tickets.sources.profile import Profile, SourceProfile, matching, profile_for, shipped_profiles
from services.tickets.sources.readers import Reader, open_reader, size_and_sha256
from services.tickets.sources.records import Batch, Rejection, TicketEventRecord, shown
from services.tickets.sources.rows import RowParser
from services.tickets.sources.ticket_rows import TicketRowParser

BATCH_ROWS = 5_000
SAMPLE_ROWS = 1_000
MAX_ROWS = 10_000_000
COMMANDS = {Layout.UPDATES: "servicenow", Layout.TICKETS: "tickets"}
"""What imports an export of each layout, after `slm import`; also what the import is recorded as."""
TIMES = (
    EventField.UPDATED_AT,
    EventField.OPENED_AT,
    EventField.RESPONDED_AT,
    EventField.RESOLVED_AT,
    EventField.CLOSED_AT,
)


class ProfileSource(StrEnum):
    """Where the profile an export is read with came from."""

    GIVEN = "given"
    SHIPPED_EXAMPLE = "shipped example"
    NONE = "none"


@dataclass(frozen=True)
class Export:
    """An export file that can be read, with everything assumed or found out about it. Iterating yields its batches."""

    path: Path
    columns: tuple[str, ...]
    places: Mapping[EventField, int]
    """Index in `columns` of each field that has a column."""
    profile: Profile
    profile_source: ProfileSource
    time_zone: str | None
    """IANA zone of written times without an offset; None where every time must say its own."""
    time_zone_assumed: bool
    date_formats: tuple[DateNotation, ...]
    date_formats_detected: bool
    """Whether the notation was found out from a sample of rows because no profile says it."""
    encoding: str
    """`utf-8`, or `latin-1` because the file as a whole is not UTF-8."""
    sha256: str
    total_bytes: int
    reader: Reader
    now: datetime
    """Rows that speak of a later instant are rejected."""

    def __iter__(self) -> Iterator[Batch]:
        return self.batches()

    def batches(self, size: int = BATCH_ROWS) -> Iterator[Batch]:
        """The rows in file order, `size` at a time. Raises Invalid beyond ten million rows, and at a date in another
        notation than the file's, because then no date of it can be trusted.

        A row equal to an earlier one is counted and left out; one that gives an earlier event another content is
        rejected. To tell these, two hashes of every row are remembered, about 150 bytes a row; all else that
        is kept is one batch.
        """
        instant = instant_reader(self.date_formats, zone(self.time_zone) if self.time_zone else None)
        of_layout = TicketRowParser if self.profile.layout is Layout.TICKETS else RowParser
        parser = of_layout(self.columns, self.places, self.profile, instant, self.now)
        contents: dict[int, int] = {}
        rows_read = 0
        for chunk in self.reader.chunks(size):
            events: list[TicketEventRecord] = []
            lines: list[int] = []
            rejections = list(chunk.rejections)
            repetitions = 0
            parser.unknown_states = Counter()
            for line, cells in chunk.rows:
                try:
                    found = parser.events(cells)
                except RowRejected as at_fault:
                    rejections.append(self._rejection(line, cells, at_fault))
                    continue
                except OtherNotation as mixed:
                    raise Invalid(f"{self.path}: line {line}: {mixed}") from None
                content = hash(tuple(cells))
                identity = hash(parser.identity(found[0]))
                known = contents.get(identity)
                if known is None:
                    contents[identity] = content
                    events.extend(found)
                    lines.extend([line] * len(found))
                elif known != content:
                    rejections.append(self._contradiction(line, found[0]))
                else:
                    repetitions += 1
            rejections.sort(key=lambda rejection: rejection.line)
            lines_read = len(chunk.rows) + len(chunk.rejections)
            rows_read += lines_read
            if rows_read > MAX_ROWS:
                raise Invalid(f"{self.path}: more than {MAX_ROWS} rows; split the export, for example by month")
            yield Batch(events, lines, rejections, lines_read, chunk.position, repetitions, dict(parser.unknown_states))

    def _rejection(self, line: int, cells: Sequence[str], at_fault: RowRejected) -> Rejection:
        if tuple(cells) == self.columns:
            return Rejection(line, "", "", "the header is repeated here")
        return Rejection(line, at_fault.column, at_fault.value, at_fault.reason)

    def on_record(self, line: int, event: TicketEventRecord, columns: Sequence[str]) -> Rejection:
        """A row whose event is on record and says something else in these columns of it."""
        column = self.columns[self.places[EventField.NUMBER]]
        reason = f"this update ({event.event_key}) is on record with another {', '.join(columns)}, which stays"
        return Rejection(line, column, shown(event.ticket_key), reason)

    def _contradiction(self, line: int, event: TicketEventRecord) -> Rejection:
        column = self.columns[self.places[EventField.NUMBER]]
        of_what = "" if event.synthesised else f"the same update ({event.event_key}) of "
        reason = f"an earlier row says something else about {of_what}this ticket"
        return Rejection(line, column, shown(event.ticket_key), reason)


def open_export(
    path: Path,
    profile: Profile | None = None,
    *,
    now: datetime,
    time_zone: str | None = None,
    layout: Layout = Layout.UPDATES,
) -> Export:
    """Look at an export file and settle how it is read, before any of its rows is. Nothing in it may come after `now`.

    Without a profile, the shipped example made for these columns is used if there is one, and otherwise the built-in
    column names. `time_zone` (IANA) wins over the profile's zone. Where neither names one, every time must carry its
    offset: a wall-clock time among the first 1,000 rows is an error, one further down a rejected row. Date notations
    the profile does not state are found out from the same rows, never per row; dates that could be read in two ways
    are an error. Raises Invalid naming the file, what was expected, and which column names were tried.
    """
    if profile and profile.layout is not layout:
        raise Invalid(f"the profile {profile.name!r} describes {profile.layout}, one in each row, and not {layout}")
    total_bytes, sha256 = size_and_sha256(path)
    reader = open_reader(path)
    example = None if profile else profile_for(reader.columns, layout)
    if profile is None and example is None and (other := matching(reader.columns, shipped_profiles())):
        raise Invalid(
            f"{path}: these are the columns of {other.name!r}, with {other.layout} in its rows and not {layout}; "
            f"import it with `slm import {COMMANDS[other.layout]}`"
        )
    used = profile or example or Profile(layout=layout)
    try:
        places = locate(reader.columns, used.columns, ALIASES, REQUIRED[layout])
        zone_name = zone(time_zone).key if time_zone else used.time_zone
    except Invalid as error:
        raise Invalid(f"{path}: {error.message}", error.problems) from None
    except ValueError as error:
        raise Invalid(f"the time zone {error}") from None
    source = ProfileSource.GIVEN if profile else ProfileSource.SHIPPED_EXAMPLE if example else ProfileSource.NONE
    times = [places[field] for field in TIMES if field in places]
    return Export(
        path=path,
        columns=reader.columns,
        places=places,
        profile=used,
        profile_source=source,
        time_zone=zone_name,
        time_zone_assumed=used.time_zone_assumed and not time_zone,
        date_formats=read_notation(path, reader, times, used, zone_name),
        date_formats_detected=not used.date_formats,
        encoding=reader.encoding,
        sha256=sha256,
        total_bytes=total_bytes,
        reader=reader,
        now=now,
    )


def read_notation(
    path: Path, reader: Reader, times: Sequence[int], profile: SourceProfile, time_zone: str | None
) -> tuple[DateNotation, ...]:
    """The notations of an export's dates, looking at the columns `times` of its first rows for what is not stated.

    Raises Invalid where a time needs a zone and there is none, and where the dates could be read in two ways.
    """
    if time_zone and profile.date_formats:
        return profile.date_formats
    missing = frozenset(("", *profile.missing))
    first = next(reader.chunks(SAMPLE_ROWS), None)
    texts = (row.cells[place].strip() for row in (first.rows if first else ()) for place in times)
    sample = [text for text in texts if text not in missing]
    if time_zone is None and (wall_clock := next((text for text in sample if not has_offset(text)), None)):
        raise Invalid(
            f"{path}: the time {shown(wall_clock)!r} has no offset from UTC; name the zone of the export's times with "
            "--time-zone, or as time_zone in a profile"
        )
    try:
        return profile.date_formats or detect(sample)
    except ValueError as error:
        raise Invalid(
            f"{path}: {error}; say it as date_formats in a profile, one of {', '.join(DateNotation)}"
        ) from None
