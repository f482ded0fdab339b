"""Variables of a request for a plan that is kept: coerced as graphql-core does it, what stays the same only once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, input_is_nested_too_deeply
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_value

from schema.planner.coercion import Coercer, coercer_of, is_bounded


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of an operation: its type, and its default, Undefined where it has none."""

    signature: GraphQLVariableSignature
    default: Any
    required: bool
    coerce: Coercer | None
    """None: its values have to be looked at for how deeply they are nested."""

    @classmethod
    def of(cls, schema: GraphQLSchema, definition: VariableDefinitionNode) -> "Variable":
        """A variable that validation has accepted."""
        signature = get_variable_signature(schema, definition)
        if isinstance(signature, GraphQLError):
            raise signature
        default = Undefined if signature.default is None else coerce_default_value(signature)
        type_ = signature.type
        return cls(signature, default, is_non_null_type(type_), coercer_of(type_) if is_bounded(type_) else None)


def coerced(variables: Sequence[Variable], given: Mapping[str, Any]) -> VariableValues | None:
    """The values of an operation's variables; None when one is missing or not of its type."""
    sources: dict[str, VariableValueSource] = {}
    values: dict[str, Any] = {}
    for variable in variables:
        signature = variable.signature
        value = given.get(signature.name, Undefined)
        sources[signature.name] = VariableValueSource(signature, value)
        if value is Undefined:
            if variable.default is not Undefined:
                values[signature.name] = variable.default
            elif variable.required:
                return None
            continue
        if variable.coerce is not None:
            value = variable.coerce(value)
        elif input_is_nested_too_deeply(value, signature.type):
            return None
        else:
            value = coerce_input_value(value, signature.type)
        if value is Undefined:
            return None
        values[signature.name] = value
    return VariableValues(sources, values)
