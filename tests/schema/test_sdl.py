"""The schema as a manual: committed as it is, and everything in it described."""

from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_specified_scalar_type,
)

from schema.computed import STATEMENTS_OF_COMPUTED_FIELDS
from schema.planner.selection import plan_of_field

COMMITTED = Path(__file__).resolve().parents[2] / "schema" / "schema.graphql"


def test_the_committed_schema_is_current(schema: strawberry.Schema) -> None:
    assert COMMITTED.read_text() == schema.as_str().rstrip() + "\n", "run `make sdl` and review the difference"


def undescribed(name: str, type_: Any) -> list[str]:
    """What lacks a description in a type."""
    parts: dict[str, Any] = {name: type_}
    if isinstance(type_, GraphQLEnumType):
        parts |= {f"{name}.{value}": described for value, described in type_.values.items()}
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for field_name, field in type_.fields.items():
            parts[f"{name}.{field_name}"] = field
            for argument_name, argument in getattr(field, "args", {}).items():
                parts[f"{name}.{field_name}({argument_name})"] = argument
    return [path for path, part in parts.items() if not (part.description or "").strip()]


def test_every_type_field_argument_and_value_is_described(schema: strawberry.Schema) -> None:
    types = {
        name: type_
        for name, type_ in schema._schema.type_map.items()
        if not name.startswith("__") and not is_specified_scalar_type(type_)
    }
    assert [path for name, type_ in types.items() for path in undescribed(name, type_)] == []


def test_every_query_is_planned_or_says_how_many_statements_it_runs(schema: strawberry.Schema) -> None:
    query = schema._schema.query_type
    assert query is not None
    computed = {name for name, field in query.fields.items() if plan_of_field(field) is None}
    assert computed == set(STATEMENTS_OF_COMPUTED_FIELDS)


@pytest.mark.parametrize("secret", ["token_hash", "tokenHash", "password"])
def test_no_secret_has_a_name_in_the_schema(secret: str, schema: strawberry.Schema) -> None:
    query_side = [line for line in schema.as_str().splitlines() if secret in line]
    assert query_side == []
