"""The files of what agreements promise: targets about tickets, and targets of availability.

They are written with the row of their agreement of the same start. A target that a file does not name stays promised;
one that is no longer promised says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.agreements.rules import AvailabilityDefinition, ContractPoint, TargetDefinition
from services.db import ReadSession, fetch
from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule, TicketState
from slm.bundles.definitions import columns
from slm.bundles.definitions.columns import Column
from slm.bundles.definitions.kinds import Kind, Row, Run

CLOCKS = """
SELECT t.id, a.key, v.valid_from, t.key, t.name, c.key, d.duration_seconds, d.objective_percent, d.period,
       d.stop_states, d.start_states, d.pause_states, d.resume_states, d.cancel_states, d.start_rule, d.reopen_policy,
       d.limit_inclusive, d.retroactive_pause, d.priorities, d.categories, d.assumed,
       (SELECT coalesce(array_agg(p.probability_percent ORDER BY p.probability_percent), '{}') FROM contract_point p
        WHERE p.organisation_id = $1::uuid AND p.target_version_id = d.id),
       (SELECT coalesce(array_agg(p.duration_seconds ORDER BY p.probability_percent), '{}') FROM contract_point p
        WHERE p.organisation_id = $1::uuid AND p.target_version_id = d.id)
FROM target_version d
JOIN target t ON t.organisation_id = $1::uuid AND t.id = d.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.id = d.agreement_version_id
JOIN calendar c ON c.organisation_id = $1::uuid AND c.id = d.calendar_id
WHERE d.organisation_id = $1::uuid ORDER BY a.key, v.valid_from, t.key
"""
AVAILABILITY = """
SELECT t.id, a.key, v.valid_from, t.key, t.name, d.objective_percent, d.period, d.rolling_days, c.key,
       d.maintenance_excluded, d.maintenance_seconds, d.population_count, d.population_share_percent, d.assumed
