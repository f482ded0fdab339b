"""`slm review`: the service review of an organisation, in the terminal."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from rich.console import Console

from reports.review_terminal import review_report
from services.attainment.review import ServiceReview, selected, service_review
from services.db import Database
from services.errors import FieldProblem, Invalid
from services.organisations.queries import organisation_time_zone
from slm.commands.access import actor_of
from slm.running import run_with_database


def run_review(organisation: str, *, month: str | None, opened_from: str | None, opened_before: str | None) -> None:
    """Print the review of all tickets, of those closed in a month, or of those opened in a span of days."""

    async def work(database: Database) -> ServiceReview:
        return await review_of(
            database, organisation, month=month, opened_from=opened_from, opened_before=opened_before
        )

    show(run_with_database(work))


def show(review: ServiceReview) -> None:
    """Print a review."""
    console = Console(highlight=False)
    console.print(review_report(review, width=console.width))


async def review_of(
    database: Database,
    organisation_key: str,
    *,
    month: str | None = None,
    opened_from: str | None = None,
    opened_before: str | None = None,
) -> ServiceReview:
    """The review; days and months are those of the organisation's time zone. Raises Invalid for a wrong selection."""
    actor = await actor_of(database, organisation_key)
    async with database.reading(actor.organisation_id) as session:
        zone = ZoneInfo(await organisation_time_zone(session, organisation_id=actor.organisation_id))
        selection = selected(
            zone,
            month=month,
            opened_from=_day("opened-from", opened_from),
            opened_before=_day("opened-before", opened_before),
        )
        return await service_review(
            session, organisation_id=actor.organisation_id, selection=selection, now=datetime.now(UTC)
        )


def _day(field: str, written: str | None) -> date | None:
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        problem = FieldProblem(field, f"expected a day such as 2016-03-05, got {written[:20]!r}")
        raise Invalid("the review cannot be made", [problem]) from None
