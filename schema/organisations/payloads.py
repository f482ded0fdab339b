"""What mutations of the organisation answer."""

from typing import Annotated

import strawberry

from schema.bulk import BulkPayload
from schema.mutation import Refusal
from schema.organisations.types import Account, ApiToken, Department, Organisation, Party, Person, RoleAssignment
from schema.planner.declarations import stored


@strawberry.type(description="The organisation was written.")
class OrganisationPayload:
    """See updateOrganisation."""

    organisation: Organisation = stored("The organisation as it stands.")


@strawberry.type(description="A department was written.")
class DepartmentPayload:
    """See createDepartment."""

    department: Department = stored("The department as it stands.")


@strawberry.type(description="A party was written.")
class PartyPayload:
    """See createParty."""

    party: Party = stored("The party as it stands.")


@strawberry.type(description="A person was written.")
class PersonPayload:
    """See createPerson."""

    person: Person = stored("The person as they stand.")


@strawberry.type(description="An entry was added to the history of who holds which role.")
class RoleAssignmentPayload:
    """See assignRole and endRole."""

    role_assignment: RoleAssignment = stored("The entry.")


@strawberry.type(description="An account was written.")
class AccountPayload:
    """See createAccount."""

    account: Account = stored("The account as it stands.")


@strawberry.type(description="A bearer token was issued.")
class IssuedTokenPayload:
    """See createApiToken and rotateApiToken."""

    token: ApiToken = stored("What may be known of the token from now on.")
    secret: str = strawberry.field(
        description="The token itself, for the header `Authorization: Bearer`. It is shown here and never again."
    )


@strawberry.type(description="A bearer token was revoked.")
class RevokedTokenPayload:
    """See revokeApiToken."""

    token: ApiToken = stored("The token as it stands.")


CreateDepartmentResult = Annotated[
    DepartmentPayload | Refusal,
    strawberry.union("CreateDepartmentResult", description="What came of creating a department."),
]
CreatePartyResult = Annotated[
    PartyPayload | Refusal,
    strawberry.union("CreatePartyResult", description="What came of creating a party."),
]
CreatePersonResult = Annotated[
    PersonPayload | Refusal,
    strawberry.union("CreatePersonResult", description="What came of creating a person."),
]
AssignRoleResult = Annotated[
    RoleAssignmentPayload | Refusal,
    strawberry.union("AssignRoleResult", description="What came of assigning a role."),
]
EndRoleResult = Annotated[
    RoleAssignmentPayload | Refusal,
    strawberry.union("EndRoleResult", description="What came of ending the holding of a role."),
]
CreateAccountResult = Annotated[
    AccountPayload | Refusal,
    strawberry.union("CreateAccountResult", description="What came of creating an account."),
]
CreateApiTokenResult = Annotated[
    IssuedTokenPayload | Refusal,
    strawberry.union("CreateApiTokenResult", description="What came of issuing a token."),
]
RotateApiTokenResult = Annotated[
    IssuedTokenPayload | Refusal,
    strawberry.union("RotateApiTokenResult", description="What came of rotating a token."),
]
RevokeApiTokenResult = Annotated[
    RevokedTokenPayload | Refusal,
    strawberry.union("RevokeApiTokenResult", description="What came of revoking a token."),
]
CreatePartiesResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreatePartiesResult", description="What came of creating parties."),
]
CreatePeopleResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreatePeopleResult", description="What came of creating people."),
]
UpdateOrganisationResult = Annotated[
    OrganisationPayload | Refusal,
    strawberry.union("UpdateOrganisationResult", description="What came of saying something new of the organisation."),
]
UpdateDepartmentResult = Annotated[
    DepartmentPayload | Refusal,
    strawberry.union("UpdateDepartmentResult", description="What came of saying something new of a department."),
]
UpdatePartyResult = Annotated[
    PartyPayload | Refusal,
    strawberry.union("UpdatePartyResult", description="What came of saying something new of a party."),
]
UpdatePersonResult = Annotated[
    PersonPayload | Refusal,
    strawberry.union("UpdatePersonResult", description="What came of saying something new of a person."),
]
