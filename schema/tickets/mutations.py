"""Recording what happens to tickets."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import strawberry

from schema.bulk import MODE, BulkItem, refused_item
from schema.mutation import Change, Refusal, mutation
from schema.planner.declarations import row, stored
from schema.planner.identity import encode_global_id
from schema.references import referenced_if_given
from schema.tickets.types import Ticket
from schema.vocabulary import BulkMode, Outcome, TicketState
from services.compliance import commands
from services.errors import Invalid, ServiceError
from services.tickets.commands import Recorded
from services.tickets.reported import ReportedEvent

_WORD = "as its source spells it, at most 255 characters; null if it does not say"


@strawberry.input(description="One column of an event's source.")
class AttributeInput:
    """A name and a value."""

    name: str = strawberry.field(description="The source's name for it.")
    value: str = strawberry.field(description="Its value as text, at most 10,000 characters.")


@strawberry.input(
    description="An update of a ticket: the state it led to, and how it left the ticket. Known to us from the call on."
)
class TicketEventInput:
    """See services.tickets.reported.ReportedEvent."""

    ticket: str = strawberry.field(description="The ticket's number in its source; an unknown one opens the ticket.")
    occurred_at: datetime = strawberry.field(description="When it happened; not in the future.")
    state: TicketState = strawberry.field(description="The state it led to.")
    opened_at: datetime | None = strawberry.field(
        default=None, description="When the ticket was opened, for its first event; null: when this event happened."
    )
    sequence: int = strawberry.field(
        default=0, description="Orders events of the same instant, 0 or more, and tells them apart."
    )
    key: str | None = strawberry.field(
        default=None,
        description="Names the event within its ticket. Known with the same content, it changes nothing; with other "
        "content it is a Conflict. Null: sequence and instant.",
    )
    priority: str | None = strawberry.field(default=None, description=f"The priority after it, {_WORD}.")
    category: str | None = strawberry.field(default=None, description=f"The category after it, {_WORD}.")
    subcategory: str | None = strawberry.field(default=None, description=f"The subcategory after it, {_WORD}.")
    team: str | None = strawberry.field(default=None, description=f"The team after it, {_WORD}.")
    assignee: str | None = strawberry.field(default=None, description=f"The person after it, {_WORD}.")
    resolved_at: datetime | None = strawberry.field(
        default=None, description="The instant of resolution the source states; null if it states none."
    )
    closed_at: datetime | None = strawberry.field(
        default=None, description="The instant of closing the source states; null if it states none."
    )
    recorded_outcome: Outcome | None = strawberry.field(
        default=None, description="MET or MISSED where the source states it; counts once the ticket is closed."
    )
    attributes: list[AttributeInput] = strawberry.field(
        default_factory=list, description="Whatever else the source says, at most 200 columns."
    )

    def reported(self) -> ReportedEvent:
        """The event as the domain takes it."""
        return ReportedEvent(
            ticket=self.ticket,
            occurred_at=self.occurred_at,
            state=self.state,
            opened_at=self.opened_at,
            sequence=self.sequence,
            key=self.key,
            priority=self.priority,
            category=self.category,
            subcategory=self.subcategory,
            team=self.team,
            assignee=self.assignee,
            resolved_at=self.resolved_at,
            closed_at=self.closed_at,
            recorded_outcome=self.recorded_outcome,
            attributes={attribute.name: attribute.value for attribute in self.attributes},
        )


@strawberry.input(description="An event to record.")
class RecordTicketEventInput:
    """One event."""

    service_id: strawberry.ID | None = strawberry.field(
        default=None, description="The service a new ticket is about; without one no promise applies to it."
    )
    event: TicketEventInput = strawberry.field(description="The event.")


@strawberry.input(description="Events to record.")
class RecordTicketEventsInput:
    """Several events."""

    service_id: strawberry.ID | None = strawberry.field(
        default=None, description="The service new tickets are about; without one no promise applies to them."
    )
    events: list[TicketEventInput] = strawberry.field(description="The events, 1 to 1,000.")
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.type(description="An event was recorded, or was known already.")
class RecordTicketEventPayload:
    """See recordTicketEvent."""

    is_new: bool = strawberry.field(description="Whether it was recorded now; false when it was known.")
    ticket: Ticket = stored("The ticket as it stands after it, its clocks computed.")


@strawberry.type(description="Events were recorded, or were known already.")
class RecordTicketEventsPayload:
    """See recordTicketEvents."""

    recorded: int = strawberry.field(description="How many were new.")
    known: int = strawberry.field(
        description="How many were known by their keys, with this content, and left as they were."
    )
    ticket_ids: list[strawberry.ID] = strawberry.field(
        description="The ids of the tickets, for `nodes`, in the order of their numbers."
    )
    refused: list[BulkItem] = strawberry.field(
        description="The events that cannot be recorded, with why; none, if all or nothing was asked for."
    )


RecordTicketEventResult = Annotated[
    RecordTicketEventPayload | Refusal,
    strawberry.union("RecordTicketEventResult", description="What recordTicketEvent answers."),
]
RecordTicketEventsResult = Annotated[
    RecordTicketEventsPayload | Refusal,
    strawberry.union("RecordTicketEventsResult", description="What recordTicketEvents answers."),
]


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Record an event of a ticket and compute its clocks. Role ingest or manager.")
    async def record_ticket_event(
        self,
        change: Change,
        given: Annotated[RecordTicketEventInput, strawberry.argument(name="input", description="The event.")],
    ) -> RecordTicketEventResult:
        """See services.compliance.commands.report_events."""
        try:
            recorded = await _record(change, [given.event], given.service_id)
        except Invalid as refused:
            # The domain speaks of a list of events; this input has one.
            problems = [replace(found, field=found.field.replace("events.0", "event", 1)) for found in refused.problems]
            raise Invalid(refused.message, problems) from None
        return RecordTicketEventPayload(is_new=recorded.new == 1, ticket=row(recorded.tickets[given.event.ticket]))

    @mutation("Record up to 1,000 events, all or each that can be, and compute the clocks. Role ingest or manager.")
    async def record_ticket_events(
        self,
        change: Change,
        given: Annotated[RecordTicketEventsInput, strawberry.argument(name="input", description="The events.")],
    ) -> RecordTicketEventsResult:
        """See services.compliance.commands.report_events and report_sound_events."""
        refused: dict[int, ServiceError] = {}
        if given.mode is BulkMode.PER_ITEM:
            recorded, refused = await commands.report_sound_events(
                change.session,
                actor=change.actor,
                events=[event.reported() for event in given.events],
                service_id=referenced_if_given(change.actor, "Service", given.service_id),
                now=change.now,
            )
        else:
            recorded = await _record(change, given.events, given.service_id)
        organisation_id = change.actor.organisation_id
        return RecordTicketEventsPayload(
            recorded=recorded.new,
            known=recorded.known,
            ticket_ids=[
                strawberry.ID(encode_global_id("Ticket", organisation_id, ticket_id))
                for _, ticket_id in sorted(recorded.tickets.items())
            ],
            refused=[refused_item(place, refusal, of="events") for place, refusal in refused.items()],
        )


async def _record(change: Change, events: list[TicketEventInput], service_id: strawberry.ID | None) -> Recorded:
    session, actor, now = change
    return await commands.report_events(
        session,
        actor=actor,
        events=[event.reported() for event in events],
        service_id=referenced_if_given(actor, "Service", service_id),
        now=now,
    )
