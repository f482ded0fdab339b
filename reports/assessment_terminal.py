"""A maturity score as a terminal report: the level and what limits it, every pattern, and what cannot be told."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assessment.agreement import Agreement
from assessment.claims import Claims, ClaimState
from assessment.definitions import Family, PatternSet
from assessment.findings import CheckedUnit, Findings, GradedUnit, Shortfall
from assessment.ranges import LevelRange
from assessment.scoring import GradedScore, PatternScore, Score, UnknownScore
from assessment.stored import units_of
from assessment.verdicts import Verdict, judge

LEVELS = 5
REASONS_SHOWN = 3
WIDE = 110
NOTHING_TO_JUDGE = (
    "  Nothing on record can be judged yet: no requirement, meeting, report or breach. Record or import them, and each"
    " pattern below gets its level."
)
NOBODY_ASKED = (
    "  Nobody was asked yet: `slm assess questionnaire` prints the questions, and `slm assess answers FILE` takes what"
    " people say."
)
FAMILIES = {
    Family.GOOD: "Good patterns",
    Family.BAD: "Bad patterns (5: absent and prevented)",
    Family.QUESTION: "Questions an organisation should be able to answer",
    Family.RHYTHM: "Rhythms",
}
AGREEMENTS = {
    Agreement.SUFFICIENT: "sufficient",
    Agreement.TENTATIVE: "tentative, so levels are shown under reserve",
    Agreement.CONTESTED: "contested, so only the range of answers is shown",
}
STATES = {
    ClaimState.TOO_FEW_ANSWERS: "more than a fifth did not answer",
    ClaimState.NOT_APPLICABLE: "does not apply",
}
STYLES = {
    Verdict.MET: "green",
    Verdict.NOT_DETECTED: "green",
    Verdict.NOT_MET: "red",
    Verdict.DETECTED: "red",
    Verdict.CANNOT_TELL: "cyan",
}


@dataclass(frozen=True)
class Heard:
    """A campaign: its title, the instant it is about, each respondent's role, and whether it still takes answers."""

    title: str
    as_of: datetime
    roles: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True)
class AssessmentReport:
    """A score with what it was made from."""

    organisation: str
    as_of: datetime
    definitions: PatternSet
    score: Score
    findings: dict[str, Findings]
    claims: Claims | None = None
    heard: Heard | None = None

    @property
    def told(self) -> tuple[str, ...]:
        """The patterns that have a level."""
        return tuple(name for name, found in self.score.patterns.items() if not isinstance(found, UnknownScore))


def assessment_report(report: AssessmentReport, *, width: int) -> RenderableType:
    """The whole report, the headline first. Below 110 columns of `width` it shortens what it can."""
    return Group(
        *_heading(report),
        *_headline(report),
        *_claims(report),
        *_profile(report, tuple(report.score.patterns), width=width),
        *_legend(report),
        *_shortfalls(report),
        *_unknown(report),
    )


def profile_report(report: AssessmentReport, *, width: int) -> RenderableType:
    """The short form: the headline, the patterns that can be told with their levels, and the others by name."""
    return Group(
        Text("\nMaturity by the records", style="bold"),
        *_headline(report),
        *_profile(report, report.told, width=width),
        *_untold(report),
    )


def _heading(report: AssessmentReport) -> Iterator[RenderableType]:
    yield Text(f"Maturity · {report.organisation}", style="bold")
    patterns = f"patterns {report.score.pattern_set}"
    yield Text(f"records known at {report.as_of:%Y-%m-%d %H:%M} UTC · {patterns}\n", style="dim")


def _headline(report: AssessmentReport) -> Iterator[RenderableType]:
    if not report.told:
        yield Text(NOTHING_TO_JUDGE, style="cyan")
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_row("  Limiting level", _level(report.score.limiting))
    table.add_row("  Rhythm", _level(report.score.rhythm))
    told, all_ = len(report.told), len(report.score.patterns)
    table.add_row("  Coverage", f"{told} of {all_} patterns can be told from the records")
    yield table


def _level(found: LevelRange) -> Text:
    """The level; what keeps it from being higher, and what could lower it, by name."""
    if found.level is not None:
        line = Text(f"{found.level} of {LEVELS}", style="bold")
    else:
        line = Text(f"between {found.lowest} and {found.highest}", style="bold cyan")
    if found.limited_by:
        line.append(f", limited by {', '.join(found.limited_by)}", style="none")
    if found.unknown:
        line.append(f"; cannot tell {', '.join(found.unknown)}", style="cyan")
    return line


def _claims(report: AssessmentReport) -> Iterator[RenderableType]:
    """Who was asked, how far they agree, and where claims and records part."""
    yield Text("\nWhat people claim", style="bold")
    claims, heard = report.claims, report.heard
    if claims is None or heard is None:
        yield Text(NOBODY_ASKED, style="dim")
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    still = ", still open" if heard.is_open else ""
    table.add_row("  asked", f"“{heard.title}”, {heard.as_of:%Y-%m-%d}{still}: {', '.join(heard.roles)}")
    table.add_row("  agreement", _agreement(claims))
    greenwash = report.score.greenwash
    if greenwash is not None and greenwash.index is not None:
        table.add_row(
            "  gap", f"claims above the evidence {greenwash.index:.0f} of 100, below it {greenwash.modesty or 0:.0f}"
        )
    elif greenwash is not None:
        table.add_row("  gap", f"no index: {greenwash.coverage:.0%} of the patterns have evidence, 60 % are needed")
    if greenwash is not None and greenwash.unproven:
        table.add_row("  unproven", f"claimed at 3 or above without any evidence: {', '.join(greenwash.unproven)}")
    for row in _role_gaps(claims):
        table.add_row("  differ", row)
    if claims.reduced_scope:
        table.add_row("  scope", "reduced: more than a tenth of the statements are said not to apply")
    for state, said in STATES.items():
        if names := [name for name, claim in claims.claims.items() if claim.state is state]:
            table.add_row("  no claim", f"{said}: {', '.join(names)}")
    yield table


