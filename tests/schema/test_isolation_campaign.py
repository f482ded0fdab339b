"""The isolation campaign in short: the same callers and fences, fewer operations."""

import random

from tests.campaigns.isolation import campaign


async def test_no_caller_gets_a_foreign_row_behind_either_fence(database_url: str) -> None:
    seed = random.SystemRandom().randrange(10**9)
    for measured in await campaign(database_url, seed=seed, operations=40, controls=40):
        assert measured.holds is not False, (seed, measured)
