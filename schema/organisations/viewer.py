"""Who asks: what a front end has to know of its user before it shows anything."""

import strawberry

from schema.context import Info
from schema.organisations.types import Account, Organisation, Party
from schema.planner.declarations import row, stored
from schema.vocabulary import AccessRole, Permission


@strawberry.type(description="Who you are to this API, and what you may do.")
class Viewer:
    """The caller."""

    name: str = strawberry.field(description="The name of the account you act as.")
    role: AccessRole = strawberry.field(description="Its role.")
    permissions: list[Permission] = strawberry.field(
        description="What you may do beyond reading. Offer nothing else, or it is a NotPermittedProblem."
    )
    account: Account | None = stored("The account; null for anonymous callers of a demo.")
    organisation: Organisation = stored("The organisation you act in.")
    party: Party | None = stored("The party to whose affairs you are confined; null if you see the whole organisation.")


def resolve_viewer(info: Info) -> Viewer:
    """From the token alone; what is selected below is read as usual."""
    actor = info.context.actor
    return Viewer(
        name=actor.name,
        role=actor.role,
        permissions=[permission for permission in Permission if actor.has(permission)],
        account=row(actor.account_id),
        organisation=row(actor.organisation_id),
        party=None if actor.party is None else row(actor.party.party_id),
    )
