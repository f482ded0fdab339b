"""The main job on real input: a company's incident log into an empty local database, as its user would run it.

Each run is a process of its own, from the command line to its end: starting (and the first time making) the database,
migrating, reading, recording, computing every clock, breach and period. The log is not part of the repository; it is
looked for in `../shared/data` (its README there names the origin).
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import ROOT, Measurement

LOG = ROOT.parent / "shared/data/uci_incident_log/incident_event_log.dev.csv.gz"
EVENTS, TICKETS = 109_914, 18_818


@dataclass(frozen=True)
class Ended:
    """A command that ended: what it printed, how long it took, and the most memory it held."""

    output: str
    seconds: float
    mebibytes: float


def run() -> list[Measurement]:
    """Import the log twice: everything is new, then nothing is. LookupError when the log is not there."""
    if not LOG.exists():
        raise LookupError(f"the incident log is not at ../{LOG.relative_to(ROOT.parent)}: there is nothing to import")
    with tempfile.TemporaryDirectory() as data_dir:
        first = _imported(Path(data_dir))
        again = _imported(Path(data_dir))
    expected = f"{EVENTS:,} events of {TICKETS:,} tickets recorded"
    assert expected in first.output, first.output
    assert f"Nothing new: all {EVENTS:,} events" in again.output, again.output
    return [
        Measurement("import into an empty database", first.seconds, "s", floor=60, goal=20, smaller_is_better=True),
        Measurement("peak memory of the importer", first.mebibytes, "MiB", floor=1024, smaller_is_better=True),
        Measurement("events per second, clocks included", EVENTS / first.seconds, "events/s", floor=EVENTS / 60),
        Measurement("import of the same file again", again.seconds, "s", floor=60, smaller_is_better=True),
    ]


def _imported(data_dir: Path) -> Ended:
    """Run the import and measure it; the server is a process of its own and does not count as the importer's memory."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLM_", "DATABASE_URL"))}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "slm", "import", "servicenow", str(LOG), "--organisation", "benchmark"],
            cwd=ROOT, stdout=output, stderr=output, env={**inherited, "COLUMNS": "200", "SLM_DATA_DIR": str(data_dir)},
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        output.seek(0)
        printed = output.read().decode()
    assert os.waitstatus_to_exitcode(status) == 0, printed
    unit = 1 if sys.platform == "darwin" else 1024
    return Ended(printed, seconds, usage.ru_maxrss * unit / 2**20)
