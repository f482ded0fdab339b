"""The service review: computed on request, from figures that are counted then."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

import strawberry

from schema.context import Info
from schema.planner.identity import encode_global_id
from schema.requirements.meaning import DESIGN_GATES, MEANINGFUL, MEANINGLESS_BECAUSE
from schema.vocabulary import FindingCode, FindingWeight, GateStanding, Grouping, Meaninglessness, SelectionBasis
from services.attainment import figures, findings, review
from services.domain import rates
from services.errors import FieldProblem, Invalid
from services.organisations.queries import organisation_time_zone
from services.tickets import rules

MOST_GROUPS = 500
MOST_HOURS = 24 * 366


@strawberry.type(description="How many of how many, with the 95 % Wilson interval of the share.")
class Rate:
    """See services.domain.rates.Rate."""

    count: int = strawberry.field(description="How many.")
    total: int = strawberry.field(description="Of how many.")
    percent: Decimal | None = strawberry.field(description="The share in percent; null when there is nothing to count.")
    low_percent: Decimal | None = strawberry.field(description="Lower end of the interval; null like the share.")
    high_percent: Decimal | None = strawberry.field(description="Upper end of the interval; null like the share.")


@strawberry.type(description="Tickets, and the outcomes their system of record states for them.")
class ReviewedTickets:
    """See services.attainment.figures.TicketCounts."""

    tickets: int = strawberry.field(description="Tickets in the selection.")
    closed: int = strawberry.field(description="Of those, closed.")
    recorded_breaches: Rate = strawberry.field(description="Recorded as missed, of those with a recorded outcome.")
    reopened: Rate = strawberry.field(description="Reopened at least once, of all.")
    missed_though_resolved_quickly: Rate = strawberry.field(
        description="Resolved within `quicklyHours` of opening, of those recorded as missed with a known resolution."
    )


@strawberry.type(description="Our own clocks on a set of tickets. Cancelled clocks never count as met.")
class ReviewedClocks:
    """See services.attainment.figures.ClockCounts."""

    attainment: Rate = strawberry.field(description="Met, of those decided.")
    pending: int = strawberry.field(description="Clocks whose outcome is not decided yet.")
    cancelled: int = strawberry.field(description="Clocks cancelled before anything was decided.")
    paused: int = strawberry.field(description="Clocks that were paused at least once.")
    met_only_after_pausing: int = strawberry.field(
        description="Met, but over the limit had the time spent waiting counted."
    )
    agreeing: Rate = strawberry.field(
        description="Clocks that say the same as the recorded outcome, of those where both are known."
    )
    p95_overrun_seconds: int | None = strawberry.field(
        description="Business seconds beyond the limit that 95 % of missed clocks stay under; null if none missed."
    )
    worst_overrun_seconds: int | None = strawberry.field(
        description="Business seconds beyond the limit of the worst missed clock; null when none was missed."
    )


@strawberry.type(description="One group of tickets in a review.")
class ReviewedGroup:
    """See services.attainment.figures.GroupFigures."""

    grouping: Grouping = strawberry.field(description="What the tickets are grouped by.")
    value: str | None = strawberry.field(description="The group, spelled as the source does; null for tickets without.")
    tickets: ReviewedTickets = strawberry.field(description="The tickets and their recorded outcomes.")
    clocks: ReviewedClocks = strawberry.field(description="Our own clocks on them.")


@strawberry.type(description="One target on the tickets of a review, as its newest definition reads.")
class ReviewedTarget:
    """See services.attainment.figures.TargetFigures."""

    target_id: strawberry.ID = strawberry.field(description="The id of the target, for `node`.")
    key: str = strawberry.field(description="The key of the target in its agreement.")
    name: str = strawberry.field(description="The name of the target.")
    agreement: str = strawberry.field(description="The name of its agreement.")
    duration_seconds: int = strawberry.field(description="How long it may take, in seconds of service hours.")
    objective_percent: Decimal = strawberry.field(description="How often it must hold, in percent.")
    assumed: bool = strawberry.field(description="Whether nobody agreed to it, so that its figures are illustrations.")
    clocks: ReviewedClocks = strawberry.field(description="Its clocks.")
    worst_ticket: str | None = strawberry.field(
        description="The key of the ticket that used the most time of those missed; null when none was missed."
    )
    meaningful: bool | None = strawberry.field(description=MEANINGFUL)
    meaningless_because: Meaninglessness | None = strawberry.field(description=MEANINGLESS_BECAUSE)
    design_gates: GateStanding = strawberry.field(description=DESIGN_GATES)


@strawberry.type(description="Days in which almost nothing was closed although tickets went on being resolved.")
class ClosingStall:
    """See services.tickets.rules.ClosingStall."""

    first_day: date = strawberry.field(description="The first day, in the organisation's time zone.")
    last_day: date = strawberry.field(description="The last day, included.")
    closed: int = strawberry.field(description="Tickets closed in these days.")
    resolved: int = strawberry.field(description="Tickets resolved in these days.")
    usually_resolved: int = strawberry.field(description="Tickets usually resolved in as many days around them.")
    closed_on_day_after: int = strawberry.field(description="Tickets closed on the day after; 0 if it still lasts.")


@strawberry.type(description="Something a reader of the review should know, found by a rule.")
class Finding:
    """See services.attainment.findings.Finding."""

    code: FindingCode = strawberry.field(description="The rule that found it.")
    weight: FindingWeight = strawberry.field(description="How it bears on the numbers.")
    sentence: str = strawberry.field(description="What was found, in words.")
    tickets: list[str] = strawberry.field(description="Keys of a few tickets behind it; at most five.")


def resolve_groups(
    parent: strawberry.Parent["ServiceReview"],
    by: Annotated[Grouping, strawberry.argument(description="What to group by.")],
    first: Annotated[int, strawberry.argument(description="How many groups at most, 1 to 500.")] = 20,
) -> list[ReviewedGroup]:
    """The groups of one grouping."""
    if not 1 <= first <= MOST_GROUPS:
        raise Invalid(f"first: expected 1 to {MOST_GROUPS}, got {first}")
    chosen = [group for group in parent.counted_groups if group.grouping is by]
    return [
        ReviewedGroup(
            grouping=group.grouping, value=group.value, tickets=_tickets(group.tickets), clocks=_clocks(group.clocks)
        )
        for group in chosen[:first]
    ]


@strawberry.type(description="What a period held, and what a service level manager should be told about it.")
class ServiceReview:
    """See services.attainment.review."""

    made_at: datetime = strawberry.field(description="When the review was made.")
    organisation: str = strawberry.field(description="The name of the organisation.")
    time_zone: str = strawberry.field(description="The IANA zone of its days and months.")
    selected_by: SelectionBasis = strawberry.field(description="Which instant of a ticket puts it into the review.")
    selected_from: datetime | None = strawberry.field(description="First instant of the selection; null: no beginning.")
    selected_before: datetime | None = strawberry.field(description="End of the selection, excluded; null: no end.")
    last_event_at: datetime | None = strawberry.field(description="The newest event on record; null without tickets.")
    findings: list[Finding] = strawberry.field(description="What the figures mean; what distorts them comes first.")
    tickets: ReviewedTickets = strawberry.field(description="All tickets of the selection.")
    clocks: ReviewedClocks = strawberry.field(description="All our clocks on them.")
    targets: list[ReviewedTarget] = strawberry.field(description="Each target with clocks on them.")
    closing_stalls: list[ClosingStall] = strawberry.field(description="Stalls in closing that touch the selection.")
    overdue: int = strawberry.field(description="Clocks that still run past their due instant.")
    counted_groups: strawberry.Private[tuple[figures.GroupFigures, ...]]

    groups: list[ReviewedGroup] = strawberry.field(
        resolver=resolve_groups,
        description="The tickets by group, worst first: by the end of the interval on the safe side.",
    )


async def resolve_service_review(
    info: Info,
    month: Annotated[
        str | None, strawberry.argument(description="Tickets closed in this month, such as 2016-03.")
    ] = None,
    opened_from: Annotated[date | None, strawberry.argument(description="Tickets opened on this day or later.")] = None,
    opened_before: Annotated[date | None, strawberry.argument(description="Tickets opened before this day.")] = None,
    quickly_hours: Annotated[
        int,
        strawberry.argument(description="Wall-clock hours after opening that count as resolved quickly, 1 to 8784."),
    ] = 72,
) -> ServiceReview:
    """A review of the caller's organisation."""
    if not 1 <= quickly_hours <= MOST_HOURS:
        problem = FieldProblem("quickly_hours", f"expected 1 to {MOST_HOURS}, got {quickly_hours}")
        raise Invalid("the review cannot be made", [problem])
    organisation_id = info.context.actor.organisation_id
    async with info.context.database.reading(organisation_id) as session:
        zone = ZoneInfo(await organisation_time_zone(session, organisation_id=organisation_id))
        made = await review.service_review(
            session,
            organisation_id=organisation_id,
            selection=review.selected(zone, month=month, opened_from=opened_from, opened_before=opened_before),
            now=info.context.now,
            quickly=timedelta(hours=quickly_hours),
        )
    counted = made.figures
    return ServiceReview(
        made_at=made.made_at,
        organisation=counted.organisation,
        time_zone=counted.time_zone,
        selected_by=counted.selection.basis,
        selected_from=counted.selection.start,
        selected_before=counted.selection.end,
        last_event_at=counted.last_event_at,
        findings=[_finding(finding) for finding in made.findings],
        tickets=_tickets(counted.tickets),
        clocks=_clocks(counted.clocks),
        targets=[_target(target, info) for target in counted.targets],
        closing_stalls=[_stall(stall) for stall in counted.stalls],
        overdue=counted.overdue,
        counted_groups=counted.groups,
    )


