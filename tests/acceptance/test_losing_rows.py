"""On real rows: whatever rows are lost, those that speak against an organisation among them, no score rises."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random, randrange
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from assessment.commands import score_evidence
from assessment.facts import gather
from assessment.findings import GradedUnit
from assessment.stored import units_of
from services.db import Database, ReadSession, execute, fetch
from services.organisations.rules import Actor
from slm.reference.governed import govern
from slm.reference.habits import BAD, GOOD, Habits
from slm.reference.load_governed import load_governed
from tests.assessment.comparing import Told, rises
from tests.factories.losing import as_owner, lose
from tests.factories.spoiling import spoil

UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
SEED = 7
SPOILT = replace(GOOD, key="reference-spoilt", name="Spoilt (generated)")

ADVERSE = {
    "an action nobody did": (
        "action",
        "NOT EXISTS (SELECT FROM action_status_change s WHERE s.organisation_id = $1::uuid AND s.action_id = row.id"
        " AND s.status = 'done')",
    ),
    "a carry-over": ("action_status_change", "row.status = 'carried_over'"),
    "an action's end": ("action_status_change", "row.status IN ('done', 'dropped')"),
    "a poor meeting beside a good one": (
        "meeting",
        "row.decision_count = 0 AND EXISTS (SELECT FROM cadence c WHERE c.organisation_id = $1::uuid"
        " AND c.id = row.cadence_id AND c.rhythm = 'weekly')",
    ),
    "the end of an ownership": ("agreement_participation", "row.tenure = 'ended'"),
    "a withdrawal": ("requirement_approval", "row.decision = 'withdrawn'"),
    "the end of a link": ("target_requirement", "row.tenure = 'ended'"),
    "a breach": ("breach", "TRUE"),
    "the removal of a monitor": ("monitor_installation", "row.tenure = 'ended'"),
    "the end of a tile": ("tile_placement", "row.tenure = 'ended'"),
    "the end of what a tile shows": ("tile_monitor", "row.tenure = 'ended'"),
    "the end of an indicator's link": ("indicator_target", "row.tenure = 'ended'"),
    "a later version of a requirement": (
        "requirement_version",
        "EXISTS (SELECT FROM requirement_version w WHERE w.organisation_id = $1::uuid"
        " AND w.requirement_id = row.requirement_id AND w.valid_from < row.valid_from)",
    ),
    "the look at a breach": ("meeting_breach", "TRUE"),
    "a wrong figure": (
        "reported_figure",
        "EXISTS (SELECT FROM report_pack p WHERE p.organisation_id = $1::uuid AND p.id = row.report_pack_id"
        " AND p.title = 'Once more')",
    ),
    "a wrong report": ("report_pack", "row.title = 'Once more'"),
    "a result": ("period_result", "TRUE"),
    "a decision to change nothing": ("decision", "row.kind = 'no_change'"),
}
"""Records that speak against an organisation, or might: their table, and which of its rows they are."""

KINDS = (
    "action", "action_status_change", "agreement_participation", "attendance", "breach", "breach_acceptance",
    "changed_object", "clause_requirement", "clock", "component_need", "component_support",
    "component_version", "response_hop", "contract_clause", "daily_snapshot", "dashboard_tile",
    "decision", "design_gate", "design_gate_participation", "improvement", "improvement_breach",
    "improvement_status_change", "indicator", "indicator_target", "meeting", "meeting_breach", "monitor",
    "monitor_installation", "monitor_report", "period_result", "procurement_event", "report_pack", "reported_figure",
    "requirement_approval", "requirement_version",
    "service_level_requirement", "snapshot_acknowledgement", "target_requirement", "ticket", "ticket_event",
    "tile_monitor", "tile_placement",
)  # fmt: skip
"""Every table of evidence."""

NOT_SAID = {
    "a percentage": "UPDATE reported_figure SET attainment_percent = NULL",
    "an adjustment": "UPDATE reported_figure SET adjusted_by_id = NULL, adjustment_reason = ''",
    "minutes": "UPDATE meeting SET minutes = ''",
    "what was changed": "UPDATE action_status_change SET changed_kind = NULL, changed_name = NULL",
    "a cause": "UPDATE improvement SET cause = ''",
    "where a report was shown": "UPDATE report_pack SET meeting_id = NULL",
}
"""What a record need not say."""


@dataclass(frozen=True)
class Kept:
    """An organisation, its score from everything on record, and the tables' owner, who may delete."""

    actor: Actor
    owner: AsyncEngine
    told: Told

    @property
    def id(self) -> UUID:
        """The organisation's."""
        return self.actor.organisation_id

    async def rises_without(self, table: str, ids: list[UUID]) -> list[str]:
        """What is scored higher once these rows are gone."""
        async with as_owner(self.owner) as session:
            await lose(session, self.id, table, ids)
            return rises(self.told, await told(session, self.actor))


