"""Invariants hold after changed definitions and under signed results, too."""

from datetime import UTC, datetime

from services.attainment.freezing import freeze_period_result
from services.db import Database
from services.domain.vocabulary import TicketState
from services.organisations.rules import Actor
from slm.invariants.check import broken, check
from tests.factories.changes import JULY, MAY, MONDAY, change_agreement, faster, rows
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_person
from tests.factories.tickets import event, happened, hours


async def test_what_changes_mend_and_what_is_signed_breaks_no_invariant(database: Database, actor: Actor) -> None:
    service_id, calendar_id = await new_service(database, actor), await new_calendar(database, actor)
    await new_agreement(database, actor, service_id, target(calendar_id))
    await happened(database, actor, service_id, [event("A", MONDAY, TicketState.NEW)], MONDAY)
    # Nobody looked since: the breach of before is recorded and mended at the same instant.
    slower = target(calendar_id, duration_seconds=900 * 3600)
    effect = await change_agreement(database, actor, slower, valid_from=MAY, now=JULY)
    assert effect.breaches_removed.total > 0
    closed = event("A", MONDAY + hours(6), TicketState.CLOSED, sequence=1)
    await happened(database, actor, service_id, [closed], JULY)
    ((result_id,),) = await rows(
        database, actor, "SELECT id FROM period_result WHERE organisation_id = $1 AND outcome = 'met'"
    )
    ann = await new_person(database, actor)
    async with database.writing(actor.organisation_id) as session:
        await freeze_period_result(session, actor=actor, period_result_id=result_id, signed_by_id=ann, now=JULY)
    await faster(database, actor, calendar_id, valid_from=MAY + hours(1))
    found = await check(database, actor.organisation_id, now=datetime.now(UTC) + hours(24), tickets=None)
    assert {result.invariant.name: result.violations.keys for result in broken(found)} == {}
