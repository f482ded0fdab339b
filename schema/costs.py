"""What operations cost beyond the objects they read, in objects read that take about as long."""

from collections.abc import Iterable

from schema.computed import STATEMENTS_OF_COMPUTED_FIELDS

FIELD = 1
"""Each field at the top."""
STATEMENT = 1_000
"""Each statement of a field that is computed on request, or of a change."""
INTROSPECTION = 10_000


def cost_of_unplanned(names: Iterable[str]) -> int:
    """What fields of the query cost that no plan covers, by their names."""
    return sum(_cost(name) for name in names)


def _cost(name: str) -> int:
    if name in ("__schema", "__type"):
        return INTROSPECTION
    return STATEMENT * STATEMENTS_OF_COMPUTED_FIELDS.get(name, 0)
