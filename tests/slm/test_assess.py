"""`slm assess`: the questions on paper, answers from a file or none of them, and claims beside the records."""

import asyncio
import csv
from io import StringIO
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from assessment.answer_file import COLUMNS
from assessment.definitions import PATTERN_IDS
from tests.factories.organisations import unique_key
from tests.slm.test_cli import Ended, slm

GOOD = (
    "ann,CIO,R1,5,,,,,",
    "ann,CIO,R2,4,,,,,",
    "bob,service desk,R1,2,,,,,",
    "bob,service desk,R2,unanswered,,,,,",
)
EARLY = "ann,CIO,R3,n/a,other,Nothing monthly,ann,2026-11-01,2026-10-01"


@pytest.fixture
def organisation(database_url: str) -> str:
    key = unique_key("assess")
    assert slm("organisation", "create", key, DATABASE_URL=database_url).code == 0
    return key


def recorded(folder: Path, organisation: str, url: str, *lines: str, options: tuple[str, ...] = ()) -> Ended:
    path = folder / "answers.csv"
    path.write_text("\n".join((",".join(COLUMNS), *lines)), encoding="utf-8")
    wanted = ("--organisation", organisation, "--title", "Autumn", *options)
    return slm("assess", "answers", str(path), *wanted, DATABASE_URL=url)


def counted(url: str, organisation: str) -> tuple[int, int]:
    """How many campaigns and answers an organisation has."""
    sql = """
    SELECT (SELECT count(*) FROM assessment_campaign c WHERE c.organisation_id = k.organisation_id),
           (SELECT count(*) FROM assessment_answer a WHERE a.organisation_id = k.organisation_id)
    FROM organisation_key k WHERE k.key = $1
    """

    async def ask() -> tuple[int, int]:
        connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
        try:
            row = await connection.fetchrow(sql, organisation)
        finally:
            await connection.close()
        return row[0], row[1]

    return asyncio.run(ask())


def test_the_questionnaire_shows_five_levels_whom_to_ask_and_which_data() -> None:
    printed = slm("assess", "questionnaire", "R2")
    assert printed.code == 0
    for part in ("R2 Weekly performance check", "   1 There is none.", "   5 What was predicted", "ask", "team leads"):
        assert part in printed.out
    assert "G1" not in printed.out.replace("patterns 1", "")


def test_the_file_to_fill_in_has_every_pattern_once() -> None:
    rows = list(csv.DictReader(StringIO(slm("assess", "questionnaire", "--csv").out)))
    assert tuple(row["pattern"] for row in rows) == PATTERN_IDS


def test_an_unknown_question_is_refused_by_name() -> None:
    printed = slm("assess", "questionnaire", "G9")
    assert printed.code == 1
    assert "G9" in printed.err


def test_answers_are_recorded_scored_and_shown_with_spread_agreement_and_gaps(
    tmp_path: Path, organisation: str, database_url: str
) -> None:
    done = recorded(tmp_path, organisation, database_url, *GOOD)
    assert done.code == 0, done.err
    assert "4 answers of 2 respondents recorded in “Autumn”." in done.out
    assert "CIO above service desk: R1 5 to 2" in done.out
    assert "more than a fifth did not answer: R2" in done.out
    later = slm("assess", "--organisation", organisation, DATABASE_URL=database_url)
    assert "“Autumn”" in later.out
    assert "still open" not in later.out


def test_a_line_at_fault_keeps_the_whole_file_out(tmp_path: Path, organisation: str, database_url: str) -> None:
    done = recorded(tmp_path, organisation, database_url, *GOOD, "ann,CIO,R3,7,,,,,")
    assert done.code == 1
    assert "line 6, level: expected 1 to 5, n/a or unanswered ('7')" in done.err
    assert counted(database_url, organisation) == (0, 0)


def test_what_the_rules_refuse_is_located_in_the_file_too(tmp_path: Path, organisation: str, database_url: str) -> None:
    done = recorded(tmp_path, organisation, database_url, *GOOD, EARLY, "ann,CIO,X1,3,,,,,")
    assert done.code == 1
    for located in ("line 6, approved_by: somebody other", "line 6, expires_on:", "line 7, pattern: expected the id"):
        assert located in done.err
    assert counted(database_url, organisation) == (0, 0)


def test_respondents_may_hand_in_their_files_one_after_the_other(
    tmp_path: Path, organisation: str, database_url: str
) -> None:
    first = recorded(tmp_path, organisation, database_url, *GOOD[:2], options=("--keep-open",))
    assert "still open" in first.out
    second = recorded(tmp_path, organisation, database_url, *GOOD[2:])
    assert second.code == 0, second.err
    assert counted(database_url, organisation) == (1, 4)


def test_an_organisation_without_anything_is_told_what_to_do(organisation: str, database_url: str) -> None:
    shown = slm("assess", "--organisation", organisation, DATABASE_URL=database_url)
    assert shown.code == 0
    assert "Nothing on record can be judged yet" in shown.out
    assert "Nobody was asked yet" in shown.out


def test_without_an_organisation_it_is_wrong_usage() -> None:
    ended = slm("assess")
    assert ended.code == 2
    assert "--organisation" in ended.err
