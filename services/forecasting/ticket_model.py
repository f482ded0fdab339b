"""A model of tickets at one moment of their lives: from what was known at a cut-off to forecasts with reasons."""

import hashlib
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from services.forecasting.encoding import Encoder, log_odds
from services.forecasting.facts import TicketFacts, known_by
from services.forecasting.features import Cases, Floats, Moments, cases, openings, still_open
from services.forecasting.labels import Disturbance, Labels, disturbances, final_labels, undisturbed
from services.forecasting.learning import (
    Candidate,
    Choice,
    Forecaster,
    Origin,
    TrainingCases,
    choose,
    learn,
    training_cases,
)
from services.forecasting.rules import (
    SHORTEST_HISTORY,
    Association,
    ForecastMoment,
    Reason,
    ReasonCode,
    ticket_reasons,
    training_abstention,
)
from services.tickets.history import Flags, Integers

WEEK = 7 * 86_400
MOST_ORIGINS = 4
"""Weeks by which a model is chosen, at most: bounds what training costs however long the history is."""
SMALLEST_LABELLED_SHARE = 0.5
"""A week is tested on only when the outcomes of at least this share of its tickets are final: the first to become
final are the quick ones, so a week known in small part says little."""
CODES = {
    "priority": ReasonCode.PRIORITY,
    "impact": ReasonCode.PRIORITY,
    "urgency": ReasonCode.PRIORITY,
    "team": ReasonCode.TEAM,
    "assignee": ReasonCode.TEAM,
    "category": ReasonCode.CATEGORY,
    "subcategory": ReasonCode.CATEGORY,
    "u_symptom": ReasonCode.CATEGORY,
    "cmdb_ci": ReasonCode.CATEGORY,
    "caller_id": ReasonCode.REQUESTER,
    "location": ReasonCode.REQUESTER,
    "state": ReasonCode.STATE,
}
"""The kind of reason a column gives; columns not named say how the ticket was registered."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a cut-off teaches about one moment: cases, their outcomes, and which of them may be learned from."""

    moment: ForecastMoment
    cut_off: int
    zone: ZoneInfo
    facts: TicketFacts
    labels: Labels
    disturbances: tuple[Disturbance, ...]
    cases: Cases
    missed: Floats
    teachable: Flags

    @property
    def opened_at(self) -> Integers:
        """Per case, when its ticket was opened, in epoch seconds."""
        return self.facts.log.opened_at[self.cases.moments.ticket]

    @property
    def can_be_learned(self) -> bool:
        """Whether there are tickets enough of both outcomes."""
        tickets = np.unique(self.cases.moments.ticket[self.teachable])
        return training_abstention(tickets=len(tickets), missed=int(self.labels.missed[tickets].sum())) is None

    @property
    def has_short_history(self) -> bool:
        """Whether the tickets that may be learned from were opened within less than four weeks."""
        opened = self.opened_at[self.teachable]
        return not len(opened) or int(np.ptp(opened)) < SHORTEST_HISTORY.total_seconds()

    @property
    def left_out(self) -> int:
        """Tickets whose outcome was final and that were left out as disturbed."""
        of_case = self.cases.moments.ticket
        disturbed = self.labels.final[of_case] & ~self.teachable
        return len(np.unique(of_case[disturbed]))


def moments_of(facts: TicketFacts, moment: ForecastMoment, until: int) -> Moments:
    """Every moment of this kind by an instant."""
    return openings(facts) if moment is ForecastMoment.OPENING else still_open(facts, until=until)


def cases_of(facts: TicketFacts, moment: ForecastMoment, moments: Moments, zone: ZoneInfo) -> Cases:
    """What models of this moment see."""
    return cases(facts, moments, zone, with_state=moment is ForecastMoment.OPEN)


def lessons(facts: TicketFacts, moment: ForecastMoment, *, cut_off: int, zone: ZoneInfo) -> Lessons:
    """What can be learned at the cut-off (epoch seconds), from nothing recorded later."""
    known = known_by(facts, cut_off)
    labels = final_labels(known, cut_off)
    found = disturbances(known, cut_off, zone)
    seen = cases_of(known, moment, moments_of(known, moment, cut_off), zone)
    teachable = (labels.final & undisturbed(known.log.opened_at, found))[seen.moments.ticket]
    missed = labels.missed[seen.moments.ticket].astype(np.float64)
    return Lessons(moment, cut_off, zone, known, labels, tuple(found), seen, missed, teachable)


def choose_model(learned: Lessons) -> Choice:
    """The model to publish, by weekly rolling origin within the lessons."""
    return choose(rolling_origins(learned), short_history=learned.has_short_history)


def rolling_origins(learned: Lessons) -> list[Origin]:
    """The most recent weeks, counted back from the cut-off, whose tickets can be forecast as they would have been.

    Each week is forecast from the lessons of its own first instant: facts recorded, outcomes final, stalls visible by
    then. Only the outcomes it is tested by are known later, by the cut-off of all the lessons. A week is left out where
    too few of its outcomes are, and where little enough was known at its origin that the lookup would have been
    published untested: what learned models say there is not what anybody would have been told.
    """
    found: list[Origin] = []
    opened_at = learned.opened_at
    earliest = int(opened_at.min(initial=learned.cut_off))
    for start in range(learned.cut_off - WEEK, earliest, -WEEK):
        in_week = (opened_at >= start) & (opened_at < start + WEEK)
        tested = in_week & learned.teachable
        if tested.sum() < max(SMALLEST_LABELLED_SHARE * in_week.sum(), 1):
            continue
        then = lessons(learned.facts, learned.moment, cut_off=start, zone=learned.zone)
        if then.can_be_learned and not then.has_short_history:
            found.append(Origin(start, learn_model(then).training, learned.cases[tested], learned.missed[tested]))
        if len(found) == MOST_ORIGINS:
            break
    return found[::-1]


@dataclass(frozen=True, eq=False)
class TicketModel:
    """Forecasters learned from one set of lessons, on demand."""

    training: TrainingCases

    def digest(self) -> str:
        """A digest of what is learned from: the same lessons give the same digest, and the same forecasts."""
        parts = (self.training.all_columns, self.training.missed)
        return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()

    def forecast(self, candidate: Candidate, asked: Cases) -> Floats:
        """The probability that each ticket breaks its promise."""
        return self.forecaster(candidate)(asked)

    def forecaster(self, candidate: Candidate) -> Forecaster:
        """The forecaster of a candidate."""
        return learn(candidate, self.training)

    def reasons(self, asked: Cases) -> list[tuple[Reason, ...]]:
        """Per case, what its words are associated with."""
        encoder = self.training.encoder
        return [ticket_reasons(found, encoder.average) for found in _associations(encoder, asked)]


def learn_model(learned: Lessons) -> TicketModel:
    """The model of the lessons: encodings now, forecasters when asked for."""
    chosen = learned.teachable
    return TicketModel(training_cases(learned.cases[chosen], learned.missed[chosen]))


def _associations(encoder: Encoder, asked: Cases) -> list[list[Association]]:
    average = float(log_odds(encoder.average))
    found: list[list[Association]] = [[] for _ in range(len(asked))]
    for name, codes in asked.codes.items():
        kind = CODES.get(name, ReasonCode.REGISTRATION)
        _, shares = encoder.look_up((name,), asked)
        distances = log_odds(shares) - average
        for case, (code, share, distance) in enumerate(
            zip(codes.tolist(), shares.tolist(), distances.tolist(), strict=True)
        ):
            found[case].append(Association(kind, name, asked.words[name][code], share, distance))
    return found
