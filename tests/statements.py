"""Counting statements: what an operation asks of the database is part of its contract."""

from dataclasses import dataclass, field


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
