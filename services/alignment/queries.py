"""Whether there is anything to judge, and which judgements hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.alignment.rules import ChainVerdict
from services.db import ReadSession, fetch

Facts = tuple[int, ...]
"""How many versions and links are in force or were, and the year: while it is the same, so are all verdicts."""

FACTS = """
SELECT (SELECT count(*) FROM agreement_version v
        WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz),
       (SELECT count(*) FROM agreement_version v WHERE v.organisation_id = $1::uuid),
       (SELECT count(*) FROM agreement_terms m WHERE m.organisation_id = $1::uuid),
       (SELECT count(*) FROM component_version v
        WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz),
       (SELECT count(*) FROM service_structure v
        WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz),
       (SELECT count(*) FROM response_chain_version v
        WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz),
       (SELECT count(*) FROM component_support v
        WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz),
       (SELECT count(*) FROM calendar_version v
        WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz)
"""


async def facts(session: ReadSession, organisation_id: UUID, *, now: datetime) -> Facts:
    """What verdicts rest on, counted. One statement."""
    [counted] = await fetch(session, FACTS, organisation_id, now)
    return (*counted, now.year)


@dataclass(frozen=True)
class Standing:
    """How many promises have which verdict, and how many gaps are open."""

    verdicts: Mapping[ChainVerdict, int]
    open_gaps: int
    without_owner: int


STANDING = """
SELECT a.verdict, count(*) FROM target_alignment a
WHERE a.organisation_id = $1::uuid AND a.verdict IS NOT NULL GROUP BY a.verdict
"""

GAPS = """
SELECT count(*), count(*) FILTER (WHERE NOT g.has_owner) FROM alignment_gap g
WHERE g.organisation_id = $1::uuid AND g.is_open
"""


async def standing(session: ReadSession, organisation_id: UUID) -> Standing:
    """The figures of all promises. Two statements."""
    counted = {ChainVerdict(row[0]): int(row[1]) for row in await fetch(session, STANDING, organisation_id)}
    [(open_gaps, without_owner)] = await fetch(session, GAPS, organisation_id)
    verdicts = {verdict: counted[verdict] for verdict in ChainVerdict if verdict in counted}
    return Standing(verdicts, open_gaps, without_owner)
