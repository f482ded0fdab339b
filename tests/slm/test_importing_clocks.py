"""What another system says of its clocks is kept beside ours, once, and moves none of ours."""

from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from services.db import Database, fetch
from services.domain.vocabulary import Outcome
from services.errors import NotFound
from services.organisations.queries import find_organisation
from services.tickets.sources.columns import Layout
from slm.importing import import_tickets
from slm.importing_clocks import ClockImportReport, ClockSource, import_clocks
from tests.factories.organisations import unique_key
from tests.services.tickets.sources.test_ticket_rows import FIXTURES
from tests.slm.test_cli import slm

TASK_SLA = FIXTURES / "task_sla.csv"


@pytest.fixture
async def key(database: Database) -> str:
    """An organisation whose tickets were imported from a list."""
    made = unique_key("listed")
    report = await import_tickets(
        database, path=FIXTURES / "ticket_list.csv", layout=Layout.TICKETS, organisation_key=made
    )
    assert (report.stored, report.rejections) == (True, [])
    return made


async def reported(database: Database, key: str, **options: Any) -> ClockImportReport:
    usual: dict[str, Any] = {"path": TASK_SLA, "source": ClockSource.TASK_SLA}
    return await import_clocks(database, organisation_key=key, **usual | options)


async def rows(database: Database, key: str, sql: str) -> list[tuple[Any, ...]]:
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=key)
    async with database.reading(organisation_id) as session:
        return [tuple(row) for row in await fetch(session, sql, organisation_id)]


OURS = "SELECT * FROM clock WHERE organisation_id = $1 ORDER BY id"
VERDICTS = """
SELECT t.key, c.outcome, r.outcome FROM ticket t
JOIN clock c ON c.organisation_id = t.organisation_id AND c.ticket_id = t.id
JOIN reported_clock r ON r.organisation_id = t.organisation_id AND r.ticket_id = t.id
WHERE t.organisation_id = $1 AND r.definition LIKE '%resolution%' ORDER BY t.key
"""


async def test_events_of_a_list_are_marked_and_carry_our_clocks(database: Database, key: str) -> None:
    marked = "SELECT bool_and(synthesised), count(*) FROM ticket_event WHERE organisation_id = $1"
    assert await rows(database, key, marked) == [(True, 13)]
    states = "SELECT key, state FROM ticket WHERE organisation_id = $1 ORDER BY key"
    assert await rows(database, key, states) == [
        ("REQ-1001", "closed"),
        ("REQ-1002", "resolved"),
        ("REQ-1003", "awaiting_customer"),
        ("REQ-1004", "new"),
        ("REQ-1005", "cancelled"),
    ]


async def test_a_longer_list_adds_what_is_new_and_the_same_list_nothing(
    database: Database, key: str, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"layout": Layout.TICKETS, "organisation_key": key}
    again = await import_tickets(database, path=FIXTURES / "ticket_list.csv", **options)
    assert (again.stored, again.counts.events_known) == (False, 13)
    text = (FIXTURES / "ticket_list.csv").read_text()
    later = tmp_path / "later.csv"
    unfinished = "REQ-1004,Open,Low,2026-03-04 15:47,,,,2026-03-04 15:47"
    finished = "REQ-1004,Resolved,Low,2026-03-04 15:47,,2026-03-05 09:00,,2026-03-05 09:00"
    assert unfinished in text
    later.write_text(text.replace(unfinished, finished))
    report = await import_tickets(database, path=later, **options)
    assert (report.counts.events_recorded, report.counts.events_known) == (1, 13)


async def test_their_verdicts_stand_beside_ours_and_change_none(database: Database, key: str) -> None:
    before = await rows(database, key, OURS)
    report = await reported(database, key)
    assert (report.stored, report.counts.events_recorded) == (True, 5)
    assert report.outcomes[Outcome.MISSED] == 1
    assert await rows(database, key, OURS) == before
    assert await rows(database, key, VERDICTS) == [
        ("REQ-1001", "met", "met"),
        ("REQ-1002", "missed", "missed"),
        ("REQ-1003", "missed", "pending"),
        ("REQ-1005", "no_data", "no_data"),
    ]


async def test_reporting_twice_is_reporting_once_and_a_changed_report_stands_beside_the_first(
    database: Database, key: str, tmp_path: Path
) -> None:
    await reported(database, key)
    again = await reported(database, key)
    assert (again.stored, again.counts.events_known) == (False, 5)
    changed = tmp_path / "changed.csv"
    changed.write_text(TASK_SLA.read_text().replace("Paused,false", "In progress,false"))
    assert (await reported(database, key, path=changed)).counts.events_recorded == 1
    stages = (
        "SELECT stage FROM reported_clock WHERE organisation_id = $1 AND definition = 'P3 resolution 40 hours'"
        " AND stopped_at IS NULL ORDER BY received_at"
    )
    assert await rows(database, key, stages) == [("Paused",), ("In progress",)]


async def test_a_clock_of_an_unknown_ticket_is_rejected_and_the_others_kept_when_asked(
    database: Database, key: str, tmp_path: Path
) -> None:
    path = tmp_path / "unknown.csv"
    path.write_text(TASK_SLA.read_text().replace("REQ-1005", "REQ-9999"))
    refused = await reported(database, key, path=path)
    ((line, column, value, reason),) = refused.rejections
    assert (refused.stored, line, column, value) == (False, 6, "task", "REQ-9999")
    assert "import the tickets first" in reason
    assert await rows(database, key, "SELECT id FROM reported_clock WHERE organisation_id = $1") == []
    assert (await reported(database, key, path=path, keep_good=True)).counts.events_recorded == 4


async def test_jira_cycles_stand_beside_the_issues_of_jira(database: Database) -> None:
    key = unique_key("jira")
    await import_tickets(database, path=FIXTURES / "jira_issues.csv", layout=Layout.TICKETS, organisation_key=key)
    report = await reported(database, key, path=FIXTURES / "jira_sla.jsonl", source=ClockSource.JIRA)
    assert (report.stored, report.counts.events_recorded, report.rejections) == (True, 3, [])
    recorded = "SELECT source, profile, time_zone FROM ticket_import WHERE organisation_id = $1 ORDER BY received_at"
    assert await rows(database, key, recorded) == [
        ("tickets", "jira-issues", "UTC"),
        ("jira_sla", "jira-sla-cycles", "as written"),
    ]


async def test_an_organisation_without_tickets_is_not_made_for_clocks(database: Database) -> None:
    with pytest.raises(NotFound, match="import its tickets first"):
        await reported(database, unique_key("nobody"))


async def test_an_import_of_clocks_logs_its_end_for_whom_it_was_done(database: Database, key: str) -> None:
    with capture_logs(processors=[merge_contextvars]) as lines:
        report = await reported(database, key)
    (line,) = (line for line in lines if line["event"] == "import.finished")
    assert (line["job"], line["stored"], line["events_recorded"]) == ("import", True, report.counts.events_recorded)
    assert line["organisation"]
    assert line["actor"]
    assert line["trace_id"]


def test_the_command_leaves_figures_of_an_import_of_clocks(database_url: str, key: str, tmp_path: Path) -> None:
    figures = tmp_path / "import.prom"
    result = slm(
        "import", "task-sla", str(TASK_SLA), "--organisation", key,
        DATABASE_URL=database_url, SLM_METRICS_FILE=str(figures),
    )  # fmt: skip
    assert result.code == 0, result.out
    assert 'slm_import_rows{result="recorded"} 5.0' in figures.read_text()
