"""The API as it is served, an organisation with one of everything in it, and the projects of front-end tools."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from services.db import Database
from services.organisations.models import Organisation
from services.organisations.rules import AccessRole
from tests.conformance.node import installed
from tests.conformance.serving import Served, served
from tests.factories.definitions import new_service
from tests.factories.organisations import new_actor
from tests.factories.world import World, new_world
from tests.slm.conftest import issue_token
from tests.slm.test_cli import ROOT

SDL = ROOT / "schema" / "schema.graphql"
MORE_SERVICES = 12


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
    with served(database_url, token, tmp_path_factory.mktemp("demo"), settings) as serving:
        yield serving


@pytest.fixture(scope="session")
def production(database_url: str, token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The API with the settings it has unless told otherwise."""
    with served(database_url, token, tmp_path_factory.mktemp("production"), {}) as serving:
        yield serving


@pytest.fixture(scope="session")
def tools() -> Path:
    """The project whose packages are the tools that schema and server are checked with."""
    return installed(Path(__file__).parent / "javascript")


@pytest.fixture(scope="session")
def example() -> Path:
    """The TypeScript example."""
    return installed(ROOT / "examples" / "typescript")
