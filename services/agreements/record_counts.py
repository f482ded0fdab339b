"""How many records of a kind were ever written about a target: kept with the target, so that a missing one shows."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from services.db import WriteSession, execute, fetch


class CountedRecord(StrEnum):
    """A kind of record, by the column of `target` that counts it."""

    BREACH = "breach_count"
    FIGURE = "figure_count"
    REQUIREMENT_LINK = "requirement_link_count"


async def count_records(
    session: WriteSession, organisation_id: UUID, kind: CountedRecord, recorded: Mapping[UUID, int]
) -> None:
    """Add what this transaction recorded about each target to its count. Two statements; none for nothing.

    Call it once in a transaction: targets are locked in the order of their ids, so that two writers never wait for each
    other.
    """
    if not recorded:
        return
    ids = sorted(recorded)
    await fetch(
        session,
        "SELECT id FROM target WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE",
        organisation_id,
        ids,
    )
    await execute(
        session,
        f"UPDATE target AS t SET {kind.value} = t.{kind.value} + x.recorded"  # noqa: S608 - a name of ours, no input
        " FROM unnest($2::uuid[], $3::bigint[]) AS x (id, recorded)"
        " WHERE t.organisation_id = $1::uuid AND t.id = x.id",
        organisation_id,
        ids,
        [recorded[id_] for id_ in ids],
    )
