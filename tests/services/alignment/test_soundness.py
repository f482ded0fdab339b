"""No promise is called backed, and none impossible, without a proof: cases that are easily taken for the other."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from services.agreements.rules import AgreementKind
from services.alignment.facts import CalendarFact, Landscape, PromiseFact, SupportFact
from services.alignment.hours import Hours
from services.alignment.judging import judge
from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.catalogue.rules import Gate
from services.domain.business_time import CalendarDefinition, Window
from services.domain.vocabulary import PeriodKind
from tests.services.alignment.landscapes import available, component, judged, landscape, number, timed

SLA = AgreementKind.SLA
HOUR = 3600
SHORTEST_MONTH = 28 * 86_400
ONE_PART = [component("a")]
EIGHT_HOURS = {"maintenance_excluded": True, "maintenance_seconds": 8 * HOUR}


@pytest.mark.parametrize(
    ("ours", "theirs", "guaranteed"),
    [
        # What they may lose is the same, what we count is less.
        (EIGHT_HOURS, {}, 1 - Fraction(SHORTEST_MONTH, SHORTEST_MONTH - 8 * HOUR) / 1000),
        (EIGHT_HOURS, {"maintenance_excluded": True, "maintenance_seconds": 2 * HOUR},
         1 - Fraction(SHORTEST_MONTH - 2 * HOUR, SHORTEST_MONTH - 8 * HOUR) / 1000),
        # Both leave out the same.
        (EIGHT_HOURS, EIGHT_HOURS, Fraction(999, 1000)),
        # All of ours may be maintenance but the time they lose.
        ({"maintenance_excluded": True}, {}, Fraction(0)),
    ],
)  # fmt: skip
def test_maintenance_that_only_we_leave_out_makes_our_allowance_smaller(
    ours: dict[str, Any], theirs: dict[str, Any], guaranteed: Fraction
) -> None:
    found = judged(available("sla", "99.9", SLA, **ours), ONE_PART, {"a": available("a", "99.9", **theirs)})
    assert found.guaranteed == guaranteed
    assert (found.verdict is ChainVerdict.BACKED) == (guaranteed >= Fraction("0.999"))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        # They may lose it to their other customers.
        ({}, {"agreement": {"population_share": Fraction(1, 10)}}),
        ({}, {"population_share": Fraction(1, 10)}),
        # They may lose it in time that we do not count, or by what we do not answer for.
        (EIGHT_HOURS, {}),
        ({"agreement": {"force_majeure": True}}, {}),
        ({"agreement": {"exclusions": ("strikes",)}}, {}),
        # All but an hour of theirs may be left out.
        ({}, {"maintenance_excluded": True}),
        # They may lose it in another of our windows.
        ({}, {"period": PeriodKind.YEAR}),
    ],
)
def test_a_promise_that_luck_can_keep_is_not_impossible(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    found = judged(available("sla", "99.9", SLA, **ours), ONE_PART, {"a": available("a", "99", **theirs)})
    assert (found.verdict, found.best_case) == (ChainVerdict.NOT_BACKED, Fraction(1))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"pause_states": frozenset({"waiting"})}, {}),
        ({"priorities": frozenset({"1"})}, {}),
        ({}, {"period": PeriodKind.YEAR}),
        ({"agreement": {"exclusions": ("strikes",)}}, {}),
    ],
)
def test_tickets_that_luck_can_keep_in_time_are_not_impossible(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    promise = timed("sla", (95, HOUR), kind=SLA, **ours)
    assert judged(promise, ONE_PART, {"a": timed("a", (80, HOUR), **theirs)}, [["a"]]).verdict is (
        ChainVerdict.NOT_BACKED
    )


def test_tickets_exactly_at_their_minimum_are_late_even_with_luck() -> None:
    found = judged(timed("sla", (95, HOUR), kind=SLA), ONE_PART, {"a": timed("a", (80, HOUR))}, [["a"]])
    assert found.verdict is ChainVerdict.IMPOSSIBLE_AT_FLOOR


def supported_twice(promise: PromiseFact, one: PromiseFact, two: PromiseFact, hops: Sequence[list[str]]) -> Landscape:
    """Two agreements support the component."""
    made = landscape(promise, ONE_PART, {"a": one}, hops)
    other = two.agreement
    supports = [*made.supports[number("a")], SupportFact(number("other"), other.agreement_id)]
    return replace(
        made,
        backing={**made.backing, other.agreement_id: [two]},
        supports={number("a"): supports},
        agreements={**made.agreements, other.agreement_id: other},
    )


def test_two_promises_about_the_same_tickets_hold_both() -> None:
    promise = timed("sla", (95, 2 * HOUR), kind=SLA)
    found = supported_twice(promise, timed("a", (80, HOUR)), timed("b", (99, 2 * HOUR)), [["a"]])
    assert judge(promise, found, Hours(2026, {})).guaranteed == Fraction(99, 100)
    apart = timed("b", (99, 2 * HOUR), stop_states=frozenset({"resolved", "closed"}))
    found = supported_twice(promise, timed("a", (80, HOUR)), apart, [["a"]])
    assert judge(promise, found, Hours(2026, {})).guaranteed == Fraction(80, 100)


def test_who_promised_more_elsewhere_does_not_lose_for_sure_what_less_allows() -> None:
    promise = available("sla", "99.9", SLA)
    strict = available("a", "99.95", agreement={"exclusions": ("strikes",)})
    found = judge(promise, supported_twice(promise, strict, available("b", "99"), []), Hours(2026, {}))
    assert (found.verdict, found.best_case) == (ChainVerdict.NOT_BACKED, Fraction("0.9995"))


def test_a_clock_that_stops_when_ours_goes_on_backs_nothing() -> None:
    promise = timed("sla", (95, 4 * HOUR), kind=SLA)
    taken_up = timed("b", (95, HOUR), stop_states=frozenset({"acknowledged"}))
    built = [component("a"), component("b")]
    found = judged(promise, [component("b")], {"b": taken_up}, [["b"]])
    assert (found.verdict, found.axes[Axis.SCOPE].state) == (ChainVerdict.NOT_BACKED, AxisState.FAILS)
    assert "acknowledged" in found.axes[Axis.SCOPE].reason
    # Who hands a ticket on stops when it is handed on; the last one stops when we do.
    handed_on = judged(promise, built, {"b": taken_up, "a": timed("a", (100, 2 * HOUR))}, [["b"], ["a"]])
    assert handed_on.verdict is ChainVerdict.BACKED


DAYS, NIGHTS = UUID(int=50), UUID(int=51)
CALENDARS = {
    id_: CalendarFact(
        number(name),
        CalendarDefinition("UTC", tuple(Window(day, begin, end) for day in range(1, 8)), frozenset()),
    )
    for id_, name, begin, end in ((DAYS, "days", 0, 12 * HOUR), (NIGHTS, "nights", 12 * HOUR, 24 * HOUR))
}


@pytest.mark.parametrize(
    ("one", "two", "rest", "verdict"),
    [
        # One is always within its hours, so the two are not down together for half of the time.
        (DAYS, NIGHTS, "100", ChainVerdict.UNKNOWN),
        (DAYS, DAYS, "100", ChainVerdict.NOT_BACKED),
        (DAYS, None, "100", ChainVerdict.BACKED),
        # Broken whatever hours they cover.
        (DAYS, NIGHTS, "98", ChainVerdict.IMPOSSIBLE_AT_FLOOR),
    ],
)
def test_hours_that_never_meet_are_not_added_up_to_a_scenario(
    one: UUID, two: UUID | None, rest: str, verdict: ChainVerdict
) -> None:
    built = [
        component("all", "either", "net", group=True),
        component("either", "x", "y", gate=Gate.ANY_OF, group=True),
        *map(component, ("x", "y", "net")),
    ]
    promise = available("sla", "99", SLA)
    backing = {
        "x": available("x", "99.9", calendar_id=one),
        "y": available("y", "99.9", calendar_id=two),
        "net": available("net", rest),
    }
    found = replace(landscape(promise, built, backing), calendars=CALENDARS)
    assert judge(promise, found, Hours(2026, CALENDARS)).verdict is verdict
