"""The fast path: a query whose plan is known is answered with the bytes that the database made of it.

It may only succeed. Whatever is unusual about a request, or whatever goes wrong, is left to the ordinary path, which
does it all again and says what the specification wants said. Both run the same statements.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from graphql import GraphQLError

from schema.budget import Budgets, Charge
from schema.costs import FIELD
from schema.planner.given import Request
from schema.planner.operation_plan import CompiledField
from schema.planner.plan_cache import PlanCache, PlanKey, serving
from schema.planner.variables import coerced
from services.errors import TookTooLong, Unavailable
from services.organisations.rules import Actor
from services.reader import Answer, StatementReader

log = structlog.get_logger("schema.fast")


class FastAnswer(NamedTuple):
    """A whole answer: the name of the operation in its document, its fields as JSON, and what was charged for it."""

    name: str | None
    fields: Sequence[bytes]
    charge: Charge | None

    def body(self, *, with_cost: bool = True) -> bytes:
        """The answer as JSON."""
        return b"".join(self.parts(with_cost=with_cost))

    def parts(self, *, with_cost: bool = True) -> Sequence[bytes]:
        """The answer as JSON, to be joined."""
        if self.charge is None or not with_cost:
            return (b'{"data":{', *self.fields, b"}}")
        cost = (self.charge.requested, self.charge.remaining, self.charge.limit)
        told = b'},"extensions":{"cost":{"requested":%d,"remaining":%d,"limit":%d}}}' % cost
        return (b'{"data":{', *self.fields, told)


class FastReads:
    """Answers from plans that the ordinary path left in the cache."""

    def __init__(self, plans: PlanCache, budgets: Budgets | None = None) -> None:
        self._plans, self._budgets = plans, budgets

    async def answer(
        self,
        reader: StatementReader,
        actor: Actor,
        document: str,
        operation_name: str | None,
        variables: Mapping[str, Any] | None,
    ) -> FastAnswer | None:
        """The answer to a request; None: the ordinary path has to give it, and say what is wrong if anything is.

        Raises Unavailable and TookTooLong, because asking again would be no better.
        """
        try:
            key = PlanKey.of(document, operation_name, actor)
            return await self._answer(reader, actor, key, variables or {})
        except (Unavailable, TookTooLong):
            raise
        except Exception as failure:
            log.warning("fast_path.failed", failure=type(failure).__name__)
            return None

    async def _answer(
        self, reader: StatementReader, actor: Actor, key: PlanKey, variables: Mapping[str, Any]
    ) -> FastAnswer | None:
        variants = self._plans.variants(key)
        if not variants:
            return None
        try:
            values = coerced(variants[0].variables, variables)  # of one document, so of one definition of them
            if values is None:
                return None
            request = Request(actor, values)
            query = serving(variants, request)
            if query is None:
                return None
            asked = [field.compiled.statement(request) for field in query.fields if field.compiled is not None]
            cost = FIELD * len(query.fields) + sum(statement.objects for statement in asked)
            charge = None if self._budgets is None else self._budgets.charge(actor, cost)
        except GraphQLError:
            return None
        found = iter(await reader.read(actor.organisation_id, asked, caller=(actor, actor.token_id)) if asked else ())
        fields: list[bytes] = []
        for field in query.fields:
            value = field.value if field.compiled is None else _value(field, next(found))
            if value is None:
                return None
            fields += (field.before, value)
        return FastAnswer(query.name, fields, charge)


def _value(field: CompiledField, answer: Answer) -> bytes | None:
    """The JSON of a field; None when it may not be null and is."""
    if answer is None:
        return b"null" if field.nullable else None
    return answer[0]