FROM availability_target_version d
JOIN target t ON t.organisation_id = $1::uuid AND t.id = d.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.id = d.agreement_version_id
LEFT JOIN calendar c ON c.organisation_id = $1::uuid AND c.id = d.calendar_id
WHERE d.organisation_id = $1::uuid ORDER BY a.key, v.valid_from, t.key
"""

STATES = ("stop_states", "start_states", "pause_states", "resume_states", "cancel_states")
CLOCK_DEFINITION = (
    "name", "calendar", "duration", "objective_percent", "period", *STATES, "start_rule", "reopen_policy",
    "limit_inclusive", "retroactive_pause", "priorities", "categories", "assumed", "points",
)  # fmt: skip
"""The columns of a target that a version defines; from the fifth on they are called as in `TargetDefinition`."""
AVAILABILITY_DEFINITION = (
    "name", "objective_percent", "period", "rolling_days", "calendar", "maintenance_excluded", "maintenance",
    "population_count", "population_share_percent", "assumed",
)  # fmt: skip
IDENTITY = ("id", "agreement", "valid_from", "key")


async def _stored_clocks(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    """Every definition of every target about tickets, as a row of its file."""
    names = (*IDENTITY, *CLOCK_DEFINITION, "durations")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, CLOCKS, organisation_id)]
    for row in rows:
        row |= {name: tuple(map(TicketState, row[name])) for name in STATES}
        row |= {"priorities": tuple(row["priorities"]), "categories": tuple(row["categories"])}
        row |= {"period": PeriodKind(row["period"]), "start_rule": StartRule(row["start_rule"])}
        row["reopen_policy"] = ReopenPolicy(row["reopen_policy"])
        row["points"] = tuple(map(ContractPoint, row["points"], row.pop("durations")))
    return rows


async def _stored_availability(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    """Every definition of every target of availability, as a row of its file."""
    names = (*IDENTITY, *AVAILABILITY_DEFINITION)
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, AVAILABILITY, organisation_id)]
    return [{**row, "period": PeriodKind(row["period"]) if row["period"] else None} for row in rows]


async def _bring_nothing(kind: Kind, run: Run, rows: list[Row]) -> None:
    """Targets were written with their agreements; from here on they, or those that failed with them, are known."""
    for row in rows:
        run.is_hindered(kind, row)
    run.ids[kind.name] = {
        kind.reference_of(row): row["id"] for row in await kind.stored(run.session, run.actor.organisation_id)
    }


def _read_points(cells: Sequence[str], _: ZoneInfo) -> tuple[ContractPoint, ...]:
    points = []
    for cell in cells:
        percent, _between, duration = cell.partition("%")
        try:
            points.append(ContractPoint(Decimal(percent.strip()), columns.read_duration(duration.strip())))
        except ArithmeticError:
            raise ValueError("expected points such as 80% 1h") from None
    return tuple(sorted(points, key=lambda point: point.probability_percent))


def _spell_points(points: Sequence[ContractPoint]) -> list[str]:
    return [
        f"{point.probability_percent.normalize():f}% {columns.spell_duration(point.duration_seconds)}"
        for point in points
    ]


CLOCK_KIND = Kind(
    "targets",
    "What agreements promise about tickets. Written with the agreement's row of the same start.",
    (
        columns.key("agreement", "Which agreement.", of="agreements", required=True),
        columns.instant("valid_from", "Which version, as in its agreement's row."),
        columns.key("key", "Its key within the agreement.", required=True),
        columns.text("name", "Its name."),
        columns.key("calendar", "The service hours it is counted in.", of="calendars"),
        columns.duration("duration", "How much service time may pass, such as `8h`."),
        columns.decimal("objective_percent", "How many per cent of the tickets of a period must keep it."),
        columns.choice("period", "Over which period.", PeriodKind, default=PeriodKind.MONTH),
        columns.choices("stop_states", "States of a ticket that stop its clock.", TicketState),
        columns.choices("start_states", "States in which the clock starts; blank: in any.", TicketState),
        columns.choices("pause_states", "States in which it waits.", TicketState),
        columns.choices("resume_states", "States in which it goes on; blank: in all others.", TicketState),
        columns.choices("cancel_states", "States that drop it.", TicketState),
        columns.choice("start_rule", "Since when it counts.", StartRule, default=StartRule.FROM_OPENING),
        columns.choice("reopen_policy", "What reopening does to it.", ReopenPolicy, default=ReopenPolicy.RESUME),
        columns.flag("limit_inclusive", "Whether stopping exactly at the limit keeps the promise.", default=True),
        columns.flag("retroactive_pause", "Whether a pause counts from when it began.", default=True),
        columns.words("priorities", "Which priorities it is about; blank: all."),
        columns.words("categories", "Which categories it is about; blank: all."),
        Column("points", "What is promised about other times, such as `80% 1h; 99% 16h`.", _read_points, _spell_points,
               many=True),
        columns.flag("assumed", "Whether nobody has confirmed it yet."),
        columns.flag("promised", "no: from this version on it is no longer promised.", default=True),
    ),
    ("agreement", "valid_from", "key"),
    _stored_clocks,
    _bring_nothing,
    keyed_by=("agreement", "key"),
    part_of="agreements",
    optional_identity=frozenset({"valid_from"}),
)  # fmt: skip

AVAILABILITY_KIND = Kind(
    "availability_targets",
    "What agreements promise about being there. Written with the agreement's row of the same start.",
    (
        columns.key("agreement", "Which agreement.", of="agreements", required=True),
        columns.instant("valid_from", "Which version, as in its agreement's row."),
        columns.key("key", "Its key within the agreement.", required=True),
        columns.text("name", "Its name."),
        columns.decimal("objective_percent", "How many per cent of the agreed time of a window."),
        columns.choice("period", "Which calendar period is a window; blank where windows are rolling.", PeriodKind),
        columns.whole("rolling_days", "How many days in a row are a window; blank where it is a calendar period."),
        columns.key("calendar", "The service hours that are the agreed time; blank: around the clock.", of="calendars"),
        columns.flag("maintenance_excluded", "Whether planned maintenance is no part of the agreed time."),
        columns.duration("maintenance", "At most how much of it in a window; blank: without a limit."),
        columns.whole("population_count", "Over how many users, sites or devices it is counted."),
        columns.decimal("population_share_percent", "Which share of them is ours."),
        columns.flag("assumed", "Whether nobody has confirmed it yet."),
        columns.flag("promised", "no: from this version on it is no longer promised.", default=True),
    ),
    ("agreement", "valid_from", "key"),
    _stored_availability,
    _bring_nothing,
    keyed_by=("agreement", "key"),
    part_of="agreements",
    optional_identity=frozenset({"valid_from"}),
)  # fmt: skip


def _clock(run: Run, key: str, said: Mapping[str, Any]) -> TargetDefinition:
    return TargetDefinition(
        key=key,
        name=said["name"] or "",
        calendar_id=run.known("calendars", said["calendar"] or ""),
        duration_seconds=said["duration"] or 0,
        objective_percent=said["objective_percent"] or Decimal(0),
        **{name: said[name] for name in CLOCK_DEFINITION[4:]},
    )


def _availability(run: Run, key: str, said: Mapping[str, Any]) -> AvailabilityDefinition:
    same = ("period", "rolling_days", "maintenance_excluded", "population_count", "population_share_percent", "assumed")
    return AvailabilityDefinition(
        key=key,
        name=said["name"] or "",
        objective_percent=said["objective_percent"] or Decimal(0),
        calendar_id=run.id_of("calendars", said["calendar"]),
        maintenance_seconds=said["maintenance"],
        **{name: said[name] for name in same},
    )


@dataclass(frozen=True)
class TargetFile:
    """A file of targets: what a version defines of each, what a new one must say, and how that is put to a command."""

    kind: Kind
    definition: tuple[str, ...]
    required: tuple[str, ...]
    defined: Callable[[Run, str, Mapping[str, Any]], Any]

    @property
    def name(self) -> str:
        """What the file is called, and the argument of commands that takes its definitions."""
        return self.kind.name


TARGET_FILES = (
    TargetFile(CLOCK_KIND, CLOCK_DEFINITION, ("calendar", "duration", "objective_percent", "stop_states"), _clock),
    TargetFile(AVAILABILITY_KIND, AVAILABILITY_DEFINITION, ("objective_percent",), _availability),
)
