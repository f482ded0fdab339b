"""The API as it is served, an organisation with one of everything in it, and the projects of front-end tools."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from services.db import Database
from services.organisations.models import Organisation
from services.organisations.rules import AccessRole
from tests.conformance.node import installed
from tests.factories.definitions import new_service
from tests.factories.organisations import new_actor
from tests.factories.world import World, new_world
from tests.opening import inherited_environment
from tests.slm.conftest import issue_token
from tests.slm.installation import ADDRESS, Process, is_ready, wait_until
from tests.slm.test_cli import ROOT

SDL = ROOT / "schema" / "schema.graphql"
MORE_SERVICES = 12


@dataclass(frozen=True)
class Served:
    """An API in a process of its own: its endpoint, a manager's token, and the process."""

    endpoint: str
    token: str
    process: Process


@pytest.fixture(scope="session")
async def world(database: Database) -> World:
    """An organisation with one of everything, and services for several pages."""
    world = await new_world(database, await new_actor(database))
    for number in range(MORE_SERVICES):
        await new_service(database, world.actor, key=f"more-{number:02}")
    return world


@pytest.fixture(scope="session")
async def token(database: Database, world: World) -> str:
    """The secret of a manager's token."""
    return (await issue_token(database, world.actor, AccessRole.MANAGER, label="a front-end"))[1]


@pytest.fixture(scope="session")
async def demo(
    database: Database, database_url: str, world: World, token: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """The API with the settings of a demo, which answers anybody."""
    async with database.reading(world.actor.organisation_id) as session:
        key = (await session.execute(select(Organisation.key))).scalar_one()
    settings = {"SLM_ENVIRONMENT": "development", "SLM_DEMO_ORGANISATION": key}
    with _served(database_url, token, tmp_path_factory.mktemp("demo"), settings) as served:
        yield served


@pytest.fixture(scope="session")
def production(database_url: str, token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The API with the settings it has unless told otherwise."""
    with _served(database_url, token, tmp_path_factory.mktemp("production"), {}) as served:
        yield served


@contextmanager
def _served(database_url: str, token: str, folder: Path, settings: dict[str, str]) -> Iterator[Served]:
    output = folder / "serve.log"
    with output.open("wb") as file:
        popen = subprocess.Popen(
            [sys.executable, "-m", "slm", "serve", "--port", "0"], cwd=ROOT, stdout=file, stderr=file,
            env={**inherited_environment(), "DATABASE_URL": database_url, "COLUMNS": "200", **settings},
        )  # fmt: skip
    process = Process(popen, output)
    try:
        wait_until(lambda: ADDRESS.search(process.said()) or popen.poll() is not None)
        found = ADDRESS.search(process.said())
        assert found, process.said()
        wait_until(lambda: is_ready(found[0]))
        yield Served(f"{found[0]}/graphql", token, process)
    finally:
        popen.kill()
        popen.wait()


@pytest.fixture(scope="session")
def tools() -> Path:
    """The project whose packages are the tools that schema and server are checked with."""
    return installed(Path(__file__).parent / "javascript")


@pytest.fixture(scope="session")
def example() -> Path:
    """The TypeScript example."""
    return installed(ROOT / "examples" / "typescript")
