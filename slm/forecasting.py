"""Training, forecasting, backtesting and scoring: facts are read, models learn in a thread, and rows are kept.

Only the worker and the command line import this module: it loads scikit-learn.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from services.db import Database
from services.domain.instants import to_epoch
from services.domain.vocabulary import Outcome
from services.errors import FieldProblem, Invalid
from services.forecasting.commands import (
    NewForecast,
    NewModel,
    NewScore,
    Settled,
    keep_forecasts,
    keep_model,
    keep_score,
    settle_forecasts,
)
from services.forecasting.evaluation import evaluate
from services.forecasting.facts import TicketFacts, known_by
from services.forecasting.features import NUMBERS, open_now
from services.forecasting.labels import final_labels
from services.forecasting.learning import Candidate, Choice
from services.forecasting.period_facts import TargetPeriod, histories, running, target_periods
from services.forecasting.queries import ModelInUse, facts_known_by, models_in_use
from services.forecasting.rules import (
    Abstention,
    ForecastMoment,
    ForecastSubject,
    ModelFamily,
    PeriodStanding,
    ScoreBasis,
    period_abstention,
    period_reasons,
)
from services.forecasting.structural import (
    Population,
    allowed_misses,
    fit_population,
    forecast_periods,
)
from services.forecasting.ticket_model import (
    Lessons,
    can_learn,
    cases_of,
    choose_model,
    learn_model,
    lessons,
    moments_of,
)
from services.organisations.queries import organisation_time_zone
from services.organisations.rules import Actor
from services.tickets.clocks import Promise
from services.tickets.history import Flags
from services.tickets.promises import promises

TICKET_MOMENTS = (ForecastMoment.OPENING, ForecastMoment.OPEN)
YOUNGEST_OPEN = 900
"""Seconds of age until which a ticket is forecast as at its opening."""
BACKTEST_AGES = {ForecastMoment.OPENING: (0,), ForecastMoment.OPEN: (900, 4 * 3600, 24 * 3600)}


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


async def read_known(database: Database, actor: Actor, as_of: datetime, *, earliest: datetime | None = None) -> Known:
    """The facts known by an instant, and the promises that hold for them, as they are defined today.

    `earliest` is the first instant at which something is to be learned from them.
    """
    async with database.reading(actor.organisation_id) as session:
        zone = ZoneInfo(await organisation_time_zone(session, organisation_id=actor.organisation_id))
        facts = await facts_known_by(session, actor.organisation_id, as_of, earliest=earliest or as_of)
        current = known_by(facts, to_epoch(as_of))
        held = await promises(session, actor.organisation_id, current.log) if len(current) else []
    return Known(as_of, zone, facts, current, held)


async def train(database: Database, *, actor: Actor, as_of: datetime, now: datetime) -> list[Trained]:
    """Train a model for each moment on what was known by `as_of`, and keep it as a new version."""
    known = await read_known(database, actor, as_of)
    trained = await asyncio.to_thread(_train_all, known)
    async with database.writing(actor.organisation_id) as session:
        for made in trained:
            await keep_model(session, actor=actor, model=made.model, scores=made.scores, now=now)
    return trained


async def forecast(database: Database, *, actor: Actor, as_of: datetime, now: datetime) -> list[NewForecast]:
    """Forecast every open ticket and every running period as of an instant, and keep what was said.

    Trains first where no model had been trained by then, or where other facts are known today about the time it was
    trained on: a model is only as good as the facts that give it again.
    """
    for _ in range(2):
        async with database.reading(actor.organisation_id) as session:
            models = await models_in_use(session, actor.organisation_id, as_of=as_of)
        earliest = min((used.trained_as_of for used in models.values()), default=as_of)
        known = await read_known(database, actor, as_of, earliest=earliest)
        made = await asyncio.to_thread(_forecast_all, known, models)
        if made is not None:
            async with database.writing(actor.organisation_id) as session:
                await keep_forecasts(session, actor=actor, forecasts=made, as_of=as_of, now=now)
            return made
        await train(database, actor=actor, as_of=as_of, now=now)
    raise RuntimeError("a model that was just trained is not the one its facts give")


async def backtest(
    database: Database, *, actor: Actor, cut_off: datetime, until: datetime, now: datetime
) -> list[Backtest]:
    """Train as of a past cut-off, forecast the tickets opened after it, and compare with what is known by `until`.

    Raises Invalid when nothing can be learned by the cut-off or nothing was opened after it.
    """
    known = await read_known(database, actor, until, earliest=cut_off)
    tests = await asyncio.to_thread(_backtest_all, known, cut_off)
    if not tests:
        problem = FieldProblem(
            "cut-off", "expected an instant with at least 200 finished tickets before it, some after"
        )
        raise Invalid("there is nothing to test", [problem])
    async with database.writing(actor.organisation_id) as session:
        for test in tests:
            model_id = await keep_model(
                session, actor=actor, model=test.trained.model, scores=test.trained.scores, now=now
            )
            for score in test.scores:
                await keep_score(
                    session, actor=actor, model_id=model_id, moment=test.moment, score=score, as_of=until, now=now
                )
    return tests


async def score(database: Database, *, actor: Actor, now: datetime) -> Settled:
    """Score forecasts whose outcomes have become final."""
    async with database.writing(actor.organisation_id) as session:
        return await settle_forecasts(session, actor=actor, now=now)


def _train_all(known: Known) -> list[Trained]:
    instant = to_epoch(known.as_of)
    trained = []
    for moment in TICKET_MOMENTS:
        learned = lessons(known.facts, moment, cut_off=instant, zone=known.zone)
        trained.append(_trained(learned, known.as_of)[0])
    trained.append(_train_periods(known))
    return trained


def _trained(learned: Lessons, as_of: datetime) -> tuple[Trained, Choice | None]:
    if not can_learn(learned):
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


def _forecast_all(known: Known, models: dict[ForecastMoment, ModelInUse]) -> list[NewForecast] | None:
    """Every forecast; None where a model is missing or the facts do not give it again."""
    if any(moment not in models for moment in ForecastMoment):
        return None
    made: list[NewForecast] = []
    for moment in TICKET_MOMENTS:
        tickets = _forecast_tickets(known, models[moment])
        if tickets is None:
            return None
        made += tickets
    return made + _forecast_periods(known, models[ForecastMoment.PERIOD])


def _forecast_tickets(known: Known, used: ModelInUse) -> list[NewForecast] | None:
    instant = to_epoch(known.as_of)
    open_tickets = open_now(known.current, instant)
    young = open_tickets.age < YOUNGEST_OPEN
    asked_moments = open_tickets[young if used.moment is ForecastMoment.OPENING else ~young]
    if "abstention" in used.parameters:
        abstaining = [used.base_rate] * len(asked_moments)
        return _ticket_rows(known, used, asked_moments.ticket.tolist(), abstaining, [()] * len(abstaining))
    learned = lessons(known.facts, used.moment, cut_off=to_epoch(used.trained_as_of), zone=known.zone)
    if not can_learn(learned) or (model := learn_model(learned)).digest() != used.inputs_digest:
        return None
    asked = cases_of(known.current, used.moment, asked_moments, known.zone)
    if not len(asked):
        return []
    said = model.forecast(Candidate(used.family, used.parameters["settings"]), asked)
    return _ticket_rows(known, used, asked_moments.ticket.tolist(), said.tolist(), model.reasons(asked))


def _ticket_rows(
    known: Known, used: ModelInUse, tickets: list[int], said: list[float], reasons: Sequence[Any]
) -> list[NewForecast]:
    log = known.current.log
    abstention = Abstention(used.parameters["abstention"]) if "abstention" in used.parameters else None
    rows = []
    for ticket, probability, why in zip(tickets, said, reasons, strict=True):
        last = int(log.first_event[ticket + 1]) - 1
        low, high = _checked(used.reliability, probability)
        rows.append(
            NewForecast(
                subject=ForecastSubject.TICKET,
                moment=used.moment,
                model_id=used.id,
                probability=probability,
                low=low,
                high=high,
                abstention=abstention,
                decided=False,
                reasons=why,
                inputs={
                    "events": last - int(log.first_event[ticket]) + 1,
                    "latest_event_id": str(log.event_ids[last]),
                    "age_seconds": to_epoch(known.as_of) - int(log.opened_at[ticket]),
                },
                ticket_id=log.ticket_ids[ticket],
                service_id=log.service_ids[ticket],
                team=log.team[last],
            )
        )
    return rows


def _checked(reliability: Sequence[dict[str, Any]], probability: float) -> tuple[float | None, float | None]:
    """How often forecasts of this size came true before (95 %), widened to the forecast itself; None if unchecked."""
    if not reliability:
        return None, None
    near = min(reliability, key=lambda held: abs(float(held["mean_probability"]) - probability))
    return min(float(near["share_low"]), probability), max(float(near["share_high"]), probability)


def _forecast_periods(known: Known, used: ModelInUse) -> list[NewForecast]:
    found = target_periods(known.current.log, known.promises, known.as_of)
    if not found:
        return []
    past, now = histories(found), running(found, known.as_of)
    made = forecast_periods(Population(**used.parameters["population"]), past, now)
    total = now.met + now.missed + np.rint(made.expected_rest).astype(np.int64)
    allowed = allowed_misses(total, now.objective)
    rows = []
    for place, held in enumerate(found):
        low, high = float(made.low[place]), float(made.high[place])
        decided = bool(made.decided[place])
        outcome = (Outcome.MISSED if made.probability[place] else Outcome.MET) if decided else None
        rows.append(
            NewForecast(
                subject=ForecastSubject.PERIOD,
                moment=ForecastMoment.PERIOD,
                model_id=used.id,
                probability=float(made.probability[place]),
                low=low,
                high=high,
                abstention=None if decided else _period_abstention(held, float(made.effective_cases[place]), low, high),
                decided=decided,
                reasons=period_reasons(_standing(held, int(allowed[place]), float(made.expected_rest[place])), outcome),
                inputs={
                    "met": held.met,
                    "missed": held.missed,
                    "allowed": int(allowed[place]),
                    "expected_rest": round(float(made.expected_rest[place]), 2),
                    "attainment_low": round(float(made.attainment_low[place]), 6),
                    "attainment_high": round(float(made.attainment_high[place]), 6),
                    "closed_periods": held.closed_periods,
                },
                service_id=held.target.service_id,
                target_id=held.target.target_id,
                target_version_id=held.target.target_version_id,
                period=held.target.period.value,
                period_start=held.period.start,
                period_end=held.period.end,
            )
        )
    return rows


def _period_abstention(held: TargetPeriod, effective: float, low: float, high: float) -> Abstention | None:
    return period_abstention(
        effective_cases=effective,
        closed_periods=held.closed_periods,
        low=low,
        high=high,
        definition_changed=held.definition_changed,
    )


def _standing(held: TargetPeriod, allowed: int, expected_rest: float) -> PeriodStanding:
    return PeriodStanding(
        met=held.met,
        missed=held.missed,
        allowed=allowed,
        expected_rest=expected_rest,
        objective_percent=float(held.target.objective_percent),
        missed_periods=held.missed_periods,
        closed_periods=held.closed_periods,
    )


def _backtest_all(known: Known, cut_off: datetime) -> list[Backtest]:
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
