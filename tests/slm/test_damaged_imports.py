"""Damaged exports are refused, or reported row by row: the short form of `make campaign NAME=damage`."""

from pathlib import Path

import pytest

from services.db import Database, fetch
from services.errors import Invalid
from services.organisations.queries import find_organisation
from slm.importing import import_tickets
from tests.campaigns.damages import DAMAGES, Became, Damage, Intact, stand_in
from tests.factories.organisations import unique_key

TICKETS = 60


@pytest.fixture(scope="module")
def intact() -> Intact:
    return stand_in(TICKETS)


async def stored_events(database: Database, key: str) -> int:
    """How many events the organisation has; 0 where there is no such organisation."""
    async with database.reading(None) as session:
        organisation_id = await find_organisation(session, key=key)
    if organisation_id is None:
        return 0
    async with database.reading(organisation_id) as session:
        counted = "SELECT count(*) FROM ticket_event WHERE organisation_id = $1"
        return int((await fetch(session, counted, organisation_id))[0][0])


async def became(database: Database, path: Path, damage: Damage, key: str, *, keep_good: bool) -> Became:
    try:
        report = await import_tickets(
            database, path=path, organisation_key=key, keep_good=keep_good, time_zone=damage.options.get("time_zone")
        )
    except Invalid as refusal:
        return Became(refusal=refusal.message, events=await stored_events(database, key))
    return Became("", report.rejections, report.export.encoding, await stored_events(database, key))


@pytest.mark.parametrize("damage", [d for d in DAMAGES if not d.large], ids=lambda damage: damage.name)
async def test_a_damaged_export_leaves_nothing_half_done_and_the_intact_one_goes_in_after_it(
    database: Database, tmp_path: Path, intact: Intact, damage: Damage
) -> None:
    path, key = damage.written(intact, tmp_path), unique_key("damaged")
    damage.check(intact, await became(database, path, damage, key, keep_good=False), keep_good=False)
    damage.check(intact, await became(database, path, damage, key, keep_good=True), keep_good=True)
    whole = tmp_path / "whole.csv"
    whole.write_text(intact.text(), encoding="utf-8")
    again = await import_tickets(database, path=whole, organisation_key=key)
    contradicted = sorted(place + 2 for place in intact.some()) if damage.altered else []
    assert [rejection.line for rejection in again.rejections] == contradicted
    assert all(f"on record with another {damage.altered}" in rejection.reason for rejection in again.rejections)
    assert again.counts.events_recorded + again.counts.events_known == len(intact.rows) - len(contradicted)
