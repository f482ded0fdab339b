"""Changing agreements over GraphQL."""

from typing import Any

from services.db import Database
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.schema.calendars.test_mutations import calendar_id
from tests.schema.catalogue.test_mutations import service_id
from tests.schema.mutating import Changes, fields_of

VERSION = """... on AgreementVersionPayload { version {
    status validFrom validUntil reason targetVersions { target { id key } durationSeconds }
} }"""


def target(calendar: str, **different: Any) -> dict[str, Any]:
    return {
        "key": "resolve",
        "name": "Resolved in time",
        "calendarId": calendar,
        "durationSeconds": 28_800,
        "stopStates": ["RESOLVED", "CLOSED"],
        "pauseStates": ["AWAITING_CUSTOMER"],
        "objectivePercent": "99.95",
    } | different


async def agreement(change: Changes, actor: Actor, **different: Any) -> dict[str, Any]:
    """A new agreement, as it is answered, with the id of its calendar."""
    calendar = await calendar_id(change, actor)
    given = {
        "key": "mail-sla",
        "name": "Mail agreement",
        "kind": "SLA",
        "serviceId": await service_id(change, actor),
        "validFrom": "2026-01-01T00:00:00Z",
        "targets": [target(calendar)],
    } | different
    answer = await change(
        actor,
        "createAgreement",
        given,
        """... on AgreementPayload { agreement { id key kind service { key } customer { key } targets { id key }
            versions { status targetVersions { durationSeconds objectivePercent stopStates pauseStates reopenPolicy } }
        } }""",
    )
    return answer | {"calendar": calendar}


async def test_an_agreement_is_answered_with_what_it_promises(actor: Actor, change: Changes) -> None:
    made = (await agreement(change, actor))["agreement"]
    assert (made["key"], made["kind"], made["service"], made["customer"]) == ("mail-sla", "SLA", {"key": "mail"}, None)
    assert made["versions"] == [
        {
            "status": "IN_FORCE",
            "targetVersions": [
                {
                    "durationSeconds": 28_800,
                    "objectivePercent": "99.95",
                    "stopStates": ["RESOLVED", "CLOSED"],
                    "pauseStates": ["AWAITING_CUSTOMER"],
                    "reopenPolicy": "RESUME",
                }
            ],
        }
    ]


async def test_every_problem_is_named_by_its_place_in_the_input(actor: Actor, change: Changes) -> None:
    broken = target("nothing", durationSeconds=0, objectivePercent="100.1", pauseStates=["CLOSED"])
    answer = await agreement(change, actor, key="", serviceId="nothing", customerId="nothing", targets=[broken])
    assert fields_of(answer) == [
        "customerId",
        "key",
        "serviceId",
        "targets.0.calendarId",
        "targets.0.durationSeconds",
        "targets.0.objectivePercent",
        "targets.0.pauseStates",
    ]


async def test_a_target_is_the_same_in_the_next_version_and_gone_after_the_end(actor: Actor, change: Changes) -> None:
    made = await agreement(change, actor)
    agreed = {"agreementId": made["agreement"]["id"], "reason": "Renegotiated"}
    faster = [target(made["calendar"], durationSeconds=3_600)]
    published = await change(
        actor,
        "publishAgreementVersion",
        agreed | {"validFrom": "2026-03-01T00:00:00Z", "targets": faster},
        VERSION,
    )
    ended = await change(actor, "endAgreement", agreed, VERSION)
    assert published["version"] == {
        "status": "IN_FORCE",
        "validFrom": "2026-03-01T00:00:00Z",
        "validUntil": None,
        "reason": "Renegotiated",
        "targetVersions": [{"target": made["agreement"]["targets"][0], "durationSeconds": 3_600}],
    }
    assert (ended["version"]["status"], ended["version"]["validFrom"]) == ("ENDED", "2026-06-01T10:00:00Z")
    assert ended["version"]["targetVersions"] == []
    again = await change(actor, "endAgreement", agreed | {"validFrom": "2026-07-01T00:00:00Z"})
    assert again["__typename"] == "ConflictProblem"


async def test_agreements_of_another_organisation_are_not_found(
    actor: Actor, change: Changes, database: Database
) -> None:
    foreign = {"agreementId": (await agreement(change, await new_actor(database)))["agreement"]["id"], "reason": "x"}
    targets = [target(await calendar_id(change, actor))]
    published = foreign | {"validFrom": "2026-03-01T00:00:00Z", "targets": targets}
    assert (await change(actor, "publishAgreementVersion", published))["__typename"] == "NotFoundProblem"
    assert (await change(actor, "endAgreement", foreign))["__typename"] == "NotFoundProblem"


async def test_availability_and_contract_points_are_answered_as_agreed(actor: Actor, change: Changes) -> None:
    calendar = await calendar_id(change, actor)
    points = [{"probabilityPercent": "99", "durationSeconds": 57_600}]
    clock = target(calendar, points=points, objectivePercent="95")
    hours = {"key": "up", "name": "There", "objectivePercent": "99.9", "period": None, "rollingDays": 30}
    there = hours | {"calendarId": calendar, "maintenanceExcluded": True, "maintenanceSeconds": 7_200}
    given = {
        "key": "mail-sla",
        "name": "Mail agreement",
        "kind": "SLA",
        "serviceId": await service_id(change, actor),
        "validFrom": "2026-01-01T00:00:00Z",
        "targets": [clock],
        "availabilityTargets": [there],
    }
    answer = await change(
        actor,
        "createAgreement",
        given,
        """... on AgreementPayload { agreement { targets { key kind
            versions { points { probabilityPercent durationSeconds } }
            availabilityVersions { objectivePercent period rollingDays calendar { key }
                maintenanceExcluded maintenanceSeconds populationCount agreementVersion { status } }
        } } }""",
    )
    clocks, available = answer["agreement"]["targets"]
    assert (clocks["key"], clocks["kind"], clocks["availabilityVersions"]) == ("resolve", "CLOCK", [])
    assert clocks["versions"] == [{"points": points}]
    assert (available["key"], available["kind"], available["versions"]) == ("up", "AVAILABILITY", [])
    assert available["availabilityVersions"] == [
        {
            "objectivePercent": "99.9",
            "period": None,
            "rollingDays": 30,
            "calendar": {"key": "office"},
            "maintenanceExcluded": True,
            "maintenanceSeconds": 7_200,
            "populationCount": None,
            "agreementVersion": {"status": "IN_FORCE"},
        }
    ]
