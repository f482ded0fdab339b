"""How a part of the schema says that it will go, and what to use instead. The policy is in docs/deprecation.md."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
)

REASON = re.compile(r"Since (?P<since>\d+\.\d+): use `(?P<instead>[\w.]+)`\.(?: .+)?")


def deprecated(*, since: str, instead: str, why: str = "") -> str:
    """The reason of something deprecated: since which version, and the field, argument or value to use instead."""
    return f"Since {since}: use `{instead}`." + (f" {why}" if why else "")


def parts(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    """Every field, argument and enumeration value by its path, `Type.field.argument`."""
    for name, type_ in schema.type_map.items():
        if is_introspection_type(type_):
            continue
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{name}.{value}", part) for value, part in type_.values.items())
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in type_.fields.items():
                yield f"{name}.{field_name}", field
                for argument, part in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}.{argument}", part
