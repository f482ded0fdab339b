"""The service review of an organisation: its figures, read in six statements, and what they mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.agreements.rules import AgreementKind
from services.attainment import statements
from services.attainment.figures import (
    NO_CLOCKS,
    ClockCounts,
    Figures,
    GroupFigures,
    Grouping,
    Selection,
    SelectionBasis,
    TargetFigures,
    TicketCounts,
)
from services.attainment.findings import Finding, findings
from services.catalogue.rules import GateStanding
from services.db import ReadSession, fetch
from services.domain.period import midnight, period_around
from services.domain.vocabulary import PeriodKind
from services.errors import FieldProblem, Invalid, NotFound
from services.requirements.meaning import Meaninglessness
from services.tickets.queries import daily_flow
from services.tickets.rules import DailyFlow, closing_stalls

STATEMENTS = 6
"""How many statements a review runs, whatever its size."""
QUICKLY = timedelta(hours=72)
AROUND = timedelta(days=28)
"""Days on either side of the selection that say what is usual."""
DAYS_AFTER_LAST_OPENING = 7
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

GROUPINGS = {3: Grouping.PRIORITY, 5: Grouping.TEAM, 6: Grouping.CATEGORY}
"""What PostgreSQL's GROUPING(priority, team, category) answers for each grouping; 7 is the whole."""
WHOLE = 7


@dataclass(frozen=True)
class ServiceReview:
    """The figures of a review and what they mean, as of `made_at`."""

    made_at: datetime
    figures: Figures
    findings: tuple[Finding, ...]


def selection_of_month(month: str, zone: ZoneInfo) -> Selection:
    """The tickets closed in a month, written `2016-03`, of a time zone. Raises Invalid for anything else."""
    try:
        first = date.fromisoformat(f"{month}-01")
        if not EARLIEST.date() <= first < LATEST.date():
            raise ValueError
    except ValueError:
        problem = FieldProblem("month", f"expected a month such as 2016-03, got {month[:20]!r}")
        raise Invalid("the review cannot be made", [problem]) from None
    period = period_around(PeriodKind.MONTH, midnight(first, zone), zone)
    return Selection(SelectionBasis.CLOSED, period.start, period.end)


def selected(
    zone: ZoneInfo, *, month: str | None = None, opened_from: date | None = None, opened_before: date | None = None
) -> Selection:
    """The tickets closed in a month, or opened in a half-open span of local days, or all.

    Raises Invalid for both a month and days, and outside the years 1970 to 2199.
    """
    for field, day in (("opened_from", opened_from), ("opened_before", opened_before)):
        if day and not EARLIEST.date() <= day < LATEST.date():
            message = f"expected a day from {EARLIEST.date()} until before {LATEST.date()}, got {day}"
            raise Invalid("the review cannot be made", [FieldProblem(field, message)])
    if month is None:
        return Selection(
            SelectionBasis.OPENED,
            midnight(opened_from, zone) if opened_from else None,
            midnight(opened_before, zone) if opened_before else None,
        )
    if opened_from or opened_before:
        raise Invalid("the review cannot be made", [FieldProblem("month", "expected a month or days, not both")])
    return selection_of_month(month, zone)


async def service_review(
    session: ReadSession, *, organisation_id: UUID, selection: Selection, now: datetime, quickly: timedelta = QUICKLY
) -> ServiceReview:
    """The review of the selected tickets. Six statements."""
    start, end = selection.start or EARLIEST, selection.end or LATEST
    if start >= end:
        problem = FieldProblem("end", f"expected an end after the start, got {start.isoformat()} to {end.isoformat()}")
        raise Invalid("the review cannot be made", [problem])
    chosen = (organisation_id, start, end)
    basis = selection.basis
    organisation = await fetch(session, statements.ORGANISATION, organisation_id)
    if not organisation:
        raise NotFound("there is no such organisation")
    ((name, time_zone, last_event_at),) = organisation
    ticket_rows = await fetch(session, statements.tickets(basis), *chosen, quickly)
    clock_rows = await fetch(session, statements.clocks(basis), *chosen, now)
    target_rows = await fetch(session, statements.targets(basis), *chosen)
    example_rows = await fetch(session, statements.examples(basis), *chosen, quickly, now)
    around = (max(start - AROUND, EARLIEST), min(end + AROUND, LATEST))
    flow = await daily_flow(
        session, organisation_id=organisation_id, time_zone=time_zone, start=around[0], end=around[1]
    )
    tickets, last_closed = _whole(ticket_rows)
    zone = ZoneInfo(time_zone)
    days = _days(start, end if selection.basis is SelectionBasis.CLOSED else max(end, last_closed or end), zone)
    last_opened_on, closed_after = _after_last_opening(flow, days)
    clocks = [row for row in clock_rows if row[0] == 15]
    figures = Figures(
        organisation=name,
        time_zone=time_zone,
        selection=selection,
        quickly=quickly,
        last_event_at=last_event_at,
        tickets=tickets,
        clocks=_clocks(clocks[0][3:13]) if clocks else NO_CLOCKS,
        targets=tuple(_targets(target_rows, clock_rows)),
        groups=tuple(_groups(ticket_rows, clock_rows)),
        stalls=tuple(
            stall
            for stall in (closing_stalls(flow) if flow else ())
            if stall.first_day <= days[1] and stall.last_day >= days[0]
        ),
        last_opened_on=last_opened_on,
        closed_after_last_opening=closed_after,
        overdue=clocks[0][13] if clocks else 0,
        examples=_examples(example_rows),
    )
    return ServiceReview(made_at=now, figures=figures, findings=tuple(findings(figures)))


