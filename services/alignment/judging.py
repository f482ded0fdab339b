"""Whether a promise is kept whenever everybody below keeps theirs: four comparisons (methods E, semantics D.3 to D.5).

Pure: a landscape in, a judgement out. Whatever is not known is never taken for kept. Nothing is rounded before it is
compared; every promise that is not backed comes with a scenario in which everybody below keeps theirs and it is broken.
"""

from services.agreements.rules import TargetKind
from services.alignment.availability_chains import judge_availability
from services.alignment.facts import Landscape, PromiseFact
from services.alignment.hours import Hours
from services.alignment.judgement import Judgement, cannot_tell
from services.alignment.ticket_chains import judge_clock
from services.domain.business_calendar import BeyondHorizon, NoOpenTime


def judge(promise: PromiseFact, landscape: Landscape, hours: Hours) -> Judgement:
    """The verdict about one promise."""
    try:
        if promise.kind is TargetKind.AVAILABILITY:
            return judge_availability(promise, landscape, hours)
        return judge_clock(promise, landscape, hours)
    except (BeyondHorizon, NoOpenTime):
        return cannot_tell(promise, landscape, "a calendar has too little service time in a year to compare by")
