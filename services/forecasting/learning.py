"""Candidates that forecast tickets, and the choice among them by weekly rolling origin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.forecasting.encoding import Encoder, encode_apart, learn_encoder, log_odds, probability
from services.forecasting.evaluation import brier, log_loss
from services.forecasting.features import Cases, Floats
from services.forecasting.lookup import learn_lookup
from services.forecasting.model import TreeSettings, learn_logistic, learn_trees
from services.forecasting.rules import FEWEST_TRAINING_TICKETS, ModelFamily
from services.forecasting.survival import learn_survival
from services.tickets.history import Flags, Integers

WEEK = 7 * 86_400
SMALLEST_LABELLED_SHARE = 0.5
"""A week is tested on only when the outcomes of at least this share of its tickets are final: the first to become
final are the quick ones, so a week known in small part says little."""
INVERSE_PENALTIES = (0.01, 0.1)
TREES = (
    TreeSettings(learning_rate=0.05, trees=150, leaves=8),
    TreeSettings(learning_rate=0.03, trees=150, leaves=15),
    TreeSettings(learning_rate=0.05, trees=200, leaves=15),
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
    matrix: Floats


def training_cases(cases: Cases, missed: Floats) -> TrainingCases:
    """Encode cases for learning."""
    matrix = np.hstack((cases.numbers, encode_apart(cases, missed)))
    return TrainingCases(cases, missed, learn_encoder(cases, missed), matrix)


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
            logistic = learn_logistic(training.matrix, missed, inverse_penalty=settings["inverse_penalty"])
            return lambda asked: logistic.forecast(_matrix(training.encoder, asked))
        case ModelFamily.BOOSTED_TREES:
            trees = learn_trees(training.matrix, missed, TreeSettings(**settings))
            return lambda asked: trees.forecast(_matrix(training.encoder, asked))
        case ModelFamily.LOG_ODDS_MEAN:
            parts = [learn(Candidate(ModelFamily(name), part), training) for name, part in settings.items()]
            return lambda asked: mean_of([part(asked) for part in parts])
        case _:
            raise ValueError(f"{candidate.family} does not forecast tickets")


def mean_of(forecasts: Sequence[Floats]) -> Floats:
    """The probability of the mean log-odds."""
    return probability(np.mean([log_odds(forecast) for forecast in forecasts], axis=0))


def _matrix(encoder: Encoder, cases: Cases) -> Floats:
    return np.hstack((cases.numbers, encoder.encode(cases)))


@dataclass(frozen=True, eq=False)
class Choice:
    """The candidate each family is represented by, their rolling forecasts, and the one to publish."""

    published: Candidate
    by_family: dict[ModelFamily, Candidate]
    forecasts: dict[ModelFamily, Floats]
    happened: Floats
    weeks: int


def choose(
    cases: Cases, missed: Floats, final: Flags, opened_at: Integers, *, cut_off: int, short_history: bool
) -> Choice:
    """Settings by family, and the family with the smallest Brier score over the weeks, all by rolling origin.

    Each week's tickets are forecast by what was learned from tickets opened before it. `final` says which outcomes were
    final at the cut-off of the whole training: nothing later is used. With a short history, or where no week can be
    tested, the lookup is published.
    """
    weeks = _weeks(final, opened_at, cut_off)
    rolled: dict[ModelFamily, list[list[Floats]]] = {}
    for before, within in weeks:
        training = training_cases(cases[before], missed[before])
        for family, variants in candidates().items():
            made = [learn(candidate, training)(cases[within]) for candidate in variants]
            rolled.setdefault(family, [[] for _ in variants])
            for held, forecast in zip(rolled[family], made, strict=True):
                held.append(forecast)
    if not weeks:
        first = {family: variants[0] for family, variants in candidates().items()}
        first[ModelFamily.LOG_ODDS_MEAN] = _joined(first)
        return Choice(first[ModelFamily.LOOKUP], first, {}, np.zeros(0), 0)
    happened = np.concatenate([missed[within] for _, within in weeks])
    by_family: dict[ModelFamily, Candidate] = {}
    forecasts: dict[ModelFamily, Floats] = {}
    for family, variants in candidates().items():
        joined = [np.concatenate(parts) for parts in rolled[family]]
        best = min(range(len(variants)), key=lambda place: log_loss(joined[place], happened))
        by_family[family], forecasts[family] = variants[best], joined[best]
    by_family[ModelFamily.LOG_ODDS_MEAN] = _joined(by_family)
    forecasts[ModelFamily.LOG_ODDS_MEAN] = mean_of(
        [forecasts[ModelFamily.LOGISTIC], forecasts[ModelFamily.BOOSTED_TREES]]
    )
    best_family = min(forecasts, key=lambda family: brier(forecasts[family], happened))
    if short_history:
        best_family = ModelFamily.LOOKUP
    return Choice(by_family[best_family], by_family, forecasts, happened, len(weeks))


def _joined(by_family: Mapping[ModelFamily, Candidate]) -> Candidate:
    parts = (ModelFamily.LOGISTIC, ModelFamily.BOOSTED_TREES)
    return Candidate(ModelFamily.LOG_ODDS_MEAN, {part.value: dict(by_family[part].settings) for part in parts})


def _weeks(final: Flags, opened_at: Integers, cut_off: int) -> list[tuple[Flags, Flags]]:
    """Per week that can be tested, counted back from the cut-off: the final cases before it, and those within it."""
    if not len(opened_at):
        return []
    found = []
    weeks = -(-(cut_off - int(opened_at.min())) // WEEK)
    for start in range(cut_off - weeks * WEEK, cut_off, WEEK):
        in_week = (opened_at >= start) & (opened_at < start + WEEK)
        before, within = final & (opened_at < start), final & in_week
        known_well = within.sum() >= max(SMALLEST_LABELLED_SHARE * in_week.sum(), 1)
        if known_well and before.sum() >= FEWEST_TRAINING_TICKETS:
            found.append((before, within))
    return found
