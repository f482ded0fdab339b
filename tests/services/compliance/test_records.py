"""Every writer counts what it records, so that a record that is missing shows."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import create_async_engine

from services.agreements.requirement_links import link_requirement, unlink_requirement
from services.compliance.records import RecordCount, TargetRecords, records_of_targets
from services.compliance.settlement import record_due_breaches
from services.db import Database, fetch
from services.domain.vocabulary import Outcome, PeriodKind, TicketState
from services.governance.queries import rhythms
from services.governance.rules import ActionEntry, DecisionEntry, DecisionKind, FigureEntry
from services.governance.shown import record_report_pack
from services.organisations.rules import Actor
from services.requirements.commands import withdraw_approval
from tests.factories.broken import broken_promise
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.governed import new_cadence, new_meeting
from tests.factories.losing import as_owner, lose
from tests.factories.organisations import new_person
from tests.factories.requirements import approved, new_requirement
from tests.factories.tickets import event, happened

MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
JULY = datetime(2026, 7, 2, tzinfo=UTC)
DAY = timedelta(days=1)


async def new_target(database: Database, actor: Actor) -> tuple[UUID, UUID]:
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(await new_calendar(database, actor)))
    return service_id, (await records(database, actor)).target_id


async def records(database: Database, actor: Actor, as_of: datetime = JULY) -> TargetRecords:
    async with database.reading(actor.organisation_id) as session:
        [found] = await records_of_targets(session, actor.organisation_id, as_of=as_of)
    return found


async def test_a_target_counts_its_breaches_of_clocks_and_of_periods_once_each(
    database: Database, actor: Actor
) -> None:
    service_id, _ = await new_target(database, actor)
    late = [event("T1", MONDAY, TicketState.NEW), event("T1", MONDAY + 9 * DAY, TicketState.CLOSED, sequence=1)]
    await happened(database, actor, service_id, [*late, event("T2", MONDAY, TicketState.NEW)], MONDAY + 10 * DAY)
    assert (await records(database, actor)).breaches == RecordCount(2, 2)
    for _ in range(2):
        async with database.writing(actor.organisation_id) as session:
            await record_due_breaches(session, actor=actor, now=JULY, limit=10)
    found = await records(database, actor)
    assert found.breaches == RecordCount(3, 3)
    assert (found.measured_since, found.measured_until) == (
        datetime(2026, 5, 31, 23, tzinfo=UTC),
        datetime(2026, 6, 30, 23, tzinfo=UTC),
    )


async def test_a_target_counts_the_figures_reported_and_the_links_to_requirements(
    database: Database, actor: Actor
) -> None:
    service_id, target_id = await new_target(database, actor)
    requirement_id, _ = await new_requirement(database, actor, service_id, at=MONDAY)
    figures = [
        FigureEntry(target_id, PeriodKind.MONTH, datetime(2026, month, 1, tzinfo=UTC), Outcome.MET, Decimal(97))
        for month in (4, 5)
    ]
    async with database.writing(actor.organisation_id) as session:
        link: dict[str, Any] = {"actor": actor, "target_id": target_id, "requirement_id": requirement_id, "now": JULY}
        await link_requirement(session, valid_from=MONDAY, **link)
        await unlink_requirement(session, valid_from=MONDAY + DAY, **link)
        await record_report_pack(
            session, actor=actor, title="May", sha256="a" * 64, shown_at=JULY, figures=figures, now=JULY
        )
    found = await records(database, actor)
    assert (found.figures, found.requirement_links) == (RecordCount(2, 2), RecordCount(2, 2))


async def test_a_breach_that_is_missing_shows_at_every_instant(
    database: Database, database_url: str, actor: Actor
) -> None:
    service_id, _ = await new_target(database, actor)
    await happened(database, actor, service_id, [event("T1", MONDAY, TicketState.NEW)], MONDAY + 9 * DAY)
    owner = create_async_engine(database_url)
    async with as_owner(owner) as session:
        statement = "SELECT id FROM breach WHERE organisation_id = $1::uuid"
        breach_ids = [row[0] for row in await fetch(session, statement, actor.organisation_id)]
        await lose(session, actor.organisation_id, "breach", breach_ids)
        for as_of in (MONDAY + 9 * DAY, JULY):
            [found] = await records_of_targets(session, actor.organisation_id, as_of=as_of)
            assert found.breaches == RecordCount(1, 0)
            assert not found.breaches.is_complete
    await owner.dispose()


async def test_a_requirement_counts_approvals_and_withdrawals(database: Database, actor: Actor) -> None:
    service_id, person_id = await new_service(database, actor), await new_person(database, actor)
    _, version_id = await new_requirement(database, actor, service_id, at=MONDAY)
    await approved(database, actor, version_id, person_id, at=MONDAY, now=MONDAY)
    async with database.writing(actor.organisation_id) as session:
        await withdraw_approval(
            session, actor=actor, requirement_version_id=version_id, person_id=person_id, withdrawn_at=JULY,
            reason="Too little", now=JULY,
        )  # fmt: skip
        statement = "SELECT approval_count FROM service_level_requirement WHERE organisation_id = $1::uuid"
        assert await fetch(session, statement, actor.organisation_id) == [(2,)]


async def test_a_meeting_says_what_of_it_is_missing(database: Database, database_url: str, actor: Actor) -> None:
    person_id = await new_person(database, actor)
    breached = await broken_promise(database, actor, MONDAY)
    meeting_id = await new_meeting(
        database, actor, await new_cadence(database, actor), date(2026, 5, 4), MONDAY + DAY,
        decisions=[DecisionEntry(DecisionKind.CHANGE, "More people")], breach_ids=[*breached.breach_ids] * 2,
        actions=[ActionEntry("Find them", person_id, JULY), ActionEntry("Train them", person_id, JULY)],
    )  # fmt: skip
    owner = create_async_engine(database_url)
    async with as_owner(owner) as session:
        expected = [None, "2 actions, and 1 are there", "1 decisions, and 0 are there"]
        for table, missing in zip(("", "action", "decision"), expected, strict=True):
            if table:
                sql = f"SELECT id FROM {table} WHERE organisation_id = $1::uuid AND meeting_id = $2::uuid LIMIT 1"
                rows = await fetch(session, sql, actor.organisation_id, meeting_id)
                await lose(session, actor.organisation_id, table, [row[0] for row in rows])
            [cadence] = await rhythms(session, actor.organisation_id, since=MONDAY - 90 * DAY, as_of=JULY)
            assert [held.missing_records for held in cadence.meetings] == [missing]
    await owner.dispose()
