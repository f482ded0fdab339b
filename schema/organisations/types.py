"""The organisation, its departments, parties and people, and the accounts that act for them."""

from datetime import datetime
from enum import Enum
from typing import Optional

import strawberry

from schema.nodes import Node, Recorded, Versioned
from schema.planner.declarations import any_id_of, any_of, column, expression, planned, to_many, to_one
from schema.planner.ordering import Order, ascending, descending
from schema.vocabulary import AccessRole, GovernanceRole, PartyKind, Tenure
from services.organisations import models
from services.organisations.queries import token_last_used_at

BY_START = Order(("valid_from",))


@planned(
    models.Organisation, description="The organisation whose service levels are managed; everything belongs to one."
)
class Organisation(Node, Recorded, Versioned):
    """A tenant."""

    key: str = column("Its short name, unique in this installation.")
    name: str = column("Its name for people.")
    time_zone: str = column("Its IANA time zone, used where nothing nearer says another, such as `Europe/London`.")


@planned(models.Department, description="A part of the organisation.")
class Department(Node, Recorded, Versioned):
    """A department."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    parent: Optional["Department"] = to_one("The department it belongs to; null at the top.", "parent_id")
    children: list["Department"] = to_many(
        "The departments directly below, by key.", "parent_id", order=Order(("key",))
    )


@planned(models.Party, description="A side of an agreement: a customer, an internal team or a supplier.")
class Party(Node, Recorded, Versioned):
    """A party."""

    key: str = column("Its short name, unique in the organisation.")
    name: str = column("Its name for people.")
    kind: PartyKind = column("Which side it stands on.")


@planned(models.RoleAssignment, description="An entry in the history of who holds which governance role.")
class RoleAssignment(Node, Recorded):
    """The beginning or the end of holding a role."""

    role: GovernanceRole = column("The role.")
    tenure: Tenure = column("Whether the person holds it from here on, or no longer.")
    valid_from: datetime = column("Since when. It lasts until the next entry of this person and role.")
    person: "Person" = to_one("Whose role it is.", "person_id")


@planned(models.Person, description="A person with a name.")
class Person(Node, Recorded, Versioned):
    """A person."""

    key: str = column("Their short name, unique in the organisation.")
    name: str = column("Their name.")
    email: str | None = column("Their e-mail address; null if unknown.")
    department: Department | None = to_one("Their department; null if they belong to none.", "department_id")
    party: Party | None = to_one("The party they work for; null if they work for none.", "party_id")
    role_assignments: list[RoleAssignment] = to_many(
        "Every entry about their governance roles, oldest first.", "person_id", order=BY_START
    )


@planned(models.ApiToken, description="A bearer token of an account. The token itself is shown once, when it is made.")
class ApiToken(Node):
    """What may be known of a token: never the token, nor its hash."""

    label: str = column("What it is for, in the words of who made it.")
    created_at: datetime = column("When it was made.")
    expires_at: datetime | None = column("From when on it is refused; null if it does not expire.")
    revoked_at: datetime | None = column("When it was revoked; null if it was not.")
    last_used_at: datetime | None = expression(
        token_last_used_at, "When it was last used, to about a minute; null if it never was."
    )
    replaces: Optional["ApiToken"] = to_one("The token it took the place of; null if of none.", "replaces_id")


@planned(
    models.Account, description="Someone or something that acts: a person's sign-in, an integration, this program."
)
class Account(Node):
    """An account."""

    name: str = column("Its name, unique in the organisation.")
    role: AccessRole = column("What it may do.")
    created_at: datetime = column("When it was made.")
    person: Person | None = to_one("The person who uses it; null for programs.", "person_id", optional=True)
    party: Party | None = to_one(
        "The party it acts for, so that it sees only what concerns that party; null if it sees the organisation.",
        "party_id",
    )
    tokens: list[ApiToken] = to_many(
        "Its tokens, oldest first, expired and revoked ones included.", "account_id", order=Order(("created_at",))
    )


@strawberry.enum(description="Orders of accounts.")
class AccountOrder(Enum):
    """By name, code point by code point."""

    NAME_ASC = ascending("name", description="By name, A to Z.")
    NAME_DESC = descending("name", description="By name, Z to A.")


@strawberry.input(description="Conditions on parties; all that are given must hold.")
class PartyFilter:
    """Which parties."""

    kind: list[PartyKind] | None = any_of("kind", "Of one of these kinds.")


@strawberry.input(description="Conditions on people; all that are given must hold.")
class PersonFilter:
    """Which people."""

    department: list[strawberry.ID] | None = any_id_of("Department", "department_id", "Of one of these departments.")
    party: list[strawberry.ID] | None = any_id_of("Party", "party_id", "Working for one of these parties.")


@strawberry.input(description="Conditions on accounts; all that are given must hold.")
class AccountFilter:
    """Which accounts."""

    role: list[AccessRole] | None = any_of("role", "With one of these roles.")
