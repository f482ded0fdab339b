"""The contract matrix, and the renewals to decide about: worked out when asked for."""

from collections import Counter
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from assessment.definitions import shipped_patterns
from schema.context import Info
from schema.planner.identity import encode_global_id
from schema.vocabulary import (
    AgreementKind,
    AxisState,
    ContractOwnership,
    ContractSourcing,
    GovernanceRole,
    PackState,
    Renewal,
)
from services.agreements import contracts, supplier_owners
from services.agreements.supplier_owners import owners_by_supplier
from services.domain.inputs import Problems

NO_CONTRACT = "a contract with a supplier in force"
QUESTION = "Q2"
AsOf = Annotated[
    datetime | None,
    strawberry.argument(description="As of when, by what was recorded then; null: now."),
]


@strawberry.type(description="A contract with a supplier in force.")
class ContractInForce:
    """See services.agreements.contracts.ContractInForce."""

    agreement_id: strawberry.ID = strawberry.field(description="The id of the agreement.")
    key: str = strawberry.field(description="The key of the agreement.")
    name: str = strawberry.field(description="The name of the agreement.")
    kind: AgreementKind = strawberry.field(description="What kind of agreement it is.")
    service_key: str = strawberry.field(description="The key of the service it is about.")
    service_name: str = strawberry.field(description="The name of the service.")
    supplier_key: str = strawberry.field(description="The key of the supplier.")
    supplier_name: str = strawberry.field(description="The name of the supplier.")


@strawberry.type(
    description="The promises to customers that rest on a contract, as they were judged: of each axis the worst."
)
class ContractAlignment:
    """See services.agreements.contracts.ContractAlignment."""

    promises: int = strawberry.field(description="How many targets promised to customers rest on it.")
    backed: int = strawberry.field(description="How many of them are backed by all that supports them together.")
    value: AxisState = strawberry.field(description="How well.")
    coverage: AxisState = strawberry.field(description="At which times.")
    term: AxisState = strawberry.field(description="For how long, and with how much notice.")
    scope: AxisState = strawberry.field(description="By which definition.")


@strawberry.type(description="A row of the contract matrix: what is owed by whom, who owns it, and when it ends.")
class ContractMatrixRow:
    """See services.agreements.contracts.ContractRow."""

    contract: ContractInForce = strawberry.field(description="The contract.")
    owners: list[str] = strawberry.field(description="The names of the people who own it, by name.")
    ownership: ContractOwnership = strawberry.field(description="Whether one person owns it, several, or nobody.")
    terms_known: bool = strawberry.field(description="Whether the terms of the version in force are on record.")
    term_ends_at: datetime | None = strawberry.field(description="When its term ends; null if not on record.")
    notice_days: int | None = strawberry.field(description="Days of notice; null if not on record.")
    decision_due_at: datetime | None = strawberry.field(
        description="Until when to decide whether to go on; null if the terms do not say."
    )
    renewal: Renewal | None = strawberry.field(description="What happens at the end; null if not on record.")
    signed_at: datetime | None = strawberry.field(
        description="When it was signed or last renewed; null if not on record."
    )
    sourced_by: ContractSourcing = strawberry.field(description="How service level management had a say in it.")
    signer_roles: list[GovernanceRole] = strawberry.field(description="The roles in which it was signed.")
    binding_requirements: int = strawberry.field(description="How many requirements its clauses bind the supplier to.")
    other_requirements: int = strawberry.field(description="How many its clauses name without binding.")
    alignment: ContractAlignment | None = strawberry.field(
        description="What rests on it and how that was judged; null if no promise that was judged is known to."
    )
    missing: list[str] = strawberry.field(description="What is not on record, so that it cannot be told.")


@strawberry.type(description="Who owns what is agreed with a supplier.")
class SupplierOwners:
    """See services.agreements.supplier_owners.SupplierOwners."""

    supplier_key: str = strawberry.field(description="The key of the supplier.")
    supplier_name: str = strawberry.field(description="The name of the supplier.")
    service_terms_owners: list[str] = strawberry.field(
        description="The names of the people who own underpinning contracts and other agreements about the service."
    )
    experience_terms_owners: list[str] = strawberry.field(
        description="The names of the people who own agreements about experience (XLA)."
    )
    contracts: int = strawberry.field(description="How many agreements with the supplier are in force.")
    judged: int = strawberry.field(description="On how many of them promises rest that were judged.")
    aligned: int = strawberry.field(description="On how many of them everything that rests on them is backed.")


@strawberry.type(description="Every contract with a supplier in force, by supplier and service.")
class ContractMatrix:
    """See contractMatrix."""

    as_of: datetime = strawberry.field(description="As of when.")
    rows: list[ContractMatrixRow] = strawberry.field(description="The contracts.")
    suppliers: list[SupplierOwners] = strawberry.field(description="Who owns what, by name of the supplier.")
    suppliers_without_experience_owner: int = strawberry.field(
        description="With how many suppliers nobody owns what is agreed about experience, or nothing is agreed."
    )
    owned_by_one: int = strawberry.field(description="How many contracts one person owns.")
    owned_by_several: int = strawberry.field(description="How many several people own.")
    owned_by_nobody: int = strawberry.field(description="How many nobody owns: it should be none.")
    aligned: int = strawberry.field(
        description="On how many promises rest that were judged, all of which are backed. Of the others some are not,"
        " or it cannot be told."
    )
    ask: list[str] = strawberry.field(description="Whom to ask who negotiates with suppliers, and whether it fits.")
    data: list[str] = strawberry.field(description="Which records show it.")
    missing: list[str] = strawberry.field(description="What is not on record at all, so that nothing can be told.")


