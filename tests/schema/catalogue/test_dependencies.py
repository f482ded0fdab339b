"""The dependency graph over GraphQL."""

from typing import Any
from uuid import UUID

from schema.planner.identity import encode_global_id
from services.agreements.rules import AgreementKind
from services.db import Database
from services.organisations.rules import Actor
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.schema.conftest import Ask
from tests.schema.mutating import Changes, fields_of

SELECTED = "... on ComponentPayload { component { id version } }"


def named(type_name: str, actor: Actor, id_: UUID) -> str:
    return encode_global_id(type_name, actor.organisation_id, id_)


async def component(change: Changes, actor: Actor, key: str, **definition: Any) -> str:
    given = {"key": key, "name": key, "definition": definition, "validFrom": "2026-01-01T00:00:00Z"}
    answer = await change(actor, "createComponent", given, SELECTED)
    found: str = answer["component"]["id"]
    return found


async def test_a_service_is_walked_down_to_what_supports_its_components(
    actor: Actor, change: Changes, ask: Ask, database: Database
) -> None:
    service, office = await new_service(database, actor), await new_calendar(database, actor)
    uc = await new_agreement(database, actor, service, target(office), key="uc", kind=AgreementKind.UC)
    disks = [await component(change, actor, key) for key in ("disk-1", "disk-2")]
    mail = await component(change, actor, "mail-system", gate="AT_LEAST", atLeast=1, needs=disks)
    await change(actor, "defineServiceStructure", {"serviceId": named("Service", actor, service), "componentId": mail})
    await change(actor, "supportComponent", {"agreementId": named("Agreement", actor, uc), "componentId": disks[0]})
    chain = {
        "key": "repair", "name": "Repair", "serviceId": named("Service", actor, service),
        "definition": {"hops": [{"components": [mail]}, {"components": disks}], "stopStates": ["RESOLVED"]},
    }  # fmt: skip
    await change(actor, "createResponseChain", chain)
    document = """{ service(key: "mail") {
        structures { component { key versions {
            gate atLeast needs { needed { key supports { agreement { key } } } } } } }
        responseChains { key versions { stopStates hops { position component { key } } } } } }"""
    found = (await ask(actor, document))["service"]
    (structure,) = found["structures"]
    (version,) = structure["component"]["versions"]
    assert (structure["component"]["key"], version["gate"], version["atLeast"]) == ("mail-system", "AT_LEAST", 1)
    supports = {need["needed"]["key"]: need["needed"]["supports"] for need in version["needs"]}
    assert supports == {"disk-1": [{"agreement": {"key": "uc"}}], "disk-2": []}
    (repair,) = found["responseChains"]
    hops = [(hop["position"], hop["component"]["key"]) for hop in repair["versions"][0]["hops"]]
    assert sorted(hops) == [(0, "mail-system"), (1, "disk-1"), (1, "disk-2")]


async def test_a_circle_is_refused_where_it_was_given_with_the_way_round(actor: Actor, change: Changes) -> None:
    disk = await component(change, actor, "disk")
    mail = await component(change, actor, "mail", gate="ALL_OF", needs=[disk])
    given = {"componentId": disk, "definition": {"gate": "ALL_OF", "needs": [mail]}, "reason": "No"}
    answer = await change(actor, "publishComponentVersion", given)
    assert fields_of(answer) == ["definition.needs"]
    assert "disk -> mail -> disk" in answer["problems"][0]["message"]


async def test_components_are_created_many_at_once(actor: Actor, change: Changes) -> None:
    items = [{"key": f"c{number}", "name": "C"} for number in range(3)] + [{"key": "C", "name": "C"}]
    selected = "... on BulkPayload { written items { id problem { message } } }"
    answer = await change(actor, "createComponents", {"items": items, "mode": "PER_ITEM"}, selected)
    assert (answer["written"], answer["items"][3]["id"]) == (3, None)
