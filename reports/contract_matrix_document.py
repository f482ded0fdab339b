"""The contract matrix as a document to print and to pass on: one HTML page that needs nothing beside itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from markupsafe import Markup

from services.agreements.contracts import AXES, ContractRow, Ownership
from services.agreements.supplier_owners import SupplierOwners, owners_by_supplier

NOBODY = "nobody"
UNOWNED = {Ownership.NONE: "Nobody owns it.", Ownership.CANNOT_TELL: "Who owns it cannot be told."}
STYLE = Markup("""
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; color: #1b1f24; margin: 2rem auto; max-width: 78rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; } ul { margin: .6rem 0; padding-left: 1.2rem; } .quiet { color: #57606a; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #d0d7de; }
thead th { border-bottom: 2px solid #57606a; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; } td.day, td.axes { white-space: nowrap; }
tr.unowned td, tr.unowned th, td.unowned { background: #ffebe9; }
tr.unowned th:first-child, td.unowned { box-shadow: inset 4px 0 #cf222e; }
.fails { color: #a40e26; font-weight: 600; } .unknown { color: #57606a; font-style: italic; }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  body { margin: 0; max-width: none; font-size: 9pt; } tr { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
""")
PAGE = Markup("""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Contracts of {organisation}</title><style>{style}</style></head>
<body>
<h1>Contracts of {organisation}</h1>
<p class="quiet">Agreements with suppliers in force at {as_of}, by what was recorded then.</p>
{body}
</body>
</html>
""")
NOTHING = Markup("<p>No contract with a supplier is on record as in force, so that nothing can be told.</p>")
SUPPLIERS = Markup("""<h2>Who owns what is agreed</h2>
<div class="wide"><table>
<thead><tr><th scope="col">Supplier</th><th scope="col">Owners of service terms</th>
<th scope="col">Owners of experience terms</th><th scope="col" class="number">Contracts</th>
<th scope="col" class="number">Judged</th><th scope="col" class="number">Aligned</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>
""")
SUPPLIER = Markup(
    '<tr><th scope="row">{name}</th>{service}{experience}<td class="number">{contracts:,}</td>'
    '<td class="number">{judged:,}</td><td class="number">{aligned:,}</td></tr>'
)
CONTRACTS = Markup("""<h2>Contracts</h2>
<p class="quiet">Of each axis the worst that came of judging the promises that rest on a contract.
Red: nobody owns it, or who does cannot be told.</p>
<div class="wide"><table>
<thead><tr><th scope="col">Supplier</th><th scope="col">Service</th><th scope="col">Agreement</th>
<th scope="col">Kind</th><th scope="col">Owners</th><th scope="col">Ends</th><th scope="col">Decide until</th>
<th scope="col" class="number">Promises backed</th>
<th scope="col">Alignment</th><th scope="col">Missing</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>
""")
CONTRACT = Markup(
    '<tr{marked}><th scope="row">{supplier}</th><td>{service}</td><td>{name}</td><td>{kind}</td><td>{owners}</td>'
    '<td class="day">{ends}</td><td class="day">{due}</td><td class="number">{backed}</td><td class="axes">{axes}</td>'
    "<td>{missing}</td></tr>"
)


def contract_matrix_document(rows: Sequence[ContractRow], *, organisation: str, as_of: datetime) -> str:
    """The page. Every text of a row is escaped; what is not known is said in words and never left to a colour."""
    body = _told(rows, owners_by_supplier(rows)) if rows else NOTHING
    return str(PAGE.format(organisation=organisation, style=STYLE, as_of=f"{as_of:%Y-%m-%d %H:%M} UTC", body=body))


def _told(rows: Sequence[ContractRow], suppliers: Sequence[SupplierOwners]) -> Markup:
    parts = (
        _headline(rows, suppliers),
        SUPPLIERS.format(rows=Markup("\n").join(_supplier(each) for each in suppliers)),
        CONTRACTS.format(rows=Markup("\n").join(_contract(each) for each in rows)),
    )
    return Markup("\n").join(parts)


def _headline(rows: Sequence[ContractRow], suppliers: Sequence[SupplierOwners]) -> Markup:
    unowned = sum(row.ownership is Ownership.NONE for row in rows)
    untold = sum(row.ownership is Ownership.CANNOT_TELL for row in rows)
    without = sum(not each.experience_terms_owners for each in suppliers)
    said = [
        f"{unowned:,} of {len(rows):,} contracts are owned by nobody.",
        f"With {without:,} of {len(suppliers):,} suppliers nobody owns experience terms.",
        f"On {sum(each.aligned for each in suppliers):,} of {len(rows):,} contracts everything that rests is backed.",
    ]
    said += [f"Of {untold:,} it cannot be told who owns them."] if untold else []
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(each) for each in said))


def _supplier(found: SupplierOwners) -> Markup:
    return SUPPLIER.format(
        name=found.supplier_name, service=_people(found.service_terms_owners),
        experience=_people(found.experience_terms_owners), contracts=found.contracts, judged=found.judged,
        aligned=found.aligned,
    )  # fmt: skip


def _people(names: Iterable[str]) -> Markup:
    listed = ", ".join(names)
    return Markup("<td>{}</td>").format(listed) if listed else Markup('<td class="unowned">{}</td>').format(NOBODY)


def _contract(row: ContractRow) -> Markup:
    found = row.alignment
    return CONTRACT.format(
        marked=Markup(' class="unowned"') if row.ownership in UNOWNED else "",
        supplier=row.contract.supplier_name, service=row.contract.service_name, name=row.contract.name,
        kind=row.contract.kind.value.upper(), owners=UNOWNED.get(row.ownership, ", ".join(row.owners)),
        ends=_day(row.term_ends_at), due=_day(row.decision_due_at),
        backed="none judged" if found is None else f"{found.backed:,} of {found.promises:,}",
        axes="" if found is None else _axes([(axis, found.states[axis]) for axis in AXES]),
        missing="; ".join(row.missing),
    )  # fmt: skip


def _axes(states: Iterable[tuple[str, str]]) -> Markup:
    told = Markup('{} <span class="{}">{}</span>')
    return Markup("<br>").join(told.format(axis, state, state) for axis, state in states)


def _day(instant: datetime | None) -> str:
    return "not on record" if instant is None else f"{instant:%Y-%m-%d}"
