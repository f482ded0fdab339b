"""How a root field that changes something is declared."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import strawberry

from schema.errors import ConflictProblem, InvalidProblem, NotFoundProblem, NotPermittedProblem

Refusal = NotFoundProblem | InvalidProblem | ConflictProblem | NotPermittedProblem
"""What a mutation may answer instead of its payload. All of them in every result, so that one fragment of a client fits
every mutation and a command that learns to refuse in another way breaks none."""

Resolver = TypeVar("Resolver", bound=Callable[..., Awaitable[Any]])


def mutation(description: str) -> Callable[[Resolver], Resolver]:
    """Make a method of a context's `Mutations` a root field.

    Its transaction is closed before it returns, so that what its payload reads is committed; a refusal by the command
    it calls becomes the member of its result union that says so.
    """
    return cast(Callable[[Resolver], Resolver], strawberry.mutation(description=description))
