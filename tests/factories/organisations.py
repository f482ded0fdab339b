"""Organisations of a test's own, so that tests with real commits never meet."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.db import Database, new_id
from services.organisations.commands import create_account, create_person, ensure_organisation
from services.organisations.rules import AccessRole, Actor

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


def unique_key(prefix: str) -> str:
    """A key no other test uses."""
    return f"{prefix}-{new_id().hex}"


async def new_actor(database: Database, role: AccessRole = AccessRole.ADMINISTRATOR) -> Actor:
    """The system actor of a new organisation, or an account of it with another role."""
    system = await ensure_organisation(database, key=unique_key("organisation"), now=NOW)
    if role is AccessRole.ADMINISTRATOR:
        return system
    async with database.writing(system.organisation_id) as session:
        account_id = await create_account(session, actor=system, name=role.value, role=role, now=NOW)
    return replace(system, account_id=account_id, name=role.value, role=role)


async def new_person(database: Database, actor: Actor, key: str = "ann") -> UUID:
    """A person of the actor's organisation."""
    async with database.writing(actor.organisation_id) as session:
        return await create_person(session, actor=actor, key=key, name="Ann Example", now=NOW)