def rate_of(rate: rates.Rate) -> Rate:
    """A rate as GraphQL shows it."""
    return Rate(
        count=rate.count,
        total=rate.total,
        percent=rate.percent,
        low_percent=rate.low_percent,
        high_percent=rate.high_percent,
    )


def _tickets(counts: figures.TicketCounts) -> ReviewedTickets:
    return ReviewedTickets(
        tickets=counts.tickets,
        closed=counts.closed,
        recorded_breaches=rate_of(counts.recorded_breaches),
        reopened=rate_of(counts.reopened_share),
        missed_though_resolved_quickly=rate_of(
            rates.rate(counts.missed_though_resolved_quickly, counts.missed_resolution_known)
        ),
    )


def _clocks(counts: figures.ClockCounts) -> ReviewedClocks:
    return ReviewedClocks(
        attainment=rate_of(counts.attainment),
        pending=counts.pending,
        cancelled=counts.cancelled,
        paused=counts.paused,
        met_only_after_pausing=counts.met_only_after_pausing,
        agreeing=rate_of(rates.rate(counts.agreeing, counts.compared)),
        p95_overrun_seconds=counts.p95_overrun_seconds,
        worst_overrun_seconds=counts.worst_overrun_seconds,
    )


def _target(target: figures.TargetFigures, info: Info) -> ReviewedTarget:
    organisation_id = info.context.actor.organisation_id
    return ReviewedTarget(
        target_id=strawberry.ID(encode_global_id("Target", organisation_id, target.target_id)),
        key=target.key,
        name=target.name,
        agreement=target.agreement,
        duration_seconds=target.duration_seconds,
        objective_percent=target.objective_percent,
        assumed=target.assumed,
        clocks=_clocks(target.clocks),
        worst_ticket=target.worst_ticket,
        meaningful=target.is_meaningful,
        meaningless_because=target.meaningless_because,
        design_gates=target.gate_standing,
    )


def _stall(stall: rules.ClosingStall) -> ClosingStall:
    return ClosingStall(
        first_day=stall.first_day,
        last_day=stall.last_day,
        closed=stall.closed,
        resolved=stall.resolved,
        usually_resolved=stall.usually_resolved,
        closed_on_day_after=stall.closed_on_day_after,
    )


def _finding(finding: findings.Finding) -> Finding:
    return Finding(code=finding.code, weight=finding.weight, sentence=finding.sentence, tickets=list(finding.tickets))
