"""The rhythms in which meetings are held and dashboards looked at."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.db import ReadSession, fetch
from services.governance.commands import create_cadence, end_cadence
from services.governance.rules import Rhythm
from slm.bundles.definitions import columns
from slm.bundles.definitions.kinds import Kind, Row, Run, Values, each, flat

CADENCES = """
SELECT c.id, c.key, c.name, c.rhythm, s.key, c.starts_on, c.time_zone, c.tolerance_days, k.key, e.ends_on, e.reason
FROM cadence c
LEFT JOIN service s ON s.organisation_id = $1::uuid AND s.id = c.service_id
LEFT JOIN calendar k ON k.organisation_id = $1::uuid AND k.id = c.calendar_id
LEFT JOIN cadence_end e ON e.organisation_id = $1::uuid AND e.cadence_id = c.id
WHERE c.organisation_id = $1::uuid ORDER BY c.key
"""
NAMES = (
    "id", "key", "name", "rhythm", "service", "starts_on", "time_zone", "tolerance_days", "calendar", "ends_on",
    "end_reason",
)  # fmt: skip


async def _cadences(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    rows = [dict(zip(NAMES, row, strict=True)) for row in await fetch(session, CADENCES, organisation_id)]
    return [{**row, "rhythm": Rhythm(row["rhythm"])} for row in rows]


async def _add(run: Run, row: Row) -> UUID:
    said = row.values
    cadence_id = await create_cadence(
        **run.by, key=said["key"], name=said["name"], rhythm=said["rhythm"], starts_on=said["starts_on"],
        time_zone=said["time_zone"], service_id=run.id_of("services", said.get("service")),
        tolerance_days=said.get("tolerance_days"), calendar_id=run.id_of("calendars", said.get("calendar")),
    )  # fmt: skip
    if said.get("ends_on") is not None:
        await end_cadence(
            **run.by, cadence_id=cadence_id, ends_on=said["ends_on"], reason=said.get("end_reason") or run.reason
        )
    return cadence_id


async def _end(run: Run, row: Row, before: Values) -> None:
    if before["ends_on"] is not None:
        reason = f"it has ended on {before['ends_on']} already; what is recorded is not overwritten"
        run.problems.append(row.problem("ends_on", reason))
    elif row.values.get("ends_on") is not None:
        await end_cadence(
            **run.by, cadence_id=before["id"], ends_on=row.values["ends_on"],
            reason=row.values.get("end_reason") or run.reason,
        )  # fmt: skip


async def _bring(kind: Kind, run: Run, rows: list[Row]) -> None:
    """A blank tolerance is the usual one of a new cadence, and says nothing of another."""
    said = [
        replace(row, values={k: v for k, v in row.values.items() if (k, v) != ("tolerance_days", None)}) for row in rows
    ]
    await flat(each(_add), _end, may_change=("ends_on", "end_reason"))(kind, run, said)


KINDS = (
    Kind(
        "cadences",
        "Rhythms of meetings and daily views. To change one, end it and begin another.",
        (
            columns.key("key", "Its key.", required=True),
            columns.text("name", "Its name.", required=True),
            columns.choice("rhythm", "How often.", Rhythm, required=True),
            columns.key("service", "Which service it is about; blank: all.", of="services"),
            columns.day("starts_on", "The first local day it holds.", required=True),
            columns.text("time_zone", "The IANA zone its days are in.", required=True),
            columns.whole("tolerance_days", "Days after its period by which it is late; left out: the usual number."),
            columns.key("calendar", "Whose holidays are no working days.", of="calendars"),
            columns.day("ends_on", "The first local day it no longer holds."),
            columns.text("end_reason", "Why it ended."),
        ),
        ("key",),
        _cadences,
        _bring,
        keyed_by=("key",),
    ),
)
