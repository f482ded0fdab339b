import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.agreement import Agreement, Alpha, Ratings, ordinal_alpha

NONE = np.nan


def krippendorff_example() -> Ratings:
    """Four observers by twelve units, as published (Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011)."""
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    ]
    return np.array(observers, dtype=float).T


def alpha(ratings: Ratings) -> Alpha:
    found = ordinal_alpha(ratings)
    assert found is not None
    return found


def test_the_published_example_has_its_published_alpha() -> None:
    assert round(alpha(krippendorff_example()).value, 3) == 0.815


def test_the_interval_is_the_jackknife_over_statements() -> None:
    found, ratings = alpha(krippendorff_example()), krippendorff_example()[:11]
    left_out = [alpha(np.delete(ratings, row, axis=0)).value for row in range(11)]
    pseudo = [11 * found.value - 10 * value for value in left_out]
    half = 2.228139 * np.std(pseudo, ddof=1) / np.sqrt(11)
    assert found.low == pytest.approx(found.value - half, abs=1e-5)
    assert found.high == 1.0


def test_who_always_says_the_same_agrees_wholly() -> None:
    found = alpha(np.array([[1.0, 1.0], [3.0, 3.0], [5.0, 5.0]]))
    assert found == Alpha(1.0, 1.0, 1.0)
    assert found.agreement is Agreement.SUFFICIENT


def test_who_always_says_the_contrary_disagrees_below_chance() -> None:
    assert alpha(np.array([[1.0, 5.0], [5.0, 1.0], [2.0, 4.0]])).value < 0


@pytest.mark.parametrize("ratings", [[[1.0], [2.0]], [[3.0, 3.0], [3.0, 3.0]], [[1.0, NONE], [NONE, 2.0]]])
def test_there_is_nothing_to_measure_without_pairs_or_variation(ratings: list[list[float]]) -> None:
    assert ordinal_alpha(np.array(ratings)) is None


@pytest.mark.parametrize(
    ("value", "agreement"),
    [
        (0.80, Agreement.SUFFICIENT),
        (0.799, Agreement.TENTATIVE),
        (0.667, Agreement.TENTATIVE),
        (0.666, Agreement.CONTESTED),
    ],
)
def test_the_customary_limits_decide_what_may_be_published(value: float, agreement: Agreement) -> None:
    assert Alpha(value, None, None).agreement is agreement


@settings(deadline=None)
@given(st.permutations(range(12)), st.permutations(range(4)))
def test_the_order_of_statements_and_respondents_does_not_matter(rows: list[int], columns: list[int]) -> None:
    shuffled = alpha(krippendorff_example()[rows][:, columns])
    assert shuffled.value == pytest.approx(alpha(krippendorff_example()).value)
    assert shuffled.low == pytest.approx(alpha(krippendorff_example()).low)
