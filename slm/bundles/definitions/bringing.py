"""Brings the definitions of a bundle into an organisation: all of them, or none and every reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.db import Database, new_id
from services.domain.inputs import Problems
from services.errors import FieldProblem, Invalid
from services.organisations.commands import create_organisation
from services.organisations.queries import find_organisation, organisation_time_zone, system_actor
from slm.bundles.definitions.agreements import with_targets
from slm.bundles.definitions.kinds import Change, Entry, Kind, Problem, Row, Run
from slm.bundles.definitions.reading import read_rows
from slm.bundles.definitions.registry import KINDS, kind_of
from slm.bundles.definitions.targets import TARGET_FILES
from slm.bundles.files import Files

ORGANISATION = KINDS[0]
TARGET_KINDS = tuple(file.kind for file in TARGET_FILES)
USUAL_ZONE = "UTC"

Rows = dict[str, list[Row]]
"""By kind."""


@dataclass(frozen=True)
class Brought:
    """What bringing a bundle in did, or would have done. `kept` is False when nothing was new, or not to be kept."""

    entries: Sequence[Entry]
    problems: Sequence[Problem]
    left_alone: dict[str, int]
    kept: bool

    def count(self, change: Change) -> int:
        """How many rows were added, changed or unchanged."""
        return sum(entry.change is change for entry in self.entries)


class _NotKept(Exception):
    """Ends the transaction without keeping anything."""


async def bring_definitions(
    database: Database,
    files: Files,
    *,
    key: str,
    now: datetime,
    valid_from: datetime | None = None,
    reason: str = "",
    dry_run: bool = False,
) -> Brought:
    """Make an organisation say what the bundle says, in one transaction; what the bundle leaves out stays as it is.

    An organisation that is not there is created. Definitions with versions get a new one where they differ, from
    `valid_from` (`now` unless given) on and for `reason`, unless their rows say from when and why. A dry run does the
    same and keeps nothing. Bringing the same bundle in again changes nothing. Raises Invalid for unknown files.
    """
    by_kind = _files_by_kind(files)
    async with database.reading(None) as session:
        known_id = await find_organisation(session, key=key)
    usual_zone = USUAL_ZONE
    if known_id is not None:
        async with database.reading(known_id) as session:
            usual_zone = await organisation_time_zone(session, organisation_id=known_id)
    rows, wrong, problems = _read(files, by_kind, usual_zone)
    organisation_id = known_id or new_id()
    left_alone: dict[str, int] = {}
    entries: list[Entry] = []
    kept = False
    try:
        async with database.writing(organisation_id) as writing:
            if known_id is None:
                said = _said_of_organisation(rows)
                actor = await create_organisation(
                    writing, organisation_id=organisation_id, key=key, now=now, name=said.get("name") or key,
                    time_zone=said.get("time_zone") or USUAL_ZONE,
                )  # fmt: skip
                entries.append(Entry(ORGANISATION.name, key, Change.ADDED))
                rows.pop(ORGANISATION.name, None)
            else:
                actor = await system_actor(writing, organisation_id=known_id)
            run = Run(writing, actor, now, valid_from or now, reason, {}, problems, entries, left_alone)
            await _bring(run, rows, wrong)
            kept = not (problems or dry_run or all(entry.change is Change.UNCHANGED for entry in entries))
            if not kept:
                raise _NotKept
    except _NotKept:
        pass
    return Brought(entries, problems, left_alone, kept)


def _files_by_kind(files: Files) -> dict[str, tuple[Kind, str]]:
    found: dict[str, tuple[Kind, str]] = {}
    for name in files.names:
        if "/" in name:
            continue
        kind = kind_of(name)
        if kind is None or name.endswith(".jsonl"):
            known = ", ".join(each.name for each in KINDS)
            raise Invalid(f"{name}: there is no such kind of definition; expected .csv or .yaml of {known}")
        if kind.name in found:
            raise Invalid(f"{name}: {found[kind.name][1]} is about {kind.name} already")
        found[kind.name] = (kind, name)
    return found


def _read(files: Files, by_kind: dict[str, tuple[Kind, str]], usual_zone: str) -> tuple[Rows, Rows, list[Problem]]:
    """Every row; days are in the zone that the bundle says the organisation is in, or in which it is."""
    rows: Rows = {}
    wrong: Rows = {}
    problems: list[Problem] = []
    zone = ZoneInfo(usual_zone)
    for kind in KINDS:
        if kind.name not in by_kind:
            continue
        rows[kind.name], wrong[kind.name], found = read_rows(files, by_kind[kind.name][1], kind, zone)
        problems += found
        if kind is ORGANISATION and (said := _said_of_organisation(rows).get("time_zone")):
            unsound: list[FieldProblem] = []
            Problems(unsound).time_zone("time_zone", said)
            problems += [rows[kind.name][0].problem("time_zone", problem.message) for problem in unsound]
            zone = zone if unsound else ZoneInfo(said)
    return rows, wrong, problems


def _said_of_organisation(rows: Rows) -> dict[str, str | None]:
    said = rows.get(ORGANISATION.name)
    return said[0].values if said else {}


async def _bring(run: Run, rows: Rows, wrong: Rows) -> None:
    """Bring in what can be; where something is wrong already, only to find what else is."""
    await _load_ids(run)
    run.unsound |= {(kind.name, kind.reference_of(row.values)) for kind in KINDS for row in wrong.get(kind.name, [])}
    run.problems += _dangling(run, rows, wrong)
    for kind in KINDS:
        if kind.name not in rows and kind.part_of is None:
            continue
        wanted = rows.get(kind.name, [])
        if kind.name == "agreements":
            # A version is agreed with all its targets, or not.
            for part in TARGET_KINDS:
                targets = [*wrong.get(part.name, []), *rows.get(part.name, [])]
                hindered = [row for row in targets if run.is_hindered(part, row)]
                run.unsound |= {(kind.name, str(row.values.get("agreement"))) for row in hindered}
            wanted = with_targets(wanted, {part.name: rows.get(part.name, []) for part in TARGET_KINDS})
        await kind.bring(kind, run, wanted)


async def _load_ids(run: Run) -> None:
    for kind in KINDS:
        if kind.keyed_by:
            stored = await kind.stored(run.session, run.actor.organisation_id)
            run.ids[kind.name] = {kind.reference_of(values): values["id"] for values in stored}


def _dangling(run: Run, rows: Rows, wrong: Rows) -> list[Problem]:
    """References to what neither the database nor the bundle has, and targets without their agreement's row."""
    said = {kind.name: [*rows.get(kind.name, []), *wrong.get(kind.name, [])] for kind in KINDS}
    known = {
        kind.name: set(run.ids[kind.name]) | {kind.reference_of(row.values) for row in said[kind.name]}
        for kind in KINDS
        if kind.keyed_by
    }
    known["targets"] = known["targets"].union(*(known[part.name] for part in TARGET_KINDS))
    versions = {(row.values.get("key"), row.values.get("valid_from")) for row in said["agreements"]}
    problems = []
    for kind in KINDS:
        for row in rows.get(kind.name, []):
            found = [
                row.problem(column.name, f"there is no {value!r} in {column.refers_to}, here or in the database")
                for column in kind.columns
                if column.refers_to is not None
                if (value := row.values.get(column.name)) is not None and value not in known[column.refers_to]
            ]
            version = (row.values.get("agreement"), row.values.get("valid_from"))
            if not found and kind in TARGET_KINDS and version not in versions:
                reason = "expected a row of this agreement in agreements, with the same valid_from"
                found = [row.problem("agreement", reason)]
            if found:
                run.unsound.add((kind.name, kind.reference_of(row.values)))
            problems += found
    return problems
