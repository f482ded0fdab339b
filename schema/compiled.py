"""What happens between validating an operation and executing it: its reads are compiled, and its cost is charged."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
)
from graphql.execution.values import VariableValues, get_variable_values
from strawberry.extensions import SchemaExtension

from schema.budget import Charge
from schema.context import Context
from schema.costs import FIELD, STATEMENT, cost_of_unplanned
from schema.planner.given import Request
from schema.planner.operation_plan import compile_query, compile_reading, operation_of
from schema.planner.plan_cache import PlanKey, serving


class CompiledOperation(SchemaExtension):
    """Leaves a query's `Reading` in the context, and its plan in the cache, if all of it is planned.

    Tells in the answer's `extensions` what the operation cost.
    """

    def __init__(self) -> None:
        self._charge: Charge | None = None

    def on_execute(self) -> Iterator[None]:
        """Compile and charge; an operation over its budget is not executed."""
        try:
            self._prepare()
        except GraphQLError as refusal:
            self.execution_context.result = ExecutionResult(data=None, errors=[refusal])
        yield

    def get_results(self) -> dict[str, Any]:
        """The cost of the operation, where it is charged to a budget."""
        return {} if self._charge is None else {"cost": told(self._charge)}

    def _prepare(self) -> None:
        execution = self.execution_context
        context: Context = execution.context
        document = execution.graphql_document
        assert document is not None  # noqa: S101 - validated before
        definition = get_operation_ast(document, execution.operation_name)
        schema = execution.schema._schema
        if definition is None:
            return  # the executor says so
        variables = get_variable_values(schema, definition.variable_definitions or (), execution.variables or {}, 0)
        if not isinstance(variables, VariableValues):
            return
        request = Request(context.actor, variables)
        if definition.operation is OperationType.QUERY:
            self._prepare_query(context, document, definition, request)
        else:
            self._take(context, (FIELD + STATEMENT) * len(definition.selection_set.selections))

    def _prepare_query(
        self, context: Context, document: DocumentNode, definition: OperationDefinitionNode, request: Request
    ) -> None:
        execution = self.execution_context
        schema = execution.schema._schema
        context.reading = reading = compile_reading(operation_of(schema, document, definition, request))
        fields = len(reading.fields) + len(reading.others)
        self._take(context, FIELD * fields + reading.objects + cost_of_unplanned(reading.others))
        plans = context.plans
        if plans is None or execution.query is None or not reading.complete:
            return
        key = PlanKey.of(execution.query, execution._provided_operation_name, context.actor)
        if serving(plans.variants(key), request) is None:
            query = compile_query(operation_of(schema, document, definition, request))
            if query is not None:
                plans.keep(key, query)

    def _take(self, context: Context, cost: int) -> None:
        if context.budgets is not None:
            self._charge = context.budgets.charge(context.actor, cost)


def told(charge: Charge) -> dict[str, int]:
    """A charge as `extensions.cost` tells it."""
    return {"requested": charge.requested, "remaining": charge.remaining, "limit": charge.limit}
