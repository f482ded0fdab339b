"""Answers from a CSV file: every kind of answer is read, and every line at fault is named with column and reason."""

import csv
from pathlib import Path

import pytest

from assessment.answer_file import COLUMNS, read_answers, template
from assessment.claims import ReasonNotApplicable
from assessment.definitions import PATTERN_IDS, shipped_patterns
from assessment.rules import AnswerKind
from services.errors import Invalid

HEADER = ",".join(COLUMNS)
EXCUSED = "ann,manager,R4,n/a,other,No quarter yet,bob,2026-11-01,2027-10-31"


def written(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "answers.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def test_levels_not_applicable_and_unanswered_are_read_as_different_things(tmp_path: Path) -> None:
    lines = ("ann,manager,R1,4,,,,,", "ann,manager,R2,Unanswered,,,,,", EXCUSED)
    answers, rejections = read_answers(written(tmp_path, *lines))
    assert not rejections
    assert [(each.line, each.entry.kind) for each in answers] == [
        (2, AnswerKind.LEVEL), (3, AnswerKind.UNANSWERED), (4, AnswerKind.NOT_APPLICABLE)
    ]  # fmt: skip
    declared = answers[2].entry.not_applicable
    assert declared is not None
    assert (declared.reason, declared.approved_by) == (ReasonNotApplicable.OTHER, "bob")


def test_columns_may_come_in_any_order_and_those_for_not_applicable_be_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "R1;3;ann;manager", header="pattern;level;respondent;role")
    answers, rejections = read_answers(path)
    assert not rejections
    assert (answers[0].entry.pattern, answers[0].entry.level, answers[0].entry.respondent) == ("R1", 3, "ann")


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("ann,manager,R1,6,,,,,", "level", "expected 1 to 5, n/a or unanswered"),
        ("ann,manager,R1,,,,,,", "level", "expected 1 to 5, n/a or unanswered"),
        (",manager,R1,3,,,,,", "respondent", "expected some text"),
        ("ann,,R1,3,,,,,", "role", "expected some text"),
        ("ann,manager,R1,3,other,,,,", "reason", "unless the level is n/a"),
        ("ann,manager,R4,n/a,because,No quarter,bob,2026-11-01,2027-10-31", "reason", "no_suppliers"),
        ("ann,manager,R4,n/a,other,,bob,2026-11-01,2027-10-31", "explanation", "needs explanation"),
        ("ann,manager,R4,n/a,other,No quarter,,2026-11-01,2027-10-31", "approved_by", "needs approved_by"),
        ("ann,manager,R4,n/a,other,No quarter,bob,yesterday,2027-10-31", "approved_on", "expected a day"),
        ("ann,manager,R1,3", "", "4 columns"),
    ],
)
def test_a_line_at_fault_is_named_with_column_value_and_reason(
    tmp_path: Path, line: str, column: str, reason: str
) -> None:
    answers, (rejection,) = read_answers(written(tmp_path, "ann,manager,Q1,2,,,,,", line))
    assert len(answers) == 1
    assert (rejection.line, rejection.column) == (3, column)
    assert reason in rejection.reason


def test_answering_twice_in_a_file_names_the_line_of_the_first(tmp_path: Path) -> None:
    _, (rejection,) = read_answers(written(tmp_path, "ann,cio,R1,2,,,,,", "bob,cio,R1,2,,,,,", "ann,cio,R1,3,,,,,"))
    assert (rejection.line, rejection.reason) == (4, "ann answered R1 on line 2 already")


def test_a_table_of_something_else_is_refused_by_its_columns(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        read_answers(written(tmp_path, "INC1,2026-01-01", header="number,opened_at"))
    assert {problem.field for problem in refused.value.problems} >= {"respondent", "role", "pattern", "level", "number"}


def test_a_file_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no answer below the header"):
        read_answers(written(tmp_path))


def test_the_template_becomes_a_file_of_answers_once_name_and_role_are_filled_in(tmp_path: Path) -> None:
    header, *rows = template(shipped_patterns())
    path = tmp_path / "filled.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(("ann", "cio", *row[2:]) for row in rows)])
    answers, rejections = read_answers(path)
    assert not rejections
    assert tuple(each.entry.pattern for each in answers) == PATTERN_IDS
    assert {each.entry.kind for each in answers} == {AnswerKind.UNANSWERED}
