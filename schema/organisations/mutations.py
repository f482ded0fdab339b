"""Changing the organisation: departments, parties, people, roles, accounts and tokens."""

from datetime import timedelta
from typing import Annotated

import strawberry

from schema.bulk import bulk_answer, require_few
from schema.mutation import Change, mutation
from schema.organisations.changes import Changes
from schema.organisations.inputs import (
    CreateAccountInput,
    CreateApiTokenInput,
    CreateDepartmentInput,
    CreatePartiesInput,
    CreatePartyInput,
    CreatePeopleInput,
    CreatePersonInput,
    RevokeApiTokenInput,
    RoleInput,
    RotateApiTokenInput,
)
from schema.organisations.payloads import (
    AccountPayload,
    AssignRoleResult,
    CreateAccountResult,
    CreateApiTokenResult,
    CreateDepartmentResult,
    CreatePartiesResult,
    CreatePartyResult,
    CreatePeopleResult,
    CreatePersonResult,
    DepartmentPayload,
    EndRoleResult,
    IssuedTokenPayload,
    PartyPayload,
    PersonPayload,
    RevokeApiTokenResult,
    RevokedTokenPayload,
    RoleAssignmentPayload,
    RotateApiTokenResult,
)
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given
from services.organisations import commands, tokens
from services.organisations.rules import PartyEntry, PersonEntry


