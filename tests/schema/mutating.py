"""Running one mutation and looking at what came of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from graphql import get_named_type, is_input_object_type
from strawberry.types import ExecutionResult

from services.organisations.rules import Actor

PROBLEMS = "... on Problem { code message } ... on InvalidProblem { problems { field message } }"


class Changes:
    """Runs mutations by the name of their field; `payload` is what to select of the result when it succeeds."""

    def __init__(self, schema: strawberry.Schema, execute: Callable[..., Awaitable[ExecutionResult]]) -> None:
        self._schema = schema
        self._execute = execute

    @property
    def fields(self) -> list[str]:
        """The names of all mutations."""
        mutation = self._schema._schema.mutation_type
        assert mutation is not None
        return list(mutation.fields)

    def input_fields(self) -> set[str]:
        """The names of all fields of what mutations are given, at any depth."""
        inputs = (type_ for type_ in self._schema._schema.type_map.values() if is_input_object_type(type_))
        return {name for type_ in inputs for name in type_.fields}

    async def __call__(self, actor: Actor, field: str, given: dict[str, Any], payload: str = "") -> dict[str, Any]:
        """The result of a mutation, which must be a member of its union."""
        mutation = self._schema._schema.mutation_type
        assert mutation is not None
        input_type = mutation.fields[field].args["input"].type
        document = f"""mutation($input: {input_type}) {{
            {field}(input: $input) {{ __typename {PROBLEMS} {payload} }}
        }}"""
        result = await self._execute(actor, document, input=given)
        assert result.errors is None, result.errors
        assert result.data is not None
        answer: dict[str, Any] = result.data[field]
        assert answer["__typename"] in {member.name for member in self._members(field)}
        return answer

    def _members(self, field: str) -> list[Any]:
        mutation = self._schema._schema.mutation_type
        assert mutation is not None
        return list(get_named_type(mutation.fields[field].type).types)


def fields_of(answer: dict[str, Any]) -> list[str]:
    """The fields an InvalidProblem names."""
    assert answer["__typename"] == "InvalidProblem", answer
    assert answer["code"] == "INVALID"
    return sorted(problem["field"] for problem in answer["problems"])
