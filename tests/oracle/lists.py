"""Filters, orders and pages over rows in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField, GraphQLObjectType

from schema.planner.ordering import Order
from schema.planner.plans import FilterKind, Predicate
from tests.oracle.declared import condition_of, filter_type, model_of
from tests.oracle.facts import Facts, Row
from tests.oracle.opaque import decoded_cursor, decoded_id, encoded_cursor, position

USUAL_PAGE = 20

Refers = Callable[[str, Any], bool]
"""Whether the caller sees the object of a type (by name) and an id."""


@dataclass(frozen=True)
class Page:
    """A page of a list, and what its parts say."""

    type_: GraphQLObjectType
    rows: list[Row]
    total: int
    more: bool
    """Whether rows follow in the direction of paging."""
    passed: bool
    """Whether a cursor was given."""
    backward: bool
    cursors: list[str]


def page_of(listed: Sequence[Row], arguments: Mapping[str, Any], type_: GraphQLObjectType) -> Page:
    """The page that sound arguments ask for, of a list that is filtered already."""
    order, name = _order(arguments)
    ordered = sorted(listed, key=lambda row: _key(order, row), reverse=order.descending)
    backward = arguments.get("last") is not None
    cursor = arguments.get("before" if backward else "after")
    if cursor is not None:
        ordered = _beyond(ordered, cursor, order, type_, greater=order.descending == backward)
    asked = arguments.get("last" if backward else "first")
    size = USUAL_PAGE if asked is None else asked
    shown = ordered[max(0, len(ordered) - size) :] if backward else ordered[:size]
    return Page(
        type_=type_,
        rows=shown,
        total=len(listed),
        more=len(ordered) > size,
        passed=cursor is not None,
        backward=backward,
        cursors=[encoded_cursor(name, order, row) for row in shown],
    )


def _beyond(ordered: list[Row], cursor: str, order: Order, type_: GraphQLObjectType, *, greater: bool) -> list[Row]:
    values = position(model_of(type_), order, decoded_cursor(cursor)[1])
    at = _key(order, dict(zip((*order.attributes, ""), values, strict=True)))
    return [row for row in ordered if (_key(order, row) > at if greater else _key(order, row) < at)]


def in_order(rows: Sequence[Row], order: Order) -> list[Row]:
    """Rows in an order, ties by id."""
    return sorted(rows, key=lambda row: _key(order, row), reverse=order.descending)


def _order(arguments: Mapping[str, Any]) -> tuple[Order, str]:
    chosen = arguments["orderBy"]
    return chosen.value, chosen.name


def _key(order: Order, row: Any) -> tuple[tuple[bool, Any], ...]:
    """NULL is the greatest value."""
    return tuple((row[name] is None, 0 if row[name] is None else row[name]) for name in (*order.attributes, ""))


def filtered(
    rows: Sequence[Row], given: Mapping[str, Any] | None, field: GraphQLField, facts: Facts, refers: Refers
) -> list[Row]:
    """The rows that satisfy every condition of a sound filter; what is absent or null is no condition."""
    type_ = filter_type(field)
    if not given or type_ is None:
        return list(rows)
    conditions = [(condition_of(type_.fields[name]), value) for name, value in given.items() if value is not None]
    return [row for row in rows if all(_holds(row, plan, value, facts, refers) for plan, value in conditions)]


def _holds(row: Row, plan: Predicate, value: Any, facts: Facts, refers: Refers) -> bool:
    if plan.kind is FilterKind.HOLDS:
        assert plan.expression is not None
        return facts.expressions[row.table, plan.expression][row[""]] is value
    stored = row[plan.attribute]
    match plan.kind:
        case FilterKind.IS_SET:
            return (stored is not None) is value
        case FilterKind.ANY_OF:
            return stored in [getattr(each, "value", each) for each in value]
        case FilterKind.ANY_ID_OF:
            own = [named.id for named in map(decoded_id, value) if named.organisation_id == facts.organisation_id]
            return stored in own and (plan.type_name is None or refers(plan.type_name, stored))
    start, end = value.get("from"), value.get("before")
    if stored is None:
        return start is None and end is None
    return (start is None or stored >= start) and (end is None or stored < end)
