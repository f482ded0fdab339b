"""Exports of clocks are read as their systems write them, and a conclusion is taken for what it is."""

import json
from pathlib import Path

import pytest

from services.domain.vocabulary import ClockStatus, Outcome
from services.errors import Invalid
from services.tickets.sources.clock_export import ClockExport, open_clock_export
from services.tickets.sources.clock_rows import ReportedClockRecord, outcome_of
from services.tickets.sources.records import Rejection
from tests.services.tickets.sources.exports import NOW, csv_text, written
from tests.services.tickets.sources.test_ticket_rows import FIXTURES

ROW = {
    "task": "INC1",
    "sla": "P3 resolution",
    "stage": "Completed",
    "has_breached": "false",
    "start_time": "2026-03-02 09:00:00",
    "end_time": "2026-03-02 10:00:00",
    "planned_end_time": "2026-03-03 09:00:00",
    "business_duration": "3600",
    "business_pause_duration": "0",
    "sys_updated_on": "2026-03-02 10:00:01",
}


def clocks(export: ClockExport) -> list[ReportedClockRecord]:
    return [clock for batch in export.batches() for clock in batch.clocks]


def rejected(export: ClockExport) -> list[Rejection]:
    return [rejection for batch in export.batches() for rejection in batch.rejections]


def task_sla(folder: Path, **changed: str) -> ClockExport:
    return open_clock_export(written(folder, csv_text([ROW | changed], tuple(ROW))), now=NOW)


@pytest.mark.parametrize(
    ("breached", "status", "outcome"),
    [
        (False, ClockStatus.COMPLETED, Outcome.MET),
        (False, ClockStatus.RUNNING, Outcome.PENDING),
        (False, ClockStatus.PAUSED, Outcome.PENDING),
        (False, ClockStatus.CANCELLED, Outcome.NO_DATA),
        (False, None, Outcome.CANNOT_TELL),
        (None, ClockStatus.COMPLETED, Outcome.CANNOT_TELL),
        (True, ClockStatus.RUNNING, Outcome.MISSED),
        (True, ClockStatus.CANCELLED, Outcome.MISSED),
        (True, None, Outcome.MISSED),
    ],
)
def test_only_a_clock_that_ended_unbreached_met_its_promise(
    breached: bool | None, status: ClockStatus | None, outcome: Outcome
) -> None:
    assert outcome_of(breached, status) is outcome


def test_task_sla_is_read_with_the_shipped_profile() -> None:
    export = open_clock_export(FIXTURES / "task_sla.csv", now=NOW)
    assert (export.profile.name, export.time_zone_assumed) == ("servicenow-task-sla", True)
    assert rejected(export) == []
    read = clocks(export)
    assert [clock.outcome for clock in read] == ["met", "met", "missed", "pending", "no_data"]
    late = read[2]
    assert (late.ticket_key, late.definition) == ("REQ-1002", "P3 resolution 40 hours")
    assert (late.elapsed_seconds, late.paused_seconds, late.goal_seconds) == (528_240, 36_000, None)
    assert late.recorded_at.isoformat() == "2026-03-20T16:45:03+00:00"
    assert late.attributes["business_percentage"] == "366.83"


def test_the_stage_breached_of_the_old_engine_does_not_say_whether_the_clock_runs(tmp_path: Path) -> None:
    (clock,) = clocks(task_sla(tmp_path, stage="Breached", has_breached="true", end_time=""))
    assert (clock.stage, clock.status, clock.outcome) == ("Breached", None, Outcome.MISSED)


def test_an_id_of_its_own_names_a_clock_better_than_its_start(tmp_path: Path) -> None:
    path = written(tmp_path, csv_text([ROW | {"sys_id": "9d1f"}], (*ROW, "sys_id")))
    assert clocks(open_clock_export(path, now=NOW))[0].key == "9d1f"
    assert clocks(task_sla(tmp_path))[0].key == "P3 resolution|2026-03-02T09:00:00Z"


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"end_time": "2026-03-01 10:00:00"}, "end_time", "lies before the start"),
        ({"planned_end_time": "2026-03-01 10:00:00"}, "planned_end_time", "lies before the start"),
        ({"start_time": "2099-01-01 10:00:00"}, "start_time", "is still to come"),
        ({"start_time": ""}, "start_time", "has no value"),
        ({"end_time": ""}, "stage", "nothing says when it stopped"),
        ({"has_breached": "maybe"}, "has_breached", "is none of the words"),
        ({"business_duration": "-60"}, "business_duration", "is not a span"),
        ({"business_pause_duration": "long"}, "business_pause_duration", "is not a span"),
        ({"sla": " "}, "sla", "has no value"),
        ({"task": "INC\0"}, "task", "NUL"),
    ],
)
def test_a_row_that_cannot_be_is_rejected(tmp_path: Path, changed: dict[str, str], column: str, reason: str) -> None:
    export = task_sla(tmp_path, **changed)
    assert clocks(export) == []
    ((line, at_fault, _, said),) = rejected(export)
    assert (line, at_fault) == (2, column)
    assert reason in said


