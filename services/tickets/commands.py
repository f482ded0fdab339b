"""Recording what happened to tickets, and settling what follows from it: where tickets stand, and their clocks."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import insert, update

from services.audit.commands import note_ingested
from services.db import WriteSession, execute, fetch, new_id
from services.domain.instants import from_epoch
from services.domain.vocabulary import ClockStatus, Outcome
from services.organisations.rules import Actor, Permission
from services.tickets.clocks import ClockRow, clock_rows
from services.tickets.contradictions import Differing, differing_events
from services.tickets.history import NONE, TicketHistory, standing
from services.tickets.models import TicketImport
from services.tickets.promises import promises
from services.tickets.queries import ticket_history
from services.tickets.sources.records import TicketEventRecord

INSERT_TICKETS = """
INSERT INTO ticket (organisation_id, id, key, service_id, opened_at, state, event_count, reopen_count, last_event_at,
                    recorded_at, recorded_by)
SELECT $1::uuid, x.id, x.key, $2::uuid, x.opened_at, x.state, 0, 0, x.at, x.recorded_at, $3::uuid
FROM unnest($4::uuid[], $5::text[], $6::timestamptz[], $7::text[], $8::timestamptz[], $9::timestamptz[])
     AS x (id, key, opened_at, state, at, recorded_at)
ON CONFLICT (organisation_id, key) DO NOTHING
"""

INSERT_EVENTS = """
INSERT INTO ticket_event (organisation_id, id, ticket_id, import_id, key, sequence, occurred_at, state, priority,
                          category, subcategory, team, assignee, resolved_at, closed_at, recorded_outcome, attributes,
                          synthesised, recorded_at, recorded_by)
SELECT $1::uuid, x.id, x.ticket_id, $2::uuid, x.key, x.sequence, x.occurred_at, x.state, x.priority, x.category,
       x.subcategory, x.team, x.assignee, x.resolved_at, x.closed_at, x.recorded_outcome, x.attributes, x.synthesised,
       x.recorded_at, $3::uuid
FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::timestamptz[], $9::text[], $10::text[], $11::text[],
            $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::text[], $18::jsonb[],
            $19::boolean[], $20::timestamptz[])
     AS x (id, ticket_id, key, sequence, occurred_at, state, priority, category, subcategory, team, assignee,
           resolved_at, closed_at, recorded_outcome, attributes, synthesised, recorded_at)
ON CONFLICT (organisation_id, ticket_id, key) DO NOTHING
RETURNING id, ticket_id
"""

UPDATE_TICKETS = """
UPDATE ticket SET state = x.state, priority = x.priority, category = x.category, subcategory = x.subcategory,
       team = x.team, assignee = x.assignee, event_count = x.event_count, reopen_count = x.reopen_count,
       last_event_at = x.last_event_at, resolved_at = x.resolved_at, closed_at = x.closed_at,
       recorded_outcome = x.recorded_outcome, recorded_outcome_known_at = x.recorded_outcome_known_at
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
            $10::bigint[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::text[], $15::timestamptz[])
     AS x (id, state, priority, category, subcategory, team, assignee, event_count, reopen_count, last_event_at,
           resolved_at, closed_at, recorded_outcome, recorded_outcome_known_at)
WHERE ticket.organisation_id = $1::uuid AND ticket.id = x.id
"""

UPSERT_CLOCKS = """
INSERT INTO clock (organisation_id, id, ticket_id, target_id, target_version_id, calendar_version_id, cycle, status,
                   outcome, started_at, stopped_at, due_at, breached_at, decided_at, duration_seconds, elapsed_seconds,
                   wall_clock_seconds, paused_seconds, timeline, computed_at)
SELECT $1::uuid, x.*, $2::timestamptz
FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[], $9::text[], $10::text[],
            $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[],
            $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::jsonb[]) AS x
ON CONFLICT (organisation_id, ticket_id, target_id, cycle) DO UPDATE SET
       target_version_id = excluded.target_version_id, calendar_version_id = excluded.calendar_version_id,
       status = excluded.status, outcome = excluded.outcome, started_at = excluded.started_at,
       stopped_at = excluded.stopped_at, due_at = excluded.due_at, breached_at = excluded.breached_at,
       decided_at = excluded.decided_at, duration_seconds = excluded.duration_seconds,
       elapsed_seconds = excluded.elapsed_seconds, wall_clock_seconds = excluded.wall_clock_seconds,
       paused_seconds = excluded.paused_seconds, timeline = excluded.timeline, computed_at = excluded.computed_at
