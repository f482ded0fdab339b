"""Whether the records show that nothing was breached in a span: finding no breach on record is not enough.

That no breach is there speaks for nothing unless every breach ever recorded is there, and the promises were measured.
"""

from datetime import datetime
from uuid import UUID

from assessment.evidence import Evidence
from services.governance.queries import CadenceAsOf, MeetingAsOf
from services.governance.rules import occurrence_span

RESULTS = "results computed from the records"


def doubt_of_review(evidence: Evidence, cadence: CadenceAsOf, meeting: MeetingAsOf) -> str | None:
    """Why it is not shown that nothing was breached in the period a meeting stands for; None when it is."""
    if missing := meeting.missing_records:
        return f"recorded with it were {missing}"
    if any(breach_id not in meeting.retracted_breach_ids for breach_id in meeting.breach_ids):
        return "a breach was looked at in it"
    since, until = occurrence_span(cadence.rhythm, meeting.planned_for, cadence.time_zone)
    return doubt(evidence, cadence.service_id, since, until)


def doubt(evidence: Evidence, service_id: UUID | None, since: datetime, until: datetime) -> str | None:
    """Why it is not shown that nothing of a service, or of all, was breached after `since` until `until`.

    None when it is shown: no breach lies there, none ever recorded about a target concerned is missing, each target
    promised by then has been measured at some time, and something was measured at that time. A target without a ticket
    in the span has no result there; therefore results of the time are asked of all targets together.
    """
    if evidence.breaches_between(service_id, since, until):
        return "a breach lay in its span"
    for target in evidence.records_of(service_id):
        if not target.breaches.is_complete:
            counts = target.breaches
            return (
                f"of target {target.target_key} {counts.written} breaches were recorded, and {counts.found} are there"
            )
        begun = target.began_at is None or target.began_at < until
        if begun and target.measured_since is None and target.target_id in evidence.promised:
            return f"target {target.target_key} was never measured"
    if not any(
        target.measured_since
        and target.measured_until
        and target.measured_since < until
        and target.measured_until > since
        for target in evidence.records
    ):
        return "nothing was measured at the time"
    return None


def missing_kinds(evidence: Evidence) -> tuple[str, ...]:
    """The kinds of record without any of which nobody can tell whether anything was breached at all."""
    lost = any(target.breaches.written for target in evidence.records)
    found = any(target.breaches.found for target in evidence.records)
    measured = any(target.measured_since for target in evidence.records)
    return (*(() if found or not lost else ("breaches",)), *(() if measured else (RESULTS,)))