def test_a_clock_may_fall_due_in_the_future(tmp_path: Path) -> None:
    (clock,) = clocks(task_sla(tmp_path, stage="In progress", end_time="", planned_end_time="2099-01-01 10:00:00"))
    assert (clock.status, clock.outcome) == (ClockStatus.RUNNING, Outcome.PENDING)


def test_answers_of_the_jira_api_are_read_a_cycle_at_a_time() -> None:
    export = open_clock_export(FIXTURES / "jira_sla.jsonl", now=NOW)
    assert (export.profile.name, export.time_zone) == ("jira-sla-cycles", None)
    assert rejected(export) == []
    late, first, running = clocks(export)
    assert (late.ticket_key, late.definition, late.outcome) == ("ITSM-41", "Time to resolution", Outcome.MISSED)
    assert (late.goal_seconds, late.elapsed_seconds, late.line) == (28_800, 47_700, 1)
    assert late.attributes["remainingTime.millis"] == "-18900000"
    assert (first.outcome, first.status) == (Outcome.MET, ClockStatus.COMPLETED)
    assert (running.ticket_key, running.status, running.outcome) == ("ITSM-42", ClockStatus.PAUSED, Outcome.PENDING)
    assert running.recorded_at == NOW


def test_one_json_text_is_read_like_one_answer_a_line(tmp_path: Path) -> None:
    lines = (FIXTURES / "jira_sla.jsonl").read_text().splitlines()
    expected = [clock._replace(line=0) for clock in clocks(open_clock_export(FIXTURES / "jira_sla.jsonl", now=NOW))]
    for text in (f"[{','.join(lines)}]", json.dumps([json.loads(line) for line in lines], indent=2)):
        export = open_clock_export(written(tmp_path, text, "answers.json"), now=NOW)
        assert [clock._replace(line=0) for clock in clocks(export)] == expected


def test_flattened_cycles_are_read_like_the_answers_they_came_from(tmp_path: Path) -> None:
    export = open_clock_export(FIXTURES / "jira_sla.jsonl", now=NOW)
    rows = [
        dict(zip(export.columns, row.cells, strict=True)) for chunk in export.reader.chunks(10) for row in chunk.rows
    ]
    flat = open_clock_export(written(tmp_path, csv_text(rows, export.columns)), now=NOW)
    assert [clock._replace(line=0) for clock in clocks(flat)] == [clock._replace(line=0) for clock in clocks(export)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is no JSON"),
        ('{"values": []', "is no JSON"),
        ('{"issueKey": "A-1"}', "has no list of SLAs"),
        ('{"values": [{"name": "x"}]}', "does not say whose it is"),
        ('{"issueKey": "A-1", "values": ["x"]}', "that is no SLA"),
        ('{"issueKey": "A-1", "values": [{"completedCycles": [1]}]}', "that is no cycle"),
    ],
)
def test_an_answer_that_is_none_is_rejected_by_its_line(tmp_path: Path, line: str, reason: str) -> None:
    good = (FIXTURES / "jira_sla.jsonl").read_text()
    export = open_clock_export(written(tmp_path, f"{good}{line}\n", "answers.jsonl"), now=NOW)
    assert len(clocks(export)) == 3
    ((number, _, value, said),) = rejected(export)
    assert (number, bool(value)) == (3, True)
    assert reason in said


@pytest.mark.parametrize("content", ["{", "[1, 2", '{"values": '])
def test_what_is_no_json_is_refused_by_name(tmp_path: Path, content: str) -> None:
    with pytest.raises(Invalid, match=r"answers\.json: this is neither JSON nor one JSON text a line"):
        open_clock_export(written(tmp_path, content, "answers.json"), now=NOW)
