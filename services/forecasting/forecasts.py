"""Forecasts of open tickets and running periods, by the models in use, from what is known at an instant."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from services.domain.instants import to_epoch
from services.domain.vocabulary import Outcome
from services.forecasting.features import open_now
from services.forecasting.learning import Candidate
from services.forecasting.period_facts import TargetPeriod, histories, running, target_periods
from services.forecasting.queries import ModelInUse
from services.forecasting.records import NewForecast
from services.forecasting.rules import (
    Abstention,
    ForecastMoment,
    ForecastSubject,
    PeriodStanding,
    period_abstention,
    period_reasons,
)
from services.forecasting.structural import (
    Population,
    allowed_misses,
    forecast_periods,
)
from services.forecasting.ticket_model import (
    cases_of,
    learn_model,
    lessons,
)
from services.forecasting.training import TICKET_MOMENTS, Known

YOUNGEST_OPEN = 900
"""Seconds of age until which a ticket is forecast as at its opening."""


def forecast_all(known: Known, models: dict[ForecastMoment, ModelInUse]) -> list[NewForecast] | None:
    """Every forecast, by a model for each moment; None where the facts do not give a model again."""
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
    if not learned.can_be_learned or (model := learn_model(learned)).digest() != used.inputs_digest:
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
