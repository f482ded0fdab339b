"""What breaches led to and what moved in the register, as far as was on record at an instant."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.compliance.queries import breach_still_agrees
from services.compliance.rules import BreachKind
from services.db import ReadSession, fetch
from services.improvement.rules import (
    BreachOutcome,
    Consequence,
    ImprovementFacts,
    ImprovementStatus,
    breach_outcome,
)

BREACHES = f"""
SELECT b.id, b.kind, a.service_id, b.target_id, b.breached_at,
       EXISTS (SELECT FROM breach_acceptance accepted
               WHERE accepted.organisation_id = $1::uuid AND accepted.breach_id = b.id
                 AND accepted.recorded_at <= $2::timestamptz)
FROM breach b
JOIN target t ON t.organisation_id = $1::uuid AND t.id = b.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
WHERE b.organisation_id = $1::uuid AND b.breached_at >= $3::timestamptz AND b.breached_at <= $2::timestamptz
  AND b.recorded_at <= $2::timestamptz
  AND NOT EXISTS (SELECT FROM breach_retraction retracted
                  WHERE retracted.organisation_id = $1::uuid AND retracted.breach_id = b.id
                    AND retracted.recorded_at <= $2::timestamptz
                    AND (retracted.recomputation_id IS NULL OR NOT {breach_still_agrees("b")}))
ORDER BY b.breached_at, b.id
"""  # noqa: S608 - put together from an expression of ours, no input

IMPROVEMENTS = """
WITH reached AS (
    SELECT s.improvement_id, min(s.occurred_at) FILTER (WHERE s.status = 'implemented') AS implemented_at,
           min(s.occurred_at) FILTER (WHERE s.status = 'verified') AS verified_at
    FROM improvement_status_change s
    WHERE s.organisation_id = $1::uuid AND s.recorded_at <= $2::timestamptz AND s.occurred_at <= $2::timestamptz
    GROUP BY s.improvement_id
)
SELECT l.breach_id, i.id, i.cause <> '', i.consequence, reached.implemented_at, reached.verified_at,
       EXISTS (SELECT FROM changed_object c
               WHERE c.organisation_id = $1::uuid AND c.improvement_id = i.id AND c.change_reference <> ''
                 AND c.recorded_at <= $2::timestamptz)
FROM improvement_breach l
JOIN improvement i ON i.organisation_id = $1::uuid AND i.id = l.improvement_id
JOIN breach b ON b.organisation_id = $1::uuid AND b.id = l.breach_id
LEFT JOIN reached ON reached.improvement_id = i.id
WHERE l.organisation_id = $1::uuid AND l.recorded_at <= $2::timestamptz AND i.recorded_at <= $2::timestamptz
  AND b.breached_at >= $3::timestamptz
ORDER BY l.breach_id, i.id
"""

MOVEMENTS = """
SELECT s.improvement_id, i.service_id, s.status, s.occurred_at
FROM improvement_status_change s
JOIN improvement i ON i.organisation_id = $1::uuid AND i.id = s.improvement_id
WHERE s.organisation_id = $1::uuid AND s.recorded_at <= $2::timestamptz
  AND s.occurred_at >= $3::timestamptz AND s.occurred_at <= $2::timestamptz
ORDER BY s.occurred_at, s.id
"""


@dataclass(frozen=True)
class RegisterMovement:
    """An improvement reached a status; without a service it is not about a single one."""

    improvement_id: UUID
    service_id: UUID | None
    status: ImprovementStatus
    occurred_at: datetime


REGISTER = """
SELECT i.id, min(s.occurred_at) FILTER (WHERE s.status = 'registered'),
       min(s.occurred_at) FILTER (WHERE s.status IN ('implemented', 'stopped')),
       EXISTS (SELECT FROM improvement_breach l
               WHERE l.organisation_id = $1::uuid AND l.improvement_id = i.id AND l.recorded_at <= $2::timestamptz)
FROM improvement i
JOIN improvement_status_change s ON s.organisation_id = $1::uuid AND s.improvement_id = i.id
WHERE i.organisation_id = $1::uuid AND i.recorded_at <= $2::timestamptz
  AND s.recorded_at <= $2::timestamptz AND s.occurred_at <= $2::timestamptz
