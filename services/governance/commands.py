"""Recording how services are governed: cadences, and meetings with what was decided and done because of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from services.calendars.models import Calendar
from services.catalogue.models import Service
from services.compliance.models import Breach
from services.db import Tenant, WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict, NotFound
from services.governance.models import (
    Action,
    ActionStatusChange,
    Attendance,
    Cadence,
    CadenceEnd,
    Decision,
    Meeting,
    MeetingBreach,
)
from services.governance.rules import (
    LONGEST_TOLERANCE_DAYS,
    MOST_ACTIONS,
    MOST_ATTENDEES,
    MOST_BREACHES,
    MOST_DECISIONS,
    USUAL_TOLERANCE_DAYS,
    ActionEntry,
    ActionStatus,
    AttendeeEntry,
    DecisionEntry,
    Rhythm,
    check_day,
)
from services.improvement.rules import ChangedObjectKind
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.rows import add_row, add_rows, check_reference, existing_ids, require_version


async def create_cadence(
    session: WriteSession,
    *,
    actor: Actor,
    key: str,
    name: str,
    rhythm: Rhythm,
    starts_on: date,
    time_zone: str,
    service_id: UUID | None = None,
    tolerance_days: int | None = None,
    calendar_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Say that something is to happen in a rhythm from a local day on, for a service or for all of them.

    `tolerance_days` after its period an occurrence is late; without it the rhythm's usual tolerance holds. Holidays of
    the calendar are no working days. Returns the cadence's id.
    """
    actor.require(Permission.DEFINE)
    tolerance = USUAL_TOLERANCE_DAYS[rhythm] if tolerance_days is None else tolerance_days
    problems = Problems()
    problems.key("key", key)
    problems.text("name", name)
    problems.time_zone("time_zone", time_zone)
    check_day(problems, "starts_on", starts_on)
    if not 0 <= tolerance <= LONGEST_TOLERANCE_DAYS:
        problems.add("tolerance_days", f"expected 0 to {LONGEST_TOLERANCE_DAYS} days, got {tolerance}")
    await check_reference(session, problems, "service_id", Service, actor.organisation_id, service_id)
    await check_reference(session, problems, "calendar_id", Calendar, actor.organisation_id, calendar_id)
    problems.refuse("the cadence cannot be created")
    return await add_row(
        session,
        Cadence,
        {
            "key": key,
            "name": name,
            "rhythm": rhythm,
            "service_id": service_id,
            "starts_on": starts_on,
            "time_zone": time_zone,
            "tolerance_days": tolerance,
            "calendar_id": calendar_id,
            **actor.stamps(now),
        },
        taken=f"a cadence with the key {key!r} exists already",
    )


