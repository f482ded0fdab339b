"""Makes a small organisation a crowded one: rows beside those it has, alike but not the same, with ties and NULLs.

A row refers to what its model refers to, or to a copy of that which the same callers see, so that who sees it stays as
the scope expressions say. What it says is drawn at random from values that are awkward to spell, to sort or to compare.
"""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    Numeric,
    Table,
    Text,
    insert,
    select,
)
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from services.db import Database, WriteSession
from services.models import metadata
from services.organisations.rules import Actor
from tests.factories.stored import START

INSTANTS = tuple(
    START + timedelta(seconds=seconds) for seconds in (0, 0.5, 0.000001, 3_600, -3_600, 86_400.25, 40 * 86_400)
)
DAYS = tuple(date(2026, 3, day) for day in (1, 2, 3, 29))
TEXTS = (
    "",
    "a",
    "B",
    "Zürich",
    '"quoted" \\ back',
    "line\nbreak\ttab",
    "\x01\x7f",
    "日本",
    "😀 😁",
    "</script>",
    "%s $1 {}",
)
NUMBERS = tuple(map(Decimal, ("0", "1", "0.5", "100", "10.500000", "99.999999", "0.000001")))
COUNTS = (1, 2, 10, 3_600, 86_400, 93_600)
ATTRIBUTES: tuple[dict[str, Any], ...] = (
    {},
    {"a": None, "ü": [1, 2.50, "x"], "deep": {"er": True}},
    {"number": 12345678901234567890},
)
ANY_JSON = (None, True, 0, -1.5, "text", [], [1, None], *ATTRIBUTES)
LEFT = frozenset({"organisation_id", "id", "received_at"})
UNTOUCHED = frozenset(
    {"organisation", "organisation_key", "due_organisation", "idempotency_key", "bundle_import", "api_token_use"}
)
"""Tables of which an organisation has one row, or that the API does not show."""
ALONG = {"improvement": ("improvement_status_change", "improvement_id")}
"""What every row of a table has at least one of, and by which column that belongs to it."""
SEEN_BY_FEWER = frozenset({"party", "account", "target_version", "calendar_version"})
"""Tables of which callers see a row and not its copies."""


async def crowd(database: Database, actor: Actor, seed: int, *, rows_each: int = 24) -> int:
    """Add up to so many rows to every table that has one, as far as its constraints let them in; return how many."""
    draw, added = random.Random(seed), 0  # noqa: S311 - repeatable, not secret
    copies: dict[UUID, list[UUID]] = defaultdict(list)
    async with database.writing(actor.organisation_id) as session:
        for table in metadata.sorted_tables:
            if table.name in UNTOUCHED or not {"organisation_id", "id"} <= set(table.columns.keys()):
                continue
            own = select(table).where(table.c.organisation_id == actor.organisation_id).order_by(table.c.id)
            rows = [row._asdict() for row in await session.execute(own)]
            for number in range(rows_each if rows else 0):
                # Some have many beside them, most have none.
                model = rows[0] if draw.random() < 0.4 else draw.choice(rows[: draw.randint(1, 8)])
                added += await _beside(session, table, model, number, draw, copies)
    return added


async def _beside(
    session: WriteSession,
    table: Table,
    model: dict[str, Any],
    number: int,
    draw: random.Random,
    copies: dict[UUID, list[UUID]],
) -> bool:
    """Insert a row like another; with fewer differences where the table does not allow more."""
    made = {"received_at", *(column.name for column in table.columns if column.computed is not None)}
    given = {name: value for name, value in model.items() if name not in made}
    given["id"] = UUID(int=draw.getrandbits(128))
    written = (column for column in table.columns if column.computed is None)
    free = [column for column in written if column.name not in LEFT and not column.foreign_keys]
    unique = {column.name for constraint in table.indexes if constraint.unique for column in constraint.columns}
    unique |= {
        column.name for constraint in table.constraints if not isinstance(constraint, CheckConstraint)
        for column in getattr(constraint, "columns", ())
    }  # fmt: skip
    for share, moved in ((0.9, True), (0.5, True), (0.5, False), (0.2, False), (0.0, False)):
        values = dict(given)
        for column in _movable(table) if moved else ():
            if draw.random() < 0.6:
                values[column] = draw.choice([given[column], *copies[given[column]]])
        for each in free:
            if each.name in unique:
                values[each.name] = _unlike(each, given[each.name], number, draw)
            elif draw.random() < share:
                values[each.name] = _drawn(each, given[each.name], draw)
        try:
            async with session.begin_nested():
                await session.execute(insert(table).values(values))
                await _along(session, table, model, values)
        except DBAPIError:
            continue
        copies[model["id"]].append(values["id"])
        return True
    return False


def _movable(table: Table) -> list[str]:
    """The columns by which a row may belong to a copy of what its model belongs to."""
    found = []
    for column in table.columns:
        referred = {key.column.table.name for key in column.foreign_keys}
        within_hours = referred == {"calendar_version"} and table.name.startswith("calendar_")
        if referred and column.name not in LEFT and (within_hours or not referred & SEEN_BY_FEWER):
            found.append(column.name)
    return found


async def _along(session: WriteSession, table: Table, model: dict[str, Any], made: dict[str, Any]) -> None:
    if table.name in ALONG:
        name, column = ALONG[table.name]
        needed = metadata.tables[name]
        own = needed.c.organisation_id == model["organisation_id"], needed.c[column] == model["id"]
        row = (await session.execute(select(needed).where(*own).limit(1))).one()._asdict()
        del row["received_at"]
        await session.execute(insert(needed).values(row | {"id": made["id"], column: made["id"]}))


def _unlike(column: Column[Any], value: Any, number: int, draw: random.Random) -> Any:
    """A value of a key that no other row has yet."""
    match value:
        case Enum():
            return draw.choice(list(type(value)))
        case str():
            return f"{value}{draw.choice(('-', ' ', 'ü', 'Z'))}{number}"
        case bool():
            return value
        case int():
            return value + 1 + number
        case datetime():
            return value + timedelta(seconds=number * 0.25)
        case date():
            return value + timedelta(days=number + 1)
    return value


def _drawn(column: Column[Any], value: Any, draw: random.Random) -> Any:
    """A value that the column can hold."""
    if column.nullable and draw.random() < 0.3:
        return None
    match column.type:
        case SqlEnum(enum_class=members) if members is not None:
            return draw.choice(list(members))
        case DateTime():
            return draw.choice(INSTANTS[: draw.randint(1, len(INSTANTS))])
        case Date():
            return draw.choice(DAYS)
        case Boolean():
            return draw.random() < 0.5
        case Integer():
            return draw.choice(COUNTS)
        case Numeric():
            return draw.choice(NUMBERS)
        case JSONB():
            return _elements(value, draw) if isinstance(value, list) else draw.choice(ATTRIBUTES)
        case ARRAY():
            return value * draw.randint(0, 2)
        case Text():
            return draw.choice(TEXTS)
    return value


def _elements(embedded: list[dict[str, Any]], draw: random.Random) -> list[dict[str, Any]]:
    """Some objects of an embedded list, several times, with any JSON where it may stand."""
    return [
        {name: draw.choice(ANY_JSON) if name in ("before", "after") else value for name, value in element.items()}
        for element in embedded * draw.randint(0, 3)
    ]
