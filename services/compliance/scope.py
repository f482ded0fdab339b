"""Which breaches accounts of a party see."""

from services.agreements.scope import of_visible_target
from services.organisations.rules import PartyKind
from services.organisations.scope import exists
from services.tickets.scope import of_visible_ticket


def breach_in_scope(breach: str, kind: PartyKind) -> str:
    """The breaches of the party's targets: over periods, and on the party's tickets."""
    return f"{of_visible_target(breach, kind)} AND ({breach}.ticket_id IS NULL OR {of_visible_ticket(breach, kind)})"


def retraction_in_scope(retraction: str, kind: PartyKind) -> str:
    """The retractions of those breaches."""
    return exists("breach", "scoped_breach", f"{retraction}.breach_id", breach_in_scope, kind)
