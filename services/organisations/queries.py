"""Finding organisations, callers and the holders of governance roles.

Reference tables have no row security, so every statement on them carries its own predicate.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.db import ReadSession
from services.errors import NotFound
from services.organisations.models import (
    Account,
    ApiToken,
    ApiTokenUse,
    DueOrganisation,
    Organisation,
    OrganisationKey,
    Party,
    Person,
    RoleAssignment,
)
from services.organisations.rules import (
    SYSTEM_ACCOUNT,
    AccessRole,
    Actor,
    GovernanceRole,
    PartyKind,
    PartyScope,
    Tenure,
    token_hash,
    token_is_valid,
)
from services.reader import Statement, StatementReader


async def find_organisation(session: ReadSession, *, key: str) -> UUID | None:
    """The id of the organisation with this key. Works in a session of no organisation."""
    statement = select(OrganisationKey.organisation_id).where(OrganisationKey.key == key)
    return (await session.execute(statement)).scalar_one_or_none()


async def organisation_key(session: ReadSession, *, organisation_id: UUID) -> str:
    """The key an organisation is named by. Raises NotFound for an unknown organisation."""
    statement = select(Organisation.key).where(Organisation.organisation_id == organisation_id)
    key = (await session.execute(statement)).scalar_one_or_none()
    if key is None:
        raise NotFound("there is no such organisation")
    return key


async def organisation_time_zone(session: ReadSession, *, organisation_id: UUID) -> str:
    """The IANA zone of the organisation's days and months. Raises NotFound for an unknown organisation."""
    statement = select(Organisation.time_zone).where(Organisation.organisation_id == organisation_id)
    time_zone = (await session.execute(statement)).scalar_one_or_none()
    if time_zone is None:
        raise NotFound("there is no such organisation")
    return time_zone


_BEARER = """
SELECT json_build_object(
    'organisation_id', account.organisation_id, 'account_id', account.id, 'name', account.name, 'role', account.role,
    'party_id', account.party_id, 'party_kind', account.party_kind,
    'token_id', api_token.id, 'expires_at', api_token.expires_at, 'revoked_at', api_token.revoked_at
)::text
FROM api_token
JOIN account ON account.id = api_token.account_id AND account.organisation_id = api_token.organisation_id
WHERE api_token.token_hash = $1
"""


async def authenticate(reader: StatementReader, *, token: str, now: datetime) -> Actor | None:
    """Who bears this token, or None if it is malformed, unknown, expired or revoked. One statement, no organisation.

    Every request asks for it, so it goes by the reader, which does nothing besides. Raises what that raises.
    """
    stored = token_hash(token)
    if stored is None:
        return None
    (found,) = await reader.read(None, [Statement(_BEARER, (stored,), "bearer")])
    if found is None or found[0] is None:
        return None
    told = orjson.loads(found[0])
    expires_at, revoked_at = _instant(told["expires_at"]), _instant(told["revoked_at"])
    if not token_is_valid(now=now, expires_at=expires_at, revoked_at=revoked_at):
        return None
    party = None
    if told["party_id"] is not None:
        party = PartyScope(UUID(told["party_id"]), PartyKind(told["party_kind"]))
    return Actor(
        UUID(told["organisation_id"]),
        UUID(told["account_id"]),
        told["name"],
        AccessRole(told["role"]),
        party,
        token_id=UUID(told["token_id"]),
        token_expires_at=expires_at,
    )


