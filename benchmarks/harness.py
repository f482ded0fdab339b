"""Runs one module of measurements and keeps what came out, for programs (JSON) and for people (a table)."""

import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"

COLUMNS = ("metric", "value", "unit", "against", "floor", "goal", "holds")


@dataclass(frozen=True)
class Measurement:
    """One measured figure.

    `against` names what a ratio compares with (a peer and its version, or another way of doing the same).
    `floor` is the figure that must be reached, `goal` the one aimed at; both inclusive and in `unit`.
    Larger is better unless `smaller_is_better`, as for seconds or bytes; `floor` is then the largest figure allowed.
    """

    metric: str
    value: float
    unit: str
    against: str | None = None
    floor: float | None = None
    goal: float | None = None
    smaller_is_better: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether the floor is reached; None where none was set."""
        return self._reaches(self.floor)

    @property
    def reaches_goal(self) -> bool | None:
        """Whether the goal is reached; None where none was set."""
        return self._reaches(self.goal)

    def _reaches(self, limit: float | None) -> bool | None:
        if limit is None:
            return None
        return self.value <= limit if self.smaller_is_better else self.value >= limit


def main(arguments: Sequence[str]) -> int:
    """Measure the module named by the only argument; 1 when a floor does not hold, 2 when there is nothing to run."""
    if len(arguments) != 1:
        print("usage: python -m benchmarks MODULE   (for example: benchmarks.clocks)", file=sys.stderr)
        return 2
    module = arguments[0]
    name = module.rpartition(".")[2]
    try:
        measurements = _measure(module)
    except LookupError as problem:
        print(problem, file=sys.stderr)
        return 2
    write(measurements, name=name, directory=RESULTS, environment=describe_environment())
    Console().print(_terminal_table(measurements, title=name))
    return 1 if any(measurement.holds is False for measurement in measurements) else 0


def _measure(module: str) -> list[Measurement]:
    """Call `run()` of the module; LookupError when there is no such module or it has no `run`."""
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise LookupError(
            f"there is no module {module!r}: expected one like benchmarks/clocks.py, asked for by NAME=clocks"
        )
    run: Callable[[], list[Measurement]] | None = getattr(importlib.import_module(module), "run", None)
    if run is None:
        raise LookupError(f"module {module!r} has no function run() -> list[Measurement]")
    return run()


def write(measurements: Sequence[Measurement], *, name: str, directory: Path, environment: Sequence[str]) -> None:
    """Write `<name>.json`, a list of records, and `<name>.md`, the same as a table below the environment."""
    directory.mkdir(parents=True, exist_ok=True)
    records = [_record(measurement) for measurement in measurements]
    (directory / f"{name}.json").write_text(json.dumps(records, indent=2) + "\n", encoding="utf-8")
    lines = [
        f"# {name}",
        "",
        *(f"- {line}" for line in environment),
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "| " + " | ".join("---" for _ in COLUMNS) + " |",
        *("| " + " | ".join(_cells(measurement)) + " |" for measurement in measurements),
        "",
    ]
    (directory / f"{name}.md").write_text("\n".join(lines), encoding="utf-8")


def _record(measurement: Measurement) -> dict[str, object]:
    return {column: {**asdict(measurement), "holds": measurement.holds}[column] for column in COLUMNS}


def _cells(measurement: Measurement) -> list[str]:
    return [
        measurement.metric,
        _number(measurement.value),
        measurement.unit,
        measurement.against or "",
        _limit(measurement.floor, measurement),
        _limit(measurement.goal, measurement) + (" (reached)" if measurement.reaches_goal else ""),
        {True: "yes", False: "NO", None: ""}[measurement.holds],
    ]


def _limit(limit: float | None, measurement: Measurement) -> str:
    if limit is None:
        return ""
    return f"{'at most' if measurement.smaller_is_better else 'at least'} {_number(limit)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _terminal_table(measurements: Sequence[Measurement], *, title: str) -> Table:
    table = Table(title=title)
    for column in COLUMNS:
        table.add_column(column, justify="right" if column == "value" else "left")
    for measurement in measurements:
        table.add_row(*_cells(measurement), style="red" if measurement.holds is False else None)
    return table


def describe_environment() -> list[str]:
    """What a reader needs to judge the figures: the date, the machine, and the versions this run loaded."""
    return [
        f"date: {datetime.now(UTC):%Y-%m-%d}",
        f"machine: {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}" + "".join(f", {name} {version}" for name, version in _loaded_versions()),
    ]


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    models = re.findall(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE) if cpuinfo.exists() else []
    return models[0] if models else platform.processor() or "unknown processor"


def _loaded_versions() -> list[tuple[str, str]]:
    """The declared dependencies that this process has imported; what those pull in themselves is left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = project["project"]["dependencies"] + project["dependency-groups"]["bench"]
    names = {re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower() for requirement in declared}
    loaded = {
        distribution
        for package, distributions in importlib.metadata.packages_distributions().items()
        if package in sys.modules
        for distribution in distributions
    }
    comparable = {name: name.lower().replace("_", "-") for name in loaded}
    return sorted((name, importlib.metadata.version(name)) for name, key in comparable.items() if key in names)
