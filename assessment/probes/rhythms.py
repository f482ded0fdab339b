"""R1 to R4: what was due in each rhythm, and what on record shows that it was kept and used."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from assessment.evidence import Evidence
from assessment.findings import Findings, Graded, GradedUnit
from assessment.probes.breach_free import doubt_of_review
from assessment.probes.ladder import Rung, climb, together
from services.governance.queries import CadenceAsOf, MeetingAsOf, OccurrenceAsOf
from services.governance.rules import ActionStatus, AttendeeRole, DecisionKind, Rhythm

DATA_AT_MOST_OLD = timedelta(days=2)
"""Before the end of the day it is for: a day for the day itself, and a day that live data may be old."""
FOLLOWING_WEEK = timedelta(days=8)
TIME_TO_CHANGE = timedelta(days=90)

NOT_HELD = "no meeting of this occasion is on record"
Judge = Callable[[Evidence, CadenceAsOf, OccurrenceAsOf], GradedUnit]


def daily_view(evidence: Evidence) -> Findings:
    """R1: business days of the last twelve months."""
    return _graded(evidence, Rhythm.DAILY, evidence.year_ago, _day)


def weekly_check_in(evidence: Evidence) -> Findings:
    """R2: calendar weeks of the last twelve months."""
    return _graded(evidence, Rhythm.WEEKLY, evidence.year_ago, _week)


def monthly_review(evidence: Evidence) -> Findings:
    """R3: reviews due in the last twelve months."""
    return _graded(evidence, Rhythm.MONTHLY, evidence.year_ago, _month)


def quarterly_cycle(evidence: Evidence) -> Findings:
    """R4: quarters of the last twenty-four months."""
    return _graded(evidence, Rhythm.QUARTERLY, None, _quarter)


def _graded(evidence: Evidence, rhythm: Rhythm, since: datetime | None, judge: Judge) -> Graded:
    return Graded(
        tuple(
            judge(evidence, cadence, each)
            for cadence in evidence.of_rhythm(rhythm)
            for each in cadence.occurrences
            if since is None or each.occurrence.first_day >= since.date()
        )
    )


def _day(_evidence: Evidence, cadence: CadenceAsOf, due: OccurrenceAsOf) -> GradedUnit:
    snapshot, late_from = due.snapshot, due.occurrence.late_from
    acknowledged_at, acted_at = (snapshot.acknowledged_at, snapshot.acted_at) if snapshot else (None, None)
    return climb(
        _name(cadence, due),
        [
            Rung(
                snapshot is not None and snapshot.data_at >= late_from - DATA_AT_MOST_OLD,
                "its data were older than a day" if snapshot else "no view of the day is on record",
                contradicted=snapshot is not None,
            ),
            _in_time(acknowledged_at, late_from, "nobody acknowledged it", "it was acknowledged after the day"),
            _in_time(acted_at, late_from, "nobody acted on it", "it was acted on after the day"),
        ],
        beyond="warnings before a breach",
        record_id=cadence.cadence_id,
    )


def _week(_evidence: Evidence, cadence: CadenceAsOf, due: OccurrenceAsOf) -> GradedUnit:
    return _best_of(cadence, due, [_check_in(cadence, due, meeting) for meeting in due.meetings])


def _check_in(cadence: CadenceAsOf, due: OccurrenceAsOf, meeting: MeetingAsOf) -> GradedUnit:
    done = all(
        action.ending is ActionStatus.DONE
        and action.ended_at is not None
        and action.ended_at <= max(action.due_at, meeting.held_at + FOLLOWING_WEEK)
        for action in meeting.actions
    )
    missing = meeting.missing_records
    return climb(
        _name(cadence, due),
        [
            Rung(bool(meeting.present or meeting.actions), "its record names nobody"),
            together(
                _on_time(due, meeting),
                _present(meeting, AttendeeRole.SERVICE_LEVEL_MANAGER),
                Rung(meeting.has_minutes or meeting.had_report, "it left no minutes and no report"),
                Rung(bool(meeting.actions), "no action is on record"),
            ),
            together(
                Rung(missing is None, f"recorded with it were {missing}"),
                Rung(done, "an action was not done by the following meeting or its due date", contradicted=True),
            ),
        ],
        beyond="forecasts that were discussed",
        record_id=meeting.meeting_id,
    )


def _month(evidence: Evidence, cadence: CadenceAsOf, due: OccurrenceAsOf) -> GradedUnit:
    return _best_of(cadence, due, [_review(evidence, cadence, due, meeting) for meeting in due.meetings])


def _review(evidence: Evidence, cadence: CadenceAsOf, due: OccurrenceAsOf, meeting: MeetingAsOf) -> GradedUnit:
    return climb(
        _name(cadence, due),
        [
            Rung(meeting.has_minutes, "it left no minutes"),
            together(
                _on_time(due, meeting),
                _present(meeting, AttendeeRole.CUSTOMER),
                _present(meeting, AttendeeRole.SERVICE_LEVEL_MANAGER),
                Rung(bool(meeting.decisions), "no decision is on record"),
            ),
            _changed_or_rightly_left_alone(evidence, cadence, meeting),
        ],
        beyond="measured effects",
        record_id=meeting.meeting_id,
    )


def _quarter(evidence: Evidence, cadence: CadenceAsOf, due: OccurrenceAsOf) -> GradedUnit:
    return _best_of(cadence, due, [_cycle(evidence, cadence, due, meeting) for meeting in due.meetings])


def _cycle(evidence: Evidence, cadence: CadenceAsOf, due: OccurrenceAsOf, meeting: MeetingAsOf) -> GradedUnit:
    start, late_from = datetime.combine(due.occurrence.first_day, time(), UTC), due.occurrence.late_from
    until = datetime.combine(due.occurrence.until, time(), UTC)
    started = [entry for entry in evidence.register if start <= entry.registered_at < until]
    ended = [entry for entry in evidence.register if entry.ended_at and start <= entry.ended_at < late_from]
    return climb(
        _name(cadence, due),
        [
            together(
                Rung(any(each.registered_at < late_from for each in evidence.register), "the register held no entry"),
                _on_time(due, meeting),
            ),
            together(
                _present(meeting, AttendeeRole.SERVICE_LEVEL_MANAGER),
                Rung(bool(meeting.decisions), "no decision is on record"),
            ),
            together(
                Rung(any(entry.answers_breach for entry in started), "no entry of the quarter is linked to a breach"),
                Rung(bool(ended), "no entry was finished or stopped in the quarter"),
            ),
        ],
        beyond="measured effects",
        record_id=meeting.meeting_id,
    )


def changed_something(meeting: MeetingAsOf) -> bool:
    """Whether an action of the meeting altered an object within ninety days."""
    latest = meeting.held_at + TIME_TO_CHANGE
    return any(each.changed_something and each.ended_at and each.ended_at <= latest for each in meeting.actions)


def _changed_or_rightly_left_alone(evidence: Evidence, cadence: CadenceAsOf, meeting: MeetingAsOf) -> Rung:
    """Something was altered, or there is a reasoned decision to change nothing while nothing was breached."""
    if changed_something(meeting):
        return Rung(True, "")
    if DecisionKind.NO_CHANGE not in meeting.decisions:
        return Rung(False, "nothing altered within ninety days is on record")
    doubt = doubt_of_review(evidence, cadence, meeting)
    return Rung(doubt is None, f"it decided to change nothing, and {doubt}")


def _best_of(cadence: CadenceAsOf, due: OccurrenceAsOf, judged: list[GradedUnit]) -> GradedUnit:
    """Of several meetings for one occasion the one that answers it best, so that losing another's record is no gain."""
    if judged:
        return max(judged, key=lambda unit: unit.state)
    return climb(_name(cadence, due), [Rung(False, NOT_HELD)], beyond="", record_id=cadence.cadence_id)


def _name(cadence: CadenceAsOf, due: OccurrenceAsOf) -> str:
    return f"{cadence.key}, {due.occurrence.first_day}"


def _in_time(at: datetime | None, late_from: datetime, missing: str, late: str) -> Rung:
    return Rung(at is not None and at < late_from, missing if at is None else late, contradicted=at is not None)


def _on_time(due: OccurrenceAsOf, meeting: MeetingAsOf) -> Rung:
    return Rung(meeting.held_at < due.occurrence.late_from, "it was held late", contradicted=True)


def _present(meeting: MeetingAsOf, role: AttendeeRole) -> Rung:
    return Rung(role in meeting.present, f"no {role.value.replace('_', ' ')} is on record as present")
