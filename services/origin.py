"""What a change came from: the mutation, command or job that runs, and the request it runs for.

Said once where it begins and read where changes are kept, so that no command has to hand it on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """`operation` is the name of a mutation, a command of the command line or a job; `trace_id` that of a request."""

    operation: str
    trace_id: str | None = None


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)


@contextmanager
def originating(origin: Origin) -> Iterator[None]:
    """Everything changed inside the block comes from `origin`; of blocks inside each other the innermost holds."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


def current_origin() -> Origin:
    """What runs now; the program itself where nobody said."""
    return _current.get() or Origin("slm")
