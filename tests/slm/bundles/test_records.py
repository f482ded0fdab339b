"""Exporting an organisation's records and making an equal organisation of them."""

import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Table, func, select, update

from services.db import Database, TableKind
from services.errors import Conflict, Invalid
from services.models import metadata
from services.organisations.models import Account, ApiToken, BundleImport, DueOrganisation, Party
from services.organisations.queries import find_organisation
from slm.bundles import files, manifest
from slm.bundles.records import Restored, restore_records, write_records
from slm.bundles.tables import ACCOUNT_COLUMNS, organisation_tables, record_tables
from tests.factories.organisations import new_actor, unique_key
from tests.factories.world import World, new_world

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
STAY = {"api_token", "api_token_use", "bundle_import", "due_organisation", "idempotency_key", "organisation_key"}
"""Secrets, what is of one installation, and what an import makes anew."""
WITHOUT_FOREIGN_KEY = {
    ("account", "party_id"),
    ("account", "person_id"),
    ("assessed_unit", "record_id"),
    ("audit_entry", "subject_id"),
    ("audit_personal_value", "person_id"),
}
"""Ids of rows of several tables, or of a tenant's row in a reference table: rows keep their ids, so these stay true."""


@pytest.fixture
async def world(database: Database) -> World:
    return await new_world(database, await new_actor(database))


async def export(database: Database, organisation_id: UUID, path: Path, key: str = "acme") -> Path:
    async with database.snapshot(organisation_id) as session:
        with files.writing(path) as writer:
            await write_records(session, writer, organisation_id=organisation_id, key=key)
    return path


async def restore(database: Database, path: Path, key: str | None = None) -> Restored:
    with files.reading(path) as bundle:
        return await restore_records(database, bundle, name=path.name, key=key or unique_key("moved"), now=NOW)


def contents(path: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted((path / "records").iterdir()) if each.suffix == ".jsonl"}


def rewritten(path: Path, name: str, change: Callable[[str], str]) -> Path:
    file = path / "records" / name
    file.write_text(change(file.read_text()))
    return path


async def rows_of(database: Database, table: Table, organisation_id: UUID) -> int:
    async with database.reading(organisation_id) as session:
        counted = select(func.count()).select_from(table).where(table.c.organisation_id == organisation_id)
        return (await session.execute(counted)).scalar_one()


async def test_what_is_imported_exports_as_the_same_bytes(database: Database, world: World, tmp_path: Path) -> None:
    exported = await export(database, world.actor.organisation_id, tmp_path / "first")
    restored = await restore(database, exported)
    assert restored.organisation_id != world.actor.organisation_id
    assert restored.rows > 50
    again = await export(database, restored.organisation_id, tmp_path / "second")
    assert contents(again) == contents(exported)
    assert set(contents(exported)) == {f"{table.name}.jsonl" for table in record_tables()}, "the world has one of each"


async def test_an_archive_of_equal_content_is_equal_byte_for_byte(
    database: Database, world: World, tmp_path: Path
) -> None:
    first = await export(database, world.actor.organisation_id, tmp_path / "first.zip")
    second = await export(database, world.actor.organisation_id, tmp_path / "second.zip")
    assert first.read_bytes() == second.read_bytes()
    assert (await restore(database, first)).rows > 50
    assert first.stat().st_mode & 0o777 == 0o600


async def test_every_table_travels_or_is_known_to_stay() -> None:
    travelling = {table.name for table in record_tables()}
    assert travelling | STAY == set(metadata.tables)
    assert not travelling & STAY
    assert {table.name for table in organisation_tables()} == set(metadata.tables)


async def test_every_id_that_travels_names_a_row_that_travels_or_an_account() -> None:
    for table in record_tables():
        bound = {column.name for key in table.table.foreign_key_constraints for column in key.columns}
        ids = {name for name in table.columns if table.table.columns[name].type.python_type is UUID and name != "id"}
        unexplained = ids - bound - ACCOUNT_COLUMNS
        assert {(table.name, name) for name in unexplained} <= WITHOUT_FOREIGN_KEY
        for key in table.table.foreign_key_constraints:
            assert key.referred_table.name not in STAY


async def test_no_secret_travels(database: Database, world: World, tmp_path: Path) -> None:
    exported = await export(database, world.actor.organisation_id, tmp_path / "first")
    async with database.reading(world.actor.organisation_id) as session:
        hashes = await session.scalars(
            select(ApiToken.token_hash).where(ApiToken.organisation_id == world.actor.organisation_id)
        )
        secret = hashes.one().hex().encode()
    assert not any(secret in content for content in contents(exported).values())
    restored = await restore(database, exported)
    assert await rows_of(database, metadata.tables["api_token"], restored.organisation_id) == 0


