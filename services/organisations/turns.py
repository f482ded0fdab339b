"""One at a time in an organisation: whoever works out or signs results waits for the others.

The row of `due_organisation` is the lock; it is taken before anything else, and held until the transaction ends.
"""

from uuid import UUID

from services.db import WriteSession, execute, fetch, limit_waiting


async def wait_for_turn(session: WriteSession, organisation_id: UUID) -> None:
    """Wait until nobody else settles, recomputes, freezes or adjusts in this organisation.

    Where statements have a time limit, so has the wait, and the transaction ends in TryAgainLater when it is over. Two
    statements, three with a limit.
    """
    await limit_waiting(session)
    await execute(
        session,
        "INSERT INTO due_organisation (organisation_id, due_at) VALUES ($1::uuid, NULL) ON CONFLICT DO NOTHING",
        organisation_id,
    )
    await fetch(session, "SELECT 1 FROM due_organisation WHERE organisation_id = $1::uuid FOR UPDATE", organisation_id)
