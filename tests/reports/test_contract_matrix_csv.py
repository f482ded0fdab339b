"""The contract matrix in a spreadsheet."""

import csv
import io
from datetime import UTC, datetime

from reports.contract_matrix_csv import HEADER, contract_matrix_csv
from services.agreements.contract_rules import Renewal
from services.agreements.contracts import ContractAlignment, ContractInForce, ContractRow, Ownership, SourcedBy
from services.agreements.rules import AgreementKind
from services.db import new_id
from services.organisations.rules import GovernanceRole

END = datetime(2026, 12, 31, tzinfo=UTC)


def row(supplier: str, **different: object) -> ContractRow:
    named = ContractInForce(new_id(), "uc", "Mail, hosted", AgreementKind.UC, "mail", "Mail", "cloud", supplier)
    usual: dict[str, object] = {
        "contract": named, "owners": ("Ann", "Bob"), "ownership": Ownership.SHARED, "terms_known": True,
        "term_ends_at": END, "notice_days": 90, "decision_due_at": END, "renewal": Renewal.AUTOMATIC,
        "signed_at": None, "sourced_by": SourcedBy.CANNOT_TELL, "signer_roles": (GovernanceRole.CIO,),
        "binding_requirements": 2, "other_requirements": 0, "alignment": None, "missing": ("when it was signed",),
    }  # fmt: skip
    return ContractRow(**(usual | different))  # type: ignore[arg-type]


def test_each_contract_is_a_line_and_what_is_not_known_is_blank() -> None:
    header, line = csv.reader(io.StringIO(contract_matrix_csv([row("Cloud Ltd")])))
    assert tuple(header) == HEADER
    assert line == [
        "Cloud Ltd", "Mail", "Mail, hosted", "uc", "Ann; Bob", "shared", "2026-12-31T00:00:00+00:00", "90",
        "2026-12-31T00:00:00+00:00", "automatic", "", "cannot_tell", "cio", "2", "0", *[""] * 6, "when it was signed",
    ]  # fmt: skip


def test_what_rests_on_a_contract_is_told_axis_by_axis() -> None:
    states = {"value": "fails", "coverage": "holds", "term": "unknown", "scope": "holds"}
    judged = row("Cloud Ltd", alignment=ContractAlignment(3, 1, states))
    header, line = csv.reader(io.StringIO(contract_matrix_csv([judged])))
    told = dict(zip(header, line, strict=True))
    assert [told[name] for name in ("promises", "backed", "value", "coverage", "term", "scope")] == [
        "3", "1", "fails", "holds", "unknown", "holds",
    ]  # fmt: skip


def test_no_cell_is_a_formula() -> None:
    for start in "=+-@\t\r":
        _, line = csv.reader(io.StringIO(contract_matrix_csv([row(f"{start}1", owners=(f"{start}2",))]), newline=""))
        assert line[0] == f"'{start}1"
        assert line[4] == f"'{start}2"
