"""Plans: where a field lives, as the compiler reads it from a Strawberry field's metadata."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any

from strawberry.types.field import StrawberryField

from schema.planner.ordering import Order

PLAN = "plan"
"""Key of a plan in a Strawberry field's metadata."""

SqlExpression = Callable[[str], str]

Match = tuple[tuple[str, str], ...]
"""Pairs of (attribute of the referring row, attribute of the row referred to); the empty attribute means the id."""


class Plan:
    """Base of all plans."""


@dataclass(frozen=True)
class Column(Plan):
    """A column of the row; without a name, the one called like the field."""

    attribute: str | None = None


@dataclass(frozen=True)
class Expression(Plan):
    """A named SQL expression over the row."""

    sql: SqlExpression


@dataclass(frozen=True)
class GlobalId(Plan):
    """The opaque id of the row, unique among all types and organisations."""


@dataclass(frozen=True)
class AnyGlobalId(Plan):
    """The opaque id of a row of any type, whose name and id are columns of this row; NULL is the organisation's id."""

    type_attribute: str
    id_attribute: str


@dataclass(frozen=True)
class ToOne(Plan):
    """The row another one refers to. `optional`: it may be absent although every attribute that refers to it is set.

    `found_by`: the attribute of the other row by which alone an index is to be looked into, where several promise one
    row and PostgreSQL might choose one that begins with an attribute shared by many.
    """

    match: Match
    optional: bool = False
    found_by: str | None = None


@dataclass(frozen=True)
class ToMany(Plan):
    """All rows that refer to this one: a list short by its nature."""

    match: Match
    order: Order


@dataclass(frozen=True)
class Connected(Plan):
    """Rows by pages. Without a match, all rows of the organisation."""

    match: Match = ()


@dataclass(frozen=True)
class Embedded(Plan):
    """A JSON array in a column, each element an object of `Member` fields."""

    attribute: str


@dataclass(frozen=True)
class Member(Plan):
    """A scalar under a key of an embedded object."""

    key: str


@dataclass(frozen=True)
class Lookup(Plan):
    """The one row whose columns equal the arguments; `columns` pairs a GraphQL argument with an attribute."""

    columns: tuple[tuple[str, str], ...] = ()


class NodeById(Plan):
    """Any row by its global id."""


class NodesById(Plan):
    """Several rows of any types by their global ids, in the order asked for."""


class Stored(Plan):
    """On the payload of a mutation: a row by the id the resolver left there."""


@dataclass(frozen=True)
class StoredRow:
    """What a mutation leaves in a `stored` field: the id of the row to read after its transaction has committed."""

    id: Any


class Part(Plan, Enum):
    """The parts of a connection."""

    EDGES = auto()
    NODES = auto()
    PAGE_INFO = auto()
    TOTAL_COUNT = auto()
    NODE = auto()
    CURSOR = auto()
    HAS_NEXT_PAGE = auto()
    HAS_PREVIOUS_PAGE = auto()
    START_CURSOR = auto()
    END_CURSOR = auto()


class FilterKind(StrEnum):
    """How a filter's field restricts rows."""

    ANY_OF = auto()
    ANY_ID_OF = auto()
    WITHIN = auto()
    IS_SET = auto()
    HOLDS = auto()


@dataclass(frozen=True)
class Predicate(Plan):
    """A field of a filter: what it compares with, and how.

    `type_name` is the type of the ids of ANY_ID_OF, if one; `reads` are attributes that the expression of HOLDS reads.
    """

    kind: FilterKind
    attribute: str = ""
    type_name: str | None = None
    expression: SqlExpression | None = None
    reads: tuple[str, ...] = ()


def plan_of(strawberry_field: object) -> Plan | None:
    """The plan a Strawberry field carries, if any."""
    if not isinstance(strawberry_field, StrawberryField):
        return None
    found = strawberry_field.metadata.get(PLAN)
    return found if isinstance(found, Plan) else None
