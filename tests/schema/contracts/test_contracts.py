"""Terms, participation and procurement of contracts over GraphQL, and what is listed of them."""

from typing import Any

from services.agreements.negotiations import negotiated_agreements
from services.db import Database
from services.organisations.rules import Actor
from tests.schema.agreements.test_mutations import agreement
from tests.schema.conftest import NOW, Ask
from tests.schema.mutating import Changes, fields_of
from tests.schema.organisations.test_mutations import person_id

TERMS = """... on AgreementTermsPayload { terms { termEndsAt noticeDays decisionDueAt renewal signedAt
    creditBands { target { key } lowerPercent upperPercent creditPercent } } }"""
MATRIX = """{ contractMatrix { missing rows {
    contract { key kind serviceKey supplierKey } owners ownership termsKnown termEndsAt noticeDays decisionDueAt renewal
    signedAt sourcedBy signerRoles bindingRequirements otherRequirements missing } } }"""
RENEWALS = """query($days: Int! = 180) { renewals(days: $days) { missing contracts {
    contract { key } termsKnown decisionDueAt evidencePackAt evidencePack missing } } }"""


async def contract(change: Changes, actor: Actor) -> dict[str, Any]:
    """A contract with a supplier from the beginning of 2026 on; its id and that of its version."""
    supplier = {"key": "cloud", "name": "Cloud Ltd", "kind": "SUPPLIER"}
    party = await change(actor, "createParty", supplier, "... on PartyPayload { party { id } }")
    made = await agreement(change, actor, key="cloud-uc", kind="UC", providerId=party["party"]["id"])
    found = await change(
        actor,
        "beginParticipation",
        {
            "agreementId": made["agreement"]["id"],
            "personId": await person_id(change, actor),
            "part": "OWNER",
            "validFrom": "2026-01-01T00:00:00Z",
        },
        "... on AgreementParticipationPayload { participation { person { id } agreement { versions { id } } } }",
    )
    [version] = found["participation"]["agreement"]["versions"]
    return {"id": made["agreement"]["id"], "version": version["id"], "person": found["participation"]["person"]["id"]}


def terms(version: str, **different: Any) -> dict[str, Any]:
    return {
        "agreementVersionId": version,
        "termEndsAt": "2026-12-31T00:00:00Z",
        "noticeDays": 90,
        "renewal": "AUTOMATIC",
        "currency": "EUR",
        "feeAmount": "1000",
        "feePeriod": "MONTH",
        "atRiskPercent": "15",
        "signedAt": "2026-06-01T09:00:00Z",
        "creditBands": [
            {"targetKey": "resolve", "lowerPercent": "0", "upperPercent": "90", "creditPercent": "10"},
            {"targetKey": "resolve", "lowerPercent": "90", "upperPercent": "99.95", "creditPercent": "5"},
        ],
    } | different


async def test_terms_are_recorded_once_with_their_credits(actor: Actor, change: Changes) -> None:
    made = await contract(change, actor)
    recorded = await change(actor, "recordAgreementTerms", terms(made["version"]), TERMS)
    band = {"target": {"key": "resolve"}, "lowerPercent": "0", "upperPercent": "90", "creditPercent": "10"}
    assert recorded["terms"] == {
        "termEndsAt": "2026-12-31T00:00:00Z",
        "noticeDays": 90,
        "decisionDueAt": "2026-10-02T00:00:00Z",
        "renewal": "AUTOMATIC",
        "signedAt": "2026-06-01T09:00:00Z",
        "creditBands": [band, band | {"lowerPercent": "90", "upperPercent": "99.95", "creditPercent": "5"}],
    }
    again = await change(actor, "recordAgreementTerms", terms(made["version"], noticeDays=30))
    assert again["__typename"] == "ConflictProblem"


async def test_a_gap_between_credits_is_refused_with_its_sides(actor: Actor, change: Changes) -> None:
    made = await contract(change, actor)
    bands = [{"targetKey": "resolve", "lowerPercent": "0", "upperPercent": "94.99", "creditAmount": "1"}]
    answer = await change(actor, "recordAgreementTerms", terms(made["version"], creditBands=bands))
    assert fields_of(answer) == ["creditBands"]
    assert "a gap from 94.99 % to the objective, 99.95 %" in answer["problems"][0]["message"]


async def test_a_contract_is_listed_with_its_owner_and_what_is_not_known_of_it(
    actor: Actor, change: Changes, ask: Ask
) -> None:
    made = await contract(change, actor)
    [row] = (await ask(actor, MATRIX))["contractMatrix"]["rows"]
    assert (row["owners"], row["ownership"], row["termsKnown"]) == (["Ann"], "UNIQUE", False)
    assert row["sourcedBy"] == "CANNOT_TELL"
    assert row["missing"] == ["the terms of the version in force", "when it was signed"]
    await change(actor, "recordAgreementTerms", terms(made["version"]), TERMS)
    [row] = (await ask(actor, MATRIX))["contractMatrix"]["rows"]
    # Who owns it says nothing about who negotiated it.
    assert (row["sourcedBy"], row["missing"]) == ("CANNOT_TELL", ["who negotiated or signed it"])
    negotiator = {"agreementId": made["id"], "personId": made["person"], "part": "NEGOTIATOR"}
    await change(
        actor,
        "beginParticipation",
        negotiator | {"role": "SERVICE_LEVEL_MANAGER", "validFrom": "2026-05-01T00:00:00Z"},
    )
    [row] = (await ask(actor, MATRIX))["contractMatrix"]["rows"]
    assert row == {
        "contract": {"key": "cloud-uc", "kind": "UC", "serviceKey": "mail", "supplierKey": "cloud"},
        "owners": ["Ann"],
        "ownership": "UNIQUE",
        "termsKnown": True,
        "termEndsAt": "2026-12-31T00:00:00Z",
        "noticeDays": 90,
        "decisionDueAt": "2026-10-02T00:00:00Z",
        "renewal": "AUTOMATIC",
        "signedAt": "2026-06-01T09:00:00Z",
        "sourcedBy": "NEGOTIATED",
        "signerRoles": [],
        "bindingRequirements": 0,
        "otherRequirements": 0,
        "missing": [],
    }


