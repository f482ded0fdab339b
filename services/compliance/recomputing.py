"""Applying a changed definition or calendar to what is recorded: new results beside the old, in one transaction.

First everything is brought up to `now` by what held before; then the version is published and everything is worked out
again at the same instant. So the difference is what the change does, and nothing else. A preview is the same, undone.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from hashlib import sha256
from uuid import UUID

from services.agreements.record_counts import CountedRecord, count_records
from services.attainment.queries import JudgedPeriod
from services.compliance import settlement
from services.compliance.models import BreachRetraction
from services.compliance.rules import (
    BreachChange,
    BreachKind,
    ClockChange,
    Counted,
    PeriodChange,
    PeriodState,
    PeriodSubject,
    breach_order,
    clock_changes,
    clock_order,
    period_changes,
    period_order,
)
from services.compliance.standing import (
    breached_clocks,
    breached_periods,
    clocks_of,
    keep_superseded_clocks,
    periods_of,
)
from services.db import WriteSession, execute, fetch, new_id
from services.domain.vocabulary import Outcome
from services.errors import FieldProblem, Invalid
from services.organisations.rules import Actor, Permission
from services.organisations.turns import wait_for_turn
from services.rows import add_rows_unless_taken

MOST_PREVIEWED = 50_000
"""Tickets whose clocks a preview works out, to throw the result away; applying has no such limit."""

SERVICES = """
SELECT a.service_id FROM agreement a WHERE a.organisation_id = $1::uuid AND a.id = $2::uuid
UNION
SELECT a.service_id FROM target_version v
JOIN target t ON t.organisation_id = $1::uuid AND t.id = v.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
WHERE v.organisation_id = $1::uuid AND v.calendar_id = $2::uuid
"""

TARGETS = """
SELECT t.id FROM target t WHERE t.organisation_id = $1::uuid AND t.agreement_id = $2::uuid
UNION
SELECT v.target_id FROM target_version v WHERE v.organisation_id = $1::uuid AND v.calendar_id = $2::uuid
"""

TICKETS = """
SELECT t.id FROM ticket t
WHERE t.organisation_id = $1::uuid AND t.service_id = ANY($2::uuid[]) AND t.opened_at >= $3::timestamptz
ORDER BY t.id
"""

LIVE = """
SELECT DISTINCT c.ticket_id FROM clock c
WHERE c.organisation_id = $1::uuid AND c.ticket_id = ANY($2::uuid[]) AND c.status IN ('running', 'paused')
"""

FACTS = """
SELECT (SELECT count(*) FROM ticket_event e WHERE e.organisation_id = $1::uuid AND e.ticket_id = ANY($2::uuid[])),
       (SELECT count(*) FROM clock c WHERE c.organisation_id = $1::uuid AND c.ticket_id = ANY($2::uuid[])
                                       AND c.breached_at IS NOT NULL),
       (SELECT count(*) FROM agreement_version v WHERE v.organisation_id = $1::uuid),
       (SELECT count(*) FROM calendar_version v WHERE v.organisation_id = $1::uuid)
"""

BREACHES_OF_CLOCKS = """
SELECT b.id FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS x (ticket_id, target_id, cycle)
JOIN breach b ON b.organisation_id = $1::uuid AND b.ticket_id = x.ticket_id AND b.target_id = x.target_id
             AND b.cycle = x.cycle
"""

BREACHES_OF_PERIODS = """
SELECT b.id FROM unnest($2::uuid[], $3::text[], $4::timestamptz[]) AS x (target_id, period, period_start)
JOIN breach b ON b.organisation_id = $1::uuid AND b.target_id = x.target_id AND b.period = x.period
             AND b.period_start = x.period_start
"""

BEGIN = """
INSERT INTO recomputation (organisation_id, id, agreement_version_id, calendar_version_id, tickets, clocks_changed,
                           periods_changed, frozen_periods, breaches_added, breaches_removed, recorded_at, recorded_by)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, 0, 0, 0, 0, 0, 0, $5::timestamptz, $6::uuid)
"""

FINISH = """
UPDATE recomputation SET tickets = $3::bigint, clocks_changed = $4::bigint, periods_changed = $5::bigint,
       frozen_periods = $6::bigint, breaches_added = $7::bigint, breaches_removed = $8::bigint
