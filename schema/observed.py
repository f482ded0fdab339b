"""What an operation was, told to whoever counts requests: its name, its kind, and the codes of its errors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult
from strawberry.types.execution import ExecutionContext


@dataclass(frozen=True)
class Observed:
    """One operation that was executed or refused. `name` is the caller's own word: never use it unchecked."""

    name: str | None
    kind: str
    codes: tuple[str, ...]


class ObservedOperation(SchemaExtension):
    """Leaves an `Observed` in the request's state, as `operation`. First among extensions, so that it ends last."""

    def on_operation(self) -> Iterator[None]:
        """Look at the finished operation, or at what it was refused with before it was read."""
        try:
            yield
        except GraphQLError as refusal:
            self._leave([refusal])
            raise
        result = self.execution_context.result
        errors = result.errors if isinstance(result, ExecutionResult | GraphQLExecutionResult) else None
        self._leave(errors or ())

    def _leave(self, errors: Sequence[GraphQLError]) -> None:
        execution = self.execution_context
        request = getattr(execution.context, "request", None)
        if request is not None:
            request.state.operation = Observed(
                name=execution.operation_name,
                kind=_kind(execution),
                codes=tuple(str((error.extensions or {}).get("code")) for error in errors),
            )


def _kind(execution: ExecutionContext) -> str:
    try:
        return str(execution.operation_type.value).lower()
    except RuntimeError:  # it could not be read, or has no operation of the name asked for
        return "invalid"
