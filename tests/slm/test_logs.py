"""Log lines: JSON in production, with a trace, and without secrets wherever they hide."""

import io
import json
import logging

import pytest
import structlog

from services.db import new_id
from slm.logs import job, without_what_is_private

SECRET = "slm_" + "x" * 43


def test_a_line_is_one_json_object_with_the_trace_of_its_request(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(trace_id="abc"):
        structlog.get_logger("slm.test").info("happened", tickets=3)
    (line,) = lines.getvalue().splitlines()
    assert json.loads(line) | {"event": "happened", "tickets": 3, "trace_id": "abc", "level": "info"} == json.loads(
        line
    )


def test_lines_of_libraries_have_the_same_shape(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("careful: %s", "ice")
    assert json.loads(lines.getvalue())["event"] == "careful: ice"


def test_a_traceback_is_logged_without_the_token_in_it(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"no such token {SECRET}")
    except ValueError:
        structlog.get_logger("slm.test").exception("failed")
    assert "ValueError" in lines.getvalue()
    assert SECRET not in lines.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        "bearer hunter2",
        "postgresql+asyncpg://slm:hunter2@db/slm refused",
        f"GET /graphql?token={SECRET}",
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(text: str) -> None:
    event = without_what_is_private(None, "info", {"event": text})
    assert "hunter2" not in event["event"]
    assert SECRET not in event["event"]
    assert "[withheld]" in event["event"]


@pytest.mark.parametrize("name", ["token", "Authorization", "password", "cookie", "email", "assignee"])
def test_what_is_named_like_a_secret_is_left_out(name: str) -> None:
    assert without_what_is_private(None, "info", {name: "hunter2"}) == {name: "[withheld]"}


def test_everything_else_is_left_as_it_is() -> None:
    event = {"event": "imported http://example.org/a", "rows": 3, "path": "/graphql"}
    assert without_what_is_private(None, "info", dict(event)) == event


def test_values_inside_values_are_looked_at_too() -> None:
    event = without_what_is_private(None, "info", {"found": [{"email": "x"}, ("ann@example.org", 3)]})
    assert event == {"found": [{"email": "[withheld]"}, ["[withheld]", 3]]}


def test_the_row_that_postgresql_shows_in_an_error_is_not_logged() -> None:
    shown = (
        'duplicate key value violates unique constraint "uq_person"\n'
        "DETAIL:  Key (name)=(Ann\nSmith) already exists.\n[SQL: INSERT INTO person ...]"
    )
    event = without_what_is_private(None, "info", {"exception": shown})["exception"]
    assert "Smith" not in event
    assert "Ann" not in event
    assert "uq_person" in event
    assert "[SQL: INSERT" in event


def test_the_lines_of_a_job_say_which_it_is_and_for_whom(lines: io.StringIO) -> None:
    organisation, actor = new_id(), new_id()
    with job("settle", organisation_id=organisation, actor_id=actor):
        structlog.get_logger("slm.test").info("one")
        structlog.get_logger("slm.test").info("two")
    structlog.get_logger("slm.test").info("after")
    one, two, after = (json.loads(line) for line in lines.getvalue().splitlines())
    assert (one["job"], one["organisation"], one["actor"]) == ("settle", str(organisation), str(actor))
    assert one["trace_id"] == two["trace_id"]
    assert not {"job", "organisation", "actor", "trace_id"} & after.keys()
