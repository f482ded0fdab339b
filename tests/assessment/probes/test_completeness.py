"""That nothing speaks against a unit counts only where nothing can be missing, and where the promises were measured."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assessment.evidence import Evidence
from assessment.findings import CannotTell, Checked, CheckedUnit, Graded, GradedUnit, Shortfall
from assessment.probes import PROBES
from assessment.probes.breach_free import RESULTS
from services.compliance.records import RecordCount
from services.governance.queries import ActionAsOf, MeetingAsOf, OccurrenceAsOf
from services.governance.rules import ActionStatus, DecisionKind, Rhythm
from tests.assessment.evidence import AS_OF, BREACHED, breach, each_meeting, good, id_of, with_meetings

GOOD = good()
DAY = timedelta(days=1)
X = id_of("a breach")


def quiet() -> Evidence:
    """Nothing was ever breached, and every meeting decided to leave things as they are."""
    unbroken = tuple(replace(each, breaches=RecordCount(0, 0)) for each in GOOD.records)
    return with_meetings(
        replace(GOOD, breaches=(), records=unbroken), decisions=(DecisionKind.NO_CHANGE,), actions=(), action_count=0,
        breach_ids=(), breach_count=0,
    )  # fmt: skip


QUIET = quiet()


def with_first_target(evidence: Evidence, **different: object) -> Evidence:
    """The same with something different in the records of one target."""
    first, *others = evidence.records
    return replace(evidence, records=(replace(first, **different), *others))  # type: ignore[arg-type]


def states(pattern: str, evidence: Evidence) -> set[int]:
    found = PROBES[pattern](evidence)
    assert isinstance(found, Graded)
    return {unit.state for unit in found.units}


def reasons(pattern: str, evidence: Evidence) -> set[str]:
    """Why units that fall short do so."""
    found = PROBES[pattern](evidence)
    assert not isinstance(found, CannotTell)
    short = [unit for unit in found.units if isinstance(unit, GradedUnit) or unit.bad]
    return {unit.reason or "" for unit in short}


def bad_of(pattern: str, evidence: Evidence) -> list[CheckedUnit]:
    found = PROBES[pattern](evidence)
    assert isinstance(found, Checked)
    return [unit for unit in found.units if unit.bad]


def test_reviews_that_rightly_left_things_alone_are_well() -> None:
    assert states("R3", QUIET) == {4}
    assert bad_of("B6", QUIET) == []


DOUBTS: dict[str, tuple[Evidence, str]] = {
    "a breach is missing": (
        with_first_target(QUIET, breaches=RecordCount(2, 1)),
        "of target resolve 2 breaches were recorded, and 1 are there",
    ),
    "a target was never measured": (
        with_first_target(QUIET, measured_since=None, measured_until=None),
        "target resolve was never measured",
    ),
    "nothing was measured then": (
        replace(
            QUIET,
            records=tuple(replace(each, measured_since=AS_OF - DAY, measured_until=AS_OF) for each in QUIET.records),
        ),
        "nothing was measured at the time",
    ),
    "a look at a breach is missing": (
        with_meetings(QUIET, breach_count=1),
        "recorded with it were 1 breaches, and 0 are there",
    ),
    "a breach was looked at": (with_meetings(QUIET, breach_ids=(X,), breach_count=1), "a breach was looked at in it"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_review_is_not_rightly_left_alone_where_a_breach_may_be_missing(doubt: str) -> None:
    evidence, reason = DOUBTS[doubt]
    assert states("R3", evidence) == {3}
    assert all(reason in each for each in reasons("R3", evidence))
    assert all(reason in each for each in reasons("B6", evidence))
    assert {unit.shortfall for unit in bad_of("B6", evidence)} == {Shortfall.NOT_RECORDED}


def test_a_month_without_a_look_at_a_breach_has_none_only_where_that_is_shown() -> None:
    acting = replace(QUIET, cadences=with_meetings(GOOD, breach_ids=(), breach_count=0).cadences)
    assert states("Q4", acting) == {4}
    assert states("Q4", with_first_target(acting, breaches=RecordCount(2, 1))) == {3}
    assert states("Q4", with_first_target(acting, measured_since=None)) == {3}


def test_a_breach_that_was_retracted_is_none() -> None:
    evidence = with_meetings(QUIET, breach_ids=(X,), retracted_breach_ids=frozenset({X}), breach_count=1)
    assert states("R3", evidence) == {4}


def test_a_breach_counts_in_the_local_month_it_lies_in_up_to_its_last_instant() -> None:
    end_of_march = datetime(2026, 4, 1, 4, tzinfo=UTC)  # midnight of New York
    local = tuple(replace(each, time_zone="America/New_York") for each in QUIET.cadences)
    evidence = replace(QUIET, cadences=local, breaches=(breach(end_of_march),))
    found = PROBES["R3"](evidence)
    assert isinstance(found, Graded)
    assert [unit.unit for unit in found.units if unit.state < 4] == ["monthly, 2026-03-01"]


def test_a_target_that_began_later_need_not_have_been_measured() -> None:
    later = with_first_target(QUIET, measured_since=None, measured_until=None, began_at=AS_OF)
    assert states("R3", later) == {4}


def test_a_target_no_longer_promised_need_not_have_been_measured_but_its_breaches_must_be_there() -> None:
    ended = replace(with_first_target(QUIET, measured_since=None), targets=QUIET.targets[1:])
    assert states("R3", ended) == {4}
    assert states("R3", with_first_target(ended, breaches=RecordCount(2, 1))) == {3}


def test_a_review_of_one_service_asks_about_that_service_only() -> None:
    missing = with_first_target(QUIET, breaches=RecordCount(2, 1))
    for service, state in ((BREACHED, 3), ("service-1", 4)):
        cadences = tuple(replace(each, service_id=id_of(service)) for each in missing.cadences)
        assert states("R3", replace(missing, cadences=cadences)) == {state}


def test_without_any_result_nobody_can_tell_about_reviews() -> None:
    unmeasured = tuple(replace(each, measured_since=None, measured_until=None) for each in QUIET.records)
    assert PROBES["B6"](replace(QUIET, records=unmeasured)) == CannotTell((RESULTS,))


@pytest.mark.parametrize("kind", ["decision_count", "action_count", "breach_count"])
def test_a_meeting_that_misses_a_record_is_not_known_to_be_without_fault(kind: str) -> None:
    evidence = with_meetings(GOOD, **{kind: 9})
    assert states("R2", evidence) == {3}
    assert all("9" in unit.reason for unit in bad_of("B6", evidence) if unit.reason)
    assert len(bad_of("B6", evidence)) > 0


def left_open(held: MeetingAsOf, days: int | None, carried_over: int = 0) -> MeetingAsOf:
    """The meeting with one action, ended so many days after it was due, or never."""
    ended_at = None if days is None else held.held_at + days * DAY
    ending = None if days is None else ActionStatus.DONE
    return replace(held, actions=(ActionAsOf(X, held.held_at, ending, ended_at, carried_over, False),), action_count=1)


@pytest.mark.parametrize(
    ("days", "carried_over", "stale"), [(None, 0, True), (70, 0, True), (30, 0, False), (30, 5, False)]
)
def test_actions_are_stale_by_the_calendar_and_not_by_what_was_carried_over(
    days: int | None, carried_over: int, stale: bool
) -> None:
    evidence = each_meeting(QUIET, lambda held: left_open(held, days, carried_over))
    assert {unit.shortfall for unit in bad_of("B6", evidence)} == ({Shortfall.CONTRADICTED} if stale else set())
    assert bool(bad_of("B6", evidence)) is stale


def one_action_each(held: MeetingAsOf) -> MeetingAsOf:
    return replace(left_open(held, 1), decisions=(), decision_count=0)


@pytest.mark.parametrize("held", [True, False])
def test_the_third_occasion_in_a_row_without_a_decision_is_for_show_whether_or_not_the_others_were_held(
    held: bool,
) -> None:
    fifth = id_of(f"{Rhythm.MONTHLY} 2026-03-01")
    evidence = each_meeting(QUIET, lambda each: one_action_each(each) if held or each.meeting_id == fifth else None)
    assert "it is the third in a row without a decision on record" in reasons("B6", evidence)


def test_one_decision_in_the_two_occasions_before_is_enough() -> None:
    january = id_of(f"{Rhythm.MONTHLY} 2026-01-01")
    march = id_of(f"{Rhythm.MONTHLY} 2026-03-01")
    kept = {january: lambda each: each, march: one_action_each}
    none: Callable[[MeetingAsOf], MeetingAsOf | None] = lambda _each: None  # noqa: E731
    evidence = each_meeting(QUIET, lambda each: kept.get(each.meeting_id, none)(each))
    assert bad_of("B6", evidence) == []


def beside_a_poor_one(due: OccurrenceAsOf) -> OccurrenceAsOf:
    """The occasion with a meeting that came to nothing before each that it has."""
    poor = (replace(held, decisions=(), actions=()) for held in due.meetings)
    return replace(due, meetings=(*poor, *due.meetings))


@pytest.mark.parametrize("pattern", ["R2", "R3", "R4"])
def test_of_two_meetings_for_one_occasion_the_better_one_counts(pattern: str) -> None:
    twice = tuple(
        replace(each, occurrences=tuple(beside_a_poor_one(due) for due in each.occurrences)) for each in GOOD.cadences
    )
    assert states(pattern, replace(GOOD, cadences=twice)) == {4}


def test_a_missing_figure_may_have_been_the_wrong_one() -> None:
    evidence = with_first_target(GOOD, figures=RecordCount(2, 1))
    assert [unit.unit for unit in bad_of("B5", evidence)] == [f"{BREACHED}, month of 2026-05-21"]
    assert reasons("B5", evidence) == {"target resolve was reported 2 times, and 1 of these figures are there"}


def test_a_figure_without_its_percentage_is_half_a_figure() -> None:
    half = tuple(replace(each, reported_percent=None) for each in GOOD.figures)
    assert PROBES["B5"](replace(GOOD, figures=half)) == CannotTell(
        ("results computed from the records of reported periods",)
    )
    assert len(bad_of("B5", replace(GOOD, figures=(half[0], *GOOD.figures[1:])))) == 1


def test_a_missing_link_may_have_been_its_end() -> None:
    evidence = with_first_target(GOOD, requirement_links=RecordCount(2, 1))
    assert reasons("B1", evidence) == {"target resolve: 2 links to requirements were recorded, and 1 are there"}


def test_a_missing_decision_may_have_been_the_withdrawal_of_an_approval() -> None:
    first, *others = GOOD.services
    short = replace(first, requirements=tuple(replace(each, approvals_missing=1) for each in first.requirements))
    assert len(bad_of("B1", replace(GOOD, services=(short, *others)))) == 1
