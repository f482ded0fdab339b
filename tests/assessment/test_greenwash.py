import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.greenwash import Evidenced, compare_claims

TWO = Evidenced(2, (1.0, 0.95, 0.5, 0.1, 0.0))
FOUR = Evidenced(4, (1.0, 1.0, 0.99, 0.9, 0.2))


def test_a_claim_that_the_evidence_bears_out_is_honest() -> None:
    found = compare_claims({"G1": 2, "G2": 4}, {"G1": TWO, "G2": FOUR})
    assert (found.index, found.modesty, found.coverage) == (0.0, 0.0, 1.0)


def test_exaggeration_counts_by_its_size_and_its_probability() -> None:
    found = compare_claims({"G1": 4}, {"G1": TWO})
    assert found.index == pytest.approx(100 * 2 / 4 * 0.9)
    assert found.gaps[0].levels == 2


def test_modesty_does_not_pay_for_exaggeration() -> None:
    found = compare_claims({"G1": 4, "G2": 2}, {"G1": TWO, "G2": FOUR})
    assert found.index == pytest.approx(100 * 0.5 * 0.9 / 2)
    assert found.modesty == pytest.approx(100 * 0.5 / 2)


def test_weights_shift_the_figure_towards_the_heavier_pattern() -> None:
    found = compare_claims({"G1": 4, "G2": 4}, {"G1": TWO, "G2": FOUR}, {"G1": 3.0})
    assert found.index == pytest.approx(100 * 0.5 * 0.9 * 3 / 4)


def test_there_is_no_figure_when_too_little_can_be_told() -> None:
    found = compare_claims({"G1": 5, "G2": 5}, {"G1": TWO, "G2": None})
    assert (found.index, found.modesty, found.coverage) == (None, None, 0.5)
    assert [gap.pattern for gap in found.gaps] == ["G1"]


def test_a_high_claim_without_any_evidence_is_unproven_and_a_modest_one_is_not() -> None:
    assert compare_claims({"G1": 3, "G2": 2, "G3": None}, {"G1": None, "G2": None, "G3": None}).unproven == ("G1",)


def test_evidence_without_a_claim_is_compared_with_nothing() -> None:
    found = compare_claims({"G1": None}, {"G1": TWO})
    assert (found.index, found.modesty, found.coverage, found.gaps) == (None, None, 1.0, ())


@given(st.integers(1, 4), st.integers(1, 5))
def test_claiming_more_never_lowers_the_figure(claimed: int, other: int) -> None:
    less, more = (
        compare_claims({"G1": level, "G2": other}, {"G1": TWO, "G2": FOUR}) for level in (claimed, claimed + 1)
    )
    assert less.index is not None
    assert more.index is not None
    assert more.index >= less.index
