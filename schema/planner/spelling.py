"""How SQL values become JSON text: one spelling per GraphQL scalar.

Each function takes SQL text of a value and returns the pieces of its JSON, so that what is always the same merges with
what stands around it. A NULL makes the whole NULL.
"""

from collections.abc import Callable

from graphql import GraphQLEnumType, GraphQLNonNull, GraphQLOutputType, get_named_type, is_list_type

from schema.planner.json_text import Literal, Piece, Value, concatenated

Spelling = Callable[[str], list[Piece]]


def spell_text(value: str) -> list[Piece]:
    """A JSON string, escaped by the server."""
    return [Value(f"json_text({value})")]


def spell_text_list(value: str) -> list[Piece]:
    """A JSON list of strings."""
    return [Value(f"to_json({value})::text")]


def spell_plain(value: str) -> list[Piece]:
    """Integers, booleans and JSON: the server's own text is valid JSON."""
    return [Value(f"({value})::text")]


def spell_quoted(value: str) -> list[Piece]:
    """Values whose text needs no escaping, such as dates and base64url."""
    return quoted(Value(f"({value})::text"))


def spell_decimal(value: str) -> list[Piece]:
    """An exact decimal in a string, without trailing zeros."""
    return quoted(Value(f"trim_scale({value})::text"))


def spell_instant(value: str) -> list[Piece]:
    """RFC 3339 in UTC with a Z, fractions of a second only where there are any. Connections have the ISO style."""
    return quoted(Value(f"replace((({value}) AT TIME ZONE 'UTC')::text, ' ', 'T')"), Literal("Z"))


def spell_time_of_day(value: str) -> list[Piece]:
    """Seconds from local midnight as HH:MM; past midnight the next day's time, while 24:00 stays."""
    seconds = f"CASE WHEN ({value}) > 86400 THEN ({value}) - 86400 ELSE ({value}) END"
    hours, minutes = f"to_char(({seconds}) / 3600, 'FM00')", f"to_char(({seconds}) % 3600 / 60, 'FM00')"
    return quoted(Value(hours), Literal(":"), Value(minutes))


def spell_enum(value: str) -> list[Piece]:
    """A member's name: our values are their names in lower case. `C` keeps the server's language out of it."""
    return quoted(Value(f'upper(({value}) COLLATE "C")'))


def spell_enum_list(value: str) -> list[Piece]:
    """Members' names of a text array."""
    return [Value(f'upper(to_json({value})::text COLLATE "C")')]


def quoted(*pieces: Piece) -> list[Piece]:
    """Pieces between quotes."""
    return [Literal('"'), *pieces, Literal('"')]


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
LISTS: dict[str, Spelling] = {"String": spell_text_list}


def spelled(type_: GraphQLOutputType, value: str) -> list[Piece]:
    """The JSON of a value as a field of this type. KeyError when the type has no spelling."""
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    named, in_list = get_named_type(type_), is_list_type(bare)
    if isinstance(named, GraphQLEnumType):
        json = (spell_enum_list if in_list else spell_enum)(value)
    else:
        json = (LISTS if in_list else SCALARS)[named.name](value)
    return json if bare is not type_ else [Value(f"coalesce({concatenated(json)}, 'null')")]


def spelled_member(type_: GraphQLOutputType, value: str) -> list[Piece]:
    """The same for a value inside stored JSON, where all but enumerations are in the API's spelling already."""
    is_enum = isinstance(get_named_type(type_), GraphQLEnumType)
    json = f'upper(({value})::text COLLATE "C")' if is_enum else f"({value})::text"
    return [Value(json if isinstance(type_, GraphQLNonNull) else f"coalesce({json}, 'null')")]
