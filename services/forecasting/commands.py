"""Keeping what was learned and forecast: versions of models, forecasts, and their scores once outcomes are final."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import orjson
from sqlalchemy import insert

from services.db import WriteSession, execute, fetch, new_id
from services.forecasting.evaluation import Scores, evaluate
from services.forecasting.models import ForecastModel, ForecastScore
from services.forecasting.records import NewForecast, NewModel, NewScore
from services.forecasting.rules import (
    ForecastMoment,
    ForecastSubject,
    ModelFamily,
    ScoreBasis,
)
from services.organisations.rules import Actor, Permission

QUANTUM = Decimal("0.000001")

NEXT_VERSION = """
SELECT coalesce(max(version), 0) + 1 FROM forecast_model WHERE organisation_id = $1::uuid AND moment = $2::text
"""

SUPERSEDE = """
UPDATE forecast SET superseded_at = $2::timestamptz
WHERE organisation_id = $1::uuid AND superseded_at IS NULL AND as_of < $2::timestamptz
"""

INSERT_FORECASTS = """
INSERT INTO forecast (organisation_id, id, subject, moment, model_id, as_of, ticket_id, service_id, team, target_id,
                      target_version_id, period, period_start, period_end, probability, low, high, abstention, decided,
                      reasons, inputs, computed_at, outcome)
SELECT $1::uuid, x.*, $2::timestamptz, 'pending'
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::timestamptz[], $8::uuid[], $9::uuid[], $10::text[],
            $11::uuid[], $12::uuid[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::numeric[],
            $17::numeric[], $18::numeric[], $19::text[], $20::boolean[], $21::jsonb[], $22::jsonb[]) AS x
ON CONFLICT DO NOTHING
"""

FINAL_TICKETS = """
SELECT f.id, k.recorded_outcome, k.recorded_outcome_known_at, f.probability
FROM forecast f
JOIN ticket k ON k.organisation_id = $1::uuid AND k.id = f.ticket_id
WHERE f.organisation_id = $1::uuid AND f.outcome = 'pending' AND k.recorded_outcome IN ('met', 'missed')
  AND k.recorded_outcome_known_at <= $2::timestamptz
"""

FINAL_PERIODS = """
SELECT f.id, r.outcome, r.period_end, f.probability
FROM forecast f
JOIN period_result r ON r.organisation_id = $1::uuid AND r.target_id = f.target_id AND r.period = f.period
     AND r.period_start = f.period_start
WHERE f.organisation_id = $1::uuid AND f.outcome = 'pending' AND r.outcome IN ('met', 'missed')
  AND r.period_end <= $2::timestamptz
