"""Which outcomes of tickets were final at a cut-off, and which periods teach nothing. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from services.domain.instants import to_epoch
from services.domain.period import midnight
from services.domain.vocabulary import Outcome
from services.forecasting.facts import TicketFacts
from services.tickets.history import NONE, Flags, Integers, standing
from services.tickets.rules import ClosingStall, DailyFlow, closing_stalls

OVERDUE_SHARE = 0.99
"""An age is overdue when at least this share of the tickets closed at that age or later had broken their promise."""
FEWEST_FOR_LIMIT = 20
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, eq=False)
class Labels:
    """Per ticket: whether its outcome was final, whether it was a breach, and whether that follows from its age."""

    final: Flags
    missed: Flags
    overdue: Flags
    limits: dict[str, int]
    """Seconds from opening after which an open ticket counts as a breach, by priority."""


@dataclass(frozen=True)
class Disturbance:
    """Tickets opened from `start` until before `end` teach nothing, and why."""

    start: datetime
    end: datetime
    reason: str


def final_labels(facts: TicketFacts, cut_off: int) -> Labels:
    """Outcomes final at the cut-off, from facts known by then.

    A closed ticket's recorded outcome is final. An open ticket counts as a breach once it is older than nearly every
    ticket of its priority that was closed in time: leaving such tickets out would teach that most promises are kept.
    All other open tickets have no label.
    """
    stands = standing(facts.log)
    missed = np.array([outcome == Outcome.MISSED for outcome in stands.recorded_outcome], dtype=np.bool_)
    final = np.array([outcome in (Outcome.MET, Outcome.MISSED) for outcome in stands.recorded_outcome], dtype=np.bool_)
    final &= stands.recorded_outcome_known_at <= cut_off
    age = np.where(final, stands.recorded_outcome_known_at, cut_off) - facts.log.opened_at
    priority = facts.log.priority.codes[stands.last_event] if len(facts) else stands.last_event
    open_still = ~final & (stands.closed_at == NONE)
    overdue = np.zeros(len(facts), dtype=np.bool_)
    limits: dict[str, int] = {}
    for code, word in enumerate(facts.log.priority.words):
        same = priority == code
        limit = _overdue_limit(age[final & same], missed[final & same])
        if limit is not None:
            limits[word or ""] = limit
            overdue |= open_still & same & (age > limit)
    return Labels(final | overdue, missed | overdue, overdue, limits)


def _overdue_limit(age: Integers, missed: Flags) -> int | None:
    """The smallest age from which on nearly all closed tickets were breaches; None when too few say so."""
    oldest_first = np.argsort(-age, kind="stable")
    share = np.cumsum(missed[oldest_first]) / np.arange(1, len(age) + 1)
    enough = np.flatnonzero(share >= OVERDUE_SHARE)
    if not len(enough) or enough[-1] + 1 < FEWEST_FOR_LIMIT:
        return None
    return int(age[oldest_first[enough[-1]]])


def disturbances(facts: TicketFacts, cut_off: int, zone: ZoneInfo) -> list[Disturbance]:
    """Spans of opening in which outcomes say more about a stall in closing than about the tickets.

    A stall catches what was opened while it lasted, and before it what was still waiting to be closed as usual: as long
    before its first day as tickets took to be closed until then, at the median.
    """
    stands = standing(facts.log)
    flow = _daily_flow(facts, stands.resolved_at, stands.closed_at, cut_off, zone)
    return (
        [] if flow is None else [_disturbance(facts, stands.closed_at, stall, zone) for stall in closing_stalls(flow)]
    )


def _disturbance(facts: TicketFacts, closed_at: Integers, stall: ClosingStall, zone: ZoneInfo) -> Disturbance:
    begins, ends = midnight(stall.first_day, zone), midnight(stall.last_day + timedelta(days=1), zone)
    before = (closed_at != NONE) & (closed_at < to_epoch(begins))
    usual = float(np.median((closed_at - facts.log.opened_at)[before])) if before.any() else 0.0
    whole_days = timedelta(days=round(usual / SECONDS_A_DAY))
    return Disturbance(
        midnight(stall.first_day - whole_days, zone),
        ends,
        f"closing stalled from {stall.first_day.isoformat()} to {stall.last_day.isoformat()}: {stall.closed} closed "
        f"in {stall.days} days while {stall.resolved} were resolved; tickets usually closed after {whole_days.days} "
        "days",
    )


def undisturbed(opened_at: Integers, found: list[Disturbance]) -> Flags:
    """Per ticket, whether it was opened outside every disturbance."""
    kept = np.ones(len(opened_at), dtype=np.bool_)
    for disturbance in found:
        kept &= ~((opened_at >= to_epoch(disturbance.start)) & (opened_at < to_epoch(disturbance.end)))
    return kept


def _daily_flow(
    facts: TicketFacts, resolved_at: Integers, closed_at: Integers, cut_off: int, zone: ZoneInfo
) -> DailyFlow | None:
    """Tickets per local date, of the whole days before the cut-off."""
    counted = [facts.log.opened_at, resolved_at[resolved_at != NONE], closed_at[closed_at != NONE]]
    days = [_local_days(instants[instants < cut_off], zone) for instants in counted]
    last = _local_days(np.array([cut_off], dtype=np.int64), zone)[0] - 1
    if not len(days[0]) or last < (first := int(days[0].min())):
        return None
    counts = [np.bincount(day[(day >= first) & (day <= last)] - first, minlength=last - first + 1) for day in days]
    return DailyFlow(date.fromordinal(first), *(count.astype(np.int64) for count in counts))


def _local_days(instants: Integers, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    """Proleptic ordinals of the local dates. Offsets are looked up once an hour of the data, not once a ticket."""
    hours, place = np.unique(instants // 3600, return_inverse=True)
    offsets = [datetime.fromtimestamp(hour * 3600, UTC).astimezone(zone).utcoffset() for hour in hours.tolist()]
    seconds = np.array([int(offset.total_seconds()) if offset else 0 for offset in offsets], dtype=np.int64)
    epoch = date(1970, 1, 1).toordinal()
    return np.asarray((instants + seconds[place]) // SECONDS_A_DAY + epoch, dtype=np.int64)
