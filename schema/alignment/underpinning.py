"""How much of what is promised is underpinned: worked out when asked for."""

from datetime import datetime

import strawberry

from schema.context import Info
from schema.vocabulary import Axis
from services.alignment.rules import AxisState, ChainVerdict
from services.alignment.underpinning import promises_standing, underpinning_of

NO_PROMISE = "a target promised to customers in force"


@strawberry.type(description="How many promises fare how on one axis; those that are not judged count nowhere.")
class AxisFigures:
    """One axis."""

    axis: Axis = strawberry.field(description="What is compared.")
    holds: int = strawberry.field(description="Of how many promises what is below suffices.")
    fails: int = strawberry.field(description="Of how many it does not.")
    unknown: int = strawberry.field(description="Of how many that cannot be told.")


@strawberry.type(description="The gaps that are open. Days end in UTC.")
class OpenGapFigures:
    """See services.alignment.underpinning.OpenGaps."""

    total: int = strawberry.field(description="All of them.")
    without_owner: int = strawberry.field(description="Those nobody answers for: it should be none.")
    overdue: int = strawberry.field(description="Those that were to be closed by a day that has passed.")
    accepted: int = strawberry.field(description="Those whose risk somebody accepts at the moment.")


@strawberry.type(
    description="How many targets promised to customers are underpinned by what teams and suppliers owe, as things"
    " stand, by the judgements on record."
)
class Underpinning:
    """See services.alignment.underpinning.Underpinning."""

    as_of: datetime = strawberry.field(description="The instant: now.")
    headline: str = strawberry.field(description="The figures in words.")
    promises: int = strawberry.field(description="How many targets promised to customers are in force.")
    backed: int = strawberry.field(description="How many are backed on all axes.")
    not_backed: int = strawberry.field(description="How many are not.")
    impossible_at_floor: int = strawberry.field(
        description="How many cannot be kept when everybody below delivers the minimum."
    )
    unknown: int = strawberry.field(description="Of how many it cannot be told; their judgements say what is missing.")
    not_judged: int = strawberry.field(description="How many are promised in a version that was not judged yet.")
    axes: list[AxisFigures] = strawberry.field(description="The four axes.")
    gaps: OpenGapFigures = strawberry.field(description="What is done about what fails.")
    missing: list[str] = strawberry.field(description="What is not on record at all, so that nothing can be told.")


async def resolve_underpinning(info: Info) -> Underpinning:
    """One statement."""
    own, now = info.context.actor.organisation_id, info.context.now
    async with info.context.database.reading(own) as session:
        found = underpinning_of(*await promises_standing(session, own, now=now))
    return Underpinning(
        as_of=now,
        headline=found.headline,
        promises=found.promises,
        backed=found.verdicts[ChainVerdict.BACKED],
        not_backed=found.verdicts[ChainVerdict.NOT_BACKED],
        impossible_at_floor=found.verdicts[ChainVerdict.IMPOSSIBLE_AT_FLOOR],
        unknown=found.verdicts[ChainVerdict.UNKNOWN],
        not_judged=found.not_judged,
        axes=[
            AxisFigures(
                axis=axis,
                holds=states[AxisState.HOLDS],
                fails=states[AxisState.FAILS],
                unknown=states[AxisState.UNKNOWN],
            )
            for axis, states in found.axes.items()
        ],
        gaps=OpenGapFigures(**vars(found.gaps)),
        missing=[] if found.promises else [NO_PROMISE],
    )
