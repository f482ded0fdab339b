"""What governance there was in a span, as far as was on record at its end: rhythms kept, and figures reported."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.db import ReadSession, fetch
from services.domain.vocabulary import Outcome, PeriodKind
from services.governance.rules import (
    AcknowledgementKind,
    ActionStatus,
    AttendeeRole,
    DecisionKind,
    Occurrence,
    Rhythm,
    expected_occurrences,
    figure_contradicts,
    occurrence_day,
)
from services.governance.statements import ACTIONS, CADENCES, FIGURES, HOLIDAYS, MEETINGS, SNAPSHOTS


@dataclass(frozen=True)
class ActionAsOf:
    """What had become of an action. `ending` is None while it is open; `times_carried_over` counts meetings."""

    action_id: UUID
    due_at: datetime
    ending: ActionStatus | None
    ended_at: datetime | None
    times_carried_over: int
    changed_something: bool


@dataclass(frozen=True)
class MeetingAsOf:
    """A held meeting: the sides present, its decisions and actions, and the breaches looked at.

    The counts are how many decisions, actions and breaches were recorded with it.
    """

    meeting_id: UUID
    planned_for: date
    held_at: datetime
    has_minutes: bool
    decisions: tuple[DecisionKind, ...]
    present: frozenset[AttendeeRole]
    breach_ids: tuple[UUID, ...]
    retracted_breach_ids: frozenset[UUID]
    had_report: bool
    actions: tuple[ActionAsOf, ...]
    decision_count: int
    action_count: int
    breach_count: int

    @property
    def missing_records(self) -> str | None:
        """Of what it holds less than was recorded with it, in words; None when nothing is missing."""
        kinds = (
            ("decisions", self.decision_count, len(self.decisions)),
            ("actions", self.action_count, len(self.actions)),
            ("breaches", self.breach_count, len(self.breach_ids)),
        )
        return next(
            (f"{written} {kind}, and {found} are there" for kind, written, found in kinds if found < written), None
        )


@dataclass(frozen=True)
class SnapshotAsOf:
    """A daily view: the instant its data describe, and when somebody first opened or acted on it, if anybody did."""

    snapshot_id: UUID
    day: date
    data_at: datetime
    acknowledged_at: datetime | None
    acted_at: datetime | None


@dataclass(frozen=True)
class OccurrenceAsOf:
    """One time the rhythm asked for, with the meetings or the snapshot that answer it, if any do.

    A daily view counts as kept only when somebody acknowledged it.
    """

    occurrence: Occurrence
    meetings: tuple[MeetingAsOf, ...]
    snapshot: SnapshotAsOf | None

    @property
    def kept_at(self) -> datetime | None:
        """When it was kept: the first meeting held, or the snapshot acknowledged; None when it was not."""
        kept = [meeting.held_at for meeting in self.meetings]
        if self.snapshot is not None and self.snapshot.acknowledged_at is not None:
            kept.append(self.snapshot.acknowledged_at)
        return min(kept, default=None)

    @property
    def is_on_time(self) -> bool:
        """Whether it was kept before it became late."""
        return self.kept_at is not None and self.kept_at < self.occurrence.late_from


@dataclass(frozen=True)
class CadenceAsOf:
    """A cadence with every occurrence expected in the span, and every meeting held in it, both in order.

    Without a service it is for all of them.
    """

    cadence_id: UUID
    key: str
    rhythm: Rhythm
    service_id: UUID | None
    time_zone: str
    occurrences: tuple[OccurrenceAsOf, ...]
    meetings: tuple[MeetingAsOf, ...]


@dataclass(frozen=True)
class FigureAsOf:
    """A figure as it was reported beside the result computed from the records, None where none is stored."""

    service_id: UUID
    target_id: UUID
    period: PeriodKind
    period_start: datetime
    report_pack_id: UUID
    shown_at: datetime
    reported: Outcome
    reported_percent: Decimal | None
    is_adjusted: bool
    recomputed: Outcome | None
    recomputed_percent: Decimal | None

    @property
    def contradicts(self) -> bool | None:
        """Whether the report said something else than the records; None when that cannot be told."""
        return figure_contradicts(
            reported=self.reported,
            reported_percent=self.reported_percent,
            recomputed=self.recomputed,
            recomputed_percent=self.recomputed_percent,
            is_adjusted=self.is_adjusted,
        )


async def rhythms(
    session: ReadSession, organisation_id: UUID, *, since: datetime, as_of: datetime
) -> list[CadenceAsOf]:
    """Every cadence by key, with what it asked for from `since` to `as_of` and what was done.

    From facts recorded by `as_of`; five statements. A cadence that asked for nothing in the span is there with no
    occurrences.
    """
    rows = await fetch(session, CADENCES, organisation_id, as_of)
    calendars = sorted({row[8] for row in rows if row[8] is not None})
    holidays: dict[UUID, set[date]] = defaultdict(set)
    for calendar_id, day in await fetch(session, HOLIDAYS, organisation_id, as_of, calendars):
        holidays[calendar_id].add(day)
    meetings = await _meetings(session, organisation_id, since, as_of)
    snapshots = await _snapshots(session, organisation_id, since, as_of)
    found = []
    for cadence_id, key, name, service_id, starts_on, ends_on, time_zone, tolerance_days, calendar_id in rows:
        rhythm = Rhythm(name)
        held: dict[date, list[MeetingAsOf]] = defaultdict(list)
        for meeting in meetings[cadence_id]:
            held[occurrence_day(rhythm, meeting.planned_for)].append(meeting)
        expected = expected_occurrences(
            rhythm,
            starts_on=starts_on,
            ends_on=ends_on,
            time_zone=time_zone,
            tolerance_days=tolerance_days,
            holidays=holidays[calendar_id] if calendar_id is not None else (),
            since=since,
            as_of=as_of,
        )
        occurrences = tuple(
            OccurrenceAsOf(each, tuple(held[each.first_day]), snapshots.get((cadence_id, each.first_day)))
            for each in expected
        )
        found.append(
            CadenceAsOf(cadence_id, key, rhythm, service_id, time_zone, occurrences, tuple(meetings[cadence_id]))
        )
    return found


async def reported_figures(
    session: ReadSession, organisation_id: UUID, *, since: datetime, as_of: datetime
) -> list[FigureAsOf]:
    """Figures reported by `as_of` about periods that began at `since` or later. One statement.

    The recomputed side is what an ended period comes to as computed last: its stored result, which late facts replace,
    or what stands beside that once it is frozen. Signing a result does not make what was reported of it right.
    """
    return [
        FigureAsOf(
            service_id=service_id,
            target_id=target_id,
            period=PeriodKind(period),
            period_start=period_start,
            report_pack_id=report_pack_id,
            shown_at=shown_at,
            reported=Outcome(reported),
            reported_percent=reported_percent,
            is_adjusted=is_adjusted,
            recomputed=None if recomputed is None else Outcome(recomputed),
            recomputed_percent=recomputed_percent,
        )
        for (
            service_id, target_id, period, period_start, report_pack_id, shown_at, reported, reported_percent,
            is_adjusted, recomputed, recomputed_percent,
        ) in await fetch(session, FIGURES, organisation_id, as_of, since)
    ]  # fmt: skip


async def _meetings(
    session: ReadSession, organisation_id: UUID, since: datetime, as_of: datetime
) -> dict[UUID, list[MeetingAsOf]]:
    # Meetings before their actions: what is recorded in between must not look as if something were missing.
    rows = await fetch(session, MEETINGS, organisation_id, as_of, since)
    actions: dict[UUID, list[ActionAsOf]] = defaultdict(list)
    for meeting_id, action_id, due_at, ended_at, ending, carried_over, changed in await fetch(
        session, ACTIONS, organisation_id, as_of, since
    ):
        status = None if ending is None else ActionStatus(ending)
        actions[meeting_id].append(ActionAsOf(action_id, due_at, status, ended_at, carried_over, changed))
    found: dict[UUID, list[MeetingAsOf]] = defaultdict(list)
    for (
        cadence_id,
        meeting_id,
        planned_for,
        held_at,
        has_minutes,
        decisions,
        present,
        breach_ids,
        retracted_breach_ids,
        had_report,
        *counts,
    ) in rows:
        found[cadence_id].append(
            MeetingAsOf(
                meeting_id,
                planned_for,
                held_at,
                has_minutes,
                tuple(DecisionKind(kind) for kind in decisions),
                frozenset(AttendeeRole(role) for role in present),
                tuple(breach_ids),
                frozenset(retracted_breach_ids),
                had_report,
                tuple(actions[meeting_id]),
                *counts,
            )
        )
    return found


async def _snapshots(
    session: ReadSession, organisation_id: UUID, since: datetime, as_of: datetime
) -> dict[tuple[UUID, date], SnapshotAsOf]:
    first_day = (since - timedelta(days=1)).date()  # the local day of `since` in any zone
    rows = await fetch(session, SNAPSHOTS, organisation_id, as_of, first_day, AcknowledgementKind.ACTED.value)
    return {(cadence_id, day): SnapshotAsOf(id_, day, *stamps) for cadence_id, id_, day, *stamps in rows}


def action_ending(action: str) -> str:
    """SQL text: whether the action was done or dropped, NULL while it is open. `$1` is the organisation."""
    return (
        "(SELECT ended.status FROM action_status_change AS ended"  # noqa: S608 - an alias, no input
        f" WHERE ended.organisation_id = $1::uuid AND ended.action_id = {action}.id"
        " AND ended.status IN ('done', 'dropped'))"
    )


def action_is_open(action: str) -> str:
    """SQL text: whether the action was neither done nor dropped. `$1` is the organisation."""
    return f"{action_ending(action)} IS NULL"


def cadence_version(alias: str) -> str:
    """SQL text: how often the cadence was said anew, from 1: it changes once, by its end."""
    ends = f"FROM cadence_end e WHERE e.organisation_id = $1::uuid AND e.cadence_id = {alias}.id"
    return f"(1 + (SELECT count(*) {ends}))"
