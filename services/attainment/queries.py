"""Reads of period results, and what is needed to work them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.db import ReadSession, fetch
from services.domain.vocabulary import PeriodKind

TARGET_VERSIONS = """
SELECT v.target_id, v.id, cv.id, greatest(av.valid_from, cv.valid_from), v.objective_percent, v.period, cv.time_zone
FROM target_version v
JOIN agreement_version av ON av.organisation_id = $1::uuid AND av.id = v.agreement_version_id
JOIN calendar_version cv ON cv.organisation_id = $1::uuid AND cv.calendar_id = v.calendar_id
WHERE v.organisation_id = $1::uuid AND v.target_id = ANY($2::uuid[])
ORDER BY v.target_id, av.valid_from, cv.valid_from
"""


@dataclass(frozen=True)
class ObjectiveVersion:
    """What a target aimed at from an instant on, and the versions that said so."""

    target_version_id: UUID
    calendar_version_id: UUID
    valid_from: datetime
    objective_percent: Decimal


@dataclass(frozen=True)
class TargetPeriods:
    """The periods a target is judged over: their kind and zone after its newest version, and all its objectives."""

    target_id: UUID
    period: PeriodKind
    time_zone: str
    versions: tuple[ObjectiveVersion, ...]

    def version_at(self, instant: datetime) -> ObjectiveVersion:
        """The version in force just before an instant; the first one where none was."""
        return next((version for version in reversed(self.versions) if version.valid_from < instant), self.versions[0])


async def target_periods(
    session: ReadSession, organisation_id: UUID, *, target_ids: Sequence[UUID]
) -> list[TargetPeriods]:
    """How these targets are judged over periods. One statement."""
    versions: dict[UUID, list[ObjectiveVersion]] = {}
    newest: dict[UUID, tuple[str, str]] = {}
    for row in await fetch(session, TARGET_VERSIONS, organisation_id, sorted(set(target_ids))):
        target_id, version_id, calendar_version_id, valid_from, objective, period, time_zone = row
        version = ObjectiveVersion(version_id, calendar_version_id, valid_from, objective)
        versions.setdefault(target_id, []).append(version)
        newest[target_id] = period, time_zone
    return [
        TargetPeriods(target_id, PeriodKind(period), time_zone, tuple(versions[target_id]))
        for target_id, (period, time_zone) in newest.items()
    ]
