"""The contracts with suppliers at an instant: who owns them, who negotiated them, and which are due for a decision."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.agreements.contract_rules import RECORDING_GRACE, Renewal, decision_due_at
from services.agreements.rules import AgreementKind
from services.db import ReadSession, fetch_whole
from services.organisations.rules import GovernanceRole

MOST_CONTRACTS = 10_000
TOO_MANY_CONTRACTS = "contracts with suppliers are in force, which is more than one answer shows"
USUAL_HORIZON_DAYS, LONGEST_HORIZON_DAYS = 180, 730

IN_FORCE = """
in_force AS (
    SELECT a.id, a.key, a.name, a.kind, a.service_id, a.provider_id, a.participation_count,
           v.id AS version_id, v.valid_from,
           t.id AS terms_id, t.term_ends_at, t.notice_days, t.renewal, t.signed_at
    FROM agreement a
    JOIN party p ON p.organisation_id = $1::uuid AND p.id = a.provider_id AND p.kind = 'supplier'
    JOIN LATERAL (
        SELECT v.id, v.status, v.valid_from FROM agreement_version v
        WHERE v.organisation_id = $1::uuid AND v.agreement_id = a.id
          AND v.valid_from <= $2::timestamptz AND v.recorded_at <= $2::timestamptz
        ORDER BY v.valid_from DESC LIMIT 1
    ) AS v ON v.status = 'in_force'
    LEFT JOIN agreement_terms t ON t.organisation_id = $1::uuid AND t.agreement_version_id = v.id
         AND t.recorded_at <= $2::timestamptz
    WHERE a.organisation_id = $1::uuid AND a.kind <> 'ola'
)
"""

PARTICIPANTS = """
participation AS (
    SELECT DISTINCT ON (q.agreement_id, q.person_id, q.part) q.agreement_id, q.person_id, q.part, q.role, q.tenure
    FROM agreement_participation q
    WHERE q.organisation_id = $1::uuid AND q.valid_from <= $2::timestamptz AND q.recorded_at <= $2::timestamptz
    ORDER BY q.agreement_id, q.person_id, q.part, q.valid_from DESC
)
"""

AT_SIGNATURE = """
signature AS (
    SELECT c.id, coalesce(c.signed_at, (
        SELECT max(e.occurred_at) FROM procurement_event e
        WHERE e.organisation_id = $1::uuid AND e.agreement_id = c.id AND e.kind IN ('signed', 'renewed')
          AND e.occurred_at <= $2::timestamptz AND e.recorded_at <= $2::timestamptz
    )) AS at FROM in_force c
), present AS (
    SELECT s.id, q.person_id, q.part, q.role, q.tenure,
           row_number() OVER (PARTITION BY s.id, q.person_id, q.part ORDER BY q.valid_from DESC) AS place
    FROM signature s
    JOIN agreement_participation q ON q.organisation_id = $1::uuid AND q.agreement_id = s.id
         AND q.valid_from <= s.at AND q.recorded_at <= s.at + $3::interval AND q.recorded_at <= $2::timestamptz
), at_signature AS (
    SELECT s.id, s.at,
           (SELECT count(*) FROM present p WHERE p.id = s.id AND p.place = 1 AND p.tenure = 'held'
            AND p.part IN ('negotiator', 'signer')) AS people,
           EXISTS (
               SELECT FROM present p WHERE p.id = s.id AND p.place = 1 AND p.tenure = 'held'
                 AND p.part IN ('negotiator', 'signer') AND (p.role = 'service_level_manager' OR (
                     SELECT r.tenure FROM role_assignment r
                     WHERE r.organisation_id = $1::uuid AND r.person_id = p.person_id
                       AND r.role = 'service_level_manager' AND r.valid_from <= s.at
                       AND r.recorded_at <= least(s.at + $3::interval, $2::timestamptz)
                     ORDER BY r.valid_from DESC LIMIT 1
                 ) = 'held')
           ) AS by_service_level_management,
           (SELECT coalesce(array_agg(DISTINCT p.role ORDER BY p.role) FILTER (WHERE p.role IS NOT NULL), '{}')
            FROM present p WHERE p.id = s.id AND p.place = 1 AND p.tenure = 'held' AND p.part = 'signer') AS signers
    FROM signature s
)
"""

# What was judged last of each version of a promise that was in force, by what its judgement rests on.
RESTING = """
judged AS (
    SELECT DISTINCT ON (j.target_id) j.agreement_version_id, j.verdict, j.value_state, j.coverage_state, j.term_state,
           j.scope_state, j.inputs
    FROM chain_judgement j
    WHERE j.organisation_id = $1::uuid AND j.recorded_at <= $2::timestamptz
    ORDER BY j.target_id, j.recorded_at DESC
), resting AS (
    SELECT (i.input ->> 'id')::uuid AS version_id, count(*) AS promises,
           count(*) FILTER (WHERE j.verdict = 'backed') AS backed,
           array_agg(DISTINCT j.value_state) AS value_states, array_agg(DISTINCT j.coverage_state) AS coverage_states,
           array_agg(DISTINCT j.term_state) AS term_states, array_agg(DISTINCT j.scope_state) AS scope_states
    FROM judged j
    JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.id = j.agreement_version_id AND v.status = 'in_force'
    CROSS JOIN LATERAL jsonb_array_elements(j.inputs) AS i (input)
    WHERE NOT EXISTS (
        SELECT FROM agreement_version later
        WHERE later.organisation_id = $1::uuid AND later.agreement_id = v.agreement_id
          AND later.valid_from > v.valid_from AND later.valid_from <= $2::timestamptz
          AND later.recorded_at <= $2::timestamptz
    )
    GROUP BY 1
)
"""

MATRIX = f"""
WITH {IN_FORCE}, {PARTICIPANTS}, {AT_SIGNATURE}, {RESTING}, clause AS (
    SELECT DISTINCT ON (l.clause_id, l.requirement_id) c.agreement_id, l.requirement_id, l.binding, l.tenure
    FROM clause_requirement l
    JOIN contract_clause c ON c.organisation_id = $1::uuid AND c.id = l.clause_id
    WHERE l.organisation_id = $1::uuid AND l.valid_from <= $2::timestamptz AND l.recorded_at <= $2::timestamptz
    ORDER BY l.clause_id, l.requirement_id, l.valid_from DESC
)
SELECT c.id, c.key, c.name, c.kind, s.key, s.name, p.key, p.name,
       (SELECT coalesce(array_agg(h.name ORDER BY h.name, h.key), '{{}}') FROM participation q
        JOIN person h ON h.organisation_id = $1::uuid AND h.id = q.person_id
        WHERE q.agreement_id = c.id AND q.part = 'owner' AND q.tenure = 'held'),
       c.terms_id IS NOT NULL, c.term_ends_at, c.notice_days, c.renewal, b.at, b.people, b.by_service_level_management,
       b.signers,
       (SELECT count(DISTINCT l.requirement_id) FROM clause l
        WHERE l.agreement_id = c.id AND l.tenure = 'held' AND l.binding),
       (SELECT count(DISTINCT l.requirement_id) FROM clause l
        WHERE l.agreement_id = c.id AND l.tenure = 'held' AND NOT l.binding),
       c.participation_count - (SELECT count(*) FROM agreement_participation q
                                WHERE q.organisation_id = $1::uuid AND q.agreement_id = c.id),
       n.promises, n.backed, n.value_states, n.coverage_states, n.term_states, n.scope_states
