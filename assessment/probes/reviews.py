"""B6: service reviews that change nothing."""

from assessment.evidence import Evidence
from assessment.findings import CannotTell, Checked, CheckedUnit, Findings, Shortfall
from assessment.probes.rhythms import TIME_TO_CHANGE, breached_before, changed_something
from services.governance.queries import CadenceAsOf, MeetingAsOf
from services.governance.rules import Rhythm

STALE_FROM = 2
IN_A_ROW = 3


def reviews_without_effect(evidence: Evidence) -> Findings:
    """B6. Reviews of the last twelve months whose ninety days are over.

    Without any breach on record nobody can tell whether one lay in a review's span.
    """
    reviews = [
        (cadence, position, meeting)
        for cadence in evidence.of_rhythm(Rhythm.MONTHLY)
        for position, meeting in enumerate(cadence.meetings)
        if evidence.year_ago <= meeting.held_at <= evidence.as_of - TIME_TO_CHANGE
    ]
    if reviews and not evidence.breaches:
        return CannotTell(("breaches",))
    actions_known = any(meeting.actions for _, _, meeting in reviews)
    return Checked(tuple(_review(evidence, *each, actions_known=actions_known) for each in reviews))


def _review(
    evidence: Evidence, cadence: CadenceAsOf, position: int, meeting: MeetingAsOf, *, actions_known: bool
) -> CheckedUnit:
    name = f"{cadence.key}, {meeting.held_at:%Y-%m-%d}"
    fault = _fault(evidence, cadence, position, meeting, actions_known=actions_known)
    shortfall, reason = fault or (None, None)
    return CheckedUnit(name, fault is not None, shortfall, reason, meeting.meeting_id)


def _fault(
    evidence: Evidence, cadence: CadenceAsOf, position: int, meeting: MeetingAsOf, *, actions_known: bool
) -> tuple[Shortfall, str] | None:
    if breached_before(evidence, cadence, meeting) and not changed_something(meeting):
        return Shortfall.NOT_RECORDED, "a breach lay in its span and nothing altered within ninety days is on record"
    if meeting.actions and all(each.times_carried_over >= STALE_FROM for each in meeting.actions):
        return Shortfall.CONTRADICTED, "each of its actions was carried over twice or more"
    latest = cadence.meetings[max(0, position + 1 - IN_A_ROW) : position + 1]
    if len(latest) == IN_A_ROW and not any(each.decisions for each in latest):
        return Shortfall.NOT_RECORDED, "it is the third in a row without a decision on record"
    if not actions_known:
        return Shortfall.NOT_RECORDED, "no review has an action on record"
    if not (meeting.decisions or meeting.actions):
        return Shortfall.NOT_RECORDED, "it left neither a decision nor an action"
    return None
