"""A row becomes an event with everything it says, or a rejection with line, column, value and reason."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.domain.vocabulary import Outcome, TicketState
from services.tickets.sources.dates import DateNotation
from services.tickets.sources.profile import OutcomeWords, Profile
from services.tickets.sources.records import Rejection
from tests.services.tickets.sources.exports import csv_text, events, opened, read_export, rejections, row, written

YEAR_FIRST = Profile(time_zone="UTC", date_formats=(DateNotation.YEAR_FIRST,))


def test_a_row_becomes_an_event_with_all_it_says(tmp_path: Path) -> None:
    (event,) = events(opened(tmp_path, row(sys_mod_count="12", resolved_at="2016-03-05 12:29")))
    assert event.ticket_key == "INC1"
    assert event.sequence == 12
    assert event.event_key == "12|2016-03-05T12:30:00Z"
    assert event.occurred_at == event.recorded_at == datetime(2016, 3, 5, 12, 30, tzinfo=UTC)
    assert event.opened_at == datetime(2016, 3, 5, 12, 0, tzinfo=UTC)
    assert event.state is TicketState.NEW
    assert event.priority == "3 - Moderate"
    assert event.team == "Group 7"
    assert event.recorded_outcome is Outcome.MET
    assert event.recorded_resolved_at == datetime(2016, 3, 5, 12, 29, tzinfo=UTC)
    assert event.recorded_closed_at is None
    assert event.assignee is None


def test_attributes_hold_every_column_verbatim_but_the_missing_ones(tmp_path: Path) -> None:
    (event,) = events(opened(tmp_path, row(u_note="  kept, as “it” is ", priority=" ? ", made_sla="   ")))
    assert event.attributes["u_note"] == "  kept, as “it” is "
    assert event.attributes["sys_updated_at"] == "2016-03-05 12:30"
    assert set(event.attributes).isdisjoint({"priority", "made_sla", "resolved_at", "closed_at"})
    assert event.priority is None
    assert event.recorded_outcome is None


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("New", TicketState.NEW),
        ("Active", TicketState.IN_PROGRESS),
        ("In  PROGRESS", TicketState.IN_PROGRESS),
        ("Awaiting User Info", TicketState.AWAITING_CUSTOMER),
        ("Awaiting Vendor", TicketState.AWAITING_SUPPLIER),
        ("Awaiting Problem", TicketState.AWAITING_PROBLEM),
        ("Awaiting Evidence", TicketState.ON_HOLD),
        ("On Hold", TicketState.ON_HOLD),
        ("Resolved", TicketState.RESOLVED),
        ("Closed", TicketState.CLOSED),
        ("Canceled", TicketState.CANCELLED),
        ("6", TicketState.RESOLVED),
        ("7", TicketState.CLOSED),
    ],
)
def test_the_usual_state_words_need_no_profile(tmp_path: Path, word: str, state: TicketState) -> None:
    (event,) = events(opened(tmp_path, row(incident_state=word)))
    assert event.state is state
    assert event.attributes["incident_state"] == word


def test_a_profile_gives_states_and_outcomes_their_words(tmp_path: Path) -> None:
    profile = Profile(
        time_zone="UTC",
        states={"Parked": TicketState.ON_HOLD, "NEW": TicketState.IN_PROGRESS},
        outcome=OutcomeWords(met=("kept",), missed=("broken",)),
    )
    rows = row(incident_state="parked", made_sla="Broken"), row(sys_mod_count="1", made_sla="kept")
    first, second = events(opened(tmp_path, *rows, profile=profile))
    assert (first.state, first.recorded_outcome) == (TicketState.ON_HOLD, Outcome.MISSED)
    assert (second.state, second.recorded_outcome) == (TicketState.IN_PROGRESS, Outcome.MET)


def test_unknown_state_words_are_counted_and_not_rejected(tmp_path: Path) -> None:
    words = ["Dreaming", "Dreaming", "?", "-100", "New"]
    rows = [row(incident_state=word, sys_mod_count=str(place)) for place, word in enumerate(words)]
    (batch,) = opened(tmp_path, *rows)
    assert batch.unknown_states == {"Dreaming": 2, "": 1, "-100": 1}
    assert [event.state for event in batch.events[:4]] == [TicketState.UNKNOWN] * 4
    assert not batch.rejections


@pytest.mark.parametrize(
    ("column", "value", "shown", "reason"),
    [
        ("number", "?", "", "has no value"),
        ("number", "  ", "", "has no value"),
        ("number", "N" * 256, "N" * 199 + "…", "longer than 255 characters"),
        ("sys_updated_at", "", "", "has no value"),
        ("sys_updated_at", "soon", "soon", "not a date and time"),
        ("sys_updated_at", "1899-12-31 00:00", "1899-12-31 00:00", "outside the years 1970 to 2100"),
        ("opened_at", "?", "", "has no value"),
        ("opened_at", "2016-02-30 10:00", "2016-02-30 10:00", "not a possible date"),
        ("opened_at", "2101-01-01 00:00", "2101-01-01 00:00", "outside the years 1970 to 2100"),
        ("resolved_at", "later", "later", "not a date and time"),
        ("closed_at", "2016-13-01 10:00", "2016-13-01 10:00", "not a possible date"),
        ("sys_mod_count", "", "", "has no value"),
        ("sys_mod_count", "-1", "-1", "not a whole number from 0"),
        ("sys_mod_count", "1.5", "1.5", "not a whole number from 0"),
        ("sys_mod_count", "²", "²", "not a whole number from 0"),
        ("sys_mod_count", "1234567890", "1234567890", "at most 9 digits"),
        ("made_sla", "perhaps", "perhaps", "none of the words for kept or missed"),
        ("u_note", "x" * 10_001, "x" * 199 + "…", "has 10001 characters, the limit is 10000"),
        ("u_note", "a\0b", "a\0b", "NUL"),
    ],
)
def test_a_wrong_value_rejects_its_row_alone(tmp_path: Path, column: str, value: str, shown: str, reason: str) -> None:
    # long enough for the wrong value not to decide what kind of file it is
    good = [row(sys_mod_count=str(count), u_note="y" * 9_000) for count in range(1, 121)]
    export = opened(tmp_path, *good, row(**{column: value}), row(sys_mod_count="121"), profile=YEAR_FIRST)
    ((line, *rejected, why),) = rejections(export)
    assert (line, *rejected) == (122, column, shown)
    assert reason in why
    assert [event.sequence for event in events(export)] == list(range(1, 122))


def test_a_row_of_another_width_is_rejected_whole(tmp_path: Path) -> None:
    header, good = csv_text([row()]).splitlines()
    path = written(tmp_path, f"{header}\nINC2,New\n{good}\n{good},more\n")
    export = read_export(path, Profile(time_zone="UTC"))
    assert len(events(export)) == 1
    assert rejections(export) == [
        Rejection(2, "", "INC2,New", "the row has 2 columns, the header has 11"),
        Rejection(4, "", f"{good},more", "the row has 12 columns, the header has 11"),
    ]


def test_an_exact_repetition_is_counted_and_left_out(tmp_path: Path) -> None:
    batches = list(opened(tmp_path, row(), row(number="INC2"), row()).batches(2))
    assert [batch.repetitions for batch in batches] == [0, 1]
    assert [len(batch.events) for batch in batches] == [2, 0]
    assert not any(batch.rejections for batch in batches)


def test_a_second_account_of_the_same_update_is_rejected(tmp_path: Path) -> None:
    export = opened(tmp_path, row(), row(priority="1 - Critical"), row(sys_mod_count="1"))
    assert len(events(export)) == 2
    ((line, column, value, reason),) = rejections(export)
    assert (line, column, value) == (3, "number", "INC1")
    assert "an earlier row says something else about the same update (0|2016-03-05T12:30:00Z)" in reason


def test_rows_are_all_accounted_for_whatever_the_batch_size(tmp_path: Path) -> None:
    rows = [row(sys_mod_count=str(count % 7 - 1), number=f"INC{count // 11}") for count in range(100)]
    export = opened(tmp_path, *rows)
    for size in (1, 3, 64, 1_000):
        batches = list(export.batches(size))
        for batch in batches:
            assert len(batch.events) + len(batch.rejections) + batch.repetitions == batch.lines_read <= size
        assert sum(batch.lines_read for batch in batches) == 100
        assert events(export, size) == events(export)
        assert rejections(export, size) == rejections(export)
