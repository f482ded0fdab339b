"""What one request may ask for is bounded, and measuring it is quick."""

import asyncio
import threading
import time
from typing import ClassVar

import pytest
import strawberry
from graphql import GraphQLError

from schema.errors import MASKED, PublicErrors
from schema.limits import LONGEST_TEXT, MOST_FAULTS, Limits
from schema.planner.refusal import Refused
from schema.reading import MOST_OF_ONE, apart
from tests.factories.world import World
from tests.schema.conftest import Execute

DEEP = "parent { " * 15 + "key" + " }" * 15
DOUBLING = "".join(f" fragment F{level} on Query {{ ...F{level + 1} ...F{level + 1} }}" for level in range(40))


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (f'{{ department(key: "it") {{ {DEEP} }} }}', "levels"),
        ("{ " + "".join(f"a{number}: __typename " for number in range(51)) + "}", "aliases"),
        ("{ " + "".join(f"a{number}: __typename " for number in range(21)) + "}", "fields at the top"),
        ("{ ...F } fragment F on Query { " + "__typename " * 21 + "}", "fields at the top"),
        ("{ ...F0 }" + DOUBLING + " fragment F40 on Query { __typename }", "fields"),
        ("{ " + "__typename " * 2000 + "}", "tokens"),
        ("{ organisation { id " * 300 + "} }" * 300, "at most 60 nested braces"),
        ("query($f: X = " + "{a: " * 61 + "1" + "}" * 61 + ") { __typename }", "at most 60 nested braces"),
        ("{ __typename @include(if: " + "[" * 300 + "true" + "]" * 300 + ") }", "nested too deeply"),
    ],
)
async def test_a_document_beyond_a_limit_is_refused_at_once(
    document: str, complaint: str, world: World, execute: Execute
) -> None:
    started = time.perf_counter()
    result = await execute(world.actor, document)
    assert time.perf_counter() - started < 5
    assert result.data is None
    assert any(complaint in error.message for error in result.errors or [])


@pytest.mark.parametrize(
    "hidden", ['"' + "{" * 80 + '\\""', '"""' + '{\\""" " ' * 80 + '"""', '"x"\n#' + "{" * 80 + "\n"]
)
async def test_braces_within_texts_and_comments_nest_nothing(hidden: str, world: World, execute: Execute) -> None:
    result = await execute(world.actor, f"{{ service(key: {hidden}) {{ name }} }}")
    assert (result.errors, result.data) == (None, {"service": None})


async def test_a_fragment_within_itself_is_refused(world: World, execute: Execute) -> None:
    result = await execute(world.actor, "{ ...F } fragment F on Query { ...F }")
    assert result.errors


async def test_the_deepest_query_allowed_is_answered(world: World, execute: Execute) -> None:
    deep = "parent { " * 13 + "key" + " }" * 13
    result = await execute(world.actor, f'{{ department(key: "it") {{ {deep} }} }}')
    assert result.errors is None


async def test_pages_within_pages_are_refused_when_they_could_grow_too_large(world: World, execute: Execute) -> None:
    inner = "tickets(first: 100) { nodes { events(first: %d) { nodes { key } } } }"
    document = "{ services(first: 10) { nodes { " + inner + " } } }"
    assert (await execute(world.actor, document % 20)).errors is None
    refused = await execute(world.actor, document % 100)
    assert [error.extensions for error in refused.errors or []] == [{"code": "TOO_COSTLY"}]


async def test_a_few_errors_are_told_and_the_others_counted(world: World, execute: Execute) -> None:
    result = await execute(
        world.actor, "{ organisation { " + " ".join(f"nothing{number}" for number in range(40)) + " } }"
    )
    assert result.errors is not None
    assert len(result.errors) == 9
    assert result.errors[-1].message == "and 32 more errors"


class Watched(Limits):
    """Notes which thread looked for faults."""

    read_by: ClassVar[list[str]] = []

    def _faults(self) -> list[GraphQLError]:
        self.read_by.append(threading.current_thread().name)
        return super()._faults()


@strawberry.type
class Numbers:
    @strawberry.field
    def sum(self, of: list[int]) -> int:
        return sum(of)


