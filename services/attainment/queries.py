"""Reads of period results, and what is needed to work them out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.attainment.rules import Dimension
from services.db import ReadSession, fetch
from services.domain.period import period_around
from services.domain.rates import Rate, rate
from services.domain.vocabulary import PeriodKind
from services.errors import FieldProblem, Invalid
from services.requirements.meaning import is_meaningful

TARGET_VERSIONS = """
SELECT v.target_id, v.id, cv.id, greatest(av.valid_from, cv.valid_from), v.objective_percent, v.period, cv.time_zone
FROM target_version v
JOIN agreement_version av ON av.organisation_id = $1::uuid AND av.id = v.agreement_version_id
JOIN calendar_version cv ON cv.organisation_id = $1::uuid AND cv.calendar_id = v.calendar_id
WHERE v.organisation_id = $1::uuid AND v.target_id = ANY($2::uuid[])
ORDER BY v.target_id, greatest(av.valid_from, cv.valid_from), av.valid_from, cv.valid_from
"""


@dataclass(frozen=True)
class ObjectiveVersion:
    """What a target aimed at from an instant on, over which periods of which zone, and the versions that said so."""

    target_version_id: UUID
    calendar_version_id: UUID
    valid_from: datetime
    objective_percent: Decimal
    period: PeriodKind
    time_zone: str


@dataclass(frozen=True, order=True)
class JudgedPeriod:
    """One period a target is judged over, from `start` until before `end`."""

    kind: PeriodKind
    start: datetime
    end: datetime


@dataclass(frozen=True)
class TargetPeriods:
    """All versions of a target's objective, by their start; what an earlier one cut into months stays months."""

    target_id: UUID
    versions: tuple[ObjectiveVersion, ...]

    def version_at(self, instant: datetime) -> ObjectiveVersion:
        """The version in force just before an instant; the first one where none was."""
        return next((version for version in reversed(self.versions) if version.valid_from < instant), self.versions[0])

    def periods_around(self, instants: Iterable[datetime]) -> set[JudgedPeriod]:
        """The periods the instants fall into, each cut as the version in force at its instant says."""
        return {self._period_around(instant) for instant in instants}

    def _period_around(self, instant: datetime) -> JudgedPeriod:
        in_force = (version for version in reversed(self.versions) if version.valid_from <= instant)
        version = next(in_force, self.versions[0])
        period = period_around(version.period, instant, ZoneInfo(version.time_zone))
        return JudgedPeriod(version.period, period.start, period.end)


async def target_periods(
    session: ReadSession, organisation_id: UUID, *, target_ids: Iterable[UUID]
) -> list[TargetPeriods]:
    """How these targets are judged over periods. One statement."""
    versions: dict[UUID, list[ObjectiveVersion]] = {}
    for row in await fetch(session, TARGET_VERSIONS, organisation_id, sorted(set(target_ids))):
        target_id, version_id, calendar_version_id, valid_from, objective, period, time_zone = row
        version = ObjectiveVersion(
            version_id, calendar_version_id, valid_from, objective, PeriodKind(period), time_zone
        )
        versions.setdefault(target_id, []).append(version)
    return [TargetPeriods(target_id, tuple(held)) for target_id, held in versions.items()]


_EXPRESSIONS = {
    Dimension.TARGET: "g.key",
    Dimension.SERVICE: "s.key",
    Dimension.PRIORITY: "t.priority",
    Dimension.TEAM: "t.team",
    Dimension.CATEGORY: "t.category",
    Dimension.SUBCATEGORY: "t.subcategory",
    Dimension.ASSIGNEE: "t.assignee",
}
MOST_DIMENSIONS = 3
MOST_GROUPS = 500


