"""Writes an organisation's definitions as files that people can read, change, and bring in again."""

from typing import Any
from uuid import UUID

import yaml

from services.db import ReadSession
from slm.bundles.definitions.columns import spelt
from slm.bundles.definitions.kinds import Kind
from slm.bundles.definitions.registry import KINDS
from slm.bundles.files import Writer

Dumper: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


async def write_definitions(session: ReadSession, writer: Writer, *, organisation_id: UUID) -> int:
    """Write a YAML file for each kind there is something of; the session is a snapshot. Returns the number of rows."""
    written = 0
    for kind in KINDS:
        rows = [_spelt(kind, values) for values in await kind.stored(session, organisation_id)]
        if rows:
            with writer.open(f"{kind.name}.yaml") as file:
                file.write(f"# {kind.meaning}\n".encode())
                file.write(yaml.dump(rows, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120).encode())
        written += len(rows)
    return written


def _spelt(kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    cells = ((column.name, spelt(column, values.get(column.name))) for column in kind.columns)
    return {name: cell for name, cell in cells if cell is not None}
