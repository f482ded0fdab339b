"""Contracts, renewals and what promises are worth, on the three reference organisations, over GraphQL.

Good has what a row asks for, Bad has not, and of Silent nothing can be told and what is missing is named.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from schema.context import Context
from schema.root import build_schema
from services.db import Database
from services.organisations.rules import Actor
from slm.alignment import align_organisation
from slm.reference.governed import govern
from slm.reference.habits import BAD, GOOD, SILENT, Habits
from slm.reference.load_governed import load_governed

UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
SEED = 7
SERVICES = 30
PRICED_AT_BAD = 10
NO_CONTRACT = ["a contract with a supplier in force"]
NO_PROMISE = ["a target promised to customers in force"]


async def loaded(database: Database, habits: Habits) -> Actor:
    return await load_governed(database, govern(habits, SEED, UNTIL)[0])


@pytest.fixture(scope="module")
async def good(database: Database) -> Actor:
    return await loaded(database, GOOD)


@pytest.fixture(scope="module")
async def bad(database: Database) -> Actor:
    return await loaded(database, BAD)


@pytest.fixture(scope="module")
async def silent(database: Database) -> Actor:
    return await loaded(database, SILENT)


async def asked(database: Database, actor: Actor, document: str) -> dict[str, Any]:
    context = Context(database=database, actor=actor, now=UNTIL, trace_id="t")
    result = await build_schema().execute(document, context_value=context)
    assert isinstance(result, ExecutionResult)
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data


def about_service_terms(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All but the one agreement that Good has about experience."""
    return [row for row in rows if row["contract"]["kind"] != "XLA"]


MATRIX = """{ contractMatrix { missing rows { contract { kind } owners ownership sourcedBy signerRoles
    bindingRequirements termsKnown noticeDays missing } } }"""


