"""Saying that a recorded breach was none."""

from typing import Annotated

import strawberry

from schema.compliance.types import Breach
from schema.mutation import Change, Refusal, mutation
from schema.planner.declarations import row, stored
from schema.references import referenced
from services.compliance import commands


@strawberry.input(description="A reasoned statement that a recorded breach was none.")
class RetractBreachInput:
    """Which breach, and why."""

    breach_id: strawberry.ID = strawberry.field(description="The breach.")
    reason: str = strawberry.field(description="Why it was none, 1 to 4,000 characters.")


@strawberry.type(description="A breach was retracted. It stays on record, with the retraction beside it.")
class RetractBreachPayload:
    """See retractBreach."""

    breach: Breach = stored("The breach.")


RetractBreachResult = Annotated[
    RetractBreachPayload | Refusal,
    strawberry.union("RetractBreachResult", description="What retractBreach answers."),
]


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("State that a recorded breach was none. Role manager or administrator.")
    async def retract_breach(
        self,
        change: Change,
        given: Annotated[RetractBreachInput, strawberry.argument(name="input", description="Which breach, and why.")],
    ) -> RetractBreachResult:
        """See services.compliance.commands.retract_breach."""
        session, actor, now = change
        breach_id = referenced(actor, "Breach", given.breach_id)
        await commands.retract_breach(session, actor=actor, breach_id=breach_id, reason=given.reason, now=now)
        return RetractBreachPayload(breach=row(breach_id))
