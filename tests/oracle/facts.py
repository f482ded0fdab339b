"""The stored rows of one organisation, loaded once by plain queries."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from graphql import GraphQLObjectType, GraphQLSchema
from sqlalchemy.engine import make_url

from schema.planner.plans import Connected, Expression, SqlExpression
from services.organisations.rules import PartyScope
from services.scope import party_view
from tests.oracle.declared import (
    columns_of,
    condition_of,
    filter_type,
    model_of,
    node_type,
    plan_on,
    planned_types,
    table_of,
)


@dataclass(frozen=True, eq=False)
class Row:
    """A row of a table by the attributes of its model; the empty attribute is the id."""

    table: str
    values: Mapping[str, Any]

    def __getitem__(self, attribute: str) -> Any:
        return self.values[attribute]


@dataclass
class Facts:
    """Everything an organisation has, what named SQL expressions say of it, and which rows parties see."""

    organisation_id: UUID
    rows: dict[str, list[Row]] = field(default_factory=dict)
    expressions: dict[tuple[str, SqlExpression], dict[UUID, Any]] = field(default_factory=dict)
    seen: dict[tuple[PartyScope, str], frozenset[UUID]] = field(default_factory=dict)
    _found: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], list[Row]]] = field(default_factory=dict)

    def matching(self, table: str, attributes: tuple[str, ...], values: tuple[Any, ...]) -> list[Row]:
        """The rows of a table whose attributes have these values; NULL equals nothing."""
        if None in values:
            return []
        if (table, attributes) not in self._found:
            index = defaultdict(list)
            for row in self.rows[table]:
                index[tuple(row[attribute] for attribute in attributes)].append(row)
            self._found[table, attributes] = index
        return self._found[table, attributes].get(values, [])


async def load_facts(
    url: str, schema: GraphQLSchema, organisation_id: UUID, scopes: Iterable[PartyScope] = ()
) -> Facts:
    """Load an organisation, and what these parties see of it."""
    facts, connection = Facts(organisation_id), await _connect(url)
    try:
        for type_ in planned_types(schema).values():
            columns = columns_of(model_of(type_))
            found = await connection.fetch(
                f'SELECT * FROM "{table_of(type_)}" WHERE organisation_id = $1', organisation_id
            )
            facts.rows[table_of(type_)] = [
                Row(table_of(type_), {attribute: row[column.name] for attribute, column in columns.items()})
                for row in found
            ]
        for table, expression in _expressions(schema):
            facts.expressions[table, expression] = dict(
                await _values(connection, schema, table, expression("told"), "TRUE", organisation_id)
            )
        for scope in scopes:
            for table in facts.rows:
                rows = party_view(table).rows.get(scope.kind)
                if rows is not None:
                    told = await _values(
                        connection, schema, table, "TRUE", rows("told", scope.kind), organisation_id, scope.party_id
                    )
                    facts.seen[scope, table] = frozenset(id_ for id_, _ in told)
    finally:
        await connection.close()
    return facts


async def _values(
    connection: Any, schema: GraphQLSchema, table: str, value: str, condition: str, *parameters: UUID
) -> list[tuple[UUID, Any]]:
    model = next(model_of(type_) for type_ in planned_types(schema).values() if table_of(type_) == table)
    id_ = columns_of(model)[""].name
    told = " AND ".join(f"${number}::uuid IS NOT NULL" for number in range(1, len(parameters) + 1))
    rows = await connection.fetch(
        f'SELECT told.{id_}, {value} FROM "{table}" AS told'
        f" WHERE told.organisation_id = $1::uuid AND ({condition}) AND {told}",
        *parameters,
    )
    return [tuple(row) for row in rows]


def _expressions(schema: GraphQLSchema) -> set[tuple[str, SqlExpression]]:
    found: set[tuple[str, SqlExpression]] = set()
    for type_ in schema.type_map.values():
        for each in type_.fields.values() if isinstance(type_, GraphQLObjectType) else ():
            plan = plan_on(each)
            if isinstance(plan, Expression):
                found.add((table_of(type_), plan.sql))
            elif isinstance(plan, Connected) and (conditions := filter_type(each)):
                told = [condition_of(condition).expression for condition in conditions.fields.values()]
                found |= {(table_of(node_type(each.type)), expression) for expression in told if expression}
    return found


async def _connect(url: str) -> Any:
    """As whoever the URL names, the owner of the tables, whom no policy binds."""
    parsed = make_url(url)
    connection = await asyncpg.connect(
        user=parsed.username,
        password=parsed.password,
        host=parsed.host or parsed.query.get("host"),
        port=int(str(parsed.port or parsed.query.get("port") or 5432)),
        database=parsed.database,
    )
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    return connection
