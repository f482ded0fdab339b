"""`slm organisation` and `slm token`: the first tenants and callers of an installation."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from rich.console import Console
from rich.table import Table

from services.db import Database, ReadSession, new_id
from services.errors import FieldProblem, Invalid, NotFound
from services.organisations.commands import create_account
from services.organisations.commands import create_organisation as create
from services.organisations.queries import TokenOverview, api_tokens, find_organisation, party_by_key, system_actor
from services.organisations.rules import AccessRole, Actor, token_is_valid
from services.organisations.tokens import IssuedToken, create_api_token, revoke_api_token, rotate_api_token
from slm.running import run_with_database

console = Console(highlight=False, soft_wrap=True)


def create_organisation(key: str, *, name: str | None, time_zone: str) -> None:
    """Create an organisation and say its key. Conflict when the key is taken."""

    async def work(database: Database) -> None:
        organisation_id = new_id()
        async with database.writing(organisation_id) as session:
            await create(
                session,
                organisation_id=organisation_id,
                key=key,
                name=name or key,
                time_zone=time_zone,
                now=datetime.now(UTC),
            )

    run_with_database(work, migrate=True)
    console.print(
        f"Created the organisation {key}. Next: slm token create --organisation {key} --role manager --label …"
    )


def create_token(
    organisation: str, *, role: str, label: str, expires_in_days: int | None, party: str | None = None
) -> None:
    """Make an account of this role with one token, and print the token's secret: it cannot be shown again.

    `party` is the key of the party it acts for. Invalid when there is none, or for a role other than viewer.
    """
    now = datetime.now(UTC)
    expires_at = None if expires_in_days is None else now + timedelta(days=expires_in_days)

    async def work(database: Database) -> IssuedToken:
        actor = await actor_of(database, organisation)
        async with database.writing(actor.organisation_id) as session:
            party_id = await _party(session, actor, party)
            account_id = await create_account(
                session, actor=actor, name=label, role=AccessRole(role), party_id=party_id, now=now
            )
            return await create_api_token(
                session, actor=actor, account_id=account_id, label=label, expires_at=expires_at, now=now
            )

    whose = f"{role} of {organisation}" + (f" for {party}" if party else "")
    until = "never expires" if expires_at is None else f"expires {_said(expires_at)}"
    _show_once(run_with_database(work), f"{whose}, {until}")


def rotate_token(organisation: str, token_id: str, *, overlap_hours: float, expires_in_days: int | None) -> None:
    """Put a new token in the place of one, which still admits for a while, and print its secret."""
    now = datetime.now(UTC)
    known_id = _token_id(token_id, "rotated")

    async def work(database: Database) -> IssuedToken:
        actor = await actor_of(database, organisation)
        async with database.writing(actor.organisation_id) as session:
            return await rotate_api_token(
                session,
                actor=actor,
                token_id=known_id,
                overlap=timedelta(hours=overlap_hours),
                expires_at=None if expires_in_days is None else now + timedelta(days=expires_in_days),
                now=now,
            )

    ends = _said(now + timedelta(hours=overlap_hours))
    _show_once(run_with_database(work), f"in the place of {known_id}, which admits until {ends} at most")


def list_tokens(organisation: str) -> None:
    """Print the tokens of an organisation: whose they are, until when they admit, and when they were last used."""

    async def work(database: Database) -> list[TokenOverview]:
        actor = await actor_of(database, organisation)
        async with database.reading(actor.organisation_id) as session:
            return await api_tokens(session, actor.organisation_id)

    now = datetime.now(UTC)
    table = Table("token", "label", "account", "role", "party", "state", "last used")
    for token in run_with_database(work):
        used = "never" if token.last_used_at is None else _said(token.last_used_at)
        table.add_row(
            str(token.id), token.label, token.account, token.role.value, token.party_key or "", _state(token, now), used
        )
    console.print(table)


def _state(token: TokenOverview, now: datetime) -> str:
    if token.revoked_at is not None:
        return f"revoked {_said(token.revoked_at)}"
    if token.expires_at is None:
        return "never expires"
    valid = token_is_valid(now=now, expires_at=token.expires_at, revoked_at=None)
    return f"{'expires' if valid else 'expired'} {_said(token.expires_at)}"


def _show_once(issued: IssuedToken, what: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"Token {issued.id}: {what}. Its secret is shown this once:", markup=False
    )
    print(issued.secret)  # noqa: T201  alone on standard output, for pipes


def _said(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _token_id(text: str, done: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        problem = FieldProblem("token_id", "expected the id of a token")
        raise Invalid(f"the token cannot be {done}", [problem]) from None


def revoke_token(organisation: str, token_id: str) -> None:
    """Revoke a token of an organisation. NotFound when it has no such token."""
    known_id = _token_id(token_id, "revoked")

    async def work(database: Database) -> None:
        actor = await actor_of(database, organisation)
        async with database.writing(actor.organisation_id) as session:
            await revoke_api_token(session, actor=actor, token_id=known_id, now=datetime.now(UTC))

    run_with_database(work)
    console.print(f"Revoked the token {known_id}.")


async def _party(session: ReadSession, actor: Actor, key: str | None) -> UUID | None:
    if key is None:
        return None
    known = await party_by_key(session, actor.organisation_id, key=key)
    if known is None:
        problem = FieldProblem("party", f"expected the key of a party, got {key[:63]!r}")
        raise Invalid("the token cannot be issued", [problem])
    return known


async def actor_of(database: Database, organisation_key: str) -> Actor:
    """The system actor of an organisation; NotFound when there is none with this key."""
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=organisation_key)
        if organisation_id is None:
            raise NotFound(f"there is no organisation with the key {organisation_key!r}")
        return await system_actor(session, organisation_id=organisation_id)
