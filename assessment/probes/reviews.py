"""B6: service reviews that change nothing."""

from datetime import datetime

from assessment.evidence import Evidence
from assessment.findings import CannotTell, Checked, CheckedUnit, Findings, Shortfall
from assessment.probes.breach_free import doubt_of_review, missing_kinds
from assessment.probes.rhythms import TIME_TO_CHANGE, changed_something
from services.governance.queries import ActionAsOf, CadenceAsOf, MeetingAsOf
from services.governance.rules import Rhythm, occurrence_day

STALE_FROM = 2
IN_A_ROW = 3


def reviews_without_effect(evidence: Evidence) -> Findings:
    """B6. Reviews of the last twelve months whose ninety days are over.

    Without any breach that was recorded, or any measured result, nobody can tell whether one lay in a review's span.
    """
    reviews = [
        (cadence, meeting)
        for cadence in evidence.of_rhythm(Rhythm.MONTHLY)
        for meeting in cadence.meetings
        if evidence.year_ago <= meeting.held_at <= evidence.as_of - TIME_TO_CHANGE
    ]
    if reviews and (missing := missing_kinds(evidence)):
        return CannotTell(missing)
    return Checked(tuple(_review(evidence, *each) for each in reviews))


def _review(evidence: Evidence, cadence: CadenceAsOf, meeting: MeetingAsOf) -> CheckedUnit:
    name = f"{cadence.key}, {meeting.held_at:%Y-%m-%d}"
    shortfall, reason = _fault(evidence, cadence, meeting) or (None, None)
    return CheckedUnit(name, reason is not None, shortfall, reason, meeting.meeting_id)


def _fault(evidence: Evidence, cadence: CadenceAsOf, meeting: MeetingAsOf) -> tuple[Shortfall, str] | None:
    if missing := meeting.missing_records:
        return Shortfall.NOT_RECORDED, f"recorded with it were {missing}"
    if not changed_something(meeting) and (doubt := doubt_of_review(evidence, cadence, meeting)):
        return Shortfall.NOT_RECORDED, f"nothing altered within ninety days is on record, and {doubt}"
    if meeting.actions and all(_is_stale(cadence, each, evidence.as_of) for each in meeting.actions):
        return Shortfall.CONTRADICTED, "each of its actions was left open past two further occasions"
    if not meeting.decisions and _earlier_ones_decided_nothing(cadence, meeting):
        return Shortfall.NOT_RECORDED, "it is the third in a row without a decision on record"
    if not (meeting.decisions or meeting.actions):
        return Shortfall.NOT_RECORDED, "it left neither a decision nor an action"
    return None


def _is_stale(cadence: CadenceAsOf, action: ActionAsOf, as_of: datetime) -> bool:
    """Whether occasions enough to carry it over twice passed between its due date and its end, if it has one.

    Told by the calendar: a carry-over that somebody recorded adds nothing, and one that is missing excuses nothing.
    """
    open_until = action.ended_at or as_of
    passed = sum(action.due_at < each.occurrence.late_from <= open_until for each in cadence.occurrences)
    return passed >= STALE_FROM


def _earlier_ones_decided_nothing(cadence: CadenceAsOf, meeting: MeetingAsOf) -> bool:
    """Whether the two occasions due before the meeting's own left no decision; one that was not held left none."""
    own = occurrence_day(cadence.rhythm, meeting.planned_for)
    earlier = [each for each in cadence.occurrences if each.occurrence.first_day < own][1 - IN_A_ROW :]
    decided = any(held.decisions for each in earlier for held in each.meetings)
    return len(earlier) == IN_A_ROW - 1 and not decided
