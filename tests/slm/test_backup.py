"""What was backed up is there after a restore: all of it, with its fences, and only in an empty database."""

import asyncio
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from services.db import Database, new_id
from services.errors import Conflict, Invalid
from services.models import metadata
from slm.backup import back_up, restore
from slm.local_database import local_database
from slm.migrate import upgrade
from tests.factories.organisations import new_actor
from tests.factories.world import new_world
from tests.slm.test_cli import slm
from tests.template_database import in_thread


async def command(server: str, sql: str) -> None:
    url = make_url(server)
    connection = await asyncpg.connect(
        user=url.username, password=url.password, host=url.host or url.query.get("host"),
        port=int(str(url.port or url.query.get("port") or 5432)), database="postgres",
    )  # fmt: skip
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def rows(url: str) -> dict[str, int]:
    """How many rows every table has, seen as the owner."""
    owner = Database(url, pool_size=1, as_owner=True)
    try:
        async with owner.reading(None) as session:
            return {
                name: (await session.execute(select(func.count()).select_from(table))).scalar_one()
                for name, table in metadata.tables.items()
            }
    finally:
        await owner.close()


async def test_a_restored_server_has_every_row_behind_its_fences(
    database: Database, database_server: str, database_url: str, tmp_path: Path
) -> None:
    world = await new_world(database, await new_actor(database))
    file, name = tmp_path / "slm.backup", f"slm_restored_{new_id().hex}"
    await asyncio.to_thread(back_up, database_url, file)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Invalid, match="exists already"):
        back_up(database_url, file)
    in_thread(lambda: command(database_server, f'CREATE DATABASE "{name}"'))
    try:
        target = make_url(database_url).set(database=name).render_as_string(hide_password=False)
        await asyncio.to_thread(restore, target, file)
        assert await rows(target) == await rows(database_url)
        with pytest.raises(Conflict, match="has tables already"):
            await asyncio.to_thread(restore, target, file)
        await the_fences_stand(target, world.actor.organisation_id)
    finally:
        in_thread(lambda: command(database_server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def the_fences_stand(url: str, organisation_id: UUID) -> None:
    program = Database(url, pool_size=1)
    try:
        await program.refuse_unsafe_role()
        for seen_by, expected in ((organisation_id, 1), (new_id(), 0)):
            async with program.reading(seen_by) as session:
                assert (await session.execute(text("SELECT count(*) FROM ticket"))).scalar() == expected
        with pytest.raises(Exception, match="permission denied"):
            async with program.writing(None) as session:
                await session.execute(text("DELETE FROM organisation_key"))
    finally:
        await program.close()


def test_the_local_server_is_backed_up_and_restored_into_another_directory(tmp_path: Path) -> None:
    file, damaged = tmp_path / "slm.backup", tmp_path / "damaged.backup"
    with local_database(tmp_path / "here") as here:
        upgrade(here)
        before = asyncio.run(rows(here))
        back_up(here, file)
    damaged.write_bytes(file.read_bytes()[:5_000])
    refused = slm("restore", str(damaged), SLM_DATA_DIR=str(tmp_path / "there"))
    assert (refused.code, "pg_restore failed" in refused.err) == (1, True), refused
    restored = slm("restore", str(file), SLM_DATA_DIR=str(tmp_path / "there"))
    assert (restored.code, "has this program's schema" in restored.out) == (0, True), restored
    with local_database(tmp_path / "there") as there:
        assert asyncio.run(rows(there)) == before
