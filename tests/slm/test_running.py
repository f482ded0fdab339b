"""What a database that cannot be used looks like to whoever started the program."""

import pytest
from asyncpg import InternalClientError, PostgresSyntaxError
from sqlalchemy.exc import DBAPIError, InternalError

from slm.running import Unusable, said_plainly


def test_a_lost_connection_is_said_in_words() -> None:
    with pytest.raises(Unusable, match="the database cannot be reached"), said_plainly():
        raise DBAPIError("SELECT 1", None, Exception("connection is closed"), connection_invalidated=True)


def test_a_farewell_between_two_statements_is_a_lost_connection_too() -> None:
    translated = Exception("cannot switch to state 11; another operation (2) is in progress")
    translated.__cause__ = InternalClientError(str(translated))
    with pytest.raises(Unusable, match="the database cannot be reached"), said_plainly():
        raise InternalError("DISCARD PLANS", None, translated)


def test_a_fault_of_the_program_is_not_blamed_on_the_database() -> None:
    with pytest.raises(PostgresSyntaxError), said_plainly():
        raise PostgresSyntaxError("syntax error")
