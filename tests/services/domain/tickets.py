"""Ticket logs written briefly, for tests.

An event is an instant and the letters of what holds after it: `m` matches, `s` starts, `x` stops, `p` pauses, `r`
resumes, `c` cancels.
"""

from collections.abc import Sequence

import numpy as np

from services.domain.clock import TicketLog

Event = tuple[int, str]
Ticket = tuple[int, Sequence[Event]]
"""When it was opened, and its events."""


def log_of(*tickets: Ticket) -> TicketLog:
    events = [(index, at, letters) for index, (_, own) in enumerate(tickets) for at, letters in own]
    flags = {letter: np.array([letter in letters for _, _, letters in events], np.bool_) for letter in "msxprc"}
    return TicketLog(
        opened_at=np.array([opened for opened, _ in tickets], np.int64),
        ticket=np.array([ticket for ticket, _, _ in events], np.int64),
        at=np.array([at for _, at, _ in events], np.int64),
        matches=flags["m"],
        starts=flags["s"],
        stops=flags["x"],
        pauses=flags["p"],
        resumes=flags["r"],
        cancels=flags["c"],
    )
