"""What a statement reads, by PostgreSQL's own account of running it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.db import Database, fetch
from services.organisations.rules import Actor
from services.reader import Statement

EXPLAIN = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)"


@dataclass(frozen=True)
class Explained:
    """How many rows a statement read in all, and from where: one line for each node that reads."""

    rows: int
    by_node: tuple[str, ...]


async def explain(database: Database, actor: Actor, statement: Statement, *, generic: bool = False) -> Explained:
    """Run a statement as the runtime role, behind row-level security; `generic`: by a plan made for any parameters."""
    async with database.reading(actor.organisation_id) as session:
        # As the connections of services.reader do.
        await fetch(session, "SELECT set_config('random_page_cost', '1', true)")
        if not generic:
            [(plan,)] = await fetch(session, f"{EXPLAIN} {statement.sql}", *statement.parameters)
            return _explained(plan[0]["Plan"])
        await fetch(session, "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)")
        connection = await session.connection()
        await connection.exec_driver_sql(f"PREPARE examined AS {statement.sql}")
        given = ", ".join(map(_literal, statement.parameters))
        [(plan,)] = (await connection.exec_driver_sql(f"{EXPLAIN} EXECUTE examined({given})")).all()
        await connection.exec_driver_sql("DEALLOCATE examined")
        return _explained(plan[0]["Plan"])


def _explained(plan: dict[str, Any]) -> Explained:
    scans = [node for node in _nodes(plan) if "Relation Name" in node and node["Actual Loops"]]
    lines = tuple(
        f"{_read(node)} rows of {node['Relation Name']} by {node['Node Type']} {node.get('Index Name', '')}"
        for node in scans
    )
    return Explained(sum(map(_read, scans)), lines)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _read(node: dict[str, Any]) -> int:
    """What a scan read, whatever it did with it. To look and find nothing costs no less than a row."""
    removed: float = sum(count for name, count in node.items() if name.startswith("Rows Removed by "))
    return int(node["Actual Loops"] * max(node["Actual Rows"] + removed, 1))


def _literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bytes():
            return f"'\\x{value.hex()}'"
        case list():
            return _quoted("{" + ",".join("NULL" if item is None else _element(item) for item in value) + "}")
        case datetime() | date():
            return _quoted(value.isoformat())
    return _quoted(str(value))


def _element(value: Any) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
