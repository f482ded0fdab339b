"""Who owns what is agreed with suppliers, and whether they were at the table when it was signed (question Q2)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.agreements.contract_rules import RECORDING_GRACE
from services.agreements.contracts import AT_SIGNATURE, IN_FORCE, PARTICIPANTS
from services.agreements.purchases import RecordedCount
from services.agreements.rules import AgreementKind
from services.db import ReadSession, fetch

# An owner is in office who holds the role in which the agreement is owned.
NEGOTIATIONS = f"""
WITH {IN_FORCE}, {PARTICIPANTS}, {AT_SIGNATURE}, owner AS (
    SELECT q.agreement_id, (
               SELECT r.tenure FROM role_assignment r
               WHERE r.organisation_id = $1::uuid AND r.person_id = q.person_id AND r.role = q.role
                 AND r.valid_from <= $2::timestamptz AND r.recorded_at <= $2::timestamptz
               ORDER BY r.valid_from DESC LIMIT 1
           ) IS NOT DISTINCT FROM 'held' AS in_office,
           EXISTS (
               SELECT FROM present p WHERE p.id = q.agreement_id AND p.person_id = q.person_id
                 AND p.part IN ('negotiator', 'signer') AND p.place = 1 AND p.tenure = 'held'
           ) AS at_the_table
    FROM participation q
    WHERE q.part = 'owner' AND q.tenure = 'held'
)
SELECT c.id, c.version_id, c.key, c.kind, c.provider_id, s.at,
       (SELECT count(*) FROM owner o WHERE o.agreement_id = c.id),
       (SELECT count(*) FROM owner o WHERE o.agreement_id = c.id AND o.in_office),
       (SELECT count(*) FROM owner o WHERE o.agreement_id = c.id AND o.in_office AND o.at_the_table),
       c.participation_count,
       (SELECT count(*) FROM agreement_participation q
        WHERE q.organisation_id = $1::uuid AND q.agreement_id = c.id)
FROM in_force c JOIN signature s ON s.id = c.id
ORDER BY c.key
"""  # noqa: S608 - our own parts


@dataclass(frozen=True)
class NegotiatedAgreement:
    """An agreement with a supplier in force, and how many people own it.

    `in_office`: how many of these hold the role in which they own it. `at_the_table`: how many of those negotiated or
    signed it. `signed_at`: when it was signed or last renewed, None if not on record. `participations`: how many
    entries were ever recorded about who takes part, and how many are there; one that is missing may have ended it.
    """

    agreement_id: UUID
    agreement_version_id: UUID
    agreement_key: str
    kind: AgreementKind
    supplier_id: UUID
    signed_at: datetime | None
    owners: int
    in_office: int
    at_the_table: int
    participations: RecordedCount


async def negotiated_agreements(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime
) -> list[NegotiatedAgreement]:
    """Every agreement with a supplier in force at `as_of`, by what was recorded then. One statement."""
    rows = await fetch(session, NEGOTIATIONS, organisation_id, as_of, RECORDING_GRACE)
    return [
        NegotiatedAgreement(
            id_,
            version_id,
            key,
            AgreementKind(kind),
            supplier_id,
            signed_at,
            owners,
            in_office,
            at_the_table,
            RecordedCount(written, found),
        )
        for id_, version_id, key, kind, supplier_id, signed_at, owners, in_office, at_the_table, written, found in rows
    ]
