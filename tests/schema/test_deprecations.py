"""Whatever is deprecated says since when and what to use instead, and that is there (docs/deprecation.md)."""

import pytest
import strawberry
from graphql import GraphQLSchema, build_schema

from schema.deprecation import REASON, deprecated, parts


def faults(schema: GraphQLSchema) -> list[str]:
    """What is deprecated without a reason of the form, or in favour of something that is not there or deprecated."""
    everything = dict(parts(schema))
    found = []
    for path, part in everything.items():
        if part.deprecation_reason is not None:
            said = REASON.fullmatch(part.deprecation_reason)
            instead = everything.get(said["instead"]) if said else None
            if instead is None or instead.deprecation_reason is not None:
                found.append(path)
    return found


def test_everything_deprecated_says_since_when_and_what_to_use_instead(schema: strawberry.Schema) -> None:
    assert faults(schema._schema) == []


GOOD = deprecated(since="0.3", instead="Query.new", why="It counts what was counted twice.")


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        (GOOD, []),
        (deprecated(since="0.3", instead="Query.new"), []),
        (deprecated(since="0.3", instead="Query.gone"), ["Query.old"]),
        (deprecated(since="0.3", instead="Query.old"), ["Query.old"]),
        ("use something else", ["Query.old"]),
        ("Since lately: use `Query.new`.", ["Query.old"]),
    ],
)
def test_a_reason_that_does_not_help_is_found(reason: str, found: list[str]) -> None:
    sdl = f'type Query {{ new: Int old: Int @deprecated(reason: "{reason}") }}'
    assert faults(build_schema(sdl)) == found


def test_arguments_and_values_are_looked_at_too() -> None:
    sdl = """enum Colour { RED GREY @deprecated }
        input Paint { red: Int grey: Int @deprecated(reason: "no") }
        type Query { paint(colour: Colour, paint: Paint, old: Int @deprecated): Int }"""
    assert sorted(faults(build_schema(sdl))) == ["Colour.GREY", "Paint.grey", "Query.paint.old"]
