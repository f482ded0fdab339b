"""Recording how services are governed."""

from typing import Annotated

import strawberry

from schema.governance.inputs import (
    AcknowledgeSnapshotInput,
    CreateCadenceInput,
    EndCadenceInput,
    RecordActionStatusInput,
    RecordDailySnapshotInput,
    RecordMeetingInput,
    RecordReportPackInput,
)
from schema.governance.payloads import (
    AcknowledgeSnapshotResult,
    ActionPayload,
    CadencePayload,
    CreateCadenceResult,
    DailySnapshotPayload,
    EndCadenceResult,
    MeetingPayload,
    RecordActionStatusResult,
    RecordDailySnapshotResult,
    RecordMeetingResult,
    RecordReportPackResult,
    ReportPackPayload,
)
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given
from services.governance import commands, shown
from services.governance.rules import ActionEntry, AttendeeEntry, DecisionEntry, FigureEntry


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Say that something is to happen in a rhythm. Managers and administrators.")
    async def create_cadence(
        self,
        change: Change,
        given: Annotated[CreateCadenceInput, strawberry.argument(name="input", description="The cadence.")],
    ) -> CreateCadenceResult:
        """See services.governance.commands.create_cadence."""
        session, actor, now = change
        created = await commands.create_cadence(
            session,
            actor=actor,
            key=given.key,
            name=given.name,
            rhythm=given.rhythm,
            starts_on=given.starts_on,
            time_zone=given.time_zone,
            service_id=referenced_if_given(actor, "Service", given.service_id),
            tolerance_days=given.tolerance_days,
            calendar_id=referenced_if_given(actor, "Calendar", given.calendar_id),
            now=now,
        )
        return CadencePayload(cadence=row(created))

    @mutation("Say that a rhythm no longer holds; to change one, end it and begin another. Managers, administrators.")
    async def end_cadence(
        self,
        change: Change,
        given: Annotated[EndCadenceInput, strawberry.argument(name="input", description="Which, when and why.")],
    ) -> EndCadenceResult:
        """See services.governance.commands.end_cadence."""
        session, actor, now = change
        cadence_id = referenced(actor, "Cadence", given.cadence_id)
        await commands.end_cadence(
            session,
            actor=actor,
            cadence_id=cadence_id,
            ends_on=given.ends_on,
            reason=given.reason,
            expected_version=given.expected_version,
            now=now,
        )
        return CadencePayload(cadence=row(cadence_id))

    @mutation("Record a meeting that was held, with everything that came of it. Managers and administrators.")
    async def record_meeting(
        self,
        change: Change,
        given: Annotated[RecordMeetingInput, strawberry.argument(name="input", description="The meeting.")],
    ) -> RecordMeetingResult:
        """See services.governance.commands.record_meeting."""
        session, actor, now = change
        recorded = await commands.record_meeting(
            session,
            actor=actor,
            cadence_id=referenced(actor, "Cadence", given.cadence_id),
            planned_for=given.planned_for,
            held_at=given.held_at,
            minutes=given.minutes,
            attendance=[
                AttendeeEntry(referenced(actor, "Person", each.person_id), each.role, each.present)
                for each in given.attendance
            ],
            decisions=[DecisionEntry(each.kind, each.statement) for each in given.decisions],
            actions=[
                ActionEntry(each.statement, referenced(actor, "Person", each.owner_id), each.due_at)
                for each in given.actions
            ],
            breach_ids=[referenced(actor, "Breach", breach_id) for breach_id in given.breach_ids],
            now=now,
        )
        return MeetingPayload(meeting=row(recorded))

    @mutation("Record what became of an action. Managers and administrators.")
    async def record_action_status(
        self,
        change: Change,
        given: Annotated[RecordActionStatusInput, strawberry.argument(name="input", description="What became of it.")],
    ) -> RecordActionStatusResult:
        """See services.governance.commands.record_action_status."""
        session, actor, now = change
        action_id = referenced(actor, "Action", given.action_id)
        await commands.record_action_status(
            session,
            actor=actor,
            action_id=action_id,
            status=given.status,
            occurred_at=given.occurred_at or now,
            note=given.note,
            changed_kind=given.changed_kind,
            changed_name=given.changed_name,
            now=now,
        )
        return ActionPayload(action=row(action_id))

    @mutation("Record a report as it was shown, with the figures it gave. Managers and administrators.")
    async def record_report_pack(
        self,
        change: Change,
        given: Annotated[RecordReportPackInput, strawberry.argument(name="input", description="The report.")],
    ) -> RecordReportPackResult:
        """See services.governance.shown.record_report_pack."""
        session, actor, now = change
        recorded = await shown.record_report_pack(
            session,
            actor=actor,
            title=given.title,
            sha256=given.sha256,
            shown_at=given.shown_at or now,
            meeting_id=referenced_if_given(actor, "Meeting", given.meeting_id),
            figures=[
                FigureEntry(
                    target_id=referenced(actor, "Target", each.target_id),
                    period=each.period,
                    period_start=each.period_start,
                    outcome=each.outcome,
                    attainment_percent=each.attainment_percent,
                    adjustment_reason=each.adjustment_reason,
                    adjusted_by_id=referenced_if_given(actor, "Person", each.adjusted_by_id),
                )
                for each in given.figures
            ],
            now=now,
        )
        return ReportPackPayload(report_pack=row(recorded))

    @mutation("Record that the dashboard of a day was made. Managers and administrators.")
    async def record_daily_snapshot(
        self,
        change: Change,
        given: Annotated[RecordDailySnapshotInput, strawberry.argument(name="input", description="The snapshot.")],
    ) -> RecordDailySnapshotResult:
        """See services.governance.shown.record_daily_snapshot."""
        session, actor, now = change
        recorded = await shown.record_daily_snapshot(
            session,
            actor=actor,
            cadence_id=referenced(actor, "Cadence", given.cadence_id),
            day=given.day,
            data_at=given.data_at,
            now=now,
        )
        return DailySnapshotPayload(daily_snapshot=row(recorded))

    @mutation("Record that a person opened a daily snapshot or acted on it. Managers and administrators.")
    async def acknowledge_snapshot(
        self,
        change: Change,
        given: Annotated[AcknowledgeSnapshotInput, strawberry.argument(name="input", description="Who did what.")],
    ) -> AcknowledgeSnapshotResult:
        """See services.governance.shown.acknowledge_snapshot."""
        session, actor, now = change
        snapshot_id = referenced(actor, "DailySnapshot", given.snapshot_id)
        await shown.acknowledge_snapshot(
            session,
            actor=actor,
            snapshot_id=snapshot_id,
            person_id=referenced(actor, "Person", given.person_id),
            kind=given.kind,
            acknowledged_at=given.acknowledged_at or now,
            note=given.note,
            now=now,
        )
        return DailySnapshotPayload(daily_snapshot=row(snapshot_id))
