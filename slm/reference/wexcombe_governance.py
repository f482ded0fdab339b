"""How Wexcombe Stores is run: most of it takes place, not all of it on time, and not all of it leads to anything.

Which requirements were agreed when, which meetings are held with whom, and what becomes of what they decide. Nothing
is drawn: the place in its sequence decides what happens to a meeting.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.domain.period import following_day
from services.governance.rules import PERIODS, DecisionEntry, DecisionKind, Rhythm, occurrence_day

MANAGER, OWNER = "tomasz-zielinski", "mei-tanaka"
CUSTOMERS = ("grace-mwangi", "owen-pritchard", "ruth-adeyemi")
FLATTERED = ("store-network", "card-payments")
"""Services whose reports show the objective as reached when it was not."""

# service, what its users need, when that was approved and put on record, from go-live on (None: never approved)
REQUIREMENTS: tuple[tuple[str, str, timedelta | None], ...] = (
    ("point-of-sale", "A till that fails sells again within half a day", timedelta(days=-100)),
    ("online-shop", "Customers can pay at any hour; a fault there is mended the same day", timedelta(days=-90)),
    ("card-payments", "Cards are taken in every store at every hour", timedelta(days=-80)),
    ("warehouse-management", "Lorries leave on the shift they were planned for", timedelta(days=-30)),
    ("store-network", "A store that is cut off is back before the next opening", timedelta(days=-90)),
    ("sign-in", "Whoever starts work in the morning can sign in", timedelta(days=-20)),
    ("workplace", "A broken laptop is replaced within two working days", timedelta(days=-80)),
    ("finance-ledger", "The month can be closed on its third working day", timedelta(days=-90)),
    ("loyalty", "Points show by the next visit", timedelta(days=120)),
    ("sales-reporting", "Yesterday's figures are there when the stores open", timedelta(days=60)),
    ("rostering", "Hours worked are right when pay is computed", None),
)

FIRST_BEFORE_DAYS = {Rhythm.DAILY: 120, Rhythm.WEEKLY: 182, Rhythm.MONTHLY: 365, Rhythm.QUARTERLY: 460}
"""How long ago each rhythm began."""
HELD_AFTER_START = {Rhythm.WEEKLY: timedelta(days=4, hours=10)}
HELD_AFTER_END = {Rhythm.MONTHLY: timedelta(days=2, hours=13), Rhythm.QUARTERLY: timedelta(days=6, hours=9)}
LATE = timedelta(days=30)
VIEW_MADE, VIEW_OPENED, VIEW_ACTED_ON = timedelta(hours=7), timedelta(hours=8), timedelta(hours=11)

TOPICS = (
    "Spare tills held in each region",
    "Second person on the evening shift of Field Engineering",
    "Weekly look at tickets that wait for a supplier",
    "Automatic reminder two hours before a ticket falls due",
)


@dataclass(frozen=True)
class ViewFact:
    """The daily view of a day, whether somebody looked at it, and whether somebody acted on it."""

    day: date
    opened: bool
    acted: bool


@dataclass(frozen=True)
class MeetingFact:
    """A meeting that was held. `done_at` of its action is None while it is open; `changed`: what the action altered."""

    rhythm: Rhythm
    planned_for: date
    held_at: datetime
    customer: str | None
    decision: DecisionEntry | None
    action: str
    due_at: datetime
    done_at: datetime | None
    changed: str | None


def starts_on(rhythm: Rhythm, until: datetime) -> date:
    """The local day a rhythm is expected from."""
    first = until.date() - timedelta(days=FIRST_BEFORE_DAYS[rhythm])
    return first if rhythm is Rhythm.DAILY else following_day(PERIODS[rhythm], occurrence_day(rhythm, first))


def views(until: datetime) -> Iterator[ViewFact]:
    """The daily views made by `until`: on nearly every working day, and acted on in two of three."""
    day, number = starts_on(Rhythm.DAILY, until), 0
    while at(day, VIEW_ACTED_ON) <= until:
        if day.weekday() < 5:
            number += 1
            if number % 31:
                yield ViewFact(day, opened=number % 11 != 0, acted=number % 3 != 0 and number % 11 != 0)
        day += timedelta(days=1)


def meetings(until: datetime) -> Iterator[MeetingFact]:
    """The meetings held by `until`, by rhythm: some weeks none, one quarter late, some without the customer."""
    for rhythm in (Rhythm.WEEKLY, Rhythm.MONTHLY, Rhythm.QUARTERLY):
        first, number = starts_on(rhythm, until), 0
        while (meeting := _meeting(rhythm, first, number, until)).held_at <= until:
            if rhythm is not Rhythm.WEEKLY or number % 7 != 6:
                yield meeting
            first, number = following_day(PERIODS[rhythm], first), number + 1


def _meeting(rhythm: Rhythm, first: date, number: int, until: datetime) -> MeetingFact:
    following = following_day(PERIODS[rhythm], first)
    held_at = at(first, HELD_AFTER_START[rhythm]) if rhythm is Rhythm.WEEKLY else at(following, HELD_AFTER_END[rhythm])
    if rhythm is Rhythm.QUARTERLY and number == 1:
        held_at += LATE
    due_at = held_at + timedelta(days=7)
    done_at = due_at + (timedelta(days=9) if number % 4 == 3 else timedelta(days=-2))
    leads_to_change = rhythm is not Rhythm.WEEKLY and number % 3 != 1
    topic = TOPICS[number % len(TOPICS)]
    return MeetingFact(
        rhythm=rhythm,
        planned_for=first,
        held_at=held_at,
        customer=None if rhythm is Rhythm.WEEKLY or number % 4 == 2 else CUSTOMERS[number % len(CUSTOMERS)],
        decision=None if rhythm is Rhythm.WEEKLY else DecisionEntry(DecisionKind.CHANGE, topic),
        action=topic,
        due_at=due_at,
        done_at=done_at if done_at <= until else None,
        changed=topic if leads_to_change else None,
    )


def at(day: date, after: timedelta) -> datetime:
    """That long after the midnight (UTC) of a day."""
    return datetime.combine(day, time(), UTC) + after
