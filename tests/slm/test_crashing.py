"""The crash campaign in short; `make campaign NAME=crash` runs it in full."""

import secrets
from pathlib import Path

from tests.slm.crashing import Campaign

KILLS = 4


def test_what_was_acknowledged_amid_kills_is_there_once_and_every_invariant_holds(tmp_path: Path) -> None:
    seed = secrets.randbelow(1_000_000)
    outcome = Campaign(tmp_path, seed).run(KILLS)
    assert (outcome.lost, outcome.twice, outcome.untrue) == ([], [], []), f"seed {seed}"
    assert outcome.kills.total() == KILLS
    assert outcome.refused["INTERNAL"] == 0
    assert outcome.acknowledged["events"] > 0
    assert outcome.acknowledged["services"] > 0