async def test_an_owner_counts_while_they_hold_the_role_and_if_they_were_at_the_table(
    actor: Actor, change: Changes, database: Database
) -> None:
    async def negotiated() -> list[tuple[int, int, int]]:
        async with database.reading(actor.organisation_id) as session:
            found = await negotiated_agreements(session, actor.organisation_id, as_of=NOW)
        return [(each.owners, each.in_office, each.at_the_table) for each in found]

    made = await contract(change, actor)
    await change(actor, "recordAgreementTerms", terms(made["version"]), TERMS)
    assert await negotiated() == [(1, 0, 0)]
    person = {"personId": made["person"], "role": "VENDOR_MANAGER"}
    owner = {"agreementId": made["id"], "personId": made["person"], "part": "OWNER"}
    await change(actor, "endParticipation", owner | {"validFrom": "2026-02-01T00:00:00Z"})
    assert await negotiated() == [(0, 0, 0)]
    again = {"role": "VENDOR_MANAGER", "validFrom": "2026-03-01T00:00:00Z"}
    await change(actor, "beginParticipation", owner | again)
    assert await negotiated() == [(1, 0, 0)]
    await change(actor, "assignRole", person | {"validFrom": "2026-01-01T00:00:00Z"})
    assert await negotiated() == [(1, 1, 0)]
    await change(actor, "beginParticipation", owner | again | {"part": "NEGOTIATOR"})
    assert await negotiated() == [(1, 1, 1)]
    await change(actor, "endRole", person | {"validFrom": "2026-05-01T00:00:00Z"})
    assert await negotiated() == [(1, 0, 0)]


async def test_renewals_say_whether_the_evidence_was_ready_before_the_decision(
    actor: Actor, change: Changes, ask: Ask
) -> None:
    assert (await ask(actor, RENEWALS))["renewals"] == {
        "missing": ["a contract with a supplier in force"],
        "contracts": [],
    }
    made = await contract(change, actor)
    [unknown] = (await ask(actor, RENEWALS))["renewals"]["contracts"]
    assert (unknown["termsKnown"], unknown["evidencePack"]) == (False, "CANNOT_TELL")
    await change(actor, "recordAgreementTerms", terms(made["version"], signedAt="2026-01-01T00:00:00Z"), TERMS)
    assert (await ask(actor, RENEWALS, days=30))["renewals"] == {"missing": [], "contracts": []}
    [due] = (await ask(actor, RENEWALS))["renewals"]["contracts"]
    assert (due["decisionDueAt"], due["evidencePack"]) == ("2026-10-02T00:00:00Z", "NOT_READY")
    ready = {"agreementId": made["id"], "kind": "EVIDENCE_PACK_READY", "occurredAt": "2026-05-30T00:00:00Z"}
    await change(actor, "recordProcurementEvent", ready)
    [due] = (await ask(actor, RENEWALS))["renewals"]["contracts"]
    assert (due["evidencePackAt"], due["evidencePack"]) == ("2026-05-30T00:00:00Z", "READY")


async def test_how_far_ahead_renewals_are_listed_is_limited(actor: Actor, execute: Any) -> None:
    result = await execute(actor, RENEWALS, days=731)
    assert [error.extensions["code"] for error in result.errors] == ["INVALID"]


async def test_a_recommendation_is_answered_once_with_a_reason(actor: Actor, change: Changes) -> None:
    made = await contract(change, actor)
    about = {"agreementId": made["id"], "personId": made["person"], "statement": "Ask for credits"}
    said = await change(
        actor, "recommend", about, "... on ProcurementRecommendationPayload { recommendation { id decision { id } } }"
    )
    assert said["recommendation"]["decision"] is None
    answer = {"recommendationId": said["recommendation"]["id"], "personId": made["person"], "answer": "REJECTED"}
    assert fields_of(await change(actor, "answerRecommendation", answer | {"reason": " "})) == ["reason"]
    decided = await change(
        actor,
        "answerRecommendation",
        answer | {"reason": "Too late"},
        "... on RecommendationDecisionPayload { decision { answer recommendation { decision { reason } } } }",
    )
    assert decided["decision"] == {
        "answer": "REJECTED",
        "recommendation": {"decision": {"reason": "Too late"}},
    }
    again = await change(actor, "answerRecommendation", answer | {"reason": "Still"})
    assert again["__typename"] == "ConflictProblem"


async def test_what_was_awarded_says_what_decided_and_nothing_else_does(actor: Actor, change: Changes) -> None:
    made = await contract(change, actor)
    event = {"agreementId": made["id"], "kind": "SIGNED", "criterion": "PRICE_ONLY"}
    assert fields_of(await change(actor, "recordProcurementEvent", event)) == ["criterion"]
    awarded = event | {"kind": "AWARDED", "occurredAt": "2026-04-01T00:00:00Z"}
    payload = "... on ProcurementEventPayload { event { kind criterion agreement { procurementEvents { kind } } } }"
    recorded = await change(actor, "recordProcurementEvent", awarded, payload)
    assert recorded["event"] == {
        "kind": "AWARDED",
        "criterion": "PRICE_ONLY",
        "agreement": {"procurementEvents": [{"kind": "AWARDED"}]},
    }
