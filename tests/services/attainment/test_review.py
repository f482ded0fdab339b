"""The review of a small organisation, every figure of it counted by hand."""

from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.attainment.figures import Grouping, Selection, SelectionBasis
from services.attainment.review import selection_of_month, service_review
from services.db import Database, fetch
from services.domain.vocabulary import Outcome, TicketState
from services.errors import Invalid, NotFound
from services.organisations.rules import Actor
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.tickets import event, happened, hours

MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
JUNE = selection_of_month("2026-06", ZoneInfo("Europe/London"))
EVERYTHING = Selection(SelectionBasis.OPENED, None, None)


@pytest.fixture
async def service_id(database: Database, actor: Actor) -> UUID:
    """Four tickets: met in two hours; met after a long pause; missed and reopened; still open and overdue."""
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(await new_calendar(database, actor)))
    high = partial(event, priority="2 - High")
    nobody = partial(event, team=None)
    events = [
        event("met", MONDAY, TicketState.NEW),
        event("met", MONDAY + hours(2), TicketState.CLOSED, sequence=1, outcome=Outcome.MET),
        nobody("paused", MONDAY, TicketState.AWAITING_CUSTOMER),
        nobody("paused", MONDAY + hours(26), TicketState.IN_PROGRESS, sequence=1),
        nobody("paused", MONDAY + hours(27), TicketState.CLOSED, sequence=2, outcome=Outcome.MISSED),
        high("missed", MONDAY, TicketState.NEW),
        high("missed", MONDAY + hours(3), TicketState.RESOLVED, sequence=1),
        high("missed", MONDAY + hours(4), TicketState.IN_PROGRESS, sequence=2),
        high("missed", MONDAY + hours(31), TicketState.CLOSED, sequence=3, outcome=Outcome.MISSED),
        high("open", MONDAY, TicketState.NEW),
    ]
    await happened(database, actor, service_id, events, NOW)
    return service_id


async def test_the_figures_of_everything_are_counted_exactly(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    async with database.reading(actor.organisation_id) as session:
        review = await service_review(session, organisation_id=actor.organisation_id, selection=EVERYTHING, now=NOW)
    tickets, clocks = review.figures.tickets, review.figures.clocks
    assert (tickets.tickets, tickets.closed, tickets.recorded_met, tickets.recorded_missed) == (4, 3, 1, 2)
    assert (tickets.reopened, tickets.missed_though_resolved_quickly) == (1, 2)
    assert (clocks.met, clocks.missed, clocks.pending, clocks.paused, clocks.met_only_after_pausing) == (2, 2, 0, 1, 1)
    assert clocks.worst_overrun_seconds is not None


async def test_groups_come_worst_first_with_tickets_that_have_no_value_apart(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    async with database.reading(actor.organisation_id) as session:
        review = await service_review(session, organisation_id=actor.organisation_id, selection=JUNE, now=NOW)
    groups = {
        grouping: [
            (group.value, group.tickets.recorded_missed)
            for group in review.figures.groups
            if group.grouping is grouping
        ]
        for grouping in Grouping
    }
    assert groups[Grouping.PRIORITY] == [("2 - High", 1), ("3 - Moderate", 1)]
    assert groups[Grouping.TEAM] == [(None, 1), ("desk", 1)]
    assert groups[Grouping.CATEGORY] == [("mail", 2)]


async def test_a_month_holds_what_was_closed_in_it(database: Database, actor: Actor, service_id: UUID) -> None:
    may = selection_of_month("2026-05", ZoneInfo("UTC"))
    async with database.reading(actor.organisation_id) as session:
        june = await service_review(session, organisation_id=actor.organisation_id, selection=JUNE, now=NOW)
        empty = await service_review(session, organisation_id=actor.organisation_id, selection=may, now=NOW)
    assert june.figures.tickets.tickets == 3
    assert empty.figures.tickets.tickets == 0
    assert [finding.code.value for finding in empty.findings] == ["no_tickets"]


async def test_a_review_sees_one_organisation_only(database: Database, actor: Actor, service_id: UUID) -> None:
    async with database.reading(actor.organisation_id) as session:
        with pytest.raises(NotFound):
            await service_review(session, organisation_id=UUID(int=7), selection=EVERYTHING, now=NOW)


@pytest.mark.parametrize("month", ["2026-13", "June", "", "2026-06-01"])
def test_a_month_is_written_as_year_and_month(month: str) -> None:
    with pytest.raises(Invalid) as refused:
        selection_of_month(month, ZoneInfo("UTC"))
    assert refused.value.problems[0].field == "month"


async def test_a_span_that_ends_before_it_starts_is_refused(database: Database, actor: Actor, service_id: UUID) -> None:
    backwards = Selection(SelectionBasis.OPENED, NOW, MONDAY)
    async with database.reading(actor.organisation_id) as session:
        with pytest.raises(Invalid, match="cannot be made"):
            await service_review(session, organisation_id=actor.organisation_id, selection=backwards, now=NOW)


async def test_a_period_result_says_what_it_was_made_of(database: Database, actor: Actor, service_id: UUID) -> None:
    sql = "SELECT * FROM period_result WHERE organisation_id = $1 ORDER BY period_start"
    async with database.reading(actor.organisation_id) as session:
        results: list[Any] = list(await fetch(session, sql, actor.organisation_id))
    assert [(row.met, row.missed, row.pending, row.outcome) for row in results] == [(2, 2, 0, "missed")]
    assert results[0].period_start == datetime(2026, 5, 31, 23, tzinfo=UTC)
    assert results[0].attainment_percent == 50
