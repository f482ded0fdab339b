"""GraphiQL is served from this repository alone: unchanged files, no other host, nothing the policy would refuse."""

import hashlib
import re

import httpx

from slm.http.graphiql import FILES, Example, examples, page
from tests.slm.conftest import Serving

OTHER_HOST = re.compile(r"""(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?//""", re.IGNORECASE)


async def test_the_page_and_all_its_files_are_served_from_here(demo: httpx.AsyncClient) -> None:
    html = (await demo.get("/")).text
    files = re.findall(r'(?:src|href)="(/[^"]+)"', html)
    assert len(files) == 6
    for file in files:
        assert (await demo.get(file)).status_code == 200, file


async def test_nothing_refers_to_another_host(demo: httpx.AsyncClient) -> None:
    page_and_files = [(await demo.get("/")).text, *(file.read_text() for file in FILES.glob("*.css"))]
    page_and_files.append((FILES / "page.js").read_text())
    for content in page_and_files:
        assert not OTHER_HOST.search(content)


async def test_the_policy_lets_the_page_speak_to_this_server_only(demo: httpx.AsyncClient) -> None:
    policy = (await demo.get("/")).headers["Content-Security-Policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    assert "http" not in policy


async def test_the_page_has_no_inline_script(demo: httpx.AsyncClient) -> None:
    html = (await demo.get("/")).text
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", html))
    assert " on" not in " ".join(re.findall(r"<[^!][^>]*>", html))


def test_vendored_files_are_the_ones_their_readme_names() -> None:
    named = dict(re.findall(r"^    ([0-9a-f]{64})  (\S+)$", (FILES / "README.md").read_text(), re.MULTILINE))
    vendored = {file.name for file in FILES.glob("*.min.*")}
    assert set(named.values()) == vendored
    for digest, name in named.items():
        assert hashlib.sha256((FILES / name).read_bytes()).hexdigest() == digest, name


def test_the_licences_are_kept_beside_the_files() -> None:
    for name in ("LICENSE.graphiql", "LICENSE.react"):
        assert "MIT License" in (FILES / name).read_text()


def test_tabs_are_the_examples_in_order() -> None:
    assert next(example.name for example in examples()) == "DueNext"
    assert all(f"query {example.name} {{" in example.query for example in examples())


def test_an_example_cannot_end_its_data_block_early() -> None:
    html = page(banner="<b>demo</b>", tabs=[Example("Evil", "</script><script>alert(1)</script>")])
    assert "<script>alert" not in html
    assert "<b>" not in html


async def test_files_outside_the_folder_are_not_served(serving: Serving, demo: httpx.AsyncClient) -> None:
    for path in ("/graphiql/../root.py", "/graphiql/%2e%2e/root.py", "/graphiql//etc/passwd"):
        assert (await demo.get(path)).status_code == 404
