"""What a changed definition or calendar would do, told before it does."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from schema.mutation import Change, Refusal
from schema.planner.identity import encode_global_id
from schema.vocabulary import BreachKind, ClockStatus, Outcome, PeriodKind
from services.compliance import rules
from services.compliance.recomputing import MOST_PREVIEWED, Publication, apply_version
from services.compliance.rules import MOST_SHOWN
from services.errors import FieldProblem, Invalid

First = Annotated[
    int, strawberry.argument(description=f"How many changes of each sort to tell one by one, 0 to {MOST_SHOWN}.")
]


@strawberry.type(description="What a clock shows, before or after a change.")
class ClockFigures:
    """See services.compliance.rules.ClockState."""

    status: ClockStatus = strawberry.field(description="What it is doing.")
    outcome: Outcome = strawberry.field(description="Whether the promise was kept.")
    due_at: datetime | None = strawberry.field(description="When its duration is used up; null while paused.")
    breached_at: datetime | None = strawberry.field(description="When it broke the promise; null if it has not.")
    stopped_at: datetime | None = strawberry.field(
        description="When it was completed or cancelled; null if it was not."
    )
    duration_seconds: int = strawberry.field(description="How long it may take, in seconds of service hours.")
    elapsed_seconds: int = strawberry.field(description="Seconds of service hours used.")
    paused_seconds: int = strawberry.field(description="Seconds of service hours spent waiting.")


@strawberry.type(description="A clock that would show something else.")
class ClockChange:
    """See services.compliance.rules.ClockChange."""

    ticket_id: strawberry.ID = strawberry.field(description="The id of the ticket, for `node`.")
    ticket_key: str = strawberry.field(description="The number of the ticket in its source.")
    target_id: strawberry.ID = strawberry.field(
        description="The id of the target, for `node`; of one that the change would create it finds nothing."
    )
    target_key: str = strawberry.field(description="The key of the target in its agreement.")
    cycle: int = strawberry.field(description="1 for the first clock of this target on this ticket.")
    before: ClockFigures | None = strawberry.field(description="What it shows; null if there is no such clock.")
    after: ClockFigures = strawberry.field(
        description="What it would show. A clock whose target applies no more is cancelled, without data."
    )


@strawberry.type(description="What a target comes to over a period, before or after a change.")
class PeriodFigures:
    """See services.compliance.rules.PeriodState."""

    met: int = strawberry.field(description="Clocks decided within the period that kept the promise.")
    missed: int = strawberry.field(description="Clocks decided within the period that broke it.")
    pending: int = strawberry.field(description="Clocks not decided.")
    cancelled: int = strawberry.field(description="Clocks that were cancelled; they count for nothing.")
    objective_percent: Decimal = strawberry.field(description="The share that must keep the promise, in percent.")
    attainment_percent: Decimal | None = strawberry.field(
        description="The share that kept it, in percent; null when none was decided."
    )
    outcome: Outcome = strawberry.field(description="Whether the objective was reached.")


@strawberry.type(description="A period that would come to something else.")
class PeriodChange:
    """See services.compliance.rules.PeriodChange."""

    target_id: strawberry.ID = strawberry.field(
        description="The id of the target, for `node`; of one that the change would create it finds nothing."
    )
    target_key: str = strawberry.field(description="The key of the target in its agreement.")
    period: PeriodKind = strawberry.field(description="The kind of period.")
    period_start: datetime = strawberry.field(description="The first instant of the period.")
    period_end: datetime = strawberry.field(description="The first instant after the period.")
    before: PeriodFigures | None = strawberry.field(description="What it comes to; null if there is no result yet.")
    after: PeriodFigures = strawberry.field(description="What it would come to.")


@strawberry.type(description="A breach that would appear, or would no longer hold.")
class BreachChange:
    """See services.compliance.rules.BreachChange."""

    kind: BreachKind = strawberry.field(description="Whether it is about a ticket or a whole period.")
    target_key: str = strawberry.field(description="The key of the target in its agreement.")
    ticket_id: strawberry.ID | None = strawberry.field(description="The id of the ticket; null for periods.")
    ticket_key: str | None = strawberry.field(description="The number of the ticket in its source; null for periods.")
    cycle: int | None = strawberry.field(description="Which of the target's clocks on the ticket; null for periods.")
    period: PeriodKind | None = strawberry.field(description="The kind of period; null for tickets.")
    period_start: datetime | None = strawberry.field(description="The first instant of the period; null for tickets.")


@strawberry.type(
    description="What a changed definition or calendar would do to what is recorded. Counts are of all changes; the"
    " lists hold as many as asked for, changed verdicts first."
)
class ChangePreview:
    """See services.compliance.recomputing.Effect."""

    facts: str = strawberry.field(
        description="A digest of what it was made from. Hand it in with the change to learn if facts arrived since."
    )
    made_at: datetime = strawberry.field(description="The instant as of which everything was computed.")
    tickets: int = strawberry.field(description="Tickets it is about: opened since then, of the services concerned.")
    clocks_changed: int = strawberry.field(description="Clocks that would show something else, or would be new.")
    clocks: list[ClockChange] = strawberry.field(description="These clocks.")
    periods_changed: int = strawberry.field(description="Period results that would say something else, or be new.")
    periods: list[PeriodChange] = strawberry.field(description="These periods.")
    frozen_periods_touched: int = strawberry.field(
        description="Frozen results that would say something else. They stay; an adjustment is shown beside them."
    )
    frozen_periods: list[PeriodChange] = strawberry.field(
        description="These periods, with what they are computed to be; what was signed is not shown here."
    )
    breaches_added: int = strawberry.field(description="Breaches that would be recorded, or count again.")
    new_breaches: list[BreachChange] = strawberry.field(description="These breaches.")
    breaches_removed: int = strawberry.field(description="Breaches that would no longer hold, and be retracted.")
    lost_breaches: list[BreachChange] = strawberry.field(description="These breaches.")


@strawberry.type(description="A change was previewed. Nothing was changed.")
class ChangePreviewPayload:
    """See previewAgreementVersion and its neighbours."""

    preview: ChangePreview = strawberry.field(description="What the change would do.")


PreviewAgreementVersionResult = Annotated[
    ChangePreviewPayload | Refusal,
    strawberry.union("PreviewAgreementVersionResult", description="What came of previewing a version."),
]
PreviewAgreementEndResult = Annotated[
    ChangePreviewPayload | Refusal,
    strawberry.union("PreviewAgreementEndResult", description="What came of previewing an end."),
]
PreviewCalendarVersionResult = Annotated[
    ChangePreviewPayload | Refusal,
    strawberry.union("PreviewCalendarVersionResult", description="What came of previewing a version."),
]
PreviewHolidayReviewResult = Annotated[
    ChangePreviewPayload | Refusal,
    strawberry.union("PreviewHolidayReviewResult", description="What came of previewing a review."),
]


async def previewed(change: Change, publication: Publication, first: int) -> ChangePreview:
    """What the publication does, in a transaction that is undone."""
    if not 0 <= first <= MOST_SHOWN:
        message = f"expected 0 to {MOST_SHOWN}, got {first}"
        raise Invalid("the change cannot be previewed", [FieldProblem("first", message)])
    session, actor, now = change
    effect = await apply_version(
        session, actor=actor, publication=publication, now=now, shown=first, most_tickets=MOST_PREVIEWED
    )
    organisation_id = actor.organisation_id
    return ChangePreview(
        facts=effect.facts,
        made_at=now,
        tickets=effect.tickets,
        clocks_changed=effect.clocks.total,
        clocks=[_clock(organisation_id, changed) for changed in effect.clocks.shown],
        periods_changed=effect.periods.total,
        periods=[_period(organisation_id, changed) for changed in effect.periods.shown],
        frozen_periods_touched=effect.frozen_periods.total,
        frozen_periods=[_period(organisation_id, changed) for changed in effect.frozen_periods.shown],
        breaches_added=effect.breaches_added.total,
        new_breaches=[_breach(organisation_id, changed) for changed in effect.breaches_added.shown],
        breaches_removed=effect.breaches_removed.total,
        lost_breaches=[_breach(organisation_id, changed) for changed in effect.breaches_removed.shown],
    )


def _id(type_name: str, organisation_id: UUID, id_: UUID) -> strawberry.ID:
    return strawberry.ID(encode_global_id(type_name, organisation_id, id_))


def _clock(organisation_id: UUID, changed: rules.ClockChange) -> ClockChange:
    subject = changed.subject
    return ClockChange(
        ticket_id=_id("Ticket", organisation_id, subject.ticket_id),
        ticket_key=subject.ticket_key,
        target_id=_id("Target", organisation_id, subject.target_id),
        target_key=subject.target_key,
        cycle=subject.cycle,
        before=None if changed.before is None else _clock_figures(changed.before),
        after=_clock_figures(changed.after),
    )


def _clock_figures(state: rules.ClockState) -> ClockFigures:
    return ClockFigures(
        status=state.status,
        outcome=state.outcome,
        due_at=state.due_at,
        breached_at=state.breached_at,
        stopped_at=state.stopped_at,
        duration_seconds=state.duration_seconds,
        elapsed_seconds=state.elapsed_seconds,
        paused_seconds=state.paused_seconds,
    )


def _period(organisation_id: UUID, changed: rules.PeriodChange) -> PeriodChange:
    subject = changed.subject
    return PeriodChange(
        target_id=_id("Target", organisation_id, subject.target_id),
        target_key=subject.target_key,
        period=subject.period,
        period_start=subject.period_start,
        period_end=subject.period_end,
        before=None if changed.before is None else PeriodFigures(**changed.before._asdict()),
        after=PeriodFigures(**changed.after._asdict()),
    )


def _breach(organisation_id: UUID, changed: rules.BreachChange) -> BreachChange:
    subject = changed.subject
    clock = subject if isinstance(subject, rules.ClockSubject) else None
    period = subject if isinstance(subject, rules.PeriodSubject) else None
    return BreachChange(
        kind=changed.kind,
        target_key=subject.target_key,
        ticket_id=_id("Ticket", organisation_id, clock.ticket_id) if clock else None,
        ticket_key=clock.ticket_key if clock else None,
        cycle=clock.cycle if clock else None,
        period=period.period if period else None,
        period_start=period.period_start if period else None,
    )
