"""What works, read from the tests that show it: `make rows` prints it and writes docs/capabilities.md.

A test shows a capability by the marker `@pytest.mark.capability("I2")`, or a part of it by `partly=True`.
The markers are read from the source, so that this needs no test run.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.project.files import ROOT, modules, text_of

DOCUMENT = ROOT / "docs" / "capabilities.md"
TITLES: dict[str, str] = tomllib.loads((Path(__file__).parent / "capabilities.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Shown:
    """A test that shows the capability `id`, wholly or partly."""

    id: str
    test: str
    partly: bool


def shown_by_tests() -> list[Shown]:
    """Every marker of every test module, by test."""
    tests = (path for path in modules() if path.is_relative_to(ROOT / "tests") and path.name.startswith("test_"))
    return [
        shown
        for path in sorted(tests)
        for shown in _markers(ast.parse(text_of(path)), path.relative_to(ROOT).as_posix())
    ]


def _markers(node: ast.AST, name: str) -> Iterator[Shown]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from _markers(child, f"{name}::{child.name}" if named else name)  # type: ignore[attr-defined]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "capability":
        keywords = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords}
        yield Shown(ast.literal_eval(node.args[0]), name, partly=keywords.get("partly", False))


def state(shown: list[Shown]) -> str:
    """`works` when some test shows the whole, `partly` when tests show parts only, else `absent`."""
    if not shown:
        return "absent"
    return "partly" if all(one.partly for one in shown) else "works"


def rows() -> list[tuple[str, str, list[str]]]:
    """Each id in the order of the list, with its state and the tests that show it."""
    everything = shown_by_tests()
    by_claim = {claim: [shown for shown in everything if shown.id == claim] for claim in TITLES}
    return [(claim, state(shown), sorted({one.test for one in shown})) for claim, shown in by_claim.items()]


def document() -> str:
    """docs/capabilities.md as it should be now."""
    lines = [
        "# Capabilities",
        "",
        "What the product claims, and which tests show it. Written by `make rows` from the tests; do not edit.",
        "A capability *works* when a test shows the whole of it, and is there *partly* when tests show parts.",
        "",
        "| id | capability | state | shown by |",
        "| --- | --- | --- | --- |",
    ]
    for claim, is_now, tests in rows():
        lines.append(f"| {claim} | {TITLES[claim]} | {is_now} | {'<br>'.join(f'`{test}`' for test in tests)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print one line per id and rewrite the document."""
    for claim, is_now, tests in rows():
        sys.stdout.write(" ".join([claim, is_now, *tests]) + "\n")
    DOCUMENT.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
