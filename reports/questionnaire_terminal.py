"""The questions of a self-assessment, to be read aloud or printed."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from assessment.definitions import Pattern


def questionnaire(patterns: Sequence[Pattern], *, version: str) -> RenderableType:
    """Each pattern with its statement, its five levels, whom to ask, and the records that show it."""
    return Group(
        Text(f"Maturity self-assessment · patterns {version}", style="bold"),
        Text(
            "Choose the highest level that is true. Who does not know says so: “unanswered” is an answer. “n/a” needs a"
            " reason, somebody else's approval, and a day on which it expires.",
            style="dim",
        ),
        *(_question(pattern) for pattern in patterns),
    )


def _question(pattern: Pattern) -> RenderableType:
    levels = Table.grid(padding=(0, 1))
    levels.add_column(justify="right", min_width=4)
    levels.add_column()
    for level, anchor in enumerate(pattern.anchors, start=1):
        levels.add_row(Text(str(level), style="bold"), anchor)
    around = Table.grid(padding=(0, 1))
    around.add_column(style="dim", min_width=8)
    around.add_column(style="dim")
    around.add_row("    ask", ", ".join(pattern.ask))
    around.add_row("    data", ", ".join(pattern.data))
    return Group(Text(f"\n{pattern.id} {pattern.title}", style="bold"), Text(pattern.statement), levels, around)
