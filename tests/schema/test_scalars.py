"""Scalars are spelled one way, whether SQL spells them or Python does, and say what they expect."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from schema.planner.json_text import concatenated
from schema.planner.spelling import spell_decimal as decimal_sql
from schema.planner.spelling import spell_instant as instant_sql
from schema.scalars import (
    parse_date,
    parse_decimal,
    parse_instant,
    parse_local_time,
    spell_decimal,
    spell_instant,
)
from services.db import Database

INSTANTS = [
    datetime(2026, 3, 1, 9, tzinfo=UTC),
    datetime(2026, 3, 1, 9, 0, 0, 500_000, tzinfo=UTC),
    datetime(2026, 3, 1, 9, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]
DECIMALS = [Decimal("99.950000"), Decimal("100"), Decimal("0.000001"), Decimal(0), Decimal("-1.50")]


async def test_sql_and_python_spell_instants_alike(database: Database) -> None:
    async with database.reading(None) as session:
        for instant in INSTANTS:
            statement = text(f"SELECT {concatenated(instant_sql('CAST(:value AS timestamptz)'))}")
            assert (await session.execute(statement, {"value": instant})).scalar() == f'"{spell_instant(instant)}"'


async def test_sql_and_python_spell_decimals_alike(database: Database) -> None:
    async with database.reading(None) as session:
        for number in DECIMALS:
            statement = text(f"SELECT {concatenated(decimal_sql('CAST(:value AS numeric)'))}")
            assert (await session.execute(statement, {"value": number})).scalar() == f'"{spell_decimal(number)}"'


@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_survives_its_spelling(instant: datetime) -> None:
    try:
        in_utc = instant.astimezone(UTC)
    except OverflowError:
        return
    assert parse_instant(spell_instant(in_utc)) == in_utc


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_a_decimal_survives_its_spelling(number: Decimal) -> None:
    assert parse_decimal(spell_decimal(number)) == number


@pytest.mark.parametrize(
    "value", ["2026-03-01", "2026-03-01T09:00:00", "yesterday", "", 5, None, "0001-01-01T00:00:00+05:00"]
)
def test_what_is_not_an_instant_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="expected"):
        parse_instant(value)


@pytest.mark.parametrize("value", ["20260301", "2026-3-1", "2026-02-30", 20260301])
def test_what_is_not_a_date_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="expected"):
        parse_date(value)


def test_a_date_is_read() -> None:
    assert parse_date("2026-03-01") == date(2026, 3, 1)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "x", "", True, None, "9" * 101])
def test_what_is_not_a_decimal_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="expected a decimal"):
        parse_decimal(value)


@pytest.mark.parametrize("value", ["9:00", "24:01", "09:00:00", 9, ""])
def test_what_is_not_a_time_of_day_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="expected"):
        parse_local_time(value)
