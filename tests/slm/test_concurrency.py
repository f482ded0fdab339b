"""The short form of `make campaign NAME=concurrency`."""

from tests.campaigns.concurrency import contend


async def test_clients_that_edit_the_same_things_lose_nothing_and_make_nothing_twice(database_url: str) -> None:
    outcome = await contend(database_url, clients=12, seconds=4, seed=7)
    assert outcome.unexpected == []
    assert (outcome.lost, outcome.doubled, outcome.trail_differences) == (0, 0, 0)
    assert sum(outcome.edits.values()) > 0
