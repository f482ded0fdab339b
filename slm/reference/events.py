"""What the ticket system writes down of a story: one event per step that has happened before `until`."""

from itertools import pairwise

from services.domain.business_time import BusinessCalendar
from services.domain.instants import from_epoch
from services.domain.vocabulary import Outcome, TicketState
from services.tickets.sources.records import TicketEventRecord
from slm.reference.organisation import TicketFact
from slm.reference.tickets import HOUR, Step, Story
from slm.reference.wexcombe_agreements import PRIORITIES

WORDS = {
    TicketState.NEW: "New",
    TicketState.IN_PROGRESS: "In Progress",
    TicketState.AWAITING_CUSTOMER: "Awaiting Caller",
    TicketState.AWAITING_SUPPLIER: "Awaiting Vendor",
    TicketState.RESOLVED: "Resolved",
    TicketState.CLOSED: "Closed",
    TicketState.CANCELLED: "Cancelled",
}
WAITING = (TicketState.AWAITING_CUSTOMER, TicketState.AWAITING_SUPPLIER)


def ticket_fact(story: Story, calendar: BusinessCalendar, until: int) -> TicketFact | None:
    """The story as known at `until` (epoch seconds); None when it had not been opened by then."""
    happened = [step for step in story.steps if step.at < until]
    events = tuple(_event(story, calendar, happened[: number + 1]) for number in range(len(happened)))
    return TicketFact(story.service, events) if events else None


def _event(story: Story, calendar: BusinessCalendar, so_far: list[Step]) -> TicketEventRecord:
    step, sequence = so_far[-1], len(so_far) - 1
    at = from_epoch(step.at)
    resolved = [earlier.at for earlier in so_far if earlier.state is TicketState.RESOLVED]
    settled = step.state in (TicketState.RESOLVED, TicketState.CLOSED)
    closed = step.state is TicketState.CLOSED
    return TicketEventRecord(
        ticket_key=story.key,
        sequence=sequence,
        event_key=f"{sequence}|{at.isoformat()}",
        occurred_at=at,
        recorded_at=at,
        opened_at=from_epoch(story.opened_at),
        state=step.state,
        priority=PRIORITIES[step.priority],
        impact=None,
        urgency=None,
        category=story.category,
        subcategory=story.subcategory,
        team=step.team,
        assignee=None if step.state is TicketState.NEW else story.assignee,
        customer=story.caller,
        contact_type=story.contact_type,
        location=None,
        recorded_outcome=_flag(story, calendar, so_far) if closed else None,
        recorded_resolved_at=from_epoch(resolved[-1]) if settled else None,
        recorded_closed_at=at if closed else None,
        attributes={
            "number": story.key,
            "incident_state": WORDS[step.state],
            "caller_id": story.caller,
            "contact_type": story.contact_type,
        },
    )


def _flag(story: Story, calendar: BusinessCalendar, so_far: list[Step]) -> Outcome:
    """The ticket system's own verdict, which flatters: it stops at the first resolution and when suppliers work."""
    end = next(step.at for step in so_far if step.state is TicketState.RESOLVED)
    spent = int(calendar.elapsed(story.opened_at, end))
    for step, following in pairwise(so_far):
        if step.state in WAITING and following.at <= end:
            spent -= int(calendar.elapsed(step.at, following.at))
    return Outcome.MET if spent <= story.promised_hours * HOUR else Outcome.MISSED
