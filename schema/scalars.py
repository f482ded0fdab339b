"""Scalars of the API: their spelling, and what they accept. Values read by the planner arrive spelled already."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from services.calendars.rules import parse_time_of_day

LocalTime = NewType("LocalTime", str)
"""A time of day as HH:MM, from 00:00 to 24:00."""

Json = NewType("Json", object)
"""Any JSON value."""

LONGEST_DECIMAL = 100


def spell_instant(instant: datetime | str) -> str:
    """RFC 3339 in UTC with a Z, fractions of a second only where there are any."""
    if isinstance(instant, str):
        return instant
    text = instant.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def parse_instant(value: object) -> datetime:
    """An aware instant from RFC 3339; a GraphQL error for anything else."""
    try:
        instant = datetime.fromisoformat(_text(value))
        if instant.tzinfo is None or "T" not in _text(value).upper():
            raise ValueError
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError("expected an instant such as 2026-03-01T09:00:00Z, with Z or an offset") from None


def spell_date(day: date | str) -> str:
    """ISO 8601, YYYY-MM-DD."""
    return day if isinstance(day, str) else day.isoformat()


def parse_date(value: object) -> date:
    """A date from YYYY-MM-DD; a GraphQL error for anything else."""
    text = _text(value)
    try:
        day = date.fromisoformat(text)
        if day.isoformat() != text:
            raise ValueError
    except ValueError:
        raise GraphQLError("expected a date such as 2026-03-01") from None
    return day


def spell_decimal(number: Decimal | str) -> str:
    """Plain digits without exponent or trailing zeros."""
    if isinstance(number, str):
        return number
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_decimal(value: object) -> Decimal:
    """An exact decimal from a string, or from a number as it is written; a GraphQL error for anything else."""
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > LONGEST_DECIMAL:
            raise ValueError
        number = Decimal(str(value))
        if not number.is_finite():
            raise ValueError
    except (ValueError, InvalidOperation):
        raise GraphQLError('expected a decimal number such as "99.95"') from None
    return number


def parse_local_time(value: object) -> LocalTime:
    """A time of day from HH:MM; a GraphQL error for anything else."""
    text = _text(value)
    try:
        parse_time_of_day(text)
    except ValueError as malformed:
        raise GraphQLError(str(malformed)) from None
    return LocalTime(text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError("expected a string")
    return value


def _same(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in RFC 3339, answered in UTC: `2026-03-01T09:00:00Z`. Input needs Z or an offset.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=spell_instant,
        parse_value=parse_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A local date: `2026-03-01`.",
        serialize=spell_date,
        parse_value=parse_date,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number in a string: `"99.95"`. Never rounded on the way.',
        serialize=spell_decimal,
        parse_value=parse_decimal,
    ),
    LocalTime: strawberry.scalar(
        name="LocalTime",
        description="A time of day as `HH:MM`, from `00:00` to `24:00`, the midnight that ends the day.",
        serialize=_same,
        parse_value=parse_local_time,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        serialize=_same,
        parse_value=_same,
    ),
}
