"""A maturity score as a terminal report: the level and what limits it, every pattern, and what cannot be told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assessment.claims import Claims
from assessment.definitions import Family, PatternSet
from assessment.findings import CheckedUnit, Findings, GradedUnit, Shortfall
from assessment.ranges import LevelRange
from assessment.scoring import GradedScore, PatternScore, PrevalenceScore, Score, UnknownScore
from assessment.stored import units_of
from assessment.verdicts import Verdict, judge

LEVELS = 5
REASONS_SHOWN = 3
FAMILIES = {
    Family.GOOD: "Good patterns",
    Family.BAD: "Bad patterns (5: absent and prevented)",
    Family.QUESTION: "Questions an organisation should be able to answer",
    Family.RHYTHM: "Rhythms",
}
STYLES = {
    Verdict.MET: "green",
    Verdict.NOT_DETECTED: "green",
    Verdict.NOT_MET: "red",
    Verdict.DETECTED: "red",
    Verdict.CANNOT_TELL: "cyan",
}


@dataclass(frozen=True)
class AssessmentReport:
    """A score with what it was made from."""

    organisation: str
    as_of: datetime
    definitions: PatternSet
    score: Score
    findings: dict[str, Findings]
    claims: Claims | None = None


def assessment_report(report: AssessmentReport) -> RenderableType:
    """The whole report, the headline first."""
    return Group(*_heading(report), *_headline(report), *_profile(report), *_shortfalls(report), *_unknown(report))


def _heading(report: AssessmentReport) -> Iterator[RenderableType]:
    yield Text(f"Maturity · {report.organisation}", style="bold")
    patterns = f"patterns {report.score.pattern_set}"
    yield Text(f"records known at {report.as_of:%Y-%m-%d %H:%M} UTC · {patterns}", style="dim")


def _headline(report: AssessmentReport) -> Iterator[RenderableType]:
    yield Text("")
    yield _level("Limiting level", report.score.limiting, "each good pattern, and what bad ones leave open")
    yield _level("Rhythm", report.score.rhythm, "the least of the four rhythms")
    greenwash = report.score.greenwash
    if greenwash is not None and greenwash.index is not None:
        yield Text(f"  Claims above the evidence {greenwash.index:.0f} of 100, below it {greenwash.modesty or 0:.0f}")


def _level(name: str, found: LevelRange, of_what: str) -> Text:
    line = Text(f"  {name}: ", style="bold")
    if found.level is not None:
        line.append(f"{found.level}", style="bold")
    else:
        line.append(f"cannot tell, between {found.lowest} and {found.highest}", style="cyan")
    if found.limited_by:
        line.append(f" — limited by {', '.join(found.limited_by)}")
    if found.unknown:
        line.append(f" — unknown: {', '.join(found.unknown)}")
    return line.append(f"  ({of_what})", style="dim")


def _profile(report: AssessmentReport) -> Iterator[RenderableType]:
    for family, title in FAMILIES.items():
        yield Text(f"\n{title}", style="bold")
        table = Table(box=None, padding=(0, 1), header_style="dim", pad_edge=False)
        table.add_column("  pattern", min_width=30, max_width=44, overflow="fold")
        table.add_column("confirmed")
        for heading in ("census", "claimed", "gap", "units"):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("verdict", no_wrap=True)
        for pattern in report.definitions.of(family):
            found = report.score.patterns[pattern.id]
            verdict = judge(found).verdict
            claimed = None if report.claims is None else report.claims.published_level(pattern.id)
            table.add_row(
                f"  {pattern.id} {pattern.title}",
                *_levels(found, claimed),
                Text(verdict.value.replace("_", " "), style=STYLES[verdict]),
            )
        yield table


def _levels(found: PatternScore, claimed: int | None) -> tuple[str | Text, ...]:
    said = "" if claimed is None else str(claimed)
    if isinstance(found, UnknownScore):
        return Text("?", style="cyan"), "", said, "", "0"
    bar = Text("█" * found.confirmed, style="green") + Text("·" * (LEVELS - found.confirmed), style="dim")
    gap = "" if claimed is None else f"{claimed - found.confirmed:+d}"
    units = str(found.counts.total) if isinstance(found, GradedScore) else _bad(found)
    return bar + Text(f" {found.confirmed}"), str(found.census), said, gap, units


def _bad(found: PrevalenceScore) -> str:
    return f"{found.share.count}/{found.share.total} bad"


def _shortfalls(report: AssessmentReport) -> Iterator[RenderableType]:
    """The commonest reasons of the patterns that are not as they should be; contradictions before missing records."""
    rows = []
    for name, found in report.score.patterns.items():
        if judge(found).verdict in (Verdict.NOT_MET, Verdict.DETECTED):
            rows += [(name, *each) for each in _reasons(report.findings[name])]
    if not rows:
        return
    yield Text("\nWhat holds them back", style="bold")
    table = Table.grid(padding=(0, 2))
    for name, units, shortfall, reason in rows:
        contradicted = shortfall is Shortfall.CONTRADICTED
        kind = Text("a record contradicts", "red") if contradicted else Text("no record", "cyan")
        table.add_row(f"  {name}", f"{units}x", kind, reason)
    yield table


def _reasons(found: Findings) -> list[tuple[int, Shortfall, str]]:
    counted: dict[tuple[Shortfall, str], int] = {}
    for unit in units_of(found):
        if unit.shortfall is not None and unit.reason and _is_short(unit):
            key = unit.shortfall, unit.reason
            counted[key] = counted.get(key, 0) + 1
    ranked = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    return [(units, shortfall, reason) for (shortfall, reason), units in ranked[:REASONS_SHOWN]]


def _is_short(unit: GradedUnit | CheckedUnit) -> bool:
    return unit.bad if isinstance(unit, CheckedUnit) else True


def _unknown(report: AssessmentReport) -> Iterator[RenderableType]:
    by_reason: dict[str, list[str]] = {}
    for name, found in report.score.patterns.items():
        if (judgement := judge(found)).verdict is Verdict.CANNOT_TELL:
            missing = found.missing if isinstance(found, UnknownScore) else (judgement.reason,)
            for each in missing:
                by_reason.setdefault(each, []).append(name)
    if not by_reason:
        return
    yield Text("\nCannot tell, for want of", style="bold")
    table = Table.grid(padding=(0, 2))
    for reason, names in sorted(by_reason.items()):
        table.add_row(f"  {reason}", Text(", ".join(names), style="cyan"))
    yield Padding(table, (0, 0))
