"""What the fields at the top of a query read, compiled all at once.

`Reading` is made for one request and serves an executor that formats the answer and makes what is not planned.
`CompiledQuery` is made when every field is planned: it yields finished bytes, and serves other requests, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    is_non_null_type,
)

from schema.planner.given import Guard, Request
from schema.planner.plans import Connected, Lookup, NodeById, NodesById
from schema.planner.roots import Compiled, compile_root
from schema.planner.selection import TYPENAME, Operation, selected_field
from schema.planner.variables import Variable
from services.errors import ServiceError
from services.reader import Statement

READ = (Lookup, Connected, NodeById, NodesById)
"""Plans of the fields at the top that a statement answers."""

Refusal = GraphQLError | ServiceError


@dataclass(frozen=True)
class Reading:
    """The planned fields of a query by their response keys: compiled, null without asking, or why one is refused."""

    request: Request
    fields: Mapping[str, Compiled | Refusal | None]
    others: Sequence[str]
    """The names of the fields that are not planned."""

    @property
    def complete(self) -> bool:
        """Whether all of it is planned and nothing refused, so that a `CompiledQuery` can be made."""
        refused = any(isinstance(field, GraphQLError | ServiceError) for field in self.fields.values())
        return not refused and all(name == TYPENAME for name in self.others)

    @property
    def objects(self) -> int:
        """How many objects it may return at most."""
        return sum(field.cost.of(self.request) for field in self.fields.values() if isinstance(field, Compiled))

    def statement(self, key: str) -> Statement | None:
        """The statement of a field, if one has to be asked. Raises what it is refused with."""
        field = self.fields[key]
        if isinstance(field, GraphQLError | ServiceError):
            raise field
        return None if field is None else field.statement(self.request)


def compile_reading(operation: Operation) -> Reading:
    """Compile what a query reads for the request it is asked by, which the operation then forgets."""
    type_ = cast(GraphQLObjectType, operation.schema.query_type)
    fields: dict[str, Compiled | Refusal | None] = {}
    others = []
    for key, nodes in operation.root_nodes(type_).items():
        try:
            field = selected_field(operation, type_, key, nodes)
            if isinstance(field.plan, READ):
                fields[key] = compile_root(operation, field, finished=False)
            else:
                others.append(field.name)
        except (GraphQLError, ServiceError) as refusal:
            fields[key] = refusal
    request = operation.inputs.request
    operation.inputs.forget_request()
    return Reading(request, fields, others)


@dataclass(frozen=True)
class CompiledField:
    """One field of an answer: text before its value, and the statement that yields it, or the value itself."""

    before: bytes
    compiled: Compiled | None
    value: bytes = b"null"
    nullable: bool = True


@dataclass(frozen=True)
class CompiledQuery:
    """A whole query of which every field is read, for every request that its guards hold of."""

    name: str | None
    variables: Sequence[Variable]
    fields: Sequence[CompiledField]
    guards: Sequence[Guard]

    def serves(self, request: Request) -> bool:
        """Whether it was compiled for requests like this one. Refused when a value cannot be used at all."""
        for guard in self.guards:  # noqa: SIM110 - every request comes here
            if not guard.holds(request):
                return False
        return True

    @property
    def size(self) -> int:
        """Roughly how many characters it keeps."""
        return sum(len(field.compiled.sql) for field in self.fields if field.compiled is not None)


def compile_query(operation: Operation) -> CompiledQuery | None:
    """A query to be kept, without the request that the operation then forgets; None when a field is not planned.

    Raises what a field is refused with.
    """
    type_ = cast(GraphQLObjectType, operation.schema.query_type)
    fields = []
    for number, (key, nodes) in enumerate(operation.root_nodes(type_).items()):
        field = selected_field(operation, type_, key, nodes)
        before = f'{"," if number else ""}"{key}":'.encode()
        if field.name == TYPENAME:
            fields.append(CompiledField(before, None, value=f'"{type_.name}"'.encode()))
        elif isinstance(field.plan, READ) and field.definition is not None:
            compiled = compile_root(operation, field, finished=True)
            fields.append(CompiledField(before, compiled, nullable=not is_non_null_type(field.definition.type)))
        else:
            return None
    operation.inputs.forget_request()
    name = operation.definition.name
    return CompiledQuery(
        name.value if name else None,
        [Variable.of(operation.schema, definition) for definition in operation.definition.variable_definitions or ()],
        fields,
        tuple(operation.inputs.guards),
    )


def fragments_of(document: DocumentNode) -> list[FragmentDefinitionNode]:
    """The fragments of a document."""
    return [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]


def operation_of(
    schema: GraphQLSchema, document: DocumentNode, definition: OperationDefinitionNode, request: Request
) -> Operation:
    """An operation of a validated document as asked by a request."""
    return Operation.of(schema, definition, fragments_of(document), request)