def _whole(rows: Sequence[tuple[Any, ...]]) -> tuple[TicketCounts, datetime | None]:
    row = next(row for row in rows if row[0] == WHOLE)
    return TicketCounts(*row[2:9]), row[9]


def _clocks(counts: Sequence[Any]) -> ClockCounts:
    met, missed, pending, cancelled, paused, met_only_after_pausing, compared, agreeing, p95, worst = counts
    return ClockCounts(
        met=met,
        missed=missed,
        pending=pending,
        cancelled=cancelled,
        paused=paused,
        met_only_after_pausing=met_only_after_pausing,
        compared=compared,
        agreeing=agreeing,
        p95_overrun_seconds=None if p95 is None else round(p95),
        worst_overrun_seconds=worst,
    )


def _groups(ticket_rows: Iterable[tuple[Any, ...]], clock_rows: Iterable[tuple[Any, ...]]) -> list[GroupFigures]:
    """Every group with its tickets and clocks: the surely worst recorded outcome first, then own attainment."""
    clocks = {(GROUPINGS[row[0] - 8], row[2]): _clocks(row[3:13]) for row in clock_rows if row[0] - 8 in GROUPINGS}
    groups = [
        GroupFigures(
            grouping := GROUPINGS[row[0]], row[1], TicketCounts(*row[2:9]), clocks.get((grouping, row[1]), NO_CLOCKS)
        )
        for row in ticket_rows
        if row[0] in GROUPINGS
    ]
    return sorted(groups, key=_badness)


def _badness(group: GroupFigures) -> tuple[int, Any, Any, str]:
    """By the end of the interval that is on the safe side, so that a single ticket does not lead the list."""
    breaches, attainment = group.tickets.recorded_breaches, group.clocks.attainment
    recorded = breaches.low_percent if breaches.low_percent is not None else -1
    own = attainment.high_percent if attainment.high_percent is not None else 101
    return list(Grouping).index(group.grouping), -recorded, own, group.value or ""


def _targets(target_rows: Iterable[tuple[Any, ...]], clock_rows: Iterable[tuple[Any, ...]]) -> list[TargetFigures]:
    clocks = {row[1]: _clocks(row[3:13]) for row in clock_rows if row[0] == WHOLE}
    return [
        TargetFigures(
            target_id=row[0],
            key=row[1],
            name=row[2],
            agreement=row[3],
            agreement_kind=AgreementKind(row[4]),
            duration_seconds=row[5],
            objective_percent=row[6],
            stop_states=tuple(row[7]),
            assumed=row[8],
            clocks=clocks[row[0]],
            worst_ticket=row[9],
            is_meaningful=row[10],
            meaningless_because=None if row[11] is None else Meaninglessness(row[11]),
            gate_standing=GateStanding(row[12]),
        )
        for row in target_rows
        if row[0] in clocks
    ]


def _examples(rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[str, ...]]:
    examples: dict[str, tuple[str, ...]] = {}
    for code, key in rows:
        examples[code] = (*examples.get(code, ()), key)
    return examples


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first and last local date of a half-open span of instants."""
    return start.astimezone(zone).date(), (end - timedelta(microseconds=1)).astimezone(zone).date()


def _after_last_opening(flow: DailyFlow | None, days: tuple[date, date]) -> tuple[date | None, int]:
    """The last date with an opening, and how many tickets were closed more than a week after it within the days."""
    if flow is None or not flow.opened.any():
        return None, 0
    last = flow.first_day + timedelta(days=int(flow.opened.nonzero()[0][-1]))
    first_late = max(last + timedelta(days=DAYS_AFTER_LAST_OPENING + 1), days[0])
    begin = max((first_late - flow.first_day).days, 0)
    return last, int(flow.closed[begin : max((days[1] - flow.first_day).days + 1, 0)].sum())
