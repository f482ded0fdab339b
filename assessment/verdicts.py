"""What a score says of a pattern in one word."""

from dataclasses import dataclass
from enum import StrEnum

from assessment.prevalence import Band
from assessment.scoring import PatternScore, PrevalenceScore, UnknownScore

MET_FROM = 3


class Verdict(StrEnum):
    """Whether a pattern is met, or a bad one detected, as far as that can be told."""

    MET = "met"
    NOT_MET = "not_met"
    DETECTED = "detected"
    NOT_DETECTED = "not_detected"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Judgement:
    """A verdict; the reason where it cannot be told."""

    verdict: Verdict
    reason: str = ""


def judge(found: PatternScore) -> Judgement:
    """Good patterns, questions and rhythms are met from confirmed level 3 on; bad ones are detected when common."""
    if isinstance(found, UnknownScore):
        return Judgement(Verdict.CANNOT_TELL, f"these records are missing: {', '.join(found.missing)}")
    if not isinstance(found, PrevalenceScore):
        return Judgement(Verdict.MET if found.confirmed >= MET_FROM else Verdict.NOT_MET)
    if found.band is Band.UNCERTAIN:
        return Judgement(
            Verdict.CANNOT_TELL, f"{found.share.count} of {found.share.total} show it: too few units to tell"
        )
    often = found.band in (Band.COMMON, Band.ENDEMIC)
    return Judgement(Verdict.DETECTED if often else Verdict.NOT_DETECTED)