WHERE organisation_id = $1::uuid AND id = $2::uuid
"""


class Subject(Enum):
    """What gets a new version, with what it is called in a retraction."""

    AGREEMENT = "agreement"
    CALENDAR = "calendar"


@dataclass(frozen=True)
class Publication:
    """A version about to be published: of what, since when, and the command that checks it and returns its id."""

    subject: Subject
    subject_id: UUID
    valid_from: datetime
    publish: Callable[[], Awaitable[UUID]]


@dataclass(frozen=True)
class Effect:
    """What a change does. Every sort is counted in full; at most as many as asked for are told one by one.

    `facts`: a digest of what went in. While it is the same, applying the change does what its preview said, except that
    running clocks run on. `frozen_periods`: signed results that stay although they would come to something else.
    """

    version_id: UUID
    recomputation_id: UUID
    facts: str
    tickets: int
    clocks: Counted[ClockChange]
    periods: Counted[PeriodChange]
    frozen_periods: Counted[PeriodChange]
    breaches_added: Counted[BreachChange]
    breaches_removed: Counted[BreachChange]

    def facts_arrived_since(self, previewed: str | None) -> bool | None:
        """Whether something else went in than into the preview with these facts; None without a preview."""
        return None if previewed is None else previewed != self.facts


@dataclass
class _Recomputation:
    """Observes a settlement and keeps what it supersedes."""

    session: WriteSession
    actor: Actor
    now: datetime
    reason: str
    limit: int
    recomputation_id: UUID = field(default_factory=new_id)
    periods: dict[UUID, set[JudgedPeriod]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.clocks: Counted[ClockChange] = Counted(clock_order, self.limit)
        self.changed_periods: Counted[PeriodChange] = Counted(period_order, self.limit)
        self.added: Counted[BreachChange] = Counted(breach_order, self.limit)
        self.removed: Counted[BreachChange] = Counted(breach_order, self.limit)
        self.frozen_periods: Counted[PeriodChange] = Counted(period_order, self.limit)

    @property
    def organisation_id(self) -> UUID:
        return self.actor.organisation_id

    async def before(self, ticket_ids: Sequence[UUID]) -> None:
        """Remember what the clocks show."""
        self._states, self._origins = await clocks_of(self.session, self.organisation_id, ticket_ids)
        self._breached = await breached_clocks(self.session, self.organisation_id, ticket_ids)

    async def after(self, ticket_ids: Sequence[UUID]) -> None:
        """Keep what they showed where they show something else, and retract what is no breach any more."""
        states, _ = await clocks_of(self.session, self.organisation_id, ticket_ids)
        changes = clock_changes(self._states, states)
        self.clocks.add(changes)
        superseded = [
            (change.subject, change.before, self._origins[change.subject])
            for change in changes
            if change.before is not None
        ]
        await keep_superseded_clocks(
            self.session, self.organisation_id, superseded, recomputation_id=self.recomputation_id, now=self.now
        )
        mended = [
            (change.subject.ticket_id, change.subject.target_id, change.subject.cycle)
            for change in changes
            if change.before is not None and change.before.breached_at is not None and change.after.breached_at is None
        ]
        await self._retract(BREACHES_OF_CLOCKS, mended)
        breached = await breached_clocks(self.session, self.organisation_id, ticket_ids)
        subjects = {(key.ticket_id, key.target_id, key.cycle): key for key in states}
        self.added.add(BreachChange(BreachKind.CLOCK, subjects[key]) for key in breached - self._breached)
        self.removed.add(BreachChange(BreachKind.CLOCK, subjects[key]) for key in self._breached - breached)

    async def compare_periods(
        self, before: dict[PeriodSubject, PeriodState], after: dict[PeriodSubject, PeriodState]
    ) -> None:
        """Count the periods that come to something else, and retract breaches of those not missed any more."""
        changes = period_changes({key.period_result_id: state for key, state in before.items()}, after)
        free = [change for change in changes if not change.subject.is_frozen]
        self.changed_periods.add(free)
        self.frozen_periods.add(change for change in changes if change.subject.is_frozen)
        mended = [
            (change.subject.target_id, change.subject.period.value, change.subject.period_start)
            for change in free
            if change.before is not None
            and change.before.outcome is Outcome.MISSED
            and change.after.outcome is not Outcome.MISSED
        ]
        await self._retract(BREACHES_OF_PERIODS, mended)

    async def _retract(self, breaches: str, subjects: Sequence[tuple[object, ...]]) -> None:
        """Say that these breaches no longer hold; those that somebody retracted before stay as that says."""
        if not subjects:
            return
        columns = (list(column) for column in zip(*subjects, strict=True))
        known = await fetch(self.session, breaches, self.organisation_id, *columns)
        retractions = [
            {"breach_id": breach_id, "reason": self.reason, "recomputation_id": self.recomputation_id}
            for (breach_id,) in known
        ]
        await add_rows_unless_taken(self.session, BreachRetraction, retractions, stamps=self.actor.stamps(self.now))


async def apply_version(
    session: WriteSession,
    *,
    actor: Actor,
    publication: Publication,
    now: datetime,
    shown: int = 0,
    most_tickets: int | None = None,
) -> Effect:
    """Publish a version of an agreement or a calendar and work out anew what it is about, at `now`.

    That is the tickets opened since `valid_from` of the services it concerns, and the periods of its targets that end
    after it. What was concluded before stays readable; breaches that the change mends are retracted, new ones recorded.
    Raises what publishing raises, and Invalid when there are more tickets than `most_tickets`.
    """
    actor.require(Permission.DEFINE)
    organisation_id = actor.organisation_id
    subject, subject_id, valid_from = publication.subject, publication.subject_id, publication.valid_from
    await wait_for_turn(session, organisation_id)
    tickets = await _tickets(session, organisation_id, subject_id, valid_from, most_tickets)
    live = await _ids(session, LIVE, organisation_id, tickets)
    recorded = await settlement.settle_in_turn(session, actor=actor, ticket_ids=live, now=now)
    recorded += await settlement.finish_periods(session, actor=actor, now=now)
    facts = await _facts(session, organisation_id, tickets)
    version_id = await publication.publish()
    reason = f"Recomputed by the version of the {subject.value} from {valid_from.isoformat()}."
    work = _Recomputation(session, actor, now, reason, shown)
    versions = (version_id, None) if subject is Subject.AGREEMENT else (None, version_id)
    await execute(session, BEGIN, organisation_id, work.recomputation_id, *versions, now, actor.account_id)
    targets = await _ids(session, TARGETS, organisation_id, subject_id)
    before = await periods_of(session, organisation_id, targets, valid_from)
    breached = await breached_periods(session, organisation_id, targets, valid_from)
    for key in before:
        work.periods[key.target_id].add(JudgedPeriod(key.period, key.period_start, key.period_end))
    recorded += await settlement.settle_in_turn(session, actor=actor, ticket_ids=tickets, now=now, observer=work)
    after = await periods_of(session, organisation_id, targets, valid_from)
    await work.compare_periods(before, after)
    still = await breached_periods(session, organisation_id, targets, valid_from)
    results = {key.period_result_id: key for key in after}
    work.added.add(BreachChange(BreachKind.PERIOD, results[id_]) for id_ in still - breached)
    work.removed.add(BreachChange(BreachKind.PERIOD, results[id_]) for id_ in breached - still)
    await count_records(session, organisation_id, CountedRecord.BREACH, recorded)
    counts = (
        work.clocks.total,
        work.changed_periods.total,
        work.frozen_periods.total,
        work.added.total,
        work.removed.total,
    )
    await execute(session, FINISH, organisation_id, work.recomputation_id, len(tickets), *counts)
    return Effect(
        version_id=version_id,
        recomputation_id=work.recomputation_id,
        facts=facts,
        tickets=len(tickets),
        clocks=work.clocks,
        periods=work.changed_periods,
        frozen_periods=work.frozen_periods,
        breaches_added=work.added,
        breaches_removed=work.removed,
    )


async def _tickets(
    session: WriteSession, organisation_id: UUID, subject_id: UUID, valid_from: datetime, most: int | None
) -> list[UUID]:
    services = await _ids(session, SERVICES, organisation_id, subject_id)
    # Clocks compute in whole seconds: a ticket opened within the first one is judged by the version.
    tickets = await _ids(session, TICKETS, organisation_id, services, valid_from.replace(microsecond=0))
    if most is not None and len(tickets) > most:
        message = f"expected at most {most} tickets opened since then, got {len(tickets)}: choose a later instant"
        raise Invalid("the change cannot be previewed", [FieldProblem("valid_from", message)])
    return tickets


async def _ids(session: WriteSession, statement: str, *parameters: object) -> list[UUID]:
    return [row[0] for row in await fetch(session, statement, *parameters)]


async def _facts(session: WriteSession, organisation_id: UUID, tickets: Sequence[UUID]) -> str:
    counted = await fetch(session, FACTS, organisation_id, list(tickets))
    return sha256(repr((len(tickets), *counted[0])).encode()).hexdigest()[:32]
