"""A row that says how a ticket stands becomes the events it must have had, and no more."""

from pathlib import Path

import pytest

from services.domain.vocabulary import TicketState
from services.errors import Invalid
from services.tickets.sources.columns import Layout
from services.tickets.sources.export import Export, ProfileSource, open_export
from services.tickets.sources.profile import Profile, shipped_profiles
from tests.services.tickets.sources.exports import NOW, UTC_PROFILE, csv_text, events, rejections, written

FIXTURES = Path(__file__).parent / "fixtures"
ROW = {
    "number": "INC1",
    "state": "Closed",
    "opened": "2026-03-02 09:00",
    "responded_at": "2026-03-02 09:30",
    "resolved": "2026-03-03 10:00",
    "closed": "2026-03-06 10:00",
    "updated": "2026-03-06 10:00",
    "priority": "2 - High",
}
PROFILE = Profile(layout=Layout.TICKETS, time_zone="UTC")


def listed(folder: Path, *rows: dict[str, str], columns: tuple[str, ...] = tuple(ROW)) -> Export:
    text = csv_text([{column: row[column] for column in columns} for row in rows], columns)
    return open_export(written(folder, text), PROFILE, now=NOW, layout=Layout.TICKETS)


def told(export: Export) -> list[tuple[str, str]]:
    """The key and state of each event."""
    return [(event.event_key, event.state) for event in events(export)]


def test_each_instant_becomes_an_event_that_is_marked_as_ours(tmp_path: Path) -> None:
    export = listed(tmp_path, ROW)
    assert told(export) == [
        ("opened|2026-03-02T09:00:00Z", TicketState.NEW),
        ("responded|2026-03-02T09:30:00Z", TicketState.IN_PROGRESS),
        ("resolved|2026-03-03T10:00:00Z", TicketState.RESOLVED),
        ("closed|2026-03-06T10:00:00Z", TicketState.CLOSED),
    ]
    assert all(event.synthesised for event in events(export))


def test_no_event_knows_what_came_later(tmp_path: Path) -> None:
    opened, responded, resolved, closed = events(listed(tmp_path, ROW))
    assert (opened.recorded_resolved_at, responded.recorded_resolved_at) == (None, None)
    assert (resolved.recorded_resolved_at, resolved.recorded_closed_at) == (resolved.occurred_at, None)
    assert closed.recorded_closed_at == closed.occurred_at
    assert opened.attributes == {"opened": "2026-03-02 09:00"}
    assert closed.attributes == ROW


def test_a_state_the_instants_do_not_imply_holds_since_the_last_update(tmp_path: Path) -> None:
    waiting = ROW | {"state": "On Hold", "resolved": "", "closed": "", "updated": "2026-03-02 15:00"}
    assert told(listed(tmp_path, waiting))[-1] == ("updated|2026-03-02T15:00:00Z", TicketState.ON_HOLD)


def test_a_state_without_any_instant_makes_no_event(tmp_path: Path) -> None:
    waiting = ROW | {"state": "On Hold", "resolved": "", "closed": ""}
    columns = tuple(column for column in ROW if column != "updated")
    assert told(listed(tmp_path, waiting, columns=columns))[-1][1] == TicketState.IN_PROGRESS


def test_a_reopened_ticket_is_open_since_its_last_update(tmp_path: Path) -> None:
    reopened = ROW | {"state": "In Progress", "closed": "", "updated": "2026-03-04 08:00"}
    assert told(listed(tmp_path, reopened))[-2:] == [
        ("resolved|2026-03-03T10:00:00Z", TicketState.RESOLVED),
        ("updated|2026-03-04T08:00:00Z", TicketState.IN_PROGRESS),
    ]


def test_a_cancelled_ticket_ends_cancelled(tmp_path: Path) -> None:
    cancelled = ROW | {"state": "Cancelled", "resolved": ""}
    assert told(listed(tmp_path, cancelled))[-1] == ("closed|2026-03-06T10:00:00Z", TicketState.CANCELLED)


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"closed": ""}, "state", "says closed, and no column says since when"),
        ({"state": "New"}, "state", "says new, although the ticket ended at 2026-03-06"),
        ({"closed": "2026-03-03 09:00"}, "closed", "lies before the resolution"),
        ({"resolved": "2026-03-01 09:00"}, "resolved", "lies before the opening"),
        ({"responded_at": "2026-03-01 09:00"}, "responded_at", "lies before the opening"),
        ({"opened": ""}, "opened", "has no value"),
        ({"number": " "}, "number", "has no value"),
    ],
)
def test_a_row_that_contradicts_itself_is_rejected(
    tmp_path: Path, changed: dict[str, str], column: str, reason: str
) -> None:
    export = listed(tmp_path, ROW | changed)
    assert events(export) == []
    ((line, at_fault, _, said),) = rejections(export)
    assert (line, at_fault) == (2, column)
    assert reason in said


def test_the_same_row_twice_is_a_repetition_and_another_of_the_ticket_a_contradiction(tmp_path: Path) -> None:
    export = listed(tmp_path, ROW, ROW, ROW | {"priority": "1 - Critical"})
    (batch,) = export.batches()
    assert (len(batch.events), batch.repetitions) == (4, 1)
    ((line, _, _, reason),) = batch.rejections
    assert (line, reason) == (4, "an earlier row says something else about this ticket")


def test_only_a_number_and_an_opening_are_needed(tmp_path: Path) -> None:
    assert told(listed(tmp_path, ROW, columns=("number", "opened"))) == [
        ("opened|2026-03-02T09:00:00Z", TicketState.NEW)
    ]


def test_a_profile_of_the_other_layout_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, csv_text([ROW], tuple(ROW)))
    with pytest.raises(Invalid, match="describes updates, one in each row, and not tickets"):
        open_export(path, UTC_PROFILE, now=NOW, layout=Layout.TICKETS)


@pytest.mark.parametrize(
    ("file", "profile", "count"), [("ticket_list.csv", "ticket-list", 13), ("jira_issues.csv", "jira-issues", 6)]
)
def test_the_shipped_profiles_are_used_unasked(file: str, profile: str, count: int) -> None:
    export = open_export(FIXTURES / file, now=NOW, layout=Layout.TICKETS)
    assert (export.profile.name, export.profile_source) == (profile, ProfileSource.SHIPPED_EXAMPLE)
    assert rejections(export) == []
    assert len(events(export)) == count
    assert not any(batch.unknown_states for batch in export)


def test_a_layout_that_is_known_as_another_one_names_its_command(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"columns of 'ticket-list', with tickets in its rows .* `slm import tickets`"):
        open_export(FIXTURES / "ticket_list.csv", now=NOW)
    (log,) = [one for one in shipped_profiles() if one.layout is Layout.UPDATES]
    with pytest.raises(Invalid, match=r"with updates in its rows .* `slm import servicenow`"):
        open_export(written(tmp_path, csv_text([], log.matches)), now=NOW, layout=Layout.TICKETS)


def test_a_column_that_is_there_twice_keeps_both_values_unless_it_is_read(tmp_path: Path) -> None:
    export = open_export(FIXTURES / "jira_issues.csv", now=NOW, layout=Layout.TICKETS)
    last = [event for event in events(export) if event.ticket_key == "ITSM-41"][-1]
    assert (last.attributes["Labels"], last.attributes["Labels (2)"]) == ("vpn", "network")
    with pytest.raises(Invalid, match="more than once: number"):
        open_export(written(tmp_path, "number,number,opened\n1,2,3\n"), PROFILE, now=NOW, layout=Layout.TICKETS)
