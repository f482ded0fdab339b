"""One pure function for each pattern that has records to be judged by: evidence in, the states of its units out."""

from collections.abc import Callable, Mapping

from assessment.evidence import Evidence
from assessment.findings import Findings
from assessment.probes.breaches import breaches_and_change, breaches_without_answer
from assessment.probes.calendar_months import tactical_rhythm
from assessment.probes.chains import one_expectation_for_all, signed_although_impossible
from assessment.probes.designs import absent_from_design, requirements_carried_through, traceable_today
from assessment.probes.negotiations import supplier_terms_owned
from assessment.probes.purchases import requirements_bought
from assessment.probes.reports import reports_that_lie
from assessment.probes.requirements import launched_without_requirements
from assessment.probes.reviews import reviews_without_effect
from assessment.probes.rhythms import daily_view, monthly_review, quarterly_cycle, weekly_check_in

PROBES: Mapping[str, Callable[[Evidence], Findings]] = {
    "B1": launched_without_requirements,
    "B2": signed_although_impossible,
    "B5": reports_that_lie,
    "B6": reviews_without_effect,
    "B7": breaches_without_answer,
    "B8": absent_from_design,
    "G1": requirements_carried_through,
    "Q1": traceable_today,
    "G2": one_expectation_for_all,
    "G6": requirements_bought,
    "Q2": supplier_terms_owned,
    "Q4": tactical_rhythm,
    "Q5": breaches_and_change,
    "R1": daily_view,
    "R2": weekly_check_in,
    "R3": monthly_review,
    "R4": quarterly_cycle,
}


def probe_all(evidence: Evidence) -> dict[str, Findings]:
    """What the evidence says about every pattern it can speak of, by pattern."""
    return {pattern: probe(evidence) for pattern, probe in PROBES.items()}
