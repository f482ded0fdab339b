"""Where a GraphQL field lives, said once, at the type.

A declaration is a Strawberry field without a resolver that carries a plan. The compiler reads the plans of the
selected fields; nothing here touches a database. SQL expressions are functions defined by the contexts of `services`:
they take the alias of a row and return SQL text in which `$1::uuid` is the organisation.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema.planner.ordering import Order
from schema.planner.plans import (
    PLAN,
    AnyGlobalId,
    Column,
    Connected,
    Embedded,
    Expression,
    FilterKind,
    GlobalId,
    Lookup,
    Match,
    Member,
    NodeById,
    NodesById,
    Part,
    Plan,
    Predicate,
    SqlExpression,
    Stored,
    StoredRow,
    ToMany,
    ToOne,
)
from services.organisations.rules import Permission

T = TypeVar("T")


def _field(plan: Plan, description: str, **options: Any) -> Any:
    return strawberry.field(description=description, metadata={PLAN: plan}, **options)


def column(description: str, attribute: str | None = None, **options: Any) -> Any:
    """A field that is a column; nullable exactly when the column is."""
    return _field(Column(attribute), description, **options)


def expression(sql: SqlExpression, description: str) -> Any:
    """A field that a named SQL expression computes from the row."""
    return _field(Expression(sql), description)


def global_id(description: str) -> Any:
    """The field that makes a type a Node."""
    return _field(GlobalId(), description)


def id_of_any(description: str, type_attribute: str, id_attribute: str) -> Any:
    """A field that is the global id of a row of any type, whose type's name and id are columns of this row."""
    return _field(AnyGlobalId(type_attribute, id_attribute), description)


def to_one(description: str, *match: str | tuple[str, str], optional: bool = False, found_by: str | None = None) -> Any:
    """The object this row refers to: by the attribute that holds its id, or by pairs of attributes.

    `found_by`: the attribute of the other row that leaves few, by which alone an index is to be looked into.
    """
    pairs = tuple((item, "") if isinstance(item, str) else item for item in match)
    return _field(ToOne(pairs, optional, found_by), description)


def to_many(description: str, *match: str | tuple[str, str], order: Order) -> Any:
    """The objects that refer to this row: by the attribute that holds its id, or by pairs of attributes."""
    return _field(ToMany(_referring(match), order), description)


def embedded(description: str, attribute: str) -> Any:
    """Objects kept in a JSON array of the row."""
    return _field(Embedded(attribute), description)


def member(description: str, key: str) -> Any:
    """A scalar of an embedded object."""
    return _field(Member(key), description)


def lookup(description: str, **arguments: tuple[str, Any, str]) -> Any:
    """A root field that finds one object: each argument is (attribute, type, description); None when there is none."""
    made = _field(Lookup(tuple((name, attribute) for name, (attribute, _, _) in arguments.items())), description)
    made.arguments = [_argument(name, type_, text) for name, (_, type_, text) in arguments.items()]
    return made


def node_by_id(description: str) -> Any:
    """The root field `node`."""
    made = _field(NodeById(), description)
    made.arguments = [_argument("id", strawberry.ID, "An id this API gave.")]
    return made


def nodes_by_id(description: str) -> Any:
    """The root field `nodes`."""
    made = _field(NodesById(), description)
    made.arguments = [_argument("ids", list[strawberry.ID], "At most 100 ids this API gave.")]
    return made


def stored(description: str) -> Any:
    """A field of a mutation's payload, read by one statement after the mutation has committed."""
    return _field(Stored(), description)


def row(id_: Any) -> Any:
    """The value of a `stored` field: the id of the row that was written."""
    return StoredRow(id_)


def part(which: Part, description: str) -> Any:
    """A field of the connection types."""
    return _field(which, description)


def connection(
    description: str,
    *match: str | tuple[str, str],
    order: Enum,
    filter_by: type[Any] | None = None,
) -> Any:
    """A list by pages: of all rows, or of those that refer to this row by the attributes named.

    `order` is the default among the members of its enumeration, all of which the client may choose.
    """
    made = _field(Connected(_referring(match)), description)
    made.arguments = [*_page_arguments(), *_filter_argument(filter_by), _order_argument(order)]
    return made


def any_of(attribute: str, description: str, **options: Any) -> Any:
    """A filter's field: the column equals one of the values listed."""
    return _filter_field(Predicate(FilterKind.ANY_OF, attribute), description, **options)


def any_id_of(type_name: str | None, attribute: str, description: str) -> Any:
    """A filter's field: the column refers to one of the objects whose global ids are listed, of one type or any."""
    return _filter_field(Predicate(FilterKind.ANY_ID_OF, attribute, type_name), description)


def within(attribute: str, description: str) -> Any:
    """A filter's field: the instant lies in a half-open range."""
    return _filter_field(Predicate(FilterKind.WITHIN, attribute), description)


def is_set(attribute: str, description: str) -> Any:
    """A filter's field: whether the column has a value."""
    return _filter_field(Predicate(FilterKind.IS_SET, attribute), description)


def holds(sql: SqlExpression, description: str, *, reads: tuple[str, ...] = ()) -> Any:
    """A filter's field: whether a named SQL expression is true.

    `reads` names the attributes it looks at that are hidden from some callers, to whom the filter is then refused.
    """
    return _filter_field(Predicate(FilterKind.HOLDS, expression=sql, reads=reads), description)


def _filter_field(plan: Predicate, description: str, **options: Any) -> Any:
    return _field(plan, description, default=None, **options)


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field, StrawberryField))
def planned(
    model: type[Any], *, description: str, permission: Permission | None = None
) -> Callable[[type[T]], type[T]]:
    """Make a GraphQL type of a class whose rows are those of a mapped table.

    With a `permission`, only actors whose role includes it may read the type; to others its objects are not there.
    """

    def decorate(cls: type[T]) -> type[T]:
        made = strawberry.type(cls, description=description)
        made.__planned_model__ = model  # type: ignore[attr-defined]
        made.__permission__ = permission  # type: ignore[attr-defined]
        return made

    return decorate


def _referring(match: Sequence[str | tuple[str, str]]) -> Match:
    return tuple(("", item) if isinstance(item, str) else item for item in match)


def _argument(name: str, annotation: Any, description: str, **options: Any) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        **options,
    )


def _page_arguments() -> list[StrawberryArgument]:
    arguments = (
        ("first", int | None, "How many to return, from the beginning or from `after`: 0 to 100; 20 unless told."),
        ("after", str | None, "Return what follows this cursor, which the same order gave."),
        ("last", int | None, "How many to return from the end or from `before`, instead of `first`: 0 to 100."),
        ("before", str | None, "With `last`: return what precedes this cursor, which the same order gave."),
    )
    return [_argument(name, type_, description, default=None) for name, type_, description in arguments]


def _filter_argument(filter_by: type[Any] | None) -> list[StrawberryArgument]:
    if filter_by is None:
        return []
    return [_argument("filter", filter_by | None, "Only those that satisfy every condition given.", default=None)]


def _order_argument(order: Enum) -> StrawberryArgument:
    return _argument("order_by", type(order), "The order of the list; ties are ordered by id.", default=order)
