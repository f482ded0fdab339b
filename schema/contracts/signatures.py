"""Contracts as they were signed: worked out when asked for."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.context import Info
from schema.planner.identity import encode_global_id
from schema.vocabulary import AgreementKind, AwardCriterion, Axis, GovernanceRole, SignatureOutcome
from services.alignment import signatures
from services.domain.inputs import Problems

NO_SIGNATURE = "an operational level agreement or underpinning contract of the last three years"
MOST_SIGNATURES = 100


@strawberry.type(description="A promise that a contract left without backing when it was signed.")
class PromiseBroken:
    """One promise."""

    promise: str = strawberry.field(description="The keys of the agreement and of the target, with a slash between.")
    axes: list[Axis] = strawberry.field(description="On which axes it was not backed.")


@strawberry.type(
    description="A version of an operational level agreement or an underpinning contract, by what was in force and"
    " known when it came into force."
)
class ContractSignature:
    """See services.alignment.signatures.ContractSignature."""

    agreement_id: strawberry.ID = strawberry.field(description="The id of the agreement.")
    agreement_key: str = strawberry.field(description="Its key.")
    kind: AgreementKind = strawberry.field(description="What kind of agreement it is.")
    signed_at: datetime = strawberry.field(description="When the version came into force.")
    outcome: SignatureOutcome = strawberry.field(description="What it did to the promises that rested on it.")
    broken: list[PromiseBroken] = strawberry.field(description="Those that were not backed then.")
    untold: list[str] = strawberry.field(description="Those of which that cannot be told, by agreement and target.")
    signer_roles: list[GovernanceRole] = strawberry.field(description="The roles in which it was signed.")
    by_service_level_management: bool | None = strawberry.field(
        description="Whether service level management negotiated or signed it; null if it is not on record who did."
    )
    award_criterion: AwardCriterion | None = strawberry.field(
        description="What decided the last award before; null if not on record."
    )
    records_missing: int = strawberry.field(
        description="How many records of what depends on what were made and are not there, anywhere: they may have told"
        " otherwise."
    )


@strawberry.type(description="The contracts signed in the last thirty-six months.")
class ContractSignatures:
    """See contractSignatures."""

    as_of: datetime = strawberry.field(description="As of when.")
    signatures: list[ContractSignature] = strawberry.field(description="The newest first, as many as asked for.")
    missing: list[str] = strawberry.field(description="What is not on record at all, so that nothing can be told.")


async def resolve_contract_signatures(
    info: Info,
    as_of: Annotated[
        datetime | None, strawberry.argument(description="As of when, by what was recorded then; null: now.")
    ] = None,
    first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 50,
) -> ContractSignatures:
    """Fourteen statements, whatever there is."""
    problems = Problems()
    if as_of is not None:
        problems.instant("as_of", as_of)
    if not 1 <= first <= MOST_SIGNATURES:
        problems.add("first", f"expected 1 to {MOST_SIGNATURES}, got {first}")
    problems.refuse("the signatures cannot be listed")
    own, at = info.context.actor.organisation_id, as_of or info.context.now
    async with info.context.database.reading(own) as session:
        found = await signatures.contract_signatures(session, own, as_of=at, first=first)
    return ContractSignatures(
        as_of=at,
        signatures=[
            ContractSignature(
                agreement_id=strawberry.ID(encode_global_id("Agreement", own, each.signed.agreement_id)),
                agreement_key=each.signed.agreement_key,
                kind=each.signed.kind,
                signed_at=each.signed.signed_at,
                outcome=each.outcome,
                broken=[
                    PromiseBroken(promise=promise, axes=list(axes)) for promise, axes in each.signed.failing.items()
                ],
                untold=list(each.signed.untold),
                signer_roles=list(each.signer_roles),
                by_service_level_management=each.by_service_level_management,
                award_criterion=each.award_criterion,
                records_missing=each.signed.missing,
            )
            for each in found
        ],
        missing=[] if found else [NO_SIGNATURE],
    )
