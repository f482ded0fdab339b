"""Clients that front-ends are made with read and change through the served API."""

import json
import re
import shutil
from pathlib import Path

import httpx
import pytest

from tests.conformance.conftest import MORE_SERVICES, SDL
from tests.conformance.node import node, tool
from tests.conformance.serving import Served


def test_the_audits_of_graphql_over_http_find_nothing(tools: Path, demo: Served) -> None:
    ended = node(tools, "audits.mjs", demo.endpoint)
    assert ended.returncode == 0, ended.stderr
    audits = json.loads(ended.stdout)
    assert len(audits) == 61
    assert [audit for audit in audits if audit["status"] != "ok"] == []


def test_the_audits_find_what_production_does_not_offer(tools: Path, production: Served) -> None:
    """So they can find something: who is not let in passes few of them."""
    audits = json.loads(node(tools, "audits.mjs", production.endpoint).stdout)
    assert "4655" in {audit["id"] for audit in audits if audit["status"] == "error"}


def test_apollo_client_reads_pages_and_keeps_them(tools: Path, demo: Served) -> None:
    ended = node(tools, "apollo.mjs", demo.endpoint)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert len(set(told["first"] + told["second"])) == 6
    assert told["cached"] == told["first"]
    assert (told["requests"], told["code"]) == (3, "BAD_PAGE")


@pytest.fixture(scope="session")
def built(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example in a folder of this process, its types generated from the committed schema, checked and built."""
    project = tmp_path_factory.mktemp("examples") / "typescript"
    shutil.copytree(
        example, project, symlinks=True, ignore=shutil.ignore_patterns("node_modules", "build", "generated")
    )
    (project / "node_modules").symlink_to(example / "node_modules")
    schema = project.parent.parent / "schema"
    schema.mkdir(exist_ok=True)
    shutil.copy(SDL, schema)
    for name in ("graphql-codegen", "tsc"):
        ended = tool(project, name)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    return project


def test_the_example_lists_services_page_by_page_and_targets_at_risk(built: Path, demo: Served) -> None:
    ended = node(built, "build/main.js", "--url", demo.endpoint)
    assert ended.returncode == 0, ended.stderr
    listed = re.findall(r"^  ([\w-]+): ", ended.stdout, re.MULTILINE)
    everything = httpx.post(demo.endpoint, json={"query": "{ services(first: 100) { nodes { key } } }"}).json()
    assert listed == sorted(service["key"] for service in everything["data"]["services"]["nodes"])
    assert ended.stdout.count("Services, page") == -(-len(listed) // 5)
    assert len(listed) > MORE_SERVICES
    assert "targets\n" in ended.stdout
    assert "70 %" in ended.stdout


def test_the_example_handles_every_outcome_of_its_mutation(built: Path, production: Served) -> None:
    def improving(key: str) -> str:
        ended = node(built, "build/main.js", "--url", production.endpoint, "--improve", key, SLM_TOKEN=production.token)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.rpartition("\n ")[2]

    assert "registered from-typescript, version 1" in improving("from-typescript")
    assert "from-typescript" in improving("from-typescript").splitlines()[-1]
    assert "key: " in improving("Not A Key")


def test_the_compiler_finds_a_result_that_is_not_handled(built: Path, tmp_path: Path) -> None:
    project = tmp_path / "typescript"
    shutil.copytree(built, project, symlinks=True)
    source = project / "src" / "improvement.ts"
    text = source.read_text()
    assert 'case "NotPermittedProblem":\n' in text
    source.write_text(text.replace('    case "NotPermittedProblem":\n', ""))
    ended = tool(project, "tsc")
    assert ended.returncode != 0
    assert "never" in ended.stdout


def test_a_client_without_a_token_is_told(built: Path, production: Served) -> None:
    ended = node(built, "build/main.js", "--url", production.endpoint)
    assert ended.returncode != 0
    assert "Bearer slm_" in ended.stderr
