"""Importing a ticket export: one transaction from the first row to the last breach, so nothing is ever half-written."""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog

from services.catalogue.queries import service_by_key
from services.compliance.settlement import settle
from services.db import Database, WriteSession, execute, new_id
from services.errors import Invalid, NotFound
from services.organisations.commands import create_organisation
from services.organisations.queries import find_organisation, system_actor
from services.organisations.rules import Actor
from services.tickets.commands import ImportCounts, begin_import, finish_import, record_events
from services.tickets.contradictions import Differing
from services.tickets.definitions import ensure_profile_definitions
from services.tickets.sources.columns import EventField, Layout
from services.tickets.sources.export import COMMANDS, Export, open_export
from services.tickets.sources.profile import Profile
from services.tickets.sources.records import Batch, Rejection
from slm.logs import job

log = structlog.get_logger(__name__)

RARE_COLLECTIONS = (100_000, 20, 100)
"""Thresholds of the garbage collector during an import: its rows hold no cycles, and looking at them anew with every
few hundred made took a quarter of the time."""

MOST_REJECTIONS = 100_000
"""Beyond these an export is not what it was taken for; reading stops and nothing is stored."""
MOST_UNKNOWN_STATES = 50
"""No process has so many; a wrong column has."""

Progress = Callable[[str, int, int], None]
"""Called with the phase, what is done, and the total of that phase."""


@dataclass(frozen=True)
class ImportReport:
    """What became of an import. `stored` is False when nothing was new, or rows were rejected and none were kept.

    `stopped`: so many rows were rejected that the rest was not read. `restated`: in how many known events the export
    says other or more than was recorded first, by column, without contradicting it.
    """

    export: Export
    stored: bool
    counts: ImportCounts
    rejections: list[Rejection]
    stopped: bool
    repetitions: int
    unknown_states: Counter[str]
    restated: Counter[str]
    created: list[str]
    breaches: int
    has_targets: bool


class _NotStored(Exception):
    """Ends the transaction without keeping anything; the report says why."""


async def import_tickets(
    database: Database,
    *,
    path: Path,
    layout: Layout = Layout.UPDATES,
    organisation_key: str,
    profile: Profile | None = None,
    time_zone: str | None = None,
    service_key: str | None = None,
    keep_good: bool = False,
    progress: Progress = lambda _phase, _done, _total: None,
) -> ImportReport:
    """Import an export of tickets into an organisation, creating the organisation if there is none.

    With rejected rows nothing is stored unless `keep_good`; a row that contradicts the event on record under its key is
    one. Importing the same file again stores nothing, because every event is known by its key. Raises Invalid for a
    file that cannot be read or whose columns are not what they are taken for, NotFound for an unknown `service_key`,
    Conflict when another process creates the organisation meanwhile.
    """
    now = datetime.now(UTC)
    export = open_export(path, profile, now=now, time_zone=time_zone, layout=layout)
    async with database.reading(None) as session:
        known = await find_organisation(session, key=organisation_key)
    organisation_id = known or new_id()
    run = _Run(export, now, keep_good, progress)
    try:
        with _rare_garbage_collection():
            async with database.writing(organisation_id) as session:
                # A new organisation is part of the import: what is refused leaves none behind.
                actor = (
                    await system_actor(session, organisation_id=known)
                    if known
                    else await create_organisation(
                        session, organisation_id=organisation_id, key=organisation_key, name=organisation_key,
                        time_zone="UTC", now=now,
                    )
                )  # fmt: skip
                await run.store(session, actor, service_key)
    except _NotStored:
        report = run.report(stored=False)
    else:
        report = run.report(stored=True)
    log_finished(organisation_id, actor, stored=report.stored, counts=report.counts, breaches=report.breaches)
    return report


