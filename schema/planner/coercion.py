"""Coercion of what clients give, as graphql-core does it, with all that depends on the type alone done beforehand."""

from collections.abc import Callable
from functools import partial
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    Undefined,
    assert_leaf_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.pyutils import is_iterable
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_value

Coercer = Callable[[Any], Any]
"""Makes of what was given a value of a type; Undefined when it is none."""


def is_bounded(type_: GraphQLInputType, within: frozenset[str] = frozenset()) -> bool:
    """Whether its values can be nested only as deeply as the type is, because it does not contain itself."""
    while is_non_null_type(type_) or is_list_type(type_):
        type_ = type_.of_type
    if not is_input_object_type(type_):
        return True
    inside = within | {type_.name}
    return type_.name not in within and all(is_bounded(field.type, inside) for field in type_.fields.values())


def coercer_of(type_: GraphQLInputType) -> Coercer:
    """What `coerce_input_value` does for a type that is bounded."""
    if is_non_null_type(type_):
        return partial(_required, coercer_of(type_.of_type))
    if is_list_type(type_):
        return partial(_list, coercer_of(type_.of_type))
    if is_input_object_type(type_):
        return partial(coerce_input_value, type_=type_) if type_.is_one_of else _object_coercer(type_)
    return partial(_leaf, assert_leaf_type(type_))


def _required(coerce: Coercer, value: Any) -> Any:
    return Undefined if value is None else coerce(value)


def _list(coerce: Coercer, value: Any) -> Any:
    if value is None:
        return None
    found = [coerce(item) for item in (value if is_iterable(value) else [value])]
    return Undefined if any(item is Undefined for item in found) else found


def _leaf(type_: GraphQLLeafType, value: Any) -> Any:
    if value is None:
        return None
    try:
        return type_.coerce_input_value(value)
    except Exception:
        return Undefined


def _object_coercer(type_: GraphQLInputObjectType) -> Coercer:
    """In the order of the type's fields, whatever the order of what is given."""
    required = {name for name, field in type_.fields.items() if is_required_input_field(field)}
    fields = [
        (name, field.out_name or name, coercer_of(field.type), coerce_default_value(field))
        for name, field in type_.fields.items()
    ]

    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict) or not required <= value.keys() or not value.keys() <= type_.fields.keys():
            return Undefined
        found = {}
        for name, out_name, coerce_field, default in fields:
            coerced = coerce_field(value[name]) if name in value else default
            if coerced is not Undefined:
                found[out_name] = coerced
            elif name in value:
                return Undefined
        return type_.out_type(found)

    return coerce
