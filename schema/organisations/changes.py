"""Saying something new of the organisation and of who is in it."""

from typing import Annotated

import strawberry

from schema.mutation import Change, mutation
from schema.nodes import EXPECTED_VERSION
from schema.organisations.inputs import NAME
from schema.organisations.payloads import (
    DepartmentPayload,
    OrganisationPayload,
    PartyPayload,
    PersonPayload,
    UpdateDepartmentResult,
    UpdateOrganisationResult,
    UpdatePartyResult,
    UpdatePersonResult,
)
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given
from schema.vocabulary import PartyKind
from services.organisations import changes as commands


@strawberry.input(description="What is to be said of the organisation from now on.")
class UpdateOrganisationInput:
    """All of it."""

    name: str = strawberry.field(description=NAME)
    time_zone: str = strawberry.field(
        description="Its IANA time zone, such as `Europe/London`. Periods already judged stay as they were cut."
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="All that is to be said of a department from now on.")
class UpdateDepartmentInput:
    """All of it."""

    department_id: strawberry.ID = strawberry.field(description="The department.")
    name: str = strawberry.field(description=NAME)
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The department it belongs to; null: it is at the top."
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="All that is to be said of a party from now on.")
class UpdatePartyInput:
    """All of it."""

    party_id: strawberry.ID = strawberry.field(description="The party.")
    name: str = strawberry.field(description=NAME)
    kind: PartyKind = strawberry.field(description="Which side of agreements it stands on.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="All that is to be said of a person from now on; what is left out is no longer known.")
class UpdatePersonInput:
    """All of it."""

    person_id: strawberry.ID = strawberry.field(description="The person.")
    name: str = strawberry.field(description="Their name, at most 200 characters.")
    email: str | None = strawberry.field(default=None, description="Their e-mail address; null if unknown.")
    department_id: strawberry.ID | None = strawberry.field(
        default=None, description="Their department; null if they belong to none."
    )
    party_id: strawberry.ID | None = strawberry.field(
        default=None, description="The party they work for; null if they work for none."
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.type
class Changes:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Say anew what the organisation is called and in which zone its days are. Administrators only.")
    async def update_organisation(
        self,
        change: Change,
        given: Annotated[UpdateOrganisationInput, strawberry.argument(name="input", description="What to say.")],
    ) -> UpdateOrganisationResult:
        """See services.organisations.changes.change_organisation."""
        session, actor, now = change
        await commands.change_organisation(
            session,
            actor=actor,
            name=given.name,
            time_zone=given.time_zone,
            expected_version=given.expected_version,
            now=now,
        )
        return OrganisationPayload(organisation=row(actor.organisation_id))

    @mutation("Say anew what a department is; its key never changes. Administrators only.")
    async def update_department(
        self,
        change: Change,
        given: Annotated[UpdateDepartmentInput, strawberry.argument(name="input", description="What to say.")],
    ) -> UpdateDepartmentResult:
        """See services.organisations.changes.change_department."""
        session, actor, now = change
        department_id = referenced(actor, "Department", given.department_id)
        await commands.change_department(
            session,
            actor=actor,
            department_id=department_id,
            name=given.name,
            parent_id=referenced_if_given(actor, "Department", given.parent_id),
            expected_version=given.expected_version,
            now=now,
        )
        return DepartmentPayload(department=row(department_id))

    @mutation("Say anew what a party is; its key never changes. Administrators only.")
    async def update_party(
        self,
        change: Change,
        given: Annotated[UpdatePartyInput, strawberry.argument(name="input", description="What to say.")],
    ) -> UpdatePartyResult:
        """See services.organisations.changes.change_party."""
        session, actor, now = change
        party_id = referenced(actor, "Party", given.party_id)
        await commands.change_party(
            session,
            actor=actor,
            party_id=party_id,
            name=given.name,
            kind=given.kind,
            expected_version=given.expected_version,
            now=now,
        )
        return PartyPayload(party=row(party_id))

    @mutation("Say anew all there is to say of a person; their key never changes. Administrators only.")
    async def update_person(
        self,
        change: Change,
        given: Annotated[UpdatePersonInput, strawberry.argument(name="input", description="What to say.")],
    ) -> UpdatePersonResult:
        """See services.organisations.changes.change_person."""
        session, actor, now = change
        person_id = referenced(actor, "Person", given.person_id)
        await commands.change_person(
            session,
            actor=actor,
            person_id=person_id,
            name=given.name,
            email=given.email,
            department_id=referenced_if_given(actor, "Department", given.department_id),
            party_id=referenced_if_given(actor, "Party", given.party_id),
            expected_version=given.expected_version,
            now=now,
        )
        return PersonPayload(person=row(person_id))
