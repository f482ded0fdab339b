"""Saying that a recorded breach was none, and what changed definitions and calendars would do."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.agreements import publications as agreements
from schema.agreements.inputs import EndAgreementInput, PublishAgreementVersionInput
from schema.calendars import publications as calendars
from schema.calendars.inputs import PublishCalendarVersionInput, ReviewHolidaysInput
from schema.compliance.previews import (
    ChangePreviewPayload,
    First,
    PreviewAgreementEndResult,
    PreviewAgreementVersionResult,
    PreviewCalendarVersionResult,
    PreviewHolidayReviewResult,
    previewed,
)
from schema.compliance.types import Breach, BreachAccountability
from schema.mutation import Change, Refusal, mutation
from schema.planner.declarations import row, stored
from schema.references import referenced, referenced_if_given
from schema.vocabulary import GovernanceRole
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


@strawberry.input(description="A decision about who answers for a breach.")
class HoldAccountableInput:
    """Which breach, who, and why."""

    breach_id: strawberry.ID = strawberry.field(description="The breach.")
    role: GovernanceRole = strawberry.field(description="The role that answers for it.")
    person_id: strawberry.ID | None = strawberry.field(
        default=None, description="The person who does; null to name none."
    )
    decided_by_id: strawberry.ID = strawberry.field(description="Who decided so.")
    reason: str = strawberry.field(description="Why, 1 to 4,000 characters.")
    decided_at: datetime | None = strawberry.field(default=None, description="When; null: now.")


@strawberry.type(description="It was recorded who answers for a breach.")
class BreachAccountabilityPayload:
    """See holdAccountable."""

    accountability: BreachAccountability = stored("The decision.")


HoldAccountableResult = Annotated[
    BreachAccountabilityPayload | Refusal,
    strawberry.union("HoldAccountableResult", description="What holdAccountable answers."),
]
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

    @mutation("Record who answers for a breach. What was decided before stays. Role manager or administrator.")
    async def hold_accountable(
        self,
        change: Change,
        given: Annotated[HoldAccountableInput, strawberry.argument(name="input", description="Who, and why.")],
    ) -> HoldAccountableResult:
        """See services.compliance.commands.hold_accountable."""
        session, actor, now = change
        decided = await commands.hold_accountable(
            session,
            actor=actor,
            breach_id=referenced(actor, "Breach", given.breach_id),
            role=given.role,
            person_id=referenced_if_given(actor, "Person", given.person_id),
            decided_by_id=referenced(actor, "Person", given.decided_by_id),
            reason=given.reason,
            decided_at=given.decided_at or now,
            now=now,
        )
        return BreachAccountabilityPayload(accountability=row(decided))

    @mutation(
        "What publishAgreementVersion would do to the tickets, periods and breaches on record,"
        " given the same input. Changes nothing. Role manager or administrator.",
        effect_free=True,
    )
    async def preview_agreement_version(
        self,
        change: Change,
        given: Annotated[PublishAgreementVersionInput, strawberry.argument(name="input", description="The version.")],
        first: First = 100,
    ) -> PreviewAgreementVersionResult:
        """See services.compliance.recomputing.apply_version."""
        return ChangePreviewPayload(preview=await previewed(change, agreements.new_version(change, given), first))

    @mutation(
        "What endAgreement would do to the tickets, periods and breaches on record,"
        " given the same input. Changes nothing. Role manager or administrator.",
        effect_free=True,
    )
    async def preview_agreement_end(
        self,
        change: Change,
        given: Annotated[EndAgreementInput, strawberry.argument(name="input", description="Which, when and why.")],
        first: First = 100,
    ) -> PreviewAgreementEndResult:
        """See services.compliance.recomputing.apply_version."""
        return ChangePreviewPayload(preview=await previewed(change, agreements.end(change, given), first))

    @mutation(
        "What publishCalendarVersion would do to the tickets, periods and breaches on record,"
        " given the same input. Changes nothing. Role manager or administrator.",
        effect_free=True,
    )
    async def preview_calendar_version(
        self,
        change: Change,
        given: Annotated[PublishCalendarVersionInput, strawberry.argument(name="input", description="The version.")],
        first: First = 100,
    ) -> PreviewCalendarVersionResult:
        """See services.compliance.recomputing.apply_version."""
        return ChangePreviewPayload(preview=await previewed(change, calendars.new_version(change, given), first))

    @mutation(
        "What reviewHolidays would do to the tickets, periods and breaches on record,"
        " given the same input. Changes nothing. Role manager or administrator.",
        effect_free=True,
    )
    async def preview_holiday_review(
        self,
        change: Change,
        given: Annotated[ReviewHolidaysInput, strawberry.argument(name="input", description="The review.")],
        first: First = 100,
    ) -> PreviewHolidayReviewResult:
        """See services.compliance.recomputing.apply_version."""
        return ChangePreviewPayload(preview=await previewed(change, calendars.holiday_review(change, given), first))
