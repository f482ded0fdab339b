"""Witnesses are replayed by a checker of its own; the campaign `alignment` in short; credits and estimates beside."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from services.agreements.rules import AgreementKind
from services.alignment.checker import faults_of_outages, faults_of_tickets
from services.alignment.facts import Landscape, ScheduleFact
from services.alignment.hours import Hours
from services.alignment.judging import judge
from services.alignment.rules import ChainVerdict
from services.catalogue.rules import Gate
from services.domain.instants import to_epoch
from services.domain.recourse import Schedule, Step
from services.domain.reliability import Part
from tests.campaigns import alignment
from tests.campaigns.promising import drawn
from tests.services.alignment.landscapes import OFFICE, available, component, judged, landscape, number, timed

SLA = AgreementKind.SLA
HOUR = 3600
SEED = 20_261_127


def test_the_campaign_finds_nothing_on_a_few_services() -> None:
    study = alignment.Study(SEED)
    for _ in range(12):
        study.study(drawn(study.chance))
    assert study.wrong == [], f"seed {SEED}"
    assert study.farthest < 1e-12
    assert min(study.counts.values()) > 0


SERIES = [component("svc", "app", "net", group=True), component("app"), component("net")]
PARTS: dict[str, Part[str]] = {"svc": Part(False, ["app", "net"], 2), "app": Part(True), "net": Part(True)}
ALLOWED = {"app": Fraction(1, 1000), "net": Fraction(1, 1000)}


BROKEN = judged(
    available("sla", "99.9", SLA), SERIES, {"app": available("app", "99.9"), "net": available("net", "99.9")}
)
AGREED = alignment.seconds_of(BROKEN)


def outages(rows: list[dict[str, Any]]) -> list[str]:
    return faults_of_outages(
        rows, root="svc", parts=PARTS, allowed=ALLOWED, agreed_seconds=AGREED, objective=Fraction("0.999")
    )


def witness() -> list[dict[str, Any]]:
    return [dict(row) for row in BROKEN.witness]


def test_outages_one_after_the_other_break_a_promise_that_each_alone_keeps() -> None:
    assert outages(witness()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[:1], "which our promise allows"),
        (lambda rows: [{**rows[0], "exact_until": str(AGREED)}, *rows[1:]], "longer than it may be"),
        (lambda rows: [{**rows[0], "component_key": "disk"}, *rows[1:]], "disk is not down"),
        (lambda rows: [{**rows[0], "exact_from": rows[0]["exact_until"]}, *rows[1:]], "is not down from"),
        (lambda rows: [{**row, "exact_from": "0", "exact_until": "100"} for row in rows], "which our promise allows"),
    ],
)
def test_a_witness_that_shows_nothing_is_refused(change: Any, said: str) -> None:
    assert any(said in fault for fault in outages(change(witness())))


LEGS = {
    "desk": timed("desk", (80, HOUR), (95, 2 * HOUR)),
    "vendor": timed("vendor", (90, 4 * HOUR), calendar_id=OFFICE),
}
BUILT = [component("desk"), component("vendor")]
PROMISE = timed("sla", (95, 4 * HOUR), kind=SLA)


def tickets(rows: list[Mapping[str, Any]], limit: int = 4 * HOUR, objective: str = "0.95") -> list[str]:
    known = landscape(PROMISE, BUILT, LEGS, [["desk"], ["vendor"]])
    hours = Hours(2026, known.calendars)

    def takes(opened: str, times: Mapping[str, int]) -> int:
        hops: list[list[tuple[UUID | None, int]]] = [[(None, times["desk"])], [(OFFICE, times["vendor"])]]
        return hours.replay(None, hops, to_epoch(datetime.fromisoformat(opened)))

    promised = {key: each.points for key, each in LEGS.items()}
    return faults_of_tickets(
        rows, promised=promised, takes=takes, limit_seconds=limit, objective=Fraction(objective)
    )  # fmt: skip


def test_a_mixture_of_tickets_breaks_a_promise_that_every_hop_keeps() -> None:
    found = judged(PROMISE, BUILT, LEGS, [["desk"], ["vendor"]])
    assert found.verdict is not ChainVerdict.BACKED
    assert tickets(list(found.witness)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: [{**row, "exact_share": "2"} for row in rows], "more than all tickets"),
        (lambda rows: [row for row in rows if row["component_key"] == "desk"], "at every hop"),
        (lambda rows: [{**row, "until_second": None} for row in rows], "too often"),
        (lambda rows: [{**row, "exact_share": "1/1000"} for row in rows], "which our promise allows"),
    ],
)
def test_a_mixture_that_shows_nothing_is_refused(change: Any, said: str) -> None:
    rows = list(judged(PROMISE, BUILT, LEGS, [["desk"], ["vendor"]]).witness)
    assert any(said in fault for fault in tickets(change(rows)))


@pytest.mark.parametrize(("promised", "kept"), [("95", 85), ("98.333333", 95)])
def test_three_hops_keep_what_their_misses_leave(promised: str, kept: int) -> None:
    legs = {key: timed(key, (95, HOUR)) for key in "abc"}
    share = Fraction(promised) / 100
    legs = {key: _with_share(each, share) for key, each in legs.items()}
    found = judged(timed("sla", (99, 3 * HOUR), kind=SLA), [*map(component, "abc")], legs, [["a"], ["b"], ["c"]])
    assert found.guaranteed is not None
    assert round(found.guaranteed, 4) == Fraction(kept, 100)


def _with_share(promise: Any, share: Fraction) -> Any:
    return replace(promise, points=[(share, promise.points[0][1])], objective=share)


def test_an_estimate_stands_beside_the_verdict_and_is_no_part_of_it() -> None:
    built = [
        component("sites", "one", "two", gate=Gate.ANY_OF, group=True),
        component("one", "net"),
        component("two", "net"),
        component("net"),
    ]
    backing = {"one": available("one", "99.5"), "two": available("two", "99.5"), "net": available("net", "99.9")}
    found = judged(available("sla", "99.8", SLA), built, backing)
    assert found.verdict is ChainVerdict.NOT_BACKED
    assert found.guaranteed == Fraction("0.994")
    assert found.estimate == pytest.approx(0.998975, abs=5e-7)
    assert judged(available("sla", "99", SLA), built, {"one": available("one", "99.5")}).estimate is None


def priced(**schedules: ScheduleFact | None) -> Landscape:
    """The service with these credits; None: terms without credits."""

    def with_terms(promise: Any) -> Any:
        known = promise.agreement.key in schedules
        terms = number("terms") if known else None
        return replace(promise, agreement=replace(promise.agreement, terms_id=terms))

    ours = with_terms(available("sla", "99.5", SLA))
    backing = {key: with_terms(available(key, "99")) for key in ("app", "net")}
    made = landscape(ours, SERIES, backing)
    ids = {each.agreement.key: (each.agreement.version_id, each.target_id) for each in (ours, *backing.values())}
    return replace(made, schedules={ids[key]: each for key, each in schedules.items() if each is not None})


def steps(currency: str, *of: tuple[str, str, int]) -> ScheduleFact:
    return ScheduleFact(currency, Schedule([Step(Decimal(a), Decimal(b), Decimal(c)) for a, b, c in of]))


OWED = steps("EUR", ("0", "99", 10_000), ("99", "99.5", 5_000))


def test_what_we_owe_is_set_against_what_comes_back() -> None:
    facts = priced(sla=OWED, app=steps("EUR", ("0", "99", 2_000)), net=None)
    money = judge(facts.promises[0], facts, Hours(2026, {})).money
    assert money.missing == []
    assert [(row["lower_percent"], row["owed"], row["recoverable"]) for row in money.outcomes] == [
        ("99", "5000", "0"),
        ("0", "10000", "2000"),
    ]


def test_credits_that_cannot_be_compared_are_named_and_never_taken_for_nought() -> None:
    facts = priced(sla=OWED, app=steps("USD", ("0", "99", 2_000)))
    money = judge(facts.promises[0], facts, Hours(2026, {})).money
    assert money.missing == ["credits of app in EUR, not USD", "the terms of net"]
    unknown = priced(app=OWED)
    assert judge(unknown.promises[0], unknown, Hours(2026, {})).money.missing == ["the terms of sla"]