async def test_importing_again_changes_nothing(database: Database, world: World, tmp_path: Path) -> None:
    exported = await export(database, world.actor.organisation_id, tmp_path / "first")
    key = unique_key("moved")
    first = await restore(database, exported, key)
    second = await restore(database, exported, key)
    assert (second.organisation_id, second.rows) == (first.organisation_id, 0)
    assert await rows_of(database, metadata.tables["bundle_import"], first.organisation_id) == 1


async def test_records_are_never_merged_into_an_organisation_that_differs(
    database: Database, world: World, tmp_path: Path
) -> None:
    exported = await export(database, world.actor.organisation_id, tmp_path / "first")
    key = unique_key("moved")
    restored = await restore(database, exported, key)
    async with database.writing(restored.organisation_id) as session:
        await session.execute(
            update(Party).where(Party.organisation_id == restored.organisation_id).values(name="Renamed")
        )
    with pytest.raises(Conflict, match=r"other records than the export \(party\)"):
        await restore(database, exported, key)


async def test_the_import_is_named_and_dates_what_was_received(
    database: Database, world: World, tmp_path: Path
) -> None:
    restored = await restore(database, await export(database, world.actor.organisation_id, tmp_path / "first"))
    async with database.reading(restored.organisation_id) as session:
        own = BundleImport.organisation_id == restored.organisation_id
        imported = (await session.scalars(select(BundleImport).where(own))).one()
        party = (await session.scalars(select(Party).where(Party.organisation_id == restored.organisation_id))).first()
        due = select(DueOrganisation.due_at).where(DueOrganisation.organisation_id == restored.organisation_id)
        assert (await session.scalars(due)).one() == NOW
    assert (imported.name, imported.source_key, imported.records) == ("first", "acme", restored.rows)
    assert party is not None
    assert party.received_at == imported.received_at > party.recorded_at


async def test_an_organisation_keeps_its_id_where_it_is_free(database: Database, world: World, tmp_path: Path) -> None:
    """The id and the accounts' ids are set to ones no organisation has: as on an installation it never was on."""
    exported = await export(database, world.actor.organisation_id, tmp_path / "first")
    file = exported / manifest.NAME
    said = manifest.read_manifest(file.read_bytes())
    elsewhere = UUID(int=said.organisation_id.int ^ 1)
    accounts = {name: UUID(int=id_.int ^ 1) for name, id_ in said.accounts.items()}
    file.write_bytes(manifest.Manifest(said.organisation_key, elsewhere, accounts, said.records).spell())
    restored = await restore(database, exported)
    assert restored.organisation_id == elsewhere
    async with database.reading(None) as session:
        found = await session.execute(select(Account.name, Account.id).where(Account.organisation_id == elsewhere))
        assert {row.name: row.id for row in found} == accounts


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("party.jsonl", lambda text: text.replace("acme", "emca"), "these are not the 2 rows"),
        ("party.jsonl", lambda text: text + text.splitlines()[0], "these are not the 2 rows"),
        ("department.jsonl", lambda text: text + "{}\n" * 200_000, "these are not the 2 rows"),
        ("party.jsonl", lambda _: "", "these are not the 2 rows"),
        ("party.jsonl", lambda text: text[:-20], "lines 1 to 2: a row cannot be stored"),
        ("party.jsonl", lambda text: text.replace("customer", "enemy"), "a row cannot be stored"),
        ("party.jsonl", lambda text: text + "x" * (17 << 20), "a line is longer than 16 MiB"),
        ("manifest.yaml", lambda text: text.replace("slm-bundle/1", "slm-bundle/9"), "expected the format"),
        ("manifest.yaml", lambda text: text.replace("rows: 2", "rows: two"), "not the manifest of an export"),
        ("manifest.yaml", lambda text: text + "#" * (1 << 20), "expected at most 1 MiB"),
        ("manifest.yaml", lambda _: "[" * 5_000, "not the manifest of an export"),
        ("manifest.yaml", lambda text: text.replace("  party:", "  api_token:"), "does not know all columns"),
    ],
)
async def test_a_damaged_export_makes_no_organisation(
    database: Database, world: World, tmp_path: Path, name: str, change: Callable[[str], str], said: str
) -> None:
    exported = rewritten(await export(database, world.actor.organisation_id, tmp_path / "first"), name, change)
    key = unique_key("moved")
    with pytest.raises(Invalid, match=said):
        await restore(database, exported, key)
    async with database.reading(None) as session:
        assert await find_organisation(session, key=key) is None


