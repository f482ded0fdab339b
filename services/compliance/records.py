"""What is on record about each target beside what was ever recorded about it, and since when it was measured."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.db import ReadSession, fetch

TARGETS = """
SELECT t.id, t.key, a.service_id,
       (SELECT min(v.valid_from) FROM target_version d
        JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.id = d.agreement_version_id
        WHERE d.organisation_id = $1::uuid AND d.target_id = t.id),
       t.breach_count,
       (SELECT count(*) FROM breach b WHERE b.organisation_id = $1::uuid AND b.target_id = t.id),
       t.figure_count,
       (SELECT count(*) FROM reported_figure f WHERE f.organisation_id = $1::uuid AND f.target_id = t.id),
       t.requirement_link_count,
       (SELECT count(*) FROM target_requirement l WHERE l.organisation_id = $1::uuid AND l.target_id = t.id),
       measured.since, measured.until
FROM target t
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
LEFT JOIN (
    SELECT r.target_id, min(r.period_start) AS since, max(r.period_end) AS until FROM period_result r
    WHERE r.organisation_id = $1::uuid AND r.period_end <= $2::timestamptz AND r.met + r.missed > 0
    GROUP BY r.target_id
) AS measured ON measured.target_id = t.id
WHERE t.organisation_id = $1::uuid AND t.recorded_at <= $2::timestamptz
ORDER BY a.key, t.key
"""


@dataclass(frozen=True)
class RecordCount:
    """How many records of a kind were ever written about something, and how many of them are there."""

    written: int
    found: int

    @property
    def is_complete(self) -> bool:
        """Whether none is missing."""
        return self.found >= self.written


@dataclass(frozen=True)
class TargetRecords:
    """A target, promised now or once, from `began_at` on. `breaches` counts retracted ones, too.

    `measured_since` and `measured_until`: the start of the first and the end of the last finished period with a decided
    clock; None without any.
    """

    target_id: UUID
    target_key: str
    service_id: UUID
    began_at: datetime | None
    breaches: RecordCount
    figures: RecordCount
    requirement_links: RecordCount
    measured_since: datetime | None
    measured_until: datetime | None


async def records_of_targets(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> list[TargetRecords]:
    """Every target recorded by `as_of` by agreement and key. One statement.

    Records are counted whenever they were written: a target has lost one or has not, at whatever instant one asks. The
    measured span comes from stored period results, which are conclusions, replaced when late facts arrive.
    """
    return [
        TargetRecords(
            target_id,
            key,
            service_id,
            began_at,
            RecordCount(breach_count, breaches),
            RecordCount(figure_count, figures),
            RecordCount(link_count, links),
            since,
            until,
        )
        for (
            target_id, key, service_id, began_at, breach_count, breaches, figure_count, figures, link_count, links,
            since, until,
        ) in await fetch(session, TARGETS, organisation_id, as_of)
    ]  # fmt: skip