async def told(session: ReadSession, actor: Actor) -> Told:
    return score_evidence(await gather(session, actor.organisation_id, as_of=UNTIL))


async def kept(database: Database, owner: AsyncEngine, habits: Habits, random: Random | None = None) -> Kept:
    actor = await load_governed(database, govern(habits, SEED, UNTIL)[0])
    if random is not None:
        await spoil(owner, database, actor, UNTIL, random)
    async with database.reading(actor.organisation_id) as session:
        return Kept(actor, owner, await told(session, actor))


@pytest.fixture(scope="module")
async def owner(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="module")
async def good(database: Database, owner: AsyncEngine) -> Kept:
    return await kept(database, owner, GOOD)


@pytest.fixture(scope="module")
async def bad(database: Database, owner: AsyncEngine) -> Kept:
    return await kept(database, owner, BAD)


@pytest.fixture(scope="module")
async def spoilt(database: Database, owner: AsyncEngine) -> Kept:
    return await kept(database, owner, SPOILT, Random(SEED))  # noqa: S311 - nothing secret


@pytest.fixture
def random() -> Random:
    seed = randrange(2**32)  # noqa: S311 - nothing secret
    print(f"the losses are drawn with the seed {seed}")  # noqa: T201 - shown when it fails
    return Random(seed)  # noqa: S311 - nothing secret


async def rows(organisation: Kept, table: str, condition: str = "TRUE") -> list[UUID]:
    async with as_owner(organisation.owner) as session:
        statement = f"SELECT id FROM {table} AS row WHERE row.organisation_id = $1::uuid AND {condition} ORDER BY id"
        return [row[0] for row in await fetch(session, statement, organisation.id)]


@pytest.mark.capability("B6", partly=True)
@pytest.mark.parametrize("record", ADVERSE)
async def test_losing_what_speaks_against_an_organisation_raises_nothing(
    spoilt: Kept, record: str, random: Random
) -> None:
    table, condition = ADVERSE[record]
    candidates = await rows(spoilt, table, condition)
    assert candidates
    for lost in ([random.choice(candidates)], random.sample(candidates, min(3, len(candidates))), candidates):
        assert await spoilt.rises_without(table, lost) == [], lost


@pytest.mark.parametrize("table", KINDS)
async def test_losing_a_few_rows_of_any_kind_or_many_raises_nothing(
    good: Kept, bad: Kept, spoilt: Kept, table: str, random: Random
) -> None:
    for organisation in (good, bad, spoilt):
        candidates = await rows(organisation, table)
        for number in (2, len(candidates) // 2):
            lost = random.sample(candidates, min(number, len(candidates)))
            assert await organisation.rises_without(table, lost) == [], lost


@pytest.mark.parametrize("said", NOT_SAID)
async def test_what_a_record_no_longer_says_raises_nothing(
    good: Kept, bad: Kept, spoilt: Kept, said: str, random: Random
) -> None:
    table = NOT_SAID[said].split()[1]
    for organisation in (good, bad, spoilt):
        candidates = await rows(organisation, table)
        lost = random.sample(candidates, len(candidates) // 3)
        async with as_owner(organisation.owner) as session:
            statement = f"{NOT_SAID[said]} WHERE organisation_id = $1::uuid AND id = ANY($2::uuid[])"
            await execute(session, statement, organisation.id, lost)
            assert rises(organisation.told, await told(session, organisation.actor)) == [], lost


async def test_the_spoilt_organisation_has_units_that_are_well_and_others_that_are_not(spoilt: Kept) -> None:
    for pattern, findings in spoilt.told[1].items():
        assert len({unit.state if isinstance(unit, GradedUnit) else unit.bad for unit in units_of(findings)}) > 1, (
            pattern
        )
