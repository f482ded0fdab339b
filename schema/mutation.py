"""How a root field that changes something is declared."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., Awaitable[Any]])


def mutation(description: str) -> Callable[[Resolver], Resolver]:
    """Make a method of a context's `Mutations` a root field.

    Its transaction is closed before it returns, so that what its payload reads is committed; a refusal by the command
    it calls becomes the member of its result union that says so.
    """
    return cast(Callable[[Resolver], Resolver], strawberry.mutation(description=description))
