"""Answers of several respondents from a CSV file. Every line is read, so that everything wrong is said at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assessment.claims import ReasonNotApplicable
from assessment.commands import AnswerEntry, NotApplicableEntry
from assessment.definitions import PatternSet
from services.errors import FieldProblem, Invalid
from services.tickets.sources.csv_reader import CsvReader
from services.tickets.sources.records import Rejection, shown

NEEDED = ("respondent", "role", "pattern", "level")
FOR_NOT_APPLICABLE = ("reason", "explanation", "approved_by", "approved_on", "expires_on")
COLUMNS = (*NEEDED, *FOR_NOT_APPLICABLE)
UNANSWERED, NOT_APPLICABLE = "unanswered", "n/a"
LINES_AT_ONCE = 1_000


@dataclass(frozen=True)
class FileAnswer:
    """An answer with the line it stands in. The respondent is as written: a person's key, or a name."""

    line: int
    entry: AnswerEntry


def read_answers(path: Path) -> tuple[list[FileAnswer], list[Rejection]]:
    """The answers of a file in its order, and what is wrong with the other lines.

    Comma, semicolon or tab; columns in any order, those for "n/a" only where one is said. Raises Invalid when the file
    is no such table.
    """
    reader = CsvReader(path, compressed=False)
    if problems := list(_wrong_columns(reader.columns)):
        raise Invalid(f"{path}: these are not answers", problems)
    answers: list[FileAnswer] = []
    rejections: list[Rejection] = []
    first_lines: dict[tuple[str, str], int] = {}
    for chunk in reader.chunks(LINES_AT_ONCE):
        rejections += chunk.rejections
        for row in chunk.rows:
            cells = {column: cell.strip() for column, cell in zip(reader.columns, row.cells, strict=True)}
            wrong = [Rejection(row.line, column, shown(cells[column]), reason) for column, reason in _wrong(cells)]
            whose = cells["respondent"], cells["pattern"]
            if (first := first_lines.setdefault(whose, row.line)) != row.line:
                reason = f"{whose[0]} answered {whose[1]} on line {first} already"
                wrong.append(Rejection(row.line, "pattern", shown(whose[1]), reason))
            rejections += wrong
            if not wrong:
                answers.append(FileAnswer(row.line, _entry(cells)))
    if not answers and not rejections:
        raise Invalid(f"{path}: there is no answer below the header")
    return answers, sorted(rejections)


def template(patterns: PatternSet) -> Iterator[tuple[str, ...]]:
    """The rows of a file to fill in: the header, and every pattern not answered yet."""
    yield COLUMNS
    for pattern in patterns.patterns:
        yield ("", "", pattern, UNANSWERED, *("" for _ in FOR_NOT_APPLICABLE))


def _wrong_columns(columns: tuple[str, ...]) -> Iterator[FieldProblem]:
    for column in NEEDED:
        if column not in columns:
            yield FieldProblem(column, f"expected a column of this name beside {', '.join(columns)[:200]}")
    for column in columns:
        if column not in COLUMNS:
            yield FieldProblem(column[:40], f"expected no columns but {', '.join(COLUMNS)}")


def _wrong(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each cell at fault with what was expected; the rest is checked when the answers are recorded."""
    for column in ("respondent", "role", "pattern"):
        if not cells[column]:
            yield column, "expected some text"
    level = cells["level"].lower()
    if level not in {*"12345", UNANSWERED, NOT_APPLICABLE}:
        yield "level", f"expected 1 to 5, {NOT_APPLICABLE} or {UNANSWERED}"
    if level != NOT_APPLICABLE:
        for column in FOR_NOT_APPLICABLE:
            if cells.get(column):
                yield column, f"expected nothing here unless the level is {NOT_APPLICABLE}"
        return
    if cells.get("reason") not in list(ReasonNotApplicable):
        yield _present(cells, "reason"), f"expected one of {', '.join(ReasonNotApplicable)} as the reason"
    for column in ("explanation", "approved_by"):
        if not cells.get(column):
            yield _present(cells, column), f"{NOT_APPLICABLE} needs {column}"
    for column in ("approved_on", "expires_on"):
        if _day(cells.get(column, "")) is None:
            yield _present(cells, column), f"expected a day such as 2026-11-30 as {column}"


def _present(cells: Mapping[str, str], column: str) -> str:
    return column if column in cells else "level"


def _entry(cells: Mapping[str, str]) -> AnswerEntry:
    level, declared = cells["level"].lower(), None
    if level == NOT_APPLICABLE:
        approved_on, expires_on = _day(cells["approved_on"]), _day(cells["expires_on"])
        assert approved_on is not None and expires_on is not None  # noqa: S101, PT018  checked before
        declared = NotApplicableEntry(
            ReasonNotApplicable(cells["reason"]), cells["explanation"], cells["approved_by"], approved_on, expires_on
        )
    return AnswerEntry(
        cells["pattern"],
        cells["role"],
        respondent=cells["respondent"],
        level=int(level) if level.isdigit() else None,
        not_applicable=declared,
    )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
