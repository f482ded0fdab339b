"""What every test may ask for: a real, migrated PostgreSQL, and an organisation of its own in it.

The server is that of DATABASE_URL, whose user must be allowed to create databases, or a local one in `.slm/`. Each
process has a database of its own; tests share it with real commits and meet nobody: each makes its organisation.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from services.db import Database
from services.organisations.rules import Actor
from slm.database_url import normalise_database_url
from slm.local_database import provide_database
from tests.factories.organisations import new_actor
from tests.opening import database_on
from tests.statements import Statements, recorded
from tests.template_database import cloned_database

# How long an example takes says how busy the machine is. What fails is printed so that it can be repeated.
settings.register_profile("no deadline", deadline=None, print_blob=True)
settings.load_profile("no deadline")

TEST_DATA = Path(__file__).resolve().parents[1] / ".slm" / "tests"


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """The URL of the server under test."""
    given = os.environ.get("DATABASE_URL")
    with provide_database(normalise_database_url(given) if given else None, TEST_DATA) as url:
        yield url


@pytest.fixture(scope="session")
def database_url(database_server: str) -> Iterator[str]:
    """The URL of this process's own migrated database."""
    with cloned_database(database_server, os.environ.get("PYTEST_XDIST_WORKER", "main")) as url:
        yield url


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on this process's database, acting as the runtime role."""
    pool = database_on(database_url)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def statements(database: Database) -> Iterator[Statements]:
    """Everything the pool runs."""
    with recorded(database) as counted:
        yield counted


@pytest.fixture
async def actor(database: Database) -> Actor:
    """The administrator of an organisation that no other test knows."""
    return await new_actor(database)
