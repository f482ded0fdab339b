"""Inputs that several contexts filter with."""

from datetime import datetime

import strawberry


@strawberry.input(description="Instants from `from` until before `before`; a bound left out is open.")
class InstantRange:
    """A half-open range."""

    from_: datetime | None = strawberry.field(
        name="from", default=None, description="The earliest instant that belongs to the range."
    )
    before: datetime | None = strawberry.field(
        default=None, description="The first instant that no longer belongs to the range."
    )
