"""What mutations of the organisation are given."""

from datetime import datetime

import strawberry

from schema.bulk import ITEMS, MODE
from schema.vocabulary import AccessRole, BulkMode, GovernanceRole, PartyKind

KEY = (
    "Its short name, unique in the organisation: 1 to 63 of a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit."
)
NAME = "Its name for people, at most 200 characters."


@strawberry.input(description="A part of the organisation to create.")
class CreateDepartmentInput:
    """A department."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The department it belongs to; null at the top."
    )


@strawberry.input(description="A customer, internal team or supplier to create.")
class CreatePartyInput:
    """A party."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description=NAME)
    kind: PartyKind = strawberry.field(description="Which side of agreements it stands on.")


@strawberry.input(description="Several parties at once.")
class CreatePartiesInput:
    """Up to a thousand."""

    items: list[CreatePartyInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A person to create.")
class CreatePersonInput:
    """A person."""

    key: str = strawberry.field(description=KEY)
    name: str = strawberry.field(description="Their name, at most 200 characters.")
    email: str | None = strawberry.field(default=None, description="Their e-mail address; null if unknown.")
    department_id: strawberry.ID | None = strawberry.field(
        default=None, description="Their department; null if they belong to none."
    )
    party_id: strawberry.ID | None = strawberry.field(
        default=None, description="The party they work for; null if they work for none."
    )


@strawberry.input(description="Several people at once.")
class CreatePeopleInput:
    """Up to a thousand."""

    items: list[CreatePersonInput] = strawberry.field(description=ITEMS)
    mode: BulkMode = strawberry.field(default=BulkMode.ALL_OR_NOTHING, description=MODE)


@strawberry.input(description="A change in who holds a governance role.")
class RoleInput:
    """The beginning or the end of holding a role."""

    person_id: strawberry.ID = strawberry.field(description="The person.")
    role: GovernanceRole = strawberry.field(description="The role.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="The instant from which on this holds; null: from now on."
    )


@strawberry.input(description="An account to create: a person's sign-in or an integration.")
class CreateAccountInput:
    """An account."""

    name: str = strawberry.field(description="Its name, unique in the organisation, at most 200 characters.")
    role: AccessRole = strawberry.field(description="What it may do.")
    person_id: strawberry.ID | None = strawberry.field(
        default=None, description="The person who uses it; null for programs."
    )
    party_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The party it acts for, so that it sees only what concerns that party and its role is VIEWER; null:"
        " it sees the whole organisation. This can never be changed.",
    )


@strawberry.input(description="A bearer token to issue.")
class CreateApiTokenInput:
    """A token."""

    account_id: strawberry.ID = strawberry.field(description="The account the bearer acts as.")
    label: str = strawberry.field(description="What it is for, at most 200 characters.")
    expires_at: datetime | None = strawberry.field(
        default=None, description="The instant from which on it is refused; null: it does not expire."
    )


@strawberry.input(description="A bearer token to put another one in the place of.")
class RotateApiTokenInput:
    """A token."""

    token_id: strawberry.ID = strawberry.field(description="The token.")
    overlap_seconds: int = strawberry.field(
        default=0,
        description="For how long the token still admits beside the new one, so that its bearers can change over:"
        " 0 to 604800 seconds, a week.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None,
        description="The instant from which on the new one is refused; null: it lasts as long as the old one was made"
        " for.",
    )


@strawberry.input(description="A bearer token to revoke.")
class RevokeApiTokenInput:
    """A token."""

    token_id: strawberry.ID = strawberry.field(description="The token.")
