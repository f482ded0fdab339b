"""kill -9 of everything around an import, amid its rows: it is stored whole and once, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from slm.local_database import local_database
from tests.factories.organisations import unique_key
from tests.slm.installation import Installation, Process, watched
from tests.slm.test_importing import HEADER, PROFILE

STATES = ("New", "Active", "Awaiting User Info", "Active", "Closed")
TICKETS = 3_000
LATE = TICKETS // 4
"""Every fourth ticket is closed a day late."""
EARLIER = "earlier"
"""The organisation whose one ticket was imported before anything was killed."""

STORED = """
SELECT (SELECT count(*) FROM ticket_import WHERE organisation_id = o.organisation_id),
       (SELECT count(*) FROM ticket WHERE organisation_id = o.organisation_id),
       (SELECT count(*) FROM ticket_event WHERE organisation_id = o.organisation_id),
       (SELECT count(DISTINCT (ticket_id, key)) FROM ticket_event WHERE organisation_id = o.organisation_id),
       (SELECT count(*) FROM clock WHERE organisation_id = o.organisation_id),
       (SELECT count(*) FROM breach WHERE organisation_id = o.organisation_id AND kind = 'clock'),
       (SELECT sum(met) FROM period_result WHERE organisation_id = o.organisation_id),
       (SELECT sum(missed) FROM period_result WHERE organisation_id = o.organisation_id)
FROM organisation o WHERE o.key = $1
"""
EVERYTHING = (1, TICKETS, TICKETS * len(STATES), TICKETS * len(STATES), TICKETS, LATE, TICKETS - LATE, LATE)

BATCH_UNDER_WAY = """
SELECT query_start FROM pg_stat_activity
WHERE application_name = 'slm' AND state = 'active' AND query LIKE '%INSERT INTO ticket_event%'
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("imports"))
    (made.folder / "profile.yaml").write_text(PROFILE)
    (made.folder / "export.csv").write_text("\n".join((HEADER, *rows())) + "\n")
    small = "\n".join((HEADER, *list(rows())[: len(STATES)])) + "\n"
    (made.folder / "small.csv").write_text(small)
    done = made.slm(*arguments(made, EARLIER, "small.csv"))
    assert done.code == 0, done.err
    yield made
    with local_database(made.data_dir):
        pass  # whoever was killed left the server running: the last to leave stops it


def rows() -> Iterator[str]:
    """One row per update, the tickets one after the other."""
    for ticket in range(TICKETS):
        month, closing_day = 1 + ticket % 12, 4 if ticket % 4 == 0 else 3
        for update, state in enumerate(STATES):
            at = f"{closing_day}/{month}/2016 20:00" if state == "Closed" else f"3/{month}/2016 {8 + update:02}:00"
            closed = f"{at},{at}" if state == "Closed" else "?,?"
            yield f"INC{ticket},{state},{update},3/{month}/2016 08:00,{at},3 - Moderate,true,{closed},slow"


def arguments(installation: Installation, organisation: str, export: str = "export.csv") -> tuple[str, ...]:
    file, profile = installation.folder / export, installation.folder / "profile.yaml"
    return ("import", "servicenow", str(file), "--organisation", organisation, "--profile", str(profile))


@contextmanager
def amid_an_import(installation: Installation, organisation: str) -> Iterator[Process]:
    """An import whose first batch is written and whose second is being written."""
    with installation.running(*arguments(installation, organisation)) as importer:
        seen: set[Any] = set()

        def second(found: list[tuple[Any, ...]]) -> bool:
            assert importer.popen.poll() is None, importer.said()
            seen.update(found)
            return len(seen) >= 2

        with local_database(installation.data_dir) as url:
            watched(url, BATCH_UNDER_WAY, until=second)
        yield importer


def test_an_import_that_is_killed_stores_nothing_and_the_next_stores_all_once(installation: Installation) -> None:
    key = unique_key("import")
    with amid_an_import(installation, key) as importer:
        importer.kill()
    assert installation.rows(STORED, key) == []  # the organisation would have been made by the import
    again = installation.slm(*arguments(installation, key))
    assert again.code == 0, again.err
    assert installation.rows(STORED, key) == [EVERYTHING]


def test_an_import_whose_database_is_killed_says_so_and_loses_nothing_that_was_there(
    installation: Installation,
) -> None:
    key = unique_key("import")
    with amid_an_import(installation, key) as importer:
        installation.kill_database()
        assert importer.ended() == 1
        assert "error: the database cannot be" in importer.said()
    assert installation.rows(STORED, EARLIER) == [(1, 1, 5, 5, 1, 1, 0, 1)]
    assert installation.rows(STORED, key) == []  # the organisation would have been made by the import
    again = installation.slm(*arguments(installation, key))
    assert again.code == 0, again.err
    assert installation.rows(STORED, key) == [EVERYTHING]


def test_an_import_does_not_notice_that_the_api_and_the_worker_are_killed(installation: Installation) -> None:
    key = unique_key("import")
    with (
        installation.serving() as (api, _),
        installation.running("worker") as worker,
        amid_an_import(installation, key) as importer,
    ):
        api.kill()
        worker.kill()
        assert importer.ended() == 0
        assert f"{TICKETS * len(STATES):,} events" in importer.said()
    assert installation.rows(STORED, key) == [EVERYTHING]
