"""Every field of every type compiles to SQL that PostgreSQL accepts, and answers."""

from typing import cast

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type

from schema.planner.planned_types import model_of
from tests.factories.world import World
from tests.schema.conftest import Ask

DEPTH = 2
"""Relations followed from the objects of each list; below them, scalars only."""


def selection(type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
    """Every scalar of a type, and every relation while the depth lasts, by pages of two."""
    parts = ["__typename"]
    for name, field in type_.fields.items():
        named = get_named_type(field.type)
        if is_leaf_type(named):
            parts.append(name)
        elif "first" in field.args and depth > 0:
            parts.append(f"{name}(first: 2) {{ nodes {{ {selection(node_type(field.type), depth - 1)} }} }}")
        elif isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and depth > 0:
            parts.append(f"{name} {{ {selection(named, depth - 1)} }}")
    return " ".join(parts)


def node_type(connection: object) -> GraphQLObjectType:
    """The type of the objects in a connection."""
    named = cast(GraphQLObjectType, get_named_type(cast(GraphQLObjectType, connection)))
    return cast(GraphQLObjectType, get_named_type(named.fields["nodes"].type))


def lists(schema: strawberry.Schema) -> dict[str, GraphQLObjectType]:
    """The root fields that list objects, with the type of these."""
    query = schema._schema.query_type
    assert query is not None
    paged = {name: field.type for name, field in query.fields.items() if "after" in field.args}
    return {name: node_type(type_) for name, type_ in paged.items() if "nodes" in get_named_type(type_).fields}


async def everything(ask: Ask, world: World, name: str, type_: GraphQLObjectType) -> list[dict[str, object]]:
    """The first objects of a list with all that can be selected of them."""
    document = f"""{{ {name}(first: 3) {{
        __typename totalCount
        pageInfo {{ __typename hasNextPage hasPreviousPage startCursor endCursor }}
        edges {{ __typename cursor node {{ __typename id }} }}
        nodes {{ {selection(type_, DEPTH)} }}
    }} }}"""
    answered = (await ask(world.actor, document))[name]
    nodes = answered["nodes"]
    assert nodes, f"the world has no {name}, so that nothing is shown of them"
    assert answered["totalCount"] == len(nodes)
    assert [edge["node"]["id"] for edge in answered["edges"]] == [node["id"] for node in nodes]
    assert answered["pageInfo"]["endCursor"] == answered["edges"][-1]["cursor"]
    return cast(list[dict[str, object]], nodes)


async def test_every_field_of_every_list_is_answered(schema: strawberry.Schema, world: World, ask: Ask) -> None:
    assert {"tickets", "clocks", "breaches", "periodResults", "agreements"} <= set(lists(schema))
    for name, type_ in lists(schema).items():
        await everything(ask, world, name, type_)


async def test_the_organisation_answers_with_every_field(schema: strawberry.Schema, world: World, ask: Ask) -> None:
    type_ = cast(GraphQLObjectType, schema._schema.type_map["Organisation"])
    answered = await ask(world.actor, f"{{ organisation {{ {selection(type_, DEPTH)} }} }}")
    assert answered["organisation"]["timeZone"] == "UTC"


async def test_every_type_is_found_again_by_the_ids_it_gives(schema: strawberry.Schema, world: World, ask: Ask) -> None:
    found = {"Organisation": (await ask(world.actor, "{ organisation { id } }"))["organisation"]["id"]}
    for name, type_ in lists(schema).items():
        collect_ids(await everything(ask, world, name, type_), found)
    planned = {name for name, type_ in schema._schema.type_map.items() if _is_planned(type_)}
    assert set(found) == planned
    for type_name, id_ in found.items():
        answered = await ask(world.actor, "query($id: ID!) { node(id: $id) { __typename id } }", id=id_)
        assert answered["node"] == {"__typename": type_name, "id": id_}


def collect_ids(value: object, found: dict[str, str]) -> None:
    """One id of each type that occurs in an answer."""
    if isinstance(value, dict):
        if "id" in value:
            found[value["__typename"]] = value["id"]
        for each in value.values():
            collect_ids(each, found)
    elif isinstance(value, list):
        for each in value:
            collect_ids(each, found)


def _is_planned(type_: object) -> bool:
    return isinstance(type_, GraphQLObjectType) and model_of(type_) is not None
