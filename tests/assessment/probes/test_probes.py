"""Each probe on an organisation where all is well, and on the same with one thing wrong everywhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from assessment.commands import score_evidence
from assessment.definitions import PATTERN_IDS, shipped_patterns
from assessment.evidence import Evidence
from assessment.findings import CannotTell, Checked, Graded, Shortfall
from assessment.probes import PROBES, probe_all
from assessment.probes.breach_free import RESULTS
from assessment.verdicts import Verdict, judge
from services.agreements.purchases import RecordedCount
from services.domain.vocabulary import Outcome
from services.improvement.rules import BreachOutcome, Consequence
from services.requirements.rules import ApprovalTiming
from tests.assessment.evidence import (
    AS_OF,
    figure,
    good,
    id_of,
    live_service,
    with_days,
    with_meetings,
    without_breaches,
)

GOOD = good()
NONE, MISSING, CONTRADICTED = None, Shortfall.NOT_RECORDED, Shortfall.CONTRADICTED
LATE = AS_OF + timedelta(days=1)
UNRELATED = tuple(replace(each, answers_breach=False) for each in GOOD.register)
FLATTERED = tuple(figure(each.service.name, AS_OF, Outcome.MISSED) for each in GOOD.services)


def bought(**different: object) -> Evidence:
    """With something different of every purchase."""
    purchases = tuple(replace(each, **different) for each in GOOD.purchases)  # type: ignore[arg-type]
    return replace(GOOD, purchases=purchases)


def test_definitions_and_probes_name_the_same_patterns() -> None:
    patterns = shipped_patterns().patterns
    assert set(PROBES) == {name for name, pattern in patterns.items() if pattern.evidence.up_to is not None}
    for name, found in probe_all(GOOD).items():
        assert isinstance(found, Checked if patterns[name].prevalence else Graded)


def test_where_all_is_well_every_pattern_stands_as_high_as_its_records_can_show() -> None:
    found = probe_all(GOOD)
    for name, findings in found.items():
        if isinstance(findings, Graded):
            assert {unit.state for unit in findings.units} == {shipped_patterns().patterns[name].evidence.up_to}, name
        else:
            assert isinstance(findings, Checked)
            assert not any(unit.bad for unit in findings.units), name


def test_no_record_at_all_is_cannot_tell_for_every_pattern() -> None:
    scored, _ = score_evidence(Evidence(AS_OF))
    assert {judge(scored.patterns[name]).verdict for name in PATTERN_IDS} == {Verdict.CANNOT_TELL}


@pytest.mark.parametrize(
    ("pattern", "evidence", "state", "shortfall"),
    [
        ("R1", with_days(GOOD, acted_at=None), 3, MISSING),
        ("R1", with_days(GOOD, acknowledged_at=None, acted_at=None), 2, MISSING),
        ("R1", with_days(GOOD, acknowledged_at=LATE, acted_at=LATE), 2, CONTRADICTED),
        ("R1", with_days(GOOD, data_at=AS_OF - timedelta(days=900)), 1, CONTRADICTED),
        ("R2", with_meetings(GOOD, actions=()), 2, MISSING),
        ("R2", with_meetings(GOOD, held_at=LATE), 2, CONTRADICTED),
        ("R2", with_meetings(GOOD, present=frozenset(), actions=()), 1, MISSING),
        ("R3", with_meetings(GOOD, actions=()), 3, MISSING),
        ("R3", with_meetings(GOOD, decisions=()), 2, MISSING),
        ("R3", with_meetings(GOOD, has_minutes=False), 1, MISSING),
        ("R3", with_meetings(GOOD, held_at=LATE), 2, CONTRADICTED),
        ("R4", replace(GOOD, register=()), 1, MISSING),
        ("R4", with_meetings(GOOD, decisions=()), 2, MISSING),
        ("R4", replace(GOOD, register=UNRELATED), 3, MISSING),
        ("G6", bought(service_level_managers=0), 1, MISSING),
        ("G6", bought(participations=RecordedCount(3, 2)), 1, MISSING),
        ("G6", bought(requirements_attached=False), 2, MISSING),
        ("G6", bought(clause_links=RecordedCount(2, 1)), 2, MISSING),
        ("G6", bought(bound_requirement_ids=()), 2, MISSING),
        ("G6", bought(agreement_id=id_of("another")), 2, MISSING),
        ("Q4", with_meetings(GOOD, actions=()), 3, MISSING),
        ("Q5", with_meetings(GOOD, breach_ids=()), 1, MISSING),
        ("Q5", replace(GOOD, breaches=tuple(replace(each, has_cause=False) for each in GOOD.breaches)), 2, MISSING),
    ],
)  # fmt: skip
def test_a_unit_stops_below_the_predicate_it_fails(
    pattern: str, evidence: Evidence, state: int, shortfall: Shortfall
) -> None:
    found = PROBES[pattern](evidence)
    assert isinstance(found, Graded)
    assert {(unit.state, unit.shortfall) for unit in found.units} >= {(state, shortfall)}
    assert max(unit.state for unit in found.units) == state


def _led_to(consequence: Consequence) -> Evidence:
    outcome = BreachOutcome(consequence, is_verified=False, time_to_consequence=None)
    return replace(GOOD, breaches=tuple(replace(each, outcome=outcome) for each in GOOD.breaches))


@pytest.mark.parametrize(
    ("consequence", "shortfall"), [(Consequence.NONE, MISSING), (Consequence.CORRECTIVE, CONTRADICTED)]
)
def test_a_breach_without_lasting_change_stops_at_three(consequence: Consequence, shortfall: Shortfall) -> None:
    found = PROBES["Q5"](_led_to(consequence))
    assert isinstance(found, Graded)
    assert {(unit.state, unit.shortfall) for unit in found.units} == {(3, shortfall)}


def _services(timing: ApprovalTiming) -> Evidence:
    return replace(GOOD, services=tuple(live_service(each.service.name, timing) for each in GOOD.services))


@pytest.mark.parametrize(
    ("pattern", "evidence", "shortfall"),
    [
        ("B1", replace(GOOD, targets=()), MISSING),
        ("B1", _services(ApprovalTiming.NEVER), MISSING),
        ("B1", _services(ApprovalTiming.AFTER_GO_LIVE), CONTRADICTED),
        ("B5", replace(GOOD, figures=FLATTERED), CONTRADICTED),
        ("B6", with_meetings(GOOD, actions=()), MISSING),
        ("B7", replace(GOOD, breaches=tuple(replace(each, improvement_ids=()) for each in GOOD.breaches)), MISSING),
    ],
)  # fmt: skip
def test_a_bad_pattern_everywhere_is_detected(pattern: str, evidence: Evidence, shortfall: Shortfall) -> None:
    found = PROBES[pattern](evidence)
    assert isinstance(found, Checked)
    assert {(unit.bad, unit.shortfall) for unit in found.units} == {(True, shortfall)}
    scored, _ = score_evidence(evidence)
    assert judge(scored.patterns[pattern]).verdict is Verdict.DETECTED


def test_an_accepted_breach_is_answered() -> None:
    accepted = tuple(replace(each, improvement_ids=(), is_accepted=True) for each in GOOD.breaches)
    found = PROBES["B7"](replace(GOOD, breaches=accepted))
    assert isinstance(found, Checked)
    assert not any(unit.bad for unit in found.units)


def test_reports_that_can_be_compared_with_nothing_cannot_be_judged() -> None:
    silent = tuple(replace(each, recomputed=None, recomputed_percent=None) for each in GOOD.figures)
    assert isinstance(PROBES["B5"](replace(GOOD, figures=silent)), CannotTell)


def test_reviews_without_any_breach_on_record_cannot_be_judged() -> None:
    lost = without_breaches(GOOD, {each.breach_id for each in GOOD.breaches})
    unmeasured = tuple(replace(each, measured_since=None, measured_until=None) for each in lost.records)
    assert PROBES["B6"](lost) == CannotTell(("breaches",))
    assert PROBES["B6"](replace(lost, records=unmeasured)) == CannotTell(("breaches", RESULTS))


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_equal_evidence_gives_equal_findings(probe: Callable[[Evidence], object]) -> None:
    assert probe(good()) == probe(good())
