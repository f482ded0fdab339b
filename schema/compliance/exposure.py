"""What promises are worth, service by service: worked out when asked for."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from schema.context import Info
from schema.planner.identity import encode_global_id
from schema.vocabulary import AgreementKind, CostBasis, RequirementPriority, TargetKind
from services.compliance import exposure
from services.domain.inputs import Problems

MISSING = "What is not on record, so that it cannot be told."


@strawberry.type(description="What failing a requirement costs: the value it protects.")
class RequirementCost:
    """See services.compliance.worth.FailureCost."""

    requirement_key: str = strawberry.field(description="The key of the requirement.")
    amount: Decimal = strawberry.field(description="What it costs.")
    currency: str = strawberry.field(description="The currency, such as EUR.")
    basis: CostBasis = strawberry.field(description="What it is counted by.")
    priority: RequirementPriority | None = strawberry.field(
        description="How much the requirement matters; null if not stated."
    )


@strawberry.type(description="A target in force, with what it is worth to keep it.")
class TargetExposure:
    """See services.compliance.exposure.TargetExposure."""

    target_id: strawberry.ID = strawberry.field(description="The id of the target.")
    key: str = strawberry.field(description="The key of the target.")
    name: str = strawberry.field(description="The name of the target.")
    kind: TargetKind = strawberry.field(description="What the target is about.")
    agreement_key: str = strawberry.field(description="The key of the agreement that promises it.")
    agreement_kind: AgreementKind = strawberry.field(description="What kind of agreement that is.")
    objective_percent: Decimal = strawberry.field(description="Its objective, in percent.")
    costs: list[RequirementCost] = strawberry.field(description="What failing the requirements it promises costs.")
    value_at_risk: Decimal | None = strawberry.field(
        description="The largest of these; where it is counted by the minute, of a failure that lasts as long as the"
        " promise allows: the time of a target about tickets, or what an objective of availability leaves of its window"
        " around the clock. Null where it is not known."
    )
    value_currency: str | None = strawberry.field(description="The currency of that; null where it is not known.")
    highest_credit: Decimal | None = strawberry.field(
        description="The highest credit for one period; null where it is not known."
    )
    missing: list[str] = strawberry.field(description=MISSING)


@strawberry.type(description="What an agreement owes for a period: the credits of its targets, at most its cap.")
class PeriodCredit:
    """See services.compliance.exposure.PeriodCredit."""

    period_start: datetime = strawberry.field(description="The first instant of the period.")
    period_end: datetime = strawberry.field(description="The first instant after it.")
    is_signed_off: bool = strawberry.field(
        description="Whether the results were signed off; until then the credit is provisional."
    )
    amount: Decimal = strawberry.field(description="The credit.")
    is_capped: bool = strawberry.field(description="Whether it would be more without the cap.")
    claimable_until: datetime | None = strawberry.field(
        description="Until when it can be claimed; null if the terms do not say."
    )
    targets: list[str] = strawberry.field(description="The keys of the targets that were missed.")


@strawberry.type(description="The credits of an agreement in force.")
class AgreementExposure:
    """See services.compliance.exposure.AgreementExposure."""

    agreement_id: strawberry.ID = strawberry.field(description="The id of the agreement.")
    key: str = strawberry.field(description="The key of the agreement.")
    name: str = strawberry.field(description="The name of the agreement.")
    kind: AgreementKind = strawberry.field(description="What kind of agreement it is.")
    currency: str | None = strawberry.field(description="The currency of all amounts; null if not on record.")
    owed: Decimal | None = strawberry.field(
        description="For periods that were missed and signed off, of the last two years; null where it is not known."
    )
    provisional: Decimal | None = strawberry.field(
        description="For periods that were missed and are not signed off yet; null where it is not known."
    )
    cap: Decimal | None = strawberry.field(description="The most for one period; null where there is none.")
    still_at_risk: Decimal | None = strawberry.field(
        description="The most that the running period can still cost; null where it is not known."
    )
    periods: list[PeriodCredit] = strawberry.field(description="The periods that were missed, the earliest first.")
    missing: list[str] = strawberry.field(description=MISSING)


@strawberry.type(description="What the promises about a service are worth.")
class ServiceExposure:
    """See exposure."""

    service_id: strawberry.ID = strawberry.field(description="The id of the service.")
    key: str = strawberry.field(description="The key of the service.")
    name: str = strawberry.field(description="The name of the service.")
    targets: list[TargetExposure] = strawberry.field(
        description="The targets in force, by the value at risk: the highest first in each currency, unknown ones last."
    )
    agreements: list[AgreementExposure] = strawberry.field(description="The agreements in force, by key.")


async def resolve_exposure(
    info: Info,
    service: Annotated[
        str | None, strawberry.argument(description="The key of a service; null: all with promises in force.")
    ] = None,
    as_of: Annotated[
        datetime | None, strawberry.argument(description="As of when, by what was recorded then; null: now.")
    ] = None,
) -> list[ServiceExposure]:
    """Three statements."""
    problems = Problems()
    if as_of is not None:
        problems.instant("as_of", as_of)
    problems.refuse("the exposure cannot be worked out")
    own = info.context.actor.organisation_id
    async with info.context.database.reading(own) as session:
        found = await exposure.exposure(session, own, as_of=as_of or info.context.now, service_key=service)
    return [
        ServiceExposure(
            service_id=_id("Service", own, each.service_id),
            key=each.key,
            name=each.name,
            targets=[_target(own, target) for target in each.targets],
            agreements=[_agreement(own, agreement) for agreement in each.agreements],
        )
        for each in found
    ]


def _target(own: UUID, target: exposure.TargetExposure) -> TargetExposure:
    return TargetExposure(
        target_id=_id("Target", own, target.target_id),
        key=target.key,
        name=target.name,
        kind=target.kind,
        agreement_key=target.agreement_key,
        agreement_kind=target.agreement_kind,
        objective_percent=target.objective_percent,
        costs=[RequirementCost(**vars(cost)) for cost in target.costs],
        value_at_risk=target.value_at_risk,
        value_currency=target.value_currency,
        highest_credit=target.highest_credit,
        missing=list(target.missing),
    )


def _agreement(own: UUID, agreement: exposure.AgreementExposure) -> AgreementExposure:
    return AgreementExposure(
        agreement_id=_id("Agreement", own, agreement.agreement_id),
        key=agreement.key,
        name=agreement.name,
        kind=agreement.kind,
        currency=agreement.currency,
        owed=agreement.owed,
        provisional=agreement.provisional,
        cap=agreement.cap,
        still_at_risk=agreement.still_at_risk,
        periods=[PeriodCredit(**vars(period) | {"targets": list(period.targets)}) for period in agreement.periods],
        missing=list(agreement.missing),
    )


def _id(type_name: str, own: UUID, id_: UUID) -> strawberry.ID:
    return strawberry.ID(encode_global_id(type_name, own, id_))
