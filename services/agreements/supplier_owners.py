"""Who owns what is agreed with each supplier: the terms of the service, and those of the experience (question Q2)."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.agreements.contracts import ContractRow
from services.agreements.rules import AgreementKind


@dataclass(frozen=True)
class SupplierOwners:
    """The people who own agreements with one supplier, by name, and what came of judging what rests on them.

    `contracts`: how many agreements are in force. `judged`: on how many of them rest promises that were judged.
    `aligned`: on how many rest promises that are all backed.
    """

    supplier_key: str
    supplier_name: str
    service_terms_owners: tuple[str, ...]
    experience_terms_owners: tuple[str, ...]
    contracts: int
    judged: int
    aligned: int


def owners_by_supplier(rows: Iterable[ContractRow]) -> list[SupplierOwners]:
    """A line for each supplier of the contract matrix, by name."""
    found: dict[tuple[str, str], list[ContractRow]] = {}
    for row in rows:
        found.setdefault((row.contract.supplier_name, row.contract.supplier_key), []).append(row)
    return [
        SupplierOwners(
            key,
            name,
            _owners(each for each in of_supplier if each.contract.kind is not AgreementKind.XLA),
            _owners(each for each in of_supplier if each.contract.kind is AgreementKind.XLA),
            len(of_supplier),
            sum(each.alignment is not None for each in of_supplier),
            sum(is_aligned(each) for each in of_supplier),
        )
        for (name, key), of_supplier in sorted(found.items())
    ]


def is_aligned(row: ContractRow) -> bool:
    """Whether promises that were judged rest on the contract, and all of them are backed."""
    return row.alignment is not None and row.alignment.backed == row.alignment.promises


def _owners(rows: Iterable[ContractRow]) -> tuple[str, ...]:
    return tuple(sorted({owner for row in rows for owner in row.owners}))
