"""Every damage of `damages.py` done to the real incident log and imported as its user would, in a process of its own.

Each is imported twice, without and with `--keep-good`, and then the intact export. What is measured of a process is the
most memory it ever held. Whatever is refused must leave every table of the installation with as many rows as before.
Without the log in `../shared/data` a generated export of the same shape is damaged instead.
"""

import asyncio
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import asyncpg
from rich.console import Console
from sqlalchemy.engine import make_url

from benchmarks.harness import ROOT, Measurement
from slm.local_database import local_database
from tests.campaigns.damages import DAMAGES, Became, Damage, Intact, from_log, stand_in

LOG = ROOT.parent / "shared/data/uci_incident_log/incident_event_log.dev.csv.gz"
ROWS = 3_000
MOST_MEBIBYTES = 512
"""An importer of the whole intact log of 109,914 rows holds 360."""
FEWEST_DAMAGES = 20

MEASURED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(process.pid, 0)
with open(sys.argv[1], "w") as file:
    file.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}")
"""
"""Linux counts what a process held before it became another program: only a small parent measures its child alone."""


def run() -> list[Measurement]:
    intact = from_log(LOG, ROWS) if LOG.exists() else stand_in(ROWS // 3)
    source = "the incident log" if LOG.exists() else "a generated export (the log is not in ../shared/data)"
    mebibytes: list[tuple[float, str]] = []
    progress = Console(stderr=True, highlight=False)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, local_database(Path(folder) / "data") as url:
        campaign = _Campaign(Path(folder), url, intact)
        for number, damage in enumerate(DAMAGES):
            most = campaign.damaged(number, damage)
            mebibytes.append((most, damage.name))
            progress.print(f"{damage.name}: held, {most:.0f} MiB")
    refused = sum(bool(damage.refused) for damage in DAMAGES)
    reported = sum(damage.most is not None or bool([*damage.rejected(intact)]) for damage in DAMAGES)
    most, worst = max(mebibytes)
    return [
        Measurement(f"ways in which {source} was damaged", len(DAMAGES), "damages", floor=FEWEST_DAMAGES),
        Measurement("refused whole, every table as before", refused, "damages"),
        Measurement("rejected row by row, good rows kept only when asked", reported, "damages"),
        Measurement("read by a documented rule", len(DAMAGES) - refused - reported, "damages"),
        Measurement("intact exports imported after a damaged one", len(DAMAGES), "imports", floor=len(DAMAGES)),
        Measurement(f"most memory of an importer ({worst})", most, "MiB", floor=MOST_MEBIBYTES, smaller_is_better=True),
        Measurement("duration", time.monotonic() - started, "s"),
    ]


class _Campaign:
    """An installation into which damaged exports are imported, each into an organisation of its own."""

    def __init__(self, folder: Path, url: str, intact: Intact) -> None:
        self.folder, self.url, self.intact = folder, url, intact
        self.whole = folder / "whole.csv"
        self.whole.write_text(intact.text(), encoding="utf-8")
        self._import(self.whole, "first", {}, ())  # migrates, and shows that the export is indeed intact

    def damaged(self, number: int, damage: Damage) -> float:
        """Import one damaged export in both ways and then the intact one; the most mebibytes a process held."""
        place = self.folder / f"{number}"
        place.mkdir()
        path, organisation = damage.written(self.intact, place), f"damaged-{number}"
        most = 0.0
        for flags in ((), ("--keep-good",)):
            before = self._rows_of_all_tables()
            became, mebibytes = self._import(path, organisation, damage.options, flags)
            try:
                damage.check(self.intact, became, keep_good=bool(flags))
            except AssertionError as wrong:
                raise AssertionError(f"{damage.name} {' '.join(flags)}: {wrong}") from wrong
            if became.events == 0:
                assert self._rows_of_all_tables() == before, f"{damage.name}: a refusal left rows behind"
            most = max(most, mebibytes)
        whole, mebibytes = self._import(self.whole, organisation, {}, ())
        # What a damaged row said of a ticket's past stays on record, and the intact one that says otherwise is told so.
        contradicted = [row + 2 for row in self.intact.some()] if damage.altered else []
        assert (whole.refusal, [line for line, *_ in whole.rejected]) == ("", contradicted), whole
        assert whole.events >= len(self.intact.rows), whole
        for file in place.iterdir():
            file.unlink()
        return max(most, mebibytes)

    def _import(
        self, path: Path, organisation: str, options: Mapping[str, str], flags: tuple[str, ...]
    ) -> tuple[Became, float]:
        listed = path.with_name("rejected.csv")
        listed.unlink(missing_ok=True)
        named = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", value)]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLM_", "DATABASE_URL"))}
        command = ["import", "servicenow", str(path), "--organisation", organisation, "--rejections", str(listed)]
        used_file = self.folder / "used"
        ended = subprocess.run(
            [sys.executable, "-c", MEASURED, str(used_file), sys.executable, "-m", "slm", *command, *named, *flags],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
            env={**inherited, "COLUMNS": "200", "SLM_DATA_DIR": str(self.folder / "data")},
        )  # fmt: skip
        said = ended.stdout
        code, used = map(int, used_file.read_text().split())
        assert "Traceback" not in said, said
        assert "defect" not in said, said
        assert code in (0, 1), (code, said)
        refusal = said[said.index("error: ") :] if "error: " in said else ""
        rejected = _listed(listed) if listed.exists() else []
        assert code == int(bool(refusal) or "Nothing was stored" in said), said
        unit = 1 if sys.platform == "darwin" else 1024
        return Became(refusal, rejected, said, self._events(organisation)), used * unit / 2**20

    def _events(self, organisation: str) -> int:
        return asyncio.run(_events(self.url, organisation))

    def _rows_of_all_tables(self) -> dict[str, int]:
        return asyncio.run(_rows_of_all_tables(self.url))


def _listed(path: Path) -> list[tuple[int, str, str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), row
    return [(int(line), column, value, reason) for line, column, value, reason in rows]


async def _connected(url: str) -> asyncpg.Connection:
    address = make_url(url)
    return await asyncpg.connect(
        user=address.username, database=address.database, host=str(address.query["host"]),
        port=int(str(address.query["port"])),
    )  # fmt: skip


async def _events(url: str, organisation: str) -> int:
    connection = await _connected(url)
    try:
        counted: int = await connection.fetchval(
            "SELECT count(*) FROM ticket_event e JOIN organisation o ON o.organisation_id = e.organisation_id"
            " WHERE o.key = $1",
            organisation,
        )
        return counted
    finally:
        await connection.close()


async def _rows_of_all_tables(url: str) -> dict[str, int]:
    connection = await _connected(url)
    try:
        tables = await connection.fetch(
            "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
        )
        return {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for (name,) in tables}
    finally:
        await connection.close()
