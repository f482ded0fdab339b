"""The words every context shares. Values are what the database stores; members are what GraphQL shows."""

from enum import StrEnum


class TicketState(StrEnum):
    """What a ticket is waiting for, in one vocabulary for all systems; the source's own word stays on its event."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    AWAITING_CUSTOMER = "awaiting_customer"
    AWAITING_SUPPLIER = "awaiting_supplier"
    AWAITING_PROBLEM = "awaiting_problem"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class StartRule(StrEnum):
    """Where a clock starts to count when its target begins to apply to a ticket (semantics D.2, retroactive start)."""

    FROM_OPENING = "from_opening"
    """Retroactive: the time since the ticket was opened counts, whichever target applied then."""
    FROM_MATCH = "from_match"
    """Fresh: the clock counts from the event at which the target began to apply."""


class ReopenPolicy(StrEnum):
    """What happens to a completed clock when its ticket is opened again (semantics D.2, reopen)."""

    NEW_CYCLE = "new_cycle"
    """A further clock starts from zero; each is judged alone."""
    RESUME = "resume"
    """The same clock goes on; the time while completed does not count."""
    CONTINUOUS = "continuous"
    """The same clock goes on as if it had never stopped; the time in between counts."""


class ClockStatus(StrEnum):
    """States of a clock's life cycle. Breached is not among them: it is a fact about time, kept beside the state."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ClockTransitionKind(StrEnum):
    """What happened to a clock at an instant of its timeline."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    THRESHOLD = "threshold"
    BREACH = "breach"
    STOP = "stop"
    REOPEN = "reopen"
    CANCEL = "cancel"


class Outcome(StrEnum):
    """Whether a promise was kept. `no_data` and `cannot_tell` are answers of their own and never count as met."""

    MET = "met"
    MISSED = "missed"
    PENDING = "pending"
    NO_DATA = "no_data"
    CANNOT_TELL = "cannot_tell"


class PeriodKind(StrEnum):
    """Calendar periods an objective is judged over, in the time zone of the target's calendar."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
