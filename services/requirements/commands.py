"""Creating service level requirements, saying them anew, and recording who approved, withdrew or waived them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from services.catalogue.models import Service
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import Conflict, NotFound
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.requirements.models import (
    RequirementApproval,
    RequirementVersion,
    RequirementWaiver,
    ServiceLevelRequirement,
)
from services.requirements.rules import ApprovalDecision, RequirementDefinition, RequirementEntry, check_definition
from services.rows import (
    Outcome,
    add_entries,
    add_row,
    add_rows,
    added,
    check_known,
    check_reference,
    count_version,
    existing_ids,
    lock_row,
    sole,
)


async def create_requirement(
    session: WriteSession,
    *,
    actor: Actor,
    key: str,
    service_id: UUID,
    valid_from: datetime,
    definition: RequirementDefinition,
    reason: str = "",
    now: datetime,
) -> UUID:
    """Create a requirement of a service with its first version, not approved yet. Returns its id."""
    entry = RequirementEntry(key, service_id, valid_from, definition, reason)
    return sole(await create_requirements(session, actor=actor, entries=[entry], now=now))


async def create_requirements(
    session: WriteSession, *, actor: Actor, entries: Sequence[RequirementEntry], now: datetime
) -> list[Outcome]:
    """Create requirements with their first versions, each that can be (see services.rows.add_entries)."""
    actor.require(Permission.DEFINE)
    services = await existing_ids(session, Service, actor.organisation_id, (entry.service_id for entry in entries))

    def check(entry: RequirementEntry, problems: Problems) -> None:
        problems.key("key", entry.key)
        check_known(problems, "service_id", Service, entry.service_id, services)
        _check_version(problems, entry.valid_from, entry.definition, entry.reason)

    stamps = actor.stamps(now)
    outcomes = await add_entries(
        session,
        ServiceLevelRequirement,
        entries,
        check=check,
        values=lambda entry: {"key": entry.key, "service_id": entry.service_id},
        refusal="the requirement cannot be created",
        taken=lambda entry: f"a requirement with the key {entry.key!r} exists already",
        stamps=stamps,
    )
    versions = [
        {"requirement_id": id_, "valid_from": entry.valid_from, "reason": entry.reason, **asdict(entry.definition)}
        for entry, id_ in added(entries, outcomes)
    ]
    await add_rows(session, RequirementVersion, versions, stamps=stamps)
    return outcomes


async def publish_requirement_version(
    session: WriteSession,
    *,
    actor: Actor,
    requirement_id: UUID,
    valid_from: datetime,
    definition: RequirementDefinition,
    reason: str,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Say the requirement anew from `valid_from` on; the new version needs approvals of its own.

    Versions follow one another: Conflict when one starts at `valid_from` or later, or when somebody else published one
    since the caller looked at `expected_version`. Returns the version's id.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    _check_version(problems, valid_from, definition, reason)
    problems.refuse("the requirement version cannot be published")
    requirement = await lock_row(
        session,
        ServiceLevelRequirement,
        actor.organisation_id,
        requirement_id,
        noun="requirement",
        expected_version=expected_version,
    )
    latest = await _latest_start(session, actor, requirement_id)
    if latest >= valid_from:
        raise Conflict(f"the requirement has a version from {latest.isoformat()} already; a new one comes after")
    await count_version(session, requirement, stamps=actor.stamps(now))
    return await _add_version(session, actor, requirement_id, valid_from, definition, reason, now)


async def approve_requirement(
    session: WriteSession,
    *,
    actor: Actor,
    requirement_version_id: UUID,
    person_id: UUID,
    approved_at: datetime,
    note: str = "",
    now: datetime,
) -> UUID:
    """Record that a person approved this version at `approved_at`, which may lie in the past but not ahead.

    When we were told is kept beside it, so an approval written down late shows as such. Conflict when the person's
    approval stands already, or when a decision of theirs at that instant or later is on record. Returns its id.
    """
    problems = Problems()
    problems.past("approved_at", approved_at, now)
    problems.text("note", note, longest=LONGEST_NOTE, required=False)
    return await _decide(
        session, actor, problems, requirement_version_id, person_id, ApprovalDecision.APPROVED, approved_at, note, now
    )


async def withdraw_approval(
    session: WriteSession,
    *,
    actor: Actor,
    requirement_version_id: UUID,
    person_id: UUID,
    withdrawn_at: datetime,
    reason: str,
    now: datetime,
) -> UUID:
    """Record that a person no longer stands by their approval of this version; the approval stays on record."""
    problems = Problems()
    problems.past("withdrawn_at", withdrawn_at, now)
    problems.text("reason", reason, longest=LONGEST_NOTE)
    return await _decide(
        session, actor, problems, requirement_version_id, person_id, ApprovalDecision.WITHDRAWN, withdrawn_at, reason,
        now,
    )  # fmt: skip


async def waive_requirement(
    session: WriteSession,
    *,
    actor: Actor,
    requirement_id: UUID,
    person_id: UUID,
    valid_from: datetime,
    valid_until: datetime,
    reason: str,
    now: datetime,
) -> UUID:
    """Record that a person accepts the requirement being unmet for a while, and why. Returns the waiver's id."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.instant("valid_from", valid_from)
    problems.instant("valid_until", valid_until)
    if valid_from.tzinfo and valid_until.tzinfo and valid_until <= valid_from:
        problems.add("valid_until", "expected an instant after valid_from")
    problems.text("reason", reason, longest=LONGEST_NOTE)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the requirement cannot be waived")
    if not await existing_ids(session, ServiceLevelRequirement, actor.organisation_id, [requirement_id]):
        raise NotFound("there is no such requirement")
    return await add_row(
        session,
        RequirementWaiver,
        {
            "requirement_id": requirement_id,
            "person_id": person_id,
            "valid_from": valid_from,
            "valid_until": valid_until,
            "reason": reason,
            **actor.stamps(now),
        },
        taken=f"the requirement has a waiver from {valid_from.isoformat()} already",
    )


