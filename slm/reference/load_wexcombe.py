"""Write Wexcombe Stores whole: what it agreed and its tickets, how it is run, and how its people see it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from assessment.commands import complete_campaign, record_answers, start_campaign
from services.agreements.requirement_links import link_requirement
from services.catalogue.rules import LifecycleEventKind
from services.compliance.rules import BreachKind
from services.db import Database, WriteSession, fetch
from services.domain.period import midnight
from services.domain.vocabulary import Outcome, PeriodKind
from services.governance.commands import create_cadence, record_action_status, record_meeting
from services.governance.rules import (
    AcknowledgementKind,
    ActionEntry,
    ActionStatus,
    AttendeeEntry,
    AttendeeRole,
    FigureEntry,
    Rhythm,
)
from services.governance.shown import acknowledge_snapshot, record_daily_snapshot, record_report_pack
from services.improvement.commands import record_improvement_status, register_improvement
from services.improvement.rules import ChangedObjectEntry, ChangedObjectKind, Consequence, ImprovementStatus
from services.organisations.rules import Actor
from services.requirements.commands import approve_requirement, create_requirement
from services.requirements.rules import RequirementDefinition
from slm.reference.generate import generate
from slm.reference.load import load
from slm.reference.load_wexcombe_chains import load_wexcombe_chains
from slm.reference.organisation import Blueprint
from slm.reference.wexcombe import TIME_ZONE
from slm.reference.wexcombe_answers import TITLE, answers
from slm.reference.wexcombe_governance import (
    CUSTOMERS,
    FLATTERED,
    MANAGER,
    OWNER,
    REQUIREMENTS,
    TOPICS,
    VIEW_ACTED_ON,
    VIEW_MADE,
    VIEW_OPENED,
    MeetingFact,
    at,
    meetings,
    starts_on,
    views,
)

REGISTERED, CHANGED, LOOKED_AT = timedelta(days=3), timedelta(days=12), timedelta(days=40)
"""From the last breach of a service in a month on."""
MOST_LOOKED_AT = 200

GOVERNED = "SELECT 1 FROM cadence WHERE organisation_id = $1::uuid LIMIT 1"
PEOPLE = "SELECT key, id FROM person WHERE organisation_id = $1::uuid"
SERVICES = "SELECT key, id FROM service WHERE organisation_id = $1::uuid"
TARGETS = """
SELECT t.id, a.recorded_at FROM target t
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
WHERE t.organisation_id = $1::uuid AND a.service_id = $2::uuid AND a.kind = 'sla' ORDER BY t.key
"""
VERSION = "SELECT id FROM requirement_version WHERE organisation_id = $1::uuid AND requirement_id = $2::uuid"
ACTIONS = "SELECT id FROM action WHERE organisation_id = $1::uuid AND meeting_id = $2::uuid"
RESULTS = """
SELECT r.target_id, r.period_start, r.outcome, r.attainment_percent, r.objective_percent, s.key
FROM period_result r
JOIN target t ON t.organisation_id = $1::uuid AND t.id = r.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN service s ON s.organisation_id = $1::uuid AND s.id = a.service_id
WHERE r.organisation_id = $1::uuid AND r.period = 'month' AND r.period_start = $2::timestamptz
  AND r.attainment_percent IS NOT NULL AND a.kind = 'sla'
