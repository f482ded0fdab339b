"""What must be known about an export of clocks that its columns do not say."""

from collections.abc import Sequence
from functools import cache

from pydantic import Field

from services.domain.vocabulary import ClockStatus
from services.tickets.sources.clock_columns import ClockField
from services.tickets.sources.definitions import SourceWord
from services.tickets.sources.profile import ColumnNames, OutcomeWords, SourceProfile, matching, profiles_in


class ClockProfile(SourceProfile):
    """How one kind of export of clocks is read. Every setting has a default."""

    columns: dict[ClockField, ColumnNames] = Field(default_factory=dict)
    stages: dict[SourceWord, ClockStatus] = Field(default_factory=dict)
    """Words that mean something else here than in ServiceNow, or are not known to it."""
    breached: OutcomeWords = OutcomeWords(met=("false", "no", "0"), missed=("true", "yes", "1"))
    """The words of the column that says whether the clock breached: `missed` for yes."""


@cache
def shipped_clock_profiles() -> tuple[ClockProfile, ...]:
    """The example profiles for exports of clocks."""
    return profiles_in("clock_profiles", ClockProfile)


def clock_profile_for(columns: Sequence[str]) -> ClockProfile | None:
    """The shipped example profile made for these columns, if there is one."""
    return matching(columns, shipped_clock_profiles())
