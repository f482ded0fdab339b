"""Importing what another system says of its own clocks: one transaction, and nothing of ours follows from it."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from services.db import Database, WriteSession
from services.domain.vocabulary import Outcome
from services.errors import NotFound
from services.organisations.queries import find_organisation, system_actor
from services.organisations.rules import Actor
from services.tickets.commands import ImportCounts, begin_import, finish_import
from services.tickets.reported_clocks import record_reported_clocks
from services.tickets.sources.clock_columns import ClockField
from services.tickets.sources.clock_export import ClockBatch, ClockExport, open_clock_export
from services.tickets.sources.clock_profile import ClockProfile
from services.tickets.sources.records import Rejection, shown
from slm.importing import MOST_REJECTIONS, Progress, log_finished


class ClockSource(StrEnum):
    """Where clocks were exported; the value is what their import is recorded as."""

    TASK_SLA = "servicenow_task_sla"
    JIRA = "jira_sla"


@dataclass(frozen=True)
class ClockImportReport:
    """What became of an import of clocks. `stored` is False when nothing was new, or rows were rejected, none kept."""

    export: ClockExport
    stored: bool
    stopped: bool
    counts: ImportCounts
    rejections: list[Rejection]
    outcomes: Counter[Outcome]
    """What the source concluded of the clocks of good rows."""


class _NotStored(Exception):
    """Ends the transaction without keeping anything; the report says why."""


async def import_clocks(
    database: Database,
    *,
    path: Path,
    source: ClockSource,
    organisation_key: str,
    profile: ClockProfile | None = None,
    time_zone: str | None = None,
    keep_good: bool = False,
    progress: Progress = lambda _phase, _done, _total: None,
) -> ClockImportReport:
    """Record the clocks of an export beside ours. Their tickets must be known: a clock says too little to open one.

    With rejected rows nothing is stored unless `keep_good`, and importing the same file again stores nothing. Raises
    Invalid for a file that cannot be read, NotFound for an unknown organisation.
    """
    now = datetime.now(UTC)
    export = open_clock_export(path, profile, now=now, time_zone=time_zone)
    async with database.reading(None) as reading:
        organisation_id = await find_organisation(reading, key=organisation_key)
    if organisation_id is None:
        raise NotFound(f"there is no organisation with the key {organisation_key!r}: import its tickets first")
    run = _Run(export, now, keep_good)
    try:
        async with database.writing(organisation_id) as session:
            actor = await system_actor(session, organisation_id=organisation_id)
            await run.store(session, actor, source, progress)
    except _NotStored:
        report = run.report(stored=False)
    else:
        report = run.report(stored=True)
    log_finished(organisation_id, actor, stored=report.stored, counts=report.counts)
    return report


class _Run:
    """One import under way: what was read and recorded so far."""

    def __init__(self, export: ClockExport, now: datetime, keep_good: bool) -> None:
        self.export, self.now, self.keep_good = export, now, keep_good
        self.read = self.new = self.known = self.touched = 0
        self.stopped = False
        self.rejections: list[Rejection] = []
        self.outcomes: Counter[Outcome] = Counter()

    async def store(self, session: WriteSession, actor: Actor, source: ClockSource, progress: Progress) -> None:
        """Everything the import writes; raises _NotStored to keep none of it."""
        import_id = await begin_import(
            session,
            actor=actor,
            source=source,
            file_name=self.export.path.name,
            file_sha256=self.export.sha256,
            columns=list(self.export.columns),
            profile=self.export.profile.name,
            time_zone=self.export.time_zone or "as written",
            states_resolution=False,
            now=self.now,
        )
        for batch in self.export.batches():
            recorded = await record_reported_clocks(session, actor=actor, clocks=batch.clocks, import_id=import_id)
            self._count(batch)
            for clock in recorded.without_ticket:
                column = self.export.columns[self.export.places[ClockField.TICKET]]
                reason = "is no ticket that is recorded: import the tickets first"
                self.rejections.append(Rejection(clock.line, column, shown(clock.ticket_key), reason))
            self.new += recorded.new
            self.known += recorded.known
            self.touched += len(recorded.ticket_ids)
            progress("reading", batch.bytes_read, self.export.total_bytes)
            if len(self.rejections) > MOST_REJECTIONS:
                self.stopped = True
                break
        self.rejections.sort(key=lambda rejection: rejection.line)
        if not self.new or (self.rejections and (self.stopped or not self.keep_good)):
            raise _NotStored
        await finish_import(session, actor=actor, import_id=import_id, counts=self.counts, now=self.now)

    def _count(self, batch: ClockBatch) -> None:
        self.read += batch.lines_read
        self.rejections += batch.rejections
        self.outcomes.update(clock.outcome for clock in batch.clocks)

    @property
    def counts(self) -> ImportCounts:
        """What was read and recorded so far."""
        return ImportCounts(
            rows_read=self.read,
            events_recorded=self.new,
            events_known=self.known,
            rows_rejected=len(self.rejections),
            tickets_touched=self.touched,
        )

    def report(self, *, stored: bool) -> ClockImportReport:
        """The report of this import."""
        return ClockImportReport(self.export, stored, self.stopped, self.counts, self.rejections, self.outcomes)
