"""Verdicts about promises, by the worked examples of methods E and semantics D.3 to D.5."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agreements.rules import AgreementKind
from services.alignment.packing import worst_packing
from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.alignment.structure import ComponentFact, cut_sets
from services.catalogue.rules import ComponentKind, Gate
from services.domain.vocabulary import PeriodKind
from tests.services.alignment.landscapes import OFFICE, available, component, judged, timed

SLA, OLA = AgreementKind.SLA, AgreementKind.OLA
HOUR = 3600


@pytest.mark.parametrize(
    ("components", "backing", "guaranteed"),
    [
        # App and database in series, both on one network.
        (
            [
                component("svc", "app", "db", group=True),
                component("app", "net"),
                component("db", "net"),
                component("net"),
            ],
            {"app": "99.9", "db": "99.9", "net": "99.95"},
            "99.75",
        ),
        # Two sites of which one is enough, each behind one network.
        (
            [
                component("sites", "one", "two", gate=Gate.ANY_OF, group=True),
                component("one", "net"),
                component("two", "net"),
                component("net"),
            ],
            {"one": "99.5", "two": "99.5", "net": "99.9"},
            "99.4",
        ),
        # Two of three.
        (
            [
                component("all", "a", "b", "c", gate=Gate.AT_LEAST, least=2, group=True),
                component("a"),
                component("b"),
                component("c"),
            ],
            {"a": "99", "b": "99", "c": "99"},
            "98.5",
        ),
    ],
)  # fmt: skip
def test_what_is_guaranteed_whatever_depends_on_what(
    components: list[ComponentFact], backing: dict[str, str], guaranteed: str
) -> None:
    found = judged(available("sla", "99", SLA), components, {key: available(key, p) for key, p in backing.items()})
    assert found.guaranteed == Fraction(guaranteed) / 100


def test_a_chain_that_adds_up_is_backed_and_one_that_does_not_says_by_how_much_and_shows_it() -> None:
    built = [component("svc", "app", "net", "cloud", group=True), *map(component, ("app", "net", "cloud"))]
    backing = {"app": available("app", "99.95"), "net": available("net", "99.95"), "cloud": available("cloud", "99.9")}
    assert judged(available("sla", "99.8", SLA), built, backing).verdict is ChainVerdict.BACKED
    found = judged(available("sla", "99.9", SLA), built, backing)
    assert found.verdict is ChainVerdict.NOT_BACKED
    assert found.axes[Axis.VALUE].shortfall == Decimal("0.100000")
    assert sum(Decimal(row["until_second"]) - Decimal(row["from_second"]) for row in found.witness) > 2592


def test_parties_that_deliver_exactly_their_minimum_at_the_best_of_times_may_still_break_ours() -> None:
    found = judged(available("sla", "99.9", SLA), [component("app")], {"app": available("app", "99")})
    assert found.verdict is ChainVerdict.IMPOSSIBLE_AT_FLOOR


@pytest.mark.parametrize(
    ("theirs", "ours", "guaranteed"),
    [
        ({"period": PeriodKind.YEAR}, {}, Fraction(1) - Fraction(365, 28) / 1000),
        ({"period": PeriodKind.MONTH}, {"period": PeriodKind.YEAR}, Fraction(999, 1000)),
        ({"maintenance_excluded": True, "maintenance_seconds": 8 * HOUR}, {},
         Fraction(999, 1000) - Fraction(8 * HOUR, 28 * 86400)),
        ({"maintenance_excluded": True}, {}, Fraction(0)),
        ({"maintenance_excluded": True}, {"maintenance_excluded": True}, Fraction(999, 1000)),
        ({"population_share": Fraction(1, 10)}, {}, Fraction(99, 100)),
    ],
)  # fmt: skip
def test_windows_maintenance_and_population_count_before_anything_is_added_up(
    theirs: dict[str, Any], ours: dict[str, Any], guaranteed: Fraction
) -> None:
    found = judged(available("sla", "95", SLA, **ours), [component("a")], {"a": available("a", "99.9", **theirs)})
    assert found.guaranteed == guaranteed


def test_office_hours_do_not_cover_the_clock_and_the_hours_are_counted() -> None:
    found = judged(available("sla", "99", SLA), [component("a")], {"a": available("a", "99.9", calendar_id=OFFICE)})
    coverage = found.axes[Axis.COVERAGE]
    # 260 working days of 10 hours, Christmas Day not among them.
    assert (coverage.state, coverage.shortfall) == (AxisState.FAILS, Decimal(8760 - 2600))
    ours, theirs = (available(key, "99", kind, calendar_id=OFFICE) for key, kind in (("sla", SLA), ("a", OLA)))
    assert judged(ours, [component("a")], {"a": theirs}).verdict is ChainVerdict.BACKED


def test_what_ends_before_ours_is_said_with_the_days() -> None:
    ours = {"ends_at": datetime(2026, 12, 31, tzinfo=UTC)}
    theirs = {"ends_at": datetime(2026, 9, 30, tzinfo=UTC)}
    found = judged(
        available("sla", "99", SLA, agreement=ours), [component("a")], {"a": available("a", "99.9", agreement=theirs)}
    )
    assert (found.verdict, found.axes[Axis.TERM].shortfall) == (ChainVerdict.NOT_BACKED, Decimal(92))
    renewed = theirs | {"extends_at": datetime(2027, 9, 30, tzinfo=UTC)}
    kept = judged(
        available("sla", "99", SLA, agreement=ours), [component("a")], {"a": available("a", "99.9", agreement=renewed)}
    )
    assert kept.verdict is ChainVerdict.BACKED


def test_a_component_without_an_agreement_promises_nothing() -> None:
    found = judged(available("sla", "50", SLA), [component("a", "b"), component("b")], {"a": available("a", "100")})
    assert (found.verdict, found.guaranteed) == (ChainVerdict.NOT_BACKED, Fraction(0))
    assert "b" in found.axes[Axis.VALUE].reason


def test_a_service_nobody_described_is_not_judged() -> None:
    promise = available("sla", "99", SLA)
    found = judged(timed("sla", (95, HOUR), kind=SLA), [component("a")], {"a": available("a", "100")})
    assert (found.verdict, promise.agreement.kind) == (ChainVerdict.UNKNOWN, SLA)


@pytest.mark.parametrize(
    ("one", "two", "redundant"),
    [("cloud", "other", True), ("cloud", "cloud", False), ("cloud", None, None), (None, None, None)],
)
def test_legs_of_one_party_are_no_redundancy(one: str | None, two: str | None, redundant: bool | None) -> None:
    built = [
        component("pair", "x", "y", gate=Gate.ANY_OF, group=True),
        component("x", provider=one),
        component("y", provider=two),
    ]
    found = judged(available("sla", "99", SLA), built, {"x": available("x", "99.9"), "y": available("y", "99.9")})
    assert found.redundant is redundant
    assert found.shared == (["cloud"] if one == two == "cloud" else [])


LEGS = {
    "one": timed("one", (80, HOUR), (95, 2 * HOUR), (100, 8 * HOUR)),
    "two": timed("two", (70, HOUR), (95, 3 * HOUR), (100, 6 * HOUR)),
}


@pytest.mark.parametrize(
    ("hours", "guaranteed", "best"),
    [(2, 50, 70), (3, 65, 70), (4, 75, 95), (5, 90, 95), (7, 90, 95), (9, 95, 100), (14, 100, 100)],
)
def test_two_legs_with_several_points_are_exact(hours: int, guaranteed: int, best: int) -> None:
    promise = timed("sla", (100, hours * HOUR), kind=SLA)
    found = judged(promise, [component("one"), component("two")], LEGS, [["one"], ["two"]])
    assert (found.guaranteed, found.best_case) == (Fraction(guaranteed, 100), Fraction(best, 100))


def test_ninety_five_and_ninety_five_make_ninety() -> None:
    legs = {"one": timed("one", (95, 2 * HOUR)), "two": timed("two", (95, 3 * HOUR))}
    built = [component("one"), component("two")]
    assert (
        judged(timed("sla", (90, 5 * HOUR), kind=SLA), built, legs, [["one"], ["two"]]).verdict is ChainVerdict.BACKED
    )
    found = judged(timed("sla", (95, 5 * HOUR), kind=SLA), built, legs, [["one"], ["two"]])
    assert (found.verdict, found.axes[Axis.VALUE].shortfall) == (ChainVerdict.NOT_BACKED, Decimal(5))
    assert judged(timed("sla", (90, 3 * HOUR), kind=SLA), built, legs, [["one", "two"]]).verdict is ChainVerdict.BACKED


def test_hops_are_worked_each_on_its_own_calendar() -> None:
    legs = {"desk": timed("desk", (100, HOUR // 2)), "vendor": timed("vendor", (100, 4 * HOUR), calendar_id=OFFICE)}
    built = [component("desk"), component("vendor")]
    found = judged(timed("sla", (100, 4 * HOUR), kind=SLA), built, legs, [["desk"], ["vendor"]])
    assert found.verdict is ChainVerdict.NOT_BACKED
    assert found.axes[Axis.VALUE].shortfall == 100
    assert found.witness[0]["at"] is not None


def test_tickets_that_theirs_is_not_about_are_named() -> None:
    legs = {"desk": timed("desk", (100, HOUR), priorities=frozenset({"1"}))}
    found = judged(
        timed("sla", (95, HOUR), kind=SLA, priorities=frozenset({"1", "2"})), [component("desk")], legs, [["desk"]]
    )
    assert "priority 2" in found.axes[Axis.SCOPE].reason
    assert found.verdict is ChainVerdict.NOT_BACKED


def graphs() -> st.SearchStrategy[list[ComponentFact]]:
    """Small structures in which later components are needed by earlier ones, some of them often."""

    @st.composite
    def draw_graph(draw: st.DrawFn) -> list[ComponentFact]:
        count = draw(st.integers(1, 6))
        found = []
        for place in range(count):
            later = [f"c{other}" for other in range(place + 1, count)]
            needs = draw(st.lists(st.sampled_from(later), unique=True, max_size=3)) if later else []
            gate = draw(st.sampled_from(Gate))
            least = draw(st.integers(1, len(needs))) if needs and gate is Gate.AT_LEAST else 0
            group = bool(needs) and draw(st.booleans())
            found.append(component(f"c{place}", *needs, gate=gate, group=group, least=least))
        return found

    return draw_graph()


def works(id_: UUID, down: frozenset[UUID], facts: dict[UUID, ComponentFact]) -> bool:
    fact = facts[id_]
    if fact.kind is ComponentKind.ELEMENT and id_ in down:
        return False
    up = sum(works(needed, down, facts) for needed in fact.needs)
    needed = {Gate.ALL_OF: len(fact.needs), Gate.ANY_OF: 1}.get(fact.gate or Gate.ALL_OF, fact.at_least or 0)
    return not fact.needs or up >= needed


@given(graphs())
def test_cut_sets_are_what_brute_force_finds(built: list[ComponentFact]) -> None:
    facts = {each.component_id: each for each in built}
    elements = [each.component_id for each in built if each.kind is ComponentKind.ELEMENT]
    root = built[0].component_id
    failing = [
        frozenset(down)
        for size in range(len(elements) + 1)
        for down in combinations(elements, size)
        if not works(root, frozenset(down), facts)
    ]
    minimal = {cut for cut in failing if not any(other < cut for other in failing)}
    assert set(cut_sets(root, facts)) == minimal


@given(
    st.lists(st.frozensets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=6, unique=True),
    st.lists(st.fractions(0, 1, max_denominator=20), min_size=4, max_size=4),
)
def test_a_packing_keeps_every_budget_and_no_exchange_improves_it(
    sets: list[frozenset[str]], budgets: list[Fraction]
) -> None:
    limits = dict(zip("abcd", budgets, strict=True))
    played = worst_packing(limits, sets)
    assert all(share >= 0 for share in played)
    assert sum(played) <= 1
    for key, budget in limits.items():
        assert sum(share for share, each in zip(played, sets, strict=True) if key in each) <= budget
    # Any prices at which every set costs at least one are an upper bound: those of whole keys suffice here.
    for prices in product((Fraction(0), Fraction(1, 2), Fraction(1)), repeat=4):
        priced = dict(zip("abcd", prices, strict=True))
        if all(sum(priced[key] for key in each) >= 1 for each in sets):
            assert sum(played) <= sum((priced[key] * limits[key] for key in limits), Fraction(0))


@given(graphs(), st.lists(st.integers(900, 1000), min_size=6, max_size=6), st.integers(0, 5), st.integers(0, 50))
def test_promising_more_never_makes_a_verdict_worse(
    built: list[ComponentFact], promised: list[int], raised: int, more: int
) -> None:
    def guaranteed(levels: list[int]) -> Fraction:
        backing = {f"c{place}": available(f"c{place}", str(Fraction(level, 10))) for place, level in enumerate(levels)}
        named = {each.key for each in built if each.kind is ComponentKind.ELEMENT}
        found = judged(
            available("sla", "99", SLA), built, {key: each for key, each in backing.items() if key in named}
        ).guaranteed
        assert found is not None
        return found

    better = [min(1000, level + more) if place == raised else level for place, level in enumerate(promised)]
    assert guaranteed(better) >= guaranteed(promised)
