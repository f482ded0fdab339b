"""Recording the gates that designs of services passed or did not, and who took part in them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.catalogue.models import DesignGate, DesignGateParticipation, Service
from services.catalogue.rules import DesignGateEntry, GateParticipationEntry
from services.db import ReadSession, WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.rows import Outcome, add_entries, added, check_known, count_record, existing_ids, sole


async def record_design_gate(session: WriteSession, *, actor: Actor, entry: DesignGateEntry, now: datetime) -> UUID:
    """Record that a design gate was held, and what came of it. Conflict when the service has one of this key."""
    return sole(await record_design_gates(session, actor=actor, entries=[entry], now=now))


async def record_design_gates(
    session: WriteSession, *, actor: Actor, entries: Sequence[DesignGateEntry], now: datetime
) -> list[Outcome]:
    """Record design gates, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    services = await existing_ids(session, Service, actor.organisation_id, (entry.service_id for entry in entries))

    def check(entry: DesignGateEntry, problems: Problems) -> None:
        check_known(problems, "service_id", Service, entry.service_id, services)
        problems.key("key", entry.key)
        problems.text("name", entry.name)
        problems.past("held_at", entry.held_at, now)
        problems.text("note", entry.note, longest=LONGEST_NOTE, required=False)

    outcomes = await add_entries(
        session,
        DesignGate,
        entries,
        check=check,
        values=vars,
        refusal="the design gate cannot be recorded",
        taken=lambda entry: f"the service has a design gate with the key {entry.key!r} already",
        stamps=actor.stamps(now),
    )
    recorded = Counter(entry.service_id for entry, _ in added(entries, outcomes))
    for service_id in sorted(recorded):
        await count_record(
            session, Service, actor.organisation_id, service_id, "design_gate_count", records=recorded[service_id]
        )
    return outcomes


async def record_gate_participation(
    session: WriteSession, *, actor: Actor, entry: GateParticipationEntry, now: datetime
) -> UUID:
    """Record that a person attended or signed a design gate in a role. Conflict when that is recorded already."""
    return sole(await record_gate_participations(session, actor=actor, entries=[entry], now=now))


async def record_gate_participations(
    session: WriteSession, *, actor: Actor, entries: Sequence[GateParticipationEntry], now: datetime
) -> list[Outcome]:
    """Record who took part in design gates, each that can be (see services.rows.add_entries).

    The role is what the person stood for there; whether they held it is told by the assignments of roles.
    """
    actor.require(Permission.DEFINE)
    own = actor.organisation_id
    people = await existing_ids(session, Person, own, (entry.person_id for entry in entries))
    held = await _held_at(session, own, {entry.design_gate_id for entry in entries})

    def check(entry: GateParticipationEntry, problems: Problems) -> None:
        check_known(problems, "design_gate_id", DesignGate, entry.design_gate_id, held)
        check_known(problems, "person_id", Person, entry.person_id, people)
        if entry.occurred_at is not None:
            problems.past("occurred_at", entry.occurred_at, now)

    return await add_entries(
        session,
        DesignGateParticipation,
        entries,
        check=check,
        values=lambda entry: {**vars(entry), "occurred_at": entry.occurred_at or held[entry.design_gate_id]},
        refusal="the participation cannot be recorded",
        taken=lambda entry: f"that this person {entry.kind.value} the gate in this role is recorded already",
        stamps=actor.stamps(now),
    )


async def _held_at(session: ReadSession, organisation_id: UUID, ids: set[UUID]) -> dict[UUID, datetime]:
    """When each of these gates that exist was held."""
    statement = select(DesignGate.id, DesignGate.held_at).where(
        DesignGate.organisation_id == organisation_id, DesignGate.id.in_(ids)
    )
    return {row.id: row.held_at for row in await session.execute(statement)}
