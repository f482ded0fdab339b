"""Facts planted into the stories of an organisation's tickets. Each changes stories and says which, and how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.domain.business_time import BusinessCalendar
from services.domain.instants import from_epoch
from services.domain.vocabulary import TicketState
from slm.reference.tickets import HOUR, Story, come_back
from slm.reference.truth import Plant, PlantedFact

UNDISTURBED = [TicketState.NEW, TicketState.IN_PROGRESS, TicketState.RESOLVED, TicketState.CLOSED]


@dataclass(frozen=True)
class Span:
    """A half-open span of epoch seconds."""

    start: int
    end: int

    def holds(self, instant: int) -> bool:
        """Whether the instant lies in the span."""
        return self.start <= instant < self.end


def pause_before_due(
    random: np.random.Generator, stories: Sequence[Story], calendars: Mapping[str, BusinessCalendar], *,
    team: str, strength: float, within: Span,
) -> PlantedFact:  # fmt: skip
    """Of a team's tickets about to be late, set that share to waiting from just before they fall due until the end."""
    changed = []
    for story in stories:
        calendar, promised = calendars[story.calendar], story.promised_hours * HOUR
        if story.team != team or story.path() != UNDISTURBED:
            continue
        taken_up, resolved = story.steps[1].at, story.steps[2].at
        pause = int(calendar.due(story.opened_at, int(promised * random.uniform(0.88, 0.98))))
        resume = resolved - int(random.uniform(60, 900))
        if not (taken_up < pause < resume and within.holds(pause)) or random.random() >= strength:
            continue
        resolution, closing = story.steps[2:]
        story.steps = story.steps[:2]
        story.enter(pause, TicketState.AWAITING_CUSTOMER)
        story.enter(resume, TicketState.IN_PROGRESS)
        story.steps += [resolution, closing]
        changed.append(story.key)
    return _fact(Plant.PAUSED_BEFORE_DUE, team, within, strength, changed)


def resolve_too_early(
    random: np.random.Generator, stories: Sequence[Story], calendars: Mapping[str, BusinessCalendar], *,
    team: str, strength: float, within: Span,
) -> PlantedFact:  # fmt: skip
    """Of a team's resolutions, let that share come back with more work to do."""
    changed = []
    for story in stories:
        once = story.path().count(TicketState.RESOLVED) == 1 and story.steps[-1].state is TicketState.CLOSED
        if story.team != team or not once or random.random() >= strength:
            continue
        if not within.holds(story.steps[-2].at + 2 * 24 * HOUR):  # it comes back within two days
            continue
        closing = story.steps.pop()
        unconfirmed = closing.at - story.steps[-1].at
        come_back(random, story, calendars[story.calendar])
        story.enter(story.steps[-1].at + unconfirmed, TicketState.CLOSED)
        changed.append(story.key)
    return _fact(Plant.RESOLVED_TOO_EARLY, team, within, strength, changed)


def stall_closing(
    random: np.random.Generator, stories: Sequence[Story], *, subject: str, within: Span
) -> PlantedFact:  # fmt: skip
    """Close nothing during the span; what was due to close is closed in the first working hours after it."""
    changed = []
    for story in stories:
        last = story.steps[-1]
        if last.state is TicketState.CLOSED and within.holds(last.at):
            last.at = within.end + 8 * HOUR + int(random.uniform(0, 4 * HOUR))
            changed.append(story.key)
    return _fact(Plant.CLOSING_STALL, subject, within, 1.0, changed)


def _fact(plant: Plant, subject: str, within: Span, strength: float, tickets: list[str]) -> PlantedFact:
    starts_at, ends_at = from_epoch(within.start), from_epoch(within.end)
    identity = f"{plant.value}:{subject.lower().replace(' ', '-')}:{starts_at.date().isoformat()}"
    return PlantedFact(identity, plant, subject, starts_at, ends_at, strength, tuple(tickets))
