"""Published files: those that claim OpenSLO v1 are read, every other one is refused for a reason with its line."""

from pathlib import Path

import pytest

from services.measurement.sources.openslo.documents import read, read_bytes
from services.measurement.sources.openslo.yaml_writer import joined, written

FOLDER = Path(__file__).parents[6] / "shared" / "data" / "slo_definitions"
FILES = sorted((*FOLDER.rglob("*.yaml"), *FOLDER.rglob("*.yml"))) if FOLDER.is_dir() else []

pytestmark = pytest.mark.skipif(
    not FILES, reason="the published definitions (../shared/data/slo_definitions) are absent"
)


def _claims_v1(path: Path) -> bool:
    return any(line.strip() == "apiVersion: openslo/v1" for line in path.read_text().splitlines())


def test_files_that_claim_openslo_v1_are_read_and_come_back_as_they_were() -> None:
    claiming = [path for path in FILES if _claims_v1(path)]
    assert len(claiming) >= 4
    for path in claiming:
        reading = read_bytes(path.read_bytes())
        assert list(reading.problems) == [], path
        roots = [document.root for document in reading.documents]
        assert [document.root for document in read(written(roots)).documents] == roots
        assert joined(document.text for document in reading.documents) == path.read_text()


def test_every_other_file_is_refused_for_a_reason_with_its_line() -> None:
    for path in (path for path in FILES if not _claims_v1(path)):
        reading = read_bytes(path.read_bytes())
        assert not reading.documents, path
        lines = path.read_text().splitlines()
        for problem in reading.problems:
            assert 1 <= problem.line <= len(lines), path
            assert problem.reason
            assert problem.value in lines[problem.line - 1]


def test_the_month_that_is_a_minute_is_warned_of() -> None:
    (path,) = (path for path in FILES if path.match("budgeting-method/timeslices-slo.yaml"))
    assert any("m means minutes" in warning.reason for warning in read_bytes(path.read_bytes()).warnings)
