"""A model of tickets at one moment of their lives: from what was known at a cut-off to forecasts with reasons."""

import hashlib
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from services.forecasting.encoding import Encoder, log_odds
from services.forecasting.facts import TicketFacts, known_by
from services.forecasting.features import Cases, Floats, Moments, cases, openings, still_open
from services.forecasting.labels import Disturbance, Labels, disturbances, final_labels, undisturbed
from services.forecasting.learning import Candidate, Choice, Forecaster, TrainingCases, choose, learn, training_cases
from services.forecasting.rules import (
    SHORTEST_HISTORY,
    Association,
    ForecastMoment,
    Reason,
    ReasonCode,
    ticket_reasons,
    training_abstention,
)
from services.tickets.history import Flags

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
    facts: TicketFacts
    labels: Labels
    disturbances: tuple[Disturbance, ...]
    cases: Cases
    missed: Floats
    teachable: Flags

    @property
    def tickets(self) -> int:
        """Tickets that may be learned from."""
        return len(np.unique(self.cases.moments.ticket[self.teachable]))

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
    return Lessons(moment, cut_off, known, labels, tuple(found), seen, missed, teachable)


def can_learn(learned: Lessons) -> bool:
    """Whether there are tickets enough of both outcomes."""
    tickets = np.unique(learned.cases.moments.ticket[learned.teachable])
    return training_abstention(tickets=len(tickets), missed=int(learned.labels.missed[tickets].sum())) is None


def choose_model(learned: Lessons) -> Choice:
    """The model to publish, by weekly rolling origin within the lessons."""
    opened_at = learned.facts.log.opened_at
    teachable = opened_at[learned.cases.moments.ticket[learned.teachable]]
    history = int(np.ptp(teachable)) if len(teachable) else 0
    return choose(
        learned.cases,
        learned.missed,
        learned.teachable,
        opened_at[learned.cases.moments.ticket],
        cut_off=learned.cut_off,
        short_history=history < SHORTEST_HISTORY.total_seconds(),
    )


@dataclass(frozen=True, eq=False)
class TicketModel:
    """Forecasters learned from one set of lessons, on demand."""

    training: TrainingCases

    def digest(self) -> str:
        """A digest of what is learned from: the same lessons give the same digest, and the same forecasts."""
        parts = (self.training.matrix, self.training.missed)
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
    encoded = encoder.encode(asked) - average
    found: list[list[Association]] = [[] for _ in range(len(asked))]
    for place, (name, shares) in enumerate(encoder.shares.items()):
        codes = asked.codes[name].tolist()
        for case, (code, distance) in enumerate(zip(codes, encoded[:, place].tolist(), strict=True)):
            kind = CODES.get(name, ReasonCode.REGISTRATION)
            found[case].append(Association(kind, name, asked.words[name][code], float(shares[code]), distance))
    return found
