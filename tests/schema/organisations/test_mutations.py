"""Changing the organisation over GraphQL."""

from datetime import timedelta

from services.db import Database
from services.organisations.queries import authenticate
from services.organisations.rules import AccessRole, Actor
from tests.factories.organisations import NOW, new_actor
from tests.schema.mutating import Changes, fields_of

PERSON = {"key": "ann", "name": "Ann"}


async def person_id(change: Changes, actor: Actor) -> str:
    answer = await change(actor, "createPerson", PERSON, "... on PersonPayload { person { id } }")
    return str(answer["person"]["id"])


async def account_id(change: Changes, actor: Actor) -> str:
    given = {"name": "robot", "role": "INGEST"}
    answer = await change(actor, "createAccount", given, "... on AccountPayload { account { id } }")
    return str(answer["account"]["id"])


async def test_what_is_created_is_answered_with_its_relations(actor: Actor, change: Changes) -> None:
    department = await change(
        actor, "createDepartment", {"key": "it", "name": "IT"}, "... on DepartmentPayload { department { id } }"
    )
    party = await change(
        actor, "createParty", {"key": "cloud", "name": "C", "kind": "SUPPLIER"}, "... on PartyPayload { party { id } }"
    )
    given = PERSON | {"departmentId": department["department"]["id"], "partyId": party["party"]["id"]}
    answer = await change(
        actor,
        "createPerson",
        given,
        "... on PersonPayload { person { key department { key } party { kind } recordedAt recordedBy { name } } }",
    )
    assert answer["person"] == {
        "key": "ann",
        "department": {"key": "it"},
        "party": {"kind": "SUPPLIER"},
        "recordedAt": "2026-06-01T10:00:00Z",
        "recordedBy": {"name": "slm"},
    }


async def test_every_field_at_fault_is_named_as_the_client_spelled_it(
    actor: Actor, change: Changes, database: Database
) -> None:
    stranger = await new_actor(database)
    foreign = await change(
        stranger, "createDepartment", {"key": "it", "name": "IT"}, "... on DepartmentPayload { department { id } }"
    )
    given = {
        "key": "Ann!",
        "name": "",
        "email": "nobody",
        "departmentId": foreign["department"]["id"],
        "partyId": "not an id",
    }
    answer = await change(actor, "createPerson", given)
    assert fields_of(answer) == ["departmentId", "email", "key", "name", "partyId"]


async def test_an_id_of_another_type_names_nothing(actor: Actor, change: Changes) -> None:
    answer = await change(actor, "createPerson", {"key": "bob", "name": "B", "partyId": await person_id(change, actor)})
    assert fields_of(answer) == ["partyId"]


async def test_a_key_that_is_taken_is_a_conflict(actor: Actor, change: Changes) -> None:
    await person_id(change, actor)
    answer = await change(actor, "createPerson", PERSON)
    assert (answer["__typename"], answer["code"]) == ("ConflictProblem", "CONFLICT")


async def test_a_role_begins_and_ends_now_unless_said_otherwise(actor: Actor, change: Changes) -> None:
    selected = "... on RoleAssignmentPayload { roleAssignment { tenure validFrom person { key } } }"
    holder = {"personId": await person_id(change, actor), "role": "SERVICE_LEVEL_MANAGER"}
    begun = await change(actor, "assignRole", holder | {"validFrom": "2026-05-01T12:00:00+02:00"}, selected)
    ended = await change(actor, "endRole", holder, selected)
    assert begun["roleAssignment"] == {
        "tenure": "HELD",
        "validFrom": "2026-05-01T10:00:00Z",
        "person": {"key": "ann"},
    }
    assert ended["roleAssignment"]["tenure"] == "ENDED"
    assert ended["roleAssignment"]["validFrom"] == "2026-06-01T10:00:00Z"


async def test_an_account_of_a_party_says_for_whom_it_acts(actor: Actor, change: Changes) -> None:
    party = await change(
        actor,
        "createParty",
        {"key": "cloud", "name": "Cloud", "kind": "SUPPLIER"},
        "... on PartyPayload { party { id } }",
    )
    account = await change(
        actor,
        "createAccount",
        {"name": "portal", "role": "VIEWER", "partyId": party["party"]["id"]},
        "... on AccountPayload { account { name party { key } } }",
    )
    assert account["account"] == {"name": "portal", "party": {"key": "cloud"}}


async def test_a_token_is_shown_once_works_and_is_revoked(actor: Actor, change: Changes, database: Database) -> None:
    issued = await change(
        actor,
        "createApiToken",
        {"accountId": await account_id(change, actor), "label": "import"},
        "... on IssuedTokenPayload { secret token { id label revokedAt } }",
    )
    bearer = await authenticate(database.reader, token=issued["secret"], now=NOW)
    assert bearer is not None
    assert (bearer.name, bearer.role) == ("robot", AccessRole.INGEST)
    revoked = await change(
        actor,
        "revokeApiToken",
        {"tokenId": issued["token"]["id"]},
        "... on RevokedTokenPayload { token { label revokedAt } }",
    )
    assert revoked["token"] == {"label": "import", "revokedAt": "2026-06-01T10:00:00Z"}
    assert await authenticate(database.reader, token=issued["secret"], now=NOW + timedelta(seconds=1)) is None


async def test_a_rotated_token_names_the_one_it_replaces(actor: Actor, change: Changes) -> None:
    given = {"accountId": await account_id(change, actor), "label": "import"}
    first = await change(actor, "createApiToken", given, "... on IssuedTokenPayload { secret token { id } }")
    selected = "... on IssuedTokenPayload { secret token { label replaces { id expiresAt lastUsedAt } } }"
    which = {"tokenId": first["token"]["id"], "overlapSeconds": 60}
    second = await change(actor, "rotateApiToken", which, selected)
    assert second["secret"] != first["secret"]
    assert second["token"] == {
        "label": "import",
        "replaces": {"id": first["token"]["id"], "expiresAt": "2026-06-01T10:01:00Z", "lastUsedAt": None},
    }


async def test_a_token_of_another_organisation_is_not_found(actor: Actor, change: Changes, database: Database) -> None:
    stranger = await new_actor(database)
    issued = await change(
        stranger,
        "createApiToken",
        {"accountId": await account_id(change, stranger), "label": "import"},
        "... on IssuedTokenPayload { token { id } }",
    )
    answer = await change(actor, "revokeApiToken", {"tokenId": issued["token"]["id"]})
    assert (answer["__typename"], answer["code"]) == ("NotFoundProblem", "NOT_FOUND")
