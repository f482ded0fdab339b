"""Root fields of contracts."""

import strawberry

from schema.contracts.matrix import ContractMatrix, Renewals, resolve_contract_matrix, resolve_renewals
from schema.contracts.signatures import ContractSignatures, resolve_contract_signatures


@strawberry.type
class Queries:
    """Contracts with suppliers."""

    contract_matrix: ContractMatrix = strawberry.field(
        resolver=resolve_contract_matrix,
        description="Every contract with a supplier in force: who owns it, when it ends, how service level management"
        " had a say, and which requirements bind.",
    )
    renewals: Renewals = strawberry.field(
        resolver=resolve_renewals,
        description="The contracts to decide about soon, and whether the evidence is ready before that.",
    )
    contract_signatures: ContractSignatures = strawberry.field(
        resolver=resolve_contract_signatures,
        description="Contracts with teams and suppliers as they were signed: the promises they left without backing,"
        " who signed them, and whether service level management had a say.",
    )
