"""Q2: whether somebody answers for what is agreed with suppliers, and whether it was compared with what rests on it."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from assessment.evidence import Evidence
from assessment.findings import CannotTell, Findings, Graded, GradedUnit
from assessment.probes.ladder import Rung, climb, together
from services.agreements.negotiations import NegotiatedAgreement
from services.agreements.rules import AgreementKind
from services.alignment.as_of import ChainAsOf
from services.alignment.rules import ChainVerdict

AGREEMENTS = ("supplier agreements in force about service terms",)


def supplier_terms_owned(evidence: Evidence) -> Findings:
    """Q2. A unit is an agreement about service terms; those about experience with the same supplier belong to it."""
    about_experience: defaultdict[UUID, list[NegotiatedAgreement]] = defaultdict(list)
    for each in evidence.negotiated:
        if each.kind is AgreementKind.XLA:
            about_experience[each.supplier_id].append(each)
    resting: defaultdict[UUID, list[ChainAsOf]] = defaultdict(list)
    for chain in evidence.chains:
        for version_id in chain.rests_on:
            resting[version_id].append(chain)
    # What is missing of one chain may have been that it rests on the agreement, too.
    missing = sum(chain.missing for chain in evidence.chains)
    units = tuple(
        _agreement(each, about_experience[each.supplier_id], resting[each.agreement_version_id], missing)
        for each in evidence.negotiated
        if each.kind is not AgreementKind.XLA
    )
    return Graded(units) if units else CannotTell(AGREEMENTS)


def _agreement(
    agreement: NegotiatedAgreement,
    about_experience: Sequence[NegotiatedAgreement],
    resting: Sequence[ChainAsOf],
    missing: int,
) -> GradedUnit:
    people = agreement.participations
    named = together(
        Rung(
            people.is_complete, f"{people.written} entries about who takes part were recorded, {people.found} are there"
        ),
        Rung(agreement.owners > 0, "nobody is named as its owner"),
    )
    experience = [each for each in about_experience if each.participations.is_complete]
    in_office = together(
        Rung(agreement.in_office > 0, "no owner holds the role in which they own it"),
        Rung(bool(experience), "no agreement about experience with this supplier is in force"),
        Rung(any(each.in_office for each in experience), "nobody in office owns what is agreed about experience"),
    )
    unknown = [each for each in resting if each.verdict is ChainVerdict.UNKNOWN]
    examined = together(
        Rung(agreement.signed_at is not None, "when it was signed is not on record"),
        Rung(agreement.at_the_table > 0, "no owner negotiated or signed it"),
        Rung(
            any(each.at_the_table for each in experience),
            "no owner negotiated or signed what is agreed about experience",
        ),
        Rung(bool(resting), "no promise is known to rest on it"),
        Rung(not missing, f"{missing} records of what depends on what that were made are not there"),
        Rung(not unknown, f"whether {unknown[0].agreement_key} is kept cannot be told" if unknown else ""),
    )
    beyond = "yearly reviews of the terms, and what became of conflicts between them"
    return climb(agreement.agreement_key, (named, in_office, examined), beyond=beyond, record_id=agreement.agreement_id)
