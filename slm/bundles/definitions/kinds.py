"""What every kind of definition has in common: rows of a file, compared with what is stored, written by commands."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from services.db import ReadSession, WriteSession
from services.errors import Invalid, ServiceError
from services.organisations.rules import Actor
from services.rows import Outcome
from slm.bundles.definitions.columns import Column, spelt

Values = Mapping[str, Any]


class Problem(NamedTuple):
    """Something in a file that cannot be brought in. `column` is empty where the whole row is at fault."""

    file: str
    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Row:
    """A row as it was read: the values of the columns it says. A column it does not say is left as it is."""

    file: str
    line: int
    values: dict[str, Any]
    texts: Values = field(default_factory=dict)
    """What the cells said."""

    def problem(self, column: str, reason: str) -> Problem:
        """Something wrong with a column of this row."""
        return Problem(self.file, self.line, column, str(self.texts.get(column) or "")[:200], reason)


class Change(StrEnum):
    """What bringing a row in did, or would do."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Entry:
    """One row in the difference between a bundle and the database; `details` are what differs, before and after."""

    kind: str
    key: str
    change: Change
    details: Sequence[tuple[str, str, str]] = ()


@dataclass
class Run:
    """A bundle being brought in: by whom, as of when, and what came of it so far."""

    session: WriteSession
    actor: Actor
    now: datetime
    valid_from: datetime
    """From when on a new version holds whose row does not say it."""
    reason: str
    """Why there is a new version whose row does not say it."""
    ids: dict[str, dict[str, UUID]] = field(default_factory=dict)
    """Of each kind, the ids by key."""
    problems: list[Problem] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    left_alone: dict[str, int] = field(default_factory=dict)
    """Of each kind, how many are in the database and not in the bundle."""
    unsound: set[tuple[str, str]] = field(default_factory=set)
    """Kind and key of what cannot be brought in: what refers to it is passed over, so that only causes are listed."""

    @property
    def by(self) -> dict[str, Any]:
        """What every command is told."""
        return {"session": self.session, "actor": self.actor, "now": self.now}

    def id_of(self, kind: str, key: str | None) -> UUID | None:
        """The id behind a reference; None for none."""
        return None if key is None else self.known(kind, key)

    def known(self, kind: str, key: str) -> UUID:
        """The id behind a reference, or one that every command refuses as unknown."""
        return self.ids[kind].get(key, UNKNOWN)

    def is_hindered(self, kind: "Kind", row: Row) -> bool:
        """Whether a row is passed over because it, or what it refers to, is wrong; what refers to it is then, too."""
        own = (kind.name, kind.reference_of(row.values))
        named = {(column.refers_to, row.values.get(column.name)) for column in kind.columns if column.refers_to}
        if own in self.unsound or named & self.unsound:
            self.unsound |= {own} if kind.keyed_by else set()
            return True
        return False

    async def attempt(self, row: Row, writing: Awaitable[Any], *, aliases: Mapping[str, str] | None = None) -> Any:
        """What a command gives, or None after noting why it refused. Refusals write nothing, so the rest can go on."""
        try:
            return await writing
        except ServiceError as refusal:
            self.refuse(row, refusal, aliases or {})
        return None

    def refuse(self, row: Row, refusal: ServiceError, aliases: Mapping[str, str]) -> None:
        """Note why a command refused a row, under the columns it is about."""
        if not isinstance(refusal, Invalid):
            self.problems.append(row.problem("", refusal.message))
            return
        for problem in refusal.problems:
            path = [aliases.get(step, step) for step in problem.field.split(".")]
            column = next((step.removesuffix("_id") for step in path if step.removesuffix("_id") in row.texts), "")
            self.problems.append(row.problem(column, problem.message))


ROWS_TOGETHER = 1_000

UNKNOWN = UUID(int=0)
"""The id of what could not be written: a command that is given it refuses it as unknown."""

Stored = Callable[[ReadSession, UUID], Awaitable[list[dict[str, Any]]]]
"""Reads everything of a kind as rows of its file, references as keys; each with its `id`."""


