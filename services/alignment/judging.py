"""Whether a promise is kept whenever everybody below keeps theirs: four comparisons (methods E, semantics D.3 to D.5).

Pure: a landscape in, a judgement out. Whatever is not known is never taken for kept. Nothing is rounded before it is
compared; every promise that is not backed comes with a scenario in which everybody below keeps theirs and it is broken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any
from uuid import UUID

import numpy as np

from services.agreements.rules import TargetKind
from services.alignment.facts import AgreementFact, Landscape, PromiseFact, ResponseChainFact
from services.alignment.hours import Hours
from services.alignment.packing import MOST_SETS, worst_packing
from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.alignment.structure import (
    ComponentFact,
    CutSet,
    TooManyCutSets,
    cut_sets,
    is_redundant,
    reached,
    shared_providers,
)
from services.catalogue.rules import ComponentKind
from services.domain.business_calendar import BeyondHorizon, NoOpenTime
from services.domain.instants import from_epoch
from services.domain.intervals import IntervalSet, merged, subtracted
from services.domain.vocabulary import PeriodKind

ONE = Fraction(1)
MOST_WITNESSED = 40
"""Rows of a witness that are kept; what is left out is said."""
INSIDE = {
    (PeriodKind.MONTH, PeriodKind.QUARTER), (PeriodKind.MONTH, PeriodKind.YEAR), (PeriodKind.QUARTER, PeriodKind.YEAR),
}  # fmt: skip
"""Periods of which the second is made of whole ones of the first."""


@dataclass(frozen=True)
class Compared:
    """What came of one axis: how much is missing, in which unit, and why in words."""

    state: AxisState
    shortfall: Decimal | None = None
    unit: str = ""
    reason: str = ""


HOLDS = Compared(AxisState.HOLDS)


@dataclass(frozen=True)
class Judgement:
    """A verdict with everything it is made of. `inputs` are the ids of every version and link that was looked at."""

    verdict: ChainVerdict
    axes: Mapping[Axis, Compared]
    inputs: Sequence[UUID]
    guaranteed: Fraction | None = None
    best_case: Fraction | None = None
    redundant: bool | None = None
    shared: Sequence[str] = ()
    nodes: Sequence[Mapping[str, Any]] = ()
    edges: Sequence[Mapping[str, Any]] = ()
    witness: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Link:
    """The best that supports a component, for one promise: none of its agreements promises it better."""

    component: ComponentFact
    promise: PromiseFact | None
    reason: str = ""
    unavailable: Sequence[Fraction] = ()
    """In each of our windows."""
    uncovered: IntervalSet = field(default_factory=lambda: np.empty((0, 2), np.int64))
    ends_at: datetime | None = None
    """When it ends although ours goes on."""
    out_of_scope: Sequence[str] = ()
    unknown_term: str = ""

    @property
    def faults(self) -> int:
        """How many containments fail."""
        return sum((bool(len(self.uncovered)), self.ends_at is not None, bool(self.out_of_scope)))


def judge(promise: PromiseFact, landscape: Landscape, hours: Hours) -> Judgement:
    """The verdict about one promise."""
    try:
        if promise.kind is TargetKind.AVAILABILITY:
            return _judge_availability(promise, landscape, hours)
        return _judge_clock(promise, landscape, hours)
    except (BeyondHorizon, NoOpenTime):
        return _cannot_tell(promise, landscape, "a calendar has too little service time in a year to compare by")


def inputs_of(promise: PromiseFact, landscape: Landscape) -> list[UUID]:
    """The ids of every version and link that a verdict about the promise rests on, in one order."""
    own, service_id = promise.agreement, promise.agreement.service_id
    ids = {own.version_id, promise.version_id, own.terms_id, _calendar_version(promise.calendar_id, landscape)}
    if promise.kind is TargetKind.AVAILABILITY:
        structure = landscape.structures.get(service_id)
        if structure is None:
            return sorted(id_ for id_ in ids if id_ is not None)
        ids.add(structure.structure_id)
        named: Iterable[UUID] = [each.component_id for each in _below(structure.component_id, landscape)]
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


def _below(root: UUID, landscape: Landscape) -> list[ComponentFact]:
    try:
        return reached(root, landscape.components)
    except KeyError:
        return []


def _cannot_tell(promise: PromiseFact, landscape: Landscape, reason: str) -> Judgement:
    unknown = Compared(AxisState.UNKNOWN, reason=reason)
    return Judgement(ChainVerdict.UNKNOWN, dict.fromkeys(Axis, unknown), inputs_of(promise, landscape))


# Availability


def _judge_availability(promise: PromiseFact, landscape: Landscape, hours: Hours) -> Judgement:
    structure = landscape.structures.get(promise.agreement.service_id)
    if structure is None:
        return _cannot_tell(promise, landscape, "nobody has said what the service is built of")
    below = _below(structure.component_id, landscape)
    if not below:
        return _cannot_tell(promise, landscape, "a component the service is built of is not known then")
    try:
        cuts = cut_sets(structure.component_id, landscape.components)
    except TooManyCutSets:
        return _cannot_tell(promise, landscape, "there are more ways to fail together than are looked at")
    elements = [each for each in below if each.kind is ComponentKind.ELEMENT]
    links = {each.component_id: _availability_link(each, promise, landscape, hours) for each in elements}
    value, guaranteed, best, witness, floor = _availability_value(promise, links, cuts, hours)
    axes = {Axis.VALUE: value, **_contained(promise, links, cuts, hours)}
    return Judgement(
        _verdict(axes, floor), axes, inputs_of(promise, landscape), guaranteed, best,
        is_redundant(cuts, landscape.components), shared_providers(cuts, landscape.components),
        [_node(each, links.get(each.component_id)) for each in below],
        [{"from_key": each.key, "to_key": landscape.components[id_].key} for each in below for id_ in each.needs],
        witness or _containment_witness(links, hours),
    )  # fmt: skip


def _availability_link(component: ComponentFact, promise: PromiseFact, landscape: Landscape, hours: Hours) -> Link:
    found = [
        _availability_promise(component, promise, backing, hours)
        for support in landscape.supports.get(component.component_id, ())
        for backing in landscape.backing.get(support.agreement_id, ())
        if backing.kind is TargetKind.AVAILABILITY
    ]
    if not found:
        in_force = [each for each in landscape.supports.get(component.component_id, ())
                    if each.agreement_id in landscape.backing]  # fmt: skip
        reason = "no availability is promised" if in_force else "no agreement"
        windows = hours.shares(_clock(promise), _clock(promise))
        return Link(component, None, reason, [ONE] * len(windows))
    return min(found, key=lambda link: (link.faults, max(link.unavailable, default=ONE)))


def _clock(promise: PromiseFact) -> tuple[UUID | None, PeriodKind | None, int | None]:
    return promise.calendar_id, promise.period, promise.rolling_days


def _availability_promise(component: ComponentFact, ours: PromiseFact, theirs: PromiseFact, hours: Hours) -> Link:
    """What one promise is worth in each of our windows: its own allowance, and all that it does not speak of."""
    reason, unavailable = "", []
    about = (theirs.agreement.coverage_calendar_id, *_clock(theirs)[1:])
    for window, whole in zip(
        hours.shares(_clock(ours), _clock(theirs)), hours.shares(_clock(ours), about), strict=True
    ):
        lost = (ONE - theirs.objective) * window.allowance
        share = theirs.population_share or theirs.agreement.population_share
        if share:
            lost /= share
        excluded = _excluded(ours, theirs, window.windows)
        if excluded is None:
            reason, lost = "its maintenance has no limit", ONE
        else:
            lost += Fraction(excluded, window.agreed_seconds)
        unavailable.append(min(ONE, lost + window.uncovered + whole.uncovered))
    return Link(
        component, theirs, reason, unavailable, _uncovered(ours, theirs, hours),
        _ends_early(ours.agreement, theirs.agreement), _exclusions(ours.agreement, theirs.agreement),
        _notice(ours.agreement, theirs.agreement),
    )  # fmt: skip


def _excluded(ours: PromiseFact, theirs: PromiseFact, windows: int) -> int | None:
    """Maintenance that theirs leaves out and ours does not, in seconds of one of our windows; None: without a limit."""
    if not theirs.maintenance_excluded or (ours.maintenance_excluded and ours.maintenance_seconds is None):
        return 0
    if theirs.maintenance_seconds is None:
        return None
    return max(0, windows * theirs.maintenance_seconds - (ours.maintenance_seconds or 0))


def _availability_value(
    promise: PromiseFact, links: Mapping[UUID, Link], cuts: Sequence[CutSet], hours: Hours
) -> tuple[Compared, Fraction, Fraction, list[dict[str, Any]], bool]:
    """The worst of our windows: the most downtime that all limits together allow, and the least they force."""
    allowed = ONE - promise.objective
    windows = hours.shares(_clock(promise), _clock(promise))
    worst, shown = Fraction(-1), None
    seen: dict[tuple[Fraction, ...], int] = {}
    for place in range(len(windows)):
        seen.setdefault(tuple(link.unavailable[place] for link in links.values()), place)
    for place in seen.values():
        budgets = {id_: link.unavailable[place] for id_, link in links.items()}
        played = worst_packing(budgets, cuts)
        if sum(played) > worst:
            worst, shown = sum(played, Fraction(0)), (place, played)
    surely = {id_: _surely_lost(promise, link) for id_, link in links.items()}
    forced = max((sum((surely[id_] for id_ in cut), Fraction(0)) - (len(cut) - 1) for cut in cuts), default=ONE)
    guaranteed, best = ONE - max(worst, Fraction(0)), ONE - max(forced, Fraction(0))
    if guaranteed >= promise.objective:
        return HOLDS, guaranteed, best, [], False
    unbacked = [link.component.name for link in links.values() if link.promise is None]
    reason = f"nothing is promised of {', '.join(sorted(unbacked)[:5])}" if unbacked else ""
    compared = Compared(AxisState.FAILS, percent(promise.objective - guaranteed), "percentage points", reason)
    assert shown is not None  # noqa: S101 - what is not kept was shown in a window
    place, played = shown
    witness = _timeline(windows[place].starts_at, windows[place].agreed_seconds, cuts, played, links)
    return compared, guaranteed, best, witness, forced > allowed


def _surely_lost(ours: PromiseFact, link: Link) -> Fraction:
    """What is lost in each of our windows even if they deliver exactly their minimum at the best of times."""
    theirs = link.promise
    if theirs is None or _clock(theirs) != _clock(ours) or theirs.population_share is not None:
        return Fraction(0)
    return ONE - theirs.objective


def _timeline(
    starts_at: int, agreed: int, cuts: Sequence[CutSet], played: Sequence[Fraction], links: Mapping[UUID, Link]
) -> list[dict[str, Any]]:
    """Outages one after another, counted in agreed time of the window; components of one cut set are down together."""
    rows, begun = [], Fraction(0)
    for cut, share in sorted(zip(cuts, played, strict=True), key=lambda each: -each[1]):
        if share:
            for id_ in sorted(cut, key=lambda id_: links[id_].component.key):
                rows.append(
                    {
                        "component_key": links[id_].component.key,
                        "at": stamp(starts_at),
                        "from_second": seconds(begun * agreed),
                        "until_second": seconds((begun + share) * agreed),
                        "share_percent": str(percent(share)),
                        "note": "down, within what is promised",
                    }
                )
            begun += share
    return shortened(rows)


# Tickets


def _judge_clock(promise: PromiseFact, landscape: Landscape, hours: Hours) -> Judgement:
    chain = chain_of(promise, landscape)
    if chain is None:
        return _cannot_tell(promise, landscape, "nobody has said who works on tickets of the service in which order")
    named = [id_ for hop in chain.hops for id_ in hop]
    if any(id_ not in landscape.components for id_ in named):
        return _cannot_tell(promise, landscape, "a component of the response chain is not known then")
    links = {id_: _clock_link(landscape.components[id_], promise, landscape, hours) for id_ in named}
    cuts = [frozenset({id_}) for id_ in links]
    value, guaranteed, best, witness, floor = _clock_value(promise, chain, links, hours)
    axes = {Axis.VALUE: value, **_contained(promise, links, cuts, hours)}
    return Judgement(
        _verdict(axes, floor), axes, inputs_of(promise, landscape), guaranteed, best,
        nodes=[_node(link.component, link) for link in links.values()],
        edges=[
            {"from_key": landscape.components[one].key, "to_key": landscape.components[other].key}
            for before, after in zip(chain.hops, chain.hops[1:], strict=False)
            for one in before
            for other in after
        ],
        witness=witness or _containment_witness(links, hours),
    )  # fmt: skip


def _clock_link(component: ComponentFact, ours: PromiseFact, landscape: Landscape, hours: Hours) -> Link:
    supports = landscape.supports.get(component.component_id, ())
    backing = [each for support in supports for each in landscape.backing.get(support.agreement_id, ())]
    clocks = [each for each in backing if each.kind is TargetKind.CLOCK]
    if not clocks:
        return Link(component, None, "no time is promised" if backing else "no agreement")
    alike = [each for each in clocks if each.stop_states & ours.stop_states] or clocks

    def link(theirs: PromiseFact) -> Link:
        scope = [*_tickets_left_out(ours, theirs), *_exclusions(ours.agreement, theirs.agreement)]
        if left := sorted(theirs.pause_states - ours.pause_states):
            scope.append(f"their clock waits in {', '.join(left)}, ours does not")
        if theirs.period != ours.period and (theirs.period, ours.period) not in INSIDE:
            scope.append("it is judged over a longer period, whose misses may all fall in one of ours")
        return Link(
            component, theirs, "", (), _uncovered(ours, theirs, hours),
            _ends_early(ours.agreement, theirs.agreement), scope, _notice(ours.agreement, theirs.agreement),
        )  # fmt: skip

    return min(map(link, alike), key=lambda each: (each.faults, each.promise.points[0][1] if each.promise else 0))


def _tickets_left_out(ours: PromiseFact, theirs: PromiseFact) -> list[str]:
    """What our promise is about and theirs is not; to select nothing is to select all."""
    found = []
    for what, wanted, covered in (
        ("priority", ours.priorities, theirs.priorities), ("category", ours.categories, theirs.categories),
    ):  # fmt: skip
        if covered and not wanted:
            found.append(f"every {what} but {', '.join(sorted(covered)[:5])}")
        elif covered and (left := sorted(wanted - covered)):
            found.append(f"{what} {', '.join(left[:5])}")
    return found


def _levels(link: Link) -> list[tuple[Fraction, int | None]]:
    """The worst distribution a promise permits: mass at its points, the rest never (methods E.4)."""
    if link.promise is None:
        return [(ONE, None)]
    share = link.promise.agreement.population_share
    found: list[tuple[Fraction, int | None]] = []
    reached_ = Fraction(0)
    for probability, duration in sorted(link.promise.points, key=lambda point: (point[1], point[0])):
        kept = max(Fraction(0), ONE - (ONE - probability) / share) if share else probability
        if kept > reached_:
            found.append((kept - reached_, duration))
            reached_ = kept
    return [*found, (ONE - reached_, None)] if reached_ < ONE else found


def _clock_value(
    promise: PromiseFact, chain: ResponseChainFact, links: Mapping[UUID, Link], hours: Hours
) -> tuple[Compared, Fraction | None, Fraction | None, list[dict[str, Any]], bool]:
    levels = {id_: _levels(link) for id_, link in links.items()}
    combinations_ = list(product(*(range(len(each)) for each in levels.values())))
    if len(combinations_) > MOST_SETS:
        reason = "there are more combinations of promised times than are looked at"
        return Compared(AxisState.UNKNOWN, reason=reason), None, None, [], False
    budgets = {(id_, level): each[level][0] for id_, each in levels.items() for level in range(len(each))}
    timed = [dict(zip(levels, chosen, strict=True)) for chosen in combinations_]
    taken = [_time_of(promise, chain, links, levels, chosen, hours) for chosen in timed]
    # A ticket may be opened when their hours are ours, so that only alike hours say what happens at the best of times.
    alike = all(
        link.promise is not None
        and link.promise.calendar_id == promise.calendar_id
        and link.promise.agreement.population_share is None
        for link in links.values()
    )
    worst_gap, shown, guaranteed, best, floor = Fraction(0), None, None, None, False
    for probability, limit in promise.points:
        bad = [place for place, time in enumerate(taken) if time is None or time[0] > limit]
        good = [place for place in range(len(timed)) if place not in set(bad)]
        played = worst_packing(budgets, [frozenset(timed[place].items()) for place in bad])
        lucky = worst_packing(budgets, [frozenset(timed[place].items()) for place in good])
        sure, most = ONE - sum(played, Fraction(0)), sum(lucky, Fraction(0))
        if guaranteed is None:
            guaranteed, best = sure, most
        floor |= alike and most < probability
        if probability - sure > worst_gap:
            worst_gap, shown, guaranteed, best = probability - sure, (bad, played), sure, most
    best = best if alike else None
    if shown is None:
        return HOLDS, guaranteed, best, [], False
    unbacked = sorted({link.component.name for link in links.values() if link.promise is None})
    reason = f"nothing is promised of {', '.join(unbacked[:5])}" if unbacked else ""
    compared = Compared(AxisState.FAILS, percent(worst_gap), "percentage points", reason)
    bad, played = shown
    rows = []
    for place, share in sorted(zip(bad, played, strict=True), key=lambda each: -each[1]):
        if not share:
            continue
        opened = None if (time := taken[place]) is None else stamp(time[1])
        for id_, level in timed[place].items():
            takes = levels[id_][level][1]
            rows.append(
                {
                    "component_key": links[id_].component.key,
                    "at": opened,
                    "from_second": None,
                    "until_second": None if takes is None else str(takes),
                    "share_percent": str(percent(share)),
                    "note": "takes longer than any promised time" if takes is None else "takes all of a promised time",
                }
            )
    return compared, guaranteed, best, shortened(rows), floor


def _time_of(
    promise: PromiseFact,
    chain: ResponseChainFact,
    links: Mapping[UUID, Link],
    levels: Mapping[UUID, Sequence[tuple[Fraction, int | None]]],
    chosen: Mapping[UUID, int],
    hours: Hours,
) -> tuple[int, int] | None:
    """The most time of ours a ticket takes whose hops take these promised times; None where one is not limited."""
    hops = []
    for hop in chain.hops:
        spans = [(levels[id_][chosen[id_]][1], links[id_].promise) for id_ in hop]
        if any(span is None for span, _ in spans):
            return None
        hops.append([(each.calendar_id, span) for span, each in spans if each is not None and span is not None])
    return hours.longest(promise.calendar_id, hops)


# Containment


def _ends_early(ours: AgreementFact, theirs: AgreementFact) -> datetime | None:
    """When theirs ends although ours goes on; options to renew count only if they are ours."""
    ends = theirs.ends_at if theirs.extends_at is None else max(theirs.extends_at, theirs.ends_at or theirs.extends_at)
    if ends is None or (ours.ends_at is not None and ours.ends_at <= ends):
        return None
    return ends


def _notice(ours: AgreementFact, theirs: AgreementFact) -> str:
    if ours.notice_days is not None and theirs.notice_days is not None and theirs.notice_days < ours.notice_days:
        return f"they may leave within {theirs.notice_days} days, we within {ours.notice_days}"
    return ""


def _exclusions(ours: AgreementFact, theirs: AgreementFact) -> list[str]:
    found = [f"excludes {each}" for each in sorted(set(theirs.exclusions) - set(ours.exclusions))[:5]]
    if theirs.force_majeure and not ours.force_majeure:
        found.append("excludes force majeure")
    if (more := theirs.maintenance_seconds - ours.maintenance_seconds) > 0:
        found.append(f"has {more} s more maintenance a month")
    return found


def _uncovered(ours: PromiseFact, theirs: PromiseFact, hours: Hours) -> IntervalSet:
    """Our hours that are not those of their target, or not those their agreement is about at all."""
    left = [
        hours.uncovered(ours.calendar_id, id_) for id_ in (theirs.calendar_id, theirs.agreement.coverage_calendar_id)
    ]
    return merged(*np.concatenate(left).T)


def _contained(
    promise: PromiseFact, links: Mapping[UUID, Link], cuts: Sequence[CutSet], hours: Hours
) -> dict[Axis, Compared]:
    """Coverage, term and scope: each fails where all of a minimal cut set fail it, at one and the same time."""
    backed = {id_: link for id_, link in links.items() if link.promise is not None}
    if not backed:
        unknown = Compared(AxisState.UNKNOWN, reason="there is no agreement to compare with")
        return {Axis.COVERAGE: unknown, Axis.TERM: unknown, Axis.SCOPE: unknown}
    complete = [cut for cut in cuts if cut <= backed.keys()]
    return {
        Axis.COVERAGE: _covered([[backed[id_] for id_ in cut] for cut in complete]),
        Axis.TERM: _lasting(promise.agreement, [[backed[id_] for id_ in cut] for cut in complete], hours),
        Axis.SCOPE: _in_scope([[backed[id_] for id_ in cut] for cut in complete]),
    }


def _covered(cuts: Sequence[Sequence[Link]]) -> Compared:
    worst, whose = 0, ""
    for cut in cuts:
        left = cut[0].uncovered
        for link in cut[1:]:
            left = subtracted(left, subtracted(left, link.uncovered))
        if (total := int((left[:, 1] - left[:, 0]).sum())) > worst:
            worst, whose = total, ", ".join(link.component.name for link in cut)
    if not worst:
        return HOLDS
    hours_left = (Decimal(worst) / 3600).quantize(Decimal("0.01"))
    return Compared(AxisState.FAILS, hours_left, "hours a year", f"{whose}: not covered in hours we promise")


def _lasting(ours: AgreementFact, cuts: Sequence[Sequence[Link]], hours: Hours) -> Compared:
    ending: list[tuple[datetime, str]] = []
    for cut in cuts:
        ends = [link.ends_at for link in cut if link.ends_at is not None]
        if len(ends) == len(cut):
            ending.append((max(ends), ", ".join(link.component.name for link in cut)))
    if ending:
        at, whose = min(ending)
        until = ours.ends_at or from_epoch(hours.end)
        days = max(1, (until - at).days)
        said = "" if ours.ends_at is not None else ", and ours has no end"
        return Compared(
            AxisState.FAILS, Decimal(days), "days", f"{whose}: ends {at.date().isoformat()} before ours{said}"
        )
    noticed = [link for cut in cuts for link in cut if len(cut) == 1 and link.unknown_term]
    if noticed:
        return Compared(AxisState.FAILS, None, "", f"{noticed[0].component.name}: {noticed[0].unknown_term}")
    return HOLDS


def _in_scope(cuts: Sequence[Sequence[Link]]) -> Compared:
    for cut in cuts:
        if all(link.out_of_scope for link in cut):
            link = cut[0]
            said = "; ".join(link.out_of_scope[:3])
            return Compared(
                AxisState.FAILS, Decimal(len(link.out_of_scope)), "differences", f"{link.component.name}: {said}"
            )
    return HOLDS


def _containment_witness(links: Mapping[UUID, Link], hours: Hours) -> list[dict[str, Any]]:
    """An instant for each containment that fails: an incident then is ours and not theirs."""
    rows = []
    for link in links.values():
        found = []
        if len(link.uncovered):
            found.append((int(link.uncovered[0, 0]), "we promise service then, they do not"))
        if link.ends_at is not None:
            found.append((int(link.ends_at.timestamp()), "our promise goes on then, theirs has ended"))
        if link.out_of_scope:
            found.append((hours.start, link.out_of_scope[0]))
        rows += [
            {
                "component_key": link.component.key, "at": stamp(at), "from_second": None, "until_second": None,
                "share_percent": None, "note": note,
            }
            for at, note in found
        ]  # fmt: skip
    return shortened(rows)


def _verdict(axes: Mapping[Axis, Compared], floor: bool) -> ChainVerdict:
    states = {each.state for each in axes.values()}
    if AxisState.FAILS in states:
        return ChainVerdict.IMPOSSIBLE_AT_FLOOR if floor else ChainVerdict.NOT_BACKED
    return ChainVerdict.UNKNOWN if AxisState.UNKNOWN in states else ChainVerdict.BACKED


def _node(component: ComponentFact, link: Link | None) -> dict[str, Any]:
    theirs = None if link is None else link.promise
    lost = max(link.unavailable, default=None) if link is not None else None
    return {
        "key": component.key,
        "name": component.name,
        "kind": component.kind.value,
        "gate": None if component.gate is None else component.gate.value,
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


def percent(share: Fraction) -> Decimal:
    """A share in percent for people, never to compare by."""
    return (Decimal(share.numerator) * 100 / Decimal(share.denominator)).quantize(Decimal("0.000001"))


def seconds(span: Fraction) -> str:
    """A span of time for people."""
    return str((Decimal(span.numerator) / Decimal(span.denominator)).quantize(Decimal("0.001")))


def stamp(instant: int) -> str:
    """An instant as JSON spells it."""
    return from_epoch(instant).isoformat().replace("+00:00", "Z")


def shortened(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most so many rows, the last one saying how many were left out."""
    if len(rows) <= MOST_WITNESSED:
        return rows
    left = {**rows[0], "component_key": "", "at": None, "from_second": None, "until_second": None,
            "share_percent": None, "note": f"and {len(rows) - MOST_WITNESSED} more"}  # fmt: skip
    return [*rows[:MOST_WITNESSED], left]
