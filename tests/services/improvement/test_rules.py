"""What an improvement amounts to by the record, and the strongest thing a breach led to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.improvement.rules import (
    STRENGTH,
    BreachOutcome,
    Consequence,
    ImprovementFacts,
    ImprovementStatus,
    breach_outcome,
    refusal_of,
    shown_consequence,
)

BREACHED = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def facts(
    claimed: Consequence, implemented: int | None = 10, verified: int | None = None, *, reference: bool = True
) -> ImprovementFacts:
    """An improvement implemented and verified so many days after the breach."""
    implemented_at, verified_at = (None if days is None else BREACHED + days * DAY for days in (implemented, verified))
    return ImprovementFacts(claimed, implemented_at, verified_at, reference)


IMPROVEMENTS = st.builds(
    facts,
    st.sampled_from([each for each in Consequence if each is not Consequence.NONE]),
    st.one_of(st.none(), st.integers(-5, 200)),
    st.one_of(st.none(), st.integers(0, 300)),
    reference=st.booleans(),
)


@pytest.mark.capability("Q5", partly=True)
@pytest.mark.parametrize(
    ("improvement", "shown"),
    [
        (facts(Consequence.STRUCTURAL), Consequence.STRUCTURAL),
        (facts(Consequence.STRUCTURAL, reference=False), Consequence.CORRECTIVE),
        (facts(Consequence.STRUCTURAL, None), Consequence.NONE),
        (facts(Consequence.APOLOGY, reference=True), Consequence.APOLOGY),
        (facts(Consequence.WORKAROUND, reference=False), Consequence.WORKAROUND),
        (facts(Consequence.CORRECTIVE, None), Consequence.NONE),
    ],
)
def test_an_improvement_amounts_to_what_was_done_and_is_structural_only_with_a_change_reference(
    improvement: ImprovementFacts, shown: Consequence
) -> None:
    assert shown_consequence(improvement) is shown


@pytest.mark.parametrize(
    ("improvements", "outcome"),
    [
        ([], BreachOutcome(Consequence.NONE, False, None)),
        ([facts(Consequence.STRUCTURAL, None)], BreachOutcome(Consequence.NONE, False, None)),
        ([facts(Consequence.APOLOGY, 1)], BreachOutcome(Consequence.APOLOGY, False, DAY)),
        (
            [facts(Consequence.APOLOGY, 1), facts(Consequence.STRUCTURAL, 40)],
            BreachOutcome(Consequence.STRUCTURAL, False, 40 * DAY),
        ),
        (
            [facts(Consequence.STRUCTURAL, 40), facts(Consequence.STRUCTURAL, 60, 90)],
            BreachOutcome(Consequence.STRUCTURAL, True, 60 * DAY),
        ),
        ([facts(Consequence.CORRECTIVE, -3)], BreachOutcome(Consequence.CORRECTIVE, False, timedelta())),
    ],
)
def test_a_breach_led_to_the_strongest_thing_done_about_it(
    improvements: list[ImprovementFacts], outcome: BreachOutcome
) -> None:
    assert breach_outcome(BREACHED, improvements) == outcome


@given(st.lists(IMPROVEMENTS, max_size=5), IMPROVEMENTS)
def test_one_improvement_more_never_weakens_what_a_breach_led_to(
    improvements: list[ImprovementFacts], more: ImprovementFacts
) -> None:
    before = breach_outcome(BREACHED, improvements).consequence
    after = breach_outcome(BREACHED, [*improvements, more]).consequence
    assert STRENGTH[after] >= STRENGTH[before]


@pytest.mark.parametrize(
    ("reached", "possible"),
    [
        ({"registered"}, {"implemented", "stopped"}),
        ({"registered", "implemented"}, {"verified", "ineffective"}),
        ({"registered", "stopped"}, set()),
        ({"registered", "implemented", "verified"}, set()),
        ({"registered", "implemented", "ineffective"}, set()),
    ],
)
def test_each_status_follows_the_one_before_it(reached: set[str], possible: set[str]) -> None:
    at = {ImprovementStatus(status) for status in reached}
    assert {status.value for status in ImprovementStatus if refusal_of(status, at) is None} == possible
