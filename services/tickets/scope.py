"""Which tickets and clocks accounts of a party see."""

from services.agreements.scope import of_visible_target
from services.organisations.rules import PartyKind
from services.organisations.scope import exists, is_side


def of_visible_ticket(row: str, kind: PartyKind) -> str:
    """What belongs to a ticket the party works on or that concerns it, as its kind says."""
    return exists("ticket", "scoped_ticket", f"{row}.ticket_id", is_side, kind)


def clock_in_scope(clock: str, kind: PartyKind) -> str:
    """The clocks of the party's targets on the party's tickets.

    A ticket of the party may be timed by promises to others, and a target of the party on tickets of others: neither
    is its business.
    """
    return f"{of_visible_ticket(clock, kind)} AND {of_visible_target(clock, kind)}"
