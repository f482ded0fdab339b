"""From what happened to tickets to the rows of their clocks, each with the timeline that explains it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from services.agreements.queries import TargetInForce
from services.domain.business_calendar import BeyondHorizon, NoOpenTime
from services.domain.business_time import CalendarDefinition, compile_covering
from services.domain.clock import ClockDefinition, Clocks, TicketLog, compute_clocks
from services.domain.instants import from_epoch, to_epoch
from services.domain.vocabulary import ClockTransitionKind, Outcome, StartRule
from services.errors import Invalid
from services.tickets.history import NONE, Flags, TicketHistory

THRESHOLDS = (50, 75, 90)
"""Percent of the target's business time at which a timeline marks the instant."""


class ClockRow(NamedTuple):
    """A clock as the table keeps it, without its id."""

    ticket_id: UUID
    target_id: UUID
    target_version_id: UUID
    calendar_version_id: UUID
    cycle: int
    status: str
    outcome: str
    started_at: datetime
    stopped_at: datetime | None
    due_at: datetime | None
    breached_at: datetime | None
    decided_at: datetime | None
    duration_seconds: int
    elapsed_seconds: int
    wall_clock_seconds: int
    paused_seconds: int
    timeline: list[dict[str, Any]]


@dataclass(frozen=True)
class Promise:
    """A definition of a target together with the calendar version that held with it."""

    target: TargetInForce
    calendar_version_id: UUID
    calendar: CalendarDefinition


def clock_rows(log: TicketHistory, promise: Promise, tickets: Flags, now: datetime) -> list[ClockRow]:
    """The clocks of one promise on the chosen tickets of a history, as they stand at `now`.

    Raises Invalid naming the target when its calendar never opens for as long as the target needs.
    """
    if not tickets.any():
        return []
    chosen, events, ticket_log = _ticket_log(log, promise.target, tickets)
    definition = ClockDefinition(
        duration=promise.target.duration_seconds,
        limit_inclusive=promise.target.limit_inclusive,
        start=promise.target.start_rule,
        retroactive_pause=promise.target.retroactive_pause,
        reopen=promise.target.reopen_policy,
        thresholds=THRESHOLDS,
    )
    instant = to_epoch(now)
    latest = max(instant, int(ticket_log.opened_at.max()), int(ticket_log.at.max()))
    try:
        calendar = compile_covering(
            promise.calendar, int(ticket_log.opened_at.min()), latest, promise.target.duration_seconds
        )
        clocks = compute_clocks(definition, calendar, ticket_log, instant)
    except (NoOpenTime, BeyondHorizon) as unusable:
        raise Invalid(f"target {promise.target.target_key!r} cannot be timed on its calendar: {unusable}") from unusable
    timelines = _timelines(clocks, log, promise.target, events)
    return _rows(clocks, [log.ticket_ids[ticket] for ticket in chosen], promise, timelines)


def _ticket_log(log: TicketHistory, target: TargetInForce, tickets: Flags) -> tuple[list[int], list[int], TicketLog]:
    events = np.flatnonzero(tickets[log.ticket])
    position = np.cumsum(tickets) - 1
    everything = np.ones(len(events), dtype=np.bool_)
    pauses = log.state.among(target.pause_states)
    matches = everything
    for selector, words in ((target.priorities, log.priority), (target.categories, log.category)):
        matches = matches & words.among(selector)[events] if selector else matches
    return (
        np.flatnonzero(tickets).tolist(),
        events.tolist(),
        TicketLog(
            opened_at=log.opened_at[tickets],
            ticket=position[log.ticket[events]],
            at=log.at[events],
            matches=matches,
            starts=log.state.among(target.start_states)[events] if target.start_states else everything,
            stops=log.state.among(target.stop_states)[events],
            pauses=pauses[events],
            resumes=(log.state.among(target.resume_states) if target.resume_states else ~pauses)[events],
            cancels=log.state.among(target.cancel_states)[events],
        ),
    )


