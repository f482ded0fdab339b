"""Everything a score is made from, read once and never changed: what was on record at one instant."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.agreements.queries import PromisedTarget
from services.governance.queries import CadenceAsOf, FigureAsOf
from services.governance.rules import Rhythm
from services.improvement.queries import BreachConsequence, RegisterEntry
from services.requirements.queries import ServiceRequirements

LOOK_BACK = timedelta(days=731)
"""The longest window any pattern looks at: twenty-four months."""
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Evidence:
    """Facts recorded by `as_of`: live services as things stand then, everything else of the two years before it."""

    as_of: datetime
    services: tuple[ServiceRequirements, ...] = ()
    targets: tuple[PromisedTarget, ...] = ()
    cadences: tuple[CadenceAsOf, ...] = ()
    figures: tuple[FigureAsOf, ...] = ()
    breaches: tuple[BreachConsequence, ...] = ()
    register: tuple[RegisterEntry, ...] = ()
    service_names: dict[UUID, str] = field(default_factory=dict)
    target_names: dict[UUID, str] = field(default_factory=dict)

    @property
    def year_ago(self) -> datetime:
        """The start of the last twelve months."""
        return self.as_of - YEAR

    def of_rhythm(self, rhythm: Rhythm) -> tuple[CadenceAsOf, ...]:
        """The cadences of one rhythm."""
        return tuple(cadence for cadence in self.cadences if cadence.rhythm is rhythm)

    def breaches_between(self, service_id: UUID | None, since: datetime, until: datetime) -> list[BreachConsequence]:
        """Breaches after `since` until `until`, of one service or of all."""
        return [
            breach
            for breach in self.breaches
            if since < breach.breached_at <= until and service_id in (None, breach.service_id)
        ]
