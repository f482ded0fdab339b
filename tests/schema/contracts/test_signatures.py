"""Contracts as they were signed, over GraphQL."""

import pytest

from schema.computed import STATEMENTS_OF_COMPUTED_FIELDS
from services.organisations.rules import Actor
from tests.schema.conftest import Execute
from tests.statements import Statements


@pytest.mark.parametrize("arguments", ["first: 0", "first: 101", 'asOf: "1600-01-01T00:00:00Z"'])
async def test_what_is_asked_for_is_in_bounds(execute: Execute, actor: Actor, arguments: str) -> None:
    result = await execute(actor, f"{{ contractSignatures({arguments}) {{ missing }} }}")
    assert result.errors is not None
    assert "the signatures cannot be listed" in result.errors[0].message


async def test_nothing_signed_is_missing_and_not_sound(execute: Execute, actor: Actor, statements: Statements) -> None:
    statements.clear()
    result = await execute(actor, "{ contractSignatures { signatures { outcome } missing } }")
    assert (result.errors, len(statements.texts)) == (None, STATEMENTS_OF_COMPUTED_FIELDS["contractSignatures"])
    assert result.data is not None
    assert result.data["contractSignatures"]["signatures"] == []
    assert result.data["contractSignatures"]["missing"]
