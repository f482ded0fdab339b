"""A PostgreSQL of the user's own: made on first use, shared by the processes that need it, stopped by the last of them.

No `kill -9` leaves a fault behind. Each user holds a shared lock that the kernel frees with the process; a cluster
appears only when it is complete; a server that was killed recovers at the next start; and a process is taken for our
server only if it runs `postgres` on our directory, so that a process id given to somebody else is never trusted.

The server listens on a UNIX socket in a directory only its user may enter, and asks for no password. The lock does not
work on most network file systems, and processes in different containers must not share a directory.

A process ended by SIGTERM runs no clean-up unless it handles the signal: the server then stays up, and the next user to
leave stops it. A user that stays for long supervises the server: whoever sees first that it is gone starts it again.
"""

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from urllib.parse import quote

import structlog

from slm.postgres_binaries import LocalDatabaseError, PostgresBinaries, usable_binaries

NAME = "slm"
PORT = 5432

LONGEST_WAIT_SECONDS = 600
"""Crash recovery of a busy database can take minutes; a shorter wait would call a healthy server broken."""
ORPHANS_WAIT_SECONDS = 20
"""How long sessions of a killed server may take to notice and leave its shared memory."""

SUPERVISION_SECONDS = 0.5
"""How often a supervisor looks whether the server's first process is there."""

LONGEST_SOCKET_DIRECTORY = 85
"""Bytes; a socket's whole path may have 103 on the strictest system, and the server adds a name to it."""

ENCRYPTION_REQUEST = struct.pack("!ii", 8, 80877103)
"""The one question of the protocol that is answered with a byte before anybody says who they are (SSLRequest)."""

SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "shared_buffers": "256MB",
    "max_connections": "100",
    "jit": "off",  # the embedded server is built without it; compiling costs more than these queries take
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


log = structlog.get_logger("slm.local_database")


def default_data_dir() -> Path:
    """Where the local database lives unless SLM_DATA_DIR says otherwise: with the user's data, root's in /var/lib."""
    if chosen := os.environ.get("XDG_DATA_HOME"):
        return Path(chosen) / NAME
    return Path("/var/lib") / NAME if os.geteuid() == 0 else Path.home() / ".local" / "share" / NAME


