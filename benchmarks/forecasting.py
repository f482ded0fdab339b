"""Forecasting 5,000 targets again in the middle of their periods, on one core.

Each target has twelve closed periods; what all have in common was fitted before, as training does. A forecast is the
probability of missing the objective with its interval, the interval of the attainment, abstention and reasons.
Training is measured on the whole of a real incident log, where that is at hand: facts, choice among the candidates week
by week, and the published model, for tickets at opening and for open ones. Times are the processor's: learning uses one
thread.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.harness import Measurement
from services.domain.instants import to_epoch
from services.domain.vocabulary import Outcome
from services.forecasting.facts import ATTRIBUTES, ticket_facts
from services.forecasting.rules import ForecastMoment, PeriodStanding, period_abstention, period_reasons
from services.forecasting.structural import (
    MICRO,
    Histories,
    Periods,
    Population,
    allowed_misses,
    fit_population,
    forecast_periods,
)
from services.forecasting.ticket_model import choose_model, learn_model, lessons
from services.tickets.sources.export import open_export

LOG = Path(__file__).resolve().parents[2] / "shared/data/uci_incident_log/incident_event_log.dev.csv.gz"
ALL_KNOWN = datetime(2016, 12, 31, tzinfo=UTC)
TARGETS = 5_000
PERIODS = 12
ROUNDS = 5


def run() -> list[Measurement]:
    past, now = _targets()
    begun = time.thread_time()
    population = fit_population(past)
    fitting = time.thread_time() - begun
    rounds = []
    for _ in range(ROUNDS):
        begun = time.thread_time()
        made = _forecast(population, past, now)
        rounds.append(time.thread_time() - begun)
        assert made == TARGETS
    return [
        Measurement(f"{TARGETS} targets forecast again", median(rounds), "s", floor=10, goal=5, smaller_is_better=True),
        Measurement(f"fitting what {TARGETS} targets have in common", fitting, "s", smaller_is_better=True),
        *_training(),
    ]


def _training() -> list[Measurement]:
    if not LOG.exists():
        print("the real incident log is not at hand; training is left out")
        return []
    rows = _rows()
    begun = time.process_time()
    facts = ticket_facts(rows)
    for moment in (ForecastMoment.OPENING, ForecastMoment.OPEN):
        learned = lessons(facts, moment, cut_off=to_epoch(ALL_KNOWN), zone=ZoneInfo("UTC"))
        published = choose_model(learned).published
        learn_model(learned).forecaster(published)
    took = time.process_time() - begun
    return [Measurement(f"training on {len(facts)} tickets", took, "s", floor=60, smaller_is_better=True)]


def _rows() -> list[tuple[Any, ...]]:
    """The log as `services.forecasting.queries` reads it."""
    events = [event for batch in open_export(LOG, now=datetime.now(UTC)).batches() for event in batch.events]
    events.sort(key=lambda event: (event.opened_at, event.ticket_key, event.occurred_at, event.sequence))
    ids = {key: UUID(int=place) for place, key in enumerate(dict.fromkeys(event.ticket_key for event in events))}
    return [
        (
            ids[event.ticket_key], None, to_epoch(event.opened_at), UUID(int=place), to_epoch(event.occurred_at),
            to_epoch(event.recorded_at), event.state, event.priority, event.category, event.subcategory, event.team,
            event.assignee, event.recorded_outcome, _seconds(event.recorded_resolved_at),
            _seconds(event.recorded_closed_at), True, event.ticket_key,
            event.synthesised,
            *(event.attributes.get(name) for name in ATTRIBUTES),
        )
        for place, event in enumerate(events)
    ]  # fmt: skip


def _seconds(instant: datetime | None) -> int | None:
    return None if instant is None else to_epoch(instant)


def _forecast(population: Population, past: Histories, now: Periods) -> int:
    made = forecast_periods(population, past, now)
    total = now.met + now.missed + np.rint(made.expected_rest).astype(np.int64)
    allowed = allowed_misses(total, now.objective).tolist()
    below = past.met * 100 * MICRO < now.objective[:, None] * past.decided
    missed_periods = below.sum(axis=1).tolist()
    complete = 0
    for place in range(TARGETS):
        standing = PeriodStanding(
            met=int(now.met[place]),
            missed=int(now.missed[place]),
            allowed=allowed[place],
            expected_rest=float(made.expected_rest[place]),
            objective_percent=float(now.objective[place]) / MICRO,
            missed_periods=missed_periods[place],
            closed_periods=PERIODS,
        )
        period_abstention(
            effective_cases=float(made.effective_cases[place]),
            closed_periods=PERIODS,
            low=float(made.low[place]),
            high=float(made.high[place]),
            definition_changed=False,
        )
        period_reasons(standing, Outcome.MISSED if made.decided[place] else None)
        complete += 1
    return complete


def _targets() -> tuple[Histories, Periods]:
    """Targets of 5 to 500 cases a period that keep 80 to 100 % of their promises, half-way through a period."""
    random = np.random.default_rng(2026)
    kept = random.beta(27, 3, TARGETS)[:, None]
    volume = np.exp(random.uniform(np.log(5), np.log(500), TARGETS))
    decided = random.poisson(volume[:, None], (TARGETS, PERIODS + 1))
    met = random.binomial(decided, random.beta(kept * 60, (1 - kept) * 60 + 1e-9, decided.shape))
    so_far = random.binomial(decided[:, -1], 0.5)
    met_so_far = random.hypergeometric(met[:, -1], decided[:, -1] - met[:, -1], so_far)
    objective = random.choice([90, 95, 98], TARGETS) * MICRO
    return Histories(met[:, :-1], decided[:, :-1]), Periods(
        met=met_so_far,
        missed=so_far - met_so_far,
        elapsed=np.full(TARGETS, 0.5),
        objective=objective,
        finished=np.zeros(TARGETS, dtype=np.bool_),
    )
