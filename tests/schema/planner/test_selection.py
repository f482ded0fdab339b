"""What an operation selects is what it gets: GraphQL's own rules, obeyed by one statement."""

import re

from tests.factories.world import World
from tests.schema.conftest import Ask, Execute
from tests.statements import Statements


async def test_the_same_field_under_two_aliases_answers_each_with_its_own_arguments(world: World, ask: Ask) -> None:
    answered = await ask(
        world.actor,
        """{ ticket(key: "INC1") {
            oldest: events(first: 1) { totalCount nodes { key } }
            none: events(first: 0) { totalCount nodes { key } }
            number: key
            key
        } }""",
    )
    assert answered["ticket"] == {
        "oldest": {"totalCount": 1, "nodes": [{"key": "event-0"}]},
        "none": {"totalCount": 1, "nodes": []},
        "number": "INC1",
        "key": "INC1",
    }


async def test_fragments_are_merged_with_the_fields_around_them(world: World, ask: Ask) -> None:
    answered = await ask(
        world.actor,
        """query {
            ticket(key: "INC1") { service { key } ...Named ... on Ticket { service { criticality } } ... { state } }
        }
        fragment Named on Ticket { key service { ...Service } }
        fragment Service on Service { name key }""",
    )
    service = {"key": "mail", "name": "mail", "criticality": "STANDARD"}
    assert answered["ticket"] == {"service": service, "key": "INC1", "state": "IN_PROGRESS"}


async def test_a_fragment_on_an_interface_applies_to_the_types_that_implement_it(world: World, ask: Ask) -> None:
    answered = await ask(
        world.actor,
        """{ ticket(key: "INC1") { ... on Recorded { recordedBy { name } } ... on Node { __typename } } }""",
    )
    assert answered["ticket"] == {"recordedBy": {"name": world.actor.name}, "__typename": "Ticket"}


async def test_skipped_fields_and_fragments_are_left_out(world: World, ask: Ask) -> None:
    document = """query($with: Boolean!) {
        ticket(key: "INC1") {
            key @skip(if: $with)
            state @include(if: $with)
            ...Service @include(if: $with)
            ... @skip(if: $with) { priority }
        }
    }
    fragment Service on Ticket { service { key } }"""
    assert (await ask(world.actor, document, **{"with": True}))["ticket"] == {
        "state": "IN_PROGRESS",
        "service": {"key": "mail"},
    }
    assert (await ask(world.actor, document, **{"with": False}))["ticket"] == {
        "key": "INC1",
        "priority": "3 - Moderate",
    }


async def test_an_object_of_which_everything_is_skipped_is_empty(world: World, ask: Ask) -> None:
    answered = await ask(world.actor, '{ ticket(key: "INC1") { service { key @skip(if: true) } } }')
    assert answered["ticket"] == {"service": {}}


async def test_variables_fill_arguments_filters_and_their_defaults(world: World, ask: Ask) -> None:
    document = """query($first: Int = 0, $states: [TicketState!] = [CLOSED], $order: TicketOrder = CLOSED_AT_ASC) {
        tickets(first: $first, filter: {state: $states}, orderBy: $order) { totalCount nodes { key } }
    }"""
    assert (await ask(world.actor, document))["tickets"] == {"totalCount": 0, "nodes": []}
    chosen = await ask(world.actor, document, first=5, states=["IN_PROGRESS"])
    assert chosen["tickets"] == {"totalCount": 1, "nodes": [{"key": "INC1"}]}


async def test_typename_is_answered_at_every_level(world: World, ask: Ask) -> None:
    answered = await ask(
        world.actor,
        """{ __typename ticket(key: "INC1") { __typename
            events(first: 1) { __typename edges { __typename node { __typename } } pageInfo { __typename } }
            clocks { __typename timeline { __typename } }
        } }""",
    )
    assert answered["__typename"] == "Query"
    assert answered["ticket"] == {
        "__typename": "Ticket",
        "events": {
            "__typename": "TicketEventConnection",
            "edges": [{"__typename": "TicketEventEdge", "node": {"__typename": "TicketEvent"}}],
            "pageInfo": {"__typename": "PageInfo"},
        },
        "clocks": [{"__typename": "Clock", "timeline": [{"__typename": "ClockTransition"}] * 2}],
    }


async def test_lists_within_lists_belong_to_their_own_parents(world: World, ask: Ask) -> None:
    answered = await ask(
        world.actor,
        """{ services { nodes { key tickets { totalCount nodes { key events { nodes { ticket { key } } } } } } } }""",
    )
    event = {"ticket": {"key": "INC1"}}
    ticket = {"key": "INC1", "events": {"nodes": [event]}}
    assert answered["services"]["nodes"] == [{"key": "mail", "tickets": {"totalCount": 1, "nodes": [ticket]}}]


