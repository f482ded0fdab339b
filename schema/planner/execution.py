"""Executes a query as graphql-core does, with the short way for what the database has answered already.

What a planned field answers stands under its response key in what the statement delivered, its arguments applied. So
these are not read again, and a single value needs no resolver, nothing to await and no place to be told of: its type
spells it, and that is all. What is not so, a value that cannot be spelled among it, goes the long way, which says so.
"""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfoHelpers,
    Undefined,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.executor import to_nodes
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

ANSWERED, SPELLED = "answered", "spelled"
"""Among a field's extensions: that the statement answers it, and how its type spells it if it is a single value."""

Spell = Callable[[Any], Any]
"""Makes of a value what is answered; Undefined or None, or raises, where it cannot."""


def mark_answered(field: GraphQLField) -> None:
    """Say of a field that what it answers stands in the answer of a statement, under its response key."""
    field.extensions[ANSWERED] = True
    type_ = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
    if isinstance(type_, GraphQLEnumType):
        # Members are answered by their names, and spelled by them.
        field.extensions[SPELLED] = {name: name for name in type_.values}.get
    elif is_leaf_type(type_):
        field.extensions[SPELLED] = type_.coerce_output_value


class PlannedExecution(StrawberryGraphQLCoreExecutionContext):
    """See the module."""

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """See graphql-core, which keeps them, and so leaves each execution and its request to the garbage collector."""
        return GraphQLResolveInfoHelpers(gather=self.gather_async_work, track=self.track_async_work)

    @async_helpers.setter
    def async_helpers(self, made: GraphQLResolveInfoHelpers) -> None:
        pass

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """See graphql-core: the fields of an object that may be executed in any order."""
        if not self._is_answer(source_value):
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        found: dict[str, Any] = {}
        others: GroupedFieldSet = {}
        for key, details in grouped_field_set.items():
            field = parent_type.fields.get(details[0].node.name.value)
            spell = None if field is None else field.extensions.get(SPELLED)
            found[key] = None if spell is None else _spelled(spell, source_value.get(key))
            if found[key] is None:
                others[key] = details
        if not others:
            return found
        rest = super().execute_fields(parent_type, source_value, path, others, position_context)
        if self.is_awaitable(rest):
            return _awaited(found, cast(Awaitable[dict[str, Any]], rest))
        return _completed(found, cast(dict[str, Any], rest))

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """See graphql-core: one field."""
        field = parent_type.fields.get(field_details_list[0].node.name.value)
        if field is None or ANSWERED not in field.extensions or not self._is_answer(source):
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        type_, nodes = field.type, to_nodes(field_details_list)
        info = self.build_resolve_info(field, nodes, parent_type, path)
        try:
            value = None if field.resolve is None else field.resolve(source, info)
            completed = self.complete_value(type_, field_details_list, info, path, value, position_context)
        except Exception as failure:
            self.handle_field_error(failure, type_, field_details_list, path)
            return None
        return self._caught(completed, type_, field_details_list, path) if self.is_awaitable(completed) else completed

    def _is_answer(self, source: Any) -> bool:
        """Whether it is what a statement delivered of an object, and no extension wants to see its fields resolved."""
        return type(source) is dict and not (self.middleware_manager and self.middleware_manager.middlewares)

    async def _caught(
        self, completed: Awaitable[Any], type_: GraphQLOutputType, details: FieldDetailsList, path: Path
    ) -> Any:
        try:
            return await completed
        except Exception as failure:
            self.handle_field_error(failure, type_, details, path)
            return None


def _spelled(spell: Spell, value: Any) -> Any:
    if value is None:
        return None
    try:
        spelled = spell(value)
    except Exception:
        return None
    return None if spelled is Undefined else spelled


def _completed(found: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """All fields in the order they were asked for; one that does not exist is in neither."""
    fields = ((key, others.get(key, Undefined) if value is None else value) for key, value in found.items())
    return {key: value for key, value in fields if value is not Undefined}


async def _awaited(found: dict[str, Any], others: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    return _completed(found, await others)
