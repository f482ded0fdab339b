"""Which column of an export of clocks holds what: names as ServiceNow's task_sla and Jira's SLA cycles spell them."""

from collections.abc import Mapping
from enum import StrEnum

from services.domain.vocabulary import ClockStatus


class ClockField(StrEnum):
    """What a reported clock is made of. Values are the names a profile uses under `columns`."""

    TICKET = "ticket"
    DEFINITION = "definition"
    ID = "id"
    STAGE = "stage"
    STARTED_AT = "started_at"
    STOPPED_AT = "stopped_at"
    DUE_AT = "due_at"
    BREACHED = "breached"
    PAUSED = "paused"
    UPDATED_AT = "updated_at"
    GOAL = "goal"
    GOAL_MILLISECONDS = "goal_milliseconds"
    ELAPSED = "elapsed"
    ELAPSED_MILLISECONDS = "elapsed_milliseconds"
    PAUSE = "pause"


REQUIRED = (ClockField.TICKET, ClockField.DEFINITION, ClockField.STARTED_AT, ClockField.BREACHED)

ALIASES: Mapping[ClockField, tuple[str, ...]] = {
    ClockField.TICKET: ("task.number", "task", "issueKey", "number"),
    ClockField.DEFINITION: ("sla", "sla.name", "name"),
    ClockField.ID: ("sys_id",),
    ClockField.STAGE: ("stage",),
    ClockField.STARTED_AT: ("start_time", "startTime.iso8601", "startTime"),
    ClockField.STOPPED_AT: ("end_time", "stopTime.iso8601", "stopTime"),
    ClockField.DUE_AT: ("planned_end_time", "breachTime.iso8601", "breachTime"),
    ClockField.BREACHED: ("has_breached", "breached"),
    ClockField.PAUSED: ("paused",),
    ClockField.UPDATED_AT: ("sys_updated_on",),
    ClockField.GOAL: ("sla.duration",),
    ClockField.GOAL_MILLISECONDS: ("goalDuration.millis",),
    ClockField.ELAPSED: ("business_duration", "duration"),
    ClockField.ELAPSED_MILLISECONDS: ("elapsedTime.millis",),
    ClockField.PAUSE: ("business_pause_duration", "pause_duration"),
}

STAGES: Mapping[str, ClockStatus] = {
    "in progress": ClockStatus.RUNNING,
    "in_progress": ClockStatus.RUNNING,
    "paused": ClockStatus.PAUSED,
    "completed": ClockStatus.COMPLETED,
    "achieved": ClockStatus.COMPLETED,
    "cancelled": ClockStatus.CANCELLED,
    "canceled": ClockStatus.CANCELLED,
}
"""ServiceNow's stages by label and by value. Its stage "Breached" (2010 engine) does not say whether the clock runs."""
