"""Saying what is watched and shown, over GraphQL."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.db import Database
from services.organisations.rules import AccessRole, Actor
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor
from tests.schema.catalogue.test_mutations import service_id
from tests.schema.mutating import Changes, fields_of

SINCE, LATER = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"


async def indicator_of(change: Changes, actor: Actor, service: str, key: str = "uptime") -> str:
    given = {"key": key, "name": "Uptime", "serviceId": service, "metric": "availability", "unit": "percent"}
    answer = await change(actor, "createIndicator", given, "... on IndicatorPayload { indicator { id } }")
    return str(answer["indicator"]["id"])


async def monitor_of(change: Changes, actor: Actor, indicator: str, key: str = "probe", **more: Any) -> str:
    given = {"key": key, "name": "Probe", "indicatorId": indicator, "source": "gateway", "validFrom": SINCE} | more
    answer = await change(actor, "createMonitor", given, "... on MonitorPayload { monitor { id } }")
    return str(answer["monitor"]["id"])


async def tile_of(change: Changes, actor: Actor, key: str = "wall", **more: Any) -> str:
    given = {"key": key, "name": "Uptime", "dashboard": "Wall", "validFrom": SINCE} | more
    answer = await change(actor, "createDashboardTile", given, "... on DashboardTilePayload { tile { id } }")
    return str(answer["tile"]["id"])


READ = """{
  indicator(key: "uptime") { metric unit service { key } monitors {
    key source lastDataAt installations { tenure validFrom }
    reports { nodes { lastDataAt } totalCount } tileLinks { tenure tile { key dashboard url placements { tenure } } }
  } }
}"""


async def test_a_monitor_is_removed_and_stays_on_record(
    actor: Actor, change: Changes, execute: Callable[..., Awaitable[Any]]
) -> None:
    indicator = await indicator_of(change, actor, await service_id(change, actor))
    monitor, tile = await monitor_of(change, actor, indicator), await tile_of(change, actor, url="https://wall.example")
    await change(actor, "linkTileMonitor", {"tileId": tile, "monitorId": monitor, "validFrom": SINCE})
    await change(actor, "recordMonitorReport", {"monitorId": monitor, "lastDataAt": LATER})
    removed = {"monitorId": monitor, "validFrom": LATER}
    answer = await change(actor, "removeMonitor", removed, "... on MonitorInstallationPayload { installation { id } }")
    assert answer["installation"]
    found = await execute(actor, READ)
    assert found.errors is None
    (shown,) = found.data["indicator"]["monitors"]
    assert shown == {
        "key": "probe", "source": "gateway", "lastDataAt": LATER,
        "installations": [{"tenure": "HELD", "validFrom": SINCE}, {"tenure": "ENDED", "validFrom": LATER}],
        "reports": {"nodes": [{"lastDataAt": LATER}], "totalCount": 1},
        "tileLinks": [
            {
                "tenure": "HELD",
                "tile": {
                    "key": "wall", "dashboard": "Wall", "url": "https://wall.example",
                    "placements": [{"tenure": "HELD"}],
                },
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("begin", "end", "given"),
    [
        ("installMonitor", "removeMonitor", ["monitorId"]),
        ("placeDashboardTile", "removeDashboardTile", ["tileId"]),
        ("linkTileMonitor", "unlinkTileMonitor", ["tileId", "monitorId"]),
    ],
)
async def test_entries_of_a_history_alternate_and_follow_one_another(
    actor: Actor, change: Changes, begin: str, end: str, given: list[str]
) -> None:
    indicator = await indicator_of(change, actor, await service_id(change, actor))
    ids = {
        "monitorId": await monitor_of(change, actor, indicator, validFrom=None),
        "tileId": await tile_of(change, actor, validFrom=None),
    }
    what = {name: ids[name] for name in given}
    assert (await change(actor, end, what | {"validFrom": SINCE}))["__typename"] == "ConflictProblem"
    assert (await change(actor, begin, what | {"validFrom": SINCE}))["__typename"] != "ConflictProblem"
    assert (await change(actor, begin, what | {"validFrom": LATER}))["__typename"] == "ConflictProblem"
    assert (await change(actor, end, what | {"validFrom": SINCE}))["__typename"] == "ConflictProblem"
    assert (await change(actor, end, what | {"validFrom": LATER}))["__typename"] != "ConflictProblem"


async def test_an_indicator_watches_targets_of_its_own_service(
    actor: Actor, change: Changes, database: Database, execute: Callable[..., Awaitable[Any]]
) -> None:
    mail = await new_service(database, actor, "mail")
    await new_service(database, actor, "web")
    await new_agreement(database, actor, mail, target(await new_calendar(database, actor)))
    found = await execute(
        actor, '{ agreement(key: "mail-sla") { targets { id } service { id } } web: service(key: "web") { id } }'
    )
    (promised,) = found.data["agreement"]["targets"]
    own = await indicator_of(change, actor, found.data["agreement"]["service"]["id"])
    foreign = await indicator_of(change, actor, found.data["web"]["id"], key="other")
    selected = (
        "... on IndicatorTargetPayload { link { tenure indicator { key } target { indicatorLinks { tenure } } } }"
    )
    linked = await change(actor, "linkIndicator", {"targetId": promised["id"], "indicatorId": own}, selected)
    assert linked["link"] == {
        "tenure": "HELD", "indicator": {"key": "uptime"}, "target": {"indicatorLinks": [{"tenure": "HELD"}]},
    }  # fmt: skip
    refused = await change(actor, "linkIndicator", {"targetId": promised["id"], "indicatorId": foreign})
    assert fields_of(refused) == ["indicatorId"]
    unknown = await change(actor, "linkIndicator", {"targetId": own, "indicatorId": own})
    assert unknown["__typename"] == "NotFoundProblem"


async def test_recording_the_same_data_again_changes_nothing(
    actor: Actor, change: Changes, database: Database, execute: Callable[..., Awaitable[Any]]
) -> None:
    monitor = await monitor_of(change, actor, await indicator_of(change, actor, await service_id(change, actor)))
    report = {"monitorId": monitor, "lastDataAt": LATER}
    selected = "... on MonitorReportPayload { report { id } }"
    first = await change(actor, "recordMonitorReport", report, selected)
    again = await change(actor, "recordMonitorReport", report, selected)
    assert first["report"] == again["report"]
    several = [report, {"monitorId": monitor, "lastDataAt": SINCE}, report]
    written = "... on BulkPayload { written refused items { id } }"
    bulk = await change(actor, "recordMonitorReports", {"items": several}, written)
    assert (bulk["written"], bulk["items"][0]["id"], bulk["items"][2]["id"]) == (
        3,
        first["report"]["id"],
        first["report"]["id"],
    )
    ahead = await change(actor, "recordMonitorReport", report | {"lastDataAt": "2026-06-01T10:00:01Z"})
    assert fields_of(ahead) == ["lastDataAt"]
    ingest = await new_actor(database, AccessRole.INGEST)
    foreign = await change(ingest, "recordMonitorReport", report)
    assert fields_of(foreign) == ["monitorId"]


async def test_what_is_wrong_is_named(actor: Actor, change: Changes) -> None:
    service = await service_id(change, actor)
    bad = {"key": "?", "name": " "}
    indicator = bad | {"serviceId": "nothing", "metric": "", "unit": ""}
    monitor = bad | {"indicatorId": service, "source": "", "validFrom": "1900-01-01T00:00:00Z"}
    tile = bad | {"dashboard": "", "url": "javascript:alert(1)"}
    assert fields_of(await change(actor, "createIndicator", indicator)) == [
        "key", "metric", "name", "serviceId", "unit",
    ]  # fmt: skip
    assert fields_of(await change(actor, "createMonitor", monitor)) == [
        "indicatorId", "key", "name", "source", "validFrom",
    ]  # fmt: skip
    assert fields_of(await change(actor, "createDashboardTile", tile)) == ["dashboard", "key", "name", "url"]


async def test_several_are_created_at_once(actor: Actor, change: Changes) -> None:
    service = await service_id(change, actor)
    written = "... on BulkPayload { written items { id } }"
    indicators = [{"key": key, "name": key, "serviceId": service, "metric": "m", "unit": "u"} for key in ("one", "two")]
    made = await change(actor, "createIndicators", {"items": indicators}, written)
    monitors = [
        {"key": f"m{place}", "name": "m", "indicatorId": item["id"], "source": "s", "validFrom": SINCE}
        for place, item in enumerate(made["items"])
    ]
    tiles = [{"key": key, "name": key, "dashboard": "Wall"} for key in ("a", "b", "c")]
    watched = await change(actor, "createMonitors", {"items": monitors}, written)
    shown = await change(actor, "createDashboardTiles", {"items": tiles}, written)
    assert (made["written"], watched["written"], shown["written"]) == (2, 2, 3)