def _rows(
    clocks: Clocks, ticket_ids: Sequence[UUID], promise: Promise, timelines: Sequence[list[dict[str, Any]]]
) -> list[ClockRow]:
    columns = zip(
        clocks.ticket.tolist(),
        clocks.cycle.tolist(),
        clocks.status.tolist(),
        clocks.outcome.tolist(),
        clocks.started_at.tolist(),
        clocks.stopped_at.tolist(),
        clocks.due_at.tolist(),
        clocks.breached_at.tolist(),
        clocks.elapsed.tolist(),
        clocks.wall.tolist(),
        clocks.paused.tolist(),
        timelines,
        strict=True,
    )
    return [
        ClockRow(
            ticket_id=ticket_ids[ticket],
            target_id=promise.target.target_id,
            target_version_id=promise.target.target_version_id,
            calendar_version_id=promise.calendar_version_id,
            cycle=cycle,
            status=status,
            outcome=outcome,
            started_at=from_epoch(started),
            stopped_at=_instant(stopped),
            due_at=_instant(due),
            breached_at=_instant(breached),
            decided_at=_instant(breached if outcome == Outcome.MISSED else stopped),
            duration_seconds=clocks.duration,
            elapsed_seconds=elapsed,
            wall_clock_seconds=wall,
            paused_seconds=paused,
            timeline=timeline,
        )
        for ticket, cycle, status, outcome, started, stopped, due, breached, elapsed, wall, paused, timeline in columns
    ]


def _instant(seconds: int) -> datetime | None:
    return None if seconds == NONE else from_epoch(seconds)


def _timelines(
    clocks: Clocks, log: TicketHistory, target: TargetInForce, events: Sequence[int]
) -> list[list[dict[str, Any]]]:
    """Per clock, what happened to it: the stored form of the API's clock transitions."""
    timelines: list[list[dict[str, Any]]] = [[] for _ in range(len(clocks.ticket))]
    transitions = clocks.transitions
    for clock, at, kind, business, wall, position, percent in zip(
        transitions.clock.tolist(),
        transitions.at.tolist(),
        transitions.kind.tolist(),
        transitions.business.tolist(),
        transitions.wall.tolist(),
        transitions.event.tolist(),
        transitions.percent.tolist(),
        strict=True,
    ):
        event = NONE if position == NONE else events[position]
        timelines[clock].append(
            {
                "at": from_epoch(at).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "kind": kind.value,
                "business_seconds": business,
                "wall_clock_seconds": wall,
                "percent": None if percent == NONE else percent,
                "event_id": None if event == NONE else str(log.event_ids[event]),
                "rule": _rule(kind, target, log, event, percent),
            }
        )
    return timelines


def _rule(kind: ClockTransitionKind, target: TargetInForce, log: TicketHistory, event: int, percent: int) -> str:
    """The rule of the target that made a transition, in words."""
    state = None if event == NONE else log.state[event]
    match kind:
        case ClockTransitionKind.START if target.start_rule is StartRule.FROM_OPENING:
            return "the target applies; it counts from the opening of the ticket"
        case ClockTransitionKind.START:
            return "the target applies; it counts from the event that made it apply"
        case ClockTransitionKind.PAUSE:
            return f"state {state} is among the states that pause: {', '.join(target.pause_states)}"
        case ClockTransitionKind.RESUME if target.resume_states:
            return f"state {state} is among the states that resume: {', '.join(target.resume_states)}"
        case ClockTransitionKind.RESUME:
            return f"state {state} is not among the states that pause: {', '.join(target.pause_states)}"
        case ClockTransitionKind.THRESHOLD:
            return f"{percent} % of {spelled(target.duration_seconds)} of business time"
        case ClockTransitionKind.BREACH:
            limit = "later is a breach" if target.limit_inclusive else "reaching it is a breach"
            return f"{spelled(target.duration_seconds)} of business time were used; {limit}"
        case ClockTransitionKind.STOP:
            return f"state {state} is among the states that stop: {', '.join(target.stop_states)}"
        case ClockTransitionKind.REOPEN:
            return f"the ticket left its stopping state for {state}; reopen policy {target.reopen_policy.value}"
        case ClockTransitionKind.CANCEL if state in target.cancel_states:
            return f"state {state} is among the states that cancel: {', '.join(target.cancel_states)}"
        case ClockTransitionKind.CANCEL:
            return (
                f"the target no longer applies: priority {log.priority[event]}, category {log.category[event]}"
                if event != NONE
                else "the target no longer applies"
            )


def spelled(seconds: int) -> str:
    """A span for people: `153 h`, `1 h 30 min`, `45 s`."""
    parts = (seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (seconds % 60, "s")
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "0 s"
