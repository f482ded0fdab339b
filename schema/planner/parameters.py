"""The bound parameters of a statement: the only way a client's text gets into it."""

from typing import Any
from uuid import UUID

from schema.planner.refusal import bad_text
from services.organisations.scope import PARTY

ORGANISATION = "$1::uuid"
"""The organisation, the first parameter of every statement."""


class Parameters:
    """Parameters in the order of their placeholders."""

    def __init__(self, organisation_id: UUID, party_id: UUID | None = None) -> None:
        self.organisation_id = organisation_id
        self._values: list[Any] = [organisation_id] if party_id is None else [organisation_id, party_id]
        self.given = (ORGANISATION,) if party_id is None else (ORGANISATION, PARTY)
        """Placeholders of what every statement is given."""

    @property
    def values(self) -> tuple[Any, ...]:
        """All values, the organisation first."""
        return tuple(self._values)

    def bind(self, value: Any, cast: str) -> str:
        """Add a value and return its placeholder, cast to an SQL type. Refused (BAD_TEXT) if it cannot be stored."""
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and ("\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)):
                raise bad_text("expected text without NUL characters and lone surrogates")
        self._values.append(value)
        return f"${len(self._values)}::{cast}"
