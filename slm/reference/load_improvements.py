"""What the breaches of a reference organisation led to: a lasting change whose effect was looked at, or an apology."""

from datetime import datetime, timedelta
from uuid import UUID

from services.db import WriteSession, fetch
from services.improvement.commands import record_improvement_status, register_improvement
from services.improvement.rules import ChangedObjectEntry, ChangedObjectKind, Consequence, ImprovementStatus
from services.organisations.rules import Actor
from slm.reference.governed import Governed

REGISTERED, CHANGED, LOOKED_AT = timedelta(days=3), timedelta(days=12), timedelta(days=60)
"""From the breach on."""
APOLOGY_FOR_EVERY = 4

BREACHES = """
SELECT b.id, a.service_id, b.breached_at FROM breach b
JOIN target t ON t.organisation_id = $1::uuid AND t.id = b.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
WHERE b.organisation_id = $1::uuid ORDER BY b.breached_at, a.key, b.kind
"""


async def load_improvements(session: WriteSession, actor: Actor, governed: Governed, *, owner_id: UUID) -> None:
    """Answer each breach as the organisation does, as far as there was time for it."""
    for number, (breach_id, service_id, breached_at) in enumerate(
        await fetch(session, BREACHES, actor.organisation_id), start=1
    ):
        if breached_at + REGISTERED > governed.until:
            continue
        if governed.habits.follows_through:
            await _change(session, actor, number, service_id, breach_id, breached_at, governed.until, owner_id)
        elif number % APOLOGY_FOR_EVERY == 0:
            await _apologise(session, actor, number, service_id, breach_id, breached_at)


async def _change(
    session: WriteSession,
    actor: Actor,
    number: int,
    service_id: UUID,
    breach_id: UUID,
    breached_at: datetime,
    until: datetime,
    owner_id: UUID,
) -> None:
    improvement_id = await register_improvement(
        session, actor=actor, key=f"improvement-{number:04d}", title="More people on the late shift",
        consequence=Consequence.STRUCTURAL, registered_at=breached_at + REGISTERED, cause="Nobody on the late shift",
        service_id=service_id, owner_id=owner_id, breach_ids=[breach_id], now=breached_at + REGISTERED,
    )  # fmt: skip
    changed_at, looked_at = breached_at + CHANGED, breached_at + LOOKED_AT
    if changed_at <= until:
        shift = ChangedObjectEntry(ChangedObjectKind.STAFFING, "Shift plan", f"CHG{number:05d}")
        await record_improvement_status(
            session, actor=actor, improvement_id=improvement_id, status=ImprovementStatus.IMPLEMENTED,
            occurred_at=changed_at, changed_objects=[shift], now=changed_at,
        )  # fmt: skip
    if looked_at <= until:
        await record_improvement_status(
            session, actor=actor, improvement_id=improvement_id, status=ImprovementStatus.VERIFIED,
            occurred_at=looked_at, note="Fewer tickets were late in the weeks after", now=looked_at,
        )  # fmt: skip


async def _apologise(
    session: WriteSession, actor: Actor, number: int, service_id: UUID, breach_id: UUID, breached_at: datetime
) -> None:
    at = breached_at + REGISTERED
    improvement_id = await register_improvement(
        session, actor=actor, key=f"apology-{number:04d}", title="A letter to the customer",
        consequence=Consequence.APOLOGY, registered_at=at, service_id=service_id, breach_ids=[breach_id], now=at,
    )  # fmt: skip
    await record_improvement_status(
        session, actor=actor, improvement_id=improvement_id, status=ImprovementStatus.IMPLEMENTED, occurred_at=at,
        now=at,
    )  # fmt: skip