def log_finished(organisation_id: UUID, actor: Actor, *, stored: bool, counts: ImportCounts, **more: int) -> None:
    """The one log line of an import, whatever it brings."""
    with job("import", organisation_id=organisation_id, actor_id=actor.account_id):
        log.info("import.finished", stored=stored, **asdict(counts), **more)


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(*RARE_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


async def _ahead(batches: Iterator[Batch]) -> AsyncIterator[Batch]:
    """The batches, each parsed in a thread while the one before is being stored."""
    following = asyncio.create_task(asyncio.to_thread(next, batches, None))
    while (batch := await following) is not None:
        following = asyncio.create_task(asyncio.to_thread(next, batches, None))
        yield batch


class _Run:
    """One import under way: what was read and recorded so far."""

    actor: Actor

    def __init__(self, export: Export, now: datetime, keep_good: bool, progress: Progress) -> None:
        self.export, self.now, self.keep_good, self.progress = export, now, keep_good, progress
        self.rows_read = self.new = self.known = self.repetitions = self.breaches = 0
        self.stopped = False
        self.rejections: list[Rejection] = []
        self.unknown_states: Counter[str] = Counter()
        self.restated: Counter[str] = Counter()
        self.touched: set[UUID] = set()
        self.created: list[str] = []
        self.has_targets = False

    async def store(self, session: WriteSession, actor: Actor, service_key: str | None) -> None:
        """Everything the import writes; raises _NotStored to keep none of it."""
        self.actor = actor
        definitions = await ensure_profile_definitions(
            session, actor=self.actor, profile=self.export.profile, now=self.now
        )
        self.created, self.has_targets = definitions.created, definitions.agreement_id is not None
        service_id = definitions.service_id
        if service_key is not None:
            service_id = await service_by_key(session, self.actor.organisation_id, key=service_key)
            if service_id is None:
                raise NotFound(f"there is no service with the key {service_key!r}")
            self.has_targets = True
        import_id = await begin_import(
            session,
            actor=self.actor,
            source=COMMANDS[self.export.profile.layout],
            file_name=self.export.path.name,
            file_sha256=self.export.sha256,
            columns=list(self.export.columns),
            profile=self.export.profile.name,
            time_zone=self.export.time_zone or "as written",
            states_resolution=EventField.RESOLVED_AT in self.export.places,
            now=self.now,
        )
        await self._record(session, service_id, import_id)
        self.rejections.sort(key=lambda rejection: rejection.line)
        if self.rejections and (self.stopped or not self.keep_good):
            raise _NotStored
        if not self.new:
            raise _NotStored
        await self._settle(session)
        await finish_import(session, actor=self.actor, import_id=import_id, counts=self.counts, now=self.now)

    async def _record(self, session: WriteSession, service_id: UUID | None, import_id: UUID) -> None:
        doubled, readable = 1, True
        async for batch in _ahead(self.export.batches()):
            self.rows_read += batch.lines_read
            self.repetitions += batch.repetitions
            self.rejections += batch.rejections
            readable = readable and not batch.rejections
            self._count_unknown_states(batch)
            if len(self.rejections) > MOST_REJECTIONS:
                self.stopped = True
                return
            if readable or self.keep_good:
                recorded = await record_events(
                    session, actor=self.actor, events=batch.events, service_id=service_id, import_id=import_id
                )
                self.new += recorded.new
                self.known += recorded.known
                self._tell_apart(batch, recorded.differing)
                self.touched.update(recorded.ticket_ids)
            self.progress("reading", batch.bytes_read, self.export.total_bytes)
            if self.new >= doubled:
                # PostgreSQL keeps the plans of its foreign key checks. Those made while a table was new and unknown may
                # walk a whole index for every row; made again as the tables grow, they use the key.
                doubled = 2 * self.new
                await execute(session, "DISCARD PLANS")

    def _tell_apart(self, batch: Batch, differing: Sequence[Differing]) -> None:
        """Reject the rows that contradict what is on record, each once, and count what others say anew."""
        contradictions: dict[int, Rejection] = {}
        for known in differing:
            if columns := known.contradicted():
                self.known -= 1
                line = batch.lines[known.place]
                contradictions.setdefault(line, self.export.on_record(line, known.event, columns))
            else:
                self.restated.update(known.said_otherwise())
        self.rejections += contradictions.values()

    def _count_unknown_states(self, batch: Batch) -> None:
        self.unknown_states.update(batch.unknown_states)
        if len(self.unknown_states) > MOST_UNKNOWN_STATES:
            column = self.export.columns[self.export.places[EventField.STATE]]
            words = ", ".join(repr(word) for word in list(self.unknown_states)[:5])
            raise Invalid(
                f"{self.export.path}: column {column} has more than {MOST_UNKNOWN_STATES} words without a known "
                f"meaning ({words}, ...): is it the column of states? A profile says what its words mean"
            )

    async def _settle(self, session: WriteSession) -> None:
        total = len(self.touched)
        self.progress("computing clocks", 0, total)
        self.breaches = await settle(
            session,
            actor=self.actor,
            ticket_ids=sorted(self.touched),
            now=self.now,
            progress=lambda settled: self.progress("computing clocks", settled, total),
        )

    @property
    def counts(self) -> ImportCounts:
        """What was read and recorded so far."""
        return ImportCounts(
            rows_read=self.rows_read,
            events_recorded=self.new,
            events_known=self.known,
            rows_rejected=len(self.rejections),
            tickets_touched=len(self.touched),
        )

    def report(self, *, stored: bool) -> ImportReport:
        """The report of this import."""
        return ImportReport(
            export=self.export,
            stored=stored,
            counts=self.counts,
            rejections=self.rejections,
            stopped=self.stopped,
            repetitions=self.repetitions,
            unknown_states=self.unknown_states,
            restated=self.restated,
            created=self.created if stored else [],
            breaches=self.breaches if stored else 0,
            has_targets=self.has_targets,
        )
