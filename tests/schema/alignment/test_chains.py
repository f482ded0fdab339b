"""Verdicts, gaps and proposals over GraphQL."""

from datetime import timedelta
from decimal import Decimal

import pytest

from schema.planner.identity import encode_global_id
from services.agreements.commands import create_agreement, publish_agreement_version
from services.agreements.rules import AgreementKind, AvailabilityDefinition
from services.alignment.commands import align
from services.catalogue.rules import ComponentKind, Gate
from services.db import Database, fetch
from services.organisations.commands import create_party
from services.organisations.rules import Actor, PartyKind
from tests.factories.definitions import SINCE, new_service
from tests.factories.dependencies import new_component, stands_on, supported
from tests.factories.organisations import new_person
from tests.schema.conftest import NOW, Ask, Execute
from tests.schema.mutating import Changes

CHAIN = """{ service(key: "shop") { alignments {
    verdict severity target { key }
    judgement {
        valueState valueShortfall valueReason coverageState termState scopeState guaranteedPercent redundant
        sharedProviders
        nodes { key kind gate provider agreementKey promisedPercent problem } edges { fromKey toKey }
        witness { componentKey fromSecond untilSecond sharePercent note }
    } } } }"""


@pytest.fixture
async def shop(database: Database, actor: Actor) -> Actor:
    """A shop of two hosts of which one is enough, both run by one supplier that promises too little of either."""
    async with database.writing(actor.organisation_id) as session:
        cloud = await create_party(
            session, actor=actor, key="cloud", name="Cloud Ltd", kind=PartyKind.SUPPLIER, now=SINCE
        )
    service = await new_service(database, actor, "shop")
    hosts = [await new_component(database, actor, key, provider_id=cloud) for key in ("host-1", "host-2")]
    pair = await new_component(database, actor, "hosts", *hosts, gate=Gate.ANY_OF, kind=ComponentKind.GROUP)
    await stands_on(database, actor, service, pair)
    for key, kind, percent in (("shop-sla", AgreementKind.SLA, "99.9"), ("hosting", AgreementKind.UC, "99.5")):
        async with database.writing(actor.organisation_id) as session:
            agreement = await create_agreement(
                session, actor=actor, key=key, name=key, kind=kind, service_id=service, valid_from=SINCE, targets=[],
                availability_targets=[AvailabilityDefinition("up", "Up", Decimal(percent))], now=SINCE,
                provider_id=cloud if kind is AgreementKind.UC else None,
            )  # fmt: skip
    for host in hosts:
        await supported(database, actor, host, agreement)
    async with database.writing(actor.organisation_id) as session:
        await align(session, actor=actor, now=NOW)
    return actor


@pytest.mark.capability("S3")
async def test_a_chain_is_one_query_with_verdict_shortfall_witness_and_a_graph_to_draw(shop: Actor, ask: Ask) -> None:
    (found,) = (await ask(shop, CHAIN))["service"]["alignments"]
    assert (found["verdict"], found["severity"], found["target"]["key"]) == ("NOT_BACKED", 2, "up")
    judgement = found["judgement"]
    assert (judgement["valueState"], judgement["valueShortfall"]) == ("FAILS", "0.4")
    assert (judgement["coverageState"], judgement["termState"], judgement["scopeState"]) == ("HOLDS",) * 3
    # Two hosts of one supplier are no redundancy.
    assert (judgement["redundant"], judgement["sharedProviders"]) == (False, "Cloud Ltd")
    nodes = {node["key"]: node for node in judgement["nodes"]}
    assert (nodes["hosts"]["gate"], nodes["host-1"]["agreementKey"]) == ("ANY_OF", "hosting")
    assert {edge["toKey"] for edge in judgement["edges"]} == {"host-1", "host-2"}
    assert {row["componentKey"] for row in judgement["witness"]} == {"host-1", "host-2"}


@pytest.mark.capability("S3b")
async def test_gaps_without_an_owner_come_first_and_are_owned_and_accepted(
    shop: Actor, ask: Ask, change: Changes, database: Database
) -> None:
    listed = "{ alignmentGaps(filter: {isOpen: true}) { nodes { id axis hasOwner owner { key } acceptedUntil } } }"
    (gap,) = (await ask(shop, listed))["alignmentGaps"]["nodes"]
    assert (gap["axis"], gap["hasOwner"]) == ("VALUE", False)
    person = encode_global_id("Person", shop.organisation_id, await new_person(database, shop))
    selected = "... on AlignmentGapEntryPayload { entry { kind gap { dueOn owner { key } } } }"
    given = {"gapId": gap["id"], "personId": person, "dueOn": "2026-07-01"}
    answer = await change(shop, "assignAlignmentGap", given, selected)
    assert answer["entry"] == {"kind": "ASSIGNED", "gap": {"dueOn": "2026-07-01", "owner": {"key": "ann"}}}
    (owned,) = (await ask(shop, listed))["alignmentGaps"]["nodes"]
    assert owned["owner"] == {"key": "ann"}


