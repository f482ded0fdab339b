"""The terminal report of a maturity score."""

from io import StringIO

from rich.console import Console

from assessment.claims import Answer, summarise_claims
from assessment.commands import score_evidence
from assessment.definitions import PATTERN_IDS, shipped_patterns
from assessment.evidence import Evidence
from reports.assessment_terminal import AssessmentReport, assessment_report
from tests.assessment.evidence import AS_OF, good, with_days


def rendered(evidence: Evidence, *answers: Answer) -> str:
    claims = summarise_claims(answers, AS_OF.date()) if answers else None
    scored, findings = score_evidence(evidence, claims)
    console = Console(width=120, record=True, file=StringIO())
    console.print(assessment_report(AssessmentReport("acme", AS_OF, shipped_patterns(), scored, findings, claims)))
    return console.export_text()


def test_every_pattern_is_in_the_profile() -> None:
    text = rendered(good())
    assert all(f"  {pattern} " in text for pattern in PATTERN_IDS)


def test_what_cannot_be_told_is_listed_by_the_records_it_lacks() -> None:
    text = rendered(good())
    assert "Limiting level: cannot tell" in text
    assert "bindings of targets to indicators" in text.split("Cannot tell, for want of")[1]


def test_what_holds_a_pattern_back_says_whether_a_record_is_missing_or_contradicts() -> None:
    text = rendered(with_days(good(), acknowledged_at=None, acted_at=None))
    assert "no record" in text
    assert "nobody acknowledged it" in text


def test_a_claim_stands_beside_the_level_with_its_gap() -> None:
    text = rendered(good(), Answer("R1", "ann", "manager", 5))
    assert "+1" in next(line for line in text.splitlines() if line.startswith("  R1"))
