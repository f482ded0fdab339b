"""Which of several operations is meant must be said: nothing is executed for coming first."""

from collections.abc import Iterator

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension


class NamedOperation(SchemaExtension):
    """Refuses a document of several operations that comes without the name of one."""

    def on_validate(self) -> Iterator[None]:
        """Look at the parsed document."""
        execution = self.execution_context
        if execution._provided_operation_name is None and execution.graphql_document is not None:
            definitions = execution.graphql_document.definitions
            if sum(isinstance(definition, OperationDefinitionNode) for definition in definitions) > 1:
                refusal = GraphQLError("expected an operationName, as the document has several operations")
                execution.pre_execution_errors = [refusal]
        yield
