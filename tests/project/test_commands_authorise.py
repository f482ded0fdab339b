"""Every command asks whether its actor may run it."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.project.files import ROOT

Function = ast.FunctionDef | ast.AsyncFunctionDef

PACKAGES = ("services", "assessment")
PARTS_OF_COMMANDS = {
    "services/idempotency/commands.py:claim": "in the transaction of a command, undone when that refuses",
    "services/idempotency/commands.py:keep_outcome": "after a command that was not refused",
    "services/organisations/changes.py:replace_row": "the statement of the commands beside it, which have asked",
}
"""What is given an actor although it is no command, each with why nobody gets there without permission."""


@cache
def functions() -> dict[str, list[tuple[str, Function]]]:
    """The functions of all modules of the domain by their name, each with where it is."""
    found = defaultdict(list)
    for path in sorted(file for package in PACKAGES for file in Path(ROOT, package).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, Function):
                found[node.name].append((f"{path.relative_to(ROOT)}:{node.name}", node))
    return found


def is_command(function: Function) -> bool:
    """Whether it is public, is given an actor, and may read or write for that actor."""
    given = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    return not function.name.startswith("_") and "actor" in given and bool(given & {"session", "database"})


def authorises(function: Function, passed: frozenset[Function] = frozenset()) -> bool:
    """Whether a function requires a permission, or hands its actor to one that does."""
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        if ast.unparse(call.func) == "actor.require":
            return True
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if any(ast.unparse(value) == "actor" for value in given):
            called = functions().get(ast.unparse(call.func).rpartition(".")[2], [])
            if any(authorises(other, passed | {function}) for _, other in called if other not in passed | {function}):
                return True
    return False


def test_every_command_requires_a_permission() -> None:
    commands = [found for named in functions().values() for found in named if is_command(found[1])]
    assert len(commands) > 30
    assert {name for name, function in commands if not authorises(function)} == PARTS_OF_COMMANDS.keys()
