"""What one request may ask for is bounded, and measuring it is quick."""

import time

import pytest

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
