"""What is forecast and by what, when not to forecast, and the reasons in words. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.domain.vocabulary import Outcome

FEWEST_TRAINING_TICKETS = 200
FEWEST_OF_EACH_OUTCOME = 30
"""Fewer tickets kept or broken than this say nothing that could be told apart from chance."""
SHORTEST_HISTORY = timedelta(days=28)
"""With less history than four weeks the lookup is published: learned models need more to beat it."""
FEWEST_EFFECTIVE_CASES = 10.0
FEWEST_CLOSED_PERIODS = 3
WIDEST_INTERVAL = 0.5
"""An 80 % interval of a probability wider than this says too little."""
LEAK_SUSPECTED_AUC = 0.87
"""A ranking of tickets at opening better than this is a leak until shown otherwise."""
STRONGEST_REASONS = 3
WEAKEST_LOG_ODDS = 0.2
"""A fact that moves the log-odds by less is no reason worth naming."""


class ForecastSubject(StrEnum):
    """What a forecast is about."""

    TICKET = "ticket"
    """Whether one ticket will break its promise."""
    PERIOD = "period"
    """Whether a target will miss its objective over a period."""


class ForecastMoment(StrEnum):
    """When in the life of its subject a model forecasts."""

    OPENING = "opening"
    """As a ticket's first event is recorded."""
    OPEN = "open"
    """While a ticket is open and unresolved."""
    PERIOD = "period"
    """While a period runs."""


class ModelFamily(StrEnum):
    """Ways of forecasting, from the plainest to the most elaborate."""

    BASE_RATE = "base_rate"
    LOOKUP = "lookup"
    SURVIVAL = "survival"
    LOGISTIC = "logistic"
    BOOSTED_TREES = "boosted_trees"
    LOG_ODDS_MEAN = "log_odds_mean"
    STRUCTURAL = "structural"


class ScoreBasis(StrEnum):
    """How the forecasts of a row of the score board were made."""

    ROLLING_ORIGIN = "rolling_origin"
    """Week by week within the training data; by it the published model is chosen."""
    BACKTEST = "backtest"
    """Trained at a past cut-off, tested on what was opened after it."""
    LIVE = "live"
    """Stored before the outcome was known, scored when it was final."""


class Abstention(StrEnum):
    """Why a number is no forecast: the prior is shown in its place."""

    NO_MODEL = "no_model"
    """Too few tickets with a known outcome to learn from."""
    TOO_FEW_CASES = "too_few_cases"
    """Too few decided cases and too few closed periods."""
    INTERVAL_TOO_WIDE = "interval_too_wide"
    """What is known allows almost any probability."""
    DEFINITION_CHANGED = "definition_changed"
    """The target means something else since this period began."""


class ReasonCode(StrEnum):
    """Kinds of reasons. A reason says what a forecast is associated with, never what causes it."""

    PRIORITY = "priority"
    TEAM = "team"
    CATEGORY = "category"
    REQUESTER = "requester"
    REGISTRATION = "registration"
    STATE = "state"
    ALLOWANCE_SPENT = "allowance_spent"
    ALLOWANCE_NEARLY_SPENT = "allowance_nearly_spent"
    REPEATED_MISSES = "repeated_misses"
    DECIDED = "decided"


@dataclass(frozen=True)
class Reason:
    """One reason: `log_odds` is how far the fact lies from the average, positive towards a breach; 0 for counts."""

    code: ReasonCode
    sentence: str
    log_odds: float


@dataclass(frozen=True)
class Association:
    """A fact about a ticket, and how often tickets with it broke their promise, shrunk towards the average."""

    code: ReasonCode
    column: str
    value: str | None
    share: float
    log_odds: float


def ticket_reasons(associations: list[Association], base_rate: float) -> tuple[Reason, ...]:
    """The strongest associations of a ticket in words, at most three, one of each kind."""
    strongest: dict[ReasonCode, Association] = {}
    for found in sorted(associations, key=lambda found: -abs(found.log_odds)):
        if abs(found.log_odds) >= WEAKEST_LOG_ODDS and found.value is not None:
            strongest.setdefault(found.code, found)
    return tuple(
        Reason(
            found.code,
            f"{found.column} {found.value}: {_said(f'{found.share:.0%}', f'{base_rate:.0%}')}",
            round(found.log_odds, 4),
        )
        for found in list(strongest.values())[:STRONGEST_REASONS]
    )


def _said(share: str, base_rate: str) -> str:
    return f"about {share} of such tickets breached, {base_rate} of all"


def sentence_pattern(words: Sequence[str]) -> str:
    """A regular expression, of Python and of PostgreSQL, for reasons of tickets whose value is one of these words.

    It finds them in stored JSON, where `words` are spelt as there without their quotes. What stands before the value
    and after it are groups 1 and 2: nothing but the name of a column, and nothing but the figures.
    """
    value = "|".join(re.escape(word) for word in words)
    return rf'("sentence": "[A-Za-z0-9_]+ )(?:{value})(: {_said("[0-9]+%", "[0-9]+%")}")'


@dataclass(frozen=True)
class PeriodStanding:
    """A target in its current period, in counts; `expected_rest` are the decisions still expected."""

    met: int
    missed: int
    allowed: int
    expected_rest: float
    objective_percent: float
    missed_periods: int
    closed_periods: int


def period_reasons(standing: PeriodStanding, decided: Outcome | None) -> tuple[Reason, ...]:
    """Why a period is likely or unlikely to miss its objective, in words and counts."""
    if decided is not None:
        return (Reason(ReasonCode.DECIDED, f"already decided: the objective is {decided.value}", 0.0),)
    reasons = []
    total = standing.met + standing.missed + standing.expected_rest
    counted = (
        f"{standing.missed} missed so far, {standing.allowed} allowed in about {total:.0f} "
        f"at an objective of {standing.objective_percent:g} %"
    )
    if standing.missed > standing.allowed:
        reasons.append(Reason(ReasonCode.ALLOWANCE_SPENT, counted, 0.0))
    elif 2 * standing.missed >= standing.allowed:
        reasons.append(Reason(ReasonCode.ALLOWANCE_NEARLY_SPENT, counted, 0.0))
    if standing.missed_periods and 3 * standing.missed_periods >= standing.closed_periods:
        sentence = f"{standing.missed_periods} of the last {standing.closed_periods} periods missed the objective"
        reasons.append(Reason(ReasonCode.REPEATED_MISSES, sentence, 0.0))
    return tuple(reasons)


def training_abstention(*, tickets: int, missed: int) -> Abstention | None:
    """Why no model of tickets can be learned from this many, or None."""
    fewest = min(missed, tickets - missed)
    too_few = tickets < FEWEST_TRAINING_TICKETS or fewest < FEWEST_OF_EACH_OUTCOME
    return Abstention.NO_MODEL if too_few else None


def period_abstention(
    *, effective_cases: float, closed_periods: int, low: float, high: float, definition_changed: bool
) -> Abstention | None:
    """Why a period should not be forecast, or None. `low` and `high` bound the probability's 80 % interval."""
    if definition_changed:
        return Abstention.DEFINITION_CHANGED
    if effective_cases < FEWEST_EFFECTIVE_CASES and closed_periods < FEWEST_CLOSED_PERIODS:
        return Abstention.TOO_FEW_CASES
    return Abstention.INTERVAL_TOO_WIDE if high - low > WIDEST_INTERVAL else None
