"""What is claimed beside what is evidenced: exaggeration and modesty, never set off against each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from assessment.index import Weights

LEAST_COVERAGE = 0.60
"""The share of patterns that need evidence before exaggeration is given a figure."""
UNPROVEN_FROM = 3


@dataclass(frozen=True)
class Evidenced:
    """A confirmed level, with the posterior probability of standing at level 1, 2, 3, 4, 5 or above."""

    confirmed: int
    probabilities: tuple[float, float, float, float, float]


@dataclass(frozen=True)
class Gap:
    """A claimed level beside the confirmed one; `exaggerated_with`: the probability that the claim is too high."""

    pattern: str
    claimed: int
    confirmed: int
    exaggerated_with: float

    @property
    def levels(self) -> int:
        """Claimed less confirmed, -4 to 4."""
        return self.claimed - self.confirmed


@dataclass(frozen=True)
class Greenwash:
    """0 is honest and 100 the most there can be, for `index` (claims above the evidence) and `modesty` (below it).

    Both are None where too few patterns have evidence (`coverage`, 0 to 1) or none has a claim beside it. `unproven`:
    claimed at level 3 or above with no evidence at all.
    """

    index: float | None
    modesty: float | None
    coverage: float
    gaps: tuple[Gap, ...]
    unproven: tuple[str, ...]


def compare_claims(
    claimed: Mapping[str, int | None], evidenced: Mapping[str, Evidenced | None], weights: Weights | None = None
) -> Greenwash:
    """Compare claims with evidence over the patterns of `evidenced`, where None stands for "cannot be told".

    A pattern without a claimed level (None or absent) is compared with nothing. No patterns raise ValueError.
    """
    if not evidenced:
        raise ValueError("claims need at least one pattern to be compared on")
    weight = {pattern: (weights or {}).get(pattern, 1.0) for pattern in evidenced}
    coverage = sum(weight[pattern] for pattern, found in evidenced.items() if found) / sum(weight.values())
    gaps = tuple(
        Gap(pattern, claim, found.confirmed, 1 - found.probabilities[claim - 1])
        for pattern, found in evidenced.items()
        if found is not None and (claim := claimed.get(pattern)) is not None
    )
    unproven = tuple(
        pattern
        for pattern, found in evidenced.items()
        if found is None and (claimed.get(pattern) or 0) >= UNPROVEN_FROM
    )
    if not gaps or coverage < LEAST_COVERAGE:
        return Greenwash(None, None, coverage, gaps, unproven)
    compared = sum(weight[gap.pattern] for gap in gaps)
    above = sum(weight[gap.pattern] * max(0, gap.levels) / 4 * gap.exaggerated_with for gap in gaps)
    below = sum(weight[gap.pattern] * max(0, -gap.levels) / 4 for gap in gaps)
    return Greenwash(100 * above / compared, 100 * below / compared, coverage, gaps, unproven)
