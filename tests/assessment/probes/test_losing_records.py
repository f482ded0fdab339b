"""Losing any records, the ones that speak against an organisation among them, never raises a score."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.commands import score_evidence
from tests.assessment.comparing import rises
from tests.assessment.organisations import organisation, some_of

SEEDS = st.integers(0, 10_000)
LOSSES_EACH = 6


@pytest.mark.capability("B6", partly=True)
@settings(max_examples=30, deadline=None)
@given(SEEDS, SEEDS)
def test_losing_any_records_raises_no_unit_and_no_level(seed: int, loss_seed: int) -> None:
    whole, random = organisation(seed), Random(loss_seed)  # noqa: S311 - nothing secret
    before = score_evidence(whole.evidence())
    for _ in range(LOSSES_EACH):
        lost = some_of(whole, random)
        after = score_evidence(whole.evidence(lost))
        assert rises(before, after) == [], sorted(lost)


@settings(max_examples=10, deadline=None)
@given(SEEDS, SEEDS)
def test_losing_more_after_some_were_lost_raises_nothing_either(seed: int, loss_seed: int) -> None:
    whole, random = organisation(seed), Random(loss_seed)  # noqa: S311 - nothing secret
    lost = frozenset[str]()
    before = score_evidence(whole.evidence())
    for _ in range(LOSSES_EACH):
        lost |= some_of(whole, random)
        after = score_evidence(whole.evidence(lost))
        assert rises(before, after) == [], sorted(lost)
        before = after


def test_a_seed_decides_an_organisation() -> None:
    assert organisation(3) == organisation(3)
    assert organisation(3) != organisation(4)
