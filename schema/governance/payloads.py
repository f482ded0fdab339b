"""What mutations of governance answer."""

from typing import Annotated

import strawberry

from schema.governance.types import Action, Cadence, DailySnapshot, Meeting, ReportPack
from schema.mutation import Refusal
from schema.planner.declarations import stored


@strawberry.type(description="A cadence was written.")
class CadencePayload:
    """See createCadence and endCadence."""

    cadence: Cadence = stored("The cadence as it stands.")


@strawberry.type(description="A meeting was recorded.")
class MeetingPayload:
    """See recordMeeting."""

    meeting: Meeting = stored("The meeting.")


@strawberry.type(description="What became of an action was recorded.")
class ActionPayload:
    """See recordActionStatus."""

    action: Action = stored("The action as it stands.")


@strawberry.type(description="A report was recorded as it was shown.")
class ReportPackPayload:
    """See recordReportPack."""

    report_pack: ReportPack = stored("The report.")


@strawberry.type(description="A daily snapshot was recorded or acknowledged.")
class DailySnapshotPayload:
    """See recordDailySnapshot and acknowledgeSnapshot."""

    daily_snapshot: DailySnapshot = stored("The snapshot as it stands.")


CreateCadenceResult = Annotated[
    CadencePayload | Refusal,
    strawberry.union("CreateCadenceResult", description="What came of creating a cadence."),
]
EndCadenceResult = Annotated[
    CadencePayload | Refusal,
    strawberry.union("EndCadenceResult", description="What came of ending a cadence."),
]
RecordMeetingResult = Annotated[
    MeetingPayload | Refusal,
    strawberry.union("RecordMeetingResult", description="What came of recording a meeting."),
]
RecordActionStatusResult = Annotated[
    ActionPayload | Refusal,
    strawberry.union("RecordActionStatusResult", description="What came of recording what became of an action."),
]
RecordReportPackResult = Annotated[
    ReportPackPayload | Refusal,
    strawberry.union("RecordReportPackResult", description="What came of recording a report."),
]
RecordDailySnapshotResult = Annotated[
    DailySnapshotPayload | Refusal,
    strawberry.union("RecordDailySnapshotResult", description="What came of recording a daily snapshot."),
]
AcknowledgeSnapshotResult = Annotated[
    DailySnapshotPayload | Refusal,
    strawberry.union("AcknowledgeSnapshotResult", description="What came of acknowledging a snapshot."),
]
