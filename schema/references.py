"""Global ids in the input of mutations."""

from uuid import UUID

from schema.planner.identity import decode_global_id
from schema.planner.refusal import Refused
from services.organisations.rules import Actor

NOTHING = UUID(int=0)
"""The id no row has."""


def referenced(actor: Actor, type_name: str, global_id: str) -> UUID:
    """The row an id names; `NOTHING` when it can name no such object of the actor's organisation.

    Malformed ids, ids of other types and of other organisations look like ids of what does not exist, and the command
    that receives them says at which field that is.
    """
    try:
        identity = decode_global_id(global_id)
    except Refused:
        return NOTHING
    if identity.type_name != type_name or identity.organisation_id != actor.organisation_id:
        return NOTHING
    return identity.id


def referenced_if_given(actor: Actor, type_name: str, global_id: str | None) -> UUID | None:
    """The same for an id that may be left out."""
    return None if global_id is None else referenced(actor, type_name, global_id)
