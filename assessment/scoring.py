"""From findings and claims to scores: each pattern by itself, and the organisation as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from assessment.claims import Claims
from assessment.definitions import Caps, Family, Pattern, PatternSet
from assessment.findings import CannotTell, Checked, Findings, Graded
from assessment.greenwash import Evidenced, Greenwash, compare_claims
from assessment.index import Index, Weights, maturity_index
from assessment.levels import (
    HIGHEST,
    NextLevel,
    StateCounts,
    census_level,
    confirmed_level,
    level_probability,
    next_level,
)
from assessment.prevalence import (
    Band,
    band,
    cap,
    prevalence_census_level,
    prevalence_confirmed_level,
    prevalence_level_probability,
    units_to_repair,
)
from assessment.ranges import LevelRange, Limit, least_level, limits_of_levels
from assessment.shares import Share, estimate_share

Probabilities = tuple[float, float, float, float, float]
"""Of standing at level 1, 2, 3, 4, 5 or above."""


@dataclass(frozen=True)
class GradedScore:
    """The level of a good pattern, a question or a rhythm: today's census level, and the one the units confirm."""

    pattern: str
    census: int
    confirmed: int
    probabilities: Probabilities
    counts: StateCounts
    next_level: NextLevel | None


@dataclass(frozen=True)
class PrevalenceScore:
    """The level of a bad pattern, 5 when it is absent and prevented, with its share of the units.

    `cap`: the highest limiting level it leaves the organisation; None does not limit. `to_repair`: bad units to repair
    for the next census level; 0 when only the preventive control is missing, None at level 5.
    """

    pattern: str
    census: int
    confirmed: int
    probabilities: Probabilities
    share: Share
    band: Band
    cap: int | None
    to_repair: int | None


@dataclass(frozen=True)
class UnknownScore:
    """No level: it cannot be told, because these records are missing."""

    pattern: str
    missing: tuple[str, ...]


PatternScore = GradedScore | PrevalenceScore | UnknownScore


@dataclass(frozen=True)
class Score:
    """An organisation's scores under one version of the patterns.

    `limiting`: the least confirmed level of the good patterns, capped by the bad ones. `rhythm`: the least of the four
    rhythms. `greenwash` is None without claims.
    """

    pattern_set: str
    patterns: Mapping[str, PatternScore]
    limiting: LevelRange
    rhythm: LevelRange
    index: Index
    greenwash: Greenwash | None


def score(
    definitions: PatternSet,
    findings: Mapping[str, Findings],
    claims: Claims | None = None,
    weights: Weights | None = None,
) -> Score:
    """Score every pattern of the set. A pattern whose records cannot exist yet needs no findings; any other without
    them, and findings on an unknown pattern, raise ValueError."""
    if strangers := sorted(findings.keys() - definitions.patterns.keys()):
        raise ValueError(f"there are findings on unknown patterns: {', '.join(strangers)}")
    scores = {name: score_pattern(pattern, findings.get(name)) for name, pattern in definitions.patterns.items()}
    good = [scores[pattern.id] for pattern in definitions.of(Family.GOOD)]
    bad = [_cap_limit(pattern, scores[pattern.id]) for pattern in definitions.of(Family.BAD)]
    rhythms = {pattern.id: _confirmed(scores[pattern.id]) for pattern in definitions.of(Family.RHYTHM)}
    return Score(
        pattern_set=definitions.version,
        patterns=scores,
        limiting=least_level([*limits_of_levels({each.pattern: _confirmed(each) for each in good}), *bad]),
        rhythm=least_level(limits_of_levels(rhythms)),
        index=maturity_index({each.pattern: _counts(each) for each in good}, weights),
        greenwash=None if claims is None else _greenwash(scores, claims, weights),
    )


def score_pattern(pattern: Pattern, findings: Findings | None) -> PatternScore:
    """Score one pattern. Findings of the wrong kind, or above what its records can show, raise ValueError."""
    if pattern.evidence.up_to is None:
        return UnknownScore(pattern.id, pattern.evidence.missing)
    match findings:
        case CannotTell(missing):
            return UnknownScore(pattern.id, missing)
        case Graded(units=()) | Checked(units=()):
            return UnknownScore(pattern.id, (pattern.units,))
        case Graded() if pattern.prevalence is None:
            return _graded(pattern, findings)
        case Checked() if pattern.prevalence is not None:
            return _checked(pattern, pattern.prevalence.caps, findings)
    raise ValueError(f"{pattern.id}: expected findings of its kind, got {type(findings).__name__}")


def _graded(pattern: Pattern, findings: Graded) -> GradedScore:
    up_to = pattern.evidence.up_to or 1
    if above := [unit.unit for unit in findings.units if unit.state > up_to]:
        raise ValueError(f"{pattern.id}: {above[0]} stands above {up_to}, the highest state its records can show")
    counts, ends = StateCounts.of(unit.state for unit in findings.units), findings.quarter_ends
    return GradedScore(
        pattern.id,
        census_level(counts, ends),
        confirmed_level(counts, ends),
        _by_level([level_probability(counts, level, ends) for level in range(1, HIGHEST + 1)]),
        counts,
        next_level(counts, ends),
    )


def _checked(pattern: Pattern, caps: Caps, findings: Checked) -> PrevalenceScore:
    bad, total = sum(unit.bad for unit in findings.units), len(findings.units)
    guarded = findings.guarded and pattern.evidence.up_to == HIGHEST
    frequency = band(bad, total)
    return PrevalenceScore(
        pattern.id,
        prevalence_census_level(bad, total, guarded=guarded),
        prevalence_confirmed_level(bad, total, guarded=guarded),
        _by_level(
            [prevalence_level_probability(bad, total, level, guarded=guarded) for level in range(1, HIGHEST + 1)]
        ),
        estimate_share(bad, total),
        frequency,
        cap(
            caps,
            frequency,
            confirmed_on_critical_service=findings.confirmed_on_critical_service,
        ),
        units_to_repair(bad, total, guarded=guarded),
    )


def _by_level(probabilities: list[float]) -> Probabilities:
    first, second, third, fourth, fifth = probabilities
    return first, second, third, fourth, fifth


def _confirmed(found: PatternScore) -> int | None:
    return None if isinstance(found, UnknownScore) else found.confirmed


def _counts(found: PatternScore) -> StateCounts | None:
    return found.counts if isinstance(found, GradedScore) else None


def _cap_limit(pattern: Pattern, found: PatternScore) -> Limit:
    """A bad pattern that cannot be told may be as frequent as its severest cap presumes."""
    if isinstance(found, PrevalenceScore):
        return Limit(pattern.id, found.cap or HIGHEST, found.cap or HIGHEST)
    severest = pattern.prevalence.caps.severest if pattern.prevalence else None
    return Limit(pattern.id, severest or HIGHEST, HIGHEST)


def _greenwash(scores: Mapping[str, PatternScore], claims: Claims, weights: Weights | None) -> Greenwash:
    evidenced = {
        name: None if isinstance(found, UnknownScore) else Evidenced(found.confirmed, found.probabilities)
        for name, found in scores.items()
    }
    return compare_claims({name: claims.published_level(name) for name in scores}, evidenced, weights)
