"""`slm serve`: the API in the foreground, until it is told to stop."""

import asyncio
import contextlib
import gc
import socket
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from fastapi import FastAPI
from rich.console import Console

from services.db import Database
from slm.app import create_app, demo_notice
from slm.http.graphiql import examples
from slm.http.listener import PacedListener
from slm.http.metrics import RequestMetrics
from slm.http.shortcut import ShortcutProtocol
from slm.logs import configure_logging
from slm.metrics import exposed
from slm.running import Unusable, database_provided, read_settings, run_with_database
from slm.settings import Settings
from slm.traces import traced

if TYPE_CHECKING:
    from slm.spans import Spans

GRACE_SECONDS = 10
"""How long requests under way may take to end after a signal to stop."""
SWITCH_SECONDS = 0.0001
"""How long a thread may go on while another one waits for its turn."""

Companion = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Work that runs beside the server until the event is set."""


def run_serve(*, host: str | None, port: int | None) -> None:
    """Serve until a signal to stop; with a database that is named, migrations are left to `slm migrate`."""
    settings = listening(read_settings(), host=host, port=port)
    configure_logging(settings)
    with database_provided(settings, migrate=False, supervised=True) as provided:
        serve(provided)


def listening(settings: Settings, *, host: str | None = None, port: int | None = None) -> Settings:
    """The settings with what the command line says about the address."""
    given = {"host": host, "port": port}
    return settings.model_copy(update={name: value for name, value in given.items() if value is not None})


def serve(settings: Settings, *, beside: Companion | None = None) -> None:
    """Serve the application for these settings, with a companion if given. Returns when it was asked to stop.

    Raises Unusable when the address is taken or the database cannot be served from.
    """
    run_with_database(_nothing, settings=settings)  # refuses an unusable database in words, before anything listens
    operations = settings.metrics_operations | {one.name for one in examples()}
    measured = settings.metrics_port is not None
    metrics = RequestMetrics(operations)
    with (
        traced(settings, process="slm-api", operations=operations) as spans,
        exposed(metrics, settings),
        _listening_socket(settings) as listener,
        contextlib.suppress(KeyboardInterrupt, SystemExit),
    ):
        config = server_config(_app(settings, metrics if measured else None, spans))
        # A signal ends in one of the two once the server has let its requests finish.
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(config, settings, listener, beside))


def _app(settings: Settings, metrics: RequestMetrics | None, spans: "Spans | None") -> FastAPI:
    try:
        return create_app(settings, metrics=metrics, spans=spans)
    except ValueError as contradiction:
        raise Unusable(str(contradiction)) from None


async def _nothing(_database: Database) -> None:
    pass


def _listening_socket(settings: Settings) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        made = socket.create_server(address[:2], family=family, backlog=2048, reuse_port=settings.share_port)
    except OSError as failure:
        raise Unusable(
            f"cannot listen on {settings.host}:{settings.port}: {failure.strerror}; --port takes another"
        ) from None
    # It must know its protocol: an event loop turns off Nagle's delay only where the socket says that it is TCP.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=made.detach())


def server_config(app: FastAPI) -> uvicorn.Config:
    shortcut = app.state.shortcut
    return uvicorn.Config(
        app,
        http="auto" if shortcut is None else cast(Any, partial(ShortcutProtocol, shortcut=shortcut)),
        lifespan="on",  # left to itself, uvicorn takes a start that failed for an application without one, and serves
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _collect_garbage_in_small_pieces() -> None:
    """Leave what was loaded at the start out of every collection: an answer makes few cycles.

    Validating documents makes many, and a thousand connections leave much to be looked at. Looking seldom would take so
    long at a time that others felt it: of 20,000 objects some 20 milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 2, 5_000)


def _take_turns_often() -> None:
    """Let the event loop go on soon while a thread reads what somebody sent: 5 ms at a time would be felt."""
    sys.setswitchinterval(SWITCH_SECONDS)


async def _serve(config: uvicorn.Config, settings: Settings, listener: socket.socket, beside: Companion | None) -> None:
    _collect_garbage_in_small_pieces()
    _take_turns_often()
    stopping = asyncio.Event()
    companion = asyncio.create_task(beside(stopping)) if beside else None
    try:
        await _AnnouncedServer(config, settings).serve(sockets=[listener])
    finally:
        stopping.set()
        if companion is not None:
            await companion


class PacedServer(uvicorn.Server):
    """Accepts connections a few at a time."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn: it listens on none of the sockets itself."""
        await super().startup(sockets=[])
        if self.started:
            self.servers = cast(Any, [PacedListener(listening, self._protocol) for listening in sockets or []])

    def _protocol(self) -> asyncio.Protocol:
        make = cast(Any, self.config.http_protocol_class)
        made: asyncio.Protocol = make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        return made


class _AnnouncedServer(PacedServer):
    """Says where the API answers, once it does; the port may have been left to the system."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self.settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started or not sockets:
            return
        host, port = sockets[0].getsockname()[:2]
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"Serving GraphQL at http://{f'[{host}]' if ':' in host else host}:{port}/graphql. Ctrl-C stops.")
        if self.settings.demo_organisation:
            console.print(demo_notice(self.settings.demo_organisation), style="bold yellow", markup=False)
