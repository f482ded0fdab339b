"""Definitions with versions: what was agreed stays, and what a file says differently is a new version."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from slm.bundles.definitions.kinds import Bring, Change, Entry, Kind, Row, Run, Values

Differ = Callable[[Kind, Values, Values, Sequence[str]], list[tuple[str, str, str]]]


@dataclass(frozen=True)
class Versioned:
    """How a kind with versions is written. `content` are the columns of a version, `renamed` those that just change.

    `create` and `publish` are given the full content: what the row says, and for the rest what held before.
    """

    content: Sequence[str]
    create: Callable[[Run, Row, Values], Awaitable[UUID]]
    publish: Callable[[Run, Row, UUID, Values], Awaitable[Any]]
    rename: Callable[[Run, UUID, str], Awaitable[Any]] | None = None
    has_reason: bool = True
    prepare: Callable[[Kind, Run, Row, Values], Row] = lambda _kind, _run, row, _before: row
    """Completes a row by what held before it (nothing, for a new thing)."""
    differ: Differ = Kind.differences

    def bring(self) -> Bring:
        """The function that brings rows of such a kind in."""
        return self._bring

    async def _bring(self, kind: Kind, run: Run, rows: list[Row]) -> None:
        histories: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for version in await kind.stored(run.session, run.actor.organisation_id):
            histories[version["key"]].append(version)
        run.left_alone[kind.name] = len(set(histories) - {row.values["key"] for row in rows})
        # A row without its start is about the latest version, so it comes last.
        for row in sorted(rows, key=_start):
            if not run.is_hindered(kind, row):
                await self._bring_row(kind, run, row, histories[row.values["key"]])

    async def _bring_row(self, kind: Kind, run: Run, row: Row, history: list[dict[str, Any]]) -> None:
        valid_from = row.values.get("valid_from")
        meant = next((version for version in history if version["valid_from"] == valid_from), None)
        if valid_from is None and history:
            meant = history[-1]
        latest = history[-1] if history else {}
        row = self.prepare(kind, run, row, meant or latest)
        renamed = await self._bring_header(kind, run, row, latest) if history else []
        if meant is not None:
            compared = [*self.content, *(["reason"] if self.has_reason and valid_from is not None else [])]
            differences = self.differ(kind, meant, row.values, compared)
            if valid_from is not None or not differences:
                for name, was, _ in differences:
                    reason = f"this version says {was[:100]!r}; what was agreed is not overwritten, so give a new start"
                    run.problems.append(row.problem(name.partition(".")[0], reason))
                change = Change.CHANGED if differences or renamed else Change.UNCHANGED
                run.entries.append(Entry(kind.name, kind.key_of(row.values), change, [*renamed, *differences]))
                return
        await self._write(kind, run, row, history, renamed)

    async def _bring_header(self, kind: Kind, run: Run, row: Row, latest: Values) -> list[tuple[str, str, str]]:
        fixed = {*self.content, *kind.identity, "reason"}
        names = [column.name for column in kind.columns if column.name not in fixed]
        differences = kind.differences(latest, row.values, names)
        renamed = [difference for difference in differences if difference[0] == "name" and self.rename is not None]
        for difference in differences:
            if difference not in renamed:
                reason = f"it is {difference[1][:100]!r}, and that never changes: begin another one under a new key"
                run.problems.append(row.problem(difference[0], reason))
        if renamed and self.rename is not None:
            await run.attempt(row, self.rename(run, latest["id"], row.values["name"]))
        return renamed

    async def _write(
        self, kind: Kind, run: Run, row: Row, history: list[dict[str, Any]], renamed: list[tuple[str, str, str]]
    ) -> None:
        latest = history[-1] if history else {}
        before = {name: latest[name] for name in self.content if name in latest}
        content = {**before, **{name: row.values[name] for name in self.content if name in row.values}}
        full = {
            **content,
            "valid_from": row.values.get("valid_from") or run.valid_from,
            "reason": row.values.get("reason") or (run.reason if history else "") or "",
        }
        key = row.values["key"]
        if not history and (missing := kind.missing(row)):
            run.problems += missing
            run.unsound.add((kind.name, key))
            return
        if not history:
            created = await run.attempt(row, self.create(run, row, full), aliases=ALIASES)
            if created is not None:
                run.ids[kind.name][key] = created
            else:
                run.unsound.add((kind.name, key))
            history.append({**row.values, **full, "id": created})
            run.entries.append(Entry(kind.name, kind.key_of(row.values), Change.ADDED))
            return
        if self.has_reason and not full["reason"]:
            run.problems.append(row.problem("reason", "expected why there is a new version, here or by --reason"))
        await run.attempt(row, self.publish(run, row, latest["id"], full), aliases=ALIASES)
        differences = self.differ(kind, latest, row.values, self.content)
        started = ("valid_from", kind.column("valid_from").spell(latest["valid_from"]),
                   kind.column("valid_from").spell(full["valid_from"]))  # fmt: skip
        run.entries.append(Entry(kind.name, kind.key_of(row.values), Change.CHANGED, [*renamed, *differences, started]))
        history.append({**latest, **full})


def _start(row: Row) -> datetime:
    return row.values.get("valid_from") or datetime.max.replace(tzinfo=UTC)


ALIASES = {
    "windows": "hours",
    "years": "public_holidays",
    "country": "public_holidays",
    "subdivision": "public_holidays",
    "duration_seconds": "duration",
}
"""What commands call a column that has a name for people."""
