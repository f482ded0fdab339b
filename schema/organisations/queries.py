"""Root fields of the organisation."""

import strawberry

from schema.orders import KeyOrder
from schema.organisations.types import (
    Account,
    AccountFilter,
    AccountOrder,
    Department,
    Organisation,
    Party,
    PartyFilter,
    Person,
    PersonFilter,
)
from schema.organisations.viewer import Viewer, resolve_viewer
from schema.pagination import Connection
from schema.planner.declarations import connection, lookup


@strawberry.type
class Queries:
    """The organisation and who is in it."""

    viewer: Viewer = strawberry.field(
        resolver=resolve_viewer, description="Who you are, in which organisation, and what you may do."
    )
    organisation: Organisation = lookup("The organisation you act in.")
    department: Department | None = lookup(
        "A department by its key; null if there is none.", key=("key", str, "The key of the department.")
    )
    departments: Connection[Department] = connection("All departments.", order=KeyOrder.KEY_ASC)
    party: Party | None = lookup(
        "A party by its key; null if there is none.", key=("key", str, "The key of the party.")
    )
    parties: Connection[Party] = connection(
        "All customers, internal teams and suppliers.", order=KeyOrder.KEY_ASC, filter_by=PartyFilter
    )
    person: Person | None = lookup(
        "A person by their key; null if there is none.", key=("key", str, "The key of the person.")
    )
    people: Connection[Person] = connection("All people.", order=KeyOrder.KEY_ASC, filter_by=PersonFilter)
    account: Account | None = lookup(
        "An account by its name; null if there is none.", name=("name", str, "The name of the account.")
    )
    accounts: Connection[Account] = connection(
        "All accounts that act in the organisation.", order=AccountOrder.NAME_ASC, filter_by=AccountFilter
    )
