"""B7 and Q5: what breaches led to."""

from datetime import timedelta

from assessment.evidence import Evidence
from assessment.findings import Checked, CheckedUnit, Findings, Graded, GradedUnit, Shortfall
from assessment.probes.ladder import Rung, climb
from services.improvement.queries import BreachConsequence
from services.improvement.rules import Consequence

TIME_TO_ANSWER = timedelta(days=30)
TIME_TO_CHANGE = timedelta(days=90)


def breaches_without_answer(evidence: Evidence) -> Findings:
    """B7. Breaches of the last twelve months, each given thirty days to be answered."""
    latest = evidence.as_of - TIME_TO_ANSWER
    due = [breach for breach in evidence.breaches if evidence.year_ago <= breach.breached_at <= latest]
    return Checked(tuple(_answered(evidence, breach) for breach in due))


def breaches_and_change(evidence: Evidence) -> Findings:
    """Q5. Breaches of the last twenty-four months, each given ninety days to lead to a lasting change."""
    latest = evidence.as_of - TIME_TO_CHANGE
    reviewed = {id_ for cadence in evidence.cadences for each in cadence.meetings for id_ in each.breach_ids}
    return Graded(
        tuple(
            _changed(evidence, breach, reviewed=breach.breach_id in reviewed)
            for breach in evidence.breaches
            if breach.breached_at <= latest
        )
    )


def _answered(evidence: Evidence, breach: BreachConsequence) -> CheckedUnit:
    if breach.improvement_ids or breach.is_accepted:
        return CheckedUnit(_name(evidence, breach), False, record_id=breach.breach_id)
    reason = "no improvement is linked to it and nobody accepted it with a reason"
    return CheckedUnit(_name(evidence, breach), True, Shortfall.NOT_RECORDED, reason, breach.breach_id)


def _changed(evidence: Evidence, breach: BreachConsequence, *, reviewed: bool) -> GradedUnit:
    led_to = breach.outcome.consequence
    return climb(
        _name(evidence, breach),
        [
            Rung(reviewed, "no meeting on record looked at it"),
            Rung(
                bool(breach.improvement_ids) and breach.has_cause,
                "no linked improvement names its cause" if breach.improvement_ids else "no improvement is linked to it",
            ),
            Rung(
                led_to is Consequence.STRUCTURAL,
                f"the strongest thing on record that it led to is: {led_to.value}",
                contradicted=led_to is not Consequence.NONE,
            ),
        ],
        beyond="effects measured before and after",
        record_id=breach.breach_id,
    )


def _name(evidence: Evidence, breach: BreachConsequence) -> str:
    service = evidence.service_names.get(breach.service_id, "a service no longer live")
    target = evidence.target_names.get(breach.target_id, "a target no longer in force")
    return f"{service}, {target}, {breach.breached_at:%Y-%m-%d %H:%M}"
