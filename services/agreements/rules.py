"""What an agreement promises, and which tickets a promise is about."""

from collections.abc import Sequence
from enum import StrEnum


class AgreementKind(StrEnum):
    """Service level agreement, operational level agreement, underpinning contract, experience level agreement."""

    SLA = "sla"
    OLA = "ola"
    UC = "uc"
    XLA = "xla"


class VersionStatus(StrEnum):
    """Versions carry only their start; an `ended` version closes the one before it."""

    IN_FORCE = "in_force"
    ENDED = "ended"


def selects(selector: Sequence[str], value: str | None) -> bool:
    """Whether a selector admits a value. An empty selector admits everything; a missing value only that."""
    return not selector or (value is not None and value in selector)