@contextmanager
def local_database(data_dir: Path, *, supervised: bool = False) -> Iterator[str]:
    """Yield the URL of the server in `data_dir`, started if need be; stop it afterwards if nobody else uses it.

    The URL is SQLAlchemy's, for asyncpg, and names a database that begins empty. Blocks while the server starts. When
    `supervised`, a server that is killed in the meantime is started again. Raises LocalDatabaseError when no server
    can be had.
    """
    cluster = _Cluster(data_dir)
    cluster.prepare_directory()
    with _locked(cluster.users, fcntl.LOCK_SH) as ours:
        try:
            with _locked(cluster.turn, fcntl.LOCK_EX):
                cluster.ensure_running()
            with _supervision(cluster) if supervised else nullcontext():
                yield cluster.url
        finally:
            with _locked(cluster.turn, fcntl.LOCK_EX):
                fcntl.flock(ours, fcntl.LOCK_UN)
                with suppress(BlockingIOError):  # somebody else still uses the server
                    fcntl.flock(ours, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    cluster.stop()


@contextmanager
def provide_database(url: str | None, data_dir: Path, *, supervised: bool = False) -> Iterator[str]:
    """Yield the URL of the server to use: `url` (what DATABASE_URL says) wins, and then none is ever started here."""
    if url is not None:
        yield url
    else:
        with local_database(data_dir, supervised=supervised) as local:
            yield local


class _Cluster:
    """The files of one local database. Methods that change it are called with the lock `turn` held."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.expanduser().resolve()
        self.files = self.data_dir / "cluster"
        self.users = self.data_dir / "users.lock"
        self.turn = self.data_dir / "turn.lock"
        self.log = self.data_dir / "postgresql.log"
        self.lock_file = self.files / "postmaster.pid"
        self.sockets = _socket_directory(self.data_dir)
        self.url = f"postgresql+asyncpg://{NAME}@/{NAME}?host={quote(str(self.sockets))}&port={PORT}"

    def prepare_directory(self) -> None:
        if re.search(r'["$`\\\n]', str(self.data_dir)):
            raise LocalDatabaseError(f"SLM_DATA_DIR={self.data_dir} has a character a shell would read; choose another")
        self.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)

    def ensure_running(self) -> None:
        """Return when the server answers: make it, start it, or wait for one that is still recovering or stopping."""
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while (state := self._state()) != "ready" or not _answers(self.sockets / f".s.PGSQL.{PORT}"):
            if state is None:
                self._start()
            elif time.monotonic() > deadline:
                raise LocalDatabaseError(f"the local database is {state!r} since {LONGEST_WAIT_SECONDS} s: {self.log}")
            else:
                time.sleep(0.05)

    @property
    def is_gone(self) -> bool:
        """Whether no server runs that was started; one that starts, recovers or stops is not gone."""
        return self._state() is None

    def stop(self) -> None:
        if self._state() is not None:
            arguments = ("-D", self.files, "-m", "fast", "-t", str(LONGEST_WAIT_SECONDS), "stop")
            self._check(usable_binaries(self.data_dir).run("pg_ctl", *arguments), "stop")
            self.sockets.rmdir()  # empty by now; it may lie outside the data directory

    def _start(self) -> None:
        binaries = usable_binaries(self.data_dir)
        if not self.files.exists():
            self._create(binaries)
        self._check_fits(binaries)
        _private_directory(self.sockets, owner=binaries.owner)
        self._disown_dead_predecessor()
        options = shlex.join(
            part
            for name, value in {**SERVER_SETTINGS, "unix_socket_directories": str(self.sockets)}.items()
            for part in ("-c", f"{name}={value}")
        )
        _private_file(self.log, owner=binaries.owner)
        arguments = ("-D", self.files, "-l", self.log, "-o", options, "-t", str(LONGEST_WAIT_SECONDS), "start")
        deadline = time.monotonic() + ORPHANS_WAIT_SECONDS
        while (done := binaries.run("pg_ctl", *arguments)).returncode != 0:
            orphaned = "shared memory block" in self._end_of_log()
            if not orphaned or time.monotonic() > deadline:
                self._check(done, "start")
            time.sleep(0.2)

    def _create(self, binaries: PostgresBinaries) -> None:
        """Make cluster and database beside their place and move them there whole: a killed attempt is only litter."""
        for litter in self.data_dir.glob("creating-*"):
            shutil.rmtree(litter, ignore_errors=True)
        attempt = Path(tempfile.mkdtemp(prefix="creating-", dir=self.data_dir))
        os.chown(attempt, binaries.owner, -1)
        # One sort order on every machine. Before 17 it is the operating system's to provide.
        builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        locale = ["--encoding=UTF8", *(builtin if binaries.major_version >= 17 else ["--locale=C.UTF-8"])]
        try:
            initdb = binaries.run("initdb", "-D", attempt, f"--username={NAME}", "--auth=trust", *locale)
            self._check(initdb, "create")
            single_user = ("--single", "-j", "-c", "exit_on_error=on", "-D", attempt, "template1")
            self._check(binaries.run("postgres", *single_user, text=f"CREATE DATABASE {NAME};\n\n"), "create")
        except LocalDatabaseError:
            shutil.rmtree(attempt, ignore_errors=True)  # what filled a disk must not keep filling it
            raise
        attempt.rename(self.files)

    def _check_fits(self, binaries: PostgresBinaries) -> None:
        owner, made_by = self.files.stat().st_uid, (self.files / "PG_VERSION").read_text().strip()
        if owner != binaries.owner:
            raise LocalDatabaseError(
                f"{self.files} belongs to user id {owner}, and this user's server would run as {binaries.owner}. "
                "Run as that user, or set SLM_DATA_DIR to another directory."
            )
        if made_by != str(binaries.major_version):
            raise LocalDatabaseError(
                f"{self.files} was made by PostgreSQL {made_by}; {binaries.directory} has {binaries.major_version}. "
                "Set SLM_PG_BIN to programs of that version, or SLM_DATA_DIR to another directory."
            )

    def _state(self) -> str | None:
        """`ready`, `starting`, `stopping` ... as the server notes it; None when no server runs on this directory."""
        lines = self._lock_lines()
        if not lines or not _is_server(lines[0], self.files):
            return None
        return lines[7].strip() if len(lines) > 7 else "starting"

    def _disown_dead_predecessor(self) -> None:
        """Keep the server from refusing to start because its dead predecessor's id is somebody else's now.

        It takes an id of its own grandparent for stale. The rest of the file stays: with it the server still checks
        that no session of its predecessor uses the shared memory.
        """
        if lines := self._lock_lines():
            lines[0] = str(os.getpid())
            self.lock_file.write_text("\n".join(lines) + "\n")
        (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _lock_lines(self) -> list[str]:
        try:
            return self.lock_file.read_text().splitlines()
        except FileNotFoundError:
            return []

    def _check(self, done: subprocess.CompletedProcess[str], action: str) -> None:
        if done.returncode != 0:
            told = done.stdout.strip() or f"ended with {done.returncode}"
            raise LocalDatabaseError(
                f"cannot {action} the local database in {self.files}: {told}\n{self._end_of_log()}"
            )

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:]) if self.log.exists() else ""


@contextmanager
def _supervision(cluster: _Cluster) -> Iterator[None]:
    leaving = threading.Event()
    supervisor = threading.Thread(target=_supervise, args=(cluster, leaving), daemon=True, name="database supervisor")
    supervisor.start()
    try:
        yield
    finally:
        leaving.set()
        supervisor.join()


def _supervise(cluster: _Cluster, leaving: threading.Event) -> None:
    while not leaving.wait(SUPERVISION_SECONDS):
        try:
            if cluster.is_gone:
                with _locked(cluster.turn, fcntl.LOCK_EX):
                    cluster.ensure_running()  # another supervisor may have been first
                log.warning("database.restarted", data_dir=str(cluster.data_dir))
        except (LocalDatabaseError, OSError):
            log.exception("database.restart_failed", data_dir=str(cluster.data_dir))


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, kind)
        except OSError as problem:
            raise LocalDatabaseError(
                f"cannot lock {path} ({problem}): SLM_DATA_DIR must be on a local disk"
            ) from problem
        yield descriptor
    finally:
        os.close(descriptor)


def _is_server(process_id: str, files: Path) -> bool:
    """Whether this process is a PostgreSQL server on these files; a zombie, or a stranger given the id, is not."""
    if sys.platform == "linux":
        try:
            command = Path(f"/proc/{int(process_id)}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except (OSError, ValueError):
            return False
        return Path(command[0]).name == "postgres" and str(files) in command
    listed = subprocess.run(["ps", "-ww", "-o", "args=", "-p", process_id], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return "postgres" in listed.stdout and f" {files} " in f"{listed.stdout.strip()} "


def _answers(socket_path: Path) -> bool:
    """Whether the server takes connections: one just killed may still be listed, with its socket open."""
    with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
        connection.settimeout(5)
        connection.connect(str(socket_path))
        connection.sendall(ENCRYPTION_REQUEST)
        return connection.recv(1) in {b"N", b"S"}
    return False


def _socket_directory(data_dir: Path) -> Path:
    """Inside the data directory, or below /tmp when that path is too long or has signs that mean something in a URL."""
    inside = data_dir / "socket"
    if re.fullmatch(r"[A-Za-z0-9_./-]+", str(inside)) and len(str(inside)) <= LONGEST_SOCKET_DIRECTORY:
        return inside
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path("/tmp") / f"{NAME}-{os.geteuid()}-{digest}"  # noqa: S108 - owner and mode are checked before use


def _private_directory(path: Path, *, owner: int) -> None:
    """Make a directory only `owner` may enter; refuse one that somebody else put there first."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner}:
        raise LocalDatabaseError(f"{path} belongs to somebody else; set SLM_DATA_DIR to another directory")
    path.chmod(0o700)
    os.chown(path, owner, -1)


def _private_file(path: Path, *, owner: int) -> None:
    path.touch(mode=0o600)
    os.chown(path, owner, -1)
