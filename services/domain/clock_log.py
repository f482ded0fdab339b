"""What the clock engine is given: the promise of one target and a log of tickets seen through its conditions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.domain.vocabulary import ReopenPolicy, StartRule

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ClockDefinition:
    """What one target promises about one kind of span of a ticket's life.

    `duration` is business seconds. `limit_inclusive`: stopping at the due instant still keeps the promise; otherwise
    reaching it breaks it. `thresholds` are percents of the duration, in business time, whose crossing is reported.
    """

    duration: int
    limit_inclusive: bool = True
    start: StartRule = StartRule.FROM_OPENING
    retroactive_pause: bool = True
    reopen: ReopenPolicy = ReopenPolicy.NEW_CYCLE
    thresholds: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.duration <= 0:
            raise ValueError(f"duration: expected at least one business second, got {self.duration}")
        for position, percent in enumerate(self.thresholds):
            if percent <= 0:
                raise ValueError(f"thresholds.{position}: expected a percentage above 0, got {percent}")


@dataclass(frozen=True, eq=False)
class TicketLog:
    """Tickets and their events, events of one ticket together and in order.

    `opened_at` has one element per ticket, the others one per event: `ticket` indexes `opened_at`, the flags say what
    holds in the ticket's state after the event. Events before their ticket's opening count as happening at opening.
    """

    opened_at: Integers
    ticket: Integers
    at: Integers
    matches: Flags
    starts: Flags
    stops: Flags
    pauses: Flags
    resumes: Flags
    cancels: Flags

    def __post_init__(self) -> None:
        columns = (self.at, self.matches, self.starts, self.stops, self.pauses, self.resumes, self.cancels)
        if any(column.shape != self.ticket.shape for column in columns):
            raise ValueError("log: expected one value per event in every column")
        if not self.ticket.size:
            return
        if self.ticket.min() < 0 or self.ticket.max() >= self.opened_at.size:
            raise ValueError(f"ticket: expected indices below the number of tickets, {self.opened_at.size}")
        step = np.diff(self.ticket)
        unsorted = (step < 0) | ((step == 0) & (np.diff(np.maximum(self.at, self.opened_at[self.ticket])) < 0))
        if unsorted.any():
            event = int(np.argmax(unsorted)) + 1
            raise ValueError(f"log: expected events sorted by ticket, then instant; event {event} is out of order")
