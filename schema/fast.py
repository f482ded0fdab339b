"""The fast path: a query whose plan is known is answered with the bytes that the database made of it.

It may only succeed. Whatever is unusual about a request, or whatever goes wrong, is left to the ordinary path, which
does it all again and says what the specification wants said. Both run the same statements.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from schema.budget import Budgets, Charge
from schema.costs import FIELD
from schema.planner.given import Request
from schema.planner.operation_plan import CompiledField, CompiledQuery
from schema.planner.plan_cache import PlanCache, PlanKey, serving
from schema.planner.variables import coerced
from services.organisations.rules import Actor
from services.reader import Answer, StatementReader


@dataclass(frozen=True, slots=True)
class FastAnswer:
    """A whole answer as JSON, and the name the operation has in its document."""

    body: bytes
    name: str | None


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
        """The answer to a request; None: the ordinary path has to give it.

        Raises Unavailable and TookTooLong, because asking again would be no better.
        """
        variants = self._plans.variants(PlanKey.of(document, operation_name, actor))
        if not variants:
            return None
        try:
            values = coerced(variants[0].variables, variables or {})  # of one document, so of one definition of them
            if values is None:
                return None
            request = Request(actor, values)
            query = serving(variants, request)
            if query is None:
                return None
            asked = [field.compiled.statement(request) for field in query.fields if field.compiled is not None]
            cost = FIELD * len(query.fields) + query.objects(request)
            charge = None if self._budgets is None else self._budgets.charge(actor, cost)
        except GraphQLError:
            return None
        found = iter(await reader.read(actor.organisation_id, asked) if asked else ())
        data = [_value(field, next(found)) if field.compiled is not None else field.value for field in query.fields]
        return None if None in data else FastAnswer(_body(query, data, charge), query.name)


def _value(field: CompiledField, answer: Answer) -> bytes | None:
    """The JSON of a field; None when it may not be null and is."""
    if answer is None:
        return b"null" if field.nullable else None
    return answer[0]


def _body(query: CompiledQuery, data: list[bytes | None], charge: Charge | None) -> bytes:
    parts = [b'{"data":{']
    for field, value in zip(query.fields, data, strict=True):
        parts += [field.before, value or b""]
    if charge is None:
        parts.append(b"}}")
    else:
        cost = (charge.requested, charge.remaining, charge.limit)
        parts.append(b'},"extensions":{"cost":{"requested":%d,"remaining":%d,"limit":%d}}}' % cost)
    return b"".join(parts)
