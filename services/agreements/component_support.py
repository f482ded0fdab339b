"""Which agreements say how well components work: an edge that lives here, with its upper end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from services.agreements.models import Agreement, ComponentSupport
from services.agreements.rules import AgreementKind
from services.catalogue.models import Component
from services.catalogue.rules import ComponentKind
from services.db import WriteSession, execute, fetch
from services.domain.inputs import Problems
from services.organisations.rules import Actor, Permission, Tenure
from services.rows import Outcome, add_entries, added, sole

LOCKED = """
SELECT id FROM component WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
COUNT = """
UPDATE component AS c SET support_count = c.support_count + x.recorded
FROM unnest($2::uuid[], $3::bigint[]) AS x (id, recorded)
WHERE c.organisation_id = $1::uuid AND c.id = x.id
"""
SUPPORTING = (AgreementKind.OLA, AgreementKind.UC)


@dataclass(frozen=True)
class SupportEntry:
    """An agreement begins or stops to support a component at `valid_from`."""

    agreement_id: UUID
    component_id: UUID
    valid_from: datetime
    tenure: Tenure = Tenure.HELD


async def support_component(
    session: WriteSession, *, actor: Actor, agreement_id: UUID, component_id: UUID, valid_from: datetime, now: datetime
) -> UUID:
    """An OLA or UC says how well a component works from `valid_from` on. Returns the id of the entry."""
    entry = SupportEntry(agreement_id, component_id, valid_from)
    return sole(await record_supports(session, actor=actor, entries=[entry], now=now))


async def end_component_support(
    session: WriteSession, *, actor: Actor, agreement_id: UUID, component_id: UUID, valid_from: datetime, now: datetime
) -> UUID:
    """An agreement no longer supports a component from `valid_from` on."""
    entry = SupportEntry(agreement_id, component_id, valid_from, Tenure.ENDED)
    return sole(await record_supports(session, actor=actor, entries=[entry], now=now))


async def record_supports(
    session: WriteSession, *, actor: Actor, entries: Sequence[SupportEntry], now: datetime
) -> list[Outcome]:
    """Record which agreements begin or stop to support which components, each that can be recorded."""
    actor.require(Permission.DEFINE)
    own, table = actor.organisation_id, ComponentSupport
    agreements, named = {entry.agreement_id for entry in entries}, {entry.component_id for entry in entries}
    of_agreement = select(Agreement.id, Agreement.kind).where(
        Agreement.organisation_id == own, Agreement.id.in_(agreements)
    )
    of_component = select(Component.id, Component.kind).where(Component.organisation_id == own, Component.id.in_(named))
    kinds = {row.id: row.kind for row in await session.execute(of_agreement)}
    components = {row.id: row.kind for row in await session.execute(of_component)}
    latest = {
        (row.agreement_id, row.component_id): (row.valid_from, row.tenure)
        for row in await session.execute(
            select(table.agreement_id, table.component_id, table.valid_from, table.tenure)
            .ext(distinct_on(table.agreement_id, table.component_id))
            .where(table.organisation_id == own, table.agreement_id.in_(kinds), table.component_id.in_(components))
            .order_by(table.agreement_id, table.component_id, table.valid_from.desc())
        )
    }

    def check(entry: SupportEntry, problems: Problems) -> None:
        problems.instant("valid_from", entry.valid_from)
        kind, what = kinds.get(entry.agreement_id), components.get(entry.component_id)
        if kind not in SUPPORTING:
            got = "an id of none" if kind is None else f"one of kind {kind.value}"
            problems.add("agreement_id", f"expected a known OLA or UC, got {got}")
        if what is not ComponentKind.ELEMENT:
            got = "an id of none" if what is None else "a group, whose parts are supported"
            problems.add("component_id", f"expected a known component, got {got}")
        if entry.valid_from.tzinfo is None:
            return
        start, tenure = latest.get((entry.agreement_id, entry.component_id), (None, Tenure.ENDED))
        if start is not None and start >= entry.valid_from:
            problems.add("valid_from", f"expected an instant after {start.isoformat()}, where it last changed")
        if tenure is entry.tenure:
            does = "does" if tenure is Tenure.HELD else "does not"
            problems.add("agreement_id", f"the agreement {does} support this component then already")
        latest[entry.agreement_id, entry.component_id] = (
            max(start or entry.valid_from, entry.valid_from),
            entry.tenure,
        )

    outcomes = await add_entries(
        session,
        table,
        entries,
        check=check,
        values=vars,
        refusal="what supports the component cannot be recorded",
        taken=lambda entry: f"what supports the component changes at {entry.valid_from.isoformat()} already",
        stamps=actor.stamps(now),
    )
    recorded = Counter(entry.component_id for entry, _ in added(entries, outcomes))
    if recorded:
        ids = sorted(recorded)
        await fetch(session, LOCKED, own, ids)
        await execute(session, COUNT, own, ids, [recorded[id_] for id_ in ids])
    return outcomes
