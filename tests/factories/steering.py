"""One row of every table of requirements, improvement and governance, for tests of reading."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from services.agreements.models import TargetRequirement
from services.compliance.models import BreachAccountability
from services.db import Base, new_id
from services.domain.vocabulary import Outcome, PeriodKind
from services.governance import models as governance
from services.governance.rules import AcknowledgementKind, ActionStatus, AttendeeRole, DecisionKind, Rhythm
from services.improvement import models as improvement
from services.improvement.rules import ChangedObjectKind, Consequence, ImprovementStatus
from services.organisations.rules import Actor, GovernanceRole, Tenure
from services.requirements import models as requirements
from services.requirements.rules import ApprovalDecision, Comparison, CostBasis, RequirementPriority
from tests.factories.stored import START
from tests.factories.tracing import Tracing

Row = TypeVar("Row", bound=Base)


def steering(
    actor: Actor,
    *,
    service_id: UUID,
    target_id: UUID,
    person_id: UUID,
    calendar_id: UUID,
    breach_id: UUID,
    clause_id: UUID,
) -> list[Base]:
    """A requirement, an improvement and a cadence with all that can belong to them, parents first."""

    def row(table: type[Row], **values: Any) -> Row:
        stamps = {"organisation_id": actor.organisation_id, "recorded_at": START, "recorded_by": actor.account_id}
        return table(**{"id": new_id()} | stamps | values)

    requirement = row(requirements.ServiceLevelRequirement, key="mail-restored", service_id=service_id)
    version = row(
        requirements.RequirementVersion, requirement_id=requirement.id, valid_from=START, statement="Back by noon",
        metric="time to restore", comparison=Comparison.AT_MOST, target_value=Decimal("4.5"), unit="hours",
        business_outcome="Orders go out", cost_of_failure="A day of orders", cost_amount=Decimal(100),
        cost_currency="EUR", cost_basis=CostBasis.MINUTE, priority=RequirementPriority.HIGH, reason="first",
    )  # fmt: skip
    accountable = row(
        BreachAccountability, breach_id=breach_id, role=GovernanceRole.SERVICE_LEVEL_MANAGER, person_id=person_id,
        decided_by_id=person_id, decided_at=START, reason="Nobody else was there",
    )  # fmt: skip
    answer = row(
        improvement.Improvement, key="spare-server", title="A second server", description="", cause="One disk",
        consequence=Consequence.STRUCTURAL, service_id=service_id, owner_id=person_id,
    )  # fmt: skip
    cadence = row(
        governance.Cadence, key="review", name="Review", rhythm=Rhythm.MONTHLY, service_id=service_id,
        starts_on=date(2026, 1, 1), time_zone="Europe/London", tolerance_days=5, calendar_id=calendar_id,
    )  # fmt: skip
    daily = row(
        governance.Cadence, key="dashboard", name="Dashboard", rhythm=Rhythm.DAILY, service_id=None,
        starts_on=date(2026, 1, 1), time_zone="Europe/London", tolerance_days=0, calendar_id=None,
    )  # fmt: skip
    meeting = row(
        governance.Meeting, cadence_id=cadence.id, planned_for=date(2026, 3, 2), held_at=START, minutes="All said",
        decision_count=1, action_count=1, breach_count=1,
    )  # fmt: skip
    action = row(
        governance.Action, meeting_id=meeting.id, sequence=1, statement="Buy it", owner_id=person_id, due_at=START
    )
    pack = row(governance.ReportPack, meeting_id=meeting.id, title="March", sha256="0" * 64, shown_at=START)
    snapshot = row(governance.DailySnapshot, cadence_id=daily.id, day=date(2026, 3, 2), data_at=START)
    return [
        accountable,
        requirement,
        version,
        row(
            requirements.RequirementApproval, requirement_version_id=version.id, person_id=person_id,
            decision=ApprovalDecision.APPROVED, decided_at=START, note="",
        ),
        row(
            requirements.RequirementWaiver, requirement_id=requirement.id, person_id=person_id, valid_from=START,
            valid_until=START + timedelta(days=30), reason="The server is late",
        ),
        row(
            TargetRequirement, target_id=target_id, requirement_id=requirement.id, tenure=Tenure.HELD, valid_from=START
        ),
        answer,
        row(improvement.ImprovementBreach, improvement_id=answer.id, breach_id=breach_id),
        row(
            improvement.ImprovementStatusChange, improvement_id=answer.id, status=ImprovementStatus.REGISTERED,
            occurred_at=START, note="",
        ),
        row(
            improvement.ChangedObject, improvement_id=answer.id, kind=ChangedObjectKind.CAPACITY, name="mail server",
            change_reference="CHG1",
        ),
        row(
            improvement.BreachAcceptance, breach_id=breach_id, person_id=person_id, accepted_at=START, reason="Once",
        ),
        cadence,
        daily,
        row(governance.CadenceEnd, cadence_id=cadence.id, ends_on=date(2026, 12, 1), reason="Merged"),
        meeting,
        row(
            governance.Attendance, meeting_id=meeting.id, person_id=person_id, role=AttendeeRole.CUSTOMER, present=True
        ),
        row(
            governance.Decision, meeting_id=meeting.id, sequence=1, kind=DecisionKind.CHANGE, statement="A server more"
        ),
        action,
        row(
            governance.ActionStatusChange, action_id=action.id, status=ActionStatus.DONE, occurred_at=START, note="",
            changed_kind=ChangedObjectKind.CAPACITY, changed_name="mail server",
        ),
        row(governance.MeetingBreach, meeting_id=meeting.id, breach_id=breach_id),
        pack,
        row(
            governance.ReportedFigure, report_pack_id=pack.id, target_id=target_id, period=PeriodKind.MONTH,
            period_start=datetime(2026, 3, 1, tzinfo=UTC), outcome=Outcome.MET, attainment_percent=Decimal("97.25"),
            adjustment_reason="One counted twice", adjusted_by_id=person_id,
        ),
        snapshot,
        row(
            governance.SnapshotAcknowledgement, snapshot_id=snapshot.id, person_id=person_id,
            kind=AcknowledgementKind.ACTED, acknowledged_at=START, note="",
        ),
        *Tracing(actor).unseen(
            service_id=service_id, person_id=person_id, target_id=target_id, clause_id=clause_id,
            requirement_id=requirement.id,
        ),
    ]  # fmt: skip
