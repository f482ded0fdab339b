"""How things are called: "service" is always the ITIL service, and our packages' names are nobody else's."""

import ast
import importlib.metadata
import re

from tests.project.files import ROOT, modules, text_of

OUR_PACKAGES = {"assessment", "benchmarks", "migrations", "reports", "schema", "services", "slm", "web"}


def test_no_class_of_functions_is_called_a_service() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.ClassDef) and re.fullmatch(r"\w+Services?", node.name)
    ]
    assert named == []


def test_no_module_is_called_service() -> None:
    assert [path for path in modules() if path.stem == "service"] == []


def test_no_installed_distribution_shadows_a_package_of_ours() -> None:
    installed = importlib.metadata.packages_distributions()
    assert {name: installed[name] for name in OUR_PACKAGES & installed.keys()} == {}


def test_only_the_database_module_begins_or_commits() -> None:
    deciding = [
        f"{path.relative_to(ROOT)}: {node.func.attr}"
        for path in modules()
        if path.is_relative_to(ROOT / "services") and path.name != "db.py"
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "begin", "begin_nested"}
    ]
    assert deciding == []
