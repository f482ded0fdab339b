"""The life cycle of clocks: from judged events to attachments, and from these to spans in which time counts or not.

An attachment is the stretch of events between a clock's attaching and its completion or cancellation. A run is what one
clock's figures are made of: one attachment, or several joined by reopening under RESUME and CONTINUOUS. The spans of a
run lie one after another without gaps, from the instant it counts from to its end. `services.domain.clock` states the
rules that are applied here.
"""

from dataclasses import dataclass

import numpy as np

from services.domain.clock_log import ClockDefinition, Flags, Integers, TicketLog
from services.domain.vocabulary import ReopenPolicy, StartRule

RUNNING, WAITING, STOPPED = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs ordered by ticket and time, and their spans: run `r` owns the spans `first[r]` up to `first[r + 1]`.

    `attach_event` and `end_event` (-1: still live) are positions in the log, as is `event`, at which a span begins (-1:
    the span from opening to the first event). `superseded`: a later run of the same ticket and cycle took its place.
    """

    ticket: Integers
    cycle: Integers
    attach_event: Integers
    end_event: Integers
    completed: Flags
    superseded: Flags
    first: Integers
    begin: Integers
    end: Integers
    state: Integers
    event: Integers


@dataclass(frozen=True, eq=False)
class _Events:
    """The log's events that have happened by now, with what follows from them for the ticket."""

    position: Integers
    ticket: Integers
    at: Integers
    first: Integers
    """Per event, the first event of its ticket."""
    last: Integers
    """Per event, the last event of its ticket."""
    matches: Flags
    starts: Flags
    stops: Flags
    cancels: Flags
    waiting: Flags
    """The ticket waits after the event."""
    reopens: Flags


def runs_of(definition: ClockDefinition, log: TicketLog, now: int) -> Runs:
    """Every run of the target's clocks, with what happened by `now`."""
    events = _events(log, now)
    live, attach, end = _attachments(definition, events)
    # Per attachment: does it follow one that completed, and does it go on with the same clock?
    ended = end >= 0
    completed = ended & events.stops[end]
    ticket = events.ticket[attach]
    same_ticket = _follows(ticket)
    after_completion = same_ticket & _previous(completed)
    cycles = definition.reopen is ReopenPolicy.NEW_CYCLE
    begins_run = ~after_completion if not cycles else np.ones(attach.size, np.bool_)
    begins_cycle = after_completion & cycles
    ordinal = np.cumsum(begins_cycle)
    cycle = 1 + ordinal - ordinal[_last_true(~same_ticket)]
    run_first = np.flatnonzero(begins_run)
    run_last = np.append(run_first[1:], attach.size)[: run_first.size] - 1
    run_ticket, run_cycle = ticket[run_first], cycle[run_first]
    same_cycle = _follows(run_ticket) & (run_cycle == np.roll(run_cycle, 1))
    end_event = end[run_last]
    first, begin, finish, state, event = _spans(definition, log, now, events, live, attach[run_first], end_event)
    return Runs(
        ticket=run_ticket,
        cycle=run_cycle,
        attach_event=events.position[attach[run_first]],
        end_event=_positions(events, end_event),
        completed=completed[run_last],
        superseded=np.append(same_cycle[1:], False)[: run_first.size],
        first=first,
        begin=begin,
        end=finish,
        state=state,
        event=_positions(events, event),
    )


def _events(log: TicketLog, now: int) -> _Events:
    at = np.maximum(log.at, log.opened_at[log.ticket])
    position = np.flatnonzero(at <= now)
    ticket, stops, resumes = log.ticket[position], log.stops[position], log.resumes[position]
    boundary = ~_follows(ticket)
    first = _last_true(boundary)
    last = np.append(np.flatnonzero(boundary)[1:], ticket.size)[np.cumsum(boundary) - 1] - 1
    return _Events(
        position=position,
        ticket=ticket,
        at=at[position],
        first=first,
        last=last,
        matches=log.matches[position],
        starts=log.starts[position],
        stops=stops,
        cancels=log.cancels[position],
        waiting=_lasting(log.pauses[position] & ~resumes & ~stops, resumes | stops, first),
        reopens=~boundary & _previous(stops) & ~stops,
    )


