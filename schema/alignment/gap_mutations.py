"""Changing what is done about gaps."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from schema.alignment.chain_types import AlignmentGapEntry
from schema.mutation import Change, Refusal, mutation
from schema.planner.declarations import row, stored
from schema.references import referenced
from services.alignment import gaps


@strawberry.input(description="Who answers for closing a gap.")
class AssignAlignmentGapInput:
    """An owner."""

    gap_id: strawberry.ID = strawberry.field(description="The gap.")
    person_id: strawberry.ID = strawberry.field(description="Who answers for it.")
    due_on: date | None = strawberry.field(default=None, description="By when it is to be closed; null: no day.")
    reason: str = strawberry.field(default="", description="Why, at most 4000 characters.")


@strawberry.input(description="A reasoned acceptance of the risk of a gap, for a while.")
class AcceptAlignmentGapInput:
    """An acceptance."""

    gap_id: strawberry.ID = strawberry.field(description="The gap.")
    person_id: strawberry.ID = strawberry.field(description="Who accepts it.")
    expires_at: datetime = strawberry.field(description="The first instant at which it is open again; in the future.")
    reason: str = strawberry.field(description="Why, at most 4000 characters.")


@strawberry.input(description="The end of an acceptance before its time.")
class WithdrawAlignmentGapAcceptanceInput:
    """A withdrawal."""

    gap_id: strawberry.ID = strawberry.field(description="The gap.")
    person_id: strawberry.ID = strawberry.field(description="Who takes it back.")
    reason: str = strawberry.field(description="Why, at most 4000 characters.")


@strawberry.type(description="Something was done about a gap.")
class AlignmentGapEntryPayload:
    """See assignAlignmentGap, acceptAlignmentGap and withdrawAlignmentGapAcceptance."""

    entry: AlignmentGapEntry = stored("The entry.")


AssignAlignmentGapResult = Annotated[
    AlignmentGapEntryPayload | Refusal,
    strawberry.union("AssignAlignmentGapResult", description="What came of assigning a gap."),
]
AcceptAlignmentGapResult = Annotated[
    AlignmentGapEntryPayload | Refusal,
    strawberry.union("AcceptAlignmentGapResult", description="What came of accepting a gap."),
]
WithdrawAlignmentGapAcceptanceResult = Annotated[
    AlignmentGapEntryPayload | Refusal,
    strawberry.union("WithdrawAlignmentGapAcceptanceResult", description="What came of taking an acceptance back."),
]


@strawberry.type
class GapMutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Say who answers for closing a gap, and by when. Managers and administrators.")
    async def assign_alignment_gap(
        self,
        change: Change,
        given: Annotated[AssignAlignmentGapInput, strawberry.argument(name="input", description="Who, by when.")],
    ) -> AssignAlignmentGapResult:
        """See services.alignment.gaps.assign_gap."""
        session, actor, now = change
        entry = await gaps.assign_gap(
            session,
            actor=actor,
            gap_id=referenced(actor, "AlignmentGap", given.gap_id),
            person_id=referenced(actor, "Person", given.person_id),
            due_on=given.due_on,
            reason=given.reason,
            now=now,
        )
        return AlignmentGapEntryPayload(entry=row(entry))

    @mutation("Accept the risk of a gap until an instant. Managers and administrators.")
    async def accept_alignment_gap(
        self,
        change: Change,
        given: Annotated[AcceptAlignmentGapInput, strawberry.argument(name="input", description="Who, until when.")],
    ) -> AcceptAlignmentGapResult:
        """See services.alignment.gaps.accept_gap."""
        session, actor, now = change
        entry = await gaps.accept_gap(
            session,
            actor=actor,
            gap_id=referenced(actor, "AlignmentGap", given.gap_id),
            person_id=referenced(actor, "Person", given.person_id),
            expires_at=given.expires_at,
            reason=given.reason,
            now=now,
        )
        return AlignmentGapEntryPayload(entry=row(entry))

    @mutation("Take the acceptance of a gap back. Managers and administrators.")
    async def withdraw_alignment_gap_acceptance(
        self,
        change: Change,
        given: Annotated[
            WithdrawAlignmentGapAcceptanceInput, strawberry.argument(name="input", description="Who, and why.")
        ],
    ) -> WithdrawAlignmentGapAcceptanceResult:
        """See services.alignment.gaps.withdraw_gap_acceptance."""
        session, actor, now = change
        entry = await gaps.withdraw_gap_acceptance(
            session,
            actor=actor,
            gap_id=referenced(actor, "AlignmentGap", given.gap_id),
            person_id=referenced(actor, "Person", given.person_id),
            reason=given.reason,
            now=now,
        )
        return AlignmentGapEntryPayload(entry=row(entry))
