"""`slm bundle` and `slm organisation delete` as people type them."""

from pathlib import Path

from tests.factories.organisations import unique_key
from tests.slm.test_cli import slm


def test_an_organisation_leaves_comes_back_under_another_key_and_is_deleted(database_url: str, tmp_path: Path) -> None:
    key, moved, file = unique_key("leaving"), unique_key("moved"), str(tmp_path / "bundle.zip")
    slm("organisation", "create", key, DATABASE_URL=database_url)
    exported = slm("bundle", "export", file, "--organisation", key, DATABASE_URL=database_url)
    assert (exported.code, f"2 records of {key} written" in exported.out) == (0, True), exported
    imported = slm("bundle", "import", file, "--organisation", moved, DATABASE_URL=database_url)
    assert f"2 records made the organisation {moved}" in imported.out, imported
    again = slm("bundle", "import", file, "--organisation", moved, DATABASE_URL=database_url)
    assert (again.code, "Nothing new" in again.out) == (0, True)
    asked = slm("organisation", "delete", moved, DATABASE_URL=database_url)
    assert (asked.code, f"--confirm {moved}" in asked.out) == (1, True)
    mistyped = slm("organisation", "delete", moved, "--confirm", key, DATABASE_URL=database_url)
    assert (mistyped.code, "Nothing was deleted" in mistyped.out) == (1, True)
    deleted = slm("organisation", "delete", moved, "--confirm", moved, DATABASE_URL=database_url)
    assert (deleted.code, f"Deleted the organisation {moved}" in deleted.out) == (0, True), deleted
    assert slm("organisation", "delete", moved, "--confirm", moved, DATABASE_URL=database_url).code == 1
    assert slm("organisation", "delete", key, "--confirm", key, DATABASE_URL=database_url).code == 0
