"""An export goes in whole or not at all, and going in twice is the same as once."""

from pathlib import Path
from typing import Any

import pytest

from services.db import Database, fetch
from services.domain.vocabulary import Outcome
from services.errors import NotFound
from services.organisations.queries import find_organisation
from services.tickets.sources.profile import load_profile
from slm.importing import ImportReport, import_tickets
from tests.factories.organisations import unique_key

PROFILE = """
name: test
time_zone: UTC
date_formats: [D/M/YYYY]
service: {key: desk, name: Service desk}
calendars:
  - key: always
    name: Always
    time_zone: UTC
    windows:
      - weekdays: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]
        opens: "00:00"
        closes: "24:00"
agreement: {key: desk-sla, name: Desk SLA, kind: sla, valid_from: 2016-01-01T00:00:00Z}
targets:
  - key: close
    name: Closed within a day
    calendar: always
    duration: {hours: 24}
    stop_states: [closed]
    objective_percent: "90"
    period: month
"""

HEADER = (
    "number,incident_state,sys_mod_count,opened_at,sys_updated_at,priority,made_sla,resolved_at,closed_at,u_symptom"
)
GOOD = [
    "INC1,New,0,1/3/2016 08:00,1/3/2016 08:01,3 - Moderate,true,?,?,slow",
    "INC1,Closed,1,1/3/2016 08:00,1/3/2016 20:00,3 - Moderate,true,1/3/2016 19:00,1/3/2016 20:00,slow",
    "INC2,New,0,1/3/2016 09:00,1/3/2016 09:00,3 - Moderate,true,?,?,?",
    "INC2,Closed,1,1/3/2016 09:00,4/3/2016 09:00,3 - Moderate,false,?,4/3/2016 09:00,?",
]
BAD = "INC3,New,zero,1/3/2016 09:00,1/3/2016 09:00,3 - Moderate,true,?,?,?"


@pytest.fixture
def key() -> str:
    return unique_key("import")


def export(folder: Path, *rows: str) -> Path:
    path = folder / "export.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n")
    return path


async def imported(database: Database, path: Path, key: str, **options: Any) -> ImportReport:
    profile_path = path.parent / "profile.yaml"
    profile_path.write_text(PROFILE)
    return await import_tickets(
        database, path=path, organisation_key=key, profile=load_profile(profile_path), **options
    )


