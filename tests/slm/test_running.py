"""What a database that cannot be used looks like to whoever started the program."""

import pytest
from asyncpg import PostgresSyntaxError
from sqlalchemy.exc import DBAPIError

from slm.running import Unusable, said_plainly


def test_a_lost_connection_is_said_in_words() -> None:
    with pytest.raises(Unusable, match="the database cannot be reached"), said_plainly():
        raise DBAPIError("SELECT 1", None, Exception("connection is closed"), connection_invalidated=True)


def test_a_fault_of_the_program_is_not_blamed_on_the_database() -> None:
    with pytest.raises(PostgresSyntaxError), said_plainly():
        raise PostgresSyntaxError("syntax error")
