"""Invariants hold over what the program stored by itself, and each is seen when somebody breaks it on purpose."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.compliance.models import Breach
from services.db import Database, execute, new_id
from services.errors import NotFound
from services.organisations.rules import Actor
from slm import worker
from slm.invariants.check import INVARIANTS, broken, check, organisations
from slm.invariants.invariant import MOST_SHOWN, Scope, Violations
from slm.reference.generate import generate
from slm.reference.load import load
from tests.factories.organisations import new_actor
from tests.factories.world import new_world
from tests.opening import database_on
from tests.slm.test_cli import slm

NOW = datetime.now(UTC).replace(microsecond=0)
KEY = "checked"

BREAKS = {
    "clock-breaches-recorded": ["DELETE FROM breach b WHERE organisation_id = $1 AND kind = 'clock' AND {unlinked}"],
    "period-breaches-recorded": ["DELETE FROM breach b WHERE organisation_id = $1 AND kind = 'period' AND {unlinked}"],
    "breaches-founded": [
        "UPDATE clock SET breached_at = NULL, outcome = 'met', computed_at = '2020-01-01'"
        " WHERE organisation_id = $1 AND breached_at IS NOT NULL"
    ],
    "due-on-time": ["UPDATE due_organisation SET due_at = NULL WHERE organisation_id = $1"],
    "tickets-count-their-events": ["UPDATE ticket SET event_count = event_count + 1 WHERE organisation_id = $1"],
    "imports-whole": ["UPDATE ticket_import SET events_recorded = events_recorded + 1 WHERE organisation_id = $1"],
    "versions-apart": [
        "ALTER TABLE agreement_version DROP CONSTRAINT uq_agreement_version_organisation_id_agreement_id_valid_from",
        "INSERT INTO agreement_version (organisation_id, id, recorded_at, recorded_by, agreement_id, valid_from,"
        " status, reason, assumed) SELECT organisation_id, gen_random_uuid(), recorded_at, recorded_by, agreement_id,"
        " valid_from, status, reason, assumed FROM agreement_version WHERE organisation_id = $1 LIMIT 1",
    ],
    "references-lead-somewhere": ["UPDATE ticket SET recorded_by = gen_random_uuid() WHERE organisation_id = $1"],
    "nothing-from-the-future": [
        "UPDATE ticket SET received_at = received_at + interval '100 years' WHERE organisation_id = $1"
    ],
    "tickets-follow-from-events": ["UPDATE ticket SET reopen_count = reopen_count + 1 WHERE organisation_id = $1"],
    "clocks-follow-from-events": ["UPDATE clock SET elapsed_seconds = elapsed_seconds + 1 WHERE organisation_id = $1"],
    "audit-trail-agrees": ["UPDATE service SET name = name || ' (by hand)' WHERE organisation_id = $1"],
    "periods-follow-from-clocks": ["UPDATE period_result SET met = met + 1 WHERE organisation_id = $1"],
}
STEERED = {
    "ended-once": [
        "DROP INDEX uq_action_status_change_ending",
        "INSERT INTO action_status_change (organisation_id, id, recorded_at, recorded_by, action_id, status,"
        " occurred_at, note) SELECT organisation_id, gen_random_uuid(), recorded_at, recorded_by, id, 'done',"
        " due_at + days * interval '1 day', '' FROM action, generate_series(1, 2) AS days WHERE organisation_id = $1",
    ],
    "forecasts-know-their-model": [
        "UPDATE forecast_model SET trained_as_of = trained_as_of + interval '10 years' WHERE organisation_id = $1"
    ],
}
"""About what the generated organisation is too small to have."""
UNLINKED = " AND ".join(
    f"NOT EXISTS (SELECT FROM {table} x WHERE x.organisation_id = $1 AND x.breach_id = b.id)"
    for table in ("breach_retraction", "meeting_breach", "improvement_breach", "breach_acceptance")
)


@pytest.fixture(scope="module")
async def checked(database: Database) -> Actor:
    """The generated organisation, with what the worker does."""
    blueprint = replace(generate(7, NOW, tickets=150)[0], key=KEY)
    actor = await load(database, blueprint, now=NOW)
    await worker.work(database, now=NOW)
    return actor


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Database]:
    """Whom nothing keeps from damaging what is stored."""
    opened = database_on(database_url, pool_size=1, as_owner=True)
    yield opened
    await opened.close()


class _Undone(Exception):
    """Ends a transaction whose damage nobody else is to see."""


async def violations(owner: Database, organisation_id: UUID, statements: list[str], *names: str) -> list[Violations]:
    """What invariants find amid a transaction that ran the statements and is then undone."""
    found: list[Violations] = []
    by_name = {invariant.name: invariant for invariant in INVARIANTS}
    try:
        async with owner.writing(organisation_id) as session:
            for statement in statements:
                bound = [organisation_id] if "$1" in statement else []
                await execute(session, statement.replace("$1", "$1::uuid"), *bound)
            scope = Scope(organisation_id, NOW, tickets=None)
            found = [await by_name[name].find(session, scope) for name in names]
            raise _Undone
    except _Undone:
        return found


async def test_every_invariant_holds_over_what_the_program_stored(database: Database, checked: Actor) -> None:
    results = await check(database, checked.organisation_id, now=datetime.now(UTC), tickets=None)
    assert {result.invariant.name: result.violations.keys for result in broken(results)} == {}
    assert len(results) == len(INVARIANTS) >= 15


async def test_every_invariant_holds_in_an_organisation_without_anything(database: Database, actor: Actor) -> None:
    assert list(broken(await check(database, actor.organisation_id, now=datetime.now(UTC)))) == []


def test_every_invariant_is_broken_by_a_test() -> None:
    assert {*BREAKS, *STEERED} == {invariant.name for invariant in INVARIANTS}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_invariant_is_found(owner: Database, checked: Actor, name: str) -> None:
    statements = [statement.replace("{unlinked}", UNLINKED) for statement in BREAKS[name]]
    (found,) = await violations(owner, checked.organisation_id, statements, name)
    assert found.count > 0
    assert 0 < len(found.keys) <= MOST_SHOWN


@pytest.mark.parametrize("name", STEERED)
async def test_a_broken_invariant_of_steering_is_found(database: Database, owner: Database, name: str) -> None:
    world = await new_world(database, await new_actor(database))
    (before,) = await violations(owner, world.actor.organisation_id, [], name)
    (after,) = await violations(owner, world.actor.organisation_id, STEERED[name], name)
    assert before.count == 0 < after.count


async def test_a_row_whose_parent_is_gone_is_found_although_foreign_keys_were_switched_off(
    owner: Database, checked: Actor
) -> None:
    statements = ["SET LOCAL session_replication_role = replica", "DELETE FROM service WHERE organisation_id = $1"]
    (found,) = await violations(owner, checked.organisation_id, statements, "references-lead-somewhere")
    assert any(key.startswith("agreement ") and key.endswith(": service_id") for key in found.keys), found.keys


async def test_a_lost_event_is_found(owner: Database, checked: Actor) -> None:
    statements = [
        "DELETE FROM ticket_event e WHERE organisation_id = $1 AND id = (SELECT max(id::text)::uuid FROM ticket_event"
        " WHERE organisation_id = $1)"
    ]
    names = ("tickets-count-their-events", "imports-whole", "tickets-follow-from-events")
    found = await violations(owner, checked.organisation_id, statements, *names)
    assert [one.count for one in found] == [1, 1, 1]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("UPDATE party SET version = version + 1 WHERE organisation_id = $1", ": version"),
        ("UPDATE agreement SET kind = 'uc' WHERE organisation_id = $1", ": kind"),
        ("UPDATE audit_entry SET subject_id = gen_random_uuid() WHERE organisation_id = $1", ": is not there"),
    ],
)
async def test_what_the_trail_does_not_tell_is_named_by_its_attribute(
    owner: Database, checked: Actor, damage: str, named: str
) -> None:
    (found,) = await violations(owner, checked.organisation_id, [damage], "audit-trail-agrees")
    assert found.keys
    assert all(key.endswith(named) for key in found.keys), found.keys


async def test_of_many_audited_things_as_many_are_compared_as_asked_for(owner: Database, checked: Actor) -> None:
    compared = next(one for one in INVARIANTS if one.name == "audit-trail-agrees")
    try:
        async with owner.writing(checked.organisation_id) as session:
            await execute(
                session,
                "UPDATE audit_entry SET subject_id = gen_random_uuid() WHERE organisation_id = $1::uuid",
                checked.organisation_id,
            )
            found = await compared.find(session, Scope(checked.organisation_id, NOW, tickets=3))
            raise _Undone
    except _Undone:
        assert 0 < found.count <= 3


async def test_only_the_organisation_asked_for_is_looked_at(database: Database, owner: Database, actor: Actor) -> None:
    broken_elsewhere = await new_world(database, await new_actor(database))
    damage = "UPDATE ticket SET event_count = 99 WHERE organisation_id = $1"
    name = "tickets-count-their-events"
    (others,) = await violations(owner, broken_elsewhere.actor.organisation_id, [damage], name)
    assert others.count == 1
    assert list(broken(await check(database, actor.organisation_id, now=datetime.now(UTC)))) == []


async def test_an_organisation_nobody_knows_is_said_to_be_none(database: Database) -> None:
    with pytest.raises(NotFound, match="no organisation with the key 'nobody'"):
        await organisations(database, key="nobody")


@pytest.fixture
async def unfounded(database: Database, owner: Database) -> str:
    """The key of an organisation with a breach that no account of it recorded."""
    world = await new_world(database, await new_actor(database))
    async with owner.writing(world.actor.organisation_id) as session:
        breach = await session.get(Breach, (world.actor.organisation_id, world.breach.id))
        assert breach is not None
        breach.recorded_by = new_id()
    keys = await organisations(database)
    return next(key for key, id_ in keys.items() if id_ == world.actor.organisation_id)


def test_the_command_says_what_is_broken_and_what_to_do_and_exits_with_one(
    database_url: str, checked: Actor, unfounded: str
) -> None:
    good = slm("check", "--organisation", KEY, "--whole", DATABASE_URL=database_url)
    assert good.code == 0, good.out
    assert good.out == f"{KEY}: {len(INVARIANTS)} of {len(INVARIANTS)} invariants hold\n"
    bad = slm("check", "--organisation", unfounded, DATABASE_URL=database_url)
    assert bad.code == 1
    assert "references-lead-somewhere: 1 times not" in bad.out
    assert "restore it again" in bad.out
    assert ": recorded_by" in bad.out
