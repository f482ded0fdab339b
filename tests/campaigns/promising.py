"""Random services with promises below and above, for comparing what is judged of them with what can be counted out."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np
from scipy.optimize import linprog

from services.agreements.rules import AgreementKind
from services.alignment.availability_chains import parts_of
from services.alignment.facts import PromiseFact
from services.alignment.structure import ComponentFact, cut_sets
from services.catalogue.rules import ComponentKind, Gate
from services.domain.reliability import works
from tests.services.alignment.landscapes import available, component, number

MOST_COMPONENTS = 12
GATES = (Gate.ALL_OF, Gate.ANY_OF, Gate.AT_LEAST)
SLOTS = 240
STRIDES = np.array([stride for stride in range(1, SLOTS) if gcd(stride, SLOTS) == 1])
"""Steps by which every slot is met once."""


@dataclass(frozen=True)
class System:
    """What a service is built of, the root first, and the share of the time promised of each element."""

    components: tuple[ComponentFact, ...]
    promised: dict[str, Fraction]

    @property
    def root(self) -> ComponentFact:
        return self.components[0]

    @property
    def elements(self) -> list[ComponentFact]:
        return [each for each in self.components if each.kind is ComponentKind.ELEMENT]

    def raised(self, key: str, share: Fraction) -> "System":
        """The same with another promise of one component."""
        return System(self.components, self.promised | {key: share})

    def backing(self) -> dict[str, PromiseFact]:
        return {key: available(key, str(100 * share)) for key, share in self.promised.items()}


def drawn(chance: random.Random) -> System:
    """A graph of 2 to 12 components, some shared, some groups; the root needs all that nobody else does."""
    size = chance.randint(2, MOST_COMPONENTS)
    made: list[ComponentFact] = []
    for place in reversed(range(1, size)):
        later = [each.key for each in made]
        needs = chance.sample(later, min(len(later), chance.choice((0, 0, 1, 2, 3))))
        made.append(_component(chance, f"c{place}", needs))
    needed = {id_ for each in made for id_ in each.needs}
    top = [each.key for each in made if each.component_id not in needed]
    root = _component(chance, "root", top, gate=chance.choice((Gate.ALL_OF, Gate.ALL_OF, *GATES)))
    promised = {
        each.key: 1 - Fraction(chance.choice((0, 1, 5, 10, 50, 100, 500, 1000, 5000, 20000)), 100_000)
        for each in (root, *made)
        if each.kind is ComponentKind.ELEMENT
    }
    return System((root, *reversed(made)), promised)


def _component(chance: random.Random, key: str, needs: Sequence[str], gate: Gate | None = None) -> ComponentFact:
    gate = gate or chance.choice(GATES)
    least = chance.randint(1, len(needs)) if needs and gate is Gate.AT_LEAST else 0
    return component(key, *needs, gate=gate, group=bool(needs) and chance.random() < 0.5, least=least)


def series(shares: Sequence[Fraction]) -> System:
    keys = [f"s{place}" for place in range(len(shares))]
    parts = (component("root", *keys, group=True), *map(component, keys))
    return System(parts, dict(zip(keys, shares, strict=True)))


def parallel(shares: Sequence[Fraction]) -> System:
    keys = [f"p{place}" for place in range(len(shares))]
    parts = (component("root", *keys, gate=Gate.ANY_OF, group=True), *map(component, keys))
    return System(parts, dict(zip(keys, shares, strict=True)))


def promise(objective: Fraction) -> PromiseFact:
    """Ours, for a month around the clock."""
    return available("sla", str(100 * objective), AgreementKind.SLA)


def counted_out(system: System) -> float:
    """The availability under independence, every state of the elements added up."""
    parts, elements = parts_of(system.components), system.elements
    total = 0.0
    for state in range(2 ** len(elements)):
        chance, down = 1.0, set()
        for place, each in enumerate(elements):
            share = float(system.promised[each.key])
            if state >> place & 1:
                chance *= 1 - share
                down.add(each.component_id)
            else:
                chance *= share
        if chance and works(system.root.component_id, parts, frozenset(down)):
            total += chance
    return total


def by_linear_program(system: System) -> float:
    """The least availability over every way in which elements may depend on each other: HiGHS, state by state."""
    parts, elements = parts_of(system.components), system.elements
    states = 2 ** len(elements)
    up = np.array(
        [
            works(
                system.root.component_id,
                parts,
                frozenset(each.component_id for place, each in enumerate(elements) if state >> place & 1),
            )
            for state in range(states)
        ],
        float,
    )
    marginals = np.array([[state >> place & 1 for state in range(states)] for place in range(len(elements))], float)
    bounds = np.array([float(1 - system.promised[each.key]) for each in elements])
    found = linprog(
        up, A_ub=marginals, b_ub=bounds, A_eq=np.ones((1, states)), b_eq=[1.0], bounds=(0, 1), method="highs"
    )
    assert found.success, found.message
    return float(found.fun)


def worst_downtime(system: System, timelines: int, generator: np.random.Generator) -> float:
    """The longest share of a window the service is down in adversarial timelines within all promises.

    A third plays minimal cut sets greedily in random orders, a third strews outages over slots of the window, a third
    begins outages together or one after the other.
    """
    played = _greedy(system, timelines // 3, generator)
    slots = [_strewn(system, timelines // 3, generator), _aligned(system, timelines - 2 * (timelines // 3), generator)]
    return max(played, *(float((~_up(system, down)).mean(axis=1).max()) for down in slots))


def _greedy(system: System, timelines: int, generator: np.random.Generator) -> float:
    keys = [each.component_id for each in system.elements]
    cuts = cut_sets(system.root.component_id, {each.component_id: each for each in system.components})
    if not cuts:
        return 0.0
    members = np.array([[key in cut for key in keys] for cut in cuts])
    left = np.tile([float(1 - system.promised[each.key]) for each in system.elements], (timelines, 1))
    order = np.argsort(generator.random((timelines, len(cuts))), axis=1)
    whole = np.ones(timelines)
    for turn in range(len(cuts)):
        chosen = members[order[:, turn]]
        spent = np.minimum(np.where(chosen, left, np.inf).min(axis=1), whole)
        left -= np.where(chosen, spent[:, None], 0)
        whole -= spent
    return float((1 - whole).max())


def _strewn(system: System, timelines: int, generator: np.random.Generator) -> dict[object, np.ndarray]:
    """Outages of whole slots, here and there, never more than a promise allows."""
    found: dict[object, np.ndarray] = {}
    slot = np.arange(SLOTS, dtype=np.int32)
    for each in system.elements:
        allowed = int((1 - system.promised[each.key]) * SLOTS)
        stride = STRIDES[generator.integers(0, len(STRIDES), (timelines, 1))].astype(np.int32)
        place = (slot * stride + generator.integers(0, SLOTS, (timelines, 1), np.int32)) % SLOTS
        found[each.component_id] = place < allowed
    return found


def _aligned(system: System, timelines: int, generator: np.random.Generator) -> dict[object, np.ndarray]:
    """One outage of each, whose beginning is that of another's or its end."""
    found: dict[object, np.ndarray] = {}
    slot = np.arange(SLOTS, dtype=np.int32)
    begins = np.zeros(timelines, np.int64)
    for each in system.elements:
        allowed = int((1 - system.promised[each.key]) * SLOTS)
        found[each.component_id] = (slot >= begins[:, None]) & (slot < begins[:, None] + allowed)
        begins = np.where(generator.random(timelines) < 0.5, begins, np.minimum(begins + allowed, SLOTS))
    return found


def _up(system: System, down: dict[object, np.ndarray]) -> np.ndarray:
    """Whether the service works, timeline by timeline and slot by slot."""
    parts = parts_of(system.components)
    known: dict[object, np.ndarray] = {}

    def of(key: object) -> np.ndarray:
        if key not in known:
            part = parts[key]  # type: ignore[index]
            shape = next(iter(down.values())).shape
            working = sum((of(needed).astype(np.int8) for needed in part.needs), np.zeros(shape, np.int8))
            up = working >= part.at_least
            known[key] = up & ~down[key] if part.fails else up
        return known[key]

    return of(number(system.root.key))
