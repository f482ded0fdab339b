"""Two organisations with the same keys never see each other's rows."""

from typing import Any

import pytest
import strawberry

from schema.planner.identity import decode_global_id, encode_global_id
from services.db import Database, new_id
from tests.factories.organisations import new_actor
from tests.factories.stored import Rows, store
from tests.factories.world import World, new_world
from tests.schema.conftest import Ask, Execute
from tests.schema.test_every_field import everything, lists


@pytest.fixture(scope="module")
async def neighbour(database: Database) -> World:
    """Another organisation with the same keys as `world`."""
    return await new_world(database, await new_actor(database))


def ids_in(value: Any) -> set[str]:
    """Every global id in an answer."""
    if isinstance(value, dict):
        own = {value["id"]} if "id" in value else set()
        return own.union(*map(ids_in, value.values()))
    return set().union(*map(ids_in, value)) if isinstance(value, list) else set()


async def test_every_list_shows_rows_of_the_callers_organisation_alone(
    schema: strawberry.Schema, world: World, neighbour: World, ask: Ask
) -> None:
    for name, type_ in lists(schema).items():
        mine = ids_in(await everything(ask, world, name, type_))
        theirs = ids_in(await everything(ask, neighbour, name, type_))
        assert mine
        assert {decode_global_id(id_).organisation_id for id_ in mine} == {world.actor.organisation_id}
        assert {decode_global_id(id_).organisation_id for id_ in theirs} == {neighbour.actor.organisation_id}


async def test_a_key_finds_the_object_of_the_callers_organisation(world: World, neighbour: World, ask: Ask) -> None:
    document = """{ ticket(key: "INC1") { id } service(key: "mail") { id } agreement(key: "mail-sla") { id }
        calendar(key: "office") { id } person(key: "ann") { id } party(key: "acme") { id }
        department(key: "it") { id } organisation { id } }"""
    mine, theirs = await ask(world.actor, document), await ask(neighbour.actor, document)
    assert {decode_global_id(found["id"]).organisation_id for found in mine.values()} == {world.actor.organisation_id}
    assert not ids_in(mine) & ids_in(theirs)


async def test_a_foreign_id_finds_nothing(world: World, neighbour: World, execute: Execute) -> None:
    foreign = encode_global_id("Ticket", neighbour.actor.organisation_id, neighbour.ticket.id)
    disguised = encode_global_id("Ticket", world.actor.organisation_id, neighbour.ticket.id)
    own = encode_global_id("Ticket", world.actor.organisation_id, world.ticket.id)
    document = "query($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }"
    for id_ in (foreign, disguised):
        result = await execute(world.actor, document, id=id_, ids=[id_, own])
        assert result.errors is None
        assert result.data == {"node": None, "nodes": [None, {"id": own}]}


async def test_a_filter_by_a_foreign_id_keeps_nothing(world: World, neighbour: World, ask: Ask) -> None:
    document = """query($tickets: [ID!]) { clocks(filter: {ticket: $tickets}) { totalCount nodes { id } }
        breaches(filter: {ticket: $tickets}) { totalCount } }"""
    for organisation_id in (world.actor.organisation_id, neighbour.actor.organisation_id):
        ids = [encode_global_id("Ticket", organisation_id, neighbour.ticket.id)]
        answered = await ask(world.actor, document, tickets=ids)
        assert answered == {"clocks": {"totalCount": 0, "nodes": []}, "breaches": {"totalCount": 0}}
    assert (await ask(neighbour.actor, document, tickets=ids))["clocks"]["totalCount"] == 1


async def test_a_foreign_cursor_is_a_position_among_ones_own_rows(world: World, neighbour: World, ask: Ask) -> None:
    document = """query($after: String) { tickets(first: 5, after: $after, orderBy: OPENED_AT_ASC) {
        edges { cursor node { id } } } }"""
    cursor = (await ask(neighbour.actor, document))["tickets"]["edges"][0]["cursor"]
    found = ids_in(await ask(world.actor, document, after=cursor))
    assert {decode_global_id(id_).organisation_id for id_ in found} <= {world.actor.organisation_id}


async def test_rows_with_the_same_id_in_two_organisations_stay_apart(database: Database, execute: Execute) -> None:
    mine, theirs = await new_actor(database), await new_actor(database)
    shared = new_id()
    for actor, key in ((mine, "mine"), (theirs, "theirs")):
        rows = Rows(actor)
        service = rows.service(id=shared)
        await store(database, service, rows.ticket(key, service_id=shared))
    document = """query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id }
        tickets(filter: {service: [$id]}) { nodes { key } } }"""
    foreign = encode_global_id("Service", theirs.organisation_id, shared)
    result = await execute(mine, document, id=foreign)
    assert result.errors is None
    assert result.data == {"node": None, "nodes": [None], "tickets": {"nodes": []}}
    own = encode_global_id("Service", mine.organisation_id, shared)
    result = await execute(mine, document, id=own)
    assert result.data == {"node": {"id": own}, "nodes": [{"id": own}], "tickets": {"nodes": [{"key": "mine"}]}}
