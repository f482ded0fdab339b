"""The main job on real input: the incident log of one company, as it was exported (see its README for the origin)."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.attainment.figures import Selection, SelectionBasis
from services.attainment.findings import FindingCode
from services.attainment.review import STATEMENTS, ServiceReview, selection_of_month, service_review
from services.db import Database, fetch
from services.domain.rates import shown_percent
from services.organisations.queries import find_organisation
from slm.importing import ImportReport, import_tickets
from tests.factories.organisations import unique_key
from tests.statements import Statements

LOG = Path(__file__).resolve().parents[3] / "shared/data/uci_incident_log/incident_event_log.dev.csv.gz"
NOW = datetime(2026, 11, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the real incident log is not in ../shared/data")


@pytest.fixture(scope="module")
def key() -> str:
    return unique_key("incidents")


@pytest.fixture(scope="module")
async def report(database: Database, key: str) -> ImportReport:
    return await import_tickets(database, path=LOG, organisation_key=key)


async def rows(database: Database, key: str, sql: str) -> list[Any]:
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=key)
    async with database.reading(organisation_id) as session:
        return list(await fetch(session, sql, organisation_id))


async def reviewed(database: Database, key: str, selection: Selection) -> ServiceReview:
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=key)
    assert organisation_id is not None
    async with database.reading(organisation_id) as session:
        return await service_review(session, organisation_id=organisation_id, selection=selection, now=NOW)


async def test_the_log_goes_in_as_it_comes_with_no_profile_given(report: ImportReport) -> None:
    assert report.stored
    assert (report.counts.events_recorded, report.counts.tickets_touched) == (109_914, 18_818)
    assert report.rejections == []
    assert report.export.profile_source.value == "shipped example"


async def test_importing_it_again_changes_nothing(database: Database, key: str, report: ImportReport) -> None:
    digest = """
    SELECT (SELECT md5(string_agg(e.id::text, '' ORDER BY e.id)) FROM ticket_event e WHERE e.organisation_id = $1),
           (SELECT md5(string_agg(c::text, '' ORDER BY c.id)) FROM clock c WHERE c.organisation_id = $1),
           (SELECT md5(string_agg(b::text, '' ORDER BY b.id)) FROM breach b WHERE b.organisation_id = $1),
           (SELECT count(*) FROM ticket_import i WHERE i.organisation_id = $1)
    """
    before = await rows(database, key, digest)
    again = await import_tickets(database, path=LOG, organisation_key=key)
    assert (again.stored, again.counts.events_known) == (False, 109_914)
    assert await rows(database, key, digest) == before


@pytest.mark.capability("I2", partly=True)
async def test_the_review_shows_the_recorded_breaches_over_everything(
    database: Database, key: str, report: ImportReport
) -> None:
    review = await reviewed(database, key, Selection(SelectionBasis.OPENED, None, None))
    breaches = review.figures.tickets.recorded_breaches
    assert (breaches.count, breaches.total, shown_percent(breaches.percent)) == (7_706, 18_818, "40.9 %")


async def test_the_review_of_march_names_the_stall_in_closing(
    database: Database, key: str, report: ImportReport
) -> None:
    review = await reviewed(database, key, selection_of_month("2016-03", ZoneInfo("UTC")))
    (stall,) = review.figures.stalls
    assert (stall.first_day, stall.last_day) == (date(2016, 3, 10), date(2016, 3, 23))
    assert (stall.closed, stall.closed_on_day_after) == (78, 3_114)
    sentences = [finding.sentence for finding in review.findings if finding.code is FindingCode.CLOSING_STALLED]
    assert sentences[0].startswith("Closing stalled from 10 to 23 March 2016: 78 tickets were closed in 14 days")


async def test_the_tickets_opened_before_and_in_the_stall_breached_although_resolved(
    database: Database, key: str, report: ImportReport
) -> None:
    selection = Selection(SelectionBasis.OPENED, datetime(2016, 3, 5, tzinfo=UTC), datetime(2016, 3, 19, tzinfo=UTC))
    counts = (await reviewed(database, key, selection)).figures.tickets
    assert (counts.tickets, counts.missed_though_resolved_quickly) == (4_045, 1_316)


async def test_our_clocks_rediscover_the_recorded_outcome_of_both_priorities(
    database: Database, key: str, report: ImportReport
) -> None:
    sql = """
    SELECT t.priority, count(*) AS tickets, count(*) FILTER (WHERE c.outcome = t.recorded_outcome) AS agreeing
    FROM ticket t LEFT JOIN clock c
         ON c.organisation_id = $1 AND c.ticket_id = t.id AND c.status = 'completed'
    WHERE t.organisation_id = $1 AND t.priority IN ('3 - Moderate', '4 - Low')
    GROUP BY t.priority ORDER BY t.priority
    """
    by_priority = await rows(database, key, sql)
    assert [row.priority for row in by_priority] == ["3 - Moderate", "4 - Low"]
    for row in by_priority:
        assert row.agreeing >= 0.99 * row.tickets, row


async def test_every_column_of_the_source_is_kept_on_its_event(
    database: Database, key: str, report: ImportReport
) -> None:
    sql = """
    SELECT array_agg(DISTINCT name ORDER BY name) FROM ticket_event e, jsonb_object_keys(e.attributes) AS name
    WHERE e.organisation_id = $1
    """
    ((names,),) = await rows(database, key, sql)
    assert set(names) == set(report.export.columns)


async def test_a_review_runs_its_stated_number_of_statements(
    database: Database, key: str, report: ImportReport, statements: Statements
) -> None:
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=key)
    assert organisation_id is not None
    async with database.reading(organisation_id) as session:
        statements.clear()
        selection = Selection(SelectionBasis.OPENED, None, None)
        await service_review(session, organisation_id=organisation_id, selection=selection, now=NOW)
    assert len(statements.texts) == STATEMENTS
