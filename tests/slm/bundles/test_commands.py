"""`slm bundle` and `slm organisation delete` as people type them."""

from pathlib import Path

from slm.bundles.definitions.registry import KINDS
from tests.factories.organisations import unique_key
from tests.slm.test_cli import slm


def test_an_organisation_leaves_comes_back_under_another_key_and_is_deleted(database_url: str, tmp_path: Path) -> None:
    key, moved, file = unique_key("leaving"), unique_key("moved"), str(tmp_path / "bundle.zip")
    slm("organisation", "create", key, DATABASE_URL=database_url)
    exported = slm("bundle", "export", file, "--organisation", key, DATABASE_URL=database_url)
    assert (exported.code, f"1 definitions and 5 records of {key} written" in exported.out) == (0, True), exported
    imported = slm("bundle", "import", file, "--organisation", moved, DATABASE_URL=database_url)
    assert f"5 records made the organisation {moved}" in imported.out, imported
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


def test_an_organisation_is_set_up_from_files_and_problems_are_listed_in_a_file(
    database_url: str, tmp_path: Path
) -> None:
    key, folder = unique_key("setup"), tmp_path / "setup"
    folder.mkdir()
    (folder / "people.csv").write_text("key,name,email\nann,Ann,@bad\n")
    wrong = slm("bundle", "import", str(folder), "--organisation", key, DATABASE_URL=database_url)
    assert (wrong.code, "people.csv, line 2, email: this looks like a formula" in wrong.out) == (1, True), wrong
    assert "\npeople.csv,2,email,'@bad," in (tmp_path / "setup.problems.csv").read_text()
    (folder / "people.csv").write_text("key,name\nann,Ann\n")
    dry = slm("bundle", "import", str(folder), "--organisation", key, "--dry-run", DATABASE_URL=database_url)
    assert (dry.code, "+ people: ann" in dry.out, "nothing was kept" in dry.out) == (0, True, True), dry
    done = slm("bundle", "import", str(folder), "--organisation", key, DATABASE_URL=database_url)
    assert (done.code, "2 added, 0 changed, 0 unchanged." in done.out) == (0, True), done


def test_definitions_that_are_refused_leave_the_records_and_say_so(database_url: str, tmp_path: Path) -> None:
    key, moved, folder = unique_key("leaving"), unique_key("moved"), tmp_path / "bundle"
    slm("organisation", "create", key, DATABASE_URL=database_url)
    slm("bundle", "export", str(folder), "--organisation", key, DATABASE_URL=database_url)
    (folder / "people.csv").write_text("key,name,email\nann,Ann,@bad\n")
    wrong = slm("bundle", "import", str(folder), "--organisation", moved, DATABASE_URL=database_url)
    assert (wrong.code, f"5 records made the organisation {moved}" in wrong.out) == (1, True), wrong
    assert "The records were kept; none of the definitions: 1 problems" in wrong.out
    again = slm("bundle", "import", str(folder), "--organisation", moved, DATABASE_URL=database_url)
    assert (again.code, "Nothing was kept: 1 problems" in again.out) == (1, True), again


def test_the_files_of_a_bundle_are_described() -> None:
    described = slm("bundle", "describe")
    assert all(f"{kind.name} (.csv or .yaml)" in described.out for kind in KINDS)
