"""The tests of the local database over and over: as root, as an ordinary user, each time with other random instants.

Root runs them twice over, as itself and as `nobody`, in a mount namespace of its own in which the directories above the
interpreter can be entered by everybody; nothing on the machine changes. Whoever is not root runs them as themselves.
"""

import os
import pwd
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console

from benchmarks.harness import ROOT, Measurement

ROUNDS = 3
TESTS = "tests/slm/test_local_database.py"

REQUIRED = (
    "test_processes_that_come_at_once_to_a_fresh_directory_share_one_server",
    "test_a_killed_user_does_not_keep_the_server_alive",
    "test_a_killed_server_recovers_at_the_next_start_with_every_row",
    "test_a_process_that_got_the_dead_servers_id_is_not_taken_for_it",
    "test_everything_killed_at_once_recovers_although_its_process_ids_were_given_away",
    "test_the_server_of_another_directory_is_not_taken_for_ours",
    "test_a_creation_that_was_killed_is_begun_anew",
    "test_a_creation_killed_at_any_instant_is_begun_anew",
    "test_a_creation_whose_initdb_fails_says_why_and_leaves_nothing",
    "test_a_directory_whose_path_does_not_fit_a_socket_or_an_address_works",
    "test_nobody_else_may_enter_and_no_directory_above_is_opened_up",
)
"""What every user's launcher survives, each in every round."""

OF_ROOT = (
    "test_a_full_disk_is_said_and_with_more_room_the_creation_succeeds",
    "test_root_without_user_namespaces_runs_the_server_as_nobody",
    "test_root_without_user_namespaces_is_told_when_nobody_cannot_enter",
    "test_an_ordinary_user_runs_the_server_as_themselves",
)
"""What only root can try."""

ENTERABLE = """
set -e
closed=$1; shift
if [ -n "$closed" ]; then
    held=$(mktemp -d)
    mount --bind "$1" "$held"
    mount -t tmpfs -o mode=755 tmpfs "$closed"
    mkdir -p "$1"
    mount --move "$held" "$1"
fi
shift
exec "$@"
"""
"""In a mount namespace: hide a closed directory behind an open one that holds only one directory of it."""


@dataclass
class Outcomes:
    """How often each test passed, and which were skipped or failed."""

    passed: Counter[str] = field(default_factory=Counter)
    skipped: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)


def run() -> list[Measurement]:
    progress = Console(stderr=True, highlight=False)
    measurements = []
    started = time.monotonic()
    for user in ("root", "nobody") if os.geteuid() == 0 else (pwd.getpwuid(os.geteuid()).pw_name,):
        outcomes = Outcomes()
        for number in range(ROUNDS):
            _run_once(user, outcomes)
            progress.print(f"{user}, round {number + 1}: {outcomes.passed.total()} passed, {outcomes.failed} failed")
        required = (*REQUIRED, *OF_ROOT) if user == "root" else REQUIRED
        complete = sum(outcomes.passed[name] >= ROUNDS for name in required)
        measurements += [
            Measurement(f"as {user}: kinds of mishap survived in each of {ROUNDS} rounds", complete, "kinds",
                        floor=len(required)),
            Measurement(f"as {user}: tests passed", outcomes.passed.total(), "tests"),
            Measurement(f"as {user}: tests failed", len(outcomes.failed), "tests", floor=0, smaller_is_better=True),
            Measurement(f"as {user}: tests that this user or machine cannot run", len(outcomes.skipped), "tests"),
        ]  # fmt: skip
    return [*measurements, Measurement("duration", time.monotonic() - started, "s")]


def _run_once(user: str, outcomes: Outcomes) -> None:
    with tempfile.TemporaryDirectory(prefix="slm-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            owner = pwd.getpwnam(user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        report = folder / "report.xml"
        command = [
            sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", f"--junitxml={report}",
            f"--basetemp={folder / 'tests'}", TESTS,
        ]  # fmt: skip
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLM_", "DATABASE_URL"))}
        ended = subprocess.run(
            [*_as_user(user), *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, env={**inherited, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert report.exists(), ended.stdout
        _count(report, outcomes)
        if outcomes.failed:
            raise AssertionError(f"as {user}: {ended.stdout}")


def _as_user(user: str) -> list[str]:
    if os.geteuid() != 0:
        return []
    interpreter = Path(sys.executable).resolve().parents[1]
    closed = [path for path in interpreter.parents if not path.stat().st_mode & 0o001]
    become = [] if user == "root" else ["setpriv", f"--reuid={user}", f"--regid={_group(user)}", "--clear-groups"]
    opened = ["sh", "-c", ENTERABLE, "sh", str(closed[-1]) if closed else "", str(interpreter)]
    return ["unshare", "--mount", *opened, *become]


def _group(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def _count(report: Path, outcomes: Outcomes) -> None:
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - written by our own test run
        name = case.attrib["name"].partition("[")[0]
        if case.find("failure") is not None or case.find("error") is not None:
            outcomes.failed.append(name)
        elif case.find("skipped") is not None:
            outcomes.skipped.add(name)
        else:
            outcomes.passed[name] += 1
