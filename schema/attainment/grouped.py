"""Attainment by any grouping of tickets: counted when asked for."""

from typing import Annotated

import strawberry

from schema.attainment.review import Rate, rate_of
from schema.context import Info
from schema.filters import InstantRange
from schema.references import referenced_if_given
from schema.vocabulary import Dimension
from services.attainment.queries import attainment_by


@strawberry.type(description="One value of a group.")
class GroupValue:
    """A dimension and its value."""

    dimension: Dimension = strawberry.field(description="What it is a value of.")
    value: str | None = strawberry.field(description="The value, spelled as its source does; null where there is none.")


@strawberry.type(description="The clocks on a group of tickets.")
class AttainmentGroup:
    """See services.attainment.queries.AttainmentGroup."""

    values: list[GroupValue] = strawberry.field(description="What the group is, in the order asked for.")
    attainment: Rate = strawberry.field(description="Met, of those decided.")
    pending: int = strawberry.field(description="Clocks whose outcome is not decided yet.")
    cancelled: int = strawberry.field(description="Clocks cancelled before anything was decided.")
    meaningful: bool | None = strawberry.field(
        description="Whether the number means anything: false if nobody had agreed, before one of its services"
        " went live, what level it is to reach; null if that cannot be told."
    )
    meaningless_services: list[str] = strawberry.field(
        description="The keys of the services because of which it means nothing."
    )


async def resolve_attainment(
    info: Info,
    by: Annotated[list[Dimension], strawberry.argument(description="What to group by, one to three dimensions.")],
    target: Annotated[strawberry.ID | None, strawberry.argument(description="Clocks of this target only.")] = None,
    decided: Annotated[
        InstantRange | None, strawberry.argument(description="Clocks decided within this range only.")
    ] = None,
    first: Annotated[int, strawberry.argument(description="How many groups at most, 1 to 500.")] = 50,
) -> list[AttainmentGroup]:
    """The groups, the most missed promises first."""
    actor = info.context.actor
    async with info.context.database.reading(actor.organisation_id) as session:
        groups = await attainment_by(
            session,
            actor.organisation_id,
            dimensions=by,
            target_id=referenced_if_given(actor, "Target", target),
            start=decided.from_ if decided else None,
            end=decided.before if decided else None,
            limit=first,
        )
    return [
        AttainmentGroup(
            values=[
                GroupValue(dimension=dimension, value=value) for dimension, value in zip(by, group.values, strict=True)
            ],
            attainment=rate_of(group.attainment),
            pending=group.pending,
            cancelled=group.cancelled,
            meaningful=group.is_meaningful,
            meaningless_services=list(group.meaningless_services),
        )
        for group in groups
    ]
