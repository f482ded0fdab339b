"""Whether promises that a service is there are backed by what it is built of (methods E.2, E.3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any
from uuid import UUID

import numpy as np

from services.agreements.rules import TargetKind
from services.alignment.containment import (
    contained,
    containment_witness,
    ends_early,
    exclusions,
    notice,
    uncovered_hours,
)
from services.alignment.facts import Landscape, PromiseFact
from services.alignment.hours import Hours
from services.alignment.judgement import (
    HOLDS,
    ONE,
    Compared,
    Judgement,
    Link,
    all_below,
    cannot_tell,
    inputs_of,
    money_of,
    node_of,
    verdict_of,
)
from services.alignment.packing import worst_packing
from services.alignment.rules import Axis, AxisState
from services.alignment.spelling import percent, seconds, shortened, stamp
from services.alignment.structure import (
    ComponentFact,
    CutSet,
    TooManyCutSets,
    cut_sets,
    enough_of,
    is_redundant,
    shared_providers,
)
from services.catalogue.rules import ComponentKind
from services.domain.reliability import Part, TooManySharedParts, availability
from services.domain.vocabulary import PeriodKind


def judge_availability(promise: PromiseFact, landscape: Landscape, hours: Hours) -> Judgement:
    structure = landscape.structures.get(promise.agreement.service_id)
    if structure is None:
        return cannot_tell(promise, landscape, "nobody has said what the service is built of")
    below = all_below(structure.component_id, landscape)
    if not below:
        return cannot_tell(promise, landscape, "a component the service is built of is not known then")
    if any(each.missing for each in below):
        return cannot_tell(promise, landscape, "records of what the service is built of are not there")
    try:
        cuts = cut_sets(structure.component_id, landscape.components)
    except TooManyCutSets:
        return cannot_tell(promise, landscape, "there are more ways to fail together than are looked at")
    elements = [each for each in below if each.kind is ComponentKind.ELEMENT]
    links = {each.component_id: _availability_link(each, promise, landscape, hours) for each in elements}
    value, guaranteed, best, witness, floor = _availability_value(promise, links, cuts, hours)
    axes = {Axis.VALUE: value, **contained(promise, links, cuts)}
    return Judgement(
        verdict_of(axes, floor),
        axes,
        inputs_of(promise, landscape),
        guaranteed,
        best,
        _estimate(structure.component_id, below, links),
        is_redundant(cuts, landscape.components),
        shared_providers(cuts, landscape.components),
        [node_of(each, links.get(each.component_id)) for each in below],
        [{"from_key": each.key, "to_key": landscape.components[id_].key} for each in below for id_ in each.needs],
        witness or containment_witness(links, hours),
        money_of(promise, links.values(), landscape),
    )


def parts_of(components: Iterable[ComponentFact]) -> dict[UUID, Part[UUID]]:
    """What a service is built of, as far as it matters for working."""
    return {
        each.component_id: Part(each.kind is ComponentKind.ELEMENT, each.needs, enough_of(each)) for each in components
    }


def _estimate(root: UUID, below: Sequence[ComponentFact], links: Mapping[UUID, Link]) -> float | None:
    """What is kept if all are just as good as promised, in our worst window, and fail independently (methods E.3)."""
    if any(link.promise is None for link in links.values()):
        return None
    up = {id_: float(ONE - max(link.unavailable, default=ONE)) for id_, link in links.items()}
    try:
        return availability(root, parts_of(below), up)
    except TooManySharedParts:
        return None


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
    best = min(found, key=lambda link: (link.faults, max(link.unavailable, default=ONE)))
    # Who gave several promises has to keep the strictest, so that no more than that is lost for sure.
    return replace(best, surely_lost=min(link.surely_lost for link in found))


def _clock(promise: PromiseFact) -> tuple[UUID | None, PeriodKind | None, int | None]:
    return promise.calendar_id, promise.period, promise.rolling_days


def _availability_promise(component: ComponentFact, ours: PromiseFact, theirs: PromiseFact, hours: Hours) -> Link:
    """What one promise is worth in each of our windows: its own allowance, and all that it does not speak of."""
    reason, unavailable, uncovered = "", [], []
    about = (theirs.agreement.coverage_calendar_id, *_clock(theirs)[1:])
    for window, whole in zip(
        hours.shares(_clock(ours), _clock(theirs)), hours.shares(_clock(ours), about), strict=True
    ):
        lost = (ONE - theirs.objective) * window.allowance
        share = theirs.population_share or theirs.agreement.population_share
        if share:
            lost /= share
        excluded = _excluded(ours, theirs, window.windows)
        counted = _counted_seconds(ours, theirs, window.agreed_seconds)
        apart = window.uncovered + whole.uncovered
        if excluded is None:
            reason, lost = "its maintenance has no limit", ONE
        elif counted is None:
            reason, lost = "our maintenance may leave nothing that we count, and they count it", ONE
        else:
            of_ours, of_both = counted
            apart = min(ONE, apart * window.agreed_seconds / of_ours)
            lost = lost * of_both / of_ours + Fraction(excluded, of_ours)
        unavailable.append(min(ONE, lost + apart))
        uncovered.append(apart)
    return Link(
        component, theirs, reason, unavailable, uncovered, _surely_lost(ours, theirs),
        uncovered_hours(ours, theirs, hours), ends_early(ours.agreement, theirs.agreement),
        exclusions(ours.agreement, theirs.agreement), notice(ours.agreement, theirs.agreement),
    )  # fmt: skip


def _counted_seconds(ours: PromiseFact, theirs: PromiseFact, agreed: int) -> tuple[int, int] | None:
    """The least of our window that we count, and what is left of it by maintenance that neither counts.

    Time that we leave out and they count makes our allowance smaller and not theirs (semantics D.6). None: there need
    not be any that we count.
    """
    if not ours.maintenance_excluded:
        return agreed, agreed
    if theirs.maintenance_excluded and theirs.maintenance_seconds is None:
        return agreed, agreed
    if ours.maintenance_seconds is None or ours.maintenance_seconds >= agreed:
        return None
    both = min(ours.maintenance_seconds, theirs.maintenance_seconds or 0)
    return agreed - ours.maintenance_seconds, agreed - both


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
    forced = max((sum((links[id_].surely_lost for id_ in cut), Fraction(0)) - (len(cut) - 1) for cut in cuts),
                 default=ONE)  # fmt: skip
    guaranteed, best = ONE - max(worst, Fraction(0)), ONE - max(forced, Fraction(0))
    if guaranteed >= promise.objective:
        return HOLDS, guaranteed, best, [], False
    if apart := _uncovered_at_other_times(links, cuts):
        shown = _at_covered_times(links, cuts, seen.values(), apart)
        if sum(shown[1]) <= allowed:
            names = ", ".join(sorted(links[id_].component.name for id_ in apart)[:5])
            unknown = Compared(AxisState.UNKNOWN, reason=f"not worked out hour by hour: {names} cover different hours")
            return unknown, guaranteed, best, [], False
    unbacked = [link.component.name for link in links.values() if link.promise is None]
    reason = f"nothing is promised of {', '.join(sorted(unbacked)[:5])}" if unbacked else ""
    compared = Compared(AxisState.FAILS, percent(promise.objective - guaranteed), "percentage points", reason)
    assert shown is not None  # noqa: S101 - what is not kept was shown in a window
    place, played = shown
    left_out = (promise.maintenance_seconds or 0) if promise.maintenance_excluded else 0
    counted = max(1, windows[place].agreed_seconds - left_out)
    witness = _timeline(windows[place].starts_at, counted, cuts, played, links)
    return compared, guaranteed, best, witness, forced > allowed


def _uncovered_at_other_times(links: Mapping[UUID, Link], cuts: Sequence[CutSet]) -> frozenset[UUID]:
    """Components that would have to fail together and whose uncovered hours are not the same.

    Shares of a window do not say that these hours never meet, so what adds up by shares is no scenario.
    """
    found: set[UUID] = set()
    for cut in cuts:
        open_ = [id_ for id_ in cut if len(links[id_].uncovered)]
        if any(not np.array_equal(links[id_].uncovered, links[open_[0]].uncovered) for id_ in open_[1:]):
            found.update(open_)
    return frozenset(found)


def _at_covered_times(
    links: Mapping[UUID, Link], cuts: Sequence[CutSet], places: Iterable[int], apart: frozenset[UUID]
) -> tuple[int, list[Fraction]]:
    """The worst window if these fail only in hours they cover: what is played then is a scenario for sure."""
    found = []
    for place in places:
        budgets = {
            id_: link.unavailable[place] - (link.uncovered_shares[place] if id_ in apart else 0)
            for id_, link in links.items()
        }
        found.append((place, worst_packing(budgets, cuts)))
    return max(found, key=lambda each: sum(each[1]))


def _surely_lost(ours: PromiseFact, theirs: PromiseFact) -> Fraction:
    """What is lost in each of our windows even if they deliver exactly their minimum at the best of times.

    Nothing, where what they lose may be lost to others, or in time that one of us leaves out.
    """
    to_others = theirs.population_share is not None or theirs.agreement.population_share is not None
    left_out = ours.maintenance_excluded or theirs.maintenance_excluded or exclusions(theirs.agreement, ours.agreement)
    if _clock(theirs) != _clock(ours) or to_others or left_out:
        return Fraction(0)
    return ONE - theirs.objective


def _timeline(
    starts_at: int, agreed: int, cuts: Sequence[CutSet], played: Sequence[Fraction], links: Mapping[UUID, Link]
) -> list[dict[str, Any]]:
    """Outages one after another, counted in agreed time of the window; components of one cut set are down together."""
    rows, begun = [], Fraction(0)
    for case, (cut, share) in enumerate(sorted(zip(cuts, played, strict=True), key=lambda each: -each[1])):
        if share:
            begins, ends = begun * agreed, (begun + share) * agreed
            for id_ in sorted(cut, key=lambda id_: links[id_].component.key):
                rows.append(
                    {
                        "component_key": links[id_].component.key,
                        "case": case,
                        "at": stamp(starts_at),
                        "from_second": seconds(begins),
                        "until_second": seconds(ends),
                        "share_percent": str(percent(share)),
                        "exact_from": str(begins),
                        "exact_until": str(ends),
                        "exact_share": str(share),
                        "note": "down, within what is promised",
                    }
                )
            begun += share
    return shortened(rows)
