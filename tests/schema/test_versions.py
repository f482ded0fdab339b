"""Two editors of the same thing: the second hears of the first, with the version there is now, and nothing is lost."""

import asyncio
from typing import Any

from services.organisations.rules import Actor
from tests.schema.agreements.test_mutations import agreement, target
from tests.schema.calendars.test_mutations import calendar_id
from tests.schema.catalogue.test_mutations import service_id
from tests.schema.governance.test_mutations import cadence_of
from tests.schema.mutating import Changes
from tests.schema.test_mutation_roles import DEFINITION

CURRENT = "... on ConflictProblem { currentVersion }"
INSTANTS = ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")


async def edit(change: Changes, actor: Actor, field: str, given: dict[str, Any]) -> tuple[str, int | None]:
    """What came of an edit, and the current version where it came too late."""
    answer = await change(actor, field, given, CURRENT)
    return answer["__typename"], answer.get("currentVersion")


async def test_the_second_editor_of_a_service_gets_the_current_version(actor: Actor, change: Changes) -> None:
    given = {"serviceId": await service_id(change, actor), "expectedVersion": 1}
    first = await change(
        actor, "updateService", given | {"name": "E-mail"}, "... on ServicePayload { service { name version } }"
    )
    assert first["service"] == {"name": "E-mail", "version": 2}
    assert await edit(change, actor, "updateService", given | {"name": "Post"}) == ("ConflictProblem", 2)
    again = await change(
        actor,
        "updateService",
        given | {"description": "Letters", "expectedVersion": 2},
        "... on ServicePayload { service { name description version } }",
    )
    assert again["service"] == {"name": "E-mail", "description": "Letters", "version": 3}


async def test_of_two_editors_at_the_same_moment_one_is_told(actor: Actor, change: Changes) -> None:
    given = {"serviceId": await service_id(change, actor), "expectedVersion": 1}
    edits = [edit(change, actor, "updateService", given | {"name": f"Name {number}"}) for number in range(5)]
    found = sorted(await asyncio.gather(*edits), key=str)
    assert found == [("ConflictProblem", 2)] * 4 + [("ServicePayload", None)]


async def test_an_editor_who_expects_nothing_is_not_stopped(actor: Actor, change: Changes) -> None:
    given = {"serviceId": await service_id(change, actor)}
    for name in ("E-mail", "Post"):
        assert (await edit(change, actor, "updateService", given | {"name": name}))[0] == "ServicePayload"


async def test_the_second_publisher_of_a_calendar_gets_the_current_version(actor: Actor, change: Changes) -> None:
    given = {"calendarId": await calendar_id(change, actor), "definition": DEFINITION, "expectedVersion": 1}
    first, second = (given | {"validFrom": at} for at in INSTANTS)
    assert (await edit(change, actor, "publishCalendarVersion", first))[0] == "CalendarVersionPayload"
    assert await edit(change, actor, "publishCalendarVersion", second) == ("ConflictProblem", 2)
    review = {"calendarId": given["calendarId"], "expectedVersion": 1}
    assert await edit(change, actor, "reviewHolidays", review) == ("ConflictProblem", 2)


async def test_the_second_publisher_of_an_agreement_gets_the_current_version(actor: Actor, change: Changes) -> None:
    made = await agreement(change, actor)
    given = {"agreementId": made["agreement"]["id"], "expectedVersion": 1, "reason": "r"}
    first, second = (given | {"validFrom": at, "targets": [target(made["calendar"])]} for at in INSTANTS)
    published = await change(
        actor,
        "publishAgreementVersion",
        first,
        """... on AgreementVersionPayload { version { agreement { version targets { version } } } }""",
    )
    assert published["version"]["agreement"] == {"version": 2, "targets": [{"version": 1}]}
    assert await edit(change, actor, "publishAgreementVersion", second) == ("ConflictProblem", 2)
    assert await edit(change, actor, "endAgreement", given) == ("ConflictProblem", 2)


