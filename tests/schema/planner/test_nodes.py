"""Objects by their global ids."""

from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from schema.planner.identity import decode_global_id, encode_global_id
from services.db import new_id
from tests.factories.world import World
from tests.schema.conftest import Ask
from tests.statements import Statements

Refused = Callable[..., Awaitable[str]]

NODE = """query($id: ID!) { node(id: $id) {
    id ... on Ticket { key service { key } } ... on Clock { cycle } ...Anything
} }
fragment Anything on Node { __typename }"""
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Ticket { key } ... on TicketEvent { key state } } }"


async def test_an_id_given_by_sql_is_the_id_made_in_python(world: World, ask: Ask) -> None:
    given = (await ask(world.actor, '{ ticket(key: "INC1") { id } }'))["ticket"]["id"]
    assert given == encode_global_id("Ticket", world.actor.organisation_id, world.ticket.id)
    assert decode_global_id(given).id == world.ticket.id


async def test_a_node_answers_with_the_fields_of_its_type(world: World, ask: Ask) -> None:
    id_ = encode_global_id("Ticket", world.actor.organisation_id, world.ticket.id)
    answered = (await ask(world.actor, NODE, id=id_))["node"]
    assert answered == {"id": id_, "key": "INC1", "service": {"key": "mail"}, "__typename": "Ticket"}


async def test_an_id_of_nothing_is_null(world: World, ask: Ask) -> None:
    absent = encode_global_id("Ticket", world.actor.organisation_id, new_id())
    assert await ask(world.actor, NODE, id=absent) == {"node": None}


async def test_nodes_come_in_the_order_asked_for_with_null_for_what_is_absent(
    world: World, ask: Ask, statements: Statements
) -> None:
    organisation_id = world.actor.organisation_id
    ticket = encode_global_id("Ticket", organisation_id, world.ticket.id)
    event = encode_global_id("TicketEvent", organisation_id, world.event.id)
    absent = encode_global_id("Clock", organisation_id, new_id())
    answered = (await ask(world.actor, NODES, ids=[event, absent, ticket, event]))["nodes"]
    happened = {"__typename": "TicketEvent", "key": "event-0", "state": "NEW"}
    assert answered == [happened, None, {"__typename": "Ticket", "key": "INC1"}, happened]
    assert len(statements.texts) == 1


async def test_no_ids_give_no_nodes(world: World, ask: Ask) -> None:
    assert await ask(world.actor, NODES, ids=[]) == {"nodes": []}


SOME_ID = UUID("01a20a95-3ac3-7740-bd4f-7cfd651fb175")
MALFORMED = [
    "",
    "x",
    "Ticket:1",
    "é",
    "A" * 1000,
    urlsafe_b64encode(b"Ticket:").decode(),
    urlsafe_b64encode(b"Ticket:" + bytes(31)).decode().rstrip("="),
    urlsafe_b64encode(b"Ticket:" + bytes(15)).decode().rstrip("=") + 32 * "0",
    32 * "0",
    "Ticket:" + 32 * "0",
    encode_global_id("Ticket", SOME_ID, SOME_ID) + "=",
    encode_global_id("Ticket", SOME_ID, SOME_ID).replace("1a20a95", "1A20A95"),
    encode_global_id("Ticket", SOME_ID, SOME_ID)[:-1] + " ",
    encode_global_id("PageInfo", SOME_ID, SOME_ID),
    encode_global_id("Nothing", SOME_ID, SOME_ID),
]


@pytest.mark.parametrize("id_", MALFORMED)
async def test_an_id_that_is_not_ours_is_refused(id_: str, world: World, refused: Refused) -> None:
    assert await refused(world.actor, NODE, id=id_) == "BAD_ID"
    ticket = encode_global_id("Ticket", world.actor.organisation_id, world.ticket.id)
    assert await refused(world.actor, NODES, ids=[ticket, id_]) == "BAD_ID"


async def test_more_than_a_hundred_ids_are_refused(world: World, refused: Refused) -> None:
    ticket = encode_global_id("Ticket", world.actor.organisation_id, world.ticket.id)
    assert await refused(world.actor, NODES, ids=[ticket] * 101) == "BAD_ID"
