"""Recording what other systems say of their clocks. Nothing is computed from it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from services.db import WriteSession, fetch, new_id
from services.organisations.rules import Actor, Permission
from services.tickets.sources.clock_rows import ReportedClockRecord

TICKETS_BY_KEY = "SELECT key, id FROM ticket WHERE organisation_id = $1::uuid AND key = ANY($2::text[])"

INSERT_REPORTED_CLOCKS = """
INSERT INTO reported_clock (organisation_id, id, ticket_id, import_id, key, content_sha256, definition, stage, status,
                            outcome, started_at, stopped_at, due_at, goal_seconds, elapsed_seconds, paused_seconds,
                            attributes, recorded_at, recorded_by)
SELECT $1::uuid, x.id, x.ticket_id, $2::uuid, x.key, x.content_sha256, x.definition, x.stage, x.status, x.outcome,
       x.started_at, x.stopped_at, x.due_at, x.goal_seconds, x.elapsed_seconds, x.paused_seconds, x.attributes,
       x.recorded_at, $3::uuid
FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
            $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::bigint[], $16::bigint[], $17::bigint[],
            $18::jsonb[], $19::timestamptz[])
     AS x (id, ticket_id, key, content_sha256, definition, stage, status, outcome, started_at, stopped_at, due_at,
           goal_seconds, elapsed_seconds, paused_seconds, attributes, recorded_at)
ON CONFLICT (organisation_id, ticket_id, key, content_sha256) DO NOTHING
RETURNING ticket_id
"""


@dataclass(frozen=True)
class RecordedClocks:
    """What became of reported clocks: how many were new, how many known, the tickets of the new ones, and those whose
    ticket is not known."""

    new: int
    known: int
    ticket_ids: set[UUID]
    without_ticket: list[ReportedClockRecord]


async def record_reported_clocks(
    session: WriteSession, *, actor: Actor, clocks: Sequence[ReportedClockRecord], import_id: UUID
) -> RecordedClocks:
    """Record what another system says of its clocks; a report that says what a known one says is left out."""
    actor.require(Permission.INGEST)
    organisation_id = actor.organisation_id
    keys = sorted({clock.ticket_key for clock in clocks})
    ids = {row[0]: row[1] for row in await fetch(session, TICKETS_BY_KEY, organisation_id, keys)}
    of_tickets = [clock for clock in clocks if clock.ticket_key in ids]
    contents = [orjson.dumps(clock.attributes, option=orjson.OPT_SORT_KEYS) for clock in of_tickets]
    inserted = await fetch(
        session,
        INSERT_REPORTED_CLOCKS,
        organisation_id,
        import_id,
        actor.account_id,
        [new_id() for _ in of_tickets],
        [ids[clock.ticket_key] for clock in of_tickets],
        [clock.key for clock in of_tickets],
        [hashlib.sha256(content).hexdigest() for content in contents],
        [clock.definition for clock in of_tickets],
        [clock.stage for clock in of_tickets],
        [clock.status for clock in of_tickets],
        [clock.outcome for clock in of_tickets],
        [clock.started_at for clock in of_tickets],
        [clock.stopped_at for clock in of_tickets],
        [clock.due_at for clock in of_tickets],
        [clock.goal_seconds for clock in of_tickets],
        [clock.elapsed_seconds for clock in of_tickets],
        [clock.paused_seconds for clock in of_tickets],
        [content.decode() for content in contents],
        [clock.recorded_at for clock in of_tickets],
    )
    return RecordedClocks(
        new=len(inserted),
        known=len(of_tickets) - len(inserted),
        ticket_ids={ticket_id for (ticket_id,) in inserted},
        without_ticket=[clock for clock in clocks if clock.ticket_key not in ids],
    )
