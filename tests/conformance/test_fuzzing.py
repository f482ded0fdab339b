"""Whatever is asked of the served API, it answers without a defect; `make campaign NAME=conformance` asks much more."""

import re

import pytest

from services.db import Database
from services.organisations.rules import AccessRole
from tests.conformance.fuzzing import faults_of, fuzz
from tests.conformance.serving import Served
from tests.factories.organisations import new_actor
from tests.factories.world import new_world
from tests.slm.conftest import issue_token
from tests.slm.test_cli import ROOT

SEED = 7
EXAMPLES = 2


async def test_no_operation_is_answered_by_a_defect(database: Database, demo: Served) -> None:
    """As an administrator of an organisation that only this test knows, so that mutations are tried, too."""
    world = await new_world(database, await new_actor(database))
    _, token = await issue_token(database, world.actor, AccessRole.ADMINISTRATOR)
    fuzzed = fuzz(demo.endpoint, token, seed=SEED, examples=EXAMPLES)
    told = f"with seed {SEED}: {fuzzed}"
    assert fuzzed.faults == [], told
    assert fuzzed.codes.keys() - {"-"} <= documented_codes(), told
    assert len(fuzzed.operations) > 100, told
    assert fuzzed.executed > fuzzed.requests / 4, told
    assert "unexpected error" not in demo.process.said()


def documented_codes() -> set[str]:
    """The codes that the guide explains."""
    _, _, section = (ROOT / "docs" / "graphql.md").read_text().partition("\n## Errors\n")
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {code for row in rows for code in re.findall(r"`([A-Z_]+)`", row)}


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (500, "{}"),
        (200, "<html>"),
        (200, '{"errors": [{"message": "x", "extensions": {"code": "INTERNAL"}}]}'),
        (200, '{"errors": [{"message": "asyncpg.exceptions.DataError"}]}'),
    ],
)
def test_a_defect_is_seen(status: int, text: str) -> None:
    assert faults_of(status, text)
    assert not faults_of(200, '{"data": null, "errors": [{"message": "no", "extensions": {"code": "BAD_PAGE"}}]}')
