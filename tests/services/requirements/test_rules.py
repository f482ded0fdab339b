"""When a requirement was approved, seen from its service, and what a definition must say."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.rules import RECORDING_GRACE
from services.domain.inputs import Problems
from services.errors import Invalid
from services.requirements.rules import (
    Approval,
    ApprovalDecision,
    ApprovalTiming,
    Comparison,
    RequirementDefinition,
    approval_timing,
    check_definition,
    is_back_dated,
    standing_approvals,
)

GO_LIVE = datetime(2026, 3, 1, tzinfo=UTC)
DESIGNED = GO_LIVE - timedelta(days=60)
DAY = timedelta(days=1)


def decision(
    days: int, kind: ApprovalDecision = ApprovalDecision.APPROVED, *, recorded: int | None = None, person: int = 1
) -> Approval:
    """A decision so many days after go-live, recorded at once unless said otherwise."""
    at, known = GO_LIVE + days * DAY, GO_LIVE + (days if recorded is None else recorded) * DAY
    return Approval(UUID(int=7), UUID(int=person), kind, at, known, known, by_customer=True)


@pytest.mark.capability("S1", partly=True)
@pytest.mark.parametrize(
    ("decisions", "timing"),
    [
        ([], ApprovalTiming.NEVER),
        ([decision(-61)], ApprovalTiming.IN_DESIGN),
        ([decision(-60)], ApprovalTiming.IN_DESIGN),
        ([decision(-59)], ApprovalTiming.BEFORE_GO_LIVE),
        ([decision(0)], ApprovalTiming.BEFORE_GO_LIVE),
        ([decision(1)], ApprovalTiming.AFTER_GO_LIVE),
        ([decision(-70, recorded=14)], ApprovalTiming.IN_DESIGN),
        ([decision(-70, recorded=15)], ApprovalTiming.AFTER_GO_LIVE),
        ([decision(-70), decision(-5, ApprovalDecision.WITHDRAWN)], ApprovalTiming.NEVER),
        ([decision(-70), decision(-5, ApprovalDecision.WITHDRAWN), decision(3)], ApprovalTiming.AFTER_GO_LIVE),
        (
            [decision(-70), decision(-5, ApprovalDecision.WITHDRAWN), decision(2, person=2)],
            ApprovalTiming.AFTER_GO_LIVE,
        ),
        ([decision(5), decision(-70, person=2)], ApprovalTiming.IN_DESIGN),
    ],
)
def test_a_requirement_is_approved_when_its_earliest_standing_approval_was_given(
    decisions: Sequence[Approval], timing: ApprovalTiming
) -> None:
    assert approval_timing(decisions, design_approved_at=DESIGNED, went_live_at=GO_LIVE) is timing


def test_without_a_design_milestone_nothing_was_approved_in_design() -> None:
    found = approval_timing([decision(-300)], design_approved_at=None, went_live_at=GO_LIVE)
    assert found is ApprovalTiming.BEFORE_GO_LIVE


def test_an_approval_is_back_dated_from_the_instant_after_the_grace() -> None:
    within = decision(-10, recorded=14)
    assert within.recorded_at == GO_LIVE + RECORDING_GRACE
    assert not is_back_dated(within, went_live_at=GO_LIVE)
    assert is_back_dated(decision(-10, recorded=15), went_live_at=GO_LIVE)
    assert not is_back_dated(decision(1, recorded=15), went_live_at=GO_LIVE)


@given(st.lists(st.tuples(st.integers(-90, 90), st.sampled_from(ApprovalDecision), st.integers(1, 3)), max_size=12))
def test_a_withdrawal_after_everything_leaves_nothing_standing_of_its_person(
    history: list[tuple[int, ApprovalDecision, int]],
) -> None:
    decisions = [decision(day, kind, person=person) for day, kind, person in history]
    last = decision(91, ApprovalDecision.WITHDRAWN, person=1)
    standing = standing_approvals([*decisions, last])
    assert {each.person_id for each in standing} <= {UUID(int=2), UUID(int=3)}
    assert all(each.decision is ApprovalDecision.APPROVED for each in standing)


@given(st.lists(st.tuples(st.integers(-90, 90), st.integers(-90, 90)), max_size=8))
def test_recording_an_approval_later_never_makes_it_look_earlier(spans: list[tuple[int, int]]) -> None:
    order = list(ApprovalTiming)
    for decided, delay in spans:
        timings = [
            approval_timing(
                [decision(decided, recorded=decided + later)], design_approved_at=DESIGNED, went_live_at=GO_LIVE
            )
            for later in (abs(delay), abs(delay) + 30)
        ]
        assert order.index(timings[0]) <= order.index(timings[1])


@pytest.mark.parametrize(
    ("given_", "fields"),
    [
        ({"statement": " "}, ["statement"]),
        ({"statement": "x" * 4001}, ["statement"]),
        ({"target_value": Decimal(4)}, ["comparison", "metric", "unit"]),
        ({"comparison": Comparison.AT_MOST}, ["comparison"]),
        ({"business_outcome": "x" * 4001, "cost_of_failure": "x" * 4001}, ["business_outcome", "cost_of_failure"]),
    ],
)
def test_what_is_wrong_with_a_definition_is_named(given_: dict[str, Any], fields: list[str]) -> None:
    assert refused(RequirementDefinition(**{"statement": "Back by noon"} | given_)) == fields


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal(10) ** 12, Decimal("0.0000001")])
def test_a_value_that_cannot_be_kept_exactly_is_refused(value: Decimal) -> None:
    definition = RequirementDefinition("Back by noon", "time", Comparison.AT_MOST, value, "hours")
    assert refused(definition) == ["target_value"]


def refused(definition: RequirementDefinition) -> list[str]:
    problems = Problems()
    check_definition(definition, problems)
    with pytest.raises(Invalid) as refusal:
        problems.refuse("no")
    return sorted(problem.field for problem in refusal.value.problems)
