"""Which fields an operation selects below a field: fragments merged, @skip and @include decided, arguments found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    Undefined,
    Visitor,
    is_non_null_type,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import ArgumentNode, DirectiveNode, VariableNode
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.planner.given import Given, Inputs, Request, Source
from schema.planner.plans import Plan, plan_of
from schema.planner.refusal import Refused

TYPENAME = "__typename"
DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF
NO_VARIABLES = VariableValues({}, {})


@dataclass(frozen=True)
class Operation:
    """An operation of a validated document, and what one request gives to it."""

    schema: GraphQLSchema
    definition: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    inputs: Inputs

    @classmethod
    def of(
        cls,
        schema: GraphQLSchema,
        definition: OperationDefinitionNode,
        fragments: Iterable[FragmentDefinitionNode],
        request: Request,
    ) -> "Operation":
        """The operation as asked by a request. What decides on @skip and @include becomes part of any plan for it."""
        inputs = Inputs(request)
        named = {fragment.name.value: FragmentDetails(fragment) for fragment in fragments}
        for name in _deciding_variables([definition, *(details.definition for details in named.values())]):
            inputs.given(_variable(name), kept=False).decided(_itself)
        return cls(schema, definition, named, inputs)

    @property
    def variables(self) -> VariableValues:
        """The variables of the request."""
        return self.inputs.request.variables

    def root_nodes(self, type_: GraphQLObjectType) -> dict[str, list[FieldNode]]:
        """The nodes of each field selected at the top, by its response key."""
        grouped = collect_fields(self.schema, self.fragments, self.variables, type_, self.definition).grouped_field_set
        return {key: [details.node for details in found] for key, found in grouped.items()}


@dataclass(frozen=True)
class Selected:
    """One field to answer: its response key, and what was asked of it. `plan` is None for __typename alone."""

    key: str
    name: str
    definition: GraphQLField | None
    plan: Plan | None
    arguments: dict[str, Given]
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
    definition = type_.fields.get(name)
    if definition is None:  # __typename, or at the top __schema and __type
        return Selected(key, name, None, None, {}, nodes)
    return Selected(
        key, name, definition, plan_of_field(definition), _arguments(operation, definition, nodes[0]), nodes
    )


def plan_of_field(definition: GraphQLField) -> Plan | None:
    """The plan declared for a field of the built schema."""
    return plan_of(definition.extensions.get(DEFINITION))


def _arguments(operation: Operation, definition: GraphQLField, node: FieldNode) -> dict[str, Given]:
    """Every argument that has a value or a default, by its name in GraphQL."""
    values = get_argument_values(definition, node, operation.variables)
    written = {argument.name.value: argument for argument in node.arguments or ()}
    found = {}
    for name, declared in definition.args.items():
        argument = written.get(name)
        if argument is not None and (source := _source(definition, node, name, declared, argument)) is not None:
            found[name] = operation.inputs.given(source, kept=not isinstance(argument.value, VariableNode))
        elif name in values:
            found[name] = operation.inputs.constant(values[name])
    return found


def _source(
    definition: GraphQLField, node: FieldNode, name: str, declared: GraphQLArgument, argument: ArgumentNode
) -> Source | None:
    """Where a request has the value of an argument; None when no variable stands in it."""
    if isinstance(argument.value, VariableNode):
        default = coerce_default_value(declared)
        absent = None if default is Undefined else default
        return _variable(argument.value.name.value, absent, required=is_non_null_type(declared.type))
    if not _variables_in(argument.value):
        return None
    return lambda request: get_argument_values(definition, node, request.variables).get(name)


def _variable(name: str, absent: Any = None, *, required: bool = False) -> Source:
    def find(request: Request) -> Any:
        value = request.variables.coerced.get(name, absent)
        if required and value is None:
            raise Refused("BAD_VARIABLE", f"${name}: expected a value, got null")
        return value

    return find


def _deciding_variables(nodes: Iterable[Node]) -> set[str]:
    """The variables of all @skip and @include below."""
    found: set[str] = set()

    class Finder(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            found.update(_variables_in(node))

    for node in nodes:
        visit(node, Finder())
    return found


def _variables_in(node: Node) -> set[str]:
    found: set[str] = set()

    class Finder(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            found.add(node.name.value)

    visit(node, Finder())
    return found


def _itself(value: Any) -> Any:
    return value
