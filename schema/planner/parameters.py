"""The bound parameters of a statement: the only way a client's text gets into it."""

from collections.abc import Sequence
from typing import Any

from schema.planner.given import Given, Inputs, Request
from schema.planner.refusal import bad_text
from services.organisations.rules import Actor
from services.organisations.scope import PARTY

ORGANISATION = "$1::uuid"
"""The organisation, the first parameter of every statement."""
NO_TEXT = frozenset({"bigint", "boolean", "date", "int", "numeric", "timestamptz", "uuid"})
"""Types of which the driver takes no text, so that none need be looked at."""


class Parameters:
    """Parameters in the order of their placeholders: the organisation, the caller's party if it has one, and others."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self.given = (ORGANISATION,) if inputs.request.actor.party is None else (ORGANISATION, PARTY)
        """Placeholders of what every statement is given."""
        self.placeholders = list(self.given)
        """Placeholders of everything."""
        self._bound: list[Given] = []

    @property
    def bound(self) -> "Bound":
        """What was bound beyond what every statement is given."""
        return Bound(self._bound)

    def bind(self, value: Any, cast: str) -> str:
        """Add a value or a Given and return its placeholder, cast to an SQL type.

        Refused (BAD_TEXT) if it cannot be stored, when the statement is made for a request as well as now.
        """
        given = value if isinstance(value, Given) else self._inputs.constant(value)
        self._bound.append(given if cast in NO_TEXT else given.derived(_storable, kept=False))
        self.placeholders.append(f"${len(self.placeholders) + 1}::{cast}")
        return self.placeholders[-1]


class Bound:
    """Parameters of a statement that is kept: what is always the same, and where to find the rest in a request."""

    __slots__ = ("_constant", "_varying")

    def __init__(self, bound: Sequence[Given]) -> None:
        self._constant = [None if given.varies else given.now for given in bound]
        self._varying = tuple((place, given) for place, given in enumerate(bound) if given.varies)

    def values_for(self, request: Request) -> list[Any]:
        """All parameters for a request. Refused when the request gives what cannot be used."""
        values = self._constant.copy()
        for place, given in self._varying:
            values[place] = given.find(request)
        return [*_of_everyone(request.actor), *values]


def _of_everyone(actor: Actor) -> tuple[Any, ...]:
    return (actor.organisation_id,) if actor.party is None else (actor.organisation_id, actor.party.party_id)


def _storable(value: Any) -> Any:
    for text in value if isinstance(value, list) else (value,):
        if isinstance(text, str) and ("\0" in text or not (text.isascii() or _encodable(text))):
            raise bad_text("expected text without NUL characters and lone surrogates")
    return value


def _encodable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
