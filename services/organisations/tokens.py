"""Bearer tokens: issuing, rotating and revoking them, and when each was last used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from services.db import WriteSession, execute, new_id
from services.domain.inputs import Problems
from services.errors import Conflict
from services.organisations.models import Account, ApiToken
from services.organisations.rules import Actor, Permission, new_token, token_hash, token_is_valid
from services.rows import add_rows_unless_taken, change_row, lock_row

LONGEST_OVERLAP = timedelta(days=7)
"""How long a token may go on after it was rotated."""

RECORD_USE = """
INSERT INTO api_token_use (organisation_id, token_id, last_used_at)
SELECT $1::uuid, used.token_id, used.at
FROM unnest($2::uuid[], $3::timestamptz[]) AS used(token_id, at)
JOIN api_token AS token ON token.organisation_id = $1::uuid AND token.id = used.token_id
ON CONFLICT (organisation_id, token_id) DO UPDATE SET last_used_at = excluded.last_used_at
WHERE api_token_use.last_used_at < excluded.last_used_at
"""


@dataclass(frozen=True)
class IssuedToken:
    """A new API token. `secret` exists only here: what is stored cannot be turned back into it."""

    id: UUID
    secret: str

    def __repr__(self) -> str:
        return f"IssuedToken(id={self.id!r})"


async def create_api_token(
    session: WriteSession,
    *,
    actor: Actor,
    account_id: UUID,
    label: str,
    expires_at: datetime | None = None,
    now: datetime,
) -> IssuedToken:
    """Issue a bearer token for an account of the actor's organisation; it admits until `expires_at` (exclusive)."""
    actor.require(Permission.ADMINISTER)
    problems = Problems()
    problems.text("label", label)
    _check_expiry(problems, expires_at, now)
    owner = select(Account.id).where(Account.organisation_id == actor.organisation_id, Account.id == account_id)
    if (await session.execute(owner)).scalar_one_or_none() is None:
        problems.add("account_id", "expected a known account, got an id of none")
    problems.refuse("the token cannot be issued")
    issued = await _add(session, actor, account_id, label, now, expires_at)
    if issued is None:
        raise RuntimeError("a random token that is taken")
    return issued


async def rotate_api_token(
    session: WriteSession,
    *,
    actor: Actor,
    token_id: UUID,
    overlap: timedelta = timedelta(0),
    expires_at: datetime | None = None,
    now: datetime,
) -> IssuedToken:
    """Issue a token in the place of another one, which admits for `overlap` longer and then no more.

    The new one belongs to the same account under the same label. Unless `expires_at` says otherwise it lasts as long as
    the old one was made for. Raises Conflict for a token that admits nobody any more or was rotated before.
    """
    actor.require(Permission.ADMINISTER)
    problems = Problems()
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        problems.add("overlap_seconds", f"expected 0 to {LONGEST_OVERLAP // timedelta(seconds=1)} seconds")
    _check_expiry(problems, expires_at, now)
    problems.refuse("the token cannot be rotated")
    old = await lock_row(session, ApiToken, actor.organisation_id, token_id, noun="token")
    if not token_is_valid(now=now, expires_at=old.expires_at, revoked_at=old.revoked_at):
        raise Conflict("the token admits nobody any more; issue another one")
    if expires_at is None and old.expires_at is not None:
        expires_at = now + (old.expires_at - old.created_at)
    issued = await _add(session, actor, old.account_id, old.label, now, expires_at, replaces_id=old.id)
    if issued is None:
        raise Conflict("the token was rotated before; rotate the one that took its place")
    ends_at = now + overlap
    if old.expires_at is None or ends_at < old.expires_at:
        await change_row(session, old, {"expires_at": ends_at}, stamps=actor.stamps(now))
    return issued


async def revoke_api_token(session: WriteSession, *, actor: Actor, token_id: UUID, now: datetime) -> None:
    """The token admits nobody from now on. One revoked before keeps the instant of its first revocation."""
    actor.require(Permission.ADMINISTER)
    token = await lock_row(session, ApiToken, actor.organisation_id, token_id, noun="token")
    if token.revoked_at is None:
        await change_row(session, token, {"revoked_at": now}, stamps=actor.stamps(now))


async def record_token_use(session: WriteSession, *, organisation_id: UUID, used: Mapping[UUID, datetime]) -> None:
    """Keep when tokens of an organisation were last used; an instant earlier than what is known changes nothing.

    A token that is there no more, because its organisation was deleted since, leaves nothing behind.
    """
    await execute(session, RECORD_USE, organisation_id, list(used), list(used.values()))


def _check_expiry(problems: Problems, expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None:
        problems.instant("expires_at", expires_at)
        if expires_at.tzinfo is not None and expires_at <= now:
            problems.add("expires_at", "expected an instant in the future")


async def _add(
    session: WriteSession,
    actor: Actor,
    account_id: UUID,
    label: str,
    now: datetime,
    expires_at: datetime | None,
    replaces_id: UUID | None = None,
) -> IssuedToken | None:
    """A new token; None when the one it replaces is replaced already."""
    issued = IssuedToken(new_id(), new_token())
    token = {
        "token_hash": token_hash(issued.secret),
        "id": issued.id,
        "account_id": account_id,
        "label": label,
        "created_at": now,
        "expires_at": expires_at,
        "revoked_at": None,
        "replaces_id": replaces_id,
    }
    (created,) = await add_rows_unless_taken(session, ApiToken, [token], stamps=actor.stamps(now))
    return None if created is None else issued
