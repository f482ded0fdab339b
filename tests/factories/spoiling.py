"""A well-run organisation in which some things go wrong: examples of every record that speaks against one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from services.agreements.commands import publish_agreement_version
from services.agreements.contract_rules import Part
from services.agreements.participation import end_participation
from services.agreements.requirement_links import unlink_requirement
from services.agreements.rules import TargetDefinition
from services.catalogue.design_gates import record_design_gate
from services.catalogue.rules import DesignGateEntry, GateOutcome
from services.db import Database, ReadSession, WriteSession, execute, fetch
from services.domain.vocabulary import Outcome, PeriodKind, TicketState
from services.governance.commands import create_cadence, record_action_status, record_meeting
from services.governance.rules import (
    ActionEntry,
    ActionStatus,
    AttendeeEntry,
    AttendeeRole,
    DecisionEntry,
    DecisionKind,
    FigureEntry,
    Rhythm,
)
from services.governance.shown import record_report_pack
from services.measurement.links import (
    record_indicator_link,
    record_installation,
    record_placement,
    record_tile_monitor,
)
from services.organisations.rules import Actor, Tenure
from services.requirements.commands import publish_requirement_version, withdraw_approval
from slm.reference.load_trace import REQUIRED

NO_CHANGE = DecisionEntry(DecisionKind.NO_CHANGE, "Nothing was amiss")
SPOILT = (
    # Some decisions leave things as they are, and some actions are late, change nothing, or are not done at all.
    "UPDATE decision SET kind = 'no_change' WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[])",
    "UPDATE action_status_change SET changed_kind = NULL, changed_name = NULL"
    " WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[])",
    "UPDATE action_status_change SET status = 'dropped', changed_kind = NULL, changed_name = NULL"
    " WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[])",
    "UPDATE action_status_change SET occurred_at = occurred_at + interval '80 days'"
    " WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[]) AND recorded_at < $3::timestamptz",
    "UPDATE meeting SET held_at = held_at + interval '20 days'"
    " WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[]) AND held_at < $3::timestamptz",
    "DELETE FROM design_gate_participation WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[])",
    "DELETE FROM improvement_breach WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[])",
    "UPDATE snapshot_acknowledgement SET acknowledged_at = acknowledged_at + interval '2 days'"
    " WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[])",
)
"""Statements on the rows of the table each names first, a share of them drawn at random."""
SHARE = 0.3


async def spoil(owner: AsyncEngine, database: Database, actor: Actor, until: datetime, random: Random) -> None:
    """Make things go wrong here and there; the counts of records go on saying what was recorded."""
    async with owner.begin() as connection:
        session = ReadSession(AsyncSession(bind=connection))
        for statement in SPOILT:
            await _spoil_some(session, actor, statement, until, random)
    async with database.writing(actor.organisation_id) as session:
        [(person_id,), *_] = await fetch(
            session, "SELECT id FROM person WHERE organisation_id = $1::uuid ORDER BY key", actor.organisation_id
        )
        await _take_back(session, actor, until)
        await _leave_contracts(session, actor, until)
        await _stop_watching(session, actor, until)
        await _design_alone(session, actor, until)
        await _owe_less(session, actor, until)
        await _meet_twice(session, actor, until, person_id)
        await _review_services(session, actor, until, person_id)
        await _report_again(session, actor, until)


async def _spoil_some(session: ReadSession, actor: Actor, statement: str, until: datetime, random: Random) -> None:
    words = statement.split()
    table = words[2] if words[0] == "DELETE" else words[1]
    rows = await fetch(
        session, f"SELECT id FROM {table} WHERE organisation_id = $1::uuid ORDER BY id", actor.organisation_id
    )
    chosen = [row[0] for row in rows if random.random() < SHARE]
    bound = [until - timedelta(days=90)] if "$3" in statement else []
    await execute(session, statement, actor.organisation_id, chosen, *bound)


async def _owe_less(session: WriteSession, actor: Actor, until: datetime) -> None:
    """Of some desks less was agreed anew than was promised above them."""
    agreed = await fetch(
        session,
        "SELECT a.id, v.calendar_id FROM agreement a"
        " JOIN target t ON t.organisation_id = $1::uuid AND t.agreement_id = a.id"
        " JOIN target_version v ON v.organisation_id = $1::uuid AND v.target_id = t.id"
        " WHERE a.organisation_id = $1::uuid AND a.kind = 'ola' ORDER BY a.key LIMIT 4",
        actor.organisation_id,
    )
    at = until - timedelta(days=100)
    for agreement_id, calendar_id in agreed:
        owed = TargetDefinition(
            "repair", "Repaired", calendar_id, 86_400, (TicketState.RESOLVED, TicketState.CLOSED), Decimal(90)
        )
        await publish_agreement_version(
            session, actor=actor, agreement_id=agreement_id, valid_from=at, targets=[owed], reason="Fewer people",
            now=at,
        )  # fmt: skip


async def _leave_contracts(session: WriteSession, actor: Actor, until: datetime) -> None:
    """Whoever owned them owns the first contracts with the supplier no longer."""
    statement = (
        "SELECT q.agreement_id, q.person_id FROM agreement_participation q"
        " JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = q.agreement_id AND a.kind = 'uc'"
        " WHERE q.organisation_id = $1::uuid AND q.part = 'owner' ORDER BY a.key LIMIT 3"
    )
    for agreement_id, person_id in await fetch(session, statement, actor.organisation_id):
        await end_participation(
            session, actor=actor, agreement_id=agreement_id, person_id=person_id, part=Part.OWNER,
            valid_from=until - timedelta(days=30), now=until - timedelta(days=30),
        )  # fmt: skip


async def _take_back(session: WriteSession, actor: Actor, until: datetime) -> None:
    """Of some services the approval was withdrawn, of some the target no longer promises what was required."""
    approvals = await fetch(
        session,
        "SELECT requirement_version_id, person_id FROM requirement_approval WHERE organisation_id = $1::uuid"
        " ORDER BY requirement_version_id",
        actor.organisation_id,
    )
    for version_id, person_id in approvals[:5]:
        await withdraw_approval(
            session, actor=actor, requirement_version_id=version_id, person_id=person_id, withdrawn_at=until,
            reason="It was not enough", now=until,
        )  # fmt: skip
    links = await fetch(
        session,
        "SELECT target_id, requirement_id FROM target_requirement WHERE organisation_id = $1::uuid"
        " ORDER BY requirement_id DESC",
        actor.organisation_id,
    )
    for target_id, requirement_id in links[:5]:
        await unlink_requirement(
            session, actor=actor, target_id=target_id, requirement_id=requirement_id, valid_from=until, now=until
        )


async def _stop_watching(session: WriteSession, actor: Actor, until: datetime) -> None:
    """Some monitors were removed, some tiles taken off or emptied, some links ended, some requirements tightened."""
    ended: dict[str, Any] = {"tenure": Tenure.ENDED, "valid_from": until, "now": until}

    async def ids(table: str) -> list[UUID]:
        sql = f"SELECT id FROM {table} WHERE organisation_id = $1::uuid ORDER BY key"
        return [row[0] for row in await fetch(session, sql, actor.organisation_id)]

    monitors, tiles, required = (
        await ids("monitor"),
        await ids("dashboard_tile"),
        await ids("service_level_requirement"),
    )
    for monitor_id in monitors[5:8]:
        await record_installation(session, actor=actor, monitor_id=monitor_id, **ended)
    for tile_id in tiles[8:11]:
        await record_placement(session, actor=actor, tile_id=tile_id, **ended)
    for tile_id, monitor_id in zip(tiles[11:14], monitors[11:14], strict=True):
        await record_tile_monitor(session, actor=actor, tile_id=tile_id, monitor_id=monitor_id, **ended)
    links = await fetch(
        session,
        "SELECT target_id, indicator_id FROM indicator_target WHERE organisation_id = $1::uuid ORDER BY id",
        actor.organisation_id,
    )
    for target_id, indicator_id in links[14:17]:
        await record_indicator_link(session, actor=actor, target_id=target_id, indicator_id=indicator_id, **ended)
    for requirement_id in required[17:20]:
        await publish_requirement_version(
            session, actor=actor, requirement_id=requirement_id, valid_from=until, reason="Faster",
            definition=replace(REQUIRED, target_value=Decimal(4)), now=until,
        )  # fmt: skip


async def _design_alone(session: WriteSession, actor: Actor, until: datetime) -> None:
    """Some major changes passed their gate without anybody from service level management."""
    services = await fetch(
        session, "SELECT id FROM service WHERE organisation_id = $1::uuid ORDER BY key LIMIT 3", actor.organisation_id
    )
    held_at = until - timedelta(days=100)
    for (service_id,) in services:
        gate = DesignGateEntry(service_id, "hurried", "A change in a hurry", held_at, GateOutcome.PASSED)
        await record_design_gate(session, actor=actor, entry=gate, now=held_at)


async def _meet_twice(session: WriteSession, actor: Actor, until: datetime, person_id: UUID) -> None:
    """In some weeks and months a poor meeting on the day before the good one."""
    rows = await fetch(
        session,
        "SELECT m.cadence_id, m.planned_for, m.held_at FROM meeting m"
        " JOIN cadence c ON c.organisation_id = $1::uuid AND c.id = m.cadence_id"
        " WHERE m.organisation_id = $1::uuid AND c.rhythm IN ('weekly', 'monthly') ORDER BY m.held_at DESC",
        actor.organisation_id,
    )
    for cadence_id, planned_for, held_at in rows[1:40:4]:
        await record_meeting(
            session, actor=actor, cadence_id=cadence_id, planned_for=planned_for + timedelta(days=1), held_at=held_at,
            actions=[ActionEntry("Think about it", person_id, held_at)], now=until,
        )  # fmt: skip


async def _review_services(session: WriteSession, actor: Actor, until: datetime, person_id: UUID) -> None:
    """Reviews of single services that left things as they were, whether or not something was breached."""
    services = await fetch(
        session, "SELECT id, key FROM service WHERE organisation_id = $1::uuid ORDER BY key", actor.organisation_id
    )
    breaches = await fetch(
        session,
        "SELECT b.id, a.service_id, b.breached_at FROM breach b"
        " JOIN target t ON t.organisation_id = $1::uuid AND t.id = b.target_id"
        " JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id"
        " WHERE b.organisation_id = $1::uuid",
        actor.organisation_id,
    )
    of_services = Counter(service_id for _, service_id, _ in breaches)
    chosen = [row for row in services if of_services[row[0]]][:3] + [
        row for row in services if not of_services[row[0]]
    ][:2]
    for service_id, key in chosen:
        looked_at = [breach_id for breach_id, about, _ in breaches if about == service_id]
        await _review(session, actor, until, person_id, service_id, key, looked_at)


async def _review(
    session: WriteSession,
    actor: Actor,
    until: datetime,
    person_id: UUID,
    service_id: UUID,
    key: str,
    breach_ids: Sequence[UUID],
) -> None:
    starts_on = date(until.year, 1, 1)
    cadence_id = await create_cadence(
        session, actor=actor, key=f"review-{key}", name=key, rhythm=Rhythm.MONTHLY, starts_on=starts_on,
        time_zone="UTC", service_id=service_id, now=until - timedelta(days=400),
    )  # fmt: skip
    sides = [AttendeeEntry(person_id, AttendeeRole.CUSTOMER)]
    for month in range(1, 8):
        held_at = datetime(until.year, month, 27, 9, tzinfo=UTC)
        meeting_id = await record_meeting(
            session, actor=actor, cadence_id=cadence_id, planned_for=date(until.year, month, 1), held_at=held_at,
            minutes="Read and agreed", attendance=sides, decisions=[] if month > 4 else [NO_CHANGE],
            actions=[ActionEntry("Look again", person_id, held_at)] if month % 2 else [],
            breach_ids=breach_ids[:1] if month == 2 else [], now=held_at,
        )  # fmt: skip
        [*actions] = await fetch(
            session, "SELECT id FROM action WHERE organisation_id = $1::uuid AND meeting_id = $2::uuid",
            actor.organisation_id, meeting_id,
        )  # fmt: skip
        for (action_id,) in actions:
            for times in (30, 60):
                await record_action_status(
                    session, actor=actor, action_id=action_id, status=ActionStatus.CARRIED_OVER,
                    occurred_at=held_at + timedelta(days=times), now=held_at + timedelta(days=times),
                )  # fmt: skip


async def _report_again(session: WriteSession, actor: Actor, until: datetime) -> None:
    """A second report whose figures of some months are wrong, by words or by the percentage."""
    results = await fetch(
        session,
        "SELECT target_id, period_start, outcome, attainment_percent FROM period_result"
        " WHERE organisation_id = $1::uuid AND attainment_percent IS NOT NULL AND period_end <= $2::timestamptz"
        " ORDER BY period_start DESC, target_id LIMIT 20",
        actor.organisation_id,
        until,
    )
    figures = []
    for number, (target_id, start, outcome, percent) in enumerate(results):
        wrong = Outcome.MISSED if outcome == Outcome.MET else Outcome.MET
        said = percent if number % 2 else abs(percent - Decimal(3))
        figures.append(FigureEntry(target_id, PeriodKind.MONTH, start, wrong if number % 2 else Outcome(outcome), said))
    await record_report_pack(
        session, actor=actor, title="Once more", sha256=sha256(b"again").hexdigest(), shown_at=until, figures=figures,
        now=until,
    )  # fmt: skip
