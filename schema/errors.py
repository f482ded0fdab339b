"""How refusals and defects reach a client: refusals as typed problems or coded errors, defects only as a trace id."""

from collections.abc import Iterator
from typing import Any

import strawberry
import structlog
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.field import StrawberryField

from services.errors import Conflict, Invalid, NotFound, NotPermitted, ServiceError

MOST_ERRORS = 8
"""Errors shown of one request: a small request gets no large answer."""
MASKED = "something went wrong; quote the trace id"

log = structlog.get_logger("schema.errors")


@strawberry.interface(description="Why a request was refused, in a form a program can act on.")
class Problem:
    """What all problems have in common."""

    message: str = strawberry.field(description="What is wrong and what was expected, for people.")
    code: str = strawberry.field(description="A stable name of the kind of problem, for programs.")


@strawberry.type(description="Something the request refers to does not exist in the organisation.")
class NotFoundProblem(Problem):
    """See NotFound."""


@strawberry.type(description="One thing wrong with one field of the input.")
class FieldProblem:
    """See services.errors.FieldProblem."""

    field: str = strawberry.field(
        description="The path of the field in the input, steps separated by dots: `windows.2.opens`."
    )
    message: str = strawberry.field(description="What is wrong and what was expected.")


@strawberry.type(description="The input cannot be accepted; nothing was changed.")
class InvalidProblem(Problem):
    """See Invalid."""

    problems: list[FieldProblem] = strawberry.field(description="Every field at fault; empty if it is the whole.")


@strawberry.type(
    description=(
        "The input contradicts what is already recorded; nothing was changed. Its code is `CONFLICT`, or `TRY_AGAIN`"
        " where others were changing the same things at the same moment and the same request may succeed now."
    )
)
class ConflictProblem(Problem):
    """See Conflict, TryAgain and TryAgainLater."""

    current_version: int | None = strawberry.field(
        description="The version of what was to be edited, where somebody else edited it first; otherwise null."
    )


@strawberry.type(description="The caller's role does not allow this; nothing was changed.")
class NotPermittedProblem(Problem):
    """See NotPermitted."""


def problem_of(error: ServiceError) -> Problem:
    """The GraphQL problem of a refusal. A TypeError for a kind that has none: no mutation may end that way."""
    match error:
        case Invalid():
            fields = [FieldProblem(field=camel_path(found.field), message=found.message) for found in error.problems]
            return InvalidProblem(message=error.message, code=error.code, problems=fields)
        case NotFound():
            return NotFoundProblem(message=error.message, code=error.code)
        case Conflict():
            return ConflictProblem(message=error.message, code=error.code, current_version=error.current_version)
        case NotPermitted():
            return NotPermittedProblem(message=error.message, code=error.code)
    raise TypeError(f"no problem type for {type(error).__name__}")


def camel_path(path: str) -> str:
    """A dotted path of Python names as the client spells it: `targets.0.opens_at` is `targets.0.opensAt`."""
    return ".".join(_camel(step) for step in path.split("."))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class _NotFoundHandler(strawberry.ExceptionHandler[NotFound, NotFoundProblem]):
    def handle(self, exception: NotFound, *, field: StrawberryField, info: Any) -> Any:  # noqa: ARG002
        return problem_of(exception)


class _InvalidHandler(strawberry.ExceptionHandler[Invalid, InvalidProblem]):
    def handle(self, exception: Invalid, *, field: StrawberryField, info: Any) -> Any:  # noqa: ARG002
        return problem_of(exception)


class _ConflictHandler(strawberry.ExceptionHandler[Conflict, ConflictProblem]):
    def handle(self, exception: Conflict, *, field: StrawberryField, info: Any) -> Any:  # noqa: ARG002
        return problem_of(exception)


class _NotPermittedHandler(strawberry.ExceptionHandler[NotPermitted, NotPermittedProblem]):
    def handle(self, exception: NotPermitted, *, field: StrawberryField, info: Any) -> Any:  # noqa: ARG002
        return problem_of(exception)


def exception_handlers() -> list[strawberry.ExceptionHandler[Any, Any]]:
    """Turn a refusal raised by a mutation into the member of its result union that says so."""
    return [_NotFoundHandler(), _InvalidHandler(), _ConflictHandler(), _NotPermittedHandler()]


class PublicErrors(SchemaExtension):
    """Lets through what the caller did wrong, masks everything else, and says no more than a caller can use.

    Without `suggestions` no error names what the caller may have meant: who may not look at the schema learns no name
    of it by guessing.
    """

    def __init__(self, *, suggestions: bool = True) -> None:
        self._suggestions = suggestions

    def on_operation(self) -> Iterator[None]:
        """Rewrite the errors of a finished operation, and a defect that kept it from being executed."""
        trace_id = getattr(self.execution_context.context, "trace_id", None)
        try:
            yield
        except (GraphQLError, MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError):
            raise
        except Exception as defect:
            raise public_error(GraphQLError(str(defect), original_error=defect), trace_id) from defect
        result = self.execution_context.result
        if isinstance(result, ExecutionResult | GraphQLExecutionResult) and result.errors:
            shown = public_errors(result.errors, trace_id)
            result.errors = shown if self._suggestions else [without_suggestion(error) for error in shown]


def public_errors(errors: list[GraphQLError], trace_id: str | None) -> list[GraphQLError]:
    """The errors a client may see, each defect logged once under the trace id it is masked with."""
    shown = [public_error(error, trace_id) for error in errors[:MOST_ERRORS]]
    if len(errors) > MOST_ERRORS:
        shown.append(GraphQLError(f"and {len(errors) - MOST_ERRORS} more errors"))
    return shown


def without_frames(errors: list[GraphQLError]) -> list[GraphQLError]:
    """Errors without where in the code they, and what they are from, were raised; for when that has been logged.

    Frames hold on to the request, however large, and to the errors themselves: until the garbage collector comes, and
    then others wait for it to free what many have left.
    """
    seen, waiting = set[int](), list[BaseException | None](errors)
    while waiting:
        error = waiting.pop()
        if error is not None and id(error) not in seen:
            seen.add(id(error))
            error.__traceback__ = None
            waiting += (getattr(error, "original_error", None), error.__cause__, error.__context__)
    return errors


def public_error(error: GraphQLError, trace_id: str | None) -> GraphQLError:
    """An error as a client may see it: a fault of the request as it is, a refusal with its code, a defect masked."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, GraphQLError):
        return error
    if isinstance(cause, Invalid):
        problems = [{"field": camel_path(found.field), "message": found.message} for found in cause.problems]
        return _rewritten(error, cause.message, {"code": cause.code, "problems": problems})
    if isinstance(cause, ServiceError):
        return _rewritten(error, cause.message, {"code": cause.code})
    log.error("unexpected error in a resolver", path=error.path, trace_id=trace_id, exc_info=cause)
    return _rewritten(error, MASKED, {"code": "INTERNAL", "traceId": trace_id})


def without_suggestion(error: GraphQLError) -> GraphQLError:
    """The error without every `Did you mean ...?` in its message."""
    said, *suggested = error.message.split(" Did you mean ")
    if not suggested:
        return error
    return _rewritten(error, said + "".join(each.partition("?")[2] for each in suggested), error.extensions)


def _rewritten(error: GraphQLError, message: str, extensions: dict[str, Any] | None) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