def _role_gaps(claims: Claims) -> Iterator[str]:
    """Roles that see the same patterns two levels apart or more, with both levels."""
    by_roles: dict[tuple[str, str], list[str]] = {}
    for name, claim in claims.claims.items():
        if claim.role_gap is not None:
            higher, lower = claim.role_gap.higher, claim.role_gap.lower
            by_roles.setdefault((higher.role, lower.role), []).append(f"{name} {higher.level} to {lower.level}")
    for (above, below), gaps in by_roles.items():
        yield f"{above} above {below}: {', '.join(gaps)}"


def _agreement(claims: Claims) -> str:
    if claims.alpha is None:
        return "not measured: that takes two respondents who do not always say the same"
    alpha = claims.alpha
    within = "" if alpha.low is None or alpha.high is None else f" ({alpha.low:.2f} to {alpha.high:.2f})"
    return f"{AGREEMENTS[alpha.agreement]}: alpha {alpha.value:.2f}{within}"


def _profile(report: AssessmentReport, shown: Collection[str], *, width: int) -> Iterator[RenderableType]:
    wide, claimed = width >= WIDE, report.claims is not None
    for family, title in FAMILIES.items():
        patterns = [pattern for pattern in report.definitions.of(family) if pattern.id in shown]
        if not patterns:
            continue
        yield Text(f"\n{title}", style="bold")
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
        table.add_column("", no_wrap=True, min_width=4)
        table.add_column("", width=44 if wide else 24)
        table.add_column("confirmed", no_wrap=True, min_width=11)
        if claimed:
            table.add_column("claimed", no_wrap=True, min_width=7)
            table.add_column("gap", justify="right", no_wrap=True, min_width=3)
        table.add_column("bad/all" if family is Family.BAD else "units", justify="right", no_wrap=True, min_width=7)
        table.add_column("verdict", no_wrap=True, min_width=12)
        for pattern in patterns:
            found = report.score.patterns[pattern.id]
            verdict = judge(found).verdict
            table.add_row(
                f"  {pattern.id}",
                pattern.title,
                _bar(found),
                *(_claim(report.claims, found) if report.claims is not None else ()),
                _units(found),
                Text(verdict.value.replace("_", " "), style=STYLES[verdict]),
            )
        yield table


def _bar(found: PatternScore) -> Text:
    """The confirmed level; in parentheses today's, where the units are too few to confirm that."""
    if isinstance(found, UnknownScore):
        return Text("?", style="cyan")
    bar = Text("█" * found.confirmed, style="green") + Text("·" * (LEVELS - found.confirmed), style="dim")
    bar.append(f" {found.confirmed}", style="bold")
    return bar.append(f" ({found.census})", style="dim") if found.census != found.confirmed else bar


def _claim(claims: Claims, found: PatternScore) -> tuple[str, Text]:
    """The claimed level with the spread of what respondents said, and how far it lies above the confirmed one."""
    claim, level = claims.claims.get(found.pattern), claims.published_level(found.pattern)
    spread = "" if claim is None or claim.least is None or claim.least == claim.most else f"{claim.least}-{claim.most}"
    if level is None:
        return spread, Text("")
    said = f"{level} ({spread})" if spread else f"{level}"
    if isinstance(found, UnknownScore):
        return said, Text("")
    gap = level - found.confirmed
    return said, Text(f"{gap:+d}" if gap else "0", style="red" if gap > 0 else "")


def _units(found: PatternScore) -> str:
    if isinstance(found, UnknownScore):
        return "0"
    return str(found.counts.total) if isinstance(found, GradedScore) else f"{found.share.count}/{found.share.total}"


def _legend(report: AssessmentReport) -> Iterator[RenderableType]:
    said = "\nIn parentheses beside a confirmed level: what today's records show, from too few units to confirm it."
    if report.claims is not None:
        said += " Beside a claim: the lowest and highest answer. Gap: claimed less confirmed."
    if report.told:
        yield Text(said, style="dim")


def _untold(report: AssessmentReport) -> Iterator[RenderableType]:
    """The patterns without a level, by name."""
    untold = [pattern for name, pattern in report.definitions.patterns.items() if name not in report.told]
    if untold:
        yield Text("\nCannot be told, for want of records", style="bold")
        yield Padding(Text("; ".join(f"{each.id} {each.title}" for each in untold) + ".", style="cyan"), (0, 0, 0, 2))


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
    for justify in ("left", "right", "left"):
        table.add_column(no_wrap=True, justify=justify)
    table.add_column()
    for name, units, shortfall, reason in rows:
        contradicted = shortfall is Shortfall.CONTRADICTED
        kind = Text("contradicted", "red") if contradicted else Text("no record", "cyan")
        table.add_row(f"  {name}", f"{units}×", kind, reason)
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