@strawberry.type
class Mutations(Changes):
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Create a department. Administrators only.")
    async def create_department(
        self,
        change: Change,
        given: Annotated[CreateDepartmentInput, strawberry.argument(name="input", description="The department.")],
    ) -> CreateDepartmentResult:
        """See services.organisations.commands.create_department."""
        session, actor, now = change
        created = await commands.create_department(
            session,
            actor=actor,
            key=given.key,
            name=given.name,
            parent_id=referenced_if_given(actor, "Department", given.parent_id),
            now=now,
        )
        return DepartmentPayload(department=row(created))

    @mutation("Create a customer, an internal team or a supplier. Administrators only.")
    async def create_party(
        self,
        change: Change,
        given: Annotated[CreatePartyInput, strawberry.argument(name="input", description="The party.")],
    ) -> CreatePartyResult:
        """See services.organisations.commands.create_party."""
        session, actor, now = change
        created = await commands.create_party(
            session, actor=actor, key=given.key, name=given.name, kind=given.kind, now=now
        )
        return PartyPayload(party=row(created))

    @mutation("Create a person. Administrators only.")
    async def create_person(
        self,
        change: Change,
        given: Annotated[CreatePersonInput, strawberry.argument(name="input", description="The person.")],
    ) -> CreatePersonResult:
        """See services.organisations.commands.create_person."""
        session, actor, now = change
        created = await commands.create_person(
            session,
            actor=actor,
            key=given.key,
            name=given.name,
            email=given.email,
            department_id=referenced_if_given(actor, "Department", given.department_id),
            party_id=referenced_if_given(actor, "Party", given.party_id),
            now=now,
        )
        return PersonPayload(person=row(created))

    @mutation("Say that a person holds a governance role from an instant on. Administrators only.")
    async def assign_role(
        self,
        change: Change,
        given: Annotated[RoleInput, strawberry.argument(name="input", description="Who, which role, since when.")],
    ) -> AssignRoleResult:
        """See services.organisations.commands.assign_role."""
        session, actor, now = change
        entry = await commands.assign_role(
            session,
            actor=actor,
            person_id=referenced(actor, "Person", given.person_id),
            role=given.role,
            valid_from=given.valid_from or now,
            now=now,
        )
        return RoleAssignmentPayload(role_assignment=row(entry))

    @mutation("Say that a person no longer holds a governance role from an instant on. Administrators only.")
    async def end_role(
        self,
        change: Change,
        given: Annotated[RoleInput, strawberry.argument(name="input", description="Who, which role, since when.")],
    ) -> EndRoleResult:
        """See services.organisations.commands.end_role."""
        session, actor, now = change
        entry = await commands.end_role(
            session,
            actor=actor,
            person_id=referenced(actor, "Person", given.person_id),
            role=given.role,
            valid_from=given.valid_from or now,
            now=now,
        )
        return RoleAssignmentPayload(role_assignment=row(entry))

    @mutation("Create an account that may act in the organisation. Administrators only.")
    async def create_account(
        self,
        change: Change,
        given: Annotated[CreateAccountInput, strawberry.argument(name="input", description="The account.")],
    ) -> CreateAccountResult:
        """See services.organisations.commands.create_account."""
        session, actor, now = change
        created = await commands.create_account(
            session,
            actor=actor,
            name=given.name,
            role=given.role,
            person_id=referenced_if_given(actor, "Person", given.person_id),
            party_id=referenced_if_given(actor, "Party", given.party_id),
            now=now,
        )
        return AccountPayload(account=row(created))

    @mutation("Issue a bearer token for an account. Administrators only.", shown_once=True)
    async def create_api_token(
        self,
        change: Change,
        given: Annotated[CreateApiTokenInput, strawberry.argument(name="input", description="The token.")],
    ) -> CreateApiTokenResult:
        """See services.organisations.tokens.create_api_token."""
        session, actor, now = change
        issued = await tokens.create_api_token(
            session,
            actor=actor,
            account_id=referenced(actor, "Account", given.account_id),
            label=given.label,
            expires_at=given.expires_at,
            now=now,
        )
        return IssuedTokenPayload(token=row(issued.id), secret=issued.secret)

    @mutation(
        "Put another bearer token in the place of one, which still admits for as long as asked. Administrators only.",
        shown_once=True,
    )
    async def rotate_api_token(
        self,
        change: Change,
        given: Annotated[RotateApiTokenInput, strawberry.argument(name="input", description="Which token, and how.")],
    ) -> RotateApiTokenResult:
        """See services.organisations.tokens.rotate_api_token."""
        session, actor, now = change
        issued = await tokens.rotate_api_token(
            session,
            actor=actor,
            token_id=referenced(actor, "ApiToken", given.token_id),
            overlap=timedelta(seconds=given.overlap_seconds),
            expires_at=given.expires_at,
            now=now,
        )
        return IssuedTokenPayload(token=row(issued.id), secret=issued.secret)

    @mutation("Refuse a bearer token from now on; revoking it again changes nothing. Administrators only.")
    async def revoke_api_token(
        self,
        change: Change,
        given: Annotated[RevokeApiTokenInput, strawberry.argument(name="input", description="Which token.")],
    ) -> RevokeApiTokenResult:
        """See services.organisations.tokens.revoke_api_token."""
        session, actor, now = change
        token_id = referenced(actor, "ApiToken", given.token_id)
        await tokens.revoke_api_token(session, actor=actor, token_id=token_id, now=now)
        return RevokedTokenPayload(token=row(token_id))

    @mutation("Create customers, internal teams and suppliers. Administrators only.")
    async def create_parties(
        self,
        change: Change,
        given: Annotated[CreatePartiesInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> CreatePartiesResult:
        """See services.organisations.commands.create_parties."""
        session, actor, now = change
        require_few(given.items)
        entries = [PartyEntry(item.key, item.name, item.kind) for item in given.items]
        outcomes = await commands.create_parties(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "Party", outcomes, given.mode)

    @mutation("Create people. Administrators only.")
    async def create_people(
        self,
        change: Change,
        given: Annotated[CreatePeopleInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> CreatePeopleResult:
        """See services.organisations.commands.create_people."""
        session, actor, now = change
        require_few(given.items)
        entries = [
            PersonEntry(
                item.key,
                item.name,
                item.email,
                referenced_if_given(actor, "Department", item.department_id),
                referenced_if_given(actor, "Party", item.party_id),
            )
            for item in given.items
        ]
        outcomes = await commands.create_people(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "Person", outcomes, given.mode)