ORDER BY s.key, t.key
"""
BREACHES = """
SELECT b.id, b.kind, b.breached_at, s.key, s.id
FROM breach b
JOIN target t ON t.organisation_id = $1::uuid AND t.id = b.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN service s ON s.organisation_id = $1::uuid AND s.id = a.service_id
WHERE b.organisation_id = $1::uuid AND b.breached_at <= $2::timestamptz
ORDER BY b.breached_at, s.key, t.key, b.kind
"""


async def load_wexcombe(
    database: Database, *, seed: int, now: datetime, tickets: int = 3000
) -> tuple[Blueprint, Actor]:
    """Generate and write the organisation as it stands at `now`; what is there already is left as it is."""
    blueprint, _ = generate(seed, now, tickets=tickets)
    actor = await load(database, blueprint, now=now)
    async with database.writing(actor.organisation_id) as session:
        if not await fetch(session, GOVERNED, actor.organisation_id):
            people = dict(await fetch(session, PEOPLE, actor.organisation_id))
            await _load_requirements(session, actor, blueprint, people)
            await _load_views(session, actor, now, people)
            await _load_meetings(session, actor, now, people)
            await _load_improvements(session, actor, now, people)
            await load_wexcombe_chains(session, actor, now, people)
            await _assess(session, actor, now, people)
    return blueprint, actor


async def _load_requirements(
    session: WriteSession, actor: Actor, blueprint: Blueprint, people: Mapping[str, UUID]
) -> None:
    services = dict(await fetch(session, SERVICES, actor.organisation_id))
    live = {each.key: dict(each.lifecycle)[LifecycleEventKind.GO_LIVE] for each in blueprint.services}
    for position, (service, statement, approved_after) in enumerate(REQUIREMENTS):
        written_at = live[service] + (approved_after or timedelta())
        requirement_id = await create_requirement(
            session, actor=actor, key=f"{service}-slr", service_id=services[service], valid_from=written_at,
            definition=RequirementDefinition(statement), now=written_at,
        )  # fmt: skip
        if approved_after is not None:
            [(version_id,)] = await fetch(session, VERSION, actor.organisation_id, requirement_id)
            await approve_requirement(
                session, actor=actor, requirement_version_id=version_id, approved_at=written_at, now=written_at,
                person_id=people[CUSTOMERS[position % len(CUSTOMERS)]],
            )  # fmt: skip
        for target_id, agreed_at in await fetch(session, TARGETS, actor.organisation_id, services[service]):
            linked_at = max(agreed_at, written_at)
            await link_requirement(
                session, actor=actor, target_id=target_id, requirement_id=requirement_id, valid_from=linked_at,
                now=linked_at,
            )  # fmt: skip


async def _load_views(session: WriteSession, actor: Actor, now: datetime, people: Mapping[str, UUID]) -> None:
    cadence_id = await _cadence(session, actor, Rhythm.DAILY, now)
    for view in views(now):
        made_at = at(view.day, VIEW_MADE)
        snapshot_id = await record_daily_snapshot(
            session, actor=actor, cadence_id=cadence_id, day=view.day, data_at=made_at, now=made_at
        )
        for kind, happened, after in (
            (AcknowledgementKind.OPENED, view.opened, VIEW_OPENED),
            (AcknowledgementKind.ACTED, view.acted, VIEW_ACTED_ON),
        ):
            if happened:
                await acknowledge_snapshot(
                    session, actor=actor, snapshot_id=snapshot_id, person_id=people[MANAGER], kind=kind,
                    acknowledged_at=at(view.day, after), now=at(view.day, after),
                )  # fmt: skip


async def _load_meetings(session: WriteSession, actor: Actor, now: datetime, people: Mapping[str, UUID]) -> None:
    breaches = await fetch(session, BREACHES, actor.organisation_id, now)
    cadences: dict[Rhythm, UUID] = {}
    earlier: dict[Rhythm, datetime] = {}
    for meeting in meetings(now):
        if meeting.rhythm not in cadences:
            cadences[meeting.rhythm] = await _cadence(session, actor, meeting.rhythm, now)
        since = earlier.get(meeting.rhythm, meeting.held_at - timedelta(days=31))
        wanted = BreachKind.CLOCK if meeting.rhythm is Rhythm.WEEKLY else BreachKind.PERIOD
        looked_at = [
            breach_id
            for breach_id, kind, breached_at, *_ in breaches
            if kind == wanted and since < breached_at <= meeting.held_at
        ]
        await _hold(session, actor, cadences[meeting.rhythm], meeting, looked_at[:MOST_LOOKED_AT], people)
        earlier[meeting.rhythm] = meeting.held_at


async def _cadence(session: WriteSession, actor: Actor, rhythm: Rhythm, now: datetime) -> UUID:
    first = starts_on(rhythm, now)
    return await create_cadence(
        session, actor=actor, key=rhythm.value, name=f"The {rhythm.value} rhythm", rhythm=rhythm, starts_on=first,
        time_zone=TIME_ZONE, now=at(first, timedelta()),
    )  # fmt: skip


async def _hold(
    session: WriteSession,
    actor: Actor,
    cadence_id: UUID,
    meeting: MeetingFact,
    breach_ids: Sequence[UUID],
    people: Mapping[str, UUID],
) -> None:
    attendance = [AttendeeEntry(people[MANAGER], AttendeeRole.SERVICE_LEVEL_MANAGER)]
    if meeting.customer is not None:
        attendance.append(AttendeeEntry(people[meeting.customer], AttendeeRole.CUSTOMER))
    meeting_id = await record_meeting(
        session, actor=actor, cadence_id=cadence_id, planned_for=meeting.planned_for, held_at=meeting.held_at,
        minutes="The figures were gone through.", attendance=attendance,
        decisions=[] if meeting.decision is None else [meeting.decision],
        actions=[ActionEntry(meeting.action, people[OWNER], meeting.due_at)],
        breach_ids=breach_ids, now=meeting.held_at,
    )  # fmt: skip
    if meeting.done_at is not None:
        [(action_id,)] = await fetch(session, ACTIONS, actor.organisation_id, meeting_id)
        await record_action_status(
            session, actor=actor, action_id=action_id, status=ActionStatus.DONE, occurred_at=meeting.done_at,
            changed_kind=None if meeting.changed is None else ChangedObjectKind.PROCESS, changed_name=meeting.changed,
            now=meeting.done_at,
        )  # fmt: skip
    if meeting.rhythm is Rhythm.MONTHLY:
        await _report(session, actor, meeting, meeting_id)


async def _report(session: WriteSession, actor: Actor, meeting: MeetingFact, meeting_id: UUID) -> None:
    """The month's figures as they were shown; those of two services look better than they are."""
    start = midnight(meeting.planned_for, ZoneInfo(TIME_ZONE))
    figures = [
        FigureEntry(target_id, PeriodKind.MONTH, period_start, Outcome.MET, objective)
        if service in FLATTERED and outcome == Outcome.MISSED
        else FigureEntry(target_id, PeriodKind.MONTH, period_start, Outcome(outcome), Decimal(percent))
        for target_id, period_start, outcome, percent, objective, service in await fetch(
            session, RESULTS, actor.organisation_id, start
        )
    ]
    await record_report_pack(
        session, actor=actor, title=f"Service report of {meeting.planned_for:%B %Y}", meeting_id=meeting_id,
        figures=figures, sha256=sha256(f"wexcombe {meeting.planned_for}".encode()).hexdigest(),
        shown_at=meeting.held_at, now=meeting.held_at,
    )  # fmt: skip