async def end_cadence(
    session: WriteSession,
    *,
    actor: Actor,
    cadence_id: UUID,
    ends_on: date,
    reason: str,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """From the local day `ends_on` on nothing of the cadence is expected any more. Conflict when it has ended."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    check_day(problems, "ends_on", ends_on)
    problems.text("reason", reason, longest=LONGEST_NOTE)
    problems.refuse("the cadence cannot be ended")
    await _require(session, actor, Cadence, cadence_id, "cadence")
    ends = await session.execute(
        select(CadenceEnd.id).where(
            CadenceEnd.organisation_id == actor.organisation_id, CadenceEnd.cadence_id == cadence_id
        )
    )
    require_version(1 + len(ends.all()), expected_version, noun="cadence")
    return await add_row(
        session,
        CadenceEnd,
        {"cadence_id": cadence_id, "ends_on": ends_on, "reason": reason, **actor.stamps(now)},
        taken="the cadence has ended already",
    )


async def record_meeting(
    session: WriteSession,
    *,
    actor: Actor,
    cadence_id: UUID,
    planned_for: date,
    held_at: datetime,
    minutes: str = "",
    attendance: Sequence[AttendeeEntry] = (),
    decisions: Sequence[DecisionEntry] = (),
    actions: Sequence[ActionEntry] = (),
    breach_ids: Sequence[UUID] = (),
    now: datetime,
) -> UUID:
    """Record a meeting that was held, with who came, what was decided, who is to do what, and the breaches looked at.

    `planned_for` is the local day it stands for: a review of March held on 2 April stands for a day of March. Conflict
    when a meeting of the cadence for that day is recorded already. Returns the meeting's id.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    check_day(problems, "planned_for", planned_for)
    problems.past("held_at", held_at, now)
    problems.text("minutes", minutes, longest=LONGEST_NOTE, required=False)
    _check_decisions(problems, decisions)
    await _check_people(session, actor, problems, attendance, actions)
    await _check_breaches(session, actor, problems, breach_ids)
    problems.refuse("the meeting cannot be recorded")
    await _require(session, actor, Cadence, cadence_id, "cadence")
    looked_at = list(dict.fromkeys(breach_ids))
    meeting_id = await add_row(
        session,
        Meeting,
        {
            "cadence_id": cadence_id,
            "planned_for": planned_for,
            "held_at": held_at,
            "minutes": minutes,
            "decision_count": len(decisions),
            "action_count": len(actions),
            "breach_count": len(looked_at),
            **actor.stamps(now),
        },
        taken=f"the meeting of this cadence for {planned_for} is recorded already",
    )
    of, stamps = {"meeting_id": meeting_id}, actor.stamps(now)
    came = [{**of, **asdict(each)} for each in attendance]
    await add_rows(session, Attendance, came, stamps=stamps)
    decided = [{"sequence": n, **of, **asdict(each)} for n, each in enumerate(decisions, 1)]
    await add_rows(session, Decision, decided, stamps=stamps)
    asked = [{"sequence": n, **of, **asdict(each)} for n, each in enumerate(actions, 1)]
    await add_rows(session, Action, asked, stamps=stamps)
    shown = [{"breach_id": breach_id, **of} for breach_id in looked_at]
    await add_rows(session, MeetingBreach, shown, stamps=stamps)
    return meeting_id


async def record_action_status(
    session: WriteSession,
    *,
    actor: Actor,
    action_id: UUID,
    status: ActionStatus,
    occurred_at: datetime,
    note: str = "",
    changed_kind: ChangedObjectKind | None = None,
    changed_name: str | None = None,
    now: datetime,
) -> UUID:
    """Record that an action was carried over, done or dropped; one that is done may name the object it changed.

    Conflict when the action has ended, or when this is recorded already. Returns the change's id.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.past("occurred_at", occurred_at, now)
    problems.text("note", note, longest=LONGEST_NOTE, required=status is ActionStatus.DROPPED)
    if changed_kind is not None and status is not ActionStatus.DONE:
        problems.add("changed_kind", "expected a changed object only of an action that is done")
    if (changed_kind is None) != (changed_name is None):
        problems.add("changed_name", "expected the kind and the name of the changed object, or neither")
    if changed_name is not None:
        problems.text("changed_name", changed_name)
    problems.refuse("the status cannot be recorded")
    await _require(session, actor, Action, action_id, "action")
    ended = select(ActionStatusChange.id).where(
        ActionStatusChange.organisation_id == actor.organisation_id,
        ActionStatusChange.action_id == action_id,
        ActionStatusChange.status != ActionStatus.CARRIED_OVER,
    )
    if (await session.execute(ended)).first() is not None:
        raise Conflict("the action has ended already")
    return await add_row(
        session,
        ActionStatusChange,
        {
            "action_id": action_id,
            "status": status,
            "occurred_at": occurred_at,
            "note": note,
            "changed_kind": changed_kind,
            "changed_name": changed_name,
            **actor.stamps(now),
        },
        taken="the action has ended already, or this is recorded already",
    )


def _check_decisions(problems: Problems, decisions: Sequence[DecisionEntry]) -> None:
    if problems.at_most("decisions", decisions, MOST_DECISIONS):
        for position, decision in enumerate(decisions):
            problems.under("decisions", position).text("statement", decision.statement, longest=LONGEST_NOTE)


async def _check_people(
    session: WriteSession,
    actor: Actor,
    problems: Problems,
    attendance: Sequence[AttendeeEntry],
    actions: Sequence[ActionEntry],
) -> None:
    few = problems.at_most("attendance", attendance, MOST_ATTENDEES)
    if not (problems.at_most("actions", actions, MOST_ACTIONS) and few):
        return
    named = {each.person_id for each in attendance} | {each.owner_id for each in actions}
    people = await existing_ids(session, Person, actor.organisation_id, named)
    _check_known(problems, "attendance", "person_id", [each.person_id for each in attendance], people, "person")
    _check_known(problems, "actions", "owner_id", [each.owner_id for each in actions], people, "person")
    problems.distinct("attendance", [str(each.person_id) for each in attendance])
    for position, action in enumerate(actions):
        found = problems.under("actions", position)
        found.text("statement", action.statement, longest=LONGEST_NOTE)
        found.instant("due_at", action.due_at)


async def _check_breaches(session: WriteSession, actor: Actor, problems: Problems, breach_ids: Sequence[UUID]) -> None:
    if problems.at_most("breach_ids", breach_ids, MOST_BREACHES):
        known = await existing_ids(session, Breach, actor.organisation_id, breach_ids)
        _check_known(problems, "breach_ids", "", breach_ids, known, "breach")


def _check_known(
    problems: Problems, path: str, field: str, ids: Iterable[UUID], known: Collection[UUID], noun: str
) -> None:
    for position, id_ in enumerate(ids):
        if id_ not in known:
            problems.under(path, position).add(field, f"expected a known {noun}, got an id of none")


async def _require(session: WriteSession, actor: Actor, table: type[Tenant], id_: UUID, noun: str) -> None:
    if not await existing_ids(session, table, actor.organisation_id, [id_]):
        raise NotFound(f"there is no such {noun}")
