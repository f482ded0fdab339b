import json
import sys
from pathlib import Path

import pytest

from benchmarks import harness
from benchmarks.harness import Measurement, describe_environment, main, write


@pytest.mark.parametrize(
    ("measurement", "holds"),
    [
        (Measurement("speed", 20.0, "M/s", floor=20.0), True),
        (Measurement("speed", 19.9, "M/s", floor=20.0), False),
        (Measurement("speed", 19.9, "M/s", goal=30.0), None),
        (Measurement("import", 60.0, "s", floor=60.0, smaller_is_better=True), True),
        (Measurement("import", 60.1, "s", floor=60.0, smaller_is_better=True), False),
    ],
)
def test_a_floor_holds_when_it_is_reached_exactly(measurement: Measurement, holds: bool | None) -> None:
    assert measurement.holds is holds


def test_results_are_kept_as_a_list_of_records_with_a_readable_table_beside(tmp_path: Path) -> None:
    write(
        [Measurement("ratio", 1234.5, "times", against="peer 1.0", floor=10, goal=2000)],
        name="subject",
        directory=tmp_path,
        environment=["machine: a desk"],
    )
    assert json.loads((tmp_path / "subject.json").read_text()) == [
        {
            "metric": "ratio",
            "value": 1234.5,
            "unit": "times",
            "against": "peer 1.0",
            "floor": 10,
            "goal": 2000,
            "holds": True,
        }
    ]
    table = (tmp_path / "subject.md").read_text()
    assert "- machine: a desk" in table
    assert "| ratio | 1,234 | times | peer 1.0 | at least 10 | at least 2,000 | yes |" in table


def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> str:
    (tmp_path / "measured_subject.py").write_text(f"from benchmarks.harness import Measurement\n{body}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(harness, "RESULTS", tmp_path)
    monkeypatch.delitem(sys.modules, "measured_subject", raising=False)
    return "measured_subject"


@pytest.mark.parametrize(("value", "code"), [(5, 0), (4, 1)])
def test_a_run_fails_when_a_floor_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: int, code: int
) -> None:
    module = _module(tmp_path, monkeypatch, f"def run():\n    return [Measurement('m', {value}, 'u', floor=5)]")
    assert main([module]) == code
    assert (tmp_path / "measured_subject.json").exists()


@pytest.mark.parametrize("name", ["benchmarks.no_such_subject", "no_such_package.subject"])
def test_an_unknown_name_is_told_apart_from_a_missed_floor(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name]) == 2
    assert name in capsys.readouterr().err


def test_a_module_without_run_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([_module(tmp_path, monkeypatch, "")]) == 2
    assert "run()" in capsys.readouterr().err


def test_the_environment_names_date_machine_and_versions() -> None:
    date, machine, versions = describe_environment()
    assert date.startswith("date: 20")
    assert "cores" in machine
    assert "rich 15" in versions