@dataclass(frozen=True)
class Kind:
    """A file of a bundle. Rows with equal `identity` are about the same; `bring` compares and writes them."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...]
    stored: Stored
    bring: "Bring"
    keyed_by: tuple[str, ...] = ()
    """The columns whose values, joined by a slash, other files refer to."""
    part_of: str | None = None
    """The kind that writes these rows, where they are no thing of their own."""
    optional_identity: frozenset[str] = frozenset()
    """Columns of the identity that may be left out: the latest version is meant, or one from now on."""

    def column(self, name: str) -> Column:
        """The column of a name."""
        return next(column for column in self.columns if column.name == name)

    def reference_of(self, values: Values) -> str:
        """What other files call a thing of this kind."""
        return "/".join(str(values.get(name)) for name in self.keyed_by)

    def key_of(self, values: Values) -> str:
        """What people call a row."""
        said = ((name, values.get(name)) for name in self.identity)
        return " ".join(str(spelt(self.column(name), value)) for name, value in said if value is not None) or self.name

    def missing(self, row: Row) -> list[Problem]:
        """What a row does not say that a new thing needs."""
        needed = (column.name for column in self.columns if column.required and column.name not in row.values)
        return [row.problem(name, "expected a value, because this is new") for name in needed]

    def differences(self, before: Values, after: Values, names: Iterable[str]) -> list[tuple[str, str, str]]:
        """The columns among `names` in which a row that is said differs from what is stored, as text."""
        return [
            (name, shown(self.column(name), before.get(name)), shown(self.column(name), after[name]))
            for name in names
            if name in after and after[name] != before.get(name)
        ]


Bring = Callable[[Kind, Run, list[Row]], Awaitable[None]]


def shown(column: Column, value: Any) -> str:
    """A value as the difference shows it."""
    spelling = spelt(column, value)
    if spelling is None:
        return "none"
    return spelling if isinstance(spelling, str) else "; ".join(spelling)


Add = Callable[[Run, Row], Awaitable[Any]]
AddAll = Callable[[Kind, Run, list[Row]], Awaitable[None]]
Alter = Callable[[Run, Row, Values], Awaitable[Any]]


def each(add: Add) -> AddAll:
    """Adds new rows one after the other, so that one may refer to the one before."""

    async def add_each(kind: Kind, run: Run, rows: list[Row]) -> None:
        for row in rows:
            if run.is_hindered(kind, row):
                continue
            _added(kind, run, row, await run.attempt(row, add(run, row)))

    return add_each


def together(add: Callable[[Run, list[Row]], Awaitable[list[Outcome]]]) -> AddAll:
    """Adds new rows in few statements, however many they are."""

    async def add_together(kind: Kind, run: Run, rows: list[Row]) -> None:
        for start in range(0, len(rows), ROWS_TOGETHER):
            some = rows[start : start + ROWS_TOGETHER]
            for row, outcome in zip(some, await add(run, some), strict=True):
                if isinstance(outcome, ServiceError):
                    run.refuse(row, outcome, {})
                _added(kind, run, row, outcome if isinstance(outcome, UUID) else None)

    return add_together


def _added(kind: Kind, run: Run, row: Row, id_: UUID | None) -> None:
    if id_ is None:
        run.unsound.add((kind.name, kind.reference_of(row.values)))
    elif kind.keyed_by:
        run.ids[kind.name][kind.reference_of(row.values)] = id_


def flat(add: AddAll, alter: Alter | None = None, *, may_change: Sequence[str] | None = None) -> Bring:
    """Rows that stand for themselves. Without `alter` they are facts, and what is recorded is not overwritten.

    `alter` is given the stored row; `may_change` limits it to some columns (the others are facts, too).
    """

    async def bring(kind: Kind, run: Run, rows: list[Row]) -> None:
        known = {
            _identity(kind, values): values for values in await kind.stored(run.session, run.actor.organisation_id)
        }
        run.left_alone[kind.name] = len(set(known) - {_identity(kind, row.values) for row in rows})
        new: list[Row] = []
        for row in rows:
            if run.is_hindered(kind, row):
                continue
            before = known.get(_identity(kind, row.values))
            if before is None and (missing := kind.missing(row)):
                run.problems += missing
                run.unsound.add((kind.name, kind.reference_of(row.values)))
                continue
            if before is None:
                new.append(row)
                run.entries.append(Entry(kind.name, kind.key_of(row.values), Change.ADDED))
                continue
            differences = kind.differences(before, row.values, [column.name for column in kind.columns])
            refused = [
                row.problem(name, f"it is recorded as {was[:100]!r}; what is recorded is not overwritten")
                for name, was, _ in differences
                if alter is None or (may_change is not None and name not in may_change)
            ]
            run.problems += refused
            if differences and not refused and alter is not None:
                await run.attempt(row, alter(run, row, before))
            change = Change.CHANGED if differences else Change.UNCHANGED
            run.entries.append(Entry(kind.name, kind.key_of(row.values), change, differences))
        await add(kind, run, new)

    return bring


def spans(begin: Add, end: Alter) -> Bring:
    """Rows that hold from `valid_from` on, and may be ended once by saying `valid_until`."""

    async def add(run: Run, row: Row) -> Any:
        added = await begin(run, row)
        if row.values.get("valid_until") is not None:
            await end(run, row, row.values)
        return added

    async def alter(run: Run, row: Row, before: Values) -> None:
        if before["valid_until"] is not None:
            run.problems.append(row.problem("valid_until", "it has ended already; what is recorded is not overwritten"))
        else:
            await end(run, row, before)

    return flat(each(add), alter)


def paired(changes: Iterable[Values], identity: Sequence[str]) -> list[dict[str, Any]]:
    """Spans of a history of beginnings and ends (`tenure`), ordered by the identity and `valid_from`."""
    found: list[dict[str, Any]] = []
    for change in changes:
        values = {name: value for name, value in change.items() if name != "tenure"}
        if change["tenure"] == "held":
            found.append({**values, "valid_until": None})
        elif found and all(found[-1][name] == values[name] for name in identity):
            found[-1]["valid_until"] = values["valid_from"]
    return found


def _identity(kind: Kind, values: Values) -> tuple[Any, ...]:
    return tuple(values.get(name) for name in kind.identity)
