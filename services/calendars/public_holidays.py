"""Public holidays from the `holidays` library, to be copied into a calendar version and reviewed by a person."""

from importlib.metadata import version

import holidays as library

from services.calendars.rules import Holiday, PublicHolidays
from services.domain.inputs import Problems


def public_holidays(source: PublicHolidays, problems: Problems) -> list[Holiday]:
    """The dates in order, each once; a country or subdivision the library does not know is a problem of its field."""
    subdivisions = library.list_supported_countries().get(source.country)
    if subdivisions is None:
        problems.add("country", f"expected the ISO 3166-1 code of a country, got {source.country[:10]!r}")
        return []
    try:
        # The library would take an empty subdivision for none.
        found = library.country_holidays(
            source.country,
            subdiv=" " if source.subdivision == "" else source.subdivision,
            years=sorted(set(source.years)),
        )
    except NotImplementedError:
        some = ", ".join(subdivisions[:10]) or "none"
        problems.add("subdivision", f"expected a subdivision of {source.country} (such as {some})")
        return []
    return [Holiday(day, name) for day, name in sorted(found.items())]


def source_text(source: PublicHolidays) -> str:
    """What a version says of where its holidays came from."""
    place = source.country if source.subdivision is None else f"{source.country}-{source.subdivision}"
    return f"holidays {version('holidays')}: {place}, {min(source.years)} to {max(source.years)}"
