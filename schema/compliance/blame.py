"""Absence from design beside blame: counted when asked for."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.context import Info
from schema.planner.identity import encode_global_id
from schema.vocabulary import GateStanding
from services.compliance.blame import MOST_ROWS, design_blame
from services.errors import FieldProblem, Invalid


@strawberry.type(description="A service: who was absent when it was designed, beside who is blamed for its breaches.")
class DesignBlame:
    """See services.compliance.blame.DesignBlame."""

    service_id: strawberry.ID = strawberry.field(description="The service, for `node`.")
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    design_gates: GateStanding = strawberry.field(
        description="Where service level management was when the service was designed."
    )
    breaches: int = strawberry.field(description="Breaches of its targets that stand.")
    blamed: int = strawberry.field(description="For how many of them the role of service level manager answers.")
    undecided: int = strawberry.field(description="Of how many nobody has said who answers for them.")
    sentence: str = strawberry.field(description="The pair in words.")


async def resolve_design_blame(
    info: Info,
    as_of: Annotated[
        datetime | None,
        strawberry.argument(description="The instant, by what was recorded by then; null: now. Not in the future."),
    ] = None,
    first: Annotated[int, strawberry.argument(description="How many services at most, 1 to 500.")] = 50,
) -> list[DesignBlame]:
    """Services, those blamed most often first."""
    if as_of is not None and as_of > info.context.now:
        raise Invalid("this cannot be shown", [FieldProblem("as_of", "expected an instant that has come")])
    if not 1 <= first <= MOST_ROWS:
        raise Invalid("this cannot be shown", [FieldProblem("first", f"expected 1 to {MOST_ROWS}, got {first}")])
    organisation_id = info.context.actor.organisation_id
    async with info.context.database.reading(organisation_id) as session:
        rows = await design_blame(session, organisation_id, as_of=as_of or info.context.now, first=first)
    return [
        DesignBlame(
            service_id=strawberry.ID(encode_global_id("Service", organisation_id, row.service_id)),
            key=row.key,
            name=row.name,
            design_gates=row.standing,
            breaches=row.breaches,
            blamed=row.blamed,
            undecided=row.undecided,
            sentence=row.sentence,
        )
        for row in rows
    ]
