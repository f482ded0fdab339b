"""How available a system is that is built of parts failing independently, without counting a shared part twice.

A system is a directed acyclic graph over identities: a part works when it does not fail itself and enough of what it
needs works. Parts that are reached in more than one way are conditioned on, up and then down (pivotal decomposition,
Barlow and Proschan 1975, section 1.1); what is left is a tree, of which every branch is independent of the others.

Independence is an assumption, so the result is an estimate of performance and never a statement about promises.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

MOST_STEPS = 200_000
"""Parts looked at, all conditions together. Time grows with two to the power of the number of shared parts."""


class TooManySharedParts(ValueError):
    """Working it out would take more than `MOST_STEPS`."""


class Cycle(ValueError):
    """A part needs itself; `path` leads from it back to it."""

    def __init__(self, path: Sequence[object]) -> None:
        super().__init__(" needs ".join(map(str, path)))
        self.path = tuple(path)


@dataclass(frozen=True)
class Part(Generic[Key]):
    """What a part needs to work: `at_least` of its `needs`. `fails` says whether it can fail of its own accord."""

    fails: bool
    needs: Sequence[Key] = ()
    at_least: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.at_least <= len(self.needs):
            raise ValueError(f"expected 0 to {len(self.needs)} of what a part needs, got {self.at_least}")


def availability(root: Key, parts: Mapping[Key, Part[Key]], up: Mapping[Key, float]) -> float:
    """The probability that the root works. `up` has the availability, 0 to 1, of each part that can fail.

    Works in the numbers it is given: exactly for fractions. Raises Cycle, TooManySharedParts, and KeyError for a part
    that is not there.
    """
    order = _in_order(root, parts)
    ways = _ways(root, order, parts)
    shared = [key for key in order if parts[key].fails and ways[key] > 1]
    return _Conditioned(root, parts, up, shared).probability({})


def importance(root: Key, parts: Mapping[Key, Part[Key]], up: Mapping[Key, float]) -> dict[Key, float]:
    """By how much the root's availability grows for each unit by which a part's does (Birnbaum 1969)."""
    failing = [key for key in _in_order(root, parts) if parts[key].fails]
    return {
        key: availability(root, parts, {**up, key: 1}) - availability(root, parts, {**up, key: 0}) for key in failing
    }


def works(root: Key, parts: Mapping[Key, Part[Key]], down: frozenset[Key]) -> bool:
    """Whether the root works while exactly these parts have failed of their own accord."""
    known: dict[Key, bool] = {}
    for key in reversed(_in_order(root, parts)):
        part = parts[key]
        working = sum(known[needed] for needed in part.needs)
        known[key] = working >= part.at_least and not (part.fails and key in down)
    return known[root]


def _in_order(root: Key, parts: Mapping[Key, Part[Key]]) -> list[Key]:
    """Every part that the root needs, each before what it needs itself. Raises Cycle."""
    done: dict[Key, None] = {}
    path: dict[Key, None] = {}

    def visit(key: Key) -> None:
        if key in path:
            way = list(path)
            raise Cycle([*way[way.index(key) :], key])
        if key in done:
            return
        path[key] = None
        for needed in parts[key].needs:
            visit(needed)
        del path[key]
        done[key] = None

    visit(root)
    return list(reversed(done))


def _ways(root: Key, order: Sequence[Key], parts: Mapping[Key, Part[Key]]) -> Mapping[Key, int]:
    """In how many ways each part is reached from the root."""
    ways = dict.fromkeys(order, 0)
    ways[root] = 1
    for key in order:
        for needed in parts[key].needs:
            ways[needed] += ways[key]
    return ways


@dataclass
class _Conditioned(Generic[Key]):
    root: Key
    parts: Mapping[Key, Part[Key]]
    up: Mapping[Key, float]
    shared: Sequence[Key]
    steps: int = 0

    def probability(self, fixed: Mapping[Key, bool], place: int = 0) -> float:
        """The root's availability given the states of the first shared parts."""
        found = self._of(self.root, fixed, {})
        if found is not None:
            return found
        key = self.shared[place]
        alive = self.up[key]
        return alive * self.probability({**fixed, key: True}, place + 1) + (1 - alive) * self.probability(
            {**fixed, key: False}, place + 1
        )

    def _of(self, key: Key, fixed: Mapping[Key, bool], known: dict[Key, float | None]) -> float | None:
        """A part's availability; None while it hangs on a shared part that is not fixed yet."""
        if key in known:
            return known[key]
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooManySharedParts(f"{len(self.shared)} parts are shared")
        part = self.parts[key]
        found: float | None = 1
        if part.fails and fixed.get(key) is False:
            found = 0
        else:
            below = [self._of(needed, fixed, known) for needed in part.needs]
            found = _enough(below, part.at_least)
            if found is not None and found != 0 and part.fails and key not in fixed:
                found = None if key in self.shared else found * self.up[key]
        known[key] = found
        return found


def _enough(below: Sequence[float | None], at_least: int) -> float | None:
    """The probability that so many of independent parts work; None where that hangs on one that is not known.

    `chances[n]` is the probability that n of those looked at so far work.
    """
    certain = sum(1 for each in below if each == 1)
    if certain >= at_least:
        return 1
    if sum(1 for each in below if each != 0) < at_least:
        return 0
    chances: list[float] = [1]
    for each in below:
        if each is None:
            return None
        chances = [
            (chances[number] * (1 - each) if number < len(chances) else 0)
            + (chances[number - 1] * each if number else 0)
            for number in range(len(chances) + 1)
        ]
    return sum(chances[at_least:])