"""

WITHDRAW_CLOCKS = """
UPDATE clock SET status = $4::text, outcome = $5::text, due_at = NULL, breached_at = NULL, decided_at = NULL,
       computed_at = $3::timestamptz
WHERE organisation_id = $1::uuid AND ticket_id = ANY($2::uuid[])
  AND (ticket_id, target_id, cycle) NOT IN (SELECT * FROM unnest($6::uuid[], $7::uuid[], $8::bigint[]))
"""
"""What an earlier computation concluded and the facts known now no longer support."""


@dataclass(frozen=True)
class Recorded:
    """What became of a batch of events: how many were new, how many known, and the tickets with something new.

    `tickets` are all tickets of the batch by their keys. Those of the known that do not say what is on record under
    their keys are `differing`; they were not recorded, and whoever gave them has to be told.
    """

    new: int
    known: int
    ticket_ids: list[UUID]
    tickets: dict[str, UUID]
    differing: Sequence[Differing] = ()


@dataclass(frozen=True)
class ImportCounts:
    """What an import read and recorded."""

    rows_read: int
    events_recorded: int
    events_known: int
    rows_rejected: int
    tickets_touched: int


async def begin_import(
    session: WriteSession,
    *,
    actor: Actor,
    source: str,
    file_name: str,
    file_sha256: str,
    columns: Sequence[str],
    profile: str,
    time_zone: str,
    states_resolution: bool,
    now: datetime,
) -> UUID:
    """Name an import, so that its events can; `finish_import` adds what it counted, in the same transaction."""
    actor.require(Permission.INGEST)
    import_id = new_id()
    await session.execute(
        insert(TicketImport).values(
            id=import_id,
            source=source,
            file_name=file_name,
            file_sha256=file_sha256,
            columns=list(columns),
            profile=profile,
            time_zone=time_zone,
            states_resolution=states_resolution,
            **asdict(ImportCounts(0, 0, 0, 0, 0)),
            **actor.stamps(now),
        )
    )
    return import_id


async def finish_import(
    session: WriteSession, *, actor: Actor, import_id: UUID, counts: ImportCounts, now: datetime
) -> None:
    """Keep what an import counted, and note it in the audit trail: the one entry for all the facts it brought."""
    actor.require(Permission.INGEST)
    await session.execute(
        update(TicketImport)
        .where(TicketImport.organisation_id == actor.organisation_id, TicketImport.id == import_id)
        .values(**asdict(counts))
    )
    note_ingested(session, subject=TicketImport, subject_id=import_id, said=asdict(counts), stamps=actor.stamps(now))


async def record_events(
    session: WriteSession,
    *,
    actor: Actor,
    events: Sequence[TicketEventRecord],
    service_id: UUID | None,
    import_id: UUID | None,
) -> Recorded:
    """Record events and the tickets they open; events already known by their key are left as they are.

    Of these, the ones that say something else are named: to refuse them is the caller's part. Nothing follows from
    events until `settle` is called for the tickets. Give at most some ten thousand events at once.
    """
    actor.require(Permission.INGEST)
    if not events:
        return Recorded(new=0, known=0, ticket_ids=[], tickets={})
    organisation_id = actor.organisation_id
    first = {event.ticket_key: event for event in reversed(events)}
    opening = [first[key] for key in sorted(first)]
    await execute(
        session,
        INSERT_TICKETS,
        organisation_id,
        service_id,
        actor.account_id,
        [new_id() for _ in opening],
        [event.ticket_key for event in opening],
        [event.opened_at for event in opening],
        [event.state.value for event in opening],
        [event.occurred_at for event in opening],
        [event.recorded_at for event in opening],
    )
    ids = {
        row[0]: row[1]
        for row in await fetch(
            session,
            "SELECT key, id FROM ticket WHERE organisation_id = $1::uuid AND key = ANY($2::text[])",
            organisation_id,
            list(first),
        )
    }
    event_ids = [new_id() for _ in events]
    inserted = await fetch(
        session,
        INSERT_EVENTS,
        organisation_id,
        import_id,
        actor.account_id,
        event_ids,
        [ids[event.ticket_key] for event in events],
        [event.event_key for event in events],
        [event.sequence for event in events],
        [event.occurred_at for event in events],
        [event.state.value for event in events],
        [event.priority for event in events],
        [event.category for event in events],
        [event.subcategory for event in events],
        [event.team for event in events],
        [event.assignee for event in events],
        [event.recorded_resolved_at for event in events],
        [event.recorded_closed_at for event in events],
        [event.recorded_outcome for event in events],
        [orjson.dumps(event.attributes).decode() for event in events],
        [event.synthesised for event in events],
        [event.recorded_at for event in events],
    )
    differing = await differing_events(
        session,
        organisation_id=organisation_id,
        events=events,
        tickets=ids,
        ids=event_ids,
        inserted={row[0] for row in inserted},
    )
    return Recorded(
        new=len(inserted),
        known=len(events) - len(inserted),
        ticket_ids=sorted({ticket_id for _, ticket_id in inserted}),
        tickets=ids,
        differing=differing,
    )


async def settle(session: WriteSession, *, actor: Actor, ticket_ids: Sequence[UUID], now: datetime) -> None:
    """Work out anew where these tickets stand and what their clocks show at `now`, from everything that is recorded.

    The tickets are locked until the transaction ends, in one order, so that two writers settle one after the other and
    the second sees what the first recorded.
    """
    actor.require(Permission.INGEST)
    organisation_id, tickets = actor.organisation_id, sorted(set(ticket_ids))
    await execute(
        session,
        "SELECT id FROM ticket WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE",
        organisation_id,
        tickets,
    )
    # Another writer may have settled later than this one began: what was seen then is not unseen.
    computed = "SELECT max(computed_at) FROM clock WHERE organisation_id = $1::uuid AND ticket_id = ANY($2::uuid[])"
    ((latest,),) = await fetch(session, computed, organisation_id, tickets)
    now = max(now, latest) if latest else now
    log = await ticket_history(session, organisation_id=organisation_id, ticket_ids=tickets)
    await _update_tickets(session, organisation_id, log)
    rows = [
        row
        for promise, chosen in await promises(session, organisation_id, log)
        for row in clock_rows(log, promise, chosen, now)
    ]
    await _replace_clocks(session, organisation_id, rows, now)
    withdrawn = (ClockStatus.CANCELLED.value, Outcome.NO_DATA.value)
    supported = [row.ticket_id for row in rows], [row.target_id for row in rows], [row.cycle for row in rows]
    await execute(session, WITHDRAW_CLOCKS, organisation_id, log.ticket_ids, now, *withdrawn, *supported)


async def _update_tickets(session: WriteSession, organisation_id: UUID, log: TicketHistory) -> None:
    now_standing = standing(log)
    last = now_standing.last_event.tolist()
    await execute(
        session,
        UPDATE_TICKETS,
        organisation_id,
        log.ticket_ids,
        *([words[event] for event in last] for words in (log.state, log.priority, log.category)),
        *([words[event] for event in last] for words in (log.subcategory, log.team, log.assignee)),
        now_standing.event_count.tolist(),
        now_standing.reopen_count.tolist(),
        _instants(log.at[now_standing.last_event].tolist()),
        _instants(now_standing.resolved_at.tolist()),
        _instants(now_standing.closed_at.tolist()),
        now_standing.recorded_outcome,
        _instants(now_standing.recorded_outcome_known_at.tolist()),
    )


def _instants(seconds: Iterable[int]) -> list[datetime | None]:
    return [None if value == NONE else from_epoch(value) for value in seconds]


async def _replace_clocks(
    session: WriteSession, organisation_id: UUID, rows: Sequence[ClockRow], now: datetime
) -> None:
    if not rows:
        return
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    columns[-1] = [orjson.dumps(timeline).decode() for timeline in columns[-1]]
    await execute(session, UPSERT_CLOCKS, organisation_id, now, [new_id() for _ in rows], *columns)
