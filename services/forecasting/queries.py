"""Reads for forecasting: facts known by an instant, the models in use, and what was forecast."""
# ruff: noqa: S608 - put together from the fixed names of columns, no input

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.db import ReadSession, fetch
from services.forecasting.facts import ATTRIBUTES, LONGEST_HISTORY, TicketFacts, ticket_facts
from services.forecasting.rules import ForecastMoment, ForecastSubject, ModelFamily

FACTS = f"""
SELECT t.id, t.service_id, floor(extract(epoch FROM t.opened_at))::bigint,
       e.id, floor(extract(epoch FROM e.occurred_at))::bigint, ceil(extract(epoch FROM e.recorded_at))::bigint,
       e.state, e.priority, e.category, e.subcategory, e.team, e.assignee, e.recorded_outcome,
       floor(extract(epoch FROM e.resolved_at))::bigint, floor(extract(epoch FROM e.closed_at))::bigint,
       coalesce(i.states_resolution, false), t.key, e.synthesised,
       {", ".join(f"e.attributes->>'{name}'" for name in ATTRIBUTES)}
FROM ticket t
JOIN ticket_event e ON e.organisation_id = $1::uuid AND e.ticket_id = t.id AND e.recorded_at <= $2::timestamptz
LEFT JOIN ticket_import i ON i.organisation_id = $1::uuid AND i.id = e.import_id
WHERE t.organisation_id = $1::uuid AND t.opened_at >= $3::timestamptz AND t.opened_at <= $2::timestamptz
ORDER BY t.opened_at, t.key, e.occurred_at, e.sequence, e.key
"""

MODELS_IN_USE = """
SELECT DISTINCT ON (moment) id, moment, version, family, trained_as_of, parameters, base_rate, inputs_digest
FROM forecast_model
WHERE organisation_id = $1::uuid AND trained_as_of <= $2::timestamptz
ORDER BY moment, trained_as_of DESC, version DESC
"""

RELIABILITY = """
SELECT model_id, reliability FROM forecast_score
WHERE organisation_id = $1::uuid AND basis = 'rolling_origin' AND published AND model_id = ANY($2::uuid[])
"""

STALE = """
SELECT (SELECT max(recorded_at) FROM forecast_model WHERE organisation_id = $1::uuid),
       (SELECT max(as_of) FROM forecast WHERE organisation_id = $1::uuid)
"""

MOST_AT_RISK = """
SELECT k.key, g.name, s.name, f.team, f.probability, f.low, f.high, f.reasons, f.as_of, f.period_end
FROM forecast f
LEFT JOIN ticket k ON k.organisation_id = $1::uuid AND k.id = f.ticket_id
LEFT JOIN target g ON g.organisation_id = $1::uuid AND g.id = f.target_id
LEFT JOIN service s ON s.organisation_id = $1::uuid AND s.id = f.service_id
WHERE f.organisation_id = $1::uuid AND f.subject = $2::text AND f.superseded_at IS NULL AND f.outcome = 'pending'
  AND f.abstention IS NULL
ORDER BY f.probability_millionths DESC, f.id
LIMIT $3::bigint
"""


@dataclass(frozen=True)
class ModelInUse:
    """The newest version of a model, with the table by which its probabilities were checked."""

    id: UUID
    moment: ForecastMoment
    version: int
    family: ModelFamily
    trained_as_of: datetime
    parameters: dict[str, Any]
    base_rate: float
    inputs_digest: str
    reliability: list[dict[str, Any]]


@dataclass(frozen=True)
class AtRisk:
    """A current forecast, for a ranking."""

    ticket: str | None
    target: str | None
    service: str | None
    team: str | None
    probability: float
    low: float | None
    high: float | None
    reasons: list[str]
    as_of: datetime
    period_end: datetime | None


async def facts_known_by(
    session: ReadSession, organisation_id: UUID, instant: datetime, *, earliest: datetime
) -> TicketFacts:
    """Everything recorded by an instant that bears on any instant from `earliest` on. One statement.

    Parts of a second are rounded up: at no whole second before it was recorded is an event known, and what is known by
    an instant is the same whether it is read then or narrowed to it later.
    """
    since = min(instant, earliest) - LONGEST_HISTORY
    return ticket_facts(await fetch(session, FACTS, organisation_id, instant, since))


async def models_in_use(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime
) -> dict[ForecastMoment, ModelInUse]:
    """The model of each moment that had been trained by an instant, the latest one. Two statements."""
    rows = await fetch(session, MODELS_IN_USE, organisation_id, as_of)
    tables = dict(await fetch(session, RELIABILITY, organisation_id, [row[0] for row in rows]))
    return {
        ForecastMoment(moment): ModelInUse(
            model_id,
            ForecastMoment(moment),
            version,
            ModelFamily(family),
            trained_as_of,
            parameters,
            float(base_rate),
            digest,
            tables.get(model_id, []),
        )
        for model_id, moment, version, family, trained_as_of, parameters, base_rate, digest in rows
    }


async def last_runs(session: ReadSession, organisation_id: UUID) -> tuple[datetime | None, datetime | None]:
    """When a model was last trained, and as of when forecasts were last made. One statement."""
    ((trained, forecast),) = await fetch(session, STALE, organisation_id)
    return trained, forecast


async def most_at_risk(
    session: ReadSession, organisation_id: UUID, *, subject: ForecastSubject, limit: int
) -> list[AtRisk]:
    """The current forecasts of undecided outcomes with the highest probability of a breach. One statement."""
    rows = await fetch(session, MOST_AT_RISK, organisation_id, subject.value, limit)
    return [
        AtRisk(
            ticket=ticket,
            target=target,
            service=service,
            team=team,
            probability=float(probability),
            low=None if low is None else float(low),
            high=None if high is None else float(high),
            reasons=[reason["sentence"] for reason in reasons],
            as_of=as_of,
            period_end=period_end,
        )
        for ticket, target, service, team, probability, low, high, reasons, as_of, period_end in rows
    ]


def forecast_is_current(forecast: str) -> str:
    """Whether no later run replaced the forecast and its outcome is still open."""
    return f"({forecast}.superseded_at IS NULL AND {forecast}.outcome = 'pending')"
