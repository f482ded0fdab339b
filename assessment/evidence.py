"""Everything a score is made from, read once and never changed: what was on record at one instant.

Services, targets, cadences with the occurrences they ask for, and the units of the patterns are the frame; all the rest
may get lost, and then no rule that reads it may find anything better than before (docs/decisions/0011).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from services.agreements.negotiations import NegotiatedAgreement
from services.agreements.purchases import PurchaseAsOf
from services.agreements.queries import PromisedTarget
from services.alignment.as_of import ChainAsOf, SignatureAsOf
from services.alignment.trace import TracedRequirement
from services.catalogue.queries import GateAsOf
from services.compliance.records import TargetRecords
from services.governance.queries import CadenceAsOf, FigureAsOf
from services.governance.rules import Rhythm
from services.improvement.queries import BreachConsequence, RegisterEntry
from services.requirements.queries import ServiceRequirements

LOOK_BACK = timedelta(days=731)
"""The longest window any pattern looks at: twenty-four months."""
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Evidence:
    """Facts recorded by `as_of`: live services as things stand then, everything else of the two years before it.

    `records`: of every target, promised now or once, what there should be on record and what there is.
    """

    as_of: datetime
    services: tuple[ServiceRequirements, ...] = ()
    chains: tuple[ChainAsOf, ...] = ()
    signatures: tuple[SignatureAsOf, ...] = ()
    targets: tuple[PromisedTarget, ...] = ()
    traces: tuple[TracedRequirement, ...] = ()
    gates: tuple[GateAsOf, ...] = ()
    purchases: tuple[PurchaseAsOf, ...] = ()
    negotiated: tuple[NegotiatedAgreement, ...] = ()
    records: tuple[TargetRecords, ...] = ()
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

    @cached_property
    def promised(self) -> frozenset[UUID]:
        """The targets in force."""
        return frozenset(target.target_id for target in self.targets)

    def records_of(self, service_id: UUID | None) -> Sequence[TargetRecords]:
        """What there is and should be on record about the targets of one service or of all."""
        return self.records if service_id is None else self._records_by_service.get(service_id, ())

    def breaches_between(self, service_id: UUID | None, since: datetime, until: datetime) -> list[BreachConsequence]:
        """Breaches after `since` until `until`, of one service or of all."""
        breaches = self.breaches if service_id is None else self._breaches_by_service.get(service_id, ())
        return [breach for breach in breaches if since < breach.breached_at <= until]

    @cached_property
    def _records_by_service(self) -> Mapping[UUID, Sequence[TargetRecords]]:
        found: dict[UUID, list[TargetRecords]] = defaultdict(list)
        for target in self.records:
            found[target.service_id].append(target)
        return dict(found)

    @cached_property
    def _breaches_by_service(self) -> Mapping[UUID, Sequence[BreachConsequence]]:
        found: dict[UUID, list[BreachConsequence]] = defaultdict(list)
        for breach in self.breaches:
            found[breach.service_id].append(breach)
        return dict(found)
