"""The fast path: a query whose plan is known is answered with the bytes that the database made of it.

It may only succeed. Whatever is unusual about a request, or whatever goes wrong, is left to the ordinary path, which
does it all again and says what the specification wants said. Both run the same statements.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

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
from services.reader import Answer, Statement, StatementReader

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


class Prepared(NamedTuple):
    """A query with everything that its statements need for one request of one caller; it says the same whenever asked.

    `fields` go with `statements` where they are read.
    """

    name: str | None
    fields: Sequence[CompiledField]
    statements: Sequence[Statement]
    cost: int


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
        prepared = self.prepared(actor, document, operation_name, variables)
        return None if prepared is None else await self.read(reader, actor, prepared)

    def prepared(
        self, actor: Actor, document: str, operation_name: str | None, variables: Mapping[str, Any] | None
    ) -> Prepared | None:
        """What has to be read for a request; None: the ordinary path has to find it out."""
        try:
            variants = self._plans.variants(PlanKey.of(document, operation_name, actor))
            if not variants:
                return None
            values = coerced(variants[0].variables, variables or {})  # of one document, so of one definition of them
            if values is None:
                return None
            request = Request(actor, values)
            query = serving(variants, request)
            if query is None:
                return None
            asked = [field.compiled.statement(request) for field in query.fields if field.compiled is not None]
        except GraphQLError:
            return None
        except Exception as failure:
            log.warning("fast_path.failed", failure=type(failure).__name__)
            return None
        cost = FIELD * len(query.fields) + sum(statement.objects for statement in asked)
        return Prepared(query.name, query.fields, asked, cost)

    async def read(self, reader: StatementReader, actor: Actor, prepared: Prepared) -> FastAnswer | None:
        """The answer to what was prepared for the same actor. None and raises as `answer` does."""
        try:
            return await self._read(reader, actor, prepared)
        except (Unavailable, TookTooLong):
            raise
        except Exception as failure:
            log.warning("fast_path.failed", failure=type(failure).__name__)
            return None

    async def _read(self, reader: StatementReader, actor: Actor, prepared: Prepared) -> FastAnswer | None:
        try:
            charge = None if self._budgets is None else self._budgets.charge(actor, prepared.cost)
        except GraphQLError:
            return None
        asked = prepared.statements
        found = iter(await reader.read(actor.organisation_id, asked, caller=(actor, actor.token_id)) if asked else ())
        fields: list[bytes] = []
        for field in prepared.fields:
            value = (field.value,) if field.compiled is None else _value(field, next(found))
            if value is None:
                return None
            fields.append(field.before)
            fields += value
        return FastAnswer(prepared.name, fields, charge)


def _value(field: CompiledField, answer: Answer) -> Sequence[bytes] | None:
    """The JSON of a field, in parts to be joined; None when it, or a part of it, may not be null and is."""
    if answer is None:
        return (b"null",) if field.nullable else None
    return None if None in answer else cast(Sequence[bytes], answer)
