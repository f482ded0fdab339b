"""Which results accounts of a party see."""

from services.agreements.scope import of_visible_target
from services.organisations.rules import PartyKind
from services.organisations.scope import exists


def of_visible_result(row: str, kind: PartyKind) -> str:
    """What a result of the party's targets was before, what was signed of it, and what it comes to now."""
    return exists("period_result", "scoped_result", f"{row}.period_result_id", of_visible_target, kind)
