"""What components need, through all their versions: read once, looked at as of any instant."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.db import ReadSession, fetch

NEEDS_BELOW = """
WITH RECURSIVE reached (id) AS (
    SELECT unnest($2::uuid[])
    UNION
    SELECT n.needed_id FROM reached
    JOIN component_version v ON v.organisation_id = $1::uuid AND v.component_id = reached.id
    JOIN component_need n ON n.organisation_id = $1::uuid AND n.component_version_id = v.id
)
SELECT c.id, c.key, v.valid_from,
       (SELECT coalesce(array_agg(n.needed_id ORDER BY n.needed_id), '{}') FROM component_need n
        WHERE n.organisation_id = $1::uuid AND n.component_version_id = v.id)
FROM reached
JOIN component c ON c.organisation_id = $1::uuid AND c.id = reached.id
JOIN component_version v ON v.organisation_id = $1::uuid AND v.component_id = c.id
ORDER BY c.id, v.valid_from
"""


@dataclass(frozen=True)
class NeedHistories:
    """Of each component its key, and what its versions need, by their starts, earliest first."""

    keys: Mapping[UUID, str]
    versions: Mapping[UUID, Collection[tuple[datetime, Collection[UUID]]]]

    def starts(self) -> set[datetime]:
        """Every instant at which a version starts."""
        return {start for versions in self.versions.values() for start, _ in versions}


async def needs_below(session: ReadSession, organisation_id: UUID, ids: Iterable[UUID]) -> NeedHistories:
    """The histories of these components and of all they ever need, however indirectly. One statement, none for none."""
    wanted = sorted(set(ids))
    keys: dict[UUID, str] = {}
    versions: dict[UUID, list[tuple[datetime, Collection[UUID]]]] = {}
    for id_, key, start, needed in await fetch(session, NEEDS_BELOW, organisation_id, wanted) if wanted else ():
        keys[id_] = key
        versions.setdefault(id_, []).append((start, frozenset(needed)))
    return NeedHistories(keys, versions)


def needs_at(histories: NeedHistories, instant: datetime) -> dict[UUID, Collection[UUID]]:
    """What each component needs at an instant: nothing before its first version."""
    found: dict[UUID, Collection[UUID]] = {}
    for id_, versions in histories.versions.items():
        found[id_] = frozenset()
        for start, needed in versions:
            if start <= instant:
                found[id_] = needed
    return found


def component_version_until(version: str) -> str:
    """SQL text: the start of the component's next version, NULL for its last. `$1` is the organisation."""
    return _until(version, "component_version", "component_id")


def response_chain_version_until(version: str) -> str:
    """SQL text: the start of the response chain's next version, NULL for its last. `$1` is the organisation."""
    return _until(version, "response_chain_version", "response_chain_id")


def _until(version: str, table: str, of: str) -> str:
    return (
        f"(SELECT min(following.valid_from) FROM {table} AS following"  # noqa: S608 - names of ours, no input
        f" WHERE following.organisation_id = $1::uuid AND following.{of} = {version}.{of}"
        f" AND following.valid_from > {version}.valid_from)"
    )
