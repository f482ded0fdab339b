"""Reading apart: what takes long to parse and validate is read in a thread, while others are served.

One thread, because more of them would not read faster; the event loop gets its turn from it after a moment
(`sys.setswitchinterval`, set by `slm serve`).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from schema.planner.refusal import Refused

Read = TypeVar("Read")

LONG_DOCUMENT = 1_000
"""Characters: about so many are read in the time in which a request is answered."""
MANY_VALUES = 200
"""Values in variables that are found to be wrong in about that time."""
MOST_OF_ONE = 3
"""Requests of one caller that are read or wait for it."""

_READER = ThreadPoolExecutor(1, thread_name_prefix="reader")
_under_way: Counter[Hashable] = Counter()


async def apart(read: Callable[[], Read], *, whose: Hashable) -> Read:
    """What `read` returns or raises, which shares nothing that changes; it waits for what is being read already.

    Refused (TOO_MANY_REQUESTS) where so much of the same caller waits that its turn would come late.
    """
    if _under_way[whose] >= MOST_OF_ONE:
        refused = Refused("TOO_MANY_REQUESTS", f"expected at most {MOST_OF_ONE} long requests at once, try again later")
        assert refused.extensions is not None  # noqa: S101 - Refused sets them
        refused.extensions["retryAfter"] = 1
        raise refused
    _under_way[whose] += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_READER, read)
    finally:
        _under_way[whose] -= 1
        if not _under_way[whose]:
            del _under_way[whose]
