"""The project's own files, however it was obtained."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", ".tools", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "__pycache__"}


def tracked_files() -> list[Path]:
    """What Git tracks or would track; in a copy without Git, everything that is not a tool's."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not NOT_OURS & set(path.relative_to(ROOT).parts)]


def modules() -> list[Path]:
    """The tracked Python files."""
    return [path for path in tracked_files() if path.suffix == ".py"]


def text_of(path: Path) -> str:
    """The file's text; what is not text comes out as replacement signs."""
    return path.read_text(encoding="utf-8", errors="replace")
