"""What a mutation answered, in a form that can be kept and answered again: plain values, and ids to read anew."""

from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLObjectType
from strawberry.types import get_object_definition

from schema.planner.declarations import row
from schema.planner.plans import StoredRow
from schema.planner.selection import DEFINITION

ROW, TYPE = "$row", "$type"


def kept(answer: Any) -> Any:
    """The answer as JSON. Rows become their ids; TypeError for what has no such form."""
    match answer:
        case None | bool() | int() | str():
            return answer
        case StoredRow(id_):
            return {ROW: str(id_)}
        case list() | tuple():
            return [kept(each) for each in answer]
    if is_dataclass(answer):
        values = {field.name: kept(getattr(answer, field.name)) for field in fields(answer)}
        return {TYPE: get_object_definition(answer, strict=True).name, **values}
    raise TypeError(f"an answer with a {type(answer).__name__} cannot be kept")


def answered(outcome: Any, schema: strawberry.Schema) -> Any:
    """The answer that was kept."""
    if isinstance(outcome, list):
        return [answered(each, schema) for each in outcome]
    if not isinstance(outcome, dict):
        return outcome
    if ROW in outcome:
        return row(UUID(outcome[ROW]))
    type_ = schema._schema.type_map[outcome[TYPE]]
    assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - only those were kept
    values = {field: answered(value, schema) for field, value in outcome.items() if field != TYPE}
    return type_.extensions[DEFINITION].origin(**values)
