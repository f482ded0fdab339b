"""How values are spelled, as docs/graphql.md says."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from graphql import GraphQLEnumType, GraphQLOutputType, get_named_type

DAY = 86_400


def spelled(type_: GraphQLOutputType, value: Any) -> Any:
    """A stored value, or a list of them, as graphql-core expects it of a resolver."""
    if isinstance(value, list) and get_named_type(type_).name != "JSON":
        return [spelled(type_, each) for each in value]
    named = get_named_type(type_)
    if value is None:
        return None
    if isinstance(named, GraphQLEnumType):
        return member(named, value)
    match value:
        case datetime():
            return spelled_instant(value)
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case int() if named.name == "LocalTime":
            return spelled_time(value)
    return value


def member(type_: GraphQLEnumType, stored: str) -> Any:
    """The member of an enumeration whose value is stored."""
    return next(each.value for each in type_.values.values() if getattr(each.value, "value", each.value) == stored)


def spelled_instant(instant: datetime) -> str:
    """In UTC with a Z, with as many digits of a fraction as say something."""
    utc = instant.astimezone(UTC)
    fraction = f".{utc.microsecond:06}".rstrip("0") if utc.microsecond else ""
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def spelled_time(seconds: int) -> str:
    """From seconds after midnight; the next day's times are its own, while its midnight is 24:00."""
    within = seconds - DAY if seconds > DAY else seconds
    return f"{within // 3600:02}:{within % 3600 // 60:02}"
