"""Which forecasts accounts of a party see."""

from services.agreements.scope import of_visible_target
from services.organisations.rules import PartyKind
from services.tickets.scope import of_visible_ticket


def forecast_in_scope(forecast: str, kind: PartyKind) -> str:
    """The forecasts about the party's tickets and about the periods of its targets."""
    about_ticket, about_target = of_visible_ticket(forecast, kind), of_visible_target(forecast, kind)
    return f"CASE {forecast}.subject WHEN 'ticket' THEN {about_ticket} ELSE {about_target} END"
