"""What people are told of a bundle that was brought in: the difference on the screen, the problems in a file, too."""

import csv
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from services.tickets.sources.rejections import FORMULA_STARTS
from slm.bundles.definitions.bringing import Brought
from slm.bundles.definitions.kinds import Change, Problem

SHOWN_PROBLEMS = 20
SHOWN_ENTRIES = 200
SHOWN_CHARACTERS = 160


def tell_difference(console: Console, brought: Brought) -> None:
    """Each row that was added or changed, with what it was before, and how many were not."""
    shown = [entry for entry in brought.entries if entry.change is not Change.UNCHANGED]
    for entry in shown[:SHOWN_ENTRIES]:
        sign = "+" if entry.change is Change.ADDED else "~"
        console.print(f"{sign} {entry.kind}: {entry.key}", markup=False)
        for name, before, after in entry.details:
            console.print(f"    {name}: {_cut(before)} -> {_cut(after)}", markup=False, style="dim")
    if len(shown) > SHOWN_ENTRIES:
        console.print(f"  and {len(shown) - SHOWN_ENTRIES:,} more")
    counts = ", ".join(f"{brought.count(change):,} {change.value}" for change in Change)
    left = ", ".join(f"{number:,} {kind}" for kind, number in brought.left_alone.items() if number)
    console.print(f"{counts}." + (f" Not in the bundle and left alone: {left}." if left else ""), markup=False)


def tell_problems(console: Console, problems: Iterable[Problem], path: Path, *, records_kept: bool) -> None:
    """The first problems on the screen, all of them in a file. `records_kept`: the bundle's records had none."""
    found = list(problems)
    write_problems(path, found)
    kept = "The records were kept; none of the definitions" if records_kept else "Nothing was kept"
    console.print(f"[bold red]{kept}: {len(found):,} problems[/], listed in {path}.")
    for problem in found[:SHOWN_PROBLEMS]:
        where = f"{problem.file}, line {problem.line}" + (f", {problem.column}" if problem.column else "")
        value = f" ({_cut(problem.value)!r})" if problem.value else ""
        console.print(f"  {where}: {problem.reason}{value}", markup=False)


def write_problems(path: Path, problems: Iterable[Problem]) -> None:
    """Write the problems as CSV. A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Problem._fields)
        for problem in problems:
            cells = (str(value) for value in problem)
            writer.writerow([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in cells])
    unfinished.replace(path)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
