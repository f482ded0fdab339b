"""Counting statements: what an operation asks of the database is part of its contract."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import event

from services.db import Database
from services.reader import Statement


@dataclass
class Statements:
    """The statements an engine ran since the last `clear`."""

    texts: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Forget them."""
        self.texts.clear()

    def record(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        """An event listener of the engine."""
        if not statement.startswith("SET LOCAL "):  # how the organisation is set is not what an operation asks
            self.texts.append(statement)

    def begun(self, statement: Statement) -> None:
        """See services.reader.Observer."""
        self.texts.append(statement.sql)


@contextmanager
def recorded(database: Database) -> Iterator[Statements]:
    """Everything a pool runs while the block lasts."""
    counted = Statements()
    event.listen(database.engine.sync_engine, "before_cursor_execute", counted.record)
    database.reader.observers.append(counted)
    try:
        yield counted
    finally:
        database.reader.observers.remove(counted)
        event.remove(database.engine.sync_engine, "before_cursor_execute", counted.record)
