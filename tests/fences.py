"""Databases with one of the two fences between organisations taken away, to prove the other one alone."""

import re
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import event

from services.db import Database
from services.reader import Answer, Statement
from tests.opening import database_on

ORGANISATION_PREDICATE = re.compile(r'(?:\w+\.)?"?organisation_id"? = \$1::uuid')
ALWAYS_TRUE = "$1::uuid IS NOT NULL"


class Fences(StrEnum):
    """What keeps organisations apart."""

    BOTH = "both fences"
    PLANNER = "the planner's predicate alone"
    ROW_SECURITY = "row-level security alone"
    NONE = "no fence"


def database_behind(url: str, fences: Fences) -> Database:
    """A pool behind these fences. The owner of the tables is bound by no policy; predicates are written over."""
    bound = fences in (Fences.BOTH, Fences.ROW_SECURITY)
    database = database_on(url) if bound else Database(url, as_owner=True)
    if fences in (Fences.ROW_SECURITY, Fences.NONE):
        event.listen(database.engine.sync_engine, "before_cursor_execute", _without_predicate, retval=True)
        database.reader.read = _WithoutPredicate(database.reader.read)  # type: ignore[method-assign]
    return database


@dataclass
class _WithoutPredicate:
    read: Callable[..., Awaitable[list[Answer]]]

    async def __call__(
        self, organisation_id: UUID | None, statements: Sequence[Statement], *, caller: Hashable = None
    ) -> list[Answer]:
        rewritten = [one._replace(sql=ORGANISATION_PREDICATE.sub(ALWAYS_TRUE, one.sql)) for one in statements]
        return await self.read(organisation_id, rewritten, caller=caller)


def _without_predicate(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    return ORGANISATION_PREDICATE.sub(ALWAYS_TRUE, statement), parameters
