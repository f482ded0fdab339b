"""What people do about gaps: own them until a day, or accept the risk for a while. What was done stays on record."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.alignment.models import AlignmentGap, AlignmentGapEntry
from services.alignment.rules import GapEntryKind
from services.db import WriteSession, execute
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.rows import add_row, check_reference, lock_row

STANDING = """
UPDATE alignment_gap SET has_owner = $3::boolean, owner_id = $4::uuid, due_on = $5::date,
       accepted_until = $6::timestamptz
WHERE organisation_id = $1::uuid AND id = $2::uuid
"""


async def assign_gap(
    session: WriteSession,
    *,
    actor: Actor,
    gap_id: UUID,
    person_id: UUID,
    due_on: date | None = None,
    reason: str = "",
    now: datetime,
) -> UUID:
    """A person answers for closing a gap, by a day if one is named. Returns the id of the entry."""
    return await _enter(session, actor, gap_id, GapEntryKind.ASSIGNED, person_id, due_on, None, reason, now)


async def accept_gap(
    session: WriteSession,
    *,
    actor: Actor,
    gap_id: UUID,
    person_id: UUID,
    expires_at: datetime,
    reason: str,
    now: datetime,
) -> UUID:
    """A person accepts the risk of a gap until before `expires_at`, and says why; then it is open again."""
    return await _enter(session, actor, gap_id, GapEntryKind.ACCEPTED, person_id, None, expires_at, reason, now)


async def withdraw_gap_acceptance(
    session: WriteSession, *, actor: Actor, gap_id: UUID, person_id: UUID, reason: str, now: datetime
) -> UUID:
    """The acceptance of a gap no longer stands. Conflict when none does."""
    return await _enter(session, actor, gap_id, GapEntryKind.WITHDRAWN, person_id, None, None, reason, now)


async def _enter(
    session: WriteSession,
    actor: Actor,
    gap_id: UUID,
    kind: GapEntryKind,
    person_id: UUID,
    due_on: date | None,
    expires_at: datetime | None,
    reason: str,
    now: datetime,
) -> UUID:
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("reason", reason, longest=LONGEST_NOTE, required=kind is not GapEntryKind.ASSIGNED)
    if expires_at is not None:
        problems.instant("expires_at", expires_at)
        if expires_at.tzinfo is not None and expires_at <= now:
            problems.add("expires_at", "expected an instant that has not come")
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the entry cannot be recorded")
    gap = await lock_row(session, AlignmentGap, actor.organisation_id, gap_id, noun="gap")
    accepted = gap.accepted_until is not None and gap.accepted_until > now
    if kind is GapEntryKind.WITHDRAWN and not accepted:
        raise Conflict("no acceptance of this gap stands")
    entries = select(func.max(AlignmentGapEntry.decided_at)).where(
        AlignmentGapEntry.organisation_id == actor.organisation_id, AlignmentGapEntry.gap_id == gap_id
    )
    latest = (await session.execute(entries)).scalar_one()
    if latest is not None and latest >= now:
        raise Conflict(f"an entry about this gap at {latest.isoformat()} is on record already")
    entry_id = await add_row(
        session,
        AlignmentGapEntry,
        {
            "gap_id": gap_id,
            "kind": kind,
            "person_id": person_id,
            "due_on": due_on,
            "expires_at": expires_at,
            "decided_at": now,
            "reason": reason,
            **actor.stamps(now),
        },
        taken=f"an entry about this gap at {now.isoformat()} is on record already",
    )
    standing: dict[str, Any] = {
        name: getattr(gap, name) for name in ("has_owner", "owner_id", "due_on", "accepted_until")
    }
    match kind:
        case GapEntryKind.ASSIGNED:
            standing |= {"has_owner": True, "owner_id": person_id, "due_on": due_on}
        case GapEntryKind.ACCEPTED:
            standing["accepted_until"] = expires_at
        case GapEntryKind.WITHDRAWN:
            standing["accepted_until"] = None
    await execute(session, STANDING, actor.organisation_id, gap_id, *standing.values())
    return entry_id
