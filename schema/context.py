"""What every resolver may use: who asks, when, and where the facts are."""

from dataclasses import dataclass
from datetime import datetime

import strawberry
from strawberry.fastapi import BaseContext

from services.db import Database
from services.organisations.rules import Actor


@dataclass
class Context(BaseContext):
    """One request: `now` is its instant for everything it does, `trace_id` what its log lines and errors carry."""

    database: Database
    actor: Actor
    now: datetime
    trace_id: str

    def __post_init__(self) -> None:
        super().__init__()


Info = strawberry.Info[Context, None]
"""What a resolver receives."""
