"""What verdicts would be if something else were agreed or built."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from schema.agreements.inputs import AvailabilityTargetInput, TargetInput, availability_of, definitions_of
from schema.catalogue.dependency_inputs import ComponentDefinitionInput
from schema.context import Info
from schema.planner.identity import encode_global_id
from schema.references import referenced, referenced_if_given
from schema.vocabulary import Axis, AxisState, ChainVerdict
from services.alignment.judgement import Judgement
from services.alignment.spelling import percent
from services.alignment.what_if import MOST_JUDGED, Changed, Proposal, what_if


@strawberry.input(description="A component as it would be.")
class ProposedComponentInput:
    """A component."""

    component_id: strawberry.ID = strawberry.field(description="The component.")
    definition: ComponentDefinitionInput = strawberry.field(description="Who would provide it, what it would need.")


@strawberry.input(description="What might be agreed or built; nothing of it is kept.")
class AlignmentProposalInput:
    """A proposal."""

    agreement_id: strawberry.ID | None = strawberry.field(
        default=None, description="The agreement that would get another version, or support other components."
    )
    targets: list[TargetInput] = strawberry.field(
        default_factory=list, description="Everything it would promise about tickets; nothing of either kind: as it is."
    )
    availability_targets: list[AvailabilityTargetInput] = strawberry.field(
        default_factory=list, description="Everything it would promise about being there."
    )
    supports: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Components it would support besides those it supports."
    )
    components: list[ProposedComponentInput] = strawberry.field(
        default_factory=list, description="Components that would be provided by others or need others."
    )
    at: datetime | None = strawberry.field(default=None, description="As of which instant; null: now.")


@strawberry.type(description="What came of one comparison.")
class ProposedAxis:
    """See services.alignment.judging.Compared."""

    axis: Axis = strawberry.field(description="The axis.")
    state: AxisState = strawberry.field(description="Whether it holds.")
    shortfall: Decimal | None = strawberry.field(description="By how much it fails; null where no number says it.")
    unit: str = strawberry.field(description="The unit of the shortfall; may be empty.")
    reason: str = strawberry.field(description="What is missing; empty where it holds.")


@strawberry.type(description="A verdict that is not kept.")
class ProposedJudgement:
    """See services.alignment.judging.Judgement."""

    verdict: ChainVerdict = strawberry.field(description="The verdict.")
    axes: list[ProposedAxis] = strawberry.field(description="The four comparisons.")
    guaranteed_percent: Decimal | None = strawberry.field(
        description="What is surely kept, in percent; null where that cannot be told."
    )


@strawberry.type(description="A promise to a customer that the proposal touches.")
class AlignmentChange:
    """See services.alignment.what_if.Changed."""

    target_id: strawberry.ID = strawberry.field(
        description="The id of the target, for `node`; of one that is only proposed it finds nothing."
    )
    target_key: str = strawberry.field(description="The key of the target in its agreement.")
    agreement_key: str = strawberry.field(description="The key of the agreement.")
    before: ProposedJudgement | None = strawberry.field(description="As it is; null if it is not promised yet.")
    after: ProposedJudgement | None = strawberry.field(description="As it would be; null if no longer promised.")


async def resolve_alignment_what_if(
    info: Info,
    proposal: Annotated[
        AlignmentProposalInput,
        strawberry.argument(description=f"The proposal. At most {MOST_JUDGED} promises are answered."),
    ],
) -> list[AlignmentChange]:
    """See services.alignment.what_if."""
    context = info.context
    actor = context.actor
    made = Proposal(
        agreement_id=referenced_if_given(actor, "Agreement", proposal.agreement_id),
        targets=definitions_of(actor, proposal.targets),
        availability_targets=availability_of(actor, proposal.availability_targets),
        supports=[referenced(actor, "Component", id_) for id_ in proposal.supports],
        components={
            referenced(actor, "Component", each.component_id): each.definition.defined(actor)
            for each in proposal.components
        },
    )
    async with context.database.reading(actor.organisation_id) as session:
        found = await what_if(
            session, actor.organisation_id, proposal=made, at=proposal.at or context.now, now=context.now
        )
    return [_change(each, info) for each in found]


def _change(changed: Changed, info: Info) -> AlignmentChange:
    id_ = encode_global_id("Target", info.context.actor.organisation_id, changed.target_id)
    return AlignmentChange(
        target_id=strawberry.ID(id_),
        target_key=changed.target_key,
        agreement_key=changed.agreement_key,
        before=_judgement(changed.before),
        after=_judgement(changed.after),
    )


def _judgement(found: Judgement | None) -> ProposedJudgement | None:
    if found is None:
        return None
    return ProposedJudgement(
        verdict=found.verdict,
        axes=[
            ProposedAxis(axis=axis, state=each.state, shortfall=each.shortfall, unit=each.unit, reason=each.reason)
            for axis, each in found.axes.items()
        ],
        guaranteed_percent=None if found.guaranteed is None else percent(found.guaranteed),
    )
