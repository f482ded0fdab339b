"""The command line: refusals in words with exit code 1, wrong usage with 2, and never a traceback."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.opening import inherited_environment

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


def slm(*arguments: str, timeout: float = 120, **environment: str) -> Ended:
    """Run the command line in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "slm", *arguments],
        cwd=ROOT, env={**inherited_environment(), "COLUMNS": "200", **environment}, capture_output=True, text=True,
        timeout=timeout, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Ended(done.returncode, done.stdout, done.stderr)


def test_help_lists_the_commands_and_loads_nothing_heavy() -> None:
    listed = slm("--help")
    assert listed.code == 0
    for command in (
        "demo",
        "serve",
        "worker",
        "migrate",
        "import",
        "review",
        "organisation",
        "token",
        "database",
        "sdl",
    ):
        assert f" {command} " in listed.out, command
    heavy = (
        "import sys, slm.cli; print([m for m in ('sqlalchemy', 'numpy', 'strawberry', 'fastapi') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_wrong_usage_ends_with_2_and_names_the_option() -> None:
    ended = slm("review", "--month", "2016-03")
    assert ended.code == 2
    assert "--organisation" in ended.err


def test_a_missing_file_ends_with_2_and_names_it() -> None:
    ended = slm("import", "servicenow", "nowhere.csv", "--organisation", "acme")
    assert ended.code == 2
    assert "nowhere.csv" in ended.err


def test_an_unreadable_setting_is_named_without_its_value() -> None:
    ended = slm("migrate", DATABASE_URL="mysql://me:hunter2@db/slm")
    assert ended.code == 1
    assert "DATABASE_URL" in ended.err
    assert "hunter2" not in ended.out + ended.err


def test_a_database_that_is_not_there_is_said_to_be_unreachable() -> None:
    ended = slm("review", "--organisation", "acme", DATABASE_URL="postgresql://slm@127.0.0.1:1/slm")
    assert ended.code == 1
    assert "cannot be reached" in ended.err


def test_an_unknown_organisation_is_refused_in_words(database_url: str) -> None:
    ended = slm("review", "--organisation", "nobody", DATABASE_URL=database_url)
    assert ended.code == 1
    assert ended.err.strip() == "error: there is no organisation with the key 'nobody'"


def test_every_field_at_fault_is_named(database_url: str) -> None:
    ended = slm("organisation", "create", "No Good", "--time-zone", "Mars/Olympus", DATABASE_URL=database_url)
    assert ended.code == 1
    assert "key:" in ended.err
    assert "time_zone:" in ended.err


def test_an_organisation_is_created_once(database_url: str) -> None:
    assert slm("organisation", "create", "cli-once", DATABASE_URL=database_url).code == 0
    again = slm("organisation", "create", "cli-once", DATABASE_URL=database_url)
    assert again.code == 1
    assert "exists already" in again.err


def test_a_token_is_printed_alone_on_standard_output(database_url: str) -> None:
    slm("organisation", "create", "cli-token", DATABASE_URL=database_url)
    wanted = ("--organisation", "cli-token", "--role", "viewer", "--label", "me")
    made = slm("token", "create", *wanted, DATABASE_URL=database_url)
    assert made.code == 0
    assert made.out.startswith("slm_")
    assert len(made.out.split()) == 1
    assert made.out.strip() not in made.err


def test_a_token_is_rotated_and_listed_without_any_secret(database_url: str) -> None:
    slm("organisation", "create", "cli-rotate", DATABASE_URL=database_url)
    wanted = ("--organisation", "cli-rotate", "--role", "viewer", "--label", "me")
    made = slm("token", "create", *wanted, DATABASE_URL=database_url)
    token_id = made.err.split()[1].rstrip(":")
    rotated = slm("token", "rotate", token_id, "--organisation", "cli-rotate", DATABASE_URL=database_url)
    assert (rotated.code, rotated.out.startswith("slm_")) == (0, True)
    assert rotated.out != made.out
    listed = slm("token", "list", "--organisation", "cli-rotate", DATABASE_URL=database_url, COLUMNS="200")
    assert token_id in listed.out
    assert "slm_" not in listed.out


def test_a_token_for_an_unknown_party_is_refused_by_name(database_url: str) -> None:
    slm("organisation", "create", "cli-party", DATABASE_URL=database_url)
    wanted = ("--organisation", "cli-party", "--role", "viewer", "--label", "them", "--party", "cloud")
    ended = slm("token", "create", *wanted, DATABASE_URL=database_url)
    assert (ended.code, ended.out) == (1, "")
    assert "expected the key of a party, got 'cloud'" in ended.err


def test_a_token_for_an_unknown_role_is_wrong_usage() -> None:
    ended = slm("token", "create", "--organisation", "acme", "--role", "emperor", "--label", "me")
    assert ended.code == 2
    assert "emperor" in ended.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--month", "March"), "month"),
        (("--opened-from", "yesterday"), "opened-from"),
        (("--month", "2016-03", "--opened-from", "2016-03-01"), "month"),
    ],
)
def test_a_review_of_no_such_time_names_what_was_expected(
    database_url: str, arguments: tuple[str, ...], named: str
) -> None:
    slm("organisation", "create", "cli-review", DATABASE_URL=database_url)
    ended = slm("review", "--organisation", "cli-review", *arguments, DATABASE_URL=database_url)
    assert ended.code == 1
    assert f"{named}: expected" in ended.err


def test_the_way_to_connect_is_printed_without_the_password() -> None:
    ended = slm("database", DATABASE_URL="postgresql://slm:hunter2@db.internal:5433/levels")
    assert ended.out.strip() == "psql -h db.internal -p 5433 -U slm -d levels"


def test_serving_as_a_demo_in_production_is_refused(database_url: str) -> None:
    ended = slm("serve", DATABASE_URL=database_url, SLM_DEMO_ORGANISATION="wexcombe")
    assert ended.code == 1
    assert "SLM_DEMO_ORGANISATION" in ended.err
