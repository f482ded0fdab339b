"""The terminal report of a maturity score."""

from io import StringIO

import pytest
from rich.console import Console

from assessment.claims import Answer, summarise_claims
from assessment.commands import score_evidence
from assessment.definitions import PATTERN_IDS, shipped_patterns
from assessment.evidence import Evidence
from reports.assessment_terminal import AssessmentReport, Heard, assessment_report, profile_report
from tests.assessment.evidence import AS_OF, good, with_days


def rendered(evidence: Evidence, *answers: Answer, width: int = 120) -> str:
    claims = summarise_claims(answers, AS_OF.date()) if answers else None
    scored, findings = score_evidence(evidence, claims)
    heard = Heard("Autumn", AS_OF, tuple(sorted({answer.role for answer in answers})), True) if answers else None
    report = AssessmentReport("acme", AS_OF, shipped_patterns(), scored, findings, claims, heard)
    console = Console(width=width, record=True, file=StringIO())
    console.print(assessment_report(report, width=width))
    return console.export_text()


def test_every_pattern_is_in_the_profile() -> None:
    text = rendered(good())
    assert all(f"  {pattern} " in text for pattern in PATTERN_IDS)


def test_what_cannot_be_told_is_listed_by_the_records_it_lacks() -> None:
    text = rendered(good())
    assert "cannot tell G3, G4" in " ".join(text.split())
    assert "experience indicators" in text.split("Cannot tell, for want of")[1]


def test_what_holds_a_pattern_back_says_whether_a_record_is_missing_or_contradicts() -> None:
    text = rendered(with_days(good(), acknowledged_at=None, acted_at=None))
    assert "no record" in text
    assert "nobody acknowledged it" in text


def test_a_claim_stands_beside_the_level_with_its_gap() -> None:
    text = rendered(good(), Answer("R1", "ann", "manager", 5))
    assert "+1" in next(line for line in text.splitlines() if line.startswith("  R1"))


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_cut_or_wider_than_the_terminal(width: int) -> None:
    answers = [Answer(pattern, name, "role", level) for pattern in PATTERN_IDS for name, level in (("a", 5), ("b", 4))]
    text = rendered(with_days(good(), acknowledged_at=None, acted_at=None), *answers, width=width)
    assert "…" not in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    assert text.count("cannot tell") >= 7


def test_who_was_asked_and_where_roles_part_is_shown() -> None:
    answers = [
        Answer(*each) for each in (("R1", "ann", "CIO", 5), ("R1", "bob", "customer", 2), ("R2", "ann", "CIO", 3))
    ]
    text = " ".join(rendered(good(), *answers).split())
    assert "CIO above customer: R1 5 to 2" in text
    assert "“Autumn”, 2026-07-20, still open: CIO, customer" in text


def test_an_organisation_without_records_or_answers_is_told_what_to_do() -> None:
    text = " ".join(rendered(Evidence(AS_OF)).split())
    assert "Nothing on record can be judged yet" in text
    assert "slm assess questionnaire" in text


def test_the_short_form_names_what_cannot_be_told_and_shows_the_rest() -> None:
    scored, findings = score_evidence(good())
    report = AssessmentReport("acme", AS_OF, shipped_patterns(), scored, findings)
    console = Console(width=80, record=True, file=StringIO())
    console.print(profile_report(report, width=80))
    shown, untold = console.export_text().split("Cannot be told, for want of records")
    assert "  R1  " in shown
    assert "  G3  " not in shown
    assert "G3 " in " ".join(untold.split())
