"""Documents of OpenSLO over GraphQL: their texts, and the objectives they state."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.db import Database
from services.errors import NotPermitted
from services.measurement.openslo_import import import_documents
from services.measurement.sources.openslo.documents import read
from services.organisations.rules import AccessRole, Actor
from tests.services.measurement.sources.openslo.texts import CALENDAR_SLO, WHOLE

NOW = datetime(2026, 3, 2, tzinfo=UTC)

READ = """{
  openSloDocuments { totalCount nodes { key kind version } }
  openSloDocument(key: "SLO/shop-latency") { version versions { number text sha256 objectives {
    position budgetingMethod targetPercent operator threshold windowDuration windowIsRolling windowStart windowTimeZone
    service { key } indicator { key metric } target { key }
  } } }
}"""


async def test_documents_and_their_objectives_are_readable(
    database: Database, actor: Actor, execute: Callable[..., Awaitable[Any]]
) -> None:
    for text in (f"{WHOLE}---\n{CALENDAR_SLO}", CALENDAR_SLO.replace("0.99", "0.995")):
        async with database.writing(actor.organisation_id) as session:
            await import_documents(session, actor=actor, documents=read(text).documents, now=NOW)
    found = await execute(actor, READ)
    assert found.errors is None
    assert found.data["openSloDocuments"]["totalCount"] == 8
    assert {"key": "SLI/answers", "kind": "SLI", "version": 1} in found.data["openSloDocuments"]["nodes"]
    document = found.data["openSloDocument"]
    assert document["version"] == 2
    assert [version["number"] for version in document["versions"]] == [1, 2]
    assert [version["objectives"][0]["targetPercent"] for version in document["versions"]] == ["99", "99.5"]
    assert document["versions"][1]["objectives"] == [
        {
            "position": 1, "budgetingMethod": "TIMESLICES", "targetPercent": "99.5", "operator": "LT",
            "threshold": "500", "windowDuration": "1M", "windowIsRolling": False,
            "windowStart": "2022-01-01 12:00:00", "windowTimeZone": "America/New_York",
            "service": {"key": "web-shop"}, "indicator": {"key": "latency", "metric": "latency"}, "target": None,
        }
    ]  # fmt: skip


async def test_who_may_not_define_imports_nothing(database: Database, actor: Actor) -> None:
    viewer = replace(actor, role=AccessRole.VIEWER)
    with pytest.raises(NotPermitted):
        async with database.writing(actor.organisation_id) as session:
            await import_documents(session, actor=viewer, documents=read(WHOLE).documents, now=NOW)
