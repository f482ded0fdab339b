"""What a database that cannot be used looks like to whoever started the program."""

import re

import pytest
from asyncpg import PostgresSyntaxError
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from services.server import OrganisationSetting
from slm.running import Unusable, open_database, said_plainly
from slm.settings import Settings
from tests.project.files import ROOT, text_of


def test_a_lost_connection_is_said_in_words() -> None:
    with pytest.raises(Unusable, match="the database cannot be reached"), said_plainly():
        raise DBAPIError("SELECT 1", None, Exception("connection is closed"), connection_invalidated=True)


def test_a_fault_of_the_program_is_not_blamed_on_the_database() -> None:
    with pytest.raises(PostgresSyntaxError), said_plainly():
        raise PostgresSyntaxError("syntax error")


@pytest.mark.parametrize("as_owner", [False, True])
async def test_whoever_acts_the_database_is_opened_in_the_form_of_the_settings(
    as_owner: bool, database_url: str
) -> None:
    settings = Settings(database_url=SecretStr(database_url), organisation_setting=OrganisationSetting.TRANSACTION)
    opened = open_database(settings, as_owner=as_owner)
    assert opened.organisation_setting is OrganisationSetting.TRANSACTION
    await opened.close()


def test_no_command_opens_a_database_past_the_settings() -> None:
    opening = {path.name for path in (ROOT / "slm").rglob("*.py") if re.search(r"\bDatabase\(", text_of(path))}
    assert opening == {"running.py"}
