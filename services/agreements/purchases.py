"""Contracts with suppliers as they were signed, renewed or amended: who was heard before, and what was attached."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.agreements.contract_rules import RECORDING_GRACE, ProcurementEventKind
from services.db import ReadSession, fetch

PURCHASES = """
SELECT e.id, e.agreement_id, a.key, a.service_id, e.kind, e.occurred_at,
       (SELECT count(*) FROM agreement_participation q
        WHERE q.organisation_id = $1::uuid AND q.agreement_id = a.id AND q.part IN ('negotiator', 'signer')
          AND q.role = 'service_level_manager' AND q.tenure = 'held' AND q.valid_from <= e.occurred_at
          AND q.recorded_at <= least(e.occurred_at + $4::interval, $3::timestamptz)
          AND NOT EXISTS (
              SELECT FROM agreement_participation l
              WHERE l.organisation_id = $1::uuid AND l.agreement_id = a.id AND l.person_id = q.person_id
                AND l.part = q.part AND l.valid_from > q.valid_from AND l.valid_from <= e.occurred_at
          )),
       EXISTS (
           SELECT FROM procurement_event o
           WHERE o.organisation_id = $1::uuid AND o.agreement_id = a.id AND o.kind = 'requirements_attached'
             AND o.occurred_at <= e.occurred_at
             AND o.recorded_at <= least(e.occurred_at + $4::interval, $3::timestamptz)
       ),
       a.participation_count,
       (SELECT count(*) FROM agreement_participation q
        WHERE q.organisation_id = $1::uuid AND q.agreement_id = a.id),
       (SELECT coalesce(sum(c.requirement_link_count), 0)::bigint FROM contract_clause c
        WHERE c.organisation_id = $1::uuid AND c.agreement_id = a.id),
       (SELECT count(*) FROM clause_requirement l
        JOIN contract_clause c ON c.organisation_id = $1::uuid AND c.id = l.clause_id
        WHERE l.organisation_id = $1::uuid AND c.agreement_id = a.id),
       (SELECT coalesce(array_agg(DISTINCT x.requirement_id), '{}') FROM (
            SELECT DISTINCT ON (l.clause_id, l.requirement_id) l.requirement_id, l.tenure, l.binding
            FROM clause_requirement l
            JOIN contract_clause c ON c.organisation_id = $1::uuid AND c.id = l.clause_id
            WHERE l.organisation_id = $1::uuid AND c.agreement_id = a.id AND l.valid_from <= e.occurred_at
              AND l.recorded_at <= least(e.occurred_at + $4::interval, $3::timestamptz)
            ORDER BY l.clause_id, l.requirement_id, l.valid_from DESC
        ) AS x WHERE x.tenure = 'held' AND x.binding)
FROM procurement_event e
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = e.agreement_id AND a.kind <> 'ola'
JOIN party p ON p.organisation_id = $1::uuid AND p.id = a.provider_id AND p.kind = 'supplier'
WHERE e.organisation_id = $1::uuid AND e.kind IN ('signed', 'renewed', 'amended')
  AND e.occurred_at > $2::timestamptz AND e.occurred_at <= $3::timestamptz AND e.recorded_at <= $3::timestamptz
ORDER BY a.key, e.occurred_at, e.kind
"""


@dataclass(frozen=True)
class RecordedCount:
    """How many entries were ever recorded, and how many of them are there."""

    written: int
    found: int

    @property
    def is_complete(self) -> bool:
        """Whether none is missing."""
        return self.found >= self.written


@dataclass(frozen=True)
class PurchaseAsOf:
    """A contract being signed, renewed or amended, with what was on record by then, or soon after.

    The counts say how many entries were ever recorded about who takes part and about requirements in clauses,
    and how many are there: one that is missing may have been the end of what seems to hold.
    """

    event_id: UUID
    agreement_id: UUID
    agreement_key: str
    service_id: UUID
    kind: ProcurementEventKind
    occurred_at: datetime
    service_level_managers: int
    requirements_attached: bool
    participations: RecordedCount
    clause_links: RecordedCount
    bound_requirement_ids: tuple[UUID, ...]


async def purchases(
    session: ReadSession, organisation_id: UUID, *, since: datetime, as_of: datetime
) -> list[PurchaseAsOf]:
    """Every such event after `since` until `as_of`, by contract. One statement."""
    rows = await fetch(session, PURCHASES, organisation_id, since, as_of, RECORDING_GRACE)
    return [
        PurchaseAsOf(
            event_id=id_,
            agreement_id=agreement_id,
            agreement_key=key,
            service_id=service_id,
            kind=ProcurementEventKind(kind),
            occurred_at=occurred_at,
            service_level_managers=managers,
            requirements_attached=attached,
            participations=RecordedCount(*participations),
            clause_links=RecordedCount(*links),
            bound_requirement_ids=tuple(bound),
        )
        for id_, agreement_id, key, service_id, kind, occurred_at, managers, attached, *counts, bound in rows
        for participations, links in [(counts[:2], counts[2:])]
    ]
