"""How SQL values become JSON text: one spelling per GraphQL scalar.

Each function takes SQL text of a value and returns SQL text of its JSON. NULL stays NULL.
"""

from collections.abc import Callable

from graphql import GraphQLEnumType, GraphQLNonNull, GraphQLOutputType, get_named_type, is_list_type

Spelling = Callable[[str], str]


def spell_text(value: str) -> str:
    """A JSON string, escaped by the server."""
    return f"to_json({value})::text"


def spell_plain(value: str) -> str:
    """Integers, booleans and JSON: the server's own text is valid JSON."""
    return f"({value})::text"


def spell_quoted(value: str) -> str:
    """Values whose text needs no escaping, such as dates and base64url."""
    return f"'\"' || ({value})::text || '\"'"


def spell_decimal(value: str) -> str:
    """An exact decimal in a string, without trailing zeros."""
    return f"'\"' || trim_scale({value})::text || '\"'"


def spell_instant(value: str) -> str:
    """RFC 3339 in UTC with a Z, fractions of a second only where there are any."""
    return f"rtrim(to_json(({value}) AT TIME ZONE 'UTC')::text, '\"') || 'Z\"'"


def spell_time_of_day(value: str) -> str:
    """Seconds from local midnight as HH:MM; past midnight the next day's time, while 24:00 stays."""
    seconds = f"CASE WHEN ({value}) > 86400 THEN ({value}) - 86400 ELSE ({value}) END"
    return f"'\"' || to_char(({seconds}) / 3600, 'FM00') || ':' || to_char(({seconds}) % 3600 / 60, 'FM00') || '\"'"


def spell_enum(value: str) -> str:
    """A member's name: our values are their names in lower case. `C` keeps the server's language out of it."""
    return f"'\"' || upper(({value}) COLLATE \"C\") || '\"'"


def spell_enum_list(value: str) -> str:
    """Members' names of a text array."""
    return f'upper(to_json({value})::text COLLATE "C")'


SCALARS: dict[str, Spelling] = {
    "String": spell_text,
    "ID": spell_quoted,
    "Int": spell_plain,
    "Boolean": spell_plain,
    "DateTime": spell_instant,
    "Date": spell_quoted,
    "Decimal": spell_decimal,
    "LocalTime": spell_time_of_day,
    "JSON": spell_plain,
}
LISTS: dict[str, Spelling] = {"String": spell_text}


def spelled(type_: GraphQLOutputType, value: str) -> str:
    """SQL text of a value's JSON as a field of this type. KeyError when the type has no spelling."""
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    named, in_list = get_named_type(type_), is_list_type(bare)
    if isinstance(named, GraphQLEnumType):
        json = (spell_enum_list if in_list else spell_enum)(value)
    else:
        json = (LISTS if in_list else SCALARS)[named.name](value)
    return json if bare is not type_ else f"coalesce({json}, 'null')"


def spelled_member(type_: GraphQLOutputType, value: str) -> str:
    """The same for a value inside stored JSON, where all but enumerations are in the API's spelling already."""
    is_enum = isinstance(get_named_type(type_), GraphQLEnumType)
    json = f'upper(({value})::text COLLATE "C")' if is_enum else spell_plain(value)
    return json if isinstance(type_, GraphQLNonNull) else f"coalesce({json}, 'null')"
