"""Q2 climbs from a name to an owner in office to one who was at the table, and stops where a record is missing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from assessment.findings import CannotTell, Graded, GradedUnit
from assessment.probes.negotiations import supplier_terms_owned
from services.agreements.negotiations import NegotiatedAgreement
from services.agreements.purchases import RecordedCount
from services.agreements.rules import AgreementKind
from services.alignment.as_of import ChainAsOf
from services.alignment.rules import ChainVerdict
from tests.assessment.evidence import backed, good, id_of, negotiated

CONTRACT = negotiated("mail")
EXPERIENCE = negotiated("experience", AgreementKind.XLA)
CHAIN = backed("mail")


def unit(agreements: Sequence[NegotiatedAgreement], chains: Sequence[ChainAsOf] = (CHAIN,)) -> GradedUnit:
    found = supplier_terms_owned(replace(good(), negotiated=tuple(agreements), chains=tuple(chains)))
    assert isinstance(found, Graded)
    (only,) = found.units
    return only


@pytest.mark.parametrize(
    ("different", "state", "reason"),
    [
        ({}, 4, "yearly reviews"),
        ({"owners": 0, "in_office": 0, "at_the_table": 0}, 1, "nobody is named"),
        ({"participations": RecordedCount(3, 2)}, 1, "3 entries about who takes part were recorded, 2 are there"),
        ({"in_office": 0, "at_the_table": 0}, 2, "no owner holds the role"),
        ({"at_the_table": 0}, 3, "no owner negotiated or signed it"),
        ({"signed_at": None}, 3, "when it was signed"),
    ],
)
def test_an_agreement_stands_where_its_owners_do(different: dict[str, Any], state: int, reason: str) -> None:
    found = unit([replace(CONTRACT, **different), EXPERIENCE])
    assert found.state == state
    assert reason in (found.reason or "")


@pytest.mark.parametrize(
    ("experience", "state"),
    [
        ([], 2),
        ([replace(EXPERIENCE, in_office=0, at_the_table=0)], 2),
        ([replace(EXPERIENCE, supplier_id=id_of("another supplier"))], 2),
        ([replace(EXPERIENCE, participations=RecordedCount(2, 1))], 2),
        ([replace(EXPERIENCE, at_the_table=0)], 3),
        ([EXPERIENCE], 4),
    ],
)
def test_experience_with_the_same_supplier_needs_an_owner_too(
    experience: list[NegotiatedAgreement], state: int
) -> None:
    assert unit([CONTRACT, *experience]).state == state


@pytest.mark.parametrize(
    ("chains", "state"),
    [
        ([], 3),
        ([replace(CHAIN, rests_on=frozenset())], 3),
        ([replace(CHAIN, verdict=ChainVerdict.UNKNOWN)], 3),
        # What is known not to be backed was examined.
        ([replace(CHAIN, verdict=ChainVerdict.NOT_BACKED)], 4),
        # A lost record of another promise may have said that it rests on this agreement, too.
        ([CHAIN, replace(backed("shop"), missing=1)], 3),
    ],
)
def test_what_rests_on_it_was_examined_where_a_verdict_can_be_told(chains: list[ChainAsOf], state: int) -> None:
    assert unit([CONTRACT, EXPERIENCE], chains).state == state


def test_without_agreements_about_service_terms_nothing_can_be_told() -> None:
    for agreements in ((), (EXPERIENCE,)):
        assert isinstance(supplier_terms_owned(replace(good(), negotiated=agreements)), CannotTell)
