"""What a judgement consists of, and which versions and links it rests on."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import numpy as np

from services.agreements.rules import TargetKind
from services.alignment.facts import Landscape, PromiseFact, ResponseChainFact
from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.alignment.spelling import percent
from services.alignment.structure import (
    ComponentFact,
    reached,
)
from services.domain.intervals import IntervalSet
from services.domain.recourse import recourse

ONE = Fraction(1)


@dataclass(frozen=True)
class Compared:
    """What came of one axis: how much is missing, in which unit, and why in words."""

    state: AxisState
    shortfall: Decimal | None = None
    unit: str = ""
    reason: str = ""


HOLDS = Compared(AxisState.HOLDS)


@dataclass(frozen=True)
class Money:
    """What we owe outcome by outcome against what comes back, and what is not on record to tell it by."""

    outcomes: Sequence[Mapping[str, Any]] = ()
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class Judgement:
    """A verdict with everything it is made of. `inputs` are the ids of every version and link that was looked at."""

    verdict: ChainVerdict
    axes: Mapping[Axis, Compared]
    inputs: Sequence[UUID]
    guaranteed: Fraction | None = None
    best_case: Fraction | None = None
    estimate: float | None = None
    """What is kept if parts fail independently of each other: an assumption, and no part of the verdict."""
    redundant: bool | None = None
    shared: Sequence[str] = ()
    nodes: Sequence[Mapping[str, Any]] = ()
    edges: Sequence[Mapping[str, Any]] = ()
    witness: Sequence[Mapping[str, Any]] = ()
    money: Money = field(default_factory=lambda: Money())


@dataclass(frozen=True)
class Link:
    """The best that supports a component, for one promise: none of its agreements promises it better."""

    component: ComponentFact
    promise: PromiseFact | None
    reason: str = ""
    unavailable: Sequence[Fraction] = ()
    """In each of our windows."""
    uncovered_shares: Sequence[Fraction] = ()
    """What of it is ours and none of their hours."""
    surely_lost: Fraction = Fraction(0)
    """In each of our windows even if they deliver exactly their minimum at the best of times."""
    uncovered: IntervalSet = field(default_factory=lambda: np.empty((0, 2), np.int64))
    ends_at: datetime | None = None
    """When it ends although ours goes on."""
    out_of_scope: Sequence[str] = ()
    unknown_term: str = ""

    @property
    def faults(self) -> int:
        """How many containments fail."""
        return sum((bool(len(self.uncovered)), self.ends_at is not None, bool(self.out_of_scope)))


def money_of(promise: PromiseFact, links: Collection[Link], landscape: Landscape) -> Money:
    """Credits back to back (methods E.6): nothing where we owe nothing."""
    ours = landscape.schedules.get((promise.agreement.version_id, promise.target_id))
    if promise.agreement.terms_id is None:
        return Money(missing=[f"the terms of {promise.agreement.key}"])
    if ours is None:
        return Money()
    below, missing = [], []
    for theirs in {link.promise.version_id: link.promise for link in links if link.promise is not None}.values():
        schedule = landscape.schedules.get((theirs.agreement.version_id, theirs.target_id))
        if theirs.agreement.terms_id is None:
            missing.append(f"the terms of {theirs.agreement.key}")
        elif schedule is not None and schedule.currency != ours.currency:
            missing.append(f"credits of {theirs.agreement.key} in {ours.currency}, not {schedule.currency}")
        elif schedule is not None:
            below.append(schedule.schedule)
    rows = [
        {
            "lower_percent": str(each.lower_percent),
            "upper_percent": str(each.upper_percent),
            "owed": str(each.owed),
            "recoverable": str(each.recoverable),
            "currency": ours.currency,
        }
        for each in recourse(ours.schedule, below).outcomes
    ]
    return Money(rows, sorted(missing))


def inputs_of(promise: PromiseFact, landscape: Landscape) -> list[UUID]:
    """The ids of every version and link that a verdict about the promise rests on, in one order."""
    own, service_id = promise.agreement, promise.agreement.service_id
    ids = {own.version_id, promise.version_id, own.terms_id, _calendar_version(promise.calendar_id, landscape)}
    if promise.kind is TargetKind.AVAILABILITY:
        structure = landscape.structures.get(service_id)
        if structure is None:
            return sorted(id_ for id_ in ids if id_ is not None)
        ids.add(structure.structure_id)
        named: Iterable[UUID] = [each.component_id for each in all_below(structure.component_id, landscape)]
    else:
        chain = chain_of(promise, landscape)
        if chain is None:
            return sorted(id_ for id_ in ids if id_ is not None)
        ids.add(chain.version_id)
        named = [id_ for hop in chain.hops for id_ in hop]
    for component_id in named:
        if (component := landscape.components.get(component_id)) is not None:
            ids.add(component.version_id)
        for support in landscape.supports.get(component_id, ()):
            ids.add(support.support_id)
            for backing in landscape.backing.get(support.agreement_id, ()):
                ids |= {backing.agreement.version_id, backing.version_id, backing.agreement.terms_id}
                ids.add(_calendar_version(backing.calendar_id, landscape))
                ids.add(_calendar_version(backing.agreement.coverage_calendar_id, landscape))
    return sorted(id_ for id_ in ids if id_ is not None)


def chain_of(promise: PromiseFact, landscape: Landscape) -> ResponseChainFact | None:
    """The response chain that a clock target runs through: one that ends with its states before one for all."""
    chains = landscape.chains.get(promise.agreement.service_id, ())
    fitting = [each for each in chains if not each.stop_states or promise.stop_states <= each.stop_states]
    return min(fitting, key=lambda each: (not each.stop_states, len(each.stop_states), each.key), default=None)


def _calendar_version(id_: UUID | None, landscape: Landscape) -> UUID | None:
    calendar = None if id_ is None else landscape.calendars.get(id_)
    return None if calendar is None else calendar.version_id


def all_below(root: UUID, landscape: Landscape) -> list[ComponentFact]:
    try:
        return reached(root, landscape.components)
    except KeyError:
        return []


def cannot_tell(promise: PromiseFact, landscape: Landscape, reason: str) -> Judgement:
    unknown = Compared(AxisState.UNKNOWN, reason=reason)
    return Judgement(ChainVerdict.UNKNOWN, dict.fromkeys(Axis, unknown), inputs_of(promise, landscape))


def verdict_of(axes: Mapping[Axis, Compared], floor: bool) -> ChainVerdict:
    states = {each.state for each in axes.values()}
    if AxisState.FAILS in states:
        return ChainVerdict.IMPOSSIBLE_AT_FLOOR if floor else ChainVerdict.NOT_BACKED
    return ChainVerdict.UNKNOWN if AxisState.UNKNOWN in states else ChainVerdict.BACKED


def node_of(component: ComponentFact, link: Link | None) -> dict[str, Any]:
    theirs = None if link is None else link.promise
    lost = max(link.unavailable, default=None) if link is not None else None
    return {
        "key": component.key,
        "name": component.name,
        "kind": component.kind.value,
        # Left out where there is none: the API spells the words of a stored object in upper case, and null is no word.
        **({} if component.gate is None else {"gate": component.gate.value}),
        "at_least": component.at_least,
        "provider": component.provider,
        "agreement_key": None if theirs is None else theirs.agreement.key,
        "target_key": None if theirs is None else theirs.key,
        "agreement_version_id": None if theirs is None else str(theirs.agreement.version_id),
        "component_version_id": str(component.version_id),
        "promised_percent": None if theirs is None else str(percent(theirs.objective)),
        "effective_percent": None if lost is None else str(percent(ONE - lost)),
        "problem": None if link is None else link.reason or None,
    }
