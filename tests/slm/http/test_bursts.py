"""Many at the same moment: connections, first requests, and requests of one caller."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import pytest
from starlette.types import Receive, Scope, Send

from schema.limits import refused_effort
from slm.http.crowd import Crowd
from slm.http.listener import PacedListener
from slm.http.turns import Callers, Turns

CONNECTIONS = 50


class Echo(asyncio.Protocol):
    """Sends back what it gets, and counts."""

    made = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        Echo.made += 1

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS) as made:
        Echo.made = 0
        yield made


async def said(address: tuple[str, int], word: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(word)
    answer = await asyncio.wait_for(reader.readexactly(len(word)), 10)
    writer.close()
    return answer


async def test_every_connection_of_a_burst_is_accepted(listening: socket.socket) -> None:
    listener = PacedListener(listening, Echo)
    words = [str(number).encode() for number in range(CONNECTIONS)]
    assert await asyncio.gather(*(said(listening.getsockname(), word) for word in words)) == words
    listener.close()
    await listener.wait_closed()


async def test_few_are_accepted_before_the_event_loop_comes_round(listening: socket.socket) -> None:
    clients = []
    for _ in range(CONNECTIONS):
        clients.append(socket.create_connection(listening.getsockname()))
    listener = PacedListener(listening, Echo)
    most = before = 0
    while Echo.made < CONNECTIONS:
        await asyncio.sleep(0)
        most, before = max(most, Echo.made - before), Echo.made
    listener.close()
    assert most <= 4
    for client in clients:
        client.close()


async def test_a_system_without_room_for_a_connection_is_given_a_rest(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slm.http.listener.REST_SECONDS", 0.05)
    full = OSError(errno.EMFILE, "Too many open files")

    class Full:
        """A socket that cannot accept at first."""

        refusals = 0

        def setblocking(self, _flag: bool) -> None:
            listening.setblocking(False)

        def fileno(self) -> int:
            return listening.fileno()

        def accept(self) -> tuple[socket.socket, object]:
            Full.refusals += 1
            if Full.refusals == 1:
                raise full
            return listening.accept()

    listener = PacedListener(Full(), Echo)  # type: ignore[arg-type]
    assert await said(listening.getsockname(), b"x") == b"x"
    listener.close()
    assert Full.refusals >= 2


async def test_a_crowd_is_let_through_in_its_order_a_few_at_a_time() -> None:
    crowd, order, turns = Crowd(at_once=3), list[int](), list[int]()
    for number in range(10):
        if crowd.take(partial(order.append, number)):
            order.append(number)
    while len(order) < 10:
        turns.append(len(order))
        await asyncio.sleep(0)
    assert order == list(range(10))
    assert turns[0] == 3
    assert all(later - earlier <= 3 for earlier, later in pairwise(turns))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert crowd.take(lambda: None)


async def test_requests_that_arrive_together_are_counted_before_they_take_their_places() -> None:
    callers = Callers(at_once=2, waiting=3)
    assert [callers.expects(b"one") for _ in range(7)] == [True] * 5 + [False] * 2
    assert callers.expects(b"other")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert callers.expects(b"one"), "who was expected and did not come keeps no place"


async def test_a_caller_whose_documents_were_refused_waits_while_others_are_served() -> None:
    callers = Callers(at_once=2, longest_wait=5)
    assert callers.admits_now(b"a")
    callers.rest(b"a", 0.02)
    callers.rest(b"a", 0.03)
    callers.ended(b"a")
    assert not callers.admits_now(b"a")
    waiting = [asyncio.create_task(callers.admits(b"a")) for _ in range(3)]
    await asyncio.sleep(0.04)
    assert not any(each.done() for each in waiting)
    assert callers.admits_now(b"b")
    # After the rest one is served at a time, until one has cost others nothing.
    done, _ = await asyncio.wait(waiting, timeout=0.1)
    assert len(done) == 1
    callers.trust(b"a")
    callers.ended(b"a")
    await asyncio.wait_for(asyncio.gather(*waiting), 1)
    for name in (b"a", b"a", b"b"):
        callers.ended(name)
    # Nobody who is gone is remembered.
    assert not callers._callers


async def test_what_reading_a_refused_document_took_is_what_its_caller_rests_for() -> None:
    rested: list[tuple[bytes, float]] = []

    class Watched(Callers):
        def rest(self, name: bytes, seconds: float) -> None:
            rested.append((name, seconds))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        effort = refused_effort.get()
        assert effort is not None
        effort.seconds += float(scope["spent"])

    turns = Turns(app, Watched())
    for spent in (0.0, 0.002, 0.1):
        scope = {"type": "http", "path": "/graphql", "headers": [(b"authorization", b"Bearer x")], "spent": spent}
        await turns(scope, None, None)  # type: ignore[arg-type]
    ((name, seconds),) = rested
    assert (name, round(seconds, 6)) == (b"Bearer x", 0.4)
    assert refused_effort.get() is None
