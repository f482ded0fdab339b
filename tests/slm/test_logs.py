"""Log lines: JSON in production, with a trace, and without secrets wherever they hide."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from slm.logs import configure_logging, without_secrets
from slm.settings import Settings

SECRET = "slm_" + "x" * 43


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged as in production; what was configured before is put back."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    configure_logging(Settings())
    stream = io.StringIO()
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


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
    event = without_secrets(None, "info", {"event": text})
    assert "hunter2" not in event["event"]
    assert SECRET not in event["event"]
    assert "[withheld]" in event["event"]


@pytest.mark.parametrize("name", ["token", "Authorization", "password", "cookie"])
def test_what_is_named_like_a_secret_is_left_out(name: str) -> None:
    assert without_secrets(None, "info", {name: "hunter2"}) == {name: "[withheld]"}


def test_everything_else_is_left_as_it_is() -> None:
    event = {"event": "imported http://example.org/a", "rows": 3, "path": "/graphql"}
    assert without_secrets(None, "info", dict(event)) == event
