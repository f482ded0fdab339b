"""Q4: which rhythms were kept in each month."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from assessment.evidence import Evidence
from assessment.findings import Findings, Graded, GradedUnit
from assessment.probes.breach_free import doubt
from assessment.probes.ladder import Rung, climb, together
from services.governance.queries import OccurrenceAsOf
from services.governance.rules import Rhythm

MONTHS = 12
LATEST_TOLERANCE = timedelta(days=15)
"""A month is judged once everything due in it is late if it was not kept."""
MONTHS_OF_A_QUARTER = 3


def tactical_rhythm(evidence: Evidence) -> Findings:
    """Q4. The last twelve complete months; without any cadence there is nothing to judge them by."""
    if not any(cadence.occurrences for cadence in evidence.cadences):
        return Graded(())
    return Graded(tuple(_month(evidence, first) for first in _months(evidence.as_of)))


def _months(as_of: datetime) -> Iterator[date]:
    month = (as_of - LATEST_TOLERANCE).date().replace(day=1)
    for _ in range(MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        yield month


def _month(evidence: Evidence, first: date) -> GradedUnit:
    following = (first + timedelta(days=31)).replace(day=1)
    kept = {rhythm: _kept(evidence, rhythm, first, following) for rhythm in Rhythm}
    due = [rhythm for rhythm in Rhythm if rhythm is not Rhythm.QUARTERLY or first.month % MONTHS_OF_A_QUARTER == 0]
    lapsed = [rhythm.value for rhythm in due if not kept[rhythm]]
    start, end = (datetime.combine(day, time(), UTC) for day in (first, following))
    meetings = [each for cadence in evidence.cadences for each in cadence.meetings if start <= each.held_at < end]
    logged = any(each.breach_ids for each in meetings)
    unseen = None if logged else doubt(evidence, None, start, end)
    tracked = any(action.ending or action.times_carried_over for each in meetings for action in each.actions)
    both = kept[Rhythm.WEEKLY] and kept[Rhythm.MONTHLY]
    return climb(
        f"{first:%Y-%m}",
        [
            Rung(any(kept.values()), "no rhythm was kept throughout it"),
            Rung(both, "the weekly and the monthly rhythm were not both kept"),
            together(
                Rung(not lapsed, f"not kept, or not kept throughout: {', '.join(lapsed)}"),
                Rung(unseen is None, f"no meeting on record looked at a breach, and {unseen}"),
                Rung(tracked, "nothing on record became of any action"),
            ),
        ],
        beyond="warnings before a breach and their acknowledgement",
    )


def _kept(evidence: Evidence, rhythm: Rhythm, first: date, following: date) -> bool:
    """Whether every occasion that ended in the month was kept on time, and there was one."""
    due: list[OccurrenceAsOf] = [
        each
        for cadence in evidence.of_rhythm(rhythm)
        for each in cadence.occurrences
        if first < each.occurrence.until <= following
    ]
    return bool(due) and all(each.is_on_time for each in due)
