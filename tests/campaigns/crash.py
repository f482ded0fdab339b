"""kill -9 of the API, the worker, an import, the database and its sessions, at random, amid events, edits and imports.

`make campaign NAME=crash COUNT=50 SEED=1` repeats one; without a seed it takes a new one and says which.
"""

import os
import secrets
import tempfile
from pathlib import Path

from benchmarks.harness import Measurement
from tests.slm.crashing import Campaign

COUNT = 50


def run() -> list[Measurement]:
    count = int(os.environ.get("COUNT") or COUNT)
    seed = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
    print(f"seed {seed}, {count} kills")  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="slm-crash-") as folder:
        outcome = Campaign(Path(folder), seed).run(count)
    for wrong in (*outcome.lost, *outcome.twice, *outcome.untrue):
        print(wrong)  # noqa: T201
    return [
        Measurement(f"kills, seed {seed}", outcome.kills.total(), "kills", floor=count),
        *(Measurement(f"kills: {name}", times, "kills") for name, times in sorted(outcome.kills.items())),
        *(Measurement(f"acknowledged {name}", times, "facts") for name, times in sorted(outcome.acknowledged.items())),
        *(Measurement(f"tried again: {why}", times, "times") for why, times in sorted(outcome.refused.items())),
        Measurement("longest wait for an acknowledgement", outcome.longest_outage, "s"),
        _none("masked as a defect", outcome.refused["INTERNAL"]),
        _none("acknowledged and lost", len(outcome.lost)),
        _none("there twice", len(outcome.twice)),
        _none("broken invariants", len(outcome.untrue)),
    ]


def _none(what: str, times: int) -> Measurement:
    return Measurement(what, times, "times", floor=0, smaller_is_better=True)