def _instant(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


async def party_by_key(session: ReadSession, organisation_id: UUID, *, key: str) -> UUID | None:
    """The id of the party with this key."""
    statement = select(Party.id).where(Party.organisation_id == organisation_id, Party.key == key)
    return (await session.execute(statement)).scalar_one_or_none()


@dataclass(frozen=True)
class TokenOverview:
    """What may be known of a token and of the account its bearer acts as."""

    id: UUID
    label: str
    account: str
    role: AccessRole
    party_key: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


async def api_tokens(session: ReadSession, organisation_id: UUID) -> list[TokenOverview]:
    """All tokens of the organisation, oldest first. One statement."""
    statement = (
        select(
            ApiToken.id, ApiToken.label, Account.name, Account.role, Party.key,
            ApiToken.created_at, ApiToken.expires_at, ApiToken.revoked_at, ApiTokenUse.last_used_at,
        )
        .join(Account, and_(Account.id == ApiToken.account_id, Account.organisation_id == organisation_id))
        .outerjoin(Party, and_(Party.id == Account.party_id, Party.organisation_id == organisation_id))
        .outerjoin(
            ApiTokenUse, and_(ApiTokenUse.token_id == ApiToken.id, ApiTokenUse.organisation_id == organisation_id)
        )
        .where(ApiToken.organisation_id == organisation_id)
        .order_by(ApiToken.created_at, ApiToken.id)
    )  # fmt: skip
    return [TokenOverview(*row) for row in await session.execute(statement)]


def token_last_used_at(token: str) -> str:
    """SQL text: when a token was last used, NULL if never. `$1` is the organisation."""
    return (
        "(SELECT used.last_used_at FROM api_token_use AS used"  # noqa: S608 - an alias, no input
        f" WHERE used.organisation_id = $1::uuid AND used.token_id = {token}.id)"
    )


async def system_actor(session: ReadSession, *, organisation_id: UUID) -> Actor:
    """The account the command line and the worker act as. Raises NotFound for an unknown organisation."""
    statement = select(Account).where(Account.organisation_id == organisation_id, Account.name == SYSTEM_ACCOUNT)
    account = (await session.execute(statement)).scalar_one_or_none()
    if account is None:
        raise NotFound("there is no such organisation")
    return _actor(account)


async def people_by_key(session: ReadSession, organisation_id: UUID) -> dict[str, UUID]:
    """The ids of all people on record. One statement."""
    statement = select(Person.key, Person.id).where(Person.organisation_id == organisation_id)
    return dict((await session.execute(statement)).tuples().all())


@dataclass(frozen=True)
class RoleHolder:
    """A person who holds a governance role, and since when."""

    person_id: UUID
    person_name: str
    role: GovernanceRole
    since: datetime


async def role_holders(
    session: ReadSession,
    organisation_id: UUID,
    *,
    at: datetime,
    role: GovernanceRole | None = None,
    person_id: UUID | None = None,
) -> list[RoleHolder]:
    """Who holds the role (every role if none is named) at an instant, longest first; or whether one person does."""
    assignments = (
        select(RoleAssignment)
        .ext(distinct_on(RoleAssignment.person_id, RoleAssignment.role))
        .where(RoleAssignment.organisation_id == organisation_id, RoleAssignment.valid_from <= at)
        .order_by(RoleAssignment.person_id, RoleAssignment.role, RoleAssignment.valid_from.desc())
    )
    if person_id is not None:
        assignments = assignments.where(RoleAssignment.person_id == person_id)
    latest = assignments.subquery()
    statement = (
        select(Person.id, Person.name, latest.c.role, latest.c.valid_from)
        .join(latest, and_(latest.c.person_id == Person.id, latest.c.organisation_id == Person.organisation_id))
        .where(
            Person.organisation_id == organisation_id,
            latest.c.organisation_id == organisation_id,
            latest.c.tenure == Tenure.HELD,
        )
        .order_by(latest.c.valid_from, Person.id, latest.c.role)
    )
    if role is not None:
        statement = statement.where(latest.c.role == role)
    return [RoleHolder(*row) for row in await session.execute(statement)]


def _actor(account: Account) -> Actor:
    party = None
    if account.party_id is not None and account.party_kind is not None:
        party = PartyScope(account.party_id, account.party_kind)
    return Actor(account.organisation_id, account.id, account.name, account.role, party)


async def due_organisations(
    session: ReadSession, *, now: datetime, limit: int, besides: Iterable[UUID] = ()
) -> list[UUID]:
    """Organisations with work due, longest waiting first. The one question asked of all organisations at once."""
    statement = (
        select(DueOrganisation.organisation_id)
        .where(DueOrganisation.due_at < now, DueOrganisation.organisation_id.not_in(list(besides)))
        .order_by(DueOrganisation.due_at)
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


async def organisations(session: ReadSession, *, after: UUID, limit: int) -> list[UUID]:
    """All organisations by id, those behind `after`. Asked of all at once."""
    statement = (
        select(OrganisationKey.organisation_id)
        .where(OrganisationKey.organisation_id > after)
        .order_by(OrganisationKey.organisation_id)
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


async def organisations_with_tickets(session: ReadSession, *, after: UUID, limit: int) -> list[UUID]:
    """Organisations whose tickets were ever settled, by id, those behind `after`. Asked of all at once."""
    statement = (
        select(DueOrganisation.organisation_id)
        .where(DueOrganisation.organisation_id > after)
        .order_by(DueOrganisation.organisation_id)
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


async def count_due(session: ReadSession, *, now: datetime) -> int:
    """In how many organisations work is due at `now`."""
    due = select(func.count()).select_from(DueOrganisation).where(DueOrganisation.due_at <= now)
    return (await session.execute(due)).scalar_one()


async def next_due(session: ReadSession) -> datetime | None:
    """When the next piece of work falls due in any organisation; None when nothing is scheduled."""
    return (await session.execute(select(func.min(DueOrganisation.due_at)))).scalar()
