"""What every resolver may use: who asks, when, and where the facts are."""

from dataclasses import dataclass
from datetime import datetime

import strawberry
from strawberry.fastapi import BaseContext

from schema.budget import Budgets
from schema.planner.operation_plan import Reading
from schema.planner.plan_cache import PlanCache
from services.db import Database
from services.errors import ServiceError
from services.organisations.rules import Actor


@dataclass
class Context(BaseContext):
    """One request: `now` is its instant for everything it does, `trace_id` what its log lines and errors carry."""

    database: Database
    actor: Actor
    now: datetime
    trace_id: str
    plans: PlanCache | None = None
    """Where plans of whole queries are left for requests to come; None: nowhere."""
    budgets: Budgets | None = None
    """What the operation is charged to; None: nothing is charged."""
    reading: Reading | None = None
    """What the query reads, compiled before it is executed."""
    failed: ServiceError | None = None
    """Why reading the same failed a moment ago, so that it need not be tried again."""

    def __post_init__(self) -> None:
        super().__init__()


Info = strawberry.Info[Context, None]
"""What a resolver receives."""
