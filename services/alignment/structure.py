"""What must fail together for a service to fail: minimal cut sets over identities of components (methods E.3)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from services.alignment.packing import MOST_SETS
from services.catalogue.rules import ComponentKind, Gate

CutSet = frozenset[UUID]


class TooManyCutSets(ValueError):
    """The structure has more ways to fail than are looked at."""


@dataclass(frozen=True)
class ComponentFact:
    """A component as of an instant: what it is, who provides it and what it needs, with the version that says so."""

    component_id: UUID
    version_id: UUID
    key: str
    name: str
    kind: ComponentKind
    provider_id: UUID | None
    provider: str | None
    gate: Gate | None
    at_least: int | None
    needs: Sequence[UUID]
    missing: int = 0
    """How many of its versions, needs and supports that were ever recorded are not there."""


def enough_of(fact: ComponentFact) -> int:
    """How many of what a component needs must work."""
    if not fact.needs:
        return 0
    return {Gate.ALL_OF: len(fact.needs), Gate.ANY_OF: 1}.get(fact.gate or Gate.ALL_OF, fact.at_least or 1)


def reached(root: UUID, components: Mapping[UUID, ComponentFact]) -> list[ComponentFact]:
    """The component and all it needs, each once. Raises KeyError for one that is not known at the instant."""
    found: dict[UUID, ComponentFact] = {}
    waiting = [root]
    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found[id_] = components[id_]
            waiting += components[id_].needs
    return list(found.values())


def cut_sets(root: UUID, components: Mapping[UUID, ComponentFact]) -> list[CutSet]:
    """The minimal sets of elements whose failure alone makes the root fail, smallest first."""
    known: dict[UUID, frozenset[CutSet]] = {}

    def of(id_: UUID) -> frozenset[CutSet]:
        if id_ not in known:
            fact = components[id_]
            own = [frozenset({id_})] if fact.kind is ComponentKind.ELEMENT else []
            known[id_] = _minimal([*own, *_of_gate(fact, [of(needed) for needed in fact.needs])])
        return known[id_]

    return sorted(of(root), key=lambda cut: (len(cut), sorted(cut)))


def _of_gate(fact: ComponentFact, below: Sequence[frozenset[CutSet]]) -> Iterable[CutSet]:
    if not below:
        return []
    enough = enough_of(fact)
    found: set[CutSet] = set()
    for failing in combinations(below, len(below) - enough + 1):
        together: frozenset[CutSet] = frozenset({frozenset()})
        for cuts in failing:
            together = _minimal(one | other for one in together for other in cuts)
        found |= together
        if len(found) > 10 * MOST_SETS:
            raise TooManyCutSets
    return found


def _minimal(sets: Iterable[CutSet]) -> frozenset[CutSet]:
    kept: list[CutSet] = []
    for each in sorted(set(sets), key=len):
        if not any(smaller <= each for smaller in kept):
            kept.append(each)
        if len(kept) > MOST_SETS:
            raise TooManyCutSets
    return frozenset(kept)


def is_redundant(cuts: Collection[CutSet], components: Mapping[UUID, ComponentFact]) -> bool | None:
    """Whether no single component and no single party brings the service down; None where a party is not named.

    Two components that one party provides are one party's promise, so a pair of them is no redundancy.
    """
    if any(len(cut) == 1 for cut in cuts):
        return False
    certain = True
    for cut in cuts:
        parties = {components[id_].provider_id for id_ in cut}
        if len(parties) == 1 and None not in parties:
            return False
        certain &= len(parties - {None}) > 1
    return True if certain else None


def shared_providers(cuts: Collection[CutSet], components: Mapping[UUID, ComponentFact]) -> list[str]:
    """The names of parties that provide all components of a cut set of several."""
    found = {
        frozenset((components[id_].provider_id, components[id_].provider) for id_ in cut)
        for cut in cuts
        if len(cut) > 1
    }
    return sorted({name for parties in found if len(parties) == 1 for id_, name in parties if id_ and name})
