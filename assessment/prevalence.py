"""Levels of bad patterns: the fewer units show one, the higher, and 5 only when it is prevented as well."""

from enum import StrEnum

from assessment.definitions import Caps
from assessment.levels import CONFIDENCE
from assessment.shares import estimate_share, probability_at_most

LARGEST_PERCENT = {2: 50, 3: 15, 4: 5, 5: 5}
"""The share of bad units, in percent, that a level allows."""


class Band(StrEnum):
    """How frequent a bad pattern is, decided by the bounds of its share and not by the share itself."""

    CLEARED = "cleared"
    RARE = "rare"
    UNCERTAIN = "uncertain"
    COMMON = "common"
    ENDEMIC = "endemic"


def band(bad: int, total: int) -> Band:
    """Endemic or common when even the lower bound is above 50 or 15 %; cleared or rare when even the upper one is at
    most 5 or 15 %; otherwise uncertain: present or not, the units are too few to say."""
    share = estimate_share(bad, total)
    if share.low > 0.50:
        return Band.ENDEMIC
    if share.low > 0.15:
        return Band.COMMON
    if share.high <= 0.05:
        return Band.CLEARED
    return Band.RARE if share.high <= 0.15 else Band.UNCERTAIN


def prevalence_census_level(bad: int, total: int, *, guarded: bool) -> int:
    """The level today's records show. `guarded`: a preventive control is in force, and two quarters had no new case."""
    estimate_share(bad, total)
    allowed = [level for level, percent in LARGEST_PERCENT.items() if 100 * bad <= percent * total]
    return max([1, *(level for level in allowed if level < 5 or guarded)])


def prevalence_level_probability(bad: int, total: int, level: int, *, guarded: bool) -> float:
    """The posterior probability that the process behind the units stands at `level` or above."""
    if level <= 1:
        return 1.0
    if level == 5 and not guarded:
        return 0.0
    return probability_at_most(bad, total, LARGEST_PERCENT[level] / 100)


def prevalence_confirmed_level(bad: int, total: int, *, guarded: bool) -> int:
    """The highest level with a posterior probability of at least 0.80; level 1 needs no proof."""
    return max(
        level for level in range(1, 6) if prevalence_level_probability(bad, total, level, guarded=guarded) >= CONFIDENCE
    )


def units_to_repair(bad: int, total: int, *, guarded: bool) -> int | None:
    """How many bad units have to be repaired for the next census level; 0 when only the guard is missing, None at 5."""
    level = prevalence_census_level(bad, total, guarded=guarded) + 1
    return None if level > 5 else max(0, bad - LARGEST_PERCENT[level] * total // 100)


def cap(caps: Caps, frequency: Band, *, confirmed_on_critical_service: bool = False) -> int | None:
    """The highest limiting level the pattern leaves open; None does not limit."""
    applying = [
        caps.common if frequency in (Band.COMMON, Band.ENDEMIC) else None,
        caps.endemic if frequency is Band.ENDEMIC else None,
        caps.confirmed_on_critical_service if confirmed_on_critical_service else None,
    ]
    return min((limit for limit in applying if limit is not None), default=None)
