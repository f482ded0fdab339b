"""What a client hears of an error: everything about its own request, nothing about our insides."""

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.types import ExecutionResult
from structlog.testing import capture_logs

from schema.context import Context
from schema.errors import MASKED, InvalidProblem, NotFoundProblem, problem_of, without_suggestion
from schema.mutation import Change, mutation
from schema.root import build_schema
from services.db import Database
from services.errors import Conflict, FieldProblem, Invalid, NotAuthenticated, NotFound, NotPermitted, ServiceError
from tests.factories.world import World
from tests.schema.conftest import NOW

REFUSALS: dict[str, Exception] = {
    "absent": NotFound("no such thing"),
    "defect": RuntimeError("the password is hunter2"),
    "forbidden": NotPermitted("not with your role"),
    "invalid": Invalid("two faults", [FieldProblem("windows.0.opens_at", "too early")]),
}


@strawberry.type(description="Something to answer.")
class Done:
    """A payload."""

    ok: bool = strawberry.field(description="Whether it is done.")


@strawberry.type
class Failing:
    """Mutations that do nothing but fail."""

    @mutation("Fails in a way its result has words for, if it has any.")
    async def fail(self, change: Change, how: str) -> Done | NotFoundProblem | InvalidProblem:  # noqa: ARG002
        """Raise what is asked for."""
        raise REFUSALS[how]


async def fail(world: World, database: Database, how: str) -> ExecutionResult:
    """The result of failing."""
    document = """mutation($how: String!) { fail(how: $how) { __typename
        ... on NotFoundProblem { message code }
        ... on InvalidProblem { message code problems { field message } } } }"""
    context = Context(database=database, actor=world.actor, now=NOW, trace_id="trace-7")
    schema = build_schema(more_mutations=[Failing])
    result = await schema.execute(document, variable_values={"how": how}, context_value=context)
    assert isinstance(result, ExecutionResult)
    return result


async def test_a_refusal_is_the_member_of_the_result_that_says_so(world: World, database: Database) -> None:
    result = await fail(world, database, "absent")
    assert result.data == {"fail": {"__typename": "NotFoundProblem", "message": "no such thing", "code": "NOT_FOUND"}}


async def test_an_invalid_input_names_its_fields_as_the_client_spells_them(world: World, database: Database) -> None:
    result = await fail(world, database, "invalid")
    assert result.data is not None
    assert result.data["fail"]["problems"] == [{"field": "windows.0.opensAt", "message": "too early"}]


async def test_a_refusal_the_result_has_no_member_for_is_a_coded_error(world: World, database: Database) -> None:
    result = await fail(world, database, "forbidden")
    assert [error.message for error in result.errors or []] == ["not with your role"]
    assert [error.extensions for error in result.errors or []] == [{"code": "NOT_PERMITTED"}]


async def test_a_defect_is_logged_once_and_told_by_its_trace_id_alone(world: World, database: Database) -> None:
    with capture_logs() as logs:
        result = await fail(world, database, "defect")
    assert [error.message for error in result.errors or []] == [MASKED]
    assert [error.extensions for error in result.errors or []] == [{"code": "INTERNAL", "traceId": "trace-7"}]
    assert "hunter2" not in str(result)
    assert [(line["log_level"], line["trace_id"], line["path"]) for line in logs] == [("error", "trace-7", ["fail"])]


async def test_a_fault_of_the_request_is_told_as_it_is(world: World, database: Database) -> None:
    context = Context(database=database, actor=world.actor, now=NOW, trace_id="trace-7")
    with capture_logs() as logs:
        result = await build_schema().execute("{ nothing }", context_value=context)
    assert "nothing" in str(result.errors)
    assert logs == []


@pytest.mark.parametrize("kind", [NotFound, Invalid, Conflict, NotPermitted])
def test_every_kind_of_refusal_has_a_problem(kind: type[ServiceError]) -> None:
    problem = problem_of(kind("why"))
    assert (problem.message, problem.code) == ("why", kind.code)


def test_a_kind_without_a_problem_is_a_defect() -> None:
    with pytest.raises(TypeError, match="NotAuthenticated"):
        problem_of(NotAuthenticated("who?"))


def test_a_suggestion_is_cut_out_wherever_it_stands() -> None:
    said = "Unknown field 'criticalit'. Did you mean 'criticality' or 'critical'? Found: { criticalit: HIGH }."
    error = without_suggestion(GraphQLError(said, path=["a"], extensions={"code": "X"}))
    assert error.message == "Unknown field 'criticalit'. Found: { criticalit: HIGH }."
    assert (error.path, error.extensions) == (["a"], {"code": "X"})
    for text, left in (("Plain.", "Plain."), ("No. Did you mean a? Did you mean b", "No."), (" Did you mean ", "")):
        assert without_suggestion(GraphQLError(text)).message == left
