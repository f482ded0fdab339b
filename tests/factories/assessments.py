"""A completed assessment with one of everything, for tests of reading."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from assessment import models
from assessment.agreement import Agreement
from assessment.claims import ReasonNotApplicable
from assessment.definitions import Family
from assessment.findings import Shortfall
from assessment.prevalence import Band
from assessment.rules import AnswerKind
from assessment.verdicts import Verdict
from services.db import Base, new_id
from services.organisations.rules import Actor
from tests.factories.stored import START


def assessed(actor: Actor, person_id: UUID) -> Iterator[Base]:
    """A campaign, its answers and its score, parents first."""
    own = {"organisation_id": actor.organisation_id}
    stamps = own | {"recorded_at": START, "recorded_by": actor.account_id}
    campaign, score, pattern = new_id(), new_id(), new_id()
    yield models.AssessmentCampaign(
        id=campaign, title="Spring", as_of=START, pattern_set="1-0", completed_at=START, **stamps
    )
    yield models.AssessmentAnswer(
        id=new_id(), campaign_id=campaign, pattern="B1", person_id=person_id, respondent="", role="manager",
        kind=AnswerKind.LEVEL, level=4, reason=None, explanation="", approved_by="", approved_on=None,
        expires_on=None, **stamps,
    )  # fmt: skip
    yield models.AssessmentAnswer(
        id=new_id(), campaign_id=campaign, pattern="G6", person_id=None, respondent="bob", role="buyer",
        kind=AnswerKind.NOT_APPLICABLE, level=None, reason=ReasonNotApplicable.NO_PURCHASES,
        explanation="Nothing is bought", approved_by="cio", approved_on=date(2026, 3, 1),
        expires_on=date(2027, 2, 28), **stamps,
    )  # fmt: skip
    yield models.AssessmentScore(
        id=score, campaign_id=campaign, as_of=START, pattern_set="1-0", limiting_lowest=1, limiting_highest=2,
        limited_by=["B1"], limiting_unknown=["G1"], rhythm_lowest=1, rhythm_highest=5, rhythm_limited_by=["R1"],
        index_value=Decimal(33), index_lowest=Decimal(2), index_highest=Decimal(90), coverage=Decimal("0.5"),
        greenwash=Decimal(25), modesty=Decimal(0), agreement=Agreement.SUFFICIENT, findings_digest="0" * 64, **stamps,
    )  # fmt: skip
    yield models.AssessmentPatternScore(
        id=pattern, score_id=score, position=7, pattern="B1", family=Family.BAD, verdict=Verdict.DETECTED, reason="",
        missing=[], census=1, confirmed=1, census_probability=Decimal(1), units=1, at_state_1=None, at_state_2=None,
        at_state_3=None, at_state_4=None, at_state_5=None, bad_units=1, share_low=Decimal("0.55"),
        share_high=Decimal("0.99"), band=Band.ENDEMIC, claimed=4, claim_least=4, claim_most=4, gap=3, **own,
    )  # fmt: skip
    yield models.AssessedUnit(
        id=new_id(), pattern_score_id=pattern, position=1, kind="live service", name="Mail", record_id=None, state=None,
        bad=True, failed_level=None, failed_predicate="It has no target", shortfall=Shortfall.NOT_RECORDED,
        reason="no target is in force", **own,
    )  # fmt: skip
