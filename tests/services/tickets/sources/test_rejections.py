"""Rejected rows are a CSV file that is complete and harmless."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.tickets.sources.records import Rejection
from services.tickets.sources.rejections import write_rejections


def test_rejections_are_written_with_a_header(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    rejected = Rejection(7, "opened_at", 'soon, "maybe"\n', "is not a date and time")
    assert write_rejections(path, [rejected]) == 1
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["line", "column", "value", "reason"], ["7", *rejected[1:]]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_value_runs_as_a_formula(tmp_path: Path, start: str) -> None:
    path = tmp_path / "rejected.csv"
    write_rejections(path, [Rejection(7, f"{start}c", f"{start}cmd|x", "wrong")])
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1] == ["7", f"'{start}c", f"'{start}cmd|x", "wrong"]


def test_an_interrupted_list_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    def interrupted() -> Iterator[Rejection]:
        yield Rejection(1, "", "", "wrong")
        raise KeyboardInterrupt

    path = tmp_path / "rejected.csv"
    write_rejections(path, [])
    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        write_rejections(path, interrupted())
    assert path.read_bytes() == before
