"""Tickets as facts, without a database: what `services.forecasting.facts` reads, made from a few words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from services.domain.vocabulary import Outcome, TicketState
from services.forecasting.facts import ATTRIBUTES, TicketFacts, ticket_facts


@dataclass(frozen=True)
class Happening:
    """One recorded event of a ticket; instants in epoch seconds. Without `occurred_at` it occurred when recorded."""

    ticket: int
    opened_at: int
    recorded_at: int
    state: TicketState = TicketState.NEW
    priority: str = "3"
    team: str = "desk"
    category: str = "mail"
    outcome: Outcome | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    occurred_at: int | None = None
    service_id: UUID | None = None
    synthesised: bool = False

    @property
    def at(self) -> int:
        """When it occurred."""
        return self.recorded_at if self.occurred_at is None else self.occurred_at


def facts_of(happenings: Iterable[Happening]) -> TicketFacts:
    """The facts, ordered as the database orders them."""
    ordered = sorted(happenings, key=lambda found: (found.opened_at, found.ticket, found.at))
    return ticket_facts(
        [
            (
                UUID(int=found.ticket + 1), found.service_id, found.opened_at, UUID(int=place + 1), found.at,
                found.recorded_at, found.state.value, found.priority, found.category, None, found.team, None,
                found.outcome, None, None, False, f"T{found.ticket}",
                found.synthesised,
                *(found.attributes.get(name) for name in ATTRIBUTES),
            )
            for place, found in enumerate(ordered)
        ]
    )  # fmt: skip