@strawberry.type(description="A contract to decide about, or one of which it is not known when.")
class RenewalDue:
    """See services.agreements.contracts.RenewalDue."""

    contract: ContractInForce = strawberry.field(description="The contract.")
    terms_known: bool = strawberry.field(description="Whether the terms of the version in force are on record.")
    term_ends_at: datetime | None = strawberry.field(description="When its term ends; null if not on record.")
    notice_days: int | None = strawberry.field(description="Days of notice; null if not on record.")
    decision_due_at: datetime | None = strawberry.field(
        description="Until when to decide whether to go on; null if the terms do not say."
    )
    renewal: Renewal | None = strawberry.field(description="What happens at the end; null if not on record.")
    evidence_pack_at: datetime | None = strawberry.field(
        description="When the evidence was ready, since the contract was signed or renewed; null if it is not."
    )
    evidence_pack: PackState = strawberry.field(description="Whether it was ready before the decision is due.")
    missing: list[str] = strawberry.field(description="What is not on record, so that it cannot be told.")


@strawberry.type(description="The contracts to decide about soon.")
class Renewals:
    """See renewals."""

    as_of: datetime = strawberry.field(description="As of when.")
    contracts: list[RenewalDue] = strawberry.field(
        description="By the end of the term; those of which it is not known are the last."
    )
    missing: list[str] = strawberry.field(description="What is not on record at all, so that nothing can be told.")


async def resolve_contract_matrix(info: Info, as_of: AsOf = None) -> ContractMatrix:
    """One statement."""
    at = _checked(as_of, info)
    organisation_id = info.context.actor.organisation_id
    async with info.context.database.reading(organisation_id) as session:
        found = await contracts.contract_matrix(session, organisation_id, as_of=at)
    rows = [
        ContractMatrixRow(
            contract=_contract(organisation_id, row.contract),
            owners=list(row.owners),
            ownership=row.ownership,
            terms_known=row.terms_known,
            term_ends_at=row.term_ends_at,
            notice_days=row.notice_days,
            decision_due_at=row.decision_due_at,
            renewal=row.renewal,
            signed_at=row.signed_at,
            sourced_by=row.sourced_by,
            signer_roles=list(row.signer_roles),
            binding_requirements=row.binding_requirements,
            other_requirements=row.other_requirements,
            alignment=None if row.alignment is None else _alignment(row.alignment),
            missing=list(row.missing),
        )
        for row in found
    ]
    owned = Counter(row.ownership for row in rows)
    suppliers = owners_by_supplier(found)
    pattern = shipped_patterns().patterns[QUESTION]
    return ContractMatrix(
        as_of=at,
        rows=rows,
        suppliers=[_supplier(each) for each in suppliers],
        suppliers_without_experience_owner=sum(not each.experience_terms_owners for each in suppliers),
        owned_by_one=owned[ContractOwnership.UNIQUE],
        owned_by_several=owned[ContractOwnership.SHARED],
        owned_by_nobody=owned[ContractOwnership.NONE],
        aligned=sum(each.aligned for each in suppliers),
        ask=list(pattern.ask),
        data=list(pattern.data),
        missing=[] if rows else [NO_CONTRACT],
    )


async def resolve_renewals(
    info: Info,
    days: Annotated[
        int,
        strawberry.argument(description="Whose decision is due, or term ends, within so many days: 1 to 730."),
    ] = contracts.USUAL_HORIZON_DAYS,
    as_of: AsOf = None,
) -> Renewals:
    """One statement."""
    at = _checked(as_of, info, days)
    organisation_id = info.context.actor.organisation_id
    async with info.context.database.reading(organisation_id) as session:
        found, contracts_in_force = await contracts.renewals_due(session, organisation_id, as_of=at, days=days)
    rows = [
        RenewalDue(
            contract=_contract(organisation_id, row.contract),
            terms_known=row.terms_known,
            term_ends_at=row.term_ends_at,
            notice_days=row.notice_days,
            decision_due_at=row.decision_due_at,
            renewal=row.renewal,
            evidence_pack_at=row.evidence_pack_at,
            evidence_pack=row.evidence_pack,
            missing=list(row.missing),
        )
        for row in found
    ]
    return Renewals(as_of=at, contracts=rows, missing=[] if contracts_in_force else [NO_CONTRACT])


def _checked(as_of: datetime | None, info: Info, days: int = contracts.USUAL_HORIZON_DAYS) -> datetime:
    problems = Problems()
    if as_of is not None:
        problems.instant("as_of", as_of)
    if not 1 <= days <= contracts.LONGEST_HORIZON_DAYS:
        problems.add("days", f"expected 1 to {contracts.LONGEST_HORIZON_DAYS}, got {days}")
    problems.refuse("the contracts cannot be listed")
    return as_of or info.context.now


def _supplier(found: supplier_owners.SupplierOwners) -> SupplierOwners:
    return SupplierOwners(
        supplier_key=found.supplier_key,
        supplier_name=found.supplier_name,
        service_terms_owners=list(found.service_terms_owners),
        experience_terms_owners=list(found.experience_terms_owners),
        contracts=found.contracts,
        judged=found.judged,
        aligned=found.aligned,
    )


def _alignment(found: contracts.ContractAlignment) -> ContractAlignment:
    states = {axis: AxisState(state) for axis, state in found.states.items()}
    return ContractAlignment(promises=found.promises, backed=found.backed, **states)


def _contract(organisation_id: UUID, contract: contracts.ContractInForce) -> ContractInForce:
    return ContractInForce(
        agreement_id=strawberry.ID(encode_global_id("Agreement", organisation_id, contract.agreement_id)),
        key=contract.key,
        name=contract.name,
        kind=contract.kind,
        service_key=contract.service_key,
        service_name=contract.service_name,
        supplier_key=contract.supplier_key,
        supplier_name=contract.supplier_name,
    )
