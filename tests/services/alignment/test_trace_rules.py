"""Judging the way from a requirement to what promises, contracts, monitors and shows it: worked cases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alignment.trace_rules import (
    FRESH,
    EdgeFault,
    EdgeState,
    Hop,
    IndicatorOfTarget,
    LinkedClause,
    LinkedTarget,
    MonitorOfIndicator,
    Recorded,
    Stated,
    TileOfMonitor,
    broken_hop,
    compare,
    contracted_in,
    monitored_by,
    promised_in,
    way_to_dashboards,
)
from services.catalogue.rules import GateStanding, standing_of_gates
from services.requirements.rules import Comparison

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MOST, LEAST = Comparison.AT_MOST, Comparison.AT_LEAST
RESTORE = Stated("time to restore", MOST, Decimal(8), "hours")
EVERYTHING, NOTHING = Recorded(True, True, True), Recorded(False, False, False)
TILE = TileOfMonitor("t", "wall", "Wall", "Wall", "", True, False)
MONITOR = MonitorOfIndicator("m", "probe", "Probe", True, NOW - timedelta(days=90), NOW, False, (TILE,))
INDICATOR = IndicatorOfTarget("i", "restore", "Restore", "Time to  restore", "seconds", (MONITOR,))
PROMISES = (Stated("", MOST, Decimal(8 * 3600), "seconds"), Stated("", LEAST, Decimal(95), "percent"))
TARGET = LinkedTarget("t", "resolve", "Resolve", "sla", True, PROMISES, False, False, (INDICATOR,))
CLAUSE = LinkedClause("c", "contract", "4.2", True, True, RESTORE, False)


def hours(value: str, **different: object) -> Stated:
    return replace(RESTORE, value=Decimal(value), **different)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("required", "granted", "fault"),
    [
        (RESTORE, hours("8"), None),
        (RESTORE, hours("480", unit="minutes"), None),
        (RESTORE, hours("28800", unit="s"), None),
        (RESTORE, hours("7.999999"), None),
        (RESTORE, hours("8.000001"), EdgeFault.VALUE_WEAKER),
        (RESTORE, hours("480.000001", unit="min"), EdgeFault.VALUE_WEAKER),
        (RESTORE, hours("8", unit="percent"), EdgeFault.OTHER_UNIT),
        (RESTORE, hours("8", unit="fortnights"), EdgeFault.OTHER_UNIT),
        (RESTORE, hours("8", metric="availability"), EdgeFault.OTHER_METRIC),
        (RESTORE, hours("8", metric=" TIME to restore"), None),
        (RESTORE, hours("8", comparison=LEAST), EdgeFault.CANNOT_COMPARE),
        (RESTORE, Stated("", None, None, ""), EdgeFault.NO_VALUE),
        (Stated("", None, None, ""), RESTORE, EdgeFault.NO_VALUE),
        (Stated("up", LEAST, Decimal("99.9"), "%"), Stated("up", LEAST, Decimal("99.9"), "percent"), None),
        (Stated("up", LEAST, Decimal("99.9"), "%"), Stated("up", LEAST, Decimal("99.899999"), "%"),
         EdgeFault.VALUE_WEAKER),
        (Stated("lag", MOST, Decimal(2), "fortnights"), Stated("lag", MOST, Decimal(1), "Fortnights"), None),
    ],
)  # fmt: skip
def test_a_value_is_as_strict_as_another_or_not(required: Stated, granted: Stated, fault: EdgeFault | None) -> None:
    assert compare(required, granted) is fault


@given(st.decimals(-1000, 1000, places=6), st.decimals(-1000, 1000, places=6), st.sampled_from(Comparison))
def test_of_two_values_one_is_at_least_as_strict(one: Decimal, other: Decimal, comparison: Comparison) -> None:
    first, second = (Stated("m", comparison, value, "hours") for value in (one, other))
    faults = {compare(first, second), compare(second, first)}
    assert None in faults
    assert (faults == {None}) is (one == other)


def test_a_promise_is_compared_by_whichever_of_its_values_is_of_the_same_kind() -> None:
    share = Stated("kept", LEAST, Decimal(95), "%")
    assert promised_in(RESTORE, [TARGET], EVERYTHING).state is EdgeState.IN_FORCE
    assert promised_in(share, [TARGET], EVERYTHING).state is EdgeState.IN_FORCE
    assert promised_in(replace(share, value=Decimal(96)), [TARGET], EVERYTHING).fault is EdgeFault.VALUE_WEAKER
    assert promised_in(replace(share, unit="euro"), [TARGET], EVERYTHING).fault is EdgeFault.OTHER_UNIT


def test_one_weak_promise_among_several_shows() -> None:
    weak = replace(TARGET, key="weak", promises=(Stated("", MOST, Decimal(9 * 3600), "seconds"),))
    edge = promised_in(RESTORE, [TARGET, weak], EVERYTHING)
    assert (edge.state, edge.fault, edge.by) == (EdgeState.INCONSISTENT, EdgeFault.VALUE_WEAKER, ("sla/weak",))


def test_what_is_missing_ended_waived_or_unknown_is_told_apart() -> None:
    ended = replace(TARGET, is_in_force=False)
    lost = replace(TARGET, links_missing=True)
    weak = hours("4")
    assert promised_in(RESTORE, [], EVERYTHING).fault is EdgeFault.NOT_LINKED
    assert promised_in(RESTORE, [], NOTHING).state is EdgeState.CANNOT_TELL
    assert promised_in(RESTORE, [ended], EVERYTHING).fault is EdgeFault.ENDED
    assert promised_in(RESTORE, [lost], EVERYTHING).state is EdgeState.CANNOT_TELL
    waived = promised_in(weak, [TARGET], EVERYTHING, "waived until May")
    assert (waived.state, waived.fault) == (EdgeState.WAIVED, EdgeFault.VALUE_WEAKER)
    assert waived.because.endswith("waived until May")
    assert promised_in(RESTORE, [TARGET], EVERYTHING, "waived until May").state is EdgeState.IN_FORCE
    assert promised_in(replace(RESTORE, value=None, comparison=None), [TARGET], EVERYTHING).state is (
        EdgeState.CANNOT_TELL
    )


@pytest.mark.parametrize(
    ("clauses", "fault"),
    [
        ([CLAUSE], None),
        ([], EdgeFault.NOT_LINKED),
        ([replace(CLAUSE, is_in_force=False)], EdgeFault.ENDED),
        ([replace(CLAUSE, is_binding=False)], EdgeFault.NOT_BINDING),
        ([replace(CLAUSE, is_binding=False), CLAUSE], None),
        ([replace(CLAUSE, grants=hours("9"))], EdgeFault.VALUE_WEAKER),
        ([replace(CLAUSE, grants=Stated("", None, None, ""))], EdgeFault.NO_VALUE),
        ([replace(CLAUSE, links_missing=True)], EdgeFault.RECORDS_MISSING),
    ],
)
def test_a_clause_carries_a_requirement_if_it_binds_and_is_strict_enough(
    clauses: list[LinkedClause], fault: EdgeFault | None
) -> None:
    assert contracted_in(RESTORE, clauses, [TARGET], EVERYTHING).fault is fault


def test_a_clause_weaker_than_the_promise_shows_even_where_the_requirement_is_met() -> None:
    stricter = replace(TARGET, promises=(Stated("", MOST, Decimal(4 * 3600), "seconds"),))
    assert contracted_in(RESTORE, [CLAUSE], [stricter], EVERYTHING).fault is EdgeFault.VALUE_WEAKER


def monitored(required: Stated = RESTORE, recorded: Recorded = EVERYTHING, **different: object) -> EdgeFault | None:
    monitor = replace(MONITOR, **different)  # type: ignore[arg-type]
    target = replace(TARGET, indicators=(replace(INDICATOR, monitors=(monitor,)),))
    return monitored_by(required, [target], recorded, NOW).fault


def test_a_monitor_counts_if_it_is_installed_delivers_and_measures_the_right_thing() -> None:
    assert monitored() is None
    assert monitored(is_installed=False) is EdgeFault.NO_MONITOR
    assert monitored(is_installed=False, recorded=NOTHING) is EdgeFault.NOTHING_RECORDED
    assert monitored(records_missing=True) is EdgeFault.RECORDS_MISSING
    assert monitored(last_data_at=None) is EdgeFault.NO_RECENT_DATA
    assert monitored(last_data_at=NOW - FRESH) is EdgeFault.NO_RECENT_DATA
    assert monitored(last_data_at=NOW - FRESH + timedelta(seconds=1)) is None
    assert monitored(replace(RESTORE, metric="availability")) is EdgeFault.OTHER_METRIC
    assert monitored(replace(RESTORE, unit="percent")) is EdgeFault.OTHER_UNIT
    assert monitored(Stated("", None, None, "")) is EdgeFault.NO_VALUE
    assert monitored(Stated("time to restore", None, None, "")) is None


def test_the_first_broken_hop_is_named_and_those_before_it_are_counted() -> None:
    off = replace(TARGET, indicators=(replace(INDICATOR, monitors=(replace(MONITOR, tiles=()),)),))
    gone = replace(TARGET, indicators=(replace(INDICATOR, monitors=(replace(MONITOR, is_installed=False),)),))
    cases = [
        ([], Hop.TARGET),
        ([replace(TARGET, is_in_force=False)], Hop.TARGET),
        ([replace(TARGET, indicators=())], Hop.INDICATOR),
        ([gone], Hop.MONITOR),
        ([off], Hop.TILE),
        ([TARGET], None),
        ([off, TARGET], None),
    ]
    for targets, hop in cases:
        broken = broken_hop(way_to_dashboards(targets))
        assert (None if broken is None else broken.hop) is hop
        assert broken is None or broken.because


@pytest.mark.parametrize(
    ("present", "ever", "standing"),
    [
        ([], 0, GateStanding.CANNOT_TELL),
        ([], 1, GateStanding.CANNOT_TELL),
        ([True], 1, GateStanding.PRESENT),
        ([True, True], 2, GateStanding.PRESENT),
        ([True], 2, GateStanding.CANNOT_TELL),
        ([True, False], 2, GateStanding.ABSENT_FROM_A_GATE),
        ([True, False], 3, GateStanding.ABSENT_FROM_A_GATE),
        ([False], 1, GateStanding.ABSENT_FROM_EVERY_GATE),
        ([False, False], 2, GateStanding.ABSENT_FROM_EVERY_GATE),
    ],
)
def test_where_service_level_management_was_at_the_gates(
    present: list[bool], ever: int, standing: GateStanding
) -> None:
    assert standing_of_gates(present, ever) is standing
