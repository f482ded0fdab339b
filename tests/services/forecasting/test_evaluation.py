"""Scores of forecasts, against figures worked out by hand."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.forecasting.evaluation import auc, brier, evaluate, log_loss, reliability

FORECASTS = np.array([0.9, 0.8, 0.3, 0.1])
HAPPENED = np.array([1.0, 0.0, 1.0, 0.0])


def test_the_brier_score_is_the_mean_squared_error() -> None:
    assert brier(FORECASTS, HAPPENED) == pytest.approx((0.01 + 0.64 + 0.49 + 0.01) / 4)


def test_log_loss_is_the_mean_surprise_and_bounded() -> None:
    assert log_loss(FORECASTS, HAPPENED) == pytest.approx(-(log(0.9) + log(0.2) + log(0.3) + log(0.9)) / 4)
    assert log_loss(np.array([0.0]), np.array([1.0])) == pytest.approx(-log(0.003))


def test_auc_counts_pairs_in_the_right_order_and_equal_ones_half() -> None:
    assert auc(FORECASTS, HAPPENED) == pytest.approx(3 / 4)
    assert auc(np.array([0.5, 0.5, 0.2]), np.array([1.0, 0.0, 0.0])) == pytest.approx(0.75)
    assert auc(np.array([0.4, 0.6]), np.array([1.0, 1.0])) is None


def test_reliability_bins_hold_as_many_forecasts_each_in_order_of_size() -> None:
    low, high = reliability(FORECASTS, HAPPENED, bins=2)
    assert (low.forecasts, low.lowest, low.highest) == (2, 0.1, 0.3)
    assert low.mean_probability == pytest.approx(0.2)
    assert (high.happened.count, high.happened.total) == (1, 2)
    assert high.mean_probability == pytest.approx(0.85)


def test_calibration_error_is_the_weighted_distance_between_said_and_happened() -> None:
    said = np.repeat([0.2, 0.6], 10)
    happened = np.array([1.0] * 3 + [0.0] * 7 + [1.0] * 5 + [0.0] * 5)
    scores = evaluate(said, happened)
    by_hand = sum(2 * abs(said[i : i + 2].mean() - happened[i : i + 2].mean()) for i in range(0, 20, 2)) / 20
    assert scores.calibration_error == pytest.approx(by_hand)
    assert (scores.forecasts, scores.happened) == (20, 8)
    assert scores.mean_probability == pytest.approx(0.4)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_bins_lose_no_forecast_and_scores_stay_in_their_range(forecasts: list[tuple[float, bool]]) -> None:
    said = np.array([probability for probability, _ in forecasts])
    happened = np.array([float(it_did) for _, it_did in forecasts])
    scores = evaluate(said, happened)
    assert sum(found.forecasts for found in scores.reliability) == len(forecasts)
    assert sum(found.happened.count for found in scores.reliability) == scores.happened
    assert 0 <= scores.brier <= 1
    assert 0 <= scores.calibration_error <= 1
    assert scores.auc is None or 0 <= scores.auc <= 1


@pytest.mark.parametrize(("said", "happened"), [([], []), ([0.5], [1.0, 0.0]), ([1.5], [1.0]), ([float("nan")], [1.0])])
def test_what_is_no_forecast_is_refused(said: list[float], happened: list[float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        evaluate(np.array(said), np.array(happened))
