"""Many at the same moment: connections, first requests, and requests of one caller."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import pytest

from slm.http.crowd import Crowd
from slm.http.listener import PacedListener
from slm.http.turns import Callers, caller_of

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


def test_a_caller_is_told_by_the_token_however_the_scheme_is_spelled() -> None:
    spellings = (b"Bearer x", b"bearer x", b"BEARER  x ")
    scopes = [{"headers": [(b"authorization", each)], "client": ("10.0.0.1", 1)} for each in spellings]
    assert {caller_of(scope) for scope in scopes} == {b"x"}
    assert caller_of({"headers": [(b"authorization", b"Bearer y")]}) == b"y"
    assert caller_of({"headers": [(b"authorization", b"strange")]}) == b"strange"
    assert caller_of({"headers": [], "client": ("10.0.0.1", 1)}) == b"10.0.0.1"
    assert caller_of({"headers": [], "client": None}) == b""
