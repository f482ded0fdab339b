"""Period forecasts: decided periods, risk that never falls with a miss, and probabilities that come true."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.forecasting.evaluation import evaluate
from services.forecasting.gamma import log_gamma
from services.forecasting.structural import (
    MICRO,
    Histories,
    PeriodForecasts,
    Periods,
    Population,
    allowed_misses,
    fit_population,
    forecast_periods,
)

POPULATION = Population(mean=0.93, weight=20, steadiness=60, volume=40, volume_shape=20)
PAST = Histories(np.array([[38, 35, 39]]), np.array([[40, 40, 40]]))


def one(
    met: int,
    missed: int,
    *,
    elapsed: float = 0.5,
    objective: float = 95,
    finished: bool = False,
    past: Histories = PAST,
) -> PeriodForecasts:
    return forecast_periods(
        POPULATION,
        past,
        Periods(
            np.array([met]),
            np.array([missed]),
            np.array([elapsed]),
            np.array([round(objective * MICRO)]),
            np.array([finished]),
        ),
    )


def test_a_period_that_ended_is_decided_whatever_the_history_says() -> None:
    assert (one(95, 5, finished=True).probability[0], one(94, 6, finished=True).probability[0]) == (0, 1)
    assert one(95, 5, finished=True).decided[0]


def test_an_objective_of_one_hundred_percent_is_lost_with_the_first_miss() -> None:
    lost = one(3, 1, objective=100)
    assert (lost.probability[0], lost.low[0], lost.high[0], lost.decided[0]) == (1, 1, 1, True)
    assert not one(3, 0, objective=100).decided[0]


def test_a_running_period_is_never_certain_before_it_is_decided() -> None:
    assert 0 < one(200, 0).probability[0] < 1
    assert 0 < one(0, 30).probability[0] < 1


@given(
    st.integers(0, 300), st.integers(0, 60), st.floats(0, 0.99), st.sampled_from([80.0, 90.0, 95.0, 99.0, 99.9]),
    st.booleans(),
)  # fmt: skip
def test_risk_never_falls_when_a_miss_is_added(
    met: int, missed: int, elapsed: float, objective: float, has_past: bool
) -> None:
    past = PAST if has_past else Histories(np.zeros((1, 3), np.int64), np.zeros((1, 3), np.int64))
    before = one(met, missed, elapsed=elapsed, objective=objective, past=past)
    after = one(met, missed + 1, elapsed=elapsed, objective=objective, past=past)
    assert after.probability[0] >= before.probability[0]
    assert after.low[0] >= before.low[0]
    assert after.high[0] >= before.high[0]


@given(st.integers(0, 100), st.integers(0, 40), st.floats(0, 0.99))
def test_intervals_are_in_order_and_hold_what_they_are_about(met: int, missed: int, elapsed: float) -> None:
    made = one(met, missed, elapsed=elapsed)
    assert 0 <= made.low[0] <= made.probability[0] <= made.high[0] <= 1
    assert 0 <= made.attainment_low[0] <= made.attainment_high[0] <= 1


def test_a_forecast_does_not_depend_on_which_other_targets_there_are() -> None:
    alone = one(20, 2)
    together = forecast_periods(
        POPULATION,
        Histories(np.array([[5, 5, 5], [38, 35, 39]]), np.array([[9, 9, 9], [40, 40, 40]])),
        Periods(
            np.array([1, 20]), np.array([0, 2]), np.array([0.1, 0.5]), np.full(2, 95 * MICRO), np.zeros(2, np.bool_)
        ),
    )
    assert together.probability[1] == alone.probability[0]


def test_a_new_target_is_forecast_from_the_population_alone() -> None:
    nothing = Histories(np.zeros((2, 3), np.int64), np.zeros((2, 3), np.int64))
    new = forecast_periods(
        POPULATION,
        nothing,
        Periods(
            np.zeros(2, np.int64), np.zeros(2, np.int64), np.zeros(2), np.full(2, 90 * MICRO), np.zeros(2, np.bool_)
        ),
    )
    assert new.probability[0] == new.probability[1]
    assert new.effective_cases.tolist() == [0, 0]


def test_misses_allowed_are_counted_in_whole_numbers() -> None:
    assert allowed_misses(np.array([19, 20, 40]), np.full(3, 95 * MICRO)).tolist() == [0, 1, 2]


def test_the_population_that_made_the_histories_is_found_again() -> None:
    random = np.random.default_rng(5)
    kept = random.beta(27, 3, 800)[:, None]
    decided = random.poisson(60, (800, 12))
    met = random.binomial(decided, random.beta(kept * 60, (1 - kept) * 60, (800, 12)))
    found = fit_population(Histories(met, decided))
    assert found.mean == pytest.approx(0.9, abs=0.01)
    assert 22 <= found.weight <= 42
    assert 45 <= found.steadiness <= 80
    assert found.volume == pytest.approx(60, rel=0.02)


@pytest.mark.parametrize(("elapsed", "skill"), [(0.0, 0.2), (0.5, 0.5)])
def test_probabilities_come_true_on_targets_made_by_the_same_laws(elapsed: float, skill: float) -> None:
    random = np.random.default_rng(11)
    kept = random.beta(27, 3, 3000)[:, None]
    decided = random.poisson(random.gamma(2, 30, 3000)[:, None] * np.ones(13)) + 1
    met = random.binomial(decided, random.beta(kept * 60, (1 - kept) * 60, (3000, 13)))
    past, now, now_met = Histories(met[:, :12], decided[:, :12]), decided[:, 12], met[:, 12]
    so_far = random.binomial(now, elapsed)
    met_so_far = random.hypergeometric(now_met, now - now_met, so_far)
    made = forecast_periods(
        fit_population(past),
        past,
        Periods(
            met_so_far, so_far - met_so_far, np.full(3000, elapsed), np.full(3000, 90 * MICRO), np.zeros(3000, bool)
        ),
    )
    happened = ((now - now_met) > allowed_misses(now, np.full(3000, 90 * MICRO))).astype(float)
    scores = evaluate(made.probability, happened)
    assert scores.calibration_error <= 0.04
    assert 1 - scores.brier / (happened.mean() * (1 - happened.mean())) >= skill
    inside = (now_met / now >= made.attainment_low) & (now_met / now <= made.attainment_high)
    assert 0.75 <= inside.mean() <= 0.9


@given(st.floats(1e-3, 1e6))
def test_the_gamma_function_agrees_with_the_standard_library(x: float) -> None:
    assert log_gamma(np.array([x]))[0] == pytest.approx(math.lgamma(x), rel=1e-8, abs=1e-8)
