"""Ids and cursors, as clients hand them back: one kind of text, read and written apart from the planner."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Integer, Numeric, Uuid

from schema.planner.ordering import Order
from tests.oracle.declared import columns_of
from tests.oracle.facts import Row

LONGEST_ID = 200
LONGEST_CURSOR = 2_000


@dataclass(frozen=True)
class Identity:
    """What a global id says."""

    type_name: str
    organisation_id: UUID
    id: UUID


def encoded_id(type_name: str, organisation_id: UUID, id_: UUID) -> str:
    """The global id of a row."""
    return _encoded(type_name.encode() + b":" + organisation_id.bytes) + str(id_).replace("-", "")


def decoded_id(text: str) -> Identity:
    """What a global id says; ValueError when it is none."""
    row = re.search(r"[0-9a-f]{32}\Z", text)
    if row is None or len(text) > LONGEST_ID:
        raise ValueError(text)
    name, colon, organisation = _decoded(text[: row.start()], LONGEST_ID).partition(b":")
    if not colon or len(organisation) != 16:
        raise ValueError(text)
    return Identity(name.decode("ascii"), UUID(bytes=organisation), UUID(row[0]))


def encoded_cursor(name: str, order: Order, row: Row) -> str:
    """The cursor of a row in the order of a name."""
    parts = ", ".join(_json(row[attribute]) for attribute in (*order.attributes, ""))
    return _encoded(f"[{json.dumps(name)}, {parts}]".encode())


def decoded_cursor(text: str) -> tuple[str, list[Any]]:
    """The name of the order a cursor says, and the values in it as JSON has them; ValueError when it is none."""
    said = json.loads(_decoded(text, LONGEST_CURSOR), parse_float=Decimal)
    if not isinstance(said, list) or not said or not isinstance(said[0], str):
        raise ValueError(text)
    return said[0], said[1:]


def position(model: Any, order: Order, values: list[Any]) -> list[Any]:
    """The values of a cursor as the columns of an order compare them; ValueError when they are none of theirs."""
    attributes = (*order.attributes, "")
    if len(values) != len(attributes):
        raise ValueError(values)
    columns = columns_of(model)
    return [_compared(columns[attribute], value) for attribute, value in zip(attributes, values, strict=True)]


def _compared(column: Any, value: Any) -> Any:
    if value is None and column.nullable:
        return None
    match column.type, value:
        case Uuid(), str():
            return UUID(value)
        case DateTime(), str() if (instant := datetime.fromisoformat(value)).tzinfo is not None:
            return instant
        case Date(), str():
            return date.fromisoformat(value)
        case Numeric(), int() | Decimal() if not isinstance(value, bool):
            return Decimal(value)
        case Integer(), int() if not isinstance(value, bool):
            return value
        case ((Uuid() | DateTime() | Date() | Numeric() | Integer()), _):
            raise ValueError(value)
        case _, str() if "\0" not in value:
            return value
    raise ValueError(value)


def _json(value: Any) -> str:
    match value:
        case datetime() | date():
            text = value.isoformat()
            head, dot, tail = text.partition(".")
            return json.dumps(f"{head}.{tail[:6].rstrip('0')}{tail[6:]}" if dot else text)
        case UUID():
            return json.dumps(str(value))
        case Decimal():
            return f"{value:f}"
    return json.dumps(value, ensure_ascii=False)


def _encoded(binary: bytes) -> str:
    return urlsafe_b64encode(binary).decode().rstrip("=")


def _decoded(text: str, longest: int) -> bytes:
    if len(text) > longest:
        raise ValueError(text)
    binary = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if _encoded(binary) != text:
        raise ValueError(text)
    return binary
