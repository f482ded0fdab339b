"""Small generated exports: a valid row, and files around it."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from services.tickets.sources.export import Export, open_export
from services.tickets.sources.profile import Profile
from services.tickets.sources.records import Rejection, TicketEventRecord

ROW: Mapping[str, str] = {
    "number": "INC1",
    "incident_state": "New",
    "sys_mod_count": "0",
    "opened_at": "2016-03-05 12:00",
    "sys_updated_at": "2016-03-05 12:30",
    "priority": "3 - Moderate",
    "made_sla": "true",
    "resolved_at": "?",
    "closed_at": "",
    "assignment_group": "Group 7",
    "u_note": "as it was",
}
UTC_PROFILE = Profile(time_zone="UTC")
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def row(**changes: str) -> dict[str, str]:
    """The valid row with these cells instead."""
    return {**ROW, **changes}


def csv_text(rows: Iterable[Mapping[str, str]], columns: Iterable[str] = tuple(ROW), delimiter: str = ",") -> str:
    """The rows as CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, tuple(columns), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def written(folder: Path, content: str | bytes, name: str = "export.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read_export(path: Path, profile: Profile | None = None, *, time_zone: str | None = None) -> Export:
    """The export in this file, as it is read at `NOW`."""
    return open_export(path, profile, now=NOW, time_zone=time_zone)


def opened(folder: Path, *rows: Mapping[str, str], profile: Profile | None = UTC_PROFILE) -> Export:
    """An export of these rows, as CSV."""
    return read_export(written(folder, csv_text(rows)), profile)


def events(export: Export, size: int = 5_000) -> list[TicketEventRecord]:
    return [event for batch in export.batches(size) for event in batch.events]


def rejections(export: Export, size: int = 5_000) -> list[Rejection]:
    return [rejection for batch in export.batches(size) for rejection in batch.rejections]