def _attachments(definition: ClockDefinition, events: _Events) -> tuple[Flags, Integers, Integers]:
    """Whether a clock is live after each event, and the events at which attachments begin and end (-1: still live)."""
    may_attach = events.matches & ~events.stops & ~events.cancels & (events.starts | events.reopens)
    must_end = events.stops | events.cancels | ~events.matches
    live = _lasting(may_attach, must_end, events.first)
    was_live = _previous(live) & (events.first != np.arange(events.at.size))
    attaches, ends = may_attach & ~was_live, must_end & was_live
    if definition.start is StartRule.FROM_OPENING:
        is_first = events.first == np.arange(events.at.size)
        stopped_at_first = is_first & events.matches & events.stops & ~events.cancels
        attaches, ends = attaches | stopped_at_first, ends | stopped_at_first
    attach, end = np.flatnonzero(attaches), np.flatnonzero(ends)
    # Attaching and ending alternate within a ticket, so the next end, if the ticket has one, is this attachment's.
    next_end = np.append(end, events.at.size)[np.searchsorted(end, attach)]
    return live, attach, np.where(next_end <= events.last[attach], next_end, -1)


def _spans(
    definition: ClockDefinition,
    log: TicketLog,
    now: int,
    events: _Events,
    live: Flags,
    attach: Integers,
    end_event: Integers,
) -> tuple[Integers, Integers, Integers, Integers, Integers]:
    """`first`, and for every span of the runs: begin, end, state, and the event it begins at."""
    origin, from_opening = _origins(definition, events, attach)
    stop = np.where(end_event >= 0, end_event, events.last[attach] + 1)
    count = stop - origin + from_opening
    first = np.concatenate(([0], np.cumsum(count)))
    run = np.repeat(np.arange(attach.size), count)
    within = np.arange(run.size) - first[run]
    event = origin[run] - from_opening[run] + within
    is_opening = from_opening[run] & (within == 0)
    safe = np.where(is_opening, origin[run], event)
    begin = np.where(is_opening, log.opened_at[events.ticket[safe]], events.at[safe])
    following = np.minimum(safe + 1, events.at.size - 1) if run.size else safe
    until_next = np.where(safe == events.last[safe], now, events.at[following])
    end = np.where(is_opening, events.at[safe], until_next)

    before_attaching = safe < attach[run]
    stopped = np.where(before_attaching, events.stops[safe], ~live[safe])
    waiting = events.waiting[safe] & (~before_attaching | definition.retroactive_pause)
    state = np.where(stopped, STOPPED, np.where(waiting, WAITING, RUNNING))
    return first, begin, end, np.where(is_opening, RUNNING, state), np.where(is_opening, -1, event)


def _origins(definition: ClockDefinition, events: _Events, attach: Integers) -> tuple[Integers, Flags]:
    """The first event each run counts from, and whether it counts from the ticket's opening before that."""
    if definition.start is StartRule.FROM_MATCH:
        return attach, np.zeros(attach.size, np.bool_)
    first = events.first[attach]
    if definition.reopen is not ReopenPolicy.NEW_CYCLE:
        return first, np.ones(attach.size, np.bool_)
    last_reopening = _last_true(events.reopens)[attach]
    return np.maximum(first, last_reopening), last_reopening < first


def _lasting(begins: Flags, ends: Flags, first: Integers) -> Flags:
    """Whether the condition holds after each event: since the ticket's last event that began or ended it, it began."""
    decided = _last_true(begins | ends)
    return np.asarray((decided >= first) & begins[decided])


def _last_true(flags: Flags) -> Integers:
    """For each position, the last one up to it where the flag is set; -1 where there is none."""
    return np.maximum.accumulate(np.where(flags, np.arange(flags.size), -1))


def _previous(flags: Flags) -> Flags:
    return np.concatenate((np.zeros(1, np.bool_), flags[:-1]))[: flags.size]


def _follows(ticket: Integers) -> Flags:
    """Whether the element before belongs to the same ticket."""
    return np.concatenate((np.zeros(1, np.bool_), ticket[1:] == ticket[:-1]))[: ticket.size]


def _positions(events: _Events, index: Integers) -> Integers:
    """Positions in the log of these events; -1 stays -1."""
    return np.append(events.position, -1)[index]
