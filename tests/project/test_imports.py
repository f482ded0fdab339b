"""The import contracts of pyproject.toml hold, and each of them is seen to break when somebody goes against it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
NAMES = {contract["id"]: contract["name"] for contract in LINTER["contracts"]}

VIOLATIONS = [
    ("services/errors.py", "import slm", {"packages"}),
    ("services/calendars/queries.py", "import services.tickets.queries", {"contexts"}),
    ("services/nowhere_placed.py", "", {"contexts"}),
    ("services/calendars/models.py", "import services.calendars.queries", {"inside-a-context"}),
    ("services/calendars/rules.py", "import services.calendars.models", {"rules-apart", "pure"}),
    ("services/calendars/rules.py", "import sqlalchemy", {"pure"}),
    ("services/domain/period.py", "import pathlib", {"pure"}),
    ("services/db.py", "import starlette", {"web"}),
    ("slm/settings.py", "import sklearn", {"no-learning"}),
    ("schema/limits.py", "import services.forecasting.model", {"no-learning-on-request"}),
    ("slm/worker.py", "import opentelemetry", {"traces"}),
    ("schema/resolver.py", "import sqlalchemy", {"resolvers"}),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the project's modules, and of nothing else."""
    for package in LINTER["root_packages"]:
        for module in (ROOT / package).rglob("*.py"):
            copy = tmp_path / module.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(module, copy)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(house: Path) -> set[str]:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"],
        cwd=house,
        env={**os.environ, "COLUMNS": "500", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    broken = {contract for contract, name in NAMES.items() if re.search(re.escape(name) + r".* BROKEN", done.stdout)}
    assert (done.returncode != 0) == bool(broken), done.stdout + done.stderr
    return broken


def test_the_house_keeps_every_contract(house: Path) -> None:
    assert broken_contracts(house) == set()


@pytest.mark.parametrize(("file", "line", "broken"), VIOLATIONS)
def test_a_violation_breaks_its_contract_and_no_other(house: Path, file: str, line: str, broken: set[str]) -> None:
    with (house / file).open("a", encoding="utf-8") as module:
        module.write(f"\n{line}\n")
    assert broken_contracts(house) == broken


def test_every_contract_has_a_violation_that_breaks_it() -> None:
    assert set().union(*(broken for _, _, broken in VIOLATIONS)) == set(NAMES)
