"""How much of what is promised to customers is underpinned, and what is done about the gaps: as things stand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.db import ReadSession, fetch_whole

MOST_PROMISES = 20_000

# A judgement holds only of the version it was made of.
PROMISES = """
WITH latest AS (
    SELECT DISTINCT ON (v.agreement_id) v.agreement_id, v.id, v.status FROM agreement_version v
    WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz AND v.recorded_at <= $2::timestamptz
    ORDER BY v.agreement_id, v.valid_from DESC
), definition AS (
    SELECT c.agreement_version_id, c.target_id FROM target_version c WHERE c.organisation_id = $1::uuid
    UNION ALL
    SELECT c.agreement_version_id, c.target_id FROM availability_target_version c WHERE c.organisation_id = $1::uuid
), promise AS (
    SELECT s.id AS service_id, s.key AS service_key, s.name AS service_name, a.key AS agreement_key, t.id, t.key,
           t.name, j.verdict, j.value_state, j.coverage_state, j.term_state, j.scope_state, j.value_reason,
           j.coverage_reason, j.term_reason, j.scope_reason
    FROM latest
    JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = latest.agreement_id AND a.kind = 'sla'
    JOIN service s ON s.organisation_id = $1::uuid AND s.id = a.service_id
    JOIN definition d ON d.agreement_version_id = latest.id
    JOIN target t ON t.organisation_id = $1::uuid AND t.id = d.target_id
    LEFT JOIN target_alignment h ON h.organisation_id = $1::uuid AND h.target_id = t.id
    LEFT JOIN chain_judgement j ON j.organisation_id = $1::uuid AND j.id = h.judgement_id
         AND j.agreement_version_id = latest.id
    WHERE latest.status = 'in_force'
    ORDER BY s.key, a.key, t.key
    LIMIT $3
)
SELECT g.*, p.*
FROM (
    SELECT count(*) AS open, count(*) FILTER (WHERE NOT g.has_owner) AS without_owner,
           count(*) FILTER (WHERE g.due_on < ($2::timestamptz AT TIME ZONE 'UTC')::date) AS overdue,
           count(*) FILTER (WHERE g.accepted_until > $2::timestamptz) AS accepted
    FROM alignment_gap g WHERE g.organisation_id = $1::uuid AND g.is_open
) AS g
LEFT JOIN promise p ON TRUE
ORDER BY p.service_key, p.agreement_key, p.key
"""


@dataclass(frozen=True)
class PromiseStanding:
    """A target promised to customers; `verdict` None: the version in force has not been judged yet."""

    service_id: UUID
    service_key: str
    service_name: str
    agreement_key: str
    target_id: UUID
    target_key: str
    target_name: str
    verdict: ChainVerdict | None
    states: Mapping[Axis, AxisState]
    reasons: Mapping[Axis, str]


@dataclass(frozen=True)
class OpenGaps:
    """How many gaps are open; of these, without an owner, past the day they were to be closed, and accepted."""

    total: int
    without_owner: int
    overdue: int
    accepted: int


@dataclass(frozen=True)
class Underpinning:
    """The promises in force by what is known of them."""

    promises: int
    verdicts: Mapping[ChainVerdict, int]
    axes: Mapping[Axis, Mapping[AxisState, int]]
    gaps: OpenGaps

    @property
    def not_judged(self) -> int:
        """How many are promised in a version that has not been judged yet."""
        return self.promises - sum(self.verdicts.values())

    @property
    def untold(self) -> int:
        """Of how many it is not known whether they are backed."""
        return self.verdicts[ChainVerdict.UNKNOWN] + self.not_judged

    @property
    def headline(self) -> str:
        """The figures in words."""
        if not self.promises:
            return "It cannot be told what is underpinned: no target promised to customers is in force."
        backed = self.verdicts[ChainVerdict.BACKED]
        untold = f" Of {self.untold} it cannot be told." if self.untold else ""
        return f"{backed} of {self.promises} targets promised to customers are fully underpinned.{untold}"


async def promises_standing(
    session: ReadSession, organisation_id: UUID, *, now: datetime
) -> tuple[list[PromiseStanding], OpenGaps]:
    """Every target promised to customers in a version in force, by service, and the open gaps. One statement.

    Days end in UTC. Raises AnswerTooLarge for more than 20,000 targets.
    """
    told = "targets are promised to customers, which is more than are counted at once"
    rows = await fetch_whole(session, PROMISES, organisation_id, now, most=MOST_PROMISES, told=told)
    found = [_standing(row[4:]) for row in rows if row[4] is not None]
    return found, OpenGaps(*rows[0][:4])


def underpinning_of(promises: Sequence[PromiseStanding], gaps: OpenGaps) -> Underpinning:
    """The figures of these promises; one that is not judged counts on no axis."""
    verdicts = Counter(each.verdict for each in promises)
    return Underpinning(
        len(promises),
        {verdict: verdicts[verdict] for verdict in ChainVerdict},
        {
            axis: {state: sum(each.states.get(axis) is state for each in promises) for state in AxisState}
            for axis in Axis
        },
        gaps,
    )


def _standing(row: Sequence[Any]) -> PromiseStanding:
    service_id, service_key, service_name, agreement_key, target_id, key, name, verdict, *said = row
    judged = verdict is not None
    return PromiseStanding(
        service_id, service_key, service_name, agreement_key, target_id, key, name,
        ChainVerdict(verdict) if judged else None,
        {axis: AxisState(state) for axis, state in zip(Axis, said[:4], strict=True)} if judged else {},
        {axis: str(reason) for axis, reason in zip(Axis, said[4:], strict=True)} if judged else {},
    )  # fmt: skip