async def test_rows_that_are_written_together_are_refused_before_all_of_them_are_read(
    database: Database, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = await export(database, world.actor.organisation_id, tmp_path / "first")
    monkeypatch.setattr("slm.bundles.records.MOST_BYTES_AT_ONCE", 100)
    with pytest.raises(Invalid, match=r"records/department\.jsonl: expected at most"):
        await restore(database, exported)


async def test_an_export_that_no_import_could_read_is_refused(
    database: Database, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = len(
        (await export(database, world.actor.organisation_id, tmp_path / "first") / manifest.NAME).read_bytes()
    )
    monkeypatch.setattr("slm.bundles.manifest.LARGEST", longest - 1)
    with pytest.raises(Invalid, match=r"accounts make records/manifest\.yaml larger"):
        await export(database, world.actor.organisation_id, tmp_path / "second")
    assert not (tmp_path / "second").exists()


async def test_a_bundle_cannot_write_into_an_organisation_it_names(
    database: Database, world: World, tmp_path: Path
) -> None:
    victim = await new_actor(database)
    exported = await export(database, world.actor.organisation_id, tmp_path / "first")
    rewritten(
        exported,
        "manifest.yaml",
        lambda text: text.replace(str(world.actor.organisation_id), str(victim.organisation_id)),
    )
    tables = [table for table in metadata.sorted_tables if table.info["kind"] is TableKind.TENANT]
    before = [await rows_of(database, table, victim.organisation_id) for table in tables]
    restored = await restore(database, exported)
    assert restored.organisation_id != victim.organisation_id
    assert [await rows_of(database, table, victim.organisation_id) for table in tables] == before


async def test_a_line_holds_no_id_of_an_organisation_or_an_account(
    database: Database, world: World, tmp_path: Path
) -> None:
    exported = contents(await export(database, world.actor.organisation_id, tmp_path / "first"))
    for name, content in exported.items():
        assert str(world.actor.organisation_id).encode() not in content
        # The trail says which account was changed by the id it had.
        assert name == "audit_entry.jsonl" or str(world.actor.account_id).encode() not in content
    assert {json.loads(line)["recorded_by"] for line in exported["party.jsonl"].splitlines()} == {"slm"}


def archive(path: Path, entries: dict[str, bytes | zipfile.ZipInfo]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            if isinstance(content, zipfile.ZipInfo):
                file.writestr(content, b"/etc/passwd")
            else:
                file.writestr(name, content)
    return path


def a_link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("people.csv")
    entry.external_attr = 0o120777 << 16
    return entry


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"../people.csv": b"key\n"}, "outside of itself"),
        ({"/people.csv": b"key\n"}, "outside of itself"),
        ({"..\\people.csv": b"key\n"}, "outside of itself"),
        ({"people.csv": a_link()}, "is a link"),
        ({"people.csv": b"\0" * (8 << 20)}, "that is no bundle"),
        ({f"kind_{number}.csv": b"key\n" for number in range(501)}, "at most 500 files"),
        ({"people.exe": b"key\n"}, "expected files such as people.csv"),
        ({"README.md": b"hello"}, "no file of a bundle"),
    ],
)
def test_a_suspicious_archive_is_refused(
    tmp_path: Path, entries: dict[str, bytes | zipfile.ZipInfo], said: str
) -> None:
    with pytest.raises(Invalid, match=said), files.reading(archive(tmp_path / "bundle.zip", entries)):
        pass


def test_an_archive_may_hold_one_folder_and_what_computers_leave_behind(tmp_path: Path) -> None:
    made = archive(
        tmp_path / "bundle.zip",
        {"acme/people.csv": b"key\n", "__MACOSX/acme/._people.csv": b"", "acme/.DS_Store": b"", "acme/README": b""},
    )
    with files.reading(made) as bundle:
        assert bundle.names == ["people.csv"]
        assert bundle.open("people.csv").read() == b"key\n"


def test_an_archive_cut_off_or_flipped_is_refused(tmp_path: Path) -> None:
    made = archive(tmp_path / "bundle.zip", {"people.csv": bytes(range(1, 256)) * 40})
    whole = made.read_bytes()
    made.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Invalid, match="no zip archive"), files.reading(made):
        pass
    made.write_bytes(whole[:60] + bytes([whole[60] ^ 0xFF]) + whole[61:])
    with pytest.raises(Invalid, match="damaged"), files.reading(made) as bundle:
        bundle.open("people.csv").read()


def interrupted(path: Path) -> None:
    with suppress(InterruptedError), files.writing(path) as writer:
        writer.open("people.csv").close()
        raise InterruptedError


def test_an_export_never_replaces_anything_and_leaves_no_half_of_itself(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(Invalid, match="exists already"), files.writing(tmp_path / "there"):
        pass
    for name in ("folder", "archive.zip"):
        interrupted(tmp_path / name)
        assert not (tmp_path / name).exists()
        with files.writing(tmp_path / name) as writer:
            writer.open("people.csv").close()
        assert (tmp_path / name).exists()