async def test_a_proposal_is_judged_and_nothing_is_kept(shop: Actor, execute: object, ask: Ask) -> None:
    listed = '{ agreement(key: "hosting") { id } }'
    agreement = (await ask(shop, listed))["agreement"]["id"]
    document = """query($p: AlignmentProposalInput!) { alignmentWhatIf(proposal: $p) {
        agreementKey before { verdict } after { verdict guaranteedPercent axes { axis state } } } }"""
    proposal = {
        "agreementId": agreement,
        "availabilityTargets": [{"key": "up", "name": "Up", "objectivePercent": "99.95"}],
    }
    result = await execute(shop, document, p=proposal)  # type: ignore[operator]
    assert result.errors is None, result.errors
    (changed,) = result.data["alignmentWhatIf"]
    assert (changed["before"]["verdict"], changed["after"]["verdict"]) == ("NOT_BACKED", "BACKED")


async def test_a_verdict_about_an_earlier_version_tells_nothing_about_the_one_in_force(
    shop: Actor, ask: Ask, database: Database
) -> None:
    document = "{ underpinning { promises notBacked notJudged gaps { total } } }"
    assert (await ask(shop, document))["underpinning"] == {
        "promises": 1, "notBacked": 1, "notJudged": 0, "gaps": {"total": 1},
    }  # fmt: skip
    async with database.writing(shop.organisation_id) as session:
        sql = "SELECT id FROM agreement WHERE organisation_id = $1 AND key = 'shop-sla'"
        [(agreement_id,)] = await fetch(session, sql, shop.organisation_id)
        await publish_agreement_version(
            session, actor=shop, agreement_id=agreement_id, valid_from=NOW - timedelta(hours=1), targets=[],
            availability_targets=[AvailabilityDefinition("up", "Up", Decimal(99))], now=NOW - timedelta(hours=1),
            reason="Less was asked for",
        )  # fmt: skip
    assert (await ask(shop, document))["underpinning"] == {
        "promises": 1, "notBacked": 0, "notJudged": 1, "gaps": {"total": 1},
    }  # fmt: skip
    async with database.writing(shop.organisation_id) as session:
        await align(session, actor=shop, now=NOW)
    assert (await ask(shop, document))["underpinning"] == {
        "promises": 1, "notBacked": 0, "notJudged": 0, "gaps": {"total": 0},
    }  # fmt: skip


@pytest.mark.parametrize("first", [0, 501])
async def test_liabilities_are_listed_in_bounds(shop: Actor, execute: Execute, first: int) -> None:
    result = await execute(shop, f"{{ liabilities(first: {first}) {{ promises }} }}")
    assert result.errors is not None
    assert "expected 1 to 500" in str(result.errors[0].extensions)


@pytest.mark.parametrize(
    ("limit", "document"),
    [
        ("services.alignment.underpinning.MOST_PROMISES", "{ underpinning { promises } }"),
        ("services.alignment.underpinning.MOST_PROMISES", "{ liabilities { promises } }"),
        ("services.compliance.exposure.MOST_TARGETS", "{ liabilities { promises } }"),
        ("services.compliance.exposure.MOST_TARGETS", "{ exposure { key } }"),
        ("services.agreements.contracts.MOST_CONTRACTS", "{ contractMatrix { aligned } }"),
        ("services.agreements.contracts.MOST_CONTRACTS", "{ renewals { missing } }"),
    ],
)
async def test_what_is_only_right_as_a_whole_is_refused_rather_than_cut(
    shop: Actor, execute: Execute, monkeypatch: pytest.MonkeyPatch, limit: str, document: str
) -> None:
    whole = await execute(shop, document)
    assert whole.errors is None
    monkeypatch.setattr(limit, 0)
    errors = (await execute(shop, document)).errors or []
    told = [((error.extensions or {})["code"], error.message[:11]) for error in errors]
    assert told == [("ANSWER_TOO_LARGE", "more than 0")]
    assert errors[0].message.endswith("expected one service to be asked for") == ("exposure {" in document)


MATRIX = "{ contractMatrix(asOf: %s) { rows { alignment { promises backed value coverage term scope } } } }"


async def test_the_contract_matrix_tells_how_what_rests_on_a_contract_was_judged(
    shop: Actor, ask: Ask, database: Database
) -> None:
    (row,) = (await ask(shop, MATRIX % "null"))["contractMatrix"]["rows"]
    judged = {"promises": 1, "backed": 0, "value": "FAILS", **dict.fromkeys(("coverage", "term", "scope"), "HOLDS")}
    assert row["alignment"] == judged
    # Nothing had been judged an hour earlier, and nothing is known of a version that was not judged yet.
    earlier = f'"{(NOW - timedelta(hours=1)).isoformat()}"'
    (row,) = (await ask(shop, MATRIX % earlier))["contractMatrix"]["rows"]
    assert row["alignment"] is None
    async with database.writing(shop.organisation_id) as session:
        sql = "SELECT id FROM agreement WHERE organisation_id = $1 AND key = 'shop-sla'"
        [(agreement_id,)] = await fetch(session, sql, shop.organisation_id)
        await publish_agreement_version(
            session, actor=shop, agreement_id=agreement_id, valid_from=NOW - timedelta(hours=2), targets=[],
            availability_targets=[AvailabilityDefinition("up", "Up", Decimal(99))], now=NOW, reason="Less is enough",
        )  # fmt: skip
    (row,) = (await ask(shop, MATRIX % "null"))["contractMatrix"]["rows"]
    assert row["alignment"] is None