GROUP BY i.id
HAVING bool_or(s.status = 'registered')
ORDER BY 2, i.id
"""


@dataclass(frozen=True)
class BreachConsequence:
    """A breach that was not retracted, and what it led to. `is_accepted`: somebody gave a reason for leaving it."""

    breach_id: UUID
    kind: BreachKind
    service_id: UUID
    target_id: UUID
    breached_at: datetime
    is_accepted: bool
    improvement_ids: tuple[UUID, ...]
    has_cause: bool
    """Whether a linked improvement names what caused the breach."""
    outcome: BreachOutcome


@dataclass(frozen=True)
class RegisterEntry:
    """An entry of the improvement register; `ended_at`: when it was implemented or stopped, None while it is open."""

    improvement_id: UUID
    registered_at: datetime
    ended_at: datetime | None
    answers_breach: bool


async def register_entries(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> list[RegisterEntry]:
    """The whole register from facts recorded by `as_of`, oldest entry first. One statement."""
    return [RegisterEntry(*row) for row in await fetch(session, REGISTER, organisation_id, as_of)]


async def breach_consequences(
    session: ReadSession, organisation_id: UUID, *, since: datetime, as_of: datetime
) -> list[BreachConsequence]:
    """Breaches from `since` to `as_of` with what they led to, from facts recorded by `as_of`. Two statements."""
    linked: dict[UUID, list[tuple[UUID, bool, ImprovementFacts]]] = defaultdict(list)
    for breach_id, improvement_id, has_cause, claimed, implemented_at, verified_at, has_reference in await fetch(
        session, IMPROVEMENTS, organisation_id, as_of, since
    ):
        facts = ImprovementFacts(Consequence(claimed), implemented_at, verified_at, has_reference)
        linked[breach_id].append((improvement_id, has_cause, facts))
    return [
        BreachConsequence(
            breach_id=breach_id,
            kind=BreachKind(kind),
            service_id=service_id,
            target_id=target_id,
            breached_at=breached_at,
            is_accepted=is_accepted,
            improvement_ids=tuple(improvement_id for improvement_id, _, _ in linked[breach_id]),
            has_cause=any(has_cause for _, has_cause, _ in linked[breach_id]),
            outcome=breach_outcome(breached_at, [facts for _, _, facts in linked[breach_id]]),
        )
        for breach_id, kind, service_id, target_id, breached_at, is_accepted in await fetch(
            session, BREACHES, organisation_id, as_of, since
        )
    ]


async def register_movements(
    session: ReadSession, organisation_id: UUID, *, since: datetime, as_of: datetime
) -> list[RegisterMovement]:
    """What moved in the register from `since` to `as_of`, oldest first, from facts recorded by `as_of`. One statement.

    Whether a quarter started, finished, stopped or judged anything is told by these (methods A.13, R4).
    """
    return [
        RegisterMovement(improvement_id, service_id, ImprovementStatus(status), occurred_at)
        for improvement_id, service_id, status, occurred_at in await fetch(
            session, MOVEMENTS, organisation_id, as_of, since
        )
    ]


def improvement_status(improvement: str) -> str:
    """SQL text: the status the improvement reached last. `$1` is the organisation."""
    return (
        "(SELECT reached.status FROM improvement_status_change AS reached"  # noqa: S608 - an alias, no input
        f" WHERE reached.organisation_id = $1::uuid AND reached.improvement_id = {improvement}.id"
        " ORDER BY array_position(ARRAY['registered', 'stopped', 'implemented', 'ineffective', 'verified'],"
        " reached.status::text) DESC LIMIT 1)"
    )


def improvement_shown_consequence(improvement: str) -> str:
    """SQL text: what the improvement amounts to by the record, by the rule `shown_consequence`."""
    return (
        "CASE WHEN NOT EXISTS (SELECT FROM improvement_status_change AS reached"  # noqa: S608 - an alias, no input
        f" WHERE reached.organisation_id = $1::uuid AND reached.improvement_id = {improvement}.id"
        " AND reached.status = 'implemented') THEN 'none'"
        f" WHEN {improvement}.consequence = 'structural' AND NOT EXISTS (SELECT FROM changed_object AS changed"
        f" WHERE changed.organisation_id = $1::uuid AND changed.improvement_id = {improvement}.id"
        f" AND changed.change_reference <> '') THEN 'corrective' ELSE {improvement}.consequence END"
    )


def improvement_version(alias: str) -> str:
    """SQL text: how often the register was told where the improvement stands, from 1, its registration."""
    reached = f"FROM improvement_status_change s WHERE s.organisation_id = $1::uuid AND s.improvement_id = {alias}.id"
    return f"(SELECT count(*) {reached})"
