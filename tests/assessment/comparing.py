"""Whether anything came out better after records were lost, unit by unit and level by level."""

from collections.abc import Iterator, Mapping

from assessment.findings import CannotTell, CheckedUnit, Findings, GradedUnit
from assessment.scoring import GradedScore, PrevalenceScore, Score, UnknownScore
from assessment.stored import units_of

Told = tuple[Score, Mapping[str, Findings]]
OF_OCCASIONS = frozenset({"R1", "R2", "R3", "R4", "Q4", "B1", "B5"})
"""Patterns whose units are known by name: they are no single records, though they may hang on one."""
ROUNDING = 1e-9


def rises(before: Told, after: Told) -> list[str]:
    """What stands higher after than before, in words; nothing where no score was raised.

    Units are compared where they are there both times, levels where the units stayed, and the levels of the whole where
    they stayed in every pattern.
    """
    (scored, findings), (scored_after, findings_after) = before, after
    found: list[str] = []
    moved = False
    for pattern, left in findings_after.items():
        units, units_after = _units(pattern, findings[pattern]), _units(pattern, left)
        found += _units_raised(pattern, units, units_after)
        told_both = not isinstance(findings[pattern], CannotTell) and not isinstance(left, CannotTell)
        if told_both and units.keys() != units_after.keys():
            moved = True
        else:
            found += _levels_raised(pattern, scored, scored_after)
    if not moved:
        found += _whole_raised(scored, scored_after)
    return found


def _units(pattern: str, findings: Findings) -> dict[str, GradedUnit | CheckedUnit]:
    by_name = pattern in OF_OCCASIONS
    return {unit.unit if by_name else str(unit.record_id): unit for unit in units_of(findings)}


def _units_raised(
    pattern: str, before: Mapping[str, GradedUnit | CheckedUnit], after: Mapping[str, GradedUnit | CheckedUnit]
) -> Iterator[str]:
    for name in before.keys() & after.keys():
        was, left = before[name], after[name]
        if isinstance(was, CheckedUnit) and isinstance(left, CheckedUnit) and was.bad and not left.bad:
            yield f"{pattern}: {was.unit} was bad ({was.reason}) and is not"
        if isinstance(was, GradedUnit) and isinstance(left, GradedUnit) and left.state > was.state:
            yield f"{pattern}: {was.unit} stood at {was.state} ({was.reason}) and stands at {left.state}"


def _levels_raised(pattern: str, before: Score, after: Score) -> Iterator[str]:
    was, left = before.patterns[pattern], after.patterns[pattern]
    if isinstance(left, UnknownScore):
        return
    if isinstance(was, UnknownScore):
        yield f"{pattern} could not be told, and can"
        return
    for name in ("census", "confirmed"):
        if getattr(left, name) > getattr(was, name):
            yield f"{pattern}: the {name} level rose from {getattr(was, name)} to {getattr(left, name)}"
    likelier = any(more > less + ROUNDING for less, more in zip(was.probabilities, left.probabilities, strict=True))
    if likelier:
        yield f"{pattern}: a level has become more probable"
    if isinstance(was, PrevalenceScore) and isinstance(left, PrevalenceScore) and (left.cap or 5) > (was.cap or 5):
        yield f"{pattern}: the cap rose from {was.cap} to {left.cap}"
    if isinstance(was, GradedScore) and isinstance(left, GradedScore) and left.counts.total != was.counts.total:
        yield f"{pattern}: units went, though none seemed to"


def _whole_raised(before: Score, after: Score) -> Iterator[str]:
    if after.limiting.lowest > before.limiting.lowest:
        yield f"the limiting level rose from {before.limiting.lowest} to {after.limiting.lowest}"
    if after.rhythm.lowest > before.rhythm.lowest:
        yield f"the rhythm rose from {before.rhythm.lowest} to {after.rhythm.lowest}"
    if after.index.lowest > before.index.lowest + ROUNDING:
        yield f"the index rose from {before.index.lowest} to {after.index.lowest}"