def _check_version(problems: Problems, valid_from: datetime, definition: RequirementDefinition, reason: str) -> None:
    problems.instant("valid_from", valid_from)
    problems.text("reason", reason, longest=LONGEST_NOTE, required=False)
    check_definition(definition, problems.under("definition"))


async def _latest_start(session: WriteSession, actor: Actor, requirement_id: UUID) -> datetime:
    """The start of the latest version."""
    statement = (
        select(RequirementVersion.valid_from)
        .where(
            RequirementVersion.organisation_id == actor.organisation_id,
            RequirementVersion.requirement_id == requirement_id,
        )
        .order_by(RequirementVersion.valid_from.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one()


async def _add_version(
    session: WriteSession,
    actor: Actor,
    requirement_id: UUID,
    valid_from: datetime,
    definition: RequirementDefinition,
    reason: str,
    now: datetime,
) -> UUID:
    return await add_row(
        session,
        RequirementVersion,
        {
            "requirement_id": requirement_id,
            "valid_from": valid_from,
            "reason": reason,
            **asdict(definition),
            **actor.stamps(now),
        },
        taken=f"the requirement has a version from {valid_from.isoformat()} already",
    )


async def _decide(
    session: WriteSession,
    actor: Actor,
    problems: Problems,
    requirement_version_id: UUID,
    person_id: UUID,
    decision: ApprovalDecision,
    decided_at: datetime,
    note: str,
    now: datetime,
) -> UUID:
    actor.require(Permission.DEFINE)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the decision about the requirement cannot be recorded")
    of_version = select(RequirementVersion.requirement_id).where(
        RequirementVersion.organisation_id == actor.organisation_id, RequirementVersion.id == requirement_version_id
    )
    requirement_id = (await session.execute(of_version)).scalar_one_or_none()
    if requirement_id is None:
        raise NotFound("there is no such requirement version")
    await _refuse_repetition(session, actor, requirement_version_id, person_id, decision, decided_at)
    decision_id = await add_row(
        session,
        RequirementApproval,
        {
            "requirement_version_id": requirement_version_id,
            "person_id": person_id,
            "decision": decision,
            "decided_at": decided_at,
            "note": note,
            **actor.stamps(now),
        },
        taken=f"this person decided about this version at {decided_at.isoformat()} already",
    )
    table = ServiceLevelRequirement
    await session.execute(
        update(table)
        .where(table.organisation_id == actor.organisation_id, table.id == requirement_id)
        .values(approval_count=table.approval_count + 1)
        .execution_options(synchronize_session=False)
    )
    return decision_id


async def _refuse_repetition(
    session: WriteSession,
    actor: Actor,
    requirement_version_id: UUID,
    person_id: UUID,
    decision: ApprovalDecision,
    decided_at: datetime,
) -> None:
    statement = (
        select(RequirementApproval.decision, RequirementApproval.decided_at)
        .where(
            RequirementApproval.organisation_id == actor.organisation_id,
            RequirementApproval.requirement_version_id == requirement_version_id,
            RequirementApproval.person_id == person_id,
        )
        .order_by(RequirementApproval.decided_at.desc())
        .limit(1)
    )
    latest = (await session.execute(statement)).one_or_none()
    if latest is not None and latest.decided_at >= decided_at:
        raise Conflict(f"this person decided about this version at {latest.decided_at.isoformat()} already")
    approved = latest is not None and latest.decision is ApprovalDecision.APPROVED
    if approved is (decision is ApprovalDecision.APPROVED):
        raise Conflict(f"this person's approval of this version {'stands' if approved else 'does not stand'} already")