FROM in_force c
JOIN service s ON s.organisation_id = $1::uuid AND s.id = c.service_id
JOIN party p ON p.organisation_id = $1::uuid AND p.id = c.provider_id
JOIN at_signature b ON b.id = c.id
LEFT JOIN resting n ON n.version_id = c.version_id
ORDER BY p.key, s.key, c.key
LIMIT $4
"""  # noqa: S608 - our own parts

RENEWALS = f"""
WITH {IN_FORCE}, due AS (
    SELECT c.id, c.key, c.name, c.kind, s.key AS service, s.name AS service_name, p.key AS supplier,
           p.name AS supplier_name, c.terms_id IS NOT NULL AS known, c.term_ends_at, c.notice_days, c.renewal,
           (SELECT max(e.occurred_at) FROM procurement_event e
            WHERE e.organisation_id = $1::uuid AND e.agreement_id = c.id AND e.kind = 'evidence_pack_ready'
              AND e.occurred_at > greatest(c.valid_from, (
                  SELECT max(o.occurred_at) FROM procurement_event o
                  WHERE o.organisation_id = $1::uuid AND o.agreement_id = c.id AND o.kind IN ('signed', 'renewed')
                    AND o.occurred_at <= $2::timestamptz
              ))
              AND e.occurred_at <= $2::timestamptz AND e.recorded_at <= $2::timestamptz
              AND e.recorded_at <= e.occurred_at + $3::interval) AS pack_at
    FROM in_force c
    JOIN service s ON s.organisation_id = $1::uuid AND s.id = c.service_id
    JOIN party p ON p.organisation_id = $1::uuid AND p.id = c.provider_id
    WHERE c.terms_id IS NULL OR c.term_ends_at IS NULL OR (
        c.term_ends_at >= $2::timestamptz
        AND c.term_ends_at - make_interval(days => coalesce(c.notice_days, 0)::int) < $4::timestamptz
    )
    ORDER BY c.term_ends_at NULLS LAST, p.key, s.key, c.key
    LIMIT $5
)
SELECT n.contracts, d.*
FROM (SELECT count(*) AS contracts FROM in_force) AS n LEFT JOIN due d ON TRUE
ORDER BY d.term_ends_at NULLS LAST, d.supplier, d.service, d.key
"""  # noqa: S608 - our own parts


class Ownership(StrEnum):
    """Whether somebody answers for a contract."""

    UNIQUE = "unique"
    SHARED = "shared"
    NONE = "none"
    CANNOT_TELL = "cannot_tell"
    """An entry about who takes part is missing."""


class SourcedBy(StrEnum):
    """How service level management had a say in a contract (capability S2)."""

    NEGOTIATED = "negotiated"
    """Service level management negotiated or signed it."""
    REQUIREMENTS_BINDING = "requirements_binding"
    """It did not, but requirements are in the contract and bind."""
    NEITHER = "neither"
    CANNOT_TELL = "cannot_tell"
    """When it was signed, or who took part then, is not on record."""


class PackState(StrEnum):
    """Whether the evidence is there before a decision is due (capability G6)."""

    READY = "ready"
    NOT_READY = "not_ready"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class ContractInForce:
    """A contract with a supplier in force."""

    agreement_id: UUID
    key: str
    name: str
    kind: AgreementKind
    service_key: str
    service_name: str
    supplier_key: str
    supplier_name: str


AXES = ("value", "coverage", "term", "scope")
WORST_FIRST = ("fails", "unknown", "holds")


@dataclass(frozen=True)
class ContractAlignment:
    """What came of comparing the promises to customers that rest on the version in force with all that supports them.

    `states`: by axis the worst of them, in the words of alignment.
    """

    promises: int
    backed: int
    states: Mapping[str, str]


@dataclass(frozen=True)
class ContractRow:
    """A row of the contract matrix (question Q2). `alignment` None: no promise that was judged rests on it."""

    contract: ContractInForce
    owners: tuple[str, ...]
    ownership: Ownership
    terms_known: bool
    term_ends_at: datetime | None
    notice_days: int | None
    decision_due_at: datetime | None
    renewal: Renewal | None
    signed_at: datetime | None
    sourced_by: SourcedBy
    signer_roles: tuple[GovernanceRole, ...]
    binding_requirements: int
    other_requirements: int
    alignment: ContractAlignment | None
    missing: tuple[str, ...]


@dataclass(frozen=True)
class RenewalDue:
    """A contract that ends, or must be decided about, within the horizon; or of which that is not known."""

    contract: ContractInForce
    terms_known: bool
    term_ends_at: datetime | None
    notice_days: int | None
    decision_due_at: datetime | None
    renewal: Renewal | None
    evidence_pack_at: datetime | None
    evidence_pack: PackState
    missing: tuple[str, ...]


async def contract_matrix(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> list[ContractRow]:
    """Every contract with a supplier in force at `as_of`, by what was recorded then. One statement.

    Raises AnswerTooLarge for more than 10,000.
    """
    rows = await fetch_whole(
        session, MATRIX, organisation_id, as_of, RECORDING_GRACE, most=MOST_CONTRACTS, told=TOO_MANY_CONTRACTS
    )
    return [_contract_row(row) for row in rows]


async def renewals_due(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime, days: int = USUAL_HORIZON_DAYS
) -> tuple[list[RenewalDue], int]:
    """The contracts to decide about within so many days, and those of which that is not known. One statement.

    And how many contracts with suppliers are in force at all. Raises AnswerTooLarge where more than 10,000 are due.
    """
    horizon = as_of + timedelta(days=days)
    rows = await fetch_whole(
        session, RENEWALS, organisation_id, as_of, RECORDING_GRACE, horizon, most=MOST_CONTRACTS,
        told="contracts are to be decided about, which is more than one answer shows",
    )  # fmt: skip
    return [_renewal(row[1:]) for row in rows if row[1] is not None], rows[0][0]


def ownership_of(owners: int, entries_missing: bool) -> Ownership:
    """Whether one person answers for a contract, or several, or nobody; an entry that is missing may have ended it."""
    if entries_missing:
        return Ownership.CANNOT_TELL
    return (Ownership.NONE, Ownership.UNIQUE)[owners] if owners < 2 else Ownership.SHARED


def sourced_by(*, by_service_level_management: bool, binding: bool, people_known: bool) -> SourcedBy:
    """How service level management had a say; what is not on record is not counted as no say."""
    if by_service_level_management and people_known:
        return SourcedBy.NEGOTIATED
    if binding:
        return SourcedBy.REQUIREMENTS_BINDING
    return SourcedBy.NEITHER if people_known else SourcedBy.CANNOT_TELL


def terms_decision_due_at(terms: str) -> str:
    """SQL text: until when to decide whether to go on, NULL where the terms do not say."""
    return f"{terms}.term_ends_at - make_interval(days => {terms}.notice_days::int)"


def _contract_row(row: Sequence[Any]) -> ContractRow:
    owners, known, ends, notice, renewal, signed, people, by_slm, signers, binding, others, lost, *resting = row[8:]
    missing = _unsaid(known, ends, notice)
    missing += ["an entry about who takes part that was recorded"] if lost else []
    missing += ["when it was signed"] if signed is None else []
    missing += ["who negotiated or signed it"] if signed is not None and not people else []
    return ContractRow(
        contract=_contract(row),
        owners=tuple(owners),
        ownership=ownership_of(len(owners), bool(lost)),
        terms_known=known,
        term_ends_at=ends,
        notice_days=notice,
        decision_due_at=decision_due_at(ends, notice),
        renewal=None if renewal is None else Renewal(renewal),
        signed_at=signed,
        sourced_by=sourced_by(
            by_service_level_management=by_slm,
            binding=binding > 0,
            people_known=signed is not None and people > 0 and not lost,
        ),
        signer_roles=tuple(map(GovernanceRole, signers)),
        binding_requirements=binding,
        other_requirements=others,
        alignment=_alignment(*resting),
        missing=tuple(missing),
    )


def _alignment(promises: int | None, backed: int | None, *states: Collection[str]) -> ContractAlignment | None:
    if promises is None or backed is None:
        return None
    worst = {axis: min(found, key=WORST_FIRST.index) for axis, found in zip(AXES, states, strict=True)}
    return ContractAlignment(promises, backed, worst)


def _renewal(row: Sequence[Any]) -> RenewalDue:
    known, ends, notice, renewal, pack_at = row[8:]
    due = decision_due_at(ends, notice)
    return RenewalDue(
        contract=_contract(row),
        terms_known=known,
        term_ends_at=ends,
        notice_days=notice,
        decision_due_at=due,
        renewal=None if renewal is None else Renewal(renewal),
        evidence_pack_at=pack_at,
        evidence_pack=pack_state(due, pack_at),
        missing=tuple(_unsaid(known, ends, notice)),
    )


def pack_state(decision_due: datetime | None, pack_at: datetime | None) -> PackState:
    """Whether the evidence was there before the decision was due; without that instant nobody can tell."""
    if decision_due is None:
        return PackState.CANNOT_TELL
    return PackState.READY if pack_at is not None and pack_at <= decision_due else PackState.NOT_READY


def _contract(row: Sequence[Any]) -> ContractInForce:
    id_, key, name, kind, *named = row[:8]
    return ContractInForce(id_, key, name, AgreementKind(kind), *named)


def _unsaid(known: bool, ends: datetime | None, notice: int | None) -> list[str]:
    if not known:
        return ["the terms of the version in force"]
    said = (("the end of the term", ends), ("the days of notice", notice))
    return [what for what, value in said if value is None]
