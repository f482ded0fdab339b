"""`slm assess questionnaire`: what people are asked, to be printed or filled in."""

import csv
import sys
from collections.abc import Sequence

from rich.console import Console

from assessment.answer_file import template
from assessment.definitions import shipped_patterns
from reports.questionnaire_terminal import questionnaire
from services.errors import FieldProblem, Invalid


def run_questionnaire(wanted: Sequence[str], *, as_csv: bool) -> None:
    """Print the questions about some patterns or all, or the file to fill in. Raises Invalid for an unknown pattern."""
    definitions = shipped_patterns()
    unknown = [pattern for pattern in wanted if pattern not in definitions.patterns]
    if unknown:
        problem = FieldProblem("pattern", f"expected ids such as G1, got {', '.join(unknown)[:80]}")
        raise Invalid("there is no such question", [problem])
    if as_csv:
        rows = [row for row in template(definitions) if not wanted or row[2] in (*wanted, "pattern")]
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        return
    shown = [pattern for name, pattern in definitions.patterns.items() if not wanted or name in wanted]
    Console(highlight=False).print(questionnaire(shown, version=definitions.version))
