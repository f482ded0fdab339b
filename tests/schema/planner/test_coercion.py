"""Values of every input type of the schema are coerced as graphql-core coerces them, or refused as it refuses them."""

from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    Undefined,
    is_enum_type,
    is_input_object_type,
    is_input_type,
    is_list_type,
    is_non_null_type,
)
from graphql.type import GraphQLDefaultInput
from graphql.utilities.coerce_input_value import coerce_input_value
from hypothesis import given
from hypothesis import strategies as st

from schema.planner.coercion import coercer_of, is_bounded

ANYTHING: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, 7, -1, 2**40, 1.5, "", "x", "7", "99.5", "2026-06-01", "2026-06-01T10:00:00Z", "PT4H", [], {}]
)


def values_of(type_: GraphQLInputType, *, depth: int = 4) -> st.SearchStrategy[Any]:
    """Mostly of the type, and now and then something else."""
    if depth == 0:
        return ANYTHING
    if is_non_null_type(type_):
        return values_of(type_.of_type, depth=depth)
    if is_list_type(type_):
        of_one = values_of(type_.of_type, depth=depth - 1)
        return st.one_of(st.lists(of_one, max_size=3), of_one, ANYTHING)
    if is_input_object_type(type_):
        fields = {name: values_of(field.type, depth=depth - 1) for name, field in type_.fields.items()}
        required = {name: values for name, values in fields.items() if is_non_null_type(type_.fields[name].type)}
        optional = {name: values for name, values in fields.items() if name not in required}
        fitting = st.fixed_dictionaries(required, optional=optional)
        strange = st.fixed_dictionaries({}, optional={**fields, "nobodysField": ANYTHING})
        return st.one_of(fitting, fitting, strange, ANYTHING)
    if is_enum_type(type_):
        return st.one_of(st.sampled_from(sorted(type_.values)), ANYTHING)
    return ANYTHING


@given(data=st.data())
def test_every_input_type_is_coerced_as_by_graphql_core(schema: strawberry.Schema, data: st.DataObject) -> None:
    types = [type_ for type_ in schema._schema.type_map.values() if is_input_type(type_) and is_bounded(type_)]
    type_ = data.draw(st.sampled_from(sorted(types, key=str)), label="type")
    value = data.draw(values_of(type_), label="value")
    # By their text, which tells the order of fields and 1 from True as well.
    assert repr(coercer_of(type_)(value)) == repr(coerce_input_value(value, type_))


COLOUR = GraphQLEnumType("Colour", {"RED": 1})
LEAF = GraphQLInputObjectType(
    "Leaf",
    {
        "number": GraphQLInputField(GraphQLNonNull(GraphQLInt), out_name="count"),
        "text": GraphQLInputField(GraphQLString, default=GraphQLDefaultInput(value="none")),
        "colours": GraphQLInputField(GraphQLList(GraphQLNonNull(COLOUR))),
    },
)
CHOICE = GraphQLInputObjectType(
    "Choice", {"a": GraphQLInputField(GraphQLInt), "b": GraphQLInputField(GraphQLInt)}, is_one_of=True
)
TREE: GraphQLInputObjectType = GraphQLInputObjectType("Tree", lambda: {"left": GraphQLInputField(GraphQLList(TREE))})


@pytest.mark.parametrize(
    ("type_", "value", "coerced"),
    [
        (LEAF, {"colours": ["RED"], "number": 1}, {"count": 1, "text": "none", "colours": [1]}),
        (LEAF, {"number": 1, "text": None, "colours": "RED"}, {"count": 1, "text": None, "colours": [1]}),
        (LEAF, {"text": "x"}, Undefined),
        (LEAF, {"number": None}, Undefined),
        (LEAF, {"number": 1, "size": 2}, Undefined),
        (LEAF, {"number": 1, "colours": ["RED", None]}, Undefined),
        (LEAF, {"number": 1, "colours": None}, {"count": 1, "text": "none", "colours": None}),
        (LEAF, None, None),
        (GraphQLNonNull(LEAF), None, Undefined),
        (LEAF, [1], Undefined),
        (CHOICE, {"a": 1}, {"a": 1}),
        (CHOICE, {"a": 1, "b": 2}, Undefined),
        (CHOICE, {"a": None}, Undefined),
    ],
)
def test_objects_lists_defaults_and_choices(type_: GraphQLInputType, value: Any, coerced: Any) -> None:
    assert repr(coercer_of(type_)(value)) == repr(coerced)
    assert repr(coerce_input_value(value, type_)) == repr(coerced)


def test_only_a_type_that_contains_itself_has_values_of_any_depth() -> None:
    assert [is_bounded(type_) for type_ in (LEAF, CHOICE, GraphQLList(TREE))] == [True, True, False]