async def _load_improvements(session: WriteSession, actor: Actor, now: datetime, people: Mapping[str, UUID]) -> None:
    """One entry for each service's breaches of a month: a lasting change, an apology, or none, in turn."""
    opened_at = at(starts_on(Rhythm.QUARTERLY, now), timedelta(days=10))
    await register_improvement(
        session, actor=actor, key="register-opened", title="One list of improvements for all services",
        consequence=Consequence.WORKAROUND, registered_at=opened_at, owner_id=people[OWNER], now=opened_at,
    )  # fmt: skip
    breaches: dict[tuple[str, str], list[tuple[UUID, datetime, UUID]]] = defaultdict(list)
    for breach_id, _kind, breached_at, service, service_id in await fetch(
        session, BREACHES, actor.organisation_id, now
    ):
        breaches[f"{breached_at:%Y-%m}", service].append((breach_id, breached_at, service_id))
    for number, ((month, service), found) in enumerate(sorted(breaches.items())):
        registered_at = found[-1][1] + REGISTERED
        lasting = number % 3 == 0
        if number % 3 == 2 or registered_at > now:
            continue
        improvement_id = await register_improvement(
            session, actor=actor, key=f"{service}-{month}",
            title=TOPICS[number % len(TOPICS)] if lasting else "A letter of apology to the customer",
            consequence=Consequence.STRUCTURAL if lasting else Consequence.APOLOGY, registered_at=registered_at,
            cause="Nobody free to take the ticket up" if lasting else "", service_id=found[0][2],
            owner_id=people[OWNER], breach_ids=[breach_id for breach_id, _, _ in found], now=registered_at,
        )  # fmt: skip
        await _follow_up(session, actor, improvement_id, found[-1][1], now, f"CHG{number:05d}" if lasting else None)


async def _follow_up(
    session: WriteSession, actor: Actor, improvement_id: UUID, breached_at: datetime, now: datetime, change: str | None
) -> None:
    changed_at, looked_at = breached_at + CHANGED, breached_at + LOOKED_AT
    if changed_at > now:
        return
    shift = ChangedObjectEntry(ChangedObjectKind.STAFFING, "Shift plan", change or "")
    await record_improvement_status(
        session, actor=actor, improvement_id=improvement_id, status=ImprovementStatus.IMPLEMENTED,
        occurred_at=changed_at, changed_objects=[shift] if change else [], now=changed_at,
    )  # fmt: skip
    if change and looked_at <= now:
        await record_improvement_status(
            session, actor=actor, improvement_id=improvement_id, status=ImprovementStatus.VERIFIED,
            occurred_at=looked_at, note="Fewer tickets were late in the weeks after", now=looked_at,
        )  # fmt: skip


async def _assess(session: WriteSession, actor: Actor, now: datetime, people: Mapping[str, UUID]) -> None:
    campaign_id = await start_campaign(session, actor=actor, title=TITLE, as_of=now, now=now)
    given = list(answers(people, now.date()))
    await record_answers(session, actor=actor, campaign_id=campaign_id, answers=given, now=now)
    await complete_campaign(session, actor=actor, campaign_id=campaign_id, now=now)