async def test_what_takes_long_to_read_is_read_apart_and_told_alike() -> None:
    schema = strawberry.Schema(Numbers, extensions=[Watched])
    short, long = "{ sum(of: [1]) }", "{ sum(of: [1" + ", 1" * 400 + "]) }"
    assert (await schema.execute(short)).data == {"sum": 1}
    assert (await schema.execute(long)).data == {"sum": 401}
    here = threading.current_thread().name
    assert Watched.read_by == [here, "reader_0"]
    document = "query($of: [Int!]!) { sum(of: $of) }"
    assert (await schema.execute(document, variable_values={"of": [1] * 300})).data == {"sum": 300}
    told = await schema.execute(document, variable_values={"of": ["x"] * 300})
    few = await schema.execute(document, variable_values={"of": ["x"]})
    assert Watched.read_by == [here, "reader_0", "reader_0", "reader_0", here]
    assert told.errors is not None
    assert few.errors is not None
    assert len(told.errors) == MOST_FAULTS + 1
    assert told.errors[0].message == few.errors[0].message
    for broken in ("{ sum(of: [1" + ", 1" * 400 + "]) ", "{ sum(of: [1" + ", 1" * 400 + "]) nothing }"):
        refused = await schema.execute(broken)
        assert (refused.data, len(refused.errors or [])) == (None, 1)


@strawberry.input
class Holding:
    texts: list[str]


@strawberry.type
class Measuring:
    @strawberry.field
    def measured(self, of: Holding) -> int:
        return max(map(len, of.texts))


@strawberry.type
class Keeping:
    @strawberry.mutation
    def kept(self, of: Holding) -> int:
        return max(map(len, of.texts))


async def test_a_query_finds_nothing_by_a_text_without_end_and_a_mutation_may_bring_one() -> None:
    schema = strawberry.Schema(Measuring, Keeping, extensions=[Limits])
    query, mutation = "query($of: Holding!) { measured(of: $of) }", "mutation($of: Holding!) { kept(of: $of) }"
    longest, longer = ({"of": {"texts": ["", "x" * length]}} for length in (LONGEST_TEXT, LONGEST_TEXT + 1))
    assert (await schema.execute(query, variable_values=longest)).data == {"measured": LONGEST_TEXT}
    assert (await schema.execute(mutation, variable_values=longer)).data == {"kept": LONGEST_TEXT + 1}
    refused = await schema.execute(query, variable_values=longer)
    assert [error.extensions for error in refused.errors or []] == [{"code": "TOO_LARGE"}]


async def test_others_go_on_while_a_long_document_is_read() -> None:
    went_on = asyncio.Event()

    def read() -> bool:
        asyncio.run_coroutine_threadsafe(tell(), loop).result(10)
        return went_on.is_set()

    async def tell() -> None:
        went_on.set()

    loop = asyncio.get_running_loop()
    assert await apart(read, whose="somebody")


async def test_a_caller_whose_long_documents_wait_is_refused_more_of_them_and_nobody_else_is() -> None:
    go_on = threading.Event()
    try:
        waiting = [asyncio.create_task(apart(go_on.wait, whose="one")) for _ in range(MOST_OF_ONE)]
        await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await apart(go_on.wait, whose="one")
        assert refused.value.extensions == {"code": "TOO_MANY_REQUESTS", "retryAfter": 1}
        other = asyncio.create_task(apart(lambda: "read", whose="other"))
    finally:
        go_on.set()
    assert await asyncio.gather(*waiting, other) == [*[True] * MOST_OF_ONE, "read"]
    assert await apart(lambda: "read", whose="one") == "read"


async def test_a_defect_before_an_operation_is_executed_is_masked() -> None:
    class Defective(Limits):
        def _faults(self) -> list[GraphQLError]:
            raise RuntimeError("a secret")

    schema = strawberry.Schema(Numbers, extensions=[PublicErrors, Defective])
    told = await schema.execute("{ sum(of: [1]) }")
    assert [(error.message, (error.extensions or {})["code"]) for error in told.errors or []] == [(MASKED, "INTERNAL")]
