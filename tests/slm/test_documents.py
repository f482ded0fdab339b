"""What documents and GraphiQL show works: each query runs against the demo organisation and answers something."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.db import Database
from services.organisations.rules import AccessRole, Actor
from slm.app import LOOPBACK
from slm.forecasting_apart import ForecastsApart
from slm.http.graphiql import FILES, examples
from tests.slm.conftest import Serving, issue_token

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```graphql\n(.*?)^```", re.MULTILINE | re.DOTALL)

QUERIES = [
    pytest.param(block, id=f"{file.name}:{position}")
    for file in DOCUMENTS
    for position, block in enumerate(BLOCK.findall(file.read_text()), start=1)
] + [pytest.param(example.query, id=f"graphiql:{example.name}") for example in examples()]


@pytest.fixture
async def forecast_demo(database: Database, database_url: str, demo_organisation: Actor) -> Actor:
    """The demo organisation once its forecasts are made, as the demo makes them."""
    await ForecastsApart(database_url).keep_current(database, demo_organisation.organisation_id, now=datetime.now(UTC))
    return demo_organisation


@pytest.mark.parametrize("query", QUERIES)
async def test_every_query_shown_answers(
    serving: Serving, database: Database, forecast_demo: Actor, query: str, request: pytest.FixtureRequest
) -> None:
    _, secret = await issue_token(database, forecast_demo, AccessRole.ADMINISTRATOR, label=request.node.name)
    async with serving() as client:
        answer = await client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {secret}"})
    content = answer.json()
    assert "errors" not in content, content["errors"]
    assert all(answered(value) for value in content["data"].values()), content


def answered(value: Any) -> bool:
    """Whether a root field gave something: an object, and a list or page with at least one entry."""
    if isinstance(value, dict) and "nodes" in value:
        return bool(value["nodes"])
    if isinstance(value, dict):
        return not str(value.get("__typename", "")).endswith("Problem")
    return bool(value)


def test_both_documents_and_graphiql_show_queries() -> None:
    assert len(QUERIES) > 12


async def test_the_curl_command_of_the_readme_answers(demo: httpx.AsyncClient) -> None:
    (body,) = re.findall(r"-d '(\{.*\})'", (ROOT / "README.md").read_text())
    answer = await demo.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["data"]["clocks"]["nodes"]


def test_the_readme_names_every_directory() -> None:
    tracked = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} | {"docs"}
    named = set(re.findall(r"^\| `(\w+)/", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert tracked <= named


def test_links_of_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / target).exists(), target


def test_the_demo_listens_on_this_machine_only() -> None:
    from slm.settings import Settings

    assert Settings.model_fields["host"].default in LOOPBACK
    assert FILES.is_dir()
