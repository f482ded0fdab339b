import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.shares import estimate_share, probability_at_most


@pytest.mark.parametrize(
    ("count", "total", "low"),
    [
        (5, 5, 0.77),
        (8, 8, 0.85),
        (10, 10, 0.88),
        (20, 20, 0.94),
        (9, 10, 0.73),
        (19, 20, 0.85),
        (38, 40, 0.89),
        (240, 250, 0.94),
        (48, 52, 0.86),
        (12, 12, 0.90),
        (11, 12, 0.77),
        (4, 4, 0.73),
    ],
)
def test_what_a_record_proves_at_ninety_percent(count: int, total: int, low: float) -> None:
    assert round(estimate_share(count, total).low, 2) == low


@settings(deadline=None)
@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_upper_bound_mirrors_the_lower_one_of_the_rest(counts: tuple[int, int]) -> None:
    count, total = counts
    share, rest = estimate_share(count, total), estimate_share(total - count, total)
    assert share.high == pytest.approx(1 - rest.low, abs=1e-9)
    assert share.low < share.high
    assert probability_at_most(count, total, share.low) == pytest.approx(0.10, abs=1e-6)


@pytest.mark.parametrize(("count", "total"), [(0, 0), (2, 1), (-1, 3)])
def test_a_share_of_nothing_is_refused(count: int, total: int) -> None:
    with pytest.raises(ValueError, match="something counted"):
        estimate_share(count, total)
