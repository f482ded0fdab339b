"""Tools that read schemas accept the committed one, and the documents written for it."""

from pathlib import Path
from subprocess import CompletedProcess

from schema.compatibility import RELEASED
from tests.conformance.conftest import SDL
from tests.conformance.node import node, tool
from tests.slm.test_cli import ROOT


def test_the_relay_compiler_makes_pages_and_refetches_of_the_schema(tools: Path, tmp_path: Path) -> None:
    ended = relay_compiler(tools, tmp_path, SDL.read_text())
    assert ended.returncode == 0, ended.stdout + ended.stderr
    generated = {file.name for file in (tmp_path / "src" / "__generated__").iterdir()}
    assert {"ServiceListPaginationQuery.graphql.js", "ServiceListRefetchQuery.graphql.js"} <= generated


def test_the_relay_compiler_refuses_a_schema_whose_objects_cannot_be_fetched(tools: Path, tmp_path: Path) -> None:
    ended = relay_compiler(
        tools, tmp_path, SDL.read_text().replace("type Service implements Node &", "type Service implements")
    )
    assert ended.returncode != 0
    assert "@refetchable" in ended.stdout + ended.stderr


def relay_compiler(tools: Path, folder: Path, sdl: str) -> CompletedProcess[str]:
    """Compile the sample documents against a schema in a folder."""
    (folder / "schema.graphql").write_text(sdl)
    (folder / "src").mkdir()
    (folder / "src" / "ServiceList.js").write_text((tools / "documents" / "ServiceList.js").read_text())
    (folder / "relay.config.json").write_text('{"src": "src", "schema": "schema.graphql", "language": "javascript"}')
    return node(folder, str(tools / "node_modules" / ".bin" / "relay-compiler"), "relay.config.json")


def test_the_relay_rules_find_nothing(tools: Path) -> None:
    ended = node(tools, "relay-rules.mjs", str(SDL))
    assert ended.returncode == 0, ended.stdout + ended.stderr


SPOILT = {
    "relay-page-info": ("hasNextPage: Boolean!", "hasNextPage: Boolean"),
    "relay-connection-types": ("pageInfo: PageInfo!", "pageInfo: PageInfo"),
    "relay-arguments": ("after: String = null", "after: [String!]! = []"),
    "relay-edge-types": ("cursor: String!", "position: String!"),
}
"""What each rule would find."""


def test_the_relay_rules_can_find_something(tools: Path, tmp_path: Path) -> None:
    sdl = SDL.read_text()
    for before, after in SPOILT.values():
        sdl = sdl.replace(before, after, 1)
    (tmp_path / "schema.graphql").write_text(sdl)
    ended = node(tools, "relay-rules.mjs", str(tmp_path / "schema.graphql"))
    assert ended.returncode != 0
    assert [rule for rule in SPOILT if rule not in ended.stdout] == []


def test_graphql_inspector_validates_what_we_show(tools: Path) -> None:
    for documents in ("schema/graphiql/examples/*.graphql", "examples/typescript/src/*.ts"):
        ended = inspector(tools, "validate", str(ROOT / documents), str(SDL))
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_graphql_inspector_refuses_a_document_of_another_schema(tools: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.graphql").write_text("query Wrong { nothing }")
    ended = inspector(tools, "validate", str(tmp_path / "*.graphql"), str(SDL))
    assert ended.returncode != 0


def inspector(tools: Path, *arguments: str) -> CompletedProcess[str]:
    """Run graphql-inspector."""
    return tool(tools, "graphql-inspector", *arguments)


def test_graphql_inspector_agrees_that_the_schema_breaks_nothing_released(tools: Path, tmp_path: Path) -> None:
    ended = inspector(tools, "diff", str(RELEASED), str(SDL))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (tmp_path / "schema.graphql").write_text(SDL.read_text().replace("  totalCount: Int!\n", "", 1))
    assert inspector(tools, "diff", str(RELEASED), str(tmp_path / "schema.graphql")).returncode != 0
