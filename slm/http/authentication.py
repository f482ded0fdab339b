"""Who calls: the bearer of a token, or in a demo anybody as a viewer of its one organisation."""

import asyncio
import time
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from starlette.exceptions import WebSocketException
from starlette.requests import HTTPConnection
from starlette.types import Scope

from services.db import Database
from services.errors import NotAuthenticated, TookTooLong, Unavailable
from services.organisations.queries import authenticate, find_organisation
from services.organisations.rules import AccessRole, Actor
from slm.http.token_use import TokenUse

POLICY_VIOLATION = 1008
"""The WebSocket code for a caller who is not let in."""

TRY_AGAIN_LATER = 1013
"""The WebSocket code for a server that cannot serve at the moment."""

NOBODY = UUID(int=0)
"""The account of a demo's anonymous caller: it has no permissions, so nothing is ever recorded as its doing."""

REMEMBERED_FOR = timedelta(seconds=2)
"""How long what was found out about a token is taken for granted."""
LOOKED_UP_AGAIN = timedelta(seconds=1)
"""How long before that ends it is looked up again if it is used."""
MOST_REMEMBERED = 10_000

log = structlog.get_logger("slm.authentication")


class Bearers:
    """Who bears which token, looked up in the database and remembered for a moment.

    So a token that was revoked, or an account that changed, may still be taken as it was for `REMEMBERED_FOR`; one that
    ends by itself is refused at its instant. Tokens that admit nobody are not remembered. One that is used all the time
    is looked up again before it is forgotten, beside the requests, so that none of them has to wait for it.
    """

    def __init__(self) -> None:
        self._looking: dict[bytes, asyncio.Task[Actor | None]] = {}
        self._known: OrderedDict[bytes, tuple[Actor, float]] = OrderedDict()

    def known(self, database: Database, token: str, now: datetime) -> Actor | None:
        """The actor, if that was found out a moment ago."""
        key, moment = _hashed(token), time.monotonic()
        known = self._known.get(key)
        if known is None or moment >= known[1]:
            return None
        if moment >= known[1] - LOOKED_UP_AGAIN.total_seconds() and key not in self._looking:
            self._looking[key] = asyncio.create_task(self._look_up(database, token, key, now))
        ends = known[0].token_expires_at
        return known[0] if ends is None or now < ends else None

    async def find(self, database: Database, token: str, now: datetime) -> Actor | None:
        """The actor, or None. Raises what reading raises."""
        known = self.known(database, token, now)
        return known if known is not None else await self._look_up(database, token, _hashed(token), now)

    async def _look_up(self, database: Database, token: str, key: bytes, now: datetime) -> Actor | None:
        moment = time.monotonic()
        try:
            actor = await authenticate(database.reader, token=token, now=now)
        finally:
            self._looking.pop(key, None)
        self._known.pop(key, None)
        if actor is not None:
            self._known[key] = (actor, moment + REMEMBERED_FOR.total_seconds())
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return actor


async def caller(connection: HTTPConnection) -> Actor:
    """The actor of a request or WebSocket. Without one, NotAuthenticated, or for a WebSocket its refusal to open.

    A token that admits nobody is refused in a demo, too. Without a database to look in, Unavailable, or for a WebSocket
    its code 1013.
    """
    authorization = _header(connection.scope, b"authorization")
    if authorization is None:
        anonymous: Actor | None = connection.app.state.anonymous
        if anonymous is not None:
            return _bound(anonymous)
        raise _refused(connection, "send a token: `Authorization: Bearer slm_...`")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise _refused(connection, "the Authorization header must read `Bearer slm_...`")
    bearers: Bearers = connection.app.state.bearers
    now = datetime.now(UTC)
    try:
        actor = await bearers.find(connection.app.state.database, token.strip(), now)
    except Unavailable as failure:
        log.error("the database cannot be reached", reason=type(failure.__cause__).__name__)
        raise _unavailable(connection, failure.message) from None
    except TookTooLong as failure:
        log.error("the database takes too long to answer")
        raise _unavailable(connection, failure.message) from None
    if actor is None:
        raise _refused(connection, "the token is unknown, expired or revoked")
    token_use: TokenUse = connection.app.state.token_use
    token_use.note(actor, now)
    return _bound(actor)


def _hashed(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()


def _header(scope: Scope, wanted: bytes) -> str | None:
    found = next((value for name, value in scope["headers"] if name == wanted), None)
    return None if found is None else found.decode("latin-1")


def _bound(actor: Actor) -> Actor:
    """The actor, whose ids the lines of this request carry from now on."""
    structlog.contextvars.bind_contextvars(organisation=str(actor.organisation_id), actor=str(actor.account_id))
    return actor


def _refused(connection: HTTPConnection, why: str) -> NotAuthenticated | WebSocketException:
    return NotAuthenticated(why) if connection.scope["type"] == "http" else WebSocketException(POLICY_VIOLATION, why)


def _unavailable(connection: HTTPConnection, why: str) -> Unavailable | WebSocketException:
    return Unavailable(why) if connection.scope["type"] == "http" else WebSocketException(TRY_AGAIN_LATER, why)


async def anonymous_viewer(database: Database, organisation_key: str) -> Actor:
    """The actor a demo's anonymous callers are. Raises RuntimeError when its organisation does not exist."""
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=organisation_key)
    if organisation_id is None:
        raise RuntimeError(f"the demo organisation {organisation_key!r} does not exist: run `slm demo`")
    return Actor(organisation_id, NOBODY, "anonymous (demo)", AccessRole.VIEWER, anonymous=True)
