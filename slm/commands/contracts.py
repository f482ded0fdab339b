"""`slm contracts`: the contract matrix of an organisation as CSV or as a document."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from reports.contract_matrix_csv import contract_matrix_csv
from reports.contract_matrix_document import contract_matrix_document
from services.agreements.contracts import ContractRow, contract_matrix
from services.db import Database
from slm.commands.access import actor_of
from slm.running import run_with_database


def run_contracts(organisation: str, *, file: Path | None, written_as: Literal["csv", "html"]) -> None:
    """Write the matrix to a file, or print it."""
    as_of = datetime.now(UTC)

    async def work(database: Database) -> list[ContractRow]:
        actor = await actor_of(database, organisation)
        async with database.reading(actor.organisation_id) as session:
            return await contract_matrix(session, actor.organisation_id, as_of=as_of)

    rows = run_with_database(work)
    if written_as == "csv":
        text = contract_matrix_csv(rows)
    else:
        text = contract_matrix_document(rows, organisation=organisation, as_of=as_of)
    if file is None:
        print(text, end="")  # noqa: T201
        return
    unfinished = file.with_name(f"{file.name}.part")
    with unfinished.open("w", encoding="utf-8", newline="") as written:
        written.write(text)
    unfinished.replace(file)
    print(f"Wrote {len(rows):,} contracts to {file}.")  # noqa: T201
