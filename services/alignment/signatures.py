"""Contracts as they were signed: what they left without backing, who signed them, and what they were awarded by."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.agreements.contract_rules import RECORDING_GRACE, AwardCriterion
from services.alignment import gathering
from services.alignment.as_of import SignatureAsOf, signatures_of
from services.alignment.gathering import histories
from services.db import ReadSession, fetch
from services.organisations.rules import GovernanceRole

STATEMENTS = gathering.STATEMENTS + 1

# What was recorded long after a signature does not count as known at it.
PEOPLE = """
WITH signature AS (
    SELECT * FROM unnest($3::uuid[], $4::uuid[], $5::timestamptz[]) AS s (version_id, agreement_id, at)
), present AS (
    SELECT s.version_id, s.at, q.person_id, q.part, q.role, q.tenure,
           row_number() OVER (PARTITION BY s.version_id, q.person_id, q.part ORDER BY q.valid_from DESC) AS place
    FROM signature s
    JOIN agreement_participation q ON q.organisation_id = $1::uuid AND q.agreement_id = s.agreement_id
         AND q.valid_from <= s.at AND q.recorded_at <= s.at + $6::interval AND q.recorded_at <= $2::timestamptz
)
SELECT s.version_id,
       (SELECT count(*) FROM present p WHERE p.version_id = s.version_id AND p.place = 1 AND p.tenure = 'held'
        AND p.part IN ('negotiator', 'signer')),
       (SELECT a.participation_count FROM agreement a WHERE a.organisation_id = $1::uuid AND a.id = s.agreement_id)
       <= (SELECT count(*) FROM agreement_participation q
           WHERE q.organisation_id = $1::uuid AND q.agreement_id = s.agreement_id),
       EXISTS (
           SELECT FROM present p WHERE p.version_id = s.version_id AND p.place = 1 AND p.tenure = 'held'
             AND p.part IN ('negotiator', 'signer') AND (p.role = 'service_level_manager' OR (
                 SELECT r.tenure FROM role_assignment r
                 WHERE r.organisation_id = $1::uuid AND r.person_id = p.person_id
                   AND r.role = 'service_level_manager'
                   AND r.valid_from <= s.at AND r.recorded_at <= least(s.at + $6::interval, $2::timestamptz)
                 ORDER BY r.valid_from DESC LIMIT 1
             ) = 'held')
       ),
       (SELECT coalesce(array_agg(DISTINCT p.role ORDER BY p.role) FILTER (WHERE p.role IS NOT NULL), '{}')
        FROM present p
        WHERE p.version_id = s.version_id AND p.place = 1 AND p.tenure = 'held' AND p.part = 'signer'),
       (SELECT e.criterion FROM procurement_event e
        WHERE e.organisation_id = $1::uuid AND e.agreement_id = s.agreement_id AND e.kind = 'awarded'
          AND e.occurred_at <= s.at AND e.recorded_at <= $2::timestamptz
        ORDER BY e.occurred_at DESC LIMIT 1)
FROM signature s
"""


class SignatureOutcome(StrEnum):
    """What a contract did to the promises that rested on it when it was signed (pattern B2)."""

    BREAKS = "breaks"
    """By what was in force and known then, at least one of them could not be kept, or was not backed."""
    CANNOT_TELL = "cannot_tell"
    SOUND = "sound"
    """All of them were backed, or none rested on it."""


@dataclass(frozen=True)
class ContractSignature:
    """A version of an OLA or UC; `by_service_level_management` None: it is not on record who negotiated it."""

    signed: SignatureAsOf
    outcome: SignatureOutcome
    signer_roles: tuple[GovernanceRole, ...]
    by_service_level_management: bool | None
    award_criterion: AwardCriterion | None


async def contract_signatures(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime, first: int
) -> list[ContractSignature]:
    """The newest `first` signatures of the last thirty-six months, by what was recorded at `as_of`.

    A number of statements that does not grow; what is judged is judged apart from whatever else is served meanwhile.
    """
    known = await histories(session, organisation_id, known_by=as_of)
    signed = await asyncio.to_thread(signatures_of, known, as_of, newest=first)
    rows = await fetch(
        session, PEOPLE, organisation_id, as_of, [each.agreement_version_id for each in signed],
        [each.agreement_id for each in signed], [each.signed_at for each in signed], RECORDING_GRACE,
    )  # fmt: skip
    people = {row[0]: row[1:] for row in rows}
    return [_signature(each, people[each.agreement_version_id]) for each in signed]


def outcome_of(signed: SignatureAsOf) -> SignatureOutcome:
    """Whether a contract was sound when it was signed; records that are missing may have told otherwise."""
    if signed.broken:
        return SignatureOutcome.BREAKS
    return SignatureOutcome.CANNOT_TELL if signed.untold or signed.missing else SignatureOutcome.SOUND


def _signature(signed: SignatureAsOf, row: Sequence[Any]) -> ContractSignature:
    people, complete, by_service_level_management, roles, criterion = row
    return ContractSignature(
        signed,
        outcome_of(signed),
        tuple(GovernanceRole(role) for role in roles),
        bool(by_service_level_management) if people and complete else None,
        None if criterion is None else AwardCriterion(criterion),
    )
