from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.rates import judge, meets_objective, rate, shown_percent
from services.domain.vocabulary import Outcome


@pytest.mark.parametrize(
    ("met", "total", "objective", "kept"),
    [
        (999, 1000, "99.9", True),
        (9_989_993, 10_000_000, "99.9", False),
        (19, 20, "95", True),
        (18, 20, "95", False),
        (2, 3, "66.666666", True),
        (2, 3, "66.666667", False),
        (1, 1, "100", True),
    ],
)
def test_an_objective_is_met_by_exact_comparison(met: int, total: int, objective: str, kept: bool) -> None:
    assert meets_objective(met, total, Decimal(objective)) is kept


def test_an_objective_finer_than_six_decimals_is_refused() -> None:
    with pytest.raises(ValueError, match="six decimals"):
        meets_objective(1, 2, Decimal("50.0000001"))


@pytest.mark.parametrize(
    ("percent", "shown"),
    [("99.96", "99.9 %"), ("40.950154", "40.9 %"), ("100", "100.0 %"), ("0.04", "0.0 %"), (None, "no data")],
)
def test_percentages_are_cut_and_not_rounded(percent: str | None, shown: str) -> None:
    assert shown_percent(None if percent is None else Decimal(percent)) == shown


def test_the_wilson_interval_of_eighty_one_of_a_hundred_is_the_published_one() -> None:
    interval = rate(81, 100)
    assert interval.low_percent is not None
    assert interval.high_percent is not None
    assert round(interval.low_percent, 2) == Decimal("72.22")
    assert round(interval.high_percent, 2) == Decimal("87.49")


def test_nothing_counted_has_no_share() -> None:
    assert rate(0, 0).percent is None


@given(st.integers(0, 10**6).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_interval_surrounds_the_share_and_stays_within_a_whole(counts: tuple[int, int]) -> None:
    share = rate(*counts)
    if share.percent is not None and share.low_percent is not None and share.high_percent is not None:
        tolerance = Decimal("0.000001")
        assert Decimal(0) <= share.low_percent <= share.percent + tolerance
        assert share.percent - tolerance <= share.high_percent <= Decimal(100)


@pytest.mark.parametrize(
    ("met", "missed", "pending", "finished", "expected"),
    [
        (0, 0, 0, True, Outcome.NO_DATA),
        (0, 0, 0, False, Outcome.PENDING),
        (19, 1, 0, True, Outcome.MET),
        (18, 2, 0, True, Outcome.MISSED),
        (100, 0, 0, False, Outcome.PENDING),
        (19, 0, 1, True, Outcome.MET),
        (18, 2, 1, True, Outcome.MISSED),
        (18, 1, 1, True, Outcome.PENDING),
        (0, 0, 3, True, Outcome.PENDING),
    ],
)
def test_a_period_is_judged_only_when_nothing_can_change_the_answer(
    met: int, missed: int, pending: int, finished: bool, expected: Outcome
) -> None:
    judged = judge(met=met, missed=missed, pending=pending, objective_percent=Decimal(95), finished=finished)
    assert judged is expected
