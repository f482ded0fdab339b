"""The organisation itself, its departments and parties, and its people with the roles they hold."""

from graphlib import CycleError, TopologicalSorter
from typing import Any
from uuid import UUID

from services.db import ReadSession, fetch
from services.organisations.changes import change_department, change_organisation, change_party, change_person
from services.organisations.commands import assign_role, create_department, create_parties, create_people, end_role
from services.organisations.rules import GovernanceRole, PartyEntry, PartyKind, PersonEntry
from services.rows import Outcome
from slm.bundles.definitions import columns
from slm.bundles.definitions.kinds import Kind, Row, Run, Values, each, flat, paired, spans, together

ORGANISATION = "SELECT organisation_id, name, time_zone FROM organisation WHERE organisation_id = $1::uuid"
DEPARTMENTS = """
SELECT d.id, d.key, d.name, p.key FROM department d
LEFT JOIN department p ON p.organisation_id = $1::uuid AND p.id = d.parent_id
WHERE d.organisation_id = $1::uuid ORDER BY d.key
"""
PARTIES = "SELECT id, key, name, kind FROM party WHERE organisation_id = $1::uuid ORDER BY key"
PEOPLE = """
SELECT p.id, p.key, p.name, p.email, d.key, s.key FROM person p
LEFT JOIN department d ON d.organisation_id = $1::uuid AND d.id = p.department_id
LEFT JOIN party s ON s.organisation_id = $1::uuid AND s.id = p.party_id
WHERE p.organisation_id = $1::uuid ORDER BY p.key
"""
ROLES = """
SELECT p.key, r.role, r.tenure, r.valid_from FROM role_assignment r
JOIN person p ON p.organisation_id = $1::uuid AND p.id = r.person_id
WHERE r.organisation_id = $1::uuid ORDER BY p.key, r.role, r.valid_from
"""


async def _organisation(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    return [
        {"id": row[0], "name": row[1], "time_zone": row[2]}
        for row in await fetch(session, ORGANISATION, organisation_id)
    ]


async def _departments(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("id", "key", "name", "parent")
    return [dict(zip(names, row, strict=True)) for row in await fetch(session, DEPARTMENTS, organisation_id)]


async def _parties(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    return [
        {"id": row[0], "key": row[1], "name": row[2], "kind": PartyKind(row[3])}
        for row in await fetch(session, PARTIES, organisation_id)
    ]


async def _people(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("id", "key", "name", "email", "department", "party")
    return [dict(zip(names, row, strict=True)) for row in await fetch(session, PEOPLE, organisation_id)]


async def _roles(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    rows = [
        {"person": row[0], "role": GovernanceRole(row[1]), "tenure": row[2], "valid_from": row[3]}
        for row in await fetch(session, ROLES, organisation_id)
    ]
    return paired(rows, ("person", "role"))


async def _no_organisation(_run: Run, _row: Row) -> None:
    raise AssertionError("a bundle is brought into an organisation that exists")


async def _change_organisation(run: Run, row: Row, before: Values) -> None:
    said = {**before, **row.values}
    await change_organisation(**run.by, name=said["name"], time_zone=said["time_zone"])


async def _add_department(run: Run, row: Row) -> UUID:
    parent_id = run.id_of("departments", row.values.get("parent"))
    return await create_department(**run.by, key=row.values["key"], name=row.values["name"], parent_id=parent_id)


async def _change_department(run: Run, row: Row, before: Values) -> None:
    said = {**before, **row.values}
    await change_department(
        **run.by, department_id=said["id"], name=said["name"], parent_id=run.id_of("departments", said["parent"])
    )


async def _bring_departments(kind: Kind, run: Run, rows: list[Row]) -> None:
    """Parents first."""
    by_key = {row.values["key"]: row for row in rows}
    parents = {key: {parent} for key, row in by_key.items() if (parent := row.values.get("parent")) in by_key}
    try:
        order = list(TopologicalSorter({key: parents.get(key, set()) for key in by_key}).static_order())
    except CycleError as cycle:
        inside = by_key[cycle.args[1][0]]
        run.problems.append(inside.problem("parent", f"expected no circle, got {' in '.join(cycle.args[1])}"))
        return
    await flat(each(_add_department), _change_department)(kind, run, [by_key[key] for key in order])


async def _add_parties(run: Run, rows: list[Row]) -> list[Outcome]:
    said = [row.values for row in rows]
    entries = [PartyEntry(values["key"], values["name"], values["kind"]) for values in said]
    return await create_parties(**run.by, entries=entries)


async def _change_party(run: Run, row: Row, before: Values) -> None:
    said = {**before, **row.values}
    await change_party(**run.by, party_id=said["id"], name=said["name"], kind=said["kind"])


def _person(run: Run, said: Values) -> dict[str, Any]:
    return {
        "name": said["name"],
        "email": said.get("email"),
        "department_id": run.id_of("departments", said.get("department")),
        "party_id": run.id_of("parties", said.get("party")),
    }


async def _add_people(run: Run, rows: list[Row]) -> list[Outcome]:
    entries = [PersonEntry(key=row.values["key"], **_person(run, row.values)) for row in rows]
    return await create_people(**run.by, entries=entries)


async def _change_person(run: Run, row: Row, before: Values) -> None:
    said = {**before, **row.values}
    await change_person(**run.by, person_id=said["id"], **_person(run, said))


async def _begin_role(run: Run, row: Row) -> UUID:
    person_id = run.known("people", row.values["person"])
    return await assign_role(
        **run.by, person_id=person_id, role=row.values["role"], valid_from=row.values["valid_from"]
    )


async def _end_role(run: Run, row: Row, _before: Values) -> None:
    person_id = run.known("people", row.values["person"])
    await end_role(**run.by, person_id=person_id, role=row.values["role"], valid_from=row.values["valid_until"])


KINDS = (
    Kind(
        "organisation",
        "The organisation itself: one row.",
        (
            columns.text("name", "Its name for people.", required=True),
            columns.text("time_zone", "The IANA zone of its days and months, such as Europe/London."),
        ),
        (),
        _organisation,
        flat(each(_no_organisation), _change_organisation),
    ),
    Kind(
        "departments",
        "Parts of the organisation.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.key("parent", "The department it is part of.", of="departments"),
        ),
        ("key",),
        _departments,
        _bring_departments,
        keyed_by=("key",),
    ),
    Kind(
        "parties",
        "Sides of agreements: customers, internal teams, suppliers.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.choice("kind", "Which side it is on.", PartyKind, required=True),
        ),
        ("key",),
        _parties,
        flat(together(_add_parties), _change_party),
        keyed_by=("key",),
    ),
    Kind(
        "people",
        "Persons who own, approve, attend or answer.",
        (
            columns.key("key", "Their key.", required=True),
            columns.text("name", "Their name.", required=True),
            columns.text("email", "Their e-mail address."),
            columns.key("department", "The department they are in.", of="departments"),
            columns.key("party", "The party they work for.", of="parties"),
        ),
        ("key",),
        _people,
        flat(together(_add_people), _change_person),
        keyed_by=("key",),
    ),
    Kind(
        "roles",
        "Governance roles people hold.",
        (
            columns.key("person", "Who holds it.", of="people", required=True),
            columns.choice("role", "Which role.", GovernanceRole, required=True),
            columns.instant("valid_from", "From when on.", required=True),
            columns.instant("valid_until", "Until when, exclusive; blank while it is held."),
        ),
        ("person", "role", "valid_from"),
        _roles,
        spans(_begin_role, _end_role),
    ),
)