async def test_several_root_fields_run_a_statement_each(world: World, ask: Ask, statements: Statements) -> None:
    await ask(
        world.actor,
        """{ a: ticket(key: "INC1") { key } b: ticket(key: "INC2") { key }
            tickets { totalCount } clocks { nodes { cycle } } }""",
    )
    assert len(statements.texts) == 4


async def test_an_absent_object_is_null(world: World, ask: Ask) -> None:
    assert await ask(world.actor, '{ ticket(key: "none") { key } }') == {"ticket": None}


async def test_a_reference_that_is_not_set_is_null(world: World, ask: Ask) -> None:
    answered = await ask(
        world.actor, '{ department(key: "company") { parent { key } children { key parent { key } } } }'
    )
    child = {"key": "it", "parent": {"key": "company"}}
    assert answered["department"] == {"parent": None, "children": [child]}


async def test_the_words_of_a_client_never_get_into_the_text_of_a_statement(
    world: World, execute: Execute, statements: Statements
) -> None:
    statements.clear()
    result = await execute(
        world.actor,
        """query($key: String!) {
            client_alias: ticket(key: $key) { other_alias: key clocks { third_alias: cycle } }
            tickets(filter: {team: ["client team"]}) { totalCount }
        }""",
        key="client key'; --",
    )
    assert result.errors is None
    assert len(statements.texts) == 2
    for text in statements.texts:
        assert not re.search("client|alias", text)


async def test_every_level_of_a_statement_names_the_organisation(
    world: World, ask: Ask, statements: Statements
) -> None:
    await ask(
        world.actor,
        """{ breaches { totalCount nodes { stillAgrees retraction { reason } clock { target { name }
            ticket { events { totalCount nodes { key } } } } } } }""",
    )
    (text,) = statements.texts
    tables = re.findall(r"(?:FROM|JOIN) ([a-z_]+) AS (\w+)", text)
    assert len(tables) > 7
    for table, alias in tables:
        assert f"{alias}.organisation_id = $1::uuid" in text, table


async def test_a_clock_tells_percentages_in_service_hours_and_on_the_wall(world: World, ask: Ask) -> None:
    answered = await ask(
        world.actor,
        "{ clocks { nodes { percentElapsed percentElapsedWallClock targetVersion { objectivePercent } } } }",
    )
    assert answered["clocks"]["nodes"] == [
        {"percentElapsed": "25", "percentElapsedWallClock": "50", "targetVersion": {"objectivePercent": "95.5"}}
    ]


async def test_a_timeline_tells_what_happened_and_which_event_did_it(world: World, ask: Ask) -> None:
    answered = await ask(
        world.actor, "{ clocks { nodes { timeline { at kind elapsedSeconds percent rule event { key state } } } } }"
    )
    assert answered["clocks"]["nodes"][0]["timeline"] == [
        {
            "at": "2026-03-02T09:00:00Z",
            "kind": "START",
            "elapsedSeconds": 0,
            "percent": None,
            "rule": "the target applies",
            "event": {"key": "event-0", "state": "NEW"},
        },
        {
            "at": "2026-03-02T13:00:00Z",
            "kind": "THRESHOLD",
            "elapsedSeconds": 14400,
            "percent": 50,
            "rule": "50 % of 8 h of business time",
            "event": None,
        },
    ]


async def test_hours_are_told_as_times_of_day(world: World, ask: Ask) -> None:
    answered = await ask(world.actor, '{ calendar(key: "office") { versions { windows { weekday opens closes } } } }')
    assert answered["calendar"]["versions"][0]["windows"] == [
        {"weekday": 1, "opens": "09:00", "closes": "17:00"},
        {"weekday": 5, "opens": "22:00", "closes": "02:00"},
    ]


async def test_source_columns_come_back_as_they_were(world: World, ask: Ask) -> None:
    answered = await ask(world.actor, '{ ticket(key: "INC1") { events { nodes { attributes } } } }')
    assert answered["ticket"]["events"]["nodes"] == [{"attributes": {'Ünïcode "quoted"': "line\nbreak", "number": 1.5}}]


async def test_a_breach_says_whether_what_is_computed_today_still_agrees(world: World, ask: Ask) -> None:
    answered = await ask(
        world.actor,
        "{ breaches { nodes { kind stillAgrees retraction { reason } clock { cycle } periodResult { met } } } }",
    )
    assert answered["breaches"]["nodes"] == [
        {
            "kind": "PERIOD",
            "stillAgrees": True,
            "retraction": {"reason": "The monitor was wrong"},
            "clock": None,
            "periodResult": {"met": 19},
        },
        {"kind": "CLOCK", "stillAgrees": True, "retraction": None, "clock": {"cycle": 1}, "periodResult": None},
    ]