async def everything(database: Database, key: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row the organisation has in the tables an import writes; nothing where it does not exist."""
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=key)
    if organisation_id is None:
        return {}
    tables = ("ticket_import", "ticket", "ticket_event", "clock", "breach", "period_result", "agreement", "calendar")
    async with database.reading(organisation_id) as session:
        return {
            table: list(
                await fetch(session, f"SELECT * FROM {table} WHERE organisation_id = $1 ORDER BY id", organisation_id)
            )
            for table in tables
        }


async def test_an_import_ends_in_clocks_breaches_and_period_results(
    database: Database, key: str, tmp_path: Path
) -> None:
    report = await imported(database, export(tmp_path, *GOOD), key)
    assert (report.stored, report.counts.events_recorded, report.counts.tickets_touched) == (True, 4, 2)
    stored: dict[str, list[Any]] = await everything(database, key)
    assert sorted(clock.outcome for clock in stored["clock"]) == [Outcome.MET, Outcome.MISSED]
    assert {breach.kind for breach in stored["breach"]} == {"clock", "period"}
    assert [(result.met, result.missed, result.outcome) for result in stored["period_result"]] == [(1, 1, "missed")]


async def test_every_source_column_is_kept_and_each_event_names_its_import(
    database: Database, key: str, tmp_path: Path
) -> None:
    await imported(database, export(tmp_path, *GOOD), key)
    stored: dict[str, list[Any]] = await everything(database, key)
    first = min(stored["ticket_event"], key=lambda event: event.recorded_at)
    assert first.attributes["u_symptom"] == "slow"
    assert "resolved_at" not in first.attributes
    assert stored["ticket_import"][0].columns == HEADER.split(",")
    assert {event.import_id for event in stored["ticket_event"]} == {stored["ticket_import"][0].id}
    assert all(event.recorded_at < event.received_at for event in stored["ticket_event"])


async def test_importing_twice_changes_nothing(database: Database, key: str, tmp_path: Path) -> None:
    path = export(tmp_path, *GOOD)
    await imported(database, path, key)
    before = await everything(database, key)
    again = await imported(database, path, key)
    assert (again.stored, again.counts.events_recorded, again.counts.events_known) == (False, 0, 4)
    assert await everything(database, key) == before


async def test_a_longer_export_adds_what_is_new(database: Database, key: str, tmp_path: Path) -> None:
    await imported(database, export(tmp_path, *GOOD[:3]), key)
    report = await imported(database, export(tmp_path, *GOOD), key)
    assert (report.counts.events_recorded, report.counts.events_known, report.counts.tickets_touched) == (1, 3, 1)


async def test_a_rejected_row_keeps_everything_out(database: Database, key: str, tmp_path: Path) -> None:
    report = await imported(database, export(tmp_path, *GOOD, BAD), key)
    assert not report.stored
    (rejection,) = report.rejections
    assert (rejection.line, rejection.column, rejection.value) == (6, "sys_mod_count", "zero")
    assert await everything(database, key) == {}


async def test_a_rejected_row_keeps_an_earlier_import_as_it_is(database: Database, key: str, tmp_path: Path) -> None:
    await imported(database, export(tmp_path, *GOOD[:3]), key)
    before = await everything(database, key)
    report = await imported(database, export(tmp_path, *GOOD, BAD), key)
    assert not report.stored
    assert await everything(database, key) == before


async def test_the_good_rows_are_kept_when_asked(database: Database, key: str, tmp_path: Path) -> None:
    report = await imported(database, export(tmp_path, *GOOD, BAD), key, keep_good=True)
    assert (report.stored, report.counts.events_recorded, report.counts.rows_rejected) == (True, 4, 1)


async def test_the_same_ticket_numbers_in_two_organisations_stay_apart(database: Database, tmp_path: Path) -> None:
    keys = unique_key("first"), unique_key("second")
    for key in keys:
        await imported(database, export(tmp_path, *GOOD), key)
    first, second = [await everything(database, key) for key in keys]
    for table, rows in first.items():
        assert len(rows) == len(second[table])
        assert not set(map(repr, rows)) & set(map(repr, second[table]))


async def test_an_unknown_service_is_refused_and_nothing_is_stored(
    database: Database, key: str, tmp_path: Path
) -> None:
    with pytest.raises(NotFound, match="no service with the key 'nowhere'"):
        await imported(database, export(tmp_path, *GOOD), key, service_key="nowhere")
    assert await everything(database, key) == {}


async def test_a_row_that_contradicts_what_is_on_record_is_rejected_and_listed(
    database: Database, key: str, tmp_path: Path
) -> None:
    await imported(database, export(tmp_path, *GOOD[:3]), key)
    before = await everything(database, key)
    other = export(tmp_path, GOOD[0].replace("New", "Resolved"), *GOOD[1:])
    refused = await imported(database, other, key)
    (rejection,) = refused.rejections
    assert (refused.stored, rejection.line, rejection.value) == (False, 2, "INC1")
    assert "is on record with another state" in rejection.reason
    assert await everything(database, key) == before
    kept = await imported(database, other, key, keep_good=True)
    assert (kept.counts.events_recorded, kept.counts.events_known, kept.counts.rows_rejected) == (1, 2, 1)
    recorded = (await everything(database, key))["ticket_event"]
    assert all(event in recorded for event in before["ticket_event"])


async def test_final_values_copied_onto_known_updates_are_counted_and_reject_nothing(
    database: Database, key: str, tmp_path: Path
) -> None:
    await imported(database, export(tmp_path, *GOOD[:3]), key)
    copied = GOOD[2].replace("true,?,?,?", "false,?,4/3/2016 09:00,?")
    report = await imported(database, export(tmp_path, *GOOD[:2], copied, GOOD[3]), key)
    assert (report.stored, report.rejections, report.counts.events_recorded) == (True, [], 1)
    assert report.restated == {"closed_at": 1, "recorded_outcome": 1, "attributes": 1}


async def test_importing_twice_restates_nothing(database: Database, key: str, tmp_path: Path) -> None:
    path = export(tmp_path, *GOOD)
    await imported(database, path, key)
    assert not (await imported(database, path, key)).restated
