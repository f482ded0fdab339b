"""Which fields an operation selects below a field: fragments merged, @skip and @include decided, arguments coerced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.planner.plans import Plan, plan_of

TYPENAME = "__typename"
DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF


@dataclass(frozen=True)
class Operation:
    """What walking the selections of one operation needs."""

    schema: GraphQLSchema
    definition: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: VariableValues

    @classmethod
    def of(cls, info: GraphQLResolveInfo[Any]) -> "Operation":
        """The operation a resolver is called for."""
        fragments = {name: FragmentDetails(definition) for name, definition in info.fragments.items()}
        # Strawberry hands on only the coerced values; their sources matter to literals of custom scalars alone.
        variables = VariableValues(sources={}, coerced=cast(dict[str, Any], info.variable_values))
        return cls(info.schema, info.operation, fragments, variables)


@dataclass(frozen=True)
class Selected:
    """One field to answer: its response key, and what was asked of it. `plan` is None for __typename alone."""

    key: str
    name: str
    definition: GraphQLField | None
    plan: Plan | None
    arguments: dict[str, Any]
    nodes: Sequence[FieldNode]


def select(operation: Operation, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> list[Selected]:
    """The fields selected of objects of a type, by all field nodes with the same response key, in order."""
    grouped = collect_subfields(
        operation.schema,
        operation.fragments,
        operation.variables,
        operation.definition,
        type_,
        [FieldDetails(node, None) for node in nodes],
    ).grouped_field_set
    return [
        selected_field(operation, type_, key, [details.node for details in found]) for key, found in grouped.items()
    ]


def selected_field(operation: Operation, type_: GraphQLObjectType, key: str, nodes: Sequence[FieldNode]) -> Selected:
    """One field of a type as selected by its nodes."""
    name = nodes[0].name.value
    if name == TYPENAME:
        return Selected(key, name, None, None, {}, nodes)
    definition = type_.fields[name]
    arguments = get_argument_values(definition, nodes[0], operation.variables)
    return Selected(key, name, definition, plan_of_field(definition), arguments, nodes)


def plan_of_field(definition: GraphQLField) -> Plan | None:
    """The plan declared for a field of the built schema."""
    return plan_of(definition.extensions.get(DEFINITION))
