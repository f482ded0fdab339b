"""The least of several levels some of which cannot be told: a range, and a level only where the range is one level."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessment.levels import HIGHEST


@dataclass(frozen=True)
class Limit:
    """What one pattern does to the whole: the whole is at most `highest`, and could be as low as `lowest`.

    The two differ when the pattern cannot be told.
    """

    pattern: str
    lowest: int
    highest: int


@dataclass(frozen=True)
class LevelRange:
    """`lowest` with the worst assumed of everything that cannot be told, `highest` with the best.

    Losing records widens the range and never lifts `lowest`. `limited_by`: the patterns that keep `highest` down.
    `unknown`: those that cannot be told.
    """

    lowest: int
    highest: int
    limited_by: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def level(self) -> int | None:
        """The level, or None: it cannot be told."""
        return self.lowest if self.lowest == self.highest else None


def least_level(limits: Iterable[Limit]) -> LevelRange:
    """The minimum over all limits. None at all raise ValueError."""
    given = tuple(limits)
    if not given:
        raise ValueError("the least level of nothing is not defined")
    lowest, highest = min(limit.lowest for limit in given), min(limit.highest for limit in given)
    return LevelRange(
        lowest,
        highest,
        limited_by=tuple(limit.pattern for limit in given if limit.highest == highest < HIGHEST),
        unknown=tuple(limit.pattern for limit in given if limit.lowest < limit.highest),
    )


def limits_of_levels(levels: Mapping[str, int | None]) -> tuple[Limit, ...]:
    """Patterns limit by their own level; one that cannot be told (None) may stand anywhere."""
    return tuple(Limit(pattern, level or 1, level or HIGHEST) for pattern, level in levels.items())
