"""Promises that are not backed as the liability they are: worked out when asked for."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from schema.alignment.underpinning import NO_PROMISE
from schema.context import Info
from schema.planner.identity import encode_global_id
from schema.vocabulary import ChainVerdict
from services.compliance import liability
from services.domain.inputs import Problems

MOST_SERVICES = 500


@strawberry.type(description="A target promised to customers that is not known to be backed.")
class DoubtfulPromise:
    """See services.compliance.liability.DoubtfulPromise."""

    target_id: strawberry.ID = strawberry.field(description="The id of the target.")
    target_key: str = strawberry.field(description="Its key.")
    agreement_key: str = strawberry.field(description="The key of the agreement that promises it.")
    verdict: ChainVerdict | None = strawberry.field(
        description="What is known of it; null if the version in force was not judged yet."
    )
    is_liability: bool = strawberry.field(description="Whether it is known not to be backed.")
    because: list[str] = strawberry.field(description="What fails or cannot be told, axis by axis.")
    highest_credit: Decimal | None = strawberry.field(
        description="The highest credit of a period, in the currency of the agreement; null if not known."
    )
    value_at_risk: Decimal | None = strawberry.field(
        description="What failing it costs by its requirements; null if not known."
    )
    value_currency: str | None = strawberry.field(description="The currency of the value at risk; null if not known.")
    missing: list[str] = strawberry.field(description="What is not on record to tell its credit or value by.")


@strawberry.type(description="Credits in a currency.")
class CreditsAtRisk:
    """See services.compliance.liability.AmountAtRisk."""

    currency: str = strawberry.field(description="The currency, ISO 4217.")
    credits: Decimal = strawberry.field(description="The most that one period can cost.")


@strawberry.type(description="A service with promises that are not known to be backed.")
class ServiceLiability:
    """See services.compliance.liability.ServiceLiability."""

    service_id: strawberry.ID = strawberry.field(description="The id of the service.")
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    is_liability: bool = strawberry.field(description="Whether a promise about it is known not to be backed.")
    promises: list[DoubtfulPromise] = strawberry.field(description="Those promises, by agreement and target.")
    at_risk: list[CreditsAtRisk] = strawberry.field(
        description="What one period can cost in credits if all of its promises fail that are known not to be backed,"
        " at most the cap of each agreement; of each currency apart. Empty for a liability of which nothing is"
        " missing: no credits are agreed."
    )
    missing: list[str] = strawberry.field(description="What is not on record, so that more may be at risk.")


@strawberry.type(description="Services whose promises are not known to be backed, as things stand.")
class Liabilities:
    """See services.compliance.liability.Liabilities."""

    as_of: datetime = strawberry.field(description="The instant: now.")
    promises: int = strawberry.field(description="How many targets promised to customers are in force, backed or not.")
    liable_services: int = strawberry.field(
        description="How many services have a promise that is known not to be backed."
    )
    services: list[ServiceLiability] = strawberry.field(
        description="Services with a liability by the credits at risk, the most in each currency first, then those"
        " whose amount is not known, then those of which it cannot be told whether they are one; as many as asked for."
    )
    missing: list[str] = strawberry.field(description="What is not on record at all, so that nothing can be told.")


async def resolve_liabilities(
    info: Info,
    first: Annotated[int, strawberry.argument(description="How many services at most, 1 to 500.")] = 100,
) -> Liabilities:
    """Three statements."""
    problems = Problems()
    if not 1 <= first <= MOST_SERVICES:
        problems.add("first", f"expected 1 to {MOST_SERVICES}, got {first}")
    problems.refuse("the liabilities cannot be listed")
    own, now = info.context.actor.organisation_id, info.context.now
    async with info.context.database.reading(own) as session:
        found = await liability.liabilities(session, own, now=now)
    return Liabilities(
        as_of=now,
        promises=found.promises,
        liable_services=sum(each.is_liable for each in found.services),
        services=[
            ServiceLiability(
                service_id=strawberry.ID(encode_global_id("Service", own, each.service_id)),
                key=each.key,
                name=each.name,
                is_liability=each.is_liable,
                promises=[
                    DoubtfulPromise(
                        target_id=strawberry.ID(encode_global_id("Target", own, promise.target_id)),
                        target_key=promise.target_key,
                        agreement_key=promise.agreement_key,
                        verdict=promise.verdict,
                        is_liability=promise.is_liable,
                        because=list(promise.because),
                        highest_credit=promise.highest_credit,
                        value_at_risk=promise.value_at_risk,
                        value_currency=promise.value_currency,
                        missing=list(promise.missing),
                    )
                    for promise in each.promises
                ],
                at_risk=[CreditsAtRisk(currency=amount.currency, credits=amount.credits) for amount in each.amounts],
                missing=list(each.missing),
            )
            for each in found.services[:first]
        ],
        missing=[] if found.promises else [NO_PROMISE],
    )
