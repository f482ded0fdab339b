"""The dependency graph: shared components, no circles, and what supports what."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID

import pytest

from services.agreements.component_support import end_component_support
from services.agreements.rules import AgreementKind
from services.catalogue.components import create_components
from services.catalogue.dependencies import needs_at, needs_below
from services.catalogue.response_chains import create_response_chain
from services.catalogue.rules import (
    DEEPEST_NEEDS,
    ComponentDefinition,
    ComponentEntry,
    ComponentKind,
    Gate,
    ResponseChainDefinition,
    check_component,
    levels_below,
    path_to_itself,
)
from services.db import Database
from services.domain.inputs import Problems
from services.domain.vocabulary import TicketState
from services.errors import Conflict, Invalid
from services.organisations.rules import Actor
from services.rows import sole
from tests.factories.definitions import SINCE, new_agreement, new_calendar, new_service, target
from tests.factories.dependencies import new_component, said_anew, stands_on, supported
from tests.factories.organisations import NOW
from tests.factories.refusals import refused_fields

A, B, C, D = (UUID(int=number) for number in range(1, 5))


@pytest.mark.parametrize(
    ("needs", "path"),
    [
        ({A: [B], B: [C]}, None),
        ({A: [A]}, [A, A]),
        ({A: [B], B: [A]}, [A, B, A]),
        ({A: [B, D], B: [C], C: [A], D: [C]}, [A, B, C, A]),
        ({B: [C], C: [B]}, None),
    ],
)
def test_a_circle_is_found_with_the_shortest_way_round(needs: dict[UUID, list[UUID]], path: list[UUID] | None) -> None:
    assert path_to_itself(A, needs) == path


def test_levels_are_counted_along_the_longest_way() -> None:
    assert levels_below(A, {A: [B, C], B: [C], C: [D]}) == {A: 3, B: 2, C: 1, D: 0}
    assert levels_below(D, {A: [B]}) == {D: 0}


@pytest.mark.parametrize(
    ("kind", "definition", "fields"),
    [
        (ComponentKind.GROUP, ComponentDefinition(), ["needs"]),
        (ComponentKind.GROUP, ComponentDefinition(D, Gate.ANY_OF, None, [A]), ["provider_id"]),
        (ComponentKind.ELEMENT, ComponentDefinition(gate=Gate.ALL_OF), ["gate"]),
        (ComponentKind.ELEMENT, ComponentDefinition(needs=[A]), ["gate"]),
        (ComponentKind.ELEMENT, ComponentDefinition(D, Gate.AT_LEAST, None, [A, B]), ["at_least"]),
        (ComponentKind.ELEMENT, ComponentDefinition(D, Gate.AT_LEAST, 3, [A, B]), ["at_least"]),
        (ComponentKind.ELEMENT, ComponentDefinition(D, Gate.ANY_OF, 1, [A, B]), ["at_least"]),
        (ComponentKind.ELEMENT, ComponentDefinition(D, Gate.ALL_OF, None, [A, A]), ["needs"]),
        (ComponentKind.ELEMENT, ComponentDefinition(D, Gate.ALL_OF, None, [A] * 51), ["needs"]),
        (ComponentKind.ELEMENT, ComponentDefinition(D, Gate.AT_LEAST, 2, [A, B]), []),
    ],
)
def test_what_is_wrong_with_a_component_is_named(
    kind: ComponentKind, definition: ComponentDefinition, fields: list[str]
) -> None:
    problems = Problems()
    check_component(kind, definition, problems)
    with refused_fields(*fields) if fields else nullcontext():
        problems.refuse("the component cannot be created")


async def test_what_is_needed_is_known_as_of_any_instant_and_shared_by_identity(
    database: Database, actor: Actor
) -> None:
    network = await new_component(database, actor, "network")
    one, two = [await new_component(database, actor, key, network) for key in ("site-1", "site-2")]
    both = await new_component(database, actor, "sites", one, two, gate=Gate.ANY_OF, kind=ComponentKind.GROUP)
    await said_anew(database, actor, two)
    async with database.reading(actor.organisation_id) as session:
        found = await needs_below(session, actor.organisation_id, [both])
    assert needs_at(found, SINCE) == {both: {one, two}, one: {network}, two: {network}, network: set()}
    assert needs_at(found, NOW)[two] == set()


async def test_a_component_never_comes_to_need_itself_and_the_way_round_is_said(
    database: Database, actor: Actor
) -> None:
    disk = await new_component(database, actor, "disk")
    server = await new_component(database, actor, "server", disk)
    mail = await new_component(database, actor, "mail", server)
    with pytest.raises(Invalid) as refused:
        await said_anew(database, actor, disk, mail)
    (problem,) = refused.value.problems
    assert problem.field == "definition.needs"
    assert "disk -> mail -> server -> disk" in problem.message
    # What was no longer needed then can need it.
    await said_anew(database, actor, server, at=NOW)
    await said_anew(database, actor, disk, mail, at=NOW + timedelta(days=1))


async def test_a_circle_with_a_version_that_starts_later_is_refused_too(database: Database, actor: Actor) -> None:
    one, two = await new_component(database, actor, "one"), await new_component(database, actor, "two")
    await said_anew(database, actor, one, two, at=NOW + timedelta(days=30))
    with pytest.raises(Invalid, match="cannot be published"):
        await said_anew(database, actor, two, one, at=NOW)


async def test_of_two_who_close_a_circle_together_one_is_refused(database: Database, actor: Actor) -> None:
    one, two = await new_component(database, actor, "one"), await new_component(database, actor, "two")
    outcomes = await asyncio.gather(
        said_anew(database, actor, one, two), said_anew(database, actor, two, one), return_exceptions=True
    )
    assert sorted(isinstance(outcome, UUID) for outcome in outcomes) == [False, True]


async def test_graphs_have_a_limited_depth(database: Database, actor: Actor) -> None:
    top = await new_component(database, actor, "c0")
    for level in range(DEEPEST_NEEDS):
        top = await new_component(database, actor, f"c{level + 1}", top)
    with pytest.raises(Invalid) as refused:
        await new_component(database, actor, "too-deep", top)
    assert "20 levels" in refused.value.problems[0].message


async def test_versions_follow_one_another(database: Database, actor: Actor) -> None:
    disk = await new_component(database, actor, "disk")
    await said_anew(database, actor, disk, expected_version=1)
    with pytest.raises(Conflict, match="already"):
        await said_anew(database, actor, disk)
    with pytest.raises(Conflict, match="somebody else"):
        await said_anew(database, actor, disk, at=NOW + timedelta(days=1), expected_version=1)


async def test_structures_of_a_service_follow_one_another(database: Database, actor: Actor) -> None:
    service, disk = await new_service(database, actor), await new_component(database, actor, "disk")
    await stands_on(database, actor, service, disk, at=NOW)
    with refused_fields("valid_from"):
        await stands_on(database, actor, service, disk, at=SINCE)


async def test_only_an_ola_or_uc_supports_a_component_that_can_fail_and_once(database: Database, actor: Actor) -> None:
    service, office = await new_service(database, actor), await new_calendar(database, actor)
    sla = await new_agreement(database, actor, service, target(office))
    disk = await new_component(database, actor, "disk")
    pair = await new_component(database, actor, "pair", disk, kind=ComponentKind.GROUP)
    with refused_fields("agreement_id", "component_id"):
        await supported(database, actor, pair, sla)
    uc = await new_agreement(database, actor, service, target(office), key="uc", kind=AgreementKind.UC)
    await supported(database, actor, disk, uc)
    with pytest.raises(Invalid, match="cannot be recorded"):
        await supported(database, actor, disk, uc, at=NOW)
    async with database.writing(actor.organisation_id) as session:
        await end_component_support(session, actor=actor, agreement_id=uc, component_id=disk, valid_from=NOW, now=NOW)


async def test_a_response_chain_has_hops_in_order(database: Database, actor: Actor) -> None:
    service, desk = await new_service(database, actor), await new_component(database, actor, "desk")

    async def created(key: str, hops: list[list[UUID]]) -> UUID:
        definition = ResponseChainDefinition(hops, [TicketState.RESOLVED])
        async with database.writing(actor.organisation_id) as session:
            return await create_response_chain(
                session, actor=actor, key=key, name="Repair", service_id=service, valid_from=SINCE,
                definition=definition, now=NOW,
            )  # fmt: skip

    await created("repair", [[desk], [desk]])
    wrong: list[tuple[list[list[UUID]], str]] = [
        ([], "definition.hops"),
        ([[]], "definition.hops.0.components"),
        ([[desk, desk]], "definition.hops.0.components"),
        ([[A]], "definition.hops.0.components.0"),
    ]
    for hops, field in wrong:
        with refused_fields(field):
            await created("other", hops)


async def test_components_that_have_nothing_to_do_with_each_other_do_not_count_together(
    database: Database, actor: Actor
) -> None:
    """One batch of groups whose parts are more than one of them may have."""
    entries = [ComponentEntry(f"part-{number}", "Part", SINCE, ComponentDefinition()) for number in range(240)]
    async with database.writing(actor.organisation_id) as session:
        parts = list(await create_components(session, actor=actor, entries=entries, now=SINCE))
        groups = [
            ComponentEntry(
                f"group-{start}", "Group", SINCE,
                ComponentDefinition(gate=Gate.ALL_OF, needs=[sole([part]) for part in parts[start : start + 40]]),
                ComponentKind.GROUP,
            )
            for start in range(0, 240, 40)
        ]  # fmt: skip
        made = [sole([each]) for each in await create_components(session, actor=actor, entries=groups, now=SINCE)]
        whole = ComponentEntry(
            "whole", "Whole", SINCE, ComponentDefinition(gate=Gate.ALL_OF, needs=made), ComponentKind.GROUP
        )
        [refused] = await create_components(session, actor=actor, entries=[whole], now=SINCE)
    assert isinstance(refused, Invalid)
    assert [problem.message for problem in refused.problems] == ["expected at most 200 components below it, got 246"]
