"""Candidates that forecast tickets, and the choice among them by weekly rolling origin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.forecasting.encoding import Encoded, Encoder, encode_apart, learn_encoder, log_odds, probability
from services.forecasting.evaluation import brier, log_loss
from services.forecasting.features import Cases, Floats
from services.forecasting.lookup import learn_lookup
from services.forecasting.model import TreeSettings, learn_logistic, learn_trees
from services.forecasting.rules import ModelFamily
from services.forecasting.survival import learn_survival

INVERSE_PENALTIES = (0.001, 0.01)
TREES = (
    TreeSettings(learning_rate=0.05, trees=150, leaves=8),
    TreeSettings(learning_rate=0.03, trees=150, leaves=15),
)

Forecaster = Callable[[Cases], Floats]


@dataclass(frozen=True)
class Candidate:
    """A family with its settings; settings are plain values, so that they can be kept as a row."""

    family: ModelFamily
    settings: Mapping[str, Any]


def candidates() -> dict[ModelFamily, tuple[Candidate, ...]]:
    """Every candidate by family. The log-odds mean joins the settings its two parts won with."""
    return {
        ModelFamily.BASE_RATE: (Candidate(ModelFamily.BASE_RATE, {}),),
        ModelFamily.LOOKUP: (Candidate(ModelFamily.LOOKUP, {}),),
        ModelFamily.SURVIVAL: (Candidate(ModelFamily.SURVIVAL, {}),),
        ModelFamily.LOGISTIC: tuple(
            Candidate(ModelFamily.LOGISTIC, {"inverse_penalty": value}) for value in INVERSE_PENALTIES
        ),
        ModelFamily.BOOSTED_TREES: tuple(Candidate(ModelFamily.BOOSTED_TREES, asdict(tree)) for tree in TREES),
    }


@dataclass(frozen=True, eq=False)
class TrainingCases:
    """Cases with final outcomes (1 for a breach), encoded for learning from them."""

    cases: Cases
    missed: Floats
    encoder: Encoder
    encoded: Encoded

    @property
    def columns(self) -> Floats:
        """Numbers and shares: what moves the odds in one direction."""
        return _columns(self.cases, self.encoded)

    @property
    def all_columns(self) -> Floats:
        """How often words were seen as well, which says only how far to trust the shares."""
        return _all_columns(self.cases, self.encoded)


def training_cases(cases: Cases, missed: Floats) -> TrainingCases:
    """Encode cases for learning."""
    return TrainingCases(cases, missed, learn_encoder(cases, missed), encode_apart(cases, missed))


def learn(candidate: Candidate, training: TrainingCases) -> Forecaster:
    """A forecaster learned from the training cases; the same input gives the same forecaster."""
    cases, missed = training.cases, training.missed
    settings = candidate.settings
    match candidate.family:
        case ModelFamily.BASE_RATE:
            return lambda asked: np.full(len(asked), training.encoder.average)
        case ModelFamily.LOOKUP:
            return learn_lookup(cases, missed).forecast
        case ModelFamily.SURVIVAL:
            return learn_survival(cases, missed).forecast
        case ModelFamily.LOGISTIC:
            logistic = learn_logistic(training.columns, missed, inverse_penalty=settings["inverse_penalty"])
            return lambda asked: logistic.forecast(_columns(asked, training.encoder.encode(asked)))
        case ModelFamily.BOOSTED_TREES:
            trees = learn_trees(training.all_columns, missed, TreeSettings(**settings))
            return lambda asked: trees.forecast(_all_columns(asked, training.encoder.encode(asked)))
        case ModelFamily.LOG_ODDS_MEAN:
            parts = [learn(Candidate(ModelFamily(name), part), training) for name, part in settings.items()]
            return lambda asked: mean_of([part(asked) for part in parts])
        case _:
            raise ValueError(f"{candidate.family} does not forecast tickets")


def mean_of(forecasts: Sequence[Floats]) -> Floats:
    """The probability of the mean log-odds."""
    return probability(np.mean([log_odds(forecast) for forecast in forecasts], axis=0))


def _columns(cases: Cases, encoded: Encoded) -> Floats:
    return np.hstack((cases.numbers, encoded.shares))


def _all_columns(cases: Cases, encoded: Encoded) -> Floats:
    return np.hstack((cases.numbers, encoded.shares, encoded.familiarity))


@dataclass(frozen=True, eq=False)
class Choice:
    """The candidate each family is represented by, their rolling forecasts, and the one to publish."""

    published: Candidate
    by_family: dict[ModelFamily, Candidate]
    forecasts: dict[ModelFamily, Floats]
    happened: Floats
    weeks: int


@dataclass(frozen=True, eq=False)
class Origin:
    """What was learned from at an instant (epoch seconds), and what came after it with the outcomes known since."""

    instant: int
    training: TrainingCases
    asked: Cases
    happened: Floats


def choose(origins: Sequence[Origin], *, short_history: bool) -> Choice:
    """Settings by family by log-loss, and the family with the smallest Brier score, all by rolling origin.

    With a short history, or without any origin to test at, the lookup is published.
    """
    if not origins:
        first = {family: variants[0] for family, variants in candidates().items()}
        first[ModelFamily.LOG_ODDS_MEAN] = _joined(first)
        return Choice(first[ModelFamily.LOOKUP], first, {}, np.zeros(0), 0)
    happened = np.concatenate([origin.happened for origin in origins])
    by_family: dict[ModelFamily, Candidate] = {}
    forecasts: dict[ModelFamily, Floats] = {}
    for family, variants in candidates().items():
        rolled = [
            np.concatenate([learn(held, origin.training)(origin.asked) for origin in origins]) for held in variants
        ]
        best = min(range(len(variants)), key=lambda place: log_loss(rolled[place], happened))
        by_family[family], forecasts[family] = variants[best], rolled[best]
    by_family[ModelFamily.LOG_ODDS_MEAN] = _joined(by_family)
    forecasts[ModelFamily.LOG_ODDS_MEAN] = mean_of(
        [forecasts[ModelFamily.LOGISTIC], forecasts[ModelFamily.BOOSTED_TREES]]
    )
    best_family = min(forecasts, key=lambda family: brier(forecasts[family], happened))
    if short_history:
        best_family = ModelFamily.LOOKUP
    return Choice(by_family[best_family], by_family, forecasts, happened, len(origins))


def _joined(by_family: Mapping[ModelFamily, Candidate]) -> Candidate:
    parts = (ModelFamily.LOGISTIC, ModelFamily.BOOSTED_TREES)
    return Candidate(ModelFamily.LOG_ODDS_MEAN, {part.value: dict(by_family[part].settings) for part in parts})
