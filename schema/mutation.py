"""How a root field that changes something is declared, and what all of them have in common.

A mutation's transaction is opened before its resolver and closed before anything of its payload is read. It may be
repeated under an idempotency key without happening twice; where it meets another one in a deadlock, it is tried again.
"""

import asyncio
import inspect
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Annotated, Any, NamedTuple, TypeVar, cast

import orjson
import strawberry

from schema.context import Info
from schema.errors import ConflictProblem, InvalidProblem, NotFoundProblem, NotPermittedProblem
from schema.outcomes import answered, kept
from services.db import WriteSession
from services.errors import Conflict, TryAgain, TryAgainLater
from services.idempotency import commands as idempotency
from services.organisations.rules import Actor
from services.origin import Origin, originating

Refusal = NotFoundProblem | InvalidProblem | ConflictProblem | NotPermittedProblem
"""What a mutation may answer instead of its payload. All of them in every result, so that one fragment of a client fits
every mutation and a command that learns to refuse in another way breaks none."""

ATTEMPTS = 4
"""How often a mutation is tried that the database gave up because of another one."""
FIRST_WAIT_SECONDS = 0.05
"""About how long to wait before the second attempt; twice as long before each further one."""

IDEMPOTENCY_KEY = (
    "A name for this change, at most 200 characters, made by the client and new for each change. Sending the same input"
    " under the same key again, within seven days, answers what came of it the first time and changes nothing."
)

Resolver = TypeVar("Resolver", bound=Callable[..., Awaitable[Any]])


class Change(NamedTuple):
    """A mutation's open transaction, on whose behalf it is, and its instant: what a resolver hands to its command."""

    session: WriteSession
    actor: Actor
    now: datetime


def mutation(
    description: str, *, shown_once: bool = False, effect_free: bool = False
) -> Callable[[Resolver], Resolver]:
    """Make a method of a context's `Mutations` a root field. It takes `change: Change` and the field's arguments.

    What it writes is committed when it has returned, and nothing of it when it raises; a refusal by the command it
    calls becomes the member of its result union that says so. `shown_once`: its answer holds a secret and is not kept.
    `effect_free`: it shows what a change would do; all it writes is undone, and as nothing happens it takes no key.
    """

    def declare(resolver: Resolver) -> Resolver:
        parameters = inspect.signature(resolver).parameters
        if parameters.get("change") is None or parameters["change"].annotation is not Change:
            raise TypeError(f"{resolver.__qualname__}: expected a resolver that takes `change: Change`")

        @wraps(resolver)
        async def resolve(self: object, info: Info, idempotency_key: str | None = None, **arguments: Any) -> Any:
            run = _Run(resolver, info, self, arguments, idempotency_key, shown_once, effect_free)
            with originating(Origin(info.field_name, info.context.trace_id)):
                return await run.until_through()

        _show_arguments(resolve, resolver, with_key=not effect_free)
        return cast(Resolver, strawberry.mutation(resolver=resolve, description=description))

    return declare


def _show_arguments(resolve: Callable[..., Any], resolver: Callable[..., Any], *, with_key: bool) -> None:
    """Let Strawberry see the arguments of the resolver, the key, and `info` in the place of the transaction."""
    signature = inspect.signature(resolver)
    key = Annotated[str | None, strawberry.argument(description=IDEMPOTENCY_KEY)]
    keyword = inspect.Parameter.KEYWORD_ONLY
    shown = [
        parameter.replace(name="info", annotation=Info) if name == "change" else parameter
        for name, parameter in signature.parameters.items()
    ]
    if with_key:
        shown.append(inspect.Parameter("idempotency_key", keyword, default=None, annotation=key))
    resolve.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    resolve.__annotations__ = {parameter.name: parameter.annotation for parameter in shown} | {
        "return": signature.return_annotation
    }


class _Run(NamedTuple):
    """One mutation field of one operation."""

    resolver: Callable[..., Awaitable[Any]]
    info: Info
    source: object
    arguments: dict[str, Any]
    key: str | None
    shown_once: bool
    effect_free: bool

    async def until_through(self) -> Any:
        """The answer, after as many attempts as it takes and is allowed to."""
        for attempt in range(ATTEMPTS - 1):
            try:
                return await self._in_transaction()
            except TryAgainLater:
                raise
            except TryAgain:
                # Those who met wait for different times, so that they do not meet again.
                await asyncio.sleep(FIRST_WAIT_SECONDS * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311
        return await self._in_transaction()

    async def _in_transaction(self) -> Any:
        context = self.info.context
        database, organisation_id = context.database, context.actor.organisation_id
        opened = database.rehearsing(organisation_id) if self.effect_free else database.writing(organisation_id)
        async with opened as session:
            change = Change(session, context.actor, context.now)
            if self.key is None:
                return await self._resolved(change)
            claimed = await idempotency.claim(
                session,
                actor=context.actor,
                key=self.key,
                operation=self.info.field_name,
                input_sha256=_digest(self.arguments),
                now=context.now,
            )
            if claimed.repeated:
                return self._repeated(claimed)
            answer = await self._resolved(change)
            outcome = None if self.shown_once else kept(answer)
            await idempotency.keep_outcome(session, actor=context.actor, claimed=claimed, outcome=outcome)
            return answer

    async def _resolved(self, change: Change) -> Any:
        return await self.resolver(self.source, change=change, **self.arguments)

    def _repeated(self, claimed: idempotency.Claim) -> Any:
        if claimed.outcome is None:
            raise Conflict(
                "this was done before under the same key, and its answer is shown only once or not kept any more"
            )
        return answered(claimed.outcome, self.info.schema)


def _digest(arguments: dict[str, Any]) -> str:
    """SHA-256 of what was asked for, the same for every spelling of the same values."""
    return sha256(orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
