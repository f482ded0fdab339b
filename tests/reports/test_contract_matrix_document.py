"""The contract matrix as a document."""

from datetime import UTC, datetime
from html.parser import HTMLParser

from reports.contract_matrix_document import contract_matrix_document
from services.agreements.contracts import ContractAlignment, ContractInForce, Ownership
from services.agreements.rules import AgreementKind
from services.db import new_id
from tests.reports.test_contract_matrix_csv import row

AS_OF = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
STATES = {"value": "fails", "coverage": "holds", "term": "unknown", "scope": "holds"}
EXPERIENCE = ContractInForce(new_id(), "x", "Felt speed", AgreementKind.XLA, "mail", "Mail", "cloud", "Cloud Ltd")


class Rows(HTMLParser):
    """The rows of all tables: their class, and the text of their cells."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[str | None, list[str]]] = []
        self.tags: list[str] = []
        self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append((dict(attrs).get("class"), []))
        if tag in {"td", "th"}:
            self.rows[-1][1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self.in_cell = False

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.rows[-1][1][-1] += data


def read(text: str) -> Rows:
    found = Rows()
    found.feed(text)
    return found


def test_a_row_without_an_owner_is_red_and_says_so() -> None:
    rows = [
        row("Cloud Ltd", alignment=ContractAlignment(3, 1, STATES)),
        row("Cloud Ltd", owners=(), ownership=Ownership.NONE),
        row("Cloud Ltd", owners=("Ann",), ownership=Ownership.CANNOT_TELL),
    ]
    found = read(contract_matrix_document(rows, organisation="acme", as_of=AS_OF)).rows[-3:]
    assert [each for each, _ in found] == [None, "unowned", "unowned"]
    assert [cells[4] for _, cells in found] == ["Ann, Bob", "Nobody owns it.", "Who owns it cannot be told."]
    assert found[0][1][7:9] == ["1 of 3", "value failscoverage holdsterm unknownscope holds"]
    assert found[1][1][7:9] == ["none judged", ""]


def test_the_owners_of_both_kinds_of_terms_stand_beside_each_other() -> None:
    backed = ContractAlignment(2, 2, dict.fromkeys(STATES, "holds"))
    rows = [
        row("Cloud Ltd", alignment=backed),
        row("Cloud Ltd", contract=EXPERIENCE, owners=("Cleo",), ownership=Ownership.UNIQUE),
    ]
    text = contract_matrix_document(rows, organisation="acme", as_of=AS_OF)
    cloud = read(text).rows[1][1]
    assert cloud == ["Cloud Ltd", "Ann, Bob", "Cleo", "2", "1", "1"]
    assert "With 0 of 1 suppliers nobody owns experience terms." in text


def test_suppliers_are_told_apart_by_their_keys() -> None:
    other = ContractInForce(new_id(), "uc", "Lines", AgreementKind.UC, "mail", "Mail", "dust", "Dust Inc")
    text = contract_matrix_document([row("Cloud Ltd"), row("", contract=other)], organisation="acme", as_of=AS_OF)
    assert [cells[0] for _, cells in read(text).rows[1:3]] == ["Cloud Ltd", "Dust Inc"]
    assert "With 2 of 2 suppliers nobody owns experience terms." in text


def test_texts_are_shown_and_never_run() -> None:
    evil = "<script>alert(1)</script>{style}"
    named = ContractInForce(new_id(), "uc", evil, AgreementKind.UC, "mail", evil, "cloud", evil)
    rows = [row("", contract=named, owners=(evil,), missing=(evil,))]
    found = read(contract_matrix_document(rows, organisation=evil, as_of=AS_OF))
    assert "script" not in found.tags
    assert found.rows[-1][1][2] == evil


def test_without_contracts_the_page_says_that_nothing_can_be_told() -> None:
    text = contract_matrix_document([], organisation="acme", as_of=AS_OF)
    assert "nothing can be told" in text
    assert read(text).rows == []
