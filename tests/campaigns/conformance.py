"""Whether any operation that the schema allows, or nearly allows, is answered by a defect.

An administrator of an organisation with one of everything asks the served API for each root field, with arguments that
schemathesis makes: `CONFORMANCE_EXAMPLES` times with what fits the schema, and as often with something that does not.
No answer may be a status of 5xx, a masked error, or a word of what the server is made of. `CONFORMANCE_SEED` makes it
another run.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Measurement
from services.db import Database
from services.organisations.rules import AccessRole
from slm.local_database import provide_database
from tests.conformance.fuzzing import fuzz
from tests.conformance.serving import served
from tests.conftest import TEST_DATA
from tests.factories.organisations import new_actor
from tests.factories.world import new_world
from tests.slm.conftest import issue_token
from tests.template_database import cloned_database

EXAMPLES = 40
SEED = 20261127


def run() -> list[Measurement]:
    """Ask, and print every fault."""
    examples = int(os.environ.get("CONFORMANCE_EXAMPLES", EXAMPLES))
    seed = int(os.environ.get("CONFORMANCE_SEED", SEED))
    _say(f"seed {seed}, {examples} examples of each kind")
    with (
        provide_database(None, TEST_DATA) as server,
        cloned_database(server, "conformance") as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        token = asyncio.run(_token(url))
        settings = {"SLM_ENVIRONMENT": "development", "SLM_LOG_LEVEL": "warning"}
        with served(url, token, Path(folder), settings) as api:
            fuzzed = fuzz(api.endpoint, token, seed=seed, examples=examples)
            logged = api.process.said().count("unexpected error")
    for fault in fuzzed.faults:
        _say(fault)
    _say(f"codes: {dict(fuzzed.codes.most_common())}")
    return [
        Measurement("root fields asked for", len(fuzzed.operations), "fields", floor=100),
        Measurement("requests", fuzzed.requests, "requests", floor=200 * examples),
        Measurement("answered with data", fuzzed.executed / fuzzed.requests, "share", floor=0.25),
        Measurement("answers that are a defect", len(fuzzed.faults), "answers", floor=0, smaller_is_better=True),
        Measurement("unexpected errors logged", logged, "errors", floor=0, smaller_is_better=True),
        Measurement("seed", seed, "-"),
    ]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


async def _token(url: str) -> str:
    database = Database(url)
    try:
        world = await new_world(database, await new_actor(database))
        return (await issue_token(database, world.actor, AccessRole.ADMINISTRATOR))[1]
    finally:
        await database.close()