"""

SETTLE = """
UPDATE forecast SET outcome = x.outcome, outcome_at = x.at, squared_error = x.error
FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::numeric[]) AS x (id, outcome, at, error)
WHERE forecast.organisation_id = $1::uuid AND forecast.id = x.id
"""

SCORED = """
SELECT f.model_id, f.moment, m.family, f.probability, f.outcome = 'missed', m.base_rate
FROM forecast f
JOIN forecast_model m ON m.organisation_id = $1::uuid AND m.id = f.model_id
WHERE f.organisation_id = $1::uuid AND f.outcome IN ('met', 'missed') AND f.abstention IS NULL AND NOT f.decided
"""


@dataclass(frozen=True)
class Settled:
    """What scoring found: how many outcomes were final for the first time, and the lines added to the score board."""

    forecasts: int
    lines: list[NewScore] = field(default_factory=list)


async def keep_model(
    session: WriteSession, *, actor: Actor, model: NewModel, scores: Sequence[NewScore], now: datetime
) -> UUID:
    """Keep a new version of a model and how well its family and the others did. Returns its id."""
    actor.require(Permission.INGEST)
    version = (await fetch(session, NEXT_VERSION, actor.organisation_id, model.moment.value))[0][0]
    model_id = new_id()
    await session.execute(
        insert(ForecastModel).values(
            id=model_id,
            subject=ForecastSubject.PERIOD if model.moment is ForecastMoment.PERIOD else ForecastSubject.TICKET,
            moment=model.moment,
            version=version,
            family=model.family,
            trained_as_of=model.trained_as_of,
            columns=list(model.columns),
            parameters=dict(model.parameters),
            disturbances=[
                {"start": spelled(found.start), "end": spelled(found.end), "reason": found.reason}
                for found in model.disturbances
            ],
            cases=model.cases,
            cases_left_out=model.cases_left_out,
            base_rate=decimal(model.base_rate),
            inputs_digest=model.inputs_digest,
            **actor.stamps(now),
        )
    )
    for score in scores:
        await keep_score(
            session,
            actor=actor,
            model_id=model_id,
            moment=model.moment,
            score=score,
            as_of=model.trained_as_of,
            now=now,
        )
    return model_id


async def keep_score(
    session: WriteSession,
    *,
    actor: Actor,
    model_id: UUID,
    moment: ForecastMoment,
    score: NewScore,
    as_of: datetime,
    now: datetime,
) -> None:
    """Add a line to the score board."""
    actor.require(Permission.INGEST)
    found = score.scores
    await session.execute(
        insert(ForecastScore).values(
            organisation_id=actor.organisation_id,
            id=new_id(),
            model_id=model_id,
            basis=score.basis,
            moment=moment,
            family=score.family,
            published=score.published,
            age_seconds=score.age_seconds,
            as_of=as_of,
            forecasts=found.forecasts,
            happened=found.happened,
            mean_probability=decimal(found.mean_probability),
            brier=decimal(found.brier),
            log_loss=decimal(found.log_loss),
            auc=None if found.auc is None else decimal(found.auc),
            calibration_error=decimal(found.calibration_error),
            reliability=reliability_rows(found),
            computed_at=now,
        )
    )


async def keep_forecasts(
    session: WriteSession, *, actor: Actor, forecasts: Sequence[NewForecast], as_of: datetime, now: datetime
) -> int:
    """Keep forecasts made as of one instant; earlier ones are superseded. Repeating it changes nothing.

    Returns how many were new.
    """
    actor.require(Permission.INGEST)
    organisation_id = actor.organisation_id
    await execute(session, SUPERSEDE, organisation_id, as_of)
    rows = [_row(forecast, as_of) for forecast in forecasts]
    if not rows:
        return 0
    result = await execute(
        session, INSERT_FORECASTS, organisation_id, now, *(list(column) for column in zip(*rows, strict=True))
    )
    return result.rowcount


def _row(forecast: NewForecast, as_of: datetime) -> tuple[Any, ...]:
    bound = (None if value is None else decimal(value) for value in (forecast.low, forecast.high))
    return (
        new_id(),
        forecast.subject.value,
        forecast.moment.value,
        forecast.model_id,
        as_of,
        forecast.ticket_id,
        forecast.service_id,
        forecast.team,
        forecast.target_id,
        forecast.target_version_id,
        forecast.period,
        forecast.period_start,
        forecast.period_end,
        decimal(forecast.probability),
        *bound,
        None if forecast.abstention is None else forecast.abstention.value,
        forecast.decided,
        orjson.dumps(
            [asdict(reason) | {"log_odds": str(decimal(reason.log_odds))} for reason in forecast.reasons]
        ).decode(),
        orjson.dumps(dict(forecast.inputs)).decode(),
    )


async def settle_forecasts(session: WriteSession, *, actor: Actor, now: datetime) -> Settled:
    """Score every forecast whose outcome is final by now, and bring the live score board up to date."""
    actor.require(Permission.INGEST)
    organisation_id = actor.organisation_id
    final = [
        *await fetch(session, FINAL_TICKETS, organisation_id, now),
        *await fetch(session, FINAL_PERIODS, organisation_id, now),
    ]
    if not final:
        return Settled(0)
    errors = [decimal((float(probability) - (outcome == "missed")) ** 2) for _, outcome, _, probability in final]
    ids, outcomes, instants, _ = (list(column) for column in zip(*final, strict=True))
    await execute(session, SETTLE, organisation_id, ids, outcomes, instants, errors)
    by_model: dict[tuple[UUID, str, str], list[tuple[float, bool, float]]] = {}
    for model_id, moment, family, probability, missed, base_rate in await fetch(session, SCORED, organisation_id):
        by_model.setdefault((model_id, moment, family), []).append((float(probability), missed, float(base_rate)))
    lines = []
    for (model_id, moment, family), scored in by_model.items():
        said, happened, base = (np.array(column, dtype=np.float64) for column in zip(*scored, strict=True))
        for of_family, probabilities in {ModelFamily.BASE_RATE: base, ModelFamily(family): said}.items():
            line = NewScore(ScoreBasis.LIVE, of_family, of_family == family, evaluate(probabilities, happened))
            await keep_score(
                session, actor=actor, model_id=model_id, moment=ForecastMoment(moment), score=line, as_of=now, now=now
            )
            lines.append(line)
    return Settled(len(final), lines)


def decimal(value: float) -> Decimal:
    """A probability or score to six decimals, as it is stored."""
    return Decimal(value).quantize(QUANTUM)


def spelled(instant: datetime) -> str:
    """An instant as stored JSON spells it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def reliability_rows(scores: Scores) -> list[dict[str, Any]]:
    """The reliability table as stored JSON: decimals as text, shares from 0 to 1."""
    return [
        {
            "forecasts": found.forecasts,
            "happened": found.happened.count,
            "lowest": str(decimal(found.lowest)),
            "highest": str(decimal(found.highest)),
            "mean_probability": str(decimal(found.mean_probability)),
            "share": str((found.happened.percent or Decimal(0)) / 100),
            "share_low": str((found.happened.low_percent or Decimal(0)) / 100),
            "share_high": str((found.happened.high_percent or Decimal(0)) / 100),
        }
        for found in scores.reliability
    ]
