"""Filters become predicates. Absent and null alike mean: no condition."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from graphql import GraphQLInputObjectType

from schema.planner.given import Given
from schema.planner.identity import decode_global_id
from schema.planner.parameters import Parameters
from schema.planner.plans import FilterKind, Predicate, plan_of
from schema.planner.refusal import bad_filter, bad_id
from schema.planner.rows import TableRow
from schema.planner.selection import DEFINITION
from schema.planner.tables import Table
from services.organisations.rules import Actor

LONGEST_LIST = 100

Refers = Callable[[str, str], list[str]]
"""From the name of a type and SQL text of an id to what must hold of the object that has it."""


def filter_predicates(
    type_: GraphQLInputObjectType, given: Given, row: TableRow, parameters: Parameters, refers: Refers
) -> list[str]:
    """SQL predicates of the conditions given; Refused when one exceeds the limits."""
    predicates: list[str] = []
    for name in conditions(given):
        plan = _plan(type_, name)
        predicates.extend(_predicates(name, plan, given.item(name), row.table, row.alias, parameters))
        if plan.kind is FilterKind.ANY_ID_OF and plan.type_name is not None:
            predicates.extend(refers(plan.type_name, row.value(plan.attribute)))
    return predicates


def conditions(given: Given) -> tuple[str, ...]:
    """The names of a filter's conditions, decided."""
    return given.decided(_set_items)


def _set_items(given: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, value in given.items() if value is not None)


def filtered_attributes(type_: GraphQLInputObjectType, name: str) -> tuple[str, ...]:
    """The attributes a field of a filter tells of: the one it compares, or those its named SQL expression reads."""
    plan = _plan(type_, name)
    return plan.reads if plan.kind is FilterKind.HOLDS else (plan.attribute,)


def _plan(type_: GraphQLInputObjectType, name: str) -> Predicate:
    return cast(Predicate, plan_of(type_.fields[name].extensions[DEFINITION]))


def _predicates(
    name: str, plan: Predicate, given: Given, table: Table, alias: str, parameters: Parameters
) -> list[str]:
    match plan.kind:
        case FilterKind.ANY_OF:
            values = given.derived(partial(_short, name)).derived(_stored)
            return [_any(plan.attribute, values, table, alias, parameters)]
        case FilterKind.ANY_ID_OF:
            ids = given.derived(partial(_short, name)).derived_for(partial(own_ids, plan.type_name))
            return [_any(plan.attribute, ids, table, alias, parameters)]
        case FilterKind.WITHIN:
            return _within(name, plan, given, table, alias, parameters)
        case FilterKind.IS_SET:
            return [f"{table.column(alias, plan.attribute)} IS {'NOT ' if given.decided(bool) else ''}NULL"]
        case FilterKind.HOLDS:
            assert plan.expression is not None  # noqa: S101 - `holds` sets it
            return [f"{'' if given.decided(bool) else 'NOT '}({plan.expression(alias)})"]


def own_ids(type_name: str | None, ids: list[str], actor: Actor) -> list[Any]:
    """The rows' ids among global ids of one type; those of another organisation select nothing."""
    identities = [decode_global_id(text) for text in ids]
    for identity in identities:
        if type_name is not None and identity.type_name != type_name:
            raise bad_id(f"expected an id of a {type_name}")
    return [identity.id for identity in identities if identity.organisation_id == actor.organisation_id]


def _within(name: str, plan: Predicate, given: Given, table: Table, alias: str, parameters: Parameters) -> list[str]:
    column, type_ = table.column(alias, plan.attribute), table.cast(plan.attribute)
    bounds = given.derived(partial(_in_order, name))
    comparisons = {"from": ">=", "before": "<"}
    return [
        f"{column} {comparisons[bound]} {parameters.bind(bounds.item(bound), type_)}" for bound in conditions(bounds)
    ]


def _in_order(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    start, end = value.get("from"), value.get("before")
    if start is not None and end is not None and end < start:
        raise bad_filter(f"filter.{name}: expected `before` not to precede `from`")
    return {"from": start, "before": end}


def _any(attribute: str, values: Given, table: Table, alias: str, parameters: Parameters) -> str:
    column, type_ = table.column(alias, attribute), table.cast(attribute)
    if values.decided(_is_one):  # an index can then be read in the order of the list
        return f"{column} = {parameters.bind(values.item(0), type_)}"
    return f"{column} = ANY({parameters.bind(values, type_ + '[]')})"


def _short(name: str, values: list[Any]) -> list[Any]:
    if len(values) > LONGEST_LIST:
        raise bad_filter(f"filter.{name}: expected at most {LONGEST_LIST} values, got {len(values)}")
    return values


def _stored(values: list[Any]) -> list[Any]:
    return [getattr(value, "value", value) for value in values]


def _is_one(values: list[Any]) -> bool:
    return len(values) == 1
