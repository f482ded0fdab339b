"""What each caller may ask for within a time: so many objects, restored steadily, counted in this process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from schema.planner.refusal import Refused, too_costly
from services.organisations.rules import Actor

MOST_CALLERS = 10_000
"""Accounts remembered; of more, those heard of least recently begin anew."""
SECONDS_TO_RESTORE = 60
"""How long an empty budget takes to fill."""


class Charge(NamedTuple):
    """What an operation was charged and what is left, in objects."""

    requested: int
    remaining: int
    limit: int


def over_budget(requested: int, remaining: int, limit: int, wait: int) -> Refused:
    """The caller asked for more than its budget has left."""
    refused = Refused("OVER_BUDGET", f"the budget of this account is used up; try again in {wait} seconds")
    assert refused.extensions is not None  # noqa: S101 - Refused sets them
    refused.extensions |= {
        "retryAfter": wait,
        "cost": {"requested": requested, "remaining": remaining, "limit": limit},
    }
    return refused


class Budgets:
    """A budget for each account (the anonymous callers of a demo share one), full at first and at most `limit`."""

    def __init__(self, limit: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._left: OrderedDict[tuple[int, int], tuple[float, float]] = OrderedDict()

    def charge(self, actor: Actor, requested: int) -> Charge:
        """Take what an operation costs. Refused (TOO_COSTLY, OVER_BUDGET) with nothing taken when that is too much."""
        if requested > self.limit:
            raise too_costly(f"the operation could cost {requested}, more than a whole budget of {self.limit}")
        now, rate = self._clock(), self.limit / SECONDS_TO_RESTORE
        caller = (actor.organisation_id.int, actor.account_id.int)
        left, then = self._left.pop(caller, (float(self.limit), now))
        left = min(float(self.limit), left + (now - then) * rate)
        enough = left >= requested
        self._left[caller] = (left - requested if enough else left, now)
        if len(self._left) > MOST_CALLERS:
            self._left.popitem(last=False)
        if not enough:
            raise over_budget(requested, int(left), self.limit, ceil((requested - left) / rate))
        return Charge(requested, int(left - requested), self.limit)