@pytest.mark.capability("S2")
async def test_contracts_show_whether_they_were_negotiated_or_bought(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    for actor, sourced, binding in ((good, "NEGOTIATED", 1), (bad, "NEITHER", 0)):
        rows = about_service_terms((await asked(database, actor, MATRIX))["contractMatrix"]["rows"])
        assert len(rows) == SERVICES
        assert {(row["sourcedBy"], row["bindingRequirements"]) for row in rows} == {(sourced, binding)}
        assert all(row["missing"] == [] for row in rows)
    assert (await asked(database, silent, MATRIX))["contractMatrix"] == {"missing": NO_CONTRACT, "rows": []}


ANSWERED = """{ contractMatrix { ownedByOne ownedBySeveral ownedByNobody aligned ask data missing } }"""
ALIGNED = """{ contractMatrix { missing rows { owners ownership termEndsAt noticeDays
    contract { supplierName serviceKey kind } alignment { promises backed value coverage term scope } } } }"""


@pytest.mark.capability("Q2")
async def test_the_contract_matrix_shows_owner_term_and_notice_and_whether_what_rests_on_it_is_backed(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    for actor in (good, bad, silent):
        await align_organisation(database, actor=actor, now=UNTIL)
    rows = about_service_terms((await asked(database, good, ALIGNED))["contractMatrix"]["rows"])
    assert len(rows) == SERVICES
    backed = {"promises": 1, "backed": 1, **dict.fromkeys(("value", "coverage", "term", "scope"), "HOLDS")}
    for row in rows:
        assert (row["ownership"], row["alignment"], row["noticeDays"]) == ("UNIQUE", backed, 60)
        assert (row["contract"]["supplierName"], row["contract"]["kind"]) == ("Cloud", "UC")
        assert row["termEndsAt"]
    rows = (await asked(database, bad, ALIGNED))["contractMatrix"]["rows"]
    # Nobody answers for them, and nobody has said what rests on them.
    assert {(row["ownership"], row["alignment"]) for row in rows} == {("NONE", None)}
    assert (await asked(database, silent, ALIGNED))["contractMatrix"] == {"missing": NO_CONTRACT, "rows": []}
    told = [(await asked(database, actor, ANSWERED))["contractMatrix"] for actor in (good, bad, silent)]
    figures = ("ownedByOne", "ownedBySeveral", "ownedByNobody", "aligned")
    assert [[each[name] for name in figures] for each in told] == [
        [SERVICES + 1, 0, 0, SERVICES], [0, 0, SERVICES, 0], [0, 0, 0, 0],
    ]  # fmt: skip
    assert [each["missing"] for each in told] == [[], [], NO_CONTRACT]
    assert all(each["ask"] and each["data"] for each in told)


OWNED = """{ contractMatrix { suppliersWithoutExperienceOwner missing suppliers { supplierName serviceTermsOwners
    experienceTermsOwners contracts judged aligned } } }"""


@pytest.mark.capability("Q2")
async def test_of_each_supplier_it_is_told_who_owns_service_terms_and_who_owns_experience_terms(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    for actor in (good, bad, silent):
        await align_organisation(database, actor=actor, now=UNTIL)
    at_good, at_bad, at_silent = [
        (await asked(database, each, OWNED))["contractMatrix"] for each in (good, bad, silent)
    ]
    assert at_good == {"suppliersWithoutExperienceOwner": 0, "missing": [], "suppliers": [{
        "supplierName": "Cloud", "serviceTermsOwners": ["Piet de Vries"], "experienceTermsOwners": ["Piet de Vries"],
        "contracts": SERVICES + 1, "judged": SERVICES, "aligned": SERVICES,
    }]}  # fmt: skip
    assert at_bad == {"suppliersWithoutExperienceOwner": 1, "missing": [], "suppliers": [{
        "supplierName": "Cloud", "serviceTermsOwners": [], "experienceTermsOwners": [],
        "contracts": SERVICES, "judged": 0, "aligned": 0,
    }]}  # fmt: skip
    assert at_silent == {"suppliersWithoutExperienceOwner": 0, "missing": NO_CONTRACT, "suppliers": []}


@pytest.mark.capability("Q2")
async def test_contracts_show_who_owns_them(database: Database, good: Actor, bad: Actor, silent: Actor) -> None:
    for actor, ownership, owners in ((good, "UNIQUE", ["Piet de Vries"]), (bad, "NONE", [])):
        rows = (await asked(database, actor, MATRIX))["contractMatrix"]["rows"]
        assert all((row["ownership"], row["owners"]) == (ownership, owners) for row in rows)
    assert (await asked(database, silent, MATRIX))["contractMatrix"]["missing"] == NO_CONTRACT


SIGNED = """{ contractSignatures(first: 100) { missing signatures { agreementKey kind outcome untold recordsMissing
    broken { promise axes } signerRoles byServiceLevelManagement awardCriterion } } }"""


@pytest.mark.capability("B2")
async def test_contracts_are_listed_with_what_they_broke_when_they_were_signed_and_who_signed_them(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    at_good = (await asked(database, good, SIGNED))["contractSignatures"]["signatures"]
    assert len(at_good) == 2 * SERVICES
    assert all((each["outcome"], each["broken"], each["untold"]) == ("SOUND", [], []) for each in at_good)
    assert all(each["byServiceLevelManagement"] for each in at_good if each["kind"] == "OLA")
    at_bad = (await asked(database, bad, SIGNED))["contractSignatures"]["signatures"]
    broken = {each["agreementKey"]: each for each in at_bad if each["outcome"] == "BREAKS"}
    assert broken.keys() == {f"service-{number:02d}-ola" for number in range(1, 31, 2)}
    axes = (["VALUE"], ["VALUE", "COVERAGE"], ["TERM"], ["SCOPE"])
    for position, (key, each) in enumerate(sorted(broken.items())):
        assert each["broken"] == [{"promise": f"{key.replace('-ola', '-sla')}/resolution", "axes": axes[position % 4]}]
        assert (each["signerRoles"], each["byServiceLevelManagement"]) == (["PROCUREMENT_LEAD"], False)
    assert (await asked(database, silent, SIGNED))["contractSignatures"] == {
        "missing": ["an operational level agreement or underpinning contract of the last three years"],
        "signatures": [],
    }


@pytest.mark.capability("B2")
async def test_contracts_signed_without_service_level_management_are_told_with_the_role_that_signed(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    alone = {}
    for name, actor in (("good", good), ("bad", bad)):
        rows = (await asked(database, actor, MATRIX))["contractMatrix"]["rows"]
        alone[name] = [row["signerRoles"] for row in rows if row["sourcedBy"] != "NEGOTIATED"]
    assert alone == {"good": [], "bad": [["PROCUREMENT_LEAD"]] * SERVICES}
    awarded = "{ agreements(first: 60) { nodes { procurementEvents { kind criterion } } } }"
    criteria = {
        event["criterion"]
        for agreement in (await asked(database, bad, awarded))["agreements"]["nodes"]
        for event in agreement["procurementEvents"]
        if event["kind"] == "AWARDED"
    }
    assert criteria == {"PRICE_ONLY"}
    assert (await asked(database, silent, MATRIX))["contractMatrix"]["missing"] == NO_CONTRACT


RENEWALS = """{ renewals { missing contracts { decisionDueAt evidencePack evidencePackAt } }
    agreements(first: 60, filter: {kind: [UC]}) { nodes { recommendations { decision { answer reason } } } } }"""


@pytest.mark.capability("G6")
async def test_renewals_of_the_next_half_year_have_their_evidence_ready_or_not(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    for actor, state in ((good, "READY"), (bad, "NOT_READY")):
        due = (await asked(database, actor, RENEWALS))["renewals"]["contracts"]
        assert [renewal["evidencePack"] for renewal in due] == [state] * SERVICES
        assert {renewal["decisionDueAt"] for renewal in due} == {"2027-02-21T15:30:00Z"}
    assert (await asked(database, silent, RENEWALS))["renewals"] == {"missing": NO_CONTRACT, "contracts": []}


@pytest.mark.capability("G6", partly=True)
async def test_recommendations_are_answered_with_a_reason(database: Database, good: Actor, bad: Actor) -> None:
    advice = {}
    for name, actor in (("good", good), ("bad", bad)):
        agreements = (await asked(database, actor, RENEWALS))["agreements"]["nodes"]
        advice[name] = [each["decision"] for agreement in agreements for each in agreement["recommendations"]]
    assert len(advice["good"]) == SERVICES
    assert all(decision["answer"] == "ACCEPTED" and decision["reason"] for decision in advice["good"])
    assert advice["bad"] == []


REQUIRED = (
    "{ requirements(first: 60) { nodes { versions { costAmount costCurrency costBasis businessOutcome priority } } } }"
)
WORTH = """{ exposure { key targets { valueAtRisk valueCurrency missing agreementKind }
    agreements { kind owed provisional stillAtRisk cap missing periods { amount isSignedOff claimableUntil } } } }"""


@pytest.mark.capability("H2")
async def test_requirements_state_the_value_they_protect_and_targets_are_ranked_by_it(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    stated = {}
    for name, actor in (("good", good), ("bad", bad), ("silent", silent)):
        nodes = (await asked(database, actor, REQUIRED))["requirements"]["nodes"]
        stated[name] = [node["versions"][-1] for node in nodes]
    assert len(stated["good"]) == SERVICES
    assert all(all(version.values()) for version in stated["good"])
    assert stated["bad"]
    assert not any(version["costAmount"] for version in stated["bad"])
    assert stated["silent"] == []
    worth = [
        Decimal(target["valueAtRisk"])
        for service in (await asked(database, good, WORTH))["exposure"]
        for target in service["targets"]
        if target["agreementKind"] not in {"OLA", "XLA"}
    ]
    assert len(worth) == 2 * SERVICES
    for service in (await asked(database, bad, WORTH))["exposure"]:
        assert all(target["valueAtRisk"] is None and target["missing"] for target in service["targets"])
    assert (await asked(database, silent, WORTH))["exposure"] == []


@pytest.mark.capability("N2")
async def test_credits_and_value_at_risk_are_known_or_what_is_missing_is_named(
    database: Database, good: Actor, bad: Actor, silent: Actor
) -> None:
    promised = [
        agreement
        for service in (await asked(database, good, WORTH))["exposure"]
        for agreement in service["agreements"]
        if agreement["kind"] == "SLA"
    ]
    assert len(promised) == SERVICES
    assert all(agreement["missing"] == [] for agreement in promised)
    assert {agreement["cap"] for agreement in promised} == {"200"}
    assert {agreement["stillAtRisk"] for agreement in promised} == {"200"}
    assert sum(Decimal(agreement["provisional"]) for agreement in promised) > 0
    assert all(period["claimableUntil"] for agreement in promised for period in agreement["periods"])
    at_bad = [
        agreement
        for service in (await asked(database, bad, WORTH))["exposure"]
        for agreement in service["agreements"]
        if agreement["kind"] == "SLA"
    ]
    untold = [agreement for agreement in at_bad if "the terms of the agreement" in agreement["missing"]]
    assert (len(at_bad), len(untold)) == (SERVICES, SERVICES - PRICED_AT_BAD)
    assert {(agreement["owed"], agreement["stillAtRisk"]) for agreement in untold} == {(None, None)}
    assert {agreement["stillAtRisk"] for agreement in at_bad if not agreement["missing"]} == {"200"}
    assert (await asked(database, silent, "{ liabilities { missing } }"))["liabilities"]["missing"] == NO_PROMISE
    assert (await asked(database, silent, WORTH))["exposure"] == []
