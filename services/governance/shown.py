"""Recording what was shown to whom: report packs with their figures, daily snapshots and who looked at them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from services.agreements.models import Target
from services.agreements.record_counts import CountedRecord, count_records
from services.db import WriteSession
from services.domain.inputs import LONGEST_NOTE, Problems
from services.errors import NotFound
from services.governance.models import (
    Cadence,
    DailySnapshot,
    Meeting,
    ReportedFigure,
    ReportPack,
    SnapshotAcknowledgement,
)
from services.governance.rules import (
    MOST_FIGURES,
    AcknowledgementKind,
    FigureEntry,
    Rhythm,
    check_day,
    check_percent,
    check_sha256,
)
from services.organisations.models import Person
from services.organisations.rules import Actor, Permission
from services.rows import add_row, add_rows, check_reference, existing_ids


async def record_report_pack(
    session: WriteSession,
    *,
    actor: Actor,
    title: str,
    sha256: str,
    shown_at: datetime,
    figures: Sequence[FigureEntry],
    meeting_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Record a report as it was shown, perhaps in a meeting, with the figures it gave. Returns its id.

    Figures are taken as they were reported, right or wrong: comparing them with the records comes later.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.text("title", title)
    check_sha256(problems, "sha256", sha256)
    problems.past("shown_at", shown_at, now)
    await check_reference(session, problems, "meeting_id", Meeting, actor.organisation_id, meeting_id)
    await _check_figures(session, actor, problems, figures)
    problems.refuse("the report pack cannot be recorded")
    report_pack_id = await add_row(
        session,
        ReportPack,
        {"meeting_id": meeting_id, "title": title, "sha256": sha256, "shown_at": shown_at, **actor.stamps(now)},
        taken=f"this report is recorded as shown at {shown_at.isoformat()} already",
    )
    shown = [{"report_pack_id": report_pack_id, **asdict(each)} for each in figures]
    await add_rows(session, ReportedFigure, shown, stamps=actor.stamps(now))
    about = Counter(each.target_id for each in figures)
    await count_records(session, actor.organisation_id, CountedRecord.FIGURE, about)
    return report_pack_id


async def record_daily_snapshot(
    session: WriteSession, *, actor: Actor, cadence_id: UUID, day: date, data_at: datetime, now: datetime
) -> UUID:
    """Record that the dashboard of a local day was made, from data that describe the instant `data_at`.

    Conflict when the cadence has a snapshot of that day already. Returns its id.
    """
    actor.require(Permission.DEFINE)
    problems = Problems()
    check_day(problems, "day", day)
    problems.past("data_at", data_at, now)
    statement = select(Cadence.rhythm).where(Cadence.organisation_id == actor.organisation_id, Cadence.id == cadence_id)
    rhythm = (await session.execute(statement)).scalar_one_or_none()
    if rhythm is not None and rhythm is not Rhythm.DAILY:
        problems.add("cadence_id", f"expected a daily cadence, got a {rhythm.value} one")
    problems.refuse("the snapshot cannot be recorded")
    if rhythm is None:
        raise NotFound("there is no such cadence")
    return await add_row(
        session,
        DailySnapshot,
        {"cadence_id": cadence_id, "day": day, "data_at": data_at, **actor.stamps(now)},
        taken=f"the cadence has a snapshot of {day} already",
    )


async def acknowledge_snapshot(
    session: WriteSession,
    *,
    actor: Actor,
    snapshot_id: UUID,
    person_id: UUID,
    kind: AcknowledgementKind,
    acknowledged_at: datetime,
    note: str = "",
    now: datetime,
) -> UUID:
    """Record that a person opened a snapshot or acted on it. Conflict when exactly this is recorded already."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    problems.past("acknowledged_at", acknowledged_at, now)
    problems.text("note", note, longest=LONGEST_NOTE, required=False)
    await check_reference(session, problems, "person_id", Person, actor.organisation_id, person_id)
    problems.refuse("the acknowledgement cannot be recorded")
    if not await existing_ids(session, DailySnapshot, actor.organisation_id, [snapshot_id]):
        raise NotFound("there is no such snapshot")
    return await add_row(
        session,
        SnapshotAcknowledgement,
        {
            "snapshot_id": snapshot_id,
            "person_id": person_id,
            "kind": kind,
            "acknowledged_at": acknowledged_at,
            "note": note,
            **actor.stamps(now),
        },
        taken="this acknowledgement is recorded already",
    )


async def _check_figures(
    session: WriteSession, actor: Actor, problems: Problems, figures: Sequence[FigureEntry]
) -> None:
    if not problems.at_most("figures", figures, MOST_FIGURES):
        return
    targets = await existing_ids(session, Target, actor.organisation_id, {each.target_id for each in figures})
    signers = {each.adjusted_by_id for each in figures if each.adjusted_by_id is not None}
    people = await existing_ids(session, Person, actor.organisation_id, signers)
    for position, figure in enumerate(figures):
        found = problems.under("figures", position)
        if figure.target_id not in targets:
            found.add("target_id", "expected a known target, got an id of none")
        if figure.adjusted_by_id is not None and figure.adjusted_by_id not in people:
            found.add("adjusted_by_id", "expected a known person, got an id of none")
        is_signed = figure.adjusted_by_id is not None
        if is_signed is not bool(figure.adjustment_reason):
            found.add("adjustment_reason", "expected a reason and who signed it, or neither")
        else:
            found.text("adjustment_reason", figure.adjustment_reason, longest=LONGEST_NOTE, required=is_signed)
        found.instant("period_start", figure.period_start)
        if figure.attainment_percent is not None:
            check_percent(found, "attainment_percent", figure.attainment_percent)
    problems.distinct("figures", [f"{each.target_id} {each.period.value} {each.period_start}" for each in figures])
