"""What a target may promise."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from services.agreements.rules import (
    LONGEST_DURATION,
    LONGEST_WINDOW_DAYS,
    MOST_SELECTED,
    MOST_TARGETS,
    AvailabilityDefinition,
    ContractPoint,
    TargetDefinition,
    check_targets,
    selects,
)
from services.db import new_id
from services.domain.inputs import Problems
from services.domain.vocabulary import PeriodKind, TicketState
from tests.factories.definitions import available, target
from tests.factories.refusals import refused_fields

CALENDAR = new_id()
NEW, CLOSED, WAITING, WORKING, CANCELLED = (
    TicketState.NEW,
    TicketState.CLOSED,
    TicketState.AWAITING_CUSTOMER,
    TicketState.IN_PROGRESS,
    TicketState.CANCELLED,
)


def check(*targets: TargetDefinition, available: Sequence[AvailabilityDefinition] = ()) -> None:
    problems = Problems()
    check_targets(targets, available, problems)
    problems.refuse("refused")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"duration_seconds": 1},
        {"duration_seconds": LONGEST_DURATION},
        {"objective_percent": Decimal(100)},
        {"objective_percent": Decimal("0.000001")},
        {"start_states": (NEW, WAITING), "pause_states": (WAITING,)},
        {"start_states": (WORKING,), "pause_states": (WAITING,), "resume_states": (WORKING,)},
        {"priorities": ("1 - Critical", "2 - High"), "categories": ("network",)},
    ],
)
def test_a_sound_target_is_accepted(changes: dict[str, Any]) -> None:
    check(target(CALENDAR, **changes))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"key": "Resolve!"}, ["key"]),
        ({"name": ""}, ["name"]),
        ({"duration_seconds": 0}, ["duration_seconds"]),
        ({"duration_seconds": LONGEST_DURATION + 1}, ["duration_seconds"]),
        ({"objective_percent": Decimal(0)}, ["objective_percent"]),
        ({"objective_percent": Decimal("100.000001")}, ["objective_percent"]),
        ({"objective_percent": Decimal("NaN")}, ["objective_percent"]),
        ({"objective_percent": Decimal("99.9999999")}, ["objective_percent"]),
        ({"stop_states": ()}, ["stop_states"]),
        ({"stop_states": (CLOSED, CLOSED)}, ["stop_states"]),
        ({"pause_states": (CLOSED,), "stop_states": (CLOSED,)}, ["pause_states"]),
        ({"cancel_states": (CLOSED,), "stop_states": (CLOSED,)}, ["cancel_states"]),
        ({"start_states": (CLOSED,), "stop_states": (CLOSED,)}, ["stop_states"]),
        ({"start_states": (CANCELLED,), "cancel_states": (CANCELLED,)}, ["cancel_states"]),
        ({"pause_states": (WAITING,), "resume_states": (WAITING,)}, ["resume_states"]),
        ({"pause_states": (), "resume_states": (WORKING,)}, ["resume_states"]),
        ({"resume_states": (CLOSED,), "stop_states": (CLOSED,)}, ["resume_states"]),
        ({"priorities": ("1", "1")}, ["priorities"]),
        ({"priorities": ("",)}, ["priorities.0"]),
        ({"categories": ("ok", "a\x00b")}, ["categories.1"]),
        ({"categories": tuple(map(str, range(MOST_SELECTED + 1)))}, ["categories"]),
        ({"key": "", "duration_seconds": -5, "stop_states": ()}, ["key", "duration_seconds", "stop_states"]),
    ],
)
def test_every_problem_of_a_target_names_its_field(changes: dict[str, Any], fields: list[str]) -> None:
    with refused_fields(*(f"targets.0.{field}" for field in fields)):
        check(target(CALENDAR, **changes))


def test_a_version_has_at_least_one_target() -> None:
    with refused_fields("targets"):
        check()


def test_a_version_has_at_most_so_many_targets() -> None:
    with refused_fields("targets"):
        check(*(target(CALENDAR, key=f"t{number}") for number in range(MOST_TARGETS + 1)))


def test_each_target_has_a_key_of_its_own() -> None:
    with refused_fields("targets.2.key"):
        check(target(CALENDAR), target(CALENDAR, key="respond"), target(CALENDAR))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"period": PeriodKind.YEAR, "calendar_id": CALENDAR}, []),
        ({"period": None, "rolling_days": 30}, []),
        ({"maintenance_excluded": True, "maintenance_seconds": 0}, []),
        ({"maintenance_excluded": True}, []),
        ({"population_count": 1, "population_share_percent": Decimal("0.5")}, []),
        ({"key": "Up!", "name": "", "objective_percent": Decimal(0)}, ["key", "name", "objective_percent"]),
        ({"period": None}, ["rolling_days"]),
        ({"rolling_days": 30}, ["rolling_days"]),
        ({"period": None, "rolling_days": 0}, ["rolling_days"]),
        ({"period": None, "rolling_days": LONGEST_WINDOW_DAYS + 1}, ["rolling_days"]),
        ({"maintenance_seconds": 7_200}, ["maintenance_seconds"]),
        ({"maintenance_excluded": True, "maintenance_seconds": -1}, ["maintenance_seconds"]),
        ({"population_count": 0}, ["population_count"]),
        ({"population_share_percent": Decimal("100.5")}, ["population_share_percent"]),
    ],
)
def test_what_an_availability_target_promises_is_one_window_and_what_counts_in_it(
    changes: dict[str, Any], fields: list[str]
) -> None:
    if not fields:
        check(available=[available(**changes)])
        return
    with refused_fields(*(f"availability_targets.0.{field}" for field in fields)):
        check(available=[available(**changes)])


def test_targets_of_both_kinds_share_their_keys() -> None:
    with refused_fields("availability_targets.0.key"):
        check(target(CALENDAR, key="up"), available=[available(key="up")])


def points(*stated: tuple[str, int]) -> tuple[ContractPoint, ...]:
    return tuple(ContractPoint(Decimal(percent), hours * 3600) for percent, hours in stated)


@pytest.mark.parametrize(
    ("stated", "fields"),
    [
        ((("80", 2), ("100", 40)), []),
        ((("80", 8),), ["0.duration_seconds"]),
        ((("95", 9),), ["0.duration_seconds"]),
        ((("99", 7),), ["0.duration_seconds"]),
        ((("99", 16), ("98", 20)), ["1.duration_seconds"]),
        ((("0", 1),), ["0.probability_percent"]),
        ((("90", 0),), ["0.duration_seconds"]),
    ],
)
def test_a_larger_share_takes_longer_at_every_point(stated: tuple[tuple[str, int], ...], fields: list[str]) -> None:
    """The target's own point is 95 % within eight hours."""
    if not fields:
        check(target(CALENDAR, points=points(*stated)))
        return
    with refused_fields(*(f"targets.0.points.{field}" for field in fields)):
        check(target(CALENDAR, points=points(*stated)))


@pytest.mark.parametrize(
    ("selector", "value", "selected"),
    [((), "1", True), ((), None, True), (("1",), "1", True), (("1",), "2", False), (("1",), None, False)],
)
def test_an_empty_selector_admits_everything_and_a_missing_value_only_that(
    selector: tuple[str, ...], value: str | None, selected: bool
) -> None:
    assert selects(selector, value) is selected