@dataclass(frozen=True)
class AttainmentGroup:
    """The clocks of one group: its values in the order of the dimensions asked for, None where a ticket has none."""

    values: tuple[str | None, ...]
    attainment: Rate
    pending: int
    cancelled: int
    meaningless_services: tuple[str, ...]
    """Keys of the services that promises of the group are about and whose figures mean nothing."""
    is_meaningful: bool | None
    """Whether figures of all those services mean something; None where that cannot be told of one."""


async def attainment_by(
    session: ReadSession,
    organisation_id: UUID,
    *,
    dimensions: Sequence[Dimension],
    target_id: UUID | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 50,
) -> list[AttainmentGroup]:
    """Attainment of our clocks by any grouping of their tickets, the most missed promises first. One statement.

    A clock counts if it was decided from `start` until before `end`; with either bound, undecided ones do not.
    Tickets are grouped by what they are now. Raises Invalid for no, repeated or more than three
    dimensions, or a limit beyond 500.
    """
    if not 1 <= len(dimensions) <= MOST_DIMENSIONS or len(set(dimensions)) < len(dimensions):
        message = f"expected 1 to {MOST_DIMENSIONS} different dimensions"
        raise Invalid("attainment cannot be grouped", [FieldProblem("by", message)])
    if not 1 <= limit <= MOST_GROUPS:
        message = f"expected 1 to {MOST_GROUPS}, got {limit}"
        raise Invalid("attainment cannot be grouped", [FieldProblem("first", message)])
    groups = ", ".join(_EXPRESSIONS[dimension] for dimension in dimensions)
    # Only expressions of this module are joined into the text; every value is bound.
    sql = f"""
    WITH meaning AS MATERIALIZED (
        SELECT s.id, s.key, {is_meaningful("s.id")} AS holds FROM service s WHERE s.organisation_id = $1::uuid
    )
    SELECT {groups},
           count(*) FILTER (WHERE c.outcome = 'met' AND c.status <> 'cancelled') AS met,
           count(*) FILTER (WHERE c.outcome = 'missed') AS missed,
           count(*) FILTER (WHERE c.outcome = 'pending') AS pending,
           count(*) FILTER (WHERE c.status = 'cancelled' AND c.outcome <> 'missed') AS cancelled,
           coalesce(array_agg(DISTINCT m.key) FILTER (WHERE m.holds = FALSE), '{{}}'),
           CASE WHEN bool_or(m.holds = FALSE) THEN FALSE WHEN bool_or(m.holds IS NULL) THEN NULL ELSE TRUE END
    FROM clock c
    JOIN ticket t ON t.organisation_id = $1::uuid AND t.id = c.ticket_id
    JOIN target g ON g.organisation_id = $1::uuid AND g.id = c.target_id
    JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = g.agreement_id
    JOIN meaning m ON m.id = a.service_id
    LEFT JOIN service s ON s.organisation_id = $1::uuid AND s.id = t.service_id
    WHERE c.organisation_id = $1::uuid AND ($2::uuid IS NULL OR c.target_id = $2::uuid)
      AND ($3::timestamptz IS NULL OR c.decided_at >= $3::timestamptz)
      AND ($4::timestamptz IS NULL OR c.decided_at < $4::timestamptz)
    GROUP BY {groups}
    ORDER BY missed DESC, met, {groups}
    LIMIT $5::bigint
    """  # noqa: S608
    rows = await fetch(session, sql, organisation_id, target_id, start, end, limit)
    return [
        AttainmentGroup(
            values=tuple(row[:-6]),
            attainment=rate(met, met + missed),
            pending=pending,
            cancelled=cancelled,
            meaningless_services=tuple(meaningless),
            is_meaningful=holds,
        )
        for row in rows
        for met, missed, pending, cancelled, meaningless, holds in [row[-6:]]
    ]


def period_is_frozen(result: str) -> str:
    """SQL text: whether somebody has signed the result off. `$1` is the organisation."""
    return (
        "EXISTS (SELECT FROM period_freeze AS signed"
        f" WHERE signed.organisation_id = $1::uuid AND signed.period_result_id = {result}.id)"
    )
