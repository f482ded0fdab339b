"""Forecasts at a glance: the targets most at risk of missing their objective, and what forecasts were worth."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.db import ReadSession, fetch
from services.forecasting.queries import AtRisk
from services.forecasting.rules import ForecastMoment, ModelFamily, ScoreBasis

ALL_BUT_CERTAIN = Decimal("0.995")
"""A running period that misses its objective with this probability cannot be turned by anything usual."""

TARGETS_AT_RISK = """
SELECT g.name, s.name, f.probability, f.low, f.high, f.reasons, f.as_of, f.period_end,
       NOT f.decided AND f.probability < $3::numeric,
       count(*) OVER (),
       count(*) FILTER (WHERE f.decided AND f.probability = 1) OVER (),
       count(*) FILTER (WHERE NOT f.decided AND f.probability >= $3::numeric) OVER ()
FROM forecast f
LEFT JOIN target g ON g.organisation_id = $1::uuid AND g.id = f.target_id
LEFT JOIN service s ON s.organisation_id = $1::uuid AND s.id = f.service_id
WHERE f.organisation_id = $1::uuid AND f.subject = 'period' AND f.superseded_at IS NULL AND f.outcome = 'pending'
  AND f.abstention IS NULL
ORDER BY NOT f.decided AND f.probability < $3::numeric DESC, f.probability DESC, f.period_end, f.id
LIMIT $2::bigint
"""

SCORE_BOARD = """
SELECT moment, basis, family, published, forecasts, brier, auc
FROM (
    SELECT moment, basis, family, published, forecasts, brier, auc,
           rank() OVER (PARTITION BY moment, basis ORDER BY as_of DESC, computed_at DESC) AS place
    FROM forecast_score
    WHERE organisation_id = $1::uuid AND age_seconds = 0 AND basis IN ('rolling_origin', 'live')
) latest
WHERE place = 1 AND (published OR family = 'base_rate')
ORDER BY moment, basis, published DESC
"""


@dataclass(frozen=True)
class TargetsAtRisk:
    """Running periods by risk: those whose outcome is still open, the highest risk first.

    `targets`: how many were forecast. `missed_already`: how many of them miss their objective whatever comes.
    `all_but_missed`: how many more do so with a probability of `ALL_BUT_CERTAIN` or above; neither are ranked. `as_of`
    is None where nothing was forecast.
    """

    targets: int
    missed_already: int
    all_but_missed: int
    as_of: datetime | None
    ranked: list[AtRisk]


@dataclass(frozen=True)
class BoardLine:
    """How good the published forecasts of a moment were, beside the base rate's. `brier`: smaller is better."""

    moment: ForecastMoment
    basis: ScoreBasis
    family: ModelFamily
    forecasts: int
    brier: float
    auc: float | None
    base_rate_brier: float | None


async def targets_at_risk(session: ReadSession, organisation_id: UUID, *, limit: int) -> TargetsAtRisk:
    """The running periods most likely to miss their objective. One statement."""
    rows = await fetch(session, TARGETS_AT_RISK, organisation_id, limit, ALL_BUT_CERTAIN)
    ranked = [
        AtRisk(
            ticket=None,
            target=target,
            service=service,
            team=None,
            probability=float(probability),
            low=None if low is None else float(low),
            high=None if high is None else float(high),
            reasons=[reason["sentence"] for reason in reasons],
            as_of=as_of,
            period_end=period_end,
        )
        for target, service, probability, low, high, reasons, as_of, period_end, is_open, *_ in rows
        if is_open
    ]
    if not rows:
        return TargetsAtRisk(0, 0, 0, None, [])
    targets, missed_already, all_but_missed = rows[0][9:]
    return TargetsAtRisk(targets, missed_already, all_but_missed, rows[0][6], ranked)


async def score_board(session: ReadSession, organisation_id: UUID) -> list[BoardLine]:
    """The latest line of each moment, live forecasts before those made week by week in training. One statement."""
    rows = await fetch(session, SCORE_BOARD, organisation_id)
    base_rates = {(row[0], row[1]): float(row[5]) for row in rows if row[2] == ModelFamily.BASE_RATE}
    lines = [
        BoardLine(
            ForecastMoment(moment),
            ScoreBasis(basis),
            ModelFamily(family),
            forecasts,
            float(brier),
            None if auc is None else float(auc),
            base_rates.get((moment, basis)),
        )
        for moment, basis, family, published, forecasts, brier, auc in rows
        if published
    ]
    live = {line.moment for line in lines if line.basis is ScoreBasis.LIVE}
    return [line for line in lines if line.basis is ScoreBasis.LIVE or line.moment not in live]


def forecast_is_decided(forecast: str) -> str:
    """Whether the outcome could no longer change when the forecast was made."""
    return f"{forecast}.decided"
