"""The life cycle of one ticket's clocks, stepped through event by event and minute by minute.

Written from the rules alone, for comparison with the engine: no arrays, and business time from open minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.domain.clock import ClockDefinition
from services.domain.vocabulary import ClockStatus, Outcome, ReopenPolicy, StartRule
from services.domain.vocabulary import ClockTransitionKind as Kind
from tests.services.domain.minutes import MINUTE, OpenMinutes
from tests.services.domain.tickets import Event

RUN, WAIT, STOP = "run", "wait", "stop"


@dataclass
class Span:
    begin: int
    kind: str
    event: int
    end: int = -1


@dataclass
class Clock:
    cycle: int
    attached_by: int
    spans: list[Span]
    status: ClockStatus = ClockStatus.RUNNING
    ended: tuple[Kind, int, int] | None = None
    breaches: list[int] = field(default_factory=list)
    """Of the clocks it superseded."""

    @property
    def live(self) -> bool:
        return self.status in (ClockStatus.RUNNING, ClockStatus.PAUSED)


@dataclass
class Figures:
    cycle: int
    status: ClockStatus
    outcome: Outcome
    started_at: int
    stopped_at: int
    elapsed: int
    wall: int
    paused: int
    due_at: int
    breached_at: int
    events: list[tuple[Kind, int, int]]
    """The transitions made by events: kind, instant, event."""
    computed: list[tuple[Kind, int, int]]
    """The computed ones, sorted: kind, instant, percent."""


class OneTicket:
    def __init__(self, definition: ClockDefinition, minutes: OpenMinutes) -> None:
        self.definition, self.minutes = definition, minutes

    def clocks(self, opened_at: int, events: Sequence[Event], now: int) -> list[Figures]:
        happened = [(max(at, opened_at), letters) for at, letters in events if max(at, opened_at) <= now]
        clocks: list[Clock] = []
        history = [Span(opened_at, RUN, -1)]
        waiting = was_stopped = False
        for index, (at, letters) in enumerate(happened):
            matches, starts, stops, pauses, resumes, cancels = (letter in letters for letter in "msxprc")
            history[-1].end = at
            current = clocks[-1] if clocks else None
            if current and current.spans[-1].end < 0 and (current.live or current.spans[-1].kind == STOP):
                current.spans[-1].end = at
            reopened = was_stopped and not stops
            if reopened and self.definition.reopen is ReopenPolicy.NEW_CYCLE:
                history = []
            if stops or resumes:
                waiting = False
            elif pauses:
                waiting = True

            may_attach = matches and not stops and not cancels and (starts or reopened)
            unseen = index == 0 and matches and stops and not cancels
            from_opening = self.definition.start is StartRule.FROM_OPENING
            if not (current and current.live) and (may_attach or (unseen and from_opening)):
                current = self._attach(clocks, history, index, at)
            if current and current.live:
                if stops:
                    current.status, current.ended = ClockStatus.COMPLETED, (Kind.STOP, at, index)
                elif cancels or not matches:
                    current.status, current.ended = ClockStatus.CANCELLED, (Kind.CANCEL, at, index)
                else:
                    current.status = ClockStatus.PAUSED if waiting else ClockStatus.RUNNING
                    current.spans.append(Span(at, WAIT if waiting else RUN, index))
            history.append(Span(at, STOP if stops else WAIT if waiting else RUN, index))
            was_stopped = stops
        if clocks and clocks[-1].live:
            clocks[-1].spans[-1].end = now
        return [self._figures(clock, now) for clock in clocks]

    def _attach(self, clocks: list[Clock], history: list[Span], index: int, at: int) -> Clock:
        last = clocks[-1] if clocks else None
        if last and last.status is ClockStatus.COMPLETED and self.definition.reopen is not ReopenPolicy.NEW_CYCLE:
            assert last.ended
            last.spans.append(Span(last.ended[1], STOP, last.ended[2], at))
            last.status, last.ended = ClockStatus.RUNNING, None
            return last
        clock = Clock(1, index, [])
        if last and last.status is ClockStatus.COMPLETED:
            clock.cycle = last.cycle + 1
        elif last:
            clock.cycle, clock.breaches = last.cycle, last.breaches
            broken_at = self._breach(last)
            if broken_at is not None:
                clock.breaches.append(broken_at)
            clocks.pop()
        if self.definition.start is StartRule.FROM_OPENING:
            ignore_waiting = not self.definition.retroactive_pause
            clock.spans = [
                Span(span.begin, RUN if span.kind == WAIT and ignore_waiting else span.kind, span.event, span.end)
                for span in history
            ]
        clocks.append(clock)
        return clock

    def _counts(self, span: Span) -> bool:
        return span.kind == RUN or (span.kind == STOP and self.definition.reopen is ReopenPolicy.CONTINUOUS)

    def _elapsed(self, clock: Clock) -> int:
        return sum(self.minutes.elapsed(span.begin, span.end) for span in clock.spans if self._counts(span))

    def _reached(self, clock: Clock, seconds: float) -> int | None:
        """The first minute at whose end that much business time has run; durations here are whole minutes."""
        passed = 0
        for span in clock.spans:
            if self._counts(span):
                for minute in range(span.begin, span.end, MINUTE):
                    passed += self.minutes.elapsed(minute, minute + MINUTE)
                    if passed >= seconds:
                        return minute + MINUTE
        return None

    def _breach(self, clock: Clock) -> int | None:
        due = self._reached(clock, self.definition.duration)
        if due is None:
            return None
        ran_on = any(span.end > due and span.end > span.begin for span in clock.spans if self._counts(span))
        return due if ran_on or not self.definition.limit_inclusive else None

    def _figures(self, clock: Clock, now: int) -> Figures:
        elapsed = self._elapsed(clock)
        due = self._reached(clock, self.definition.duration)
        breach = self._breach(clock)
        breaches = [*clock.breaches, *([breach] if breach is not None else [])]
        stopped_at = clock.ended[1] if clock.ended else -1
        if due is None:
            paused = clock.status is ClockStatus.PAUSED
            projected_from = stopped_at if clock.ended else now
            due = -1 if paused else self.minutes.due(projected_from, self.definition.duration - elapsed)
            assert due is not None
        by_status = {ClockStatus.COMPLETED: Outcome.MET, ClockStatus.CANCELLED: Outcome.NO_DATA}
        return Figures(
            cycle=clock.cycle,
            status=clock.status,
            outcome=Outcome.MISSED if breaches else by_status.get(clock.status, Outcome.PENDING),
            started_at=clock.spans[0].begin,
            stopped_at=stopped_at,
            elapsed=elapsed,
            wall=sum(span.end - span.begin for span in clock.spans if self._counts(span)),
            paused=sum(self.minutes.elapsed(span.begin, span.end) for span in clock.spans if span.kind == WAIT),
            due_at=due,
            breached_at=min(breaches, default=-1),
            events=self._told(clock),
            computed=self._computed(clock, breaches),
        )

    def _told(self, clock: Clock) -> list[tuple[Kind, int, int]]:
        told = [(Kind.START, clock.spans[0].begin, clock.attached_by)]
        before = RUN
        for span in clock.spans:
            kinds = {
                (RUN, WAIT): [Kind.PAUSE],
                (WAIT, RUN): [Kind.RESUME],
                (RUN, STOP): [Kind.STOP],
                (WAIT, STOP): [Kind.STOP],
                (STOP, RUN): [Kind.REOPEN],
                (STOP, WAIT): [Kind.REOPEN, Kind.PAUSE],
            }.get((before, span.kind), [])
            told += [(kind, span.begin, span.event) for kind in kinds]
            before = span.kind
        return [*told, *([clock.ended] if clock.ended else [])]

    def _computed(self, clock: Clock, breaches: list[int]) -> list[tuple[Kind, int, int]]:
        computed = [(Kind.BREACH, min(breaches), -1)] if breaches else []
        for percent in set(self.definition.thresholds):
            at = self._reached(clock, self.definition.duration * percent / 100)
            if at is not None:
                computed.append((Kind.THRESHOLD, at, percent))
        return sorted(computed)
