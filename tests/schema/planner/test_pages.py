"""Pages: walking a list forward and backward meets every row once, over ties and NULLs, in every order."""

from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from services.db import Database
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.factories.stored import START, Rows, store
from tests.schema.conftest import Ask

Refused = Callable[..., Awaitable[str]]

ORDERS = ("OPENED_AT_ASC", "OPENED_AT_DESC", "CLOSED_AT_ASC", "CLOSED_AT_DESC")

FORWARD = """query($order: TicketOrder!, $first: Int, $after: String) {
    tickets(orderBy: $order, first: $first, after: $after) {
        totalCount edges { cursor node { key } } nodes { key }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""
BACKWARD = """query($order: TicketOrder!, $last: Int, $before: String) {
    tickets(orderBy: $order, last: $last, before: $before) {
        totalCount edges { cursor node { key } } nodes { key }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""


@pytest.fixture(scope="module")
async def crowd(database: Database) -> Actor:
    """Eleven tickets: opened in three bunches a microsecond apart, five never closed, the others in two ties."""
    actor = await new_actor(database)
    rows = Rows(actor)
    closings = [None, START, START + timedelta(days=1)]
    await store(
        database,
        (
            rows.ticket(
                f"T{number:02}",
                opened_at=START + timedelta(microseconds=number % 3),
                closed_at=None if number % 2 else closings[1 + number % 4 // 2],
            )
            for number in range(11)
        ),
    )
    return actor


async def keys_in_order(ask: Ask, actor: Actor, order: str) -> list[str]:
    """The whole list on one page."""
    answered = await ask(actor, FORWARD, order=order, first=100)
    return [node["key"] for node in answered["tickets"]["nodes"]]


@pytest.mark.parametrize("order", ORDERS)
async def test_an_order_is_the_one_it_is_called(order: str, crowd: Actor, ask: Ask) -> None:
    answered = await ask(
        crowd, "query($order: TicketOrder!) { tickets(orderBy: $order) { nodes { openedAt closedAt } } }", order=order
    )
    field = "openedAt" if order.startswith("OPENED") else "closedAt"
    values = [node[field] or "9999" for node in answered["tickets"]["nodes"]]
    assert len(values) == 11
    assert values == sorted(values, key=_with_fraction, reverse=order.endswith("DESC"))


def _with_fraction(instant: str) -> str:
    """Instants with and without a fraction of a second, made comparable."""
    return instant if "." in instant else instant.replace("Z", ".000000Z")


@pytest.mark.parametrize("size", [1, 2, 3, 11])
@pytest.mark.parametrize("order", ORDERS)
async def test_walking_forward_meets_every_row_once(order: str, size: int, crowd: Actor, ask: Ask) -> None:
    met: list[str] = []
    after = None
    for _ in range(12):
        page = (await ask(crowd, FORWARD, order=order, first=size, after=after))["tickets"]
        assert page["totalCount"] == 11
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        met += [edge["node"]["key"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert met == await keys_in_order(ask, crowd, order)


@pytest.mark.parametrize("size", [1, 2, 3, 11])
@pytest.mark.parametrize("order", ORDERS)
async def test_walking_backward_meets_the_same_rows(order: str, size: int, crowd: Actor, ask: Ask) -> None:
    met: list[str] = []
    before = None
    for _ in range(12):
        page = (await ask(crowd, BACKWARD, order=order, last=size, before=before))["tickets"]
        assert page["pageInfo"]["hasNextPage"] == (before is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        met = [edge["node"]["key"] for edge in page["edges"]] + met
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert met == await keys_in_order(ask, crowd, order)


async def test_a_page_has_twenty_rows_unless_told_otherwise(database: Database, actor: Actor, ask: Ask) -> None:
    rows = Rows(actor)
    await store(database, (rows.ticket(f"T{number}") for number in range(25)))
    page = (await ask(actor, "{ tickets { totalCount nodes { key } pageInfo { hasNextPage } } }"))["tickets"]
    assert (page["totalCount"], len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (25, 20, True)


async def test_an_empty_list_has_no_cursors(actor: Actor, ask: Ask) -> None:
    page = (await ask(actor, FORWARD, order="OPENED_AT_ASC"))["tickets"]
    info = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert page == {"totalCount": 0, "edges": [], "nodes": [], "pageInfo": info}


async def test_a_nested_list_has_pages_of_its_own(database: Database, actor: Actor, ask: Ask) -> None:
    rows = Rows(actor)
    tickets = [rows.ticket(key) for key in ("A", "B")]
    events = [rows.event(ticket.id, number) for ticket in tickets for number in range(3)]
    await store(database, tickets, events)
    document = """query($after: String) {
        a: ticket(key: "A") {
            events(first: 2, after: $after) { nodes { sequence } pageInfo { endCursor hasNextPage } }
        }
        tickets { nodes { events(last: 1) { nodes { sequence } pageInfo { hasPreviousPage } } } }
    }"""
    first = await ask(actor, document)
    assert [node["sequence"] for node in first["a"]["events"]["nodes"]] == [0, 1]
    last = {"nodes": [{"sequence": 2}], "pageInfo": {"hasPreviousPage": True}}
    assert first["tickets"]["nodes"] == [{"events": last}] * 2
    second = await ask(actor, document, after=first["a"]["events"]["pageInfo"]["endCursor"])
    assert [node["sequence"] for node in second["a"]["events"]["nodes"]] == [2]
    assert second["a"]["events"]["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        "first: -1",
        "first: 101",
        "last: 101",
        "first: 1, last: 1",
        'first: 1, before: "x"',
        'after: "x", last: 1',
        'before: "x"',
    ],
)
async def test_contradictory_pages_are_refused(arguments: str, crowd: Actor, refused: Refused) -> None:
    assert await refused(crowd, f"{{ tickets({arguments}) {{ totalCount }} }}") == "BAD_PAGE"


def cursor_of(*position: object) -> str:
    """A cursor spelled by hand."""
    return urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


ID = "01a20a95-3ac3-7740-bd4f-7cfd651fb175"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "é",
        "A" * 3000,
        cursor_of(),
        cursor_of("OPENED_AT_ASC"),
        cursor_of("OPENED_AT_DESC", "2026-03-02T09:00:00+00:00", ID),
        cursor_of("OPENED_AT_ASC", "yesterday", ID),
        cursor_of("OPENED_AT_ASC", "2026-03-02T09:00:00", ID),
        cursor_of("OPENED_AT_ASC", "0001-01-01T00:00:00+05:00", ID),
        cursor_of("OPENED_AT_ASC", 5, ID),
        cursor_of("OPENED_AT_ASC", None, ID),
        cursor_of("OPENED_AT_ASC", "2026-03-02T09:00:00+00:00", "id"),
        cursor_of("OPENED_AT_ASC", "2026-03-02T09:00:00+00:00", {"id": ID}),
        cursor_of("OPENED_AT_ASC", "2026-03-02T09:00:00+00:00", ID, ID),
        urlsafe_b64encode(b'{"a": 1}').decode(),
        urlsafe_b64encode(b"5").decode(),
    ],
)
async def test_a_cursor_that_is_not_ours_is_refused(cursor: str, crowd: Actor, refused: Refused) -> None:
    assert await refused(crowd, FORWARD, order="OPENED_AT_ASC", after=cursor) == "BAD_CURSOR"


async def test_a_cursor_is_a_position_and_need_not_be_a_row(crowd: Actor, ask: Ask) -> None:
    beginning = cursor_of("OPENED_AT_ASC", datetime(1, 1, 1, tzinfo=UTC).isoformat(), ID)
    page = (await ask(crowd, FORWARD, order="OPENED_AT_ASC", first=100, after=beginning))["tickets"]
    assert len(page["nodes"]) == 11


async def test_a_list_of_which_nothing_is_asked_is_answered(crowd: Actor, ask: Ask) -> None:
    assert (await ask(crowd, "{ tickets { __typename } }"))["tickets"] == {"__typename": "TicketConnection"}