async def test_the_second_publisher_of_a_requirement_gets_the_current_version(actor: Actor, change: Changes) -> None:
    created = await change(
        actor,
        "createRequirement",
        {
            "key": "fast",
            "serviceId": await service_id(change, actor),
            "validFrom": "2026-01-01T00:00:00Z",
            "definition": {"statement": "Be fast"},
        },
        "... on RequirementPayload { requirement { id version } }",
    )
    assert created["requirement"]["version"] == 1
    given = {
        "requirementId": created["requirement"]["id"],
        "expectedVersion": 1,
        "reason": "r",
        "definition": {"statement": "Be faster"},
    }
    first, second = (given | {"validFrom": at} for at in INSTANTS)
    assert (await edit(change, actor, "publishRequirementVersion", first))[0] == "RequirementVersionPayload"
    assert await edit(change, actor, "publishRequirementVersion", second) == ("ConflictProblem", 2)


async def test_the_second_to_end_a_cadence_gets_the_current_version(actor: Actor, change: Changes) -> None:
    given = {
        "cadenceId": await cadence_of(change, actor),
        "endsOn": "2026-06-01",
        "reason": "r",
        "expectedVersion": 1,
    }
    ended = await change(actor, "endCadence", given, "... on CadencePayload { cadence { version } }")
    assert ended["cadence"] == {"version": 2}
    assert await edit(change, actor, "endCadence", given) == ("ConflictProblem", 2)


async def test_the_second_to_move_an_improvement_gets_the_current_version(actor: Actor, change: Changes) -> None:
    registered = await change(
        actor,
        "registerImprovement",
        {"key": "k", "title": "t", "consequence": "CORRECTIVE"},
        "... on ImprovementPayload { improvement { id version } }",
    )
    assert registered["improvement"]["version"] == 1
    given = {"improvementId": registered["improvement"]["id"], "expectedVersion": 1}
    moved = given | {"status": "IMPLEMENTED"}
    assert (await edit(change, actor, "recordImprovementStatus", moved))[0] == "ImprovementPayload"
    stopped = given | {"status": "STOPPED"}
    assert await edit(change, actor, "recordImprovementStatus", stopped) == ("ConflictProblem", 2)


async def test_people_parties_departments_and_the_organisation_are_edited_by_their_versions(
    actor: Actor, change: Changes
) -> None:
    party = {"key": "acme", "name": "Acme", "kind": "CUSTOMER"}
    made = await change(actor, "createParty", party, "... on PartyPayload { party { id } }")
    party_id = made["party"]["id"]
    made = await change(actor, "createPerson", {"key": "ann", "name": "Ann"}, "... on PersonPayload { person { id } }")
    person_id = made["person"]["id"]
    made = await change(
        actor, "createDepartment", {"key": "it", "name": "IT"}, "... on DepartmentPayload { department { id } }"
    )
    edits: dict[str, dict[str, Any]] = {
        "updateParty": {"partyId": party_id, "name": "Acme Ltd", "kind": "SUPPLIER"},
        "updatePerson": {"personId": person_id, "name": "Ann Example", "email": "ann@example.org", "partyId": party_id},
        "updateDepartment": {"departmentId": made["department"]["id"], "name": "Information technology"},
        "updateOrganisation": {"name": "The company", "timeZone": "Europe/London"},
    }
    for field, said in edits.items():
        given = said | {"expectedVersion": 1}
        assert (await edit(change, actor, field, given))[0].endswith("Payload"), field
        assert await edit(change, actor, field, given | {"name": "Too late"}) == ("ConflictProblem", 2), field
    found = await change(
        actor,
        "updatePerson",
        {"personId": person_id, "name": "Ann Example", "expectedVersion": 2},
        "... on PersonPayload { person { version name email party { name } } }",
    )
    assert found["person"] == {"version": 3, "name": "Ann Example", "email": None, "party": None}
