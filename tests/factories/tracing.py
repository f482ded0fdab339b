"""One row of every table of what was decided in design, what contracts say, and what is watched and shown."""

from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from services.agreements.models import ClauseRequirement, ContractClause
from services.catalogue.models import DesignGate, DesignGateParticipation
from services.catalogue.rules import GateOutcome, GateParticipationKind, GateRole
from services.db import Base, new_id
from services.measurement import models as measurement
from services.measurement.rules import BudgetingMethod, OpenSloKind, ThresholdOperator
from services.organisations.rules import Actor, Tenure
from services.requirements.rules import Comparison
from tests.factories.stored import START

Row = TypeVar("Row", bound=Base)


class Tracing:
    """Makes the rows of one organisation, not stored yet."""

    def __init__(self, actor: Actor) -> None:
        self._stamps = {"organisation_id": actor.organisation_id, "recorded_at": START, "recorded_by": actor.account_id}

    def _row(self, table: type[Row], **values: Any) -> Row:
        return table(**{"id": new_id()} | self._stamps | values)

    def clause(self, agreement_id: UUID) -> ContractClause:
        """A clause of an agreement."""
        return self._row(
            ContractClause, agreement_id=agreement_id, reference="4.2", text="Back within four hours", value=Decimal(4),
            metric="time to restore", comparison=Comparison.AT_MOST, unit="hours",
        )  # fmt: skip

    def unseen(
        self, *, service_id: UUID, person_id: UUID, target_id: UUID, clause_id: UUID, requirement_id: UUID
    ) -> list[Base]:
        """What no party sees, parents first."""
        gate = self._row(
            DesignGate, service_id=service_id, key="design", name="Design review", held_at=START, note="",
            outcome=GateOutcome.PASSED,
        )  # fmt: skip
        indicator = self._row(
            measurement.Indicator, key="restore", name="Restore", service_id=service_id, metric="time to restore",
            unit="hours",
        )  # fmt: skip
        monitor = self._row(
            measurement.Monitor, key="probe", name="Probe", indicator_id=indicator.id, source="probe on the gateway"
        )
        tile = self._row(
            measurement.DashboardTile, key="tile", name="Restore", dashboard="Wall", url="https://wall.example.org"
        )
        document = self._row(measurement.OpenSloDocument, key="SLO/restored", kind=OpenSloKind.SLO)
        text = self._row(
            measurement.OpenSloDocumentVersion, document_id=document.id, number=1, text="kind: SLO\n", sha256="0" * 64
        )
        held = {"tenure": Tenure.HELD, "valid_from": START}
        return [
            gate,
            self._row(
                DesignGateParticipation, design_gate_id=gate.id, person_id=person_id, occurred_at=START,
                role=GateRole.SERVICE_LEVEL_MANAGER, kind=GateParticipationKind.SIGNED,
            ),
            self._row(ClauseRequirement, clause_id=clause_id, requirement_id=requirement_id, binding=True, **held),
            indicator,
            self._row(measurement.IndicatorTarget, target_id=target_id, indicator_id=indicator.id, **held),
            monitor,
            self._row(measurement.MonitorInstallation, monitor_id=monitor.id, **held),
            self._row(measurement.MonitorReport, monitor_id=monitor.id, last_data_at=START),
            tile,
            self._row(measurement.TilePlacement, tile_id=tile.id, **held),
            self._row(measurement.TileMonitor, tile_id=tile.id, monitor_id=monitor.id, **held),
            document,
            text,
            measurement.OpenSloObjective(
                id=new_id(), organisation_id=text.organisation_id, document_version_id=text.id, position=1, name="",
                budgeting_method=BudgetingMethod.OCCURRENCES, target_percent=Decimal("99.9"),
                operator=ThresholdOperator.LT, threshold=Decimal(500), window_duration="1M", window_is_rolling=False,
                window_start="2026-01-01 00:00:00", window_time_zone="Europe/London", service_id=service_id,
                indicator_id=indicator.id, target_id=target_id,
            ),
        ]  # fmt: skip
