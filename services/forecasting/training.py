"""Training on what an organisation knew by an instant, and testing on what came after it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from services.domain.instants import to_epoch
from services.forecasting.evaluation import evaluate
from services.forecasting.facts import TicketFacts
from services.forecasting.features import NUMBERS
from services.forecasting.labels import final_labels
from services.forecasting.learning import Choice
from services.forecasting.period_facts import histories, target_periods
from services.forecasting.records import NewModel, NewScore
from services.forecasting.rules import (
    Abstention,
    ForecastMoment,
    ModelFamily,
    ScoreBasis,
)
from services.forecasting.structural import (
    fit_population,
)
from services.forecasting.ticket_model import (
    Lessons,
    cases_of,
    choose_model,
    learn_model,
    lessons,
    moments_of,
)
from services.tickets.clocks import Promise
from services.tickets.history import Flags

TICKET_MOMENTS = (ForecastMoment.OPENING, ForecastMoment.OPEN)
BACKTEST_AGES = {ForecastMoment.OPENING: (0,), ForecastMoment.OPEN: (900, 4 * 3600, 24 * 3600)}
"""Ages in seconds of the tickets tested, by moment."""


@dataclass(frozen=True, eq=False)
class Known:
    """What an organisation knew by an instant: all that was read, what bears on the instant, and its promises."""

    as_of: datetime
    zone: ZoneInfo
    facts: TicketFacts
    current: TicketFacts
    promises: list[tuple[Promise, Flags]]


@dataclass(frozen=True)
class Trained:
    """A model that was trained, and the lines of the score board it comes with."""

    model: NewModel
    scores: list[NewScore]


@dataclass(frozen=True)
class Backtest:
    """A test on the past: the model trained at the cut-off, and how every family forecast what was opened after it."""

    moment: ForecastMoment
    trained: Trained
    scores: list[NewScore]


def train_all(known: Known) -> list[Trained]:
    """A model for each moment."""
    instant = to_epoch(known.as_of)
    trained = []
    for moment in TICKET_MOMENTS:
        learned = lessons(known.facts, moment, cut_off=instant, zone=known.zone)
        trained.append(_trained(learned, known.as_of)[0])
    trained.append(_train_periods(known))
    return trained


def _trained(learned: Lessons, as_of: datetime) -> tuple[Trained, Choice | None]:
    if not learned.can_be_learned:
        return Trained(_prior(learned, as_of), []), None
    choice, model = choose_model(learned), learn_model(learned)
    new = NewModel(
        moment=learned.moment,
        family=choice.published.family,
        trained_as_of=as_of,
        columns=(*NUMBERS, *learned.cases.codes),
        parameters={
            "settings": dict(choice.published.settings),
            "by_family": {family.value: dict(held.settings) for family, held in choice.by_family.items()},
            "weeks": choice.weeks,
            "overdue_after_seconds": learned.labels.limits,
        },
        disturbances=learned.disturbances,
        cases=int(learned.teachable.sum()),
        cases_left_out=learned.left_out,
        base_rate=model.training.encoder.average,
        inputs_digest=model.digest(),
    )
    scores = [
        NewScore(ScoreBasis.ROLLING_ORIGIN, family, family is choice.published.family, evaluate(said, choice.happened))
        for family, said in choice.forecasts.items()
    ]
    return Trained(new, scores), choice


def _prior(learned: Lessons, as_of: datetime) -> NewModel:
    """Too little to learn from: the smoothed base rate, so that abstaining forecasts have something to name."""
    cases, missed = int(learned.teachable.sum()), float(learned.missed[learned.teachable].sum())
    return NewModel(
        moment=learned.moment,
        family=ModelFamily.BASE_RATE,
        trained_as_of=as_of,
        columns=(),
        parameters={"abstention": Abstention.NO_MODEL.value},
        disturbances=learned.disturbances,
        cases=cases,
        cases_left_out=learned.left_out,
        base_rate=(missed + 1) / (cases + 2),
        inputs_digest=f"{cases}/{missed:.0f}",
    )


def _train_periods(known: Known) -> Trained:
    found = target_periods(known.current.log, known.promises, known.as_of)
    population = fit_population(histories(found))
    missed, closed = sum(held.missed_periods for held in found), sum(held.closed_periods for held in found)
    new = NewModel(
        moment=ForecastMoment.PERIOD,
        family=ModelFamily.STRUCTURAL,
        trained_as_of=known.as_of,
        columns=(),
        parameters={"population": asdict(population)},
        disturbances=(),
        cases=closed,
        cases_left_out=0,
        base_rate=(missed + 1) / (closed + 2),
        inputs_digest=f"{len(found)} targets, {closed} periods",
    )
    return Trained(new, [])


def backtest_all(known: Known, cut_off: datetime) -> list[Backtest]:
    """A test for each moment of tickets at which something could be learned by the cut-off and was opened after."""
    until, cut = to_epoch(known.as_of), to_epoch(cut_off)
    final = final_labels(known.facts, until)
    tests = []
    for moment in TICKET_MOMENTS:
        learned = lessons(known.facts, moment, cut_off=cut, zone=known.zone)
        trained, choice = _trained(learned, cut_off)
        moments = moments_of(known.facts, moment, until)
        after = (known.facts.log.opened_at[moments.ticket] >= cut) & final.final[moments.ticket]
        if choice is None or not after.any():
            continue
        asked = cases_of(known.facts, moment, moments[after], known.zone)
        happened = final.missed[asked.moments.ticket].astype(np.float64)
        model = learn_model(learned)
        said = {family: model.forecast(held, asked) for family, held in choice.by_family.items()}
        tests.append(
            Backtest(
                moment,
                trained,
                [
                    NewScore(
                        ScoreBasis.BACKTEST,
                        family,
                        family is choice.published.family,
                        evaluate(probabilities[of_age], happened[of_age]),
                        age,
                    )
                    for age in BACKTEST_AGES[moment]
                    for family, probabilities in said.items()
                    if (of_age := asked.moments.age == age).any()
                ],
            )
        )
    return tests
