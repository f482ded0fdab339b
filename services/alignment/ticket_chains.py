"""Whether promises about tickets are backed by those who work on them in turn (methods E.4, semantics D.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any
from uuid import UUID

from services.agreements.rules import TargetKind
from services.alignment.containment import (
    contained,
    containment_witness,
    ends_early,
    exclusions,
    notice,
    uncovered_hours,
)
from services.alignment.facts import Landscape, PromiseFact, ResponseChainFact
from services.alignment.hours import Hours
from services.alignment.judgement import (
    HOLDS,
    ONE,
    Compared,
    Judgement,
    Link,
    cannot_tell,
    chain_of,
    inputs_of,
    money_of,
    node_of,
    verdict_of,
)
from services.alignment.packing import MOST_SETS, worst_packing
from services.alignment.rules import Axis, AxisState
from services.alignment.spelling import percent, shortened, stamp
from services.alignment.structure import (
    ComponentFact,
)
from services.domain.vocabulary import PeriodKind

INSIDE = {
    (PeriodKind.MONTH, PeriodKind.QUARTER), (PeriodKind.MONTH, PeriodKind.YEAR), (PeriodKind.QUARTER, PeriodKind.YEAR),
}  # fmt: skip
"""Periods of which the second is made of whole ones of the first."""


def judge_clock(promise: PromiseFact, landscape: Landscape, hours: Hours) -> Judgement:
    chain = chain_of(promise, landscape)
    if chain is None:
        return cannot_tell(promise, landscape, "nobody has said who works on tickets of the service in which order")
    named = [id_ for hop in chain.hops for id_ in hop]
    last = frozenset(chain.hops[-1]) if chain.hops else frozenset()
    if any(id_ not in landscape.components for id_ in named):
        return cannot_tell(promise, landscape, "a component of the response chain is not known then")
    if chain.missing or any(landscape.components[id_].missing for id_ in named):
        return cannot_tell(promise, landscape, "records of the response chain that were made are not there")
    links = {id_: _clock_link(landscape.components[id_], promise, landscape, hours, id_ in last) for id_ in named}
    cuts = [frozenset({id_}) for id_ in links]
    value, guaranteed, best, witness, floor = _clock_value(promise, chain, links, hours)
    axes = {Axis.VALUE: value, **contained(promise, links, cuts)}
    return Judgement(
        verdict_of(axes, floor), axes, inputs_of(promise, landscape), guaranteed, best,
        nodes=[node_of(link.component, link) for link in links.values()],
        edges=[
            {"from_key": landscape.components[one].key, "to_key": landscape.components[other].key}
            for before, after in zip(chain.hops, chain.hops[1:], strict=False)
            for one in before
            for other in after
        ],
        witness=witness or containment_witness(links, hours),
        money=money_of(promise, links.values(), landscape),
    )  # fmt: skip


def _clock_link(component: ComponentFact, ours: PromiseFact, landscape: Landscape, hours: Hours, is_last: bool) -> Link:
    supports = landscape.supports.get(component.component_id, ())
    backing = [each for support in supports for each in landscape.backing.get(support.agreement_id, ())]
    clocks = [each for each in backing if each.kind is TargetKind.CLOCK]
    if not clocks:
        return Link(component, None, "no time is promised" if backing else "no agreement")
    alike = [each for each in clocks if each.stop_states & ours.stop_states] or clocks

    def link(theirs: PromiseFact) -> Link:
        scope = [*_tickets_left_out(ours, theirs), *exclusions(ours.agreement, theirs.agreement)]
        if left := sorted(theirs.pause_states - ours.pause_states):
            scope.append(f"their clock waits in {', '.join(left)}, ours does not")
        if is_last and (early := sorted(theirs.stop_states - ours.stop_states)):
            scope.append(f"their clock stops in {', '.join(early)}, ours does not")
        if theirs.period != ours.period and (theirs.period, ours.period) not in INSIDE:
            scope.append("it is judged over a longer period, whose misses may all fall in one of ours")
        return Link(
            component, theirs, uncovered=uncovered_hours(ours, theirs, hours),
            ends_at=ends_early(ours.agreement, theirs.agreement), out_of_scope=scope,
            unknown_term=notice(ours.agreement, theirs.agreement),
        )  # fmt: skip

    found = [link(each) for each in alike]
    best = min(found, key=lambda each: (each.faults, each.promise.points[0][1] if each.promise else 0))
    return best if best.faults else _with_all_points(best, found)


def _with_all_points(best: Link, found: Sequence[Link]) -> Link:
    """Promises about the same tickets hold all at once: the points of one count beside those of another."""
    assert best.promise is not None  # noqa: S101 - made of a promise
    theirs = best.promise
    share = theirs.agreement.population_share
    beside = [
        each.promise
        for each in found
        if not each.faults and each.promise is not None
        and (each.promise.calendar_id, each.promise.agreement.population_share) == (theirs.calendar_id, share)
        and (each.promise.stop_states, each.promise.pause_states) == (theirs.stop_states, theirs.pause_states)
    ]  # fmt: skip
    points = {point for each in beside for point in each.points}
    return replace(best, promise=replace(theirs, points=[*theirs.points, *sorted(points - set(theirs.points))]))


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


def _same_tickets(ours: PromiseFact, theirs: PromiseFact) -> bool:
    return (ours.priorities, ours.categories) == (theirs.priorities, theirs.categories)


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
        and link.promise.period == promise.period
        and promise.pause_states <= link.promise.pause_states
        and not exclusions(link.promise.agreement, promise.agreement)
        and _same_tickets(promise, link.promise)
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
    for case, (place, share) in enumerate(sorted(zip(bad, played, strict=True), key=lambda each: -each[1])):
        if not share:
            continue
        opened = None if (time := taken[place]) is None else stamp(time[1])
        for id_, level in timed[place].items():
            takes = levels[id_][level][1]
            rows.append(
                {
                    "component_key": links[id_].component.key,
                    "case": case,
                    "at": opened,
                    "from_second": None,
                    "until_second": None if takes is None else str(takes),
                    "share_percent": str(percent(share)),
                    "exact_from": None,
                    "exact_until": None,
                    "exact_share": str(share),
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
