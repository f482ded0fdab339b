"""Compiled queries kept by their documents: bounded, and filled only after a document was found valid."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from schema.planner.given import Request
from schema.planner.operation_plan import CompiledQuery
from services.organisations.rules import AccessRole, Actor, PartyKind

MOST_DOCUMENTS = 1_000
MOST_CHARACTERS = 32 * 1024 * 1024
"""Of documents and statements together."""
LONGEST_DOCUMENT = 32 * 1024
"""Characters of a document worth keeping."""
MOST_VARIANTS = 8
"""Plans kept of one document for requests that decide differently."""


class PlanKey(NamedTuple):
    """What plans are kept by: the document, the operation of it, and what a caller may see by its kind."""

    document: str
    operation_name: str | None
    role: AccessRole
    anonymous: bool
    party: PartyKind | None

    @classmethod
    def of(cls, document: str, operation_name: str | None, actor: Actor) -> "PlanKey":
        """The key for a caller."""
        party = None if actor.party is None else actor.party.kind
        return cls(document, operation_name, actor.role, actor.anonymous, party)


@dataclass
class _Kept:
    variants: list[CompiledQuery] = field(default_factory=list)
    size: int = 0


class PlanCache:
    """The plans used last. Not shared between schemas."""

    def __init__(self, *, most_documents: int = MOST_DOCUMENTS, most_characters: int = MOST_CHARACTERS) -> None:
        self._kept: OrderedDict[PlanKey, _Kept] = OrderedDict()
        self._most_documents, self._most_characters = most_documents, most_characters
        self._size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def variants(self, key: PlanKey) -> list[CompiledQuery]:
        """The plans kept of a document, those made last first."""
        kept = self._kept.get(key)
        if kept is None:
            return []
        self._kept.move_to_end(key)
        return kept.variants

    def keep(self, key: PlanKey, query: CompiledQuery) -> None:
        """Keep a plan of a valid document; what was used least recently makes room for it."""
        if len(key.document) > LONGEST_DOCUMENT:
            return
        kept = self._kept.pop(key, None) or _Kept()
        self._size -= kept.size
        kept.variants = [query, *kept.variants[: MOST_VARIANTS - 1]]
        kept.size = len(key.document) + sum(variant.size for variant in kept.variants)
        self._kept[key] = kept
        self._size += kept.size
        while self._kept and (len(self._kept) > self._most_documents or self._size > self._most_characters):
            _, forgotten = self._kept.popitem(last=False)
            self._size -= forgotten.size


def serving(variants: list[CompiledQuery], request: Request) -> CompiledQuery | None:
    """The plan among those of a document that serves a request."""
    return next((query for query in variants if query.serves(request)), None)
