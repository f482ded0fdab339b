"""Replacing a person by a pseudonym: what they did stays on record, who they were does not."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.audit.commands import erase_personal_values, erase_plain_values
from services.db import WriteSession, before_commit
from services.organisations.models import Account, ApiToken, Person
from services.organisations.rules import Actor, Permission
from services.rows import change_row, lock_row

PSEUDONYM_BYTES = 6


@dataclass(frozen=True)
class Pseudonymised:
    """What a person is called from now on, and how many of their accounts were closed."""

    key: str
    name: str
    accounts: int


async def pseudonymise_person(session: WriteSession, *, actor: Actor, person_id: UUID, now: datetime) -> Pseudonymised:
    """Take a person's name, key and e-mail address away, close their accounts, and empty what the trail says of them.

    The pseudonym is random: nothing leads back from it. Where they worked, what they held, approved, attended and
    decided stays, because it is the organisation's record. Tokens of their accounts are revoked; an account stays, as
    the one that recorded what it recorded. Doing it again gives another pseudonym. Raises NotFound. Where labels of
    their tokens are in entries of the trail, as earlier versions wrote them, only the owner of the tables can.
    """
    actor.require(Permission.ADMINISTER)
    person = await lock_row(session, Person, actor.organisation_id, person_id, noun="person")
    unknown = secrets.token_hex(PSEUDONYM_BYTES)
    key, name = f"former-{unknown}", f"Former person {unknown}"
    stamps = actor.stamps(now)
    await change_row(session, person, {"key": key, "name": name, "email": None}, stamps=stamps, recorded_anew=True)
    own = (Account.organisation_id == actor.organisation_id, Account.person_id == person_id)
    accounts = (await session.scalars(select(Account.id).where(*own).order_by(Account.id))).all()
    tokens: list[UUID] = []
    for number, account_id in enumerate(accounts, start=1):
        account = await lock_row(session, Account, actor.organisation_id, account_id, noun="account")
        await change_row(session, account, {"name": f"{key}-{number}"}, stamps=stamps)
        held = (ApiToken.organisation_id == actor.organisation_id, ApiToken.account_id == account_id)
        for token_id in (await session.scalars(select(ApiToken.id).where(*held).order_by(ApiToken.id))).all():
            token = await lock_row(session, ApiToken, actor.organisation_id, token_id, noun="token")
            revoked = {"label": key, "revoked_at": token.revoked_at or now}
            await change_row(session, token, revoked, stamps=stamps)
            tokens.append(token_id)

    async def erase(finished: WriteSession) -> None:
        whose: dict[str, Any] = {"organisation_id": actor.organisation_id, "person_id": person_id, "now": now}
        await erase_plain_values(finished, subject=ApiToken, subject_ids=tokens, **whose)
        await erase_personal_values(finished, **whose)

    # After the trail has noted these very changes, with what there was before.
    before_commit(session, erase)
    return Pseudonymised(key, name, len(accounts))
