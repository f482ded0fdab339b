"""Written times become instants by the notation that was agreed, or say why not."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.tickets.sources.dates import MONTHS, DateNotation, OtherNotation, detect, has_offset, instant_reader

MOMENTS = st.datetimes(datetime.fromisoformat("1970-01-03"), datetime.fromisoformat("2100-12-29"))
BERLIN = ZoneInfo("Europe/Berlin")
D, M = DateNotation.DAY_FIRST_SLASHES, DateNotation.MONTH_FIRST_SLASHES


@pytest.mark.parametrize(
    ("text", "notation", "expected"),
    [
        ("5/3/2016 12:00", D, "2016-03-05T12:00:00Z"),
        ("29/2/2016 01:16", D, "2016-02-29T01:16:00Z"),
        ("05/03/2016 1:06:07", D, "2016-03-05T01:06:07Z"),
        ("3/5/2016 12:00", M, "2016-03-05T12:00:00Z"),
        ("3/5/2016 12:00 AM", M, "2016-03-05T00:00:00Z"),
        ("3/5/2016 12:30:15 pm", M, "2016-03-05T12:30:15Z"),
        ("3/5/2016 11:59 PM", M, "2016-03-05T23:59:00Z"),
        ("05-03-2016 12:00:01", DateNotation.DAY_FIRST_HYPHENS, "2016-03-05T12:00:01Z"),
        ("03-05-2016 12:00:01", DateNotation.MONTH_FIRST_HYPHENS, "2016-03-05T12:00:01Z"),
        ("5.3.2016 12:00", DateNotation.DAY_FIRST_DOTS, "2016-03-05T12:00:00Z"),
        ("2016-03-05 12:00", D, "2016-03-05T12:00:00Z"),
        ("2016-03-05 12:00:59", M, "2016-03-05T12:00:59Z"),
        ("2016-03-05T12:00:00Z", D, "2016-03-05T12:00:00Z"),
        ("2016-03-05T12:00:00.25Z", D, "2016-03-05T12:00:00.250000Z"),
        ("2016-03-05T12:00:00.123456789Z", D, "2016-03-05T12:00:00.123456Z"),
        ("2016-03-05T12:00:00+05:45", D, "2016-03-05T06:15:00Z"),
        ("2016-03-05 12:00:00 -0330", D, "2016-03-05T15:30:00Z"),
        ("2016-03-05T12:00+02", D, "2016-03-05T10:00:00Z"),
    ],
)
def test_a_written_time_becomes_the_instant_its_notation_means(
    text: str, notation: DateNotation, expected: str
) -> None:
    assert instant_reader([notation], ZoneInfo("UTC"))(text) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a date and time written as"),
        ("yesterday", "YYYY-MM-DD or D/M/YYYY"),
        ("2016-03-05", "followed by HH:MM"),
        ("٥/3/2016 12:00", "not a date and time"),
        ("5/3/16 12:00", "not a date and time"),
        ("5/3/2016 12:00 tomorrow", "not a date and time"),
        ("31/4/2016 12:00", "not a possible date"),
        ("13/31/2016 12:00", "not a possible date"),
        ("5/3/2016 24:00", "not a possible date"),
        ("5/3/2016 13:00 PM", "with AM or PM the hour must be in 1..12"),
        ("2016-03-05T12:00+19:00", "offset"),
        ("1969-12-31 23:59", "outside the years 1970 to 2100"),
        ("0001-01-01 00:00", "outside the years"),
        ("2101-01-01 00:00", "outside the years"),
    ],
)
def test_a_time_that_cannot_be_read_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("(", r"\(")):
        instant_reader([D], ZoneInfo("UTC"))(text)


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-01-15 12:00", datetime(2026, 1, 15, 11, 0, tzinfo=UTC)),
        ("2026-07-15 12:00", datetime(2026, 7, 15, 10, 0, tzinfo=UTC)),
        ("2026-03-29 01:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # skipped: becomes 03:30 summer time
        ("2026-03-29 03:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first, in summer time
        ("2026-10-25 03:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("2026-10-25T02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),  # an offset leaves no doubt
    ],
)
def test_wall_clock_times_follow_the_zone_through_both_changes(local: str, utc: datetime) -> None:
    assert instant_reader([], BERLIN)(local) == utc


def test_a_wall_clock_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone was given"):
        instant_reader([], None)("2016-03-05 12:00")


def test_an_offset_makes_a_zone_unnecessary() -> None:
    assert instant_reader([], None)("2016-03-05 12:00Z") == datetime(2016, 3, 5, 12, 0, tzinfo=UTC)
    assert has_offset("2016-03-05 12:00Z")
    assert not has_offset("5/3/2016 12:00")


@given(MOMENTS, st.sampled_from(list(DateNotation)))
def test_every_instant_survives_being_written_in_every_notation(moment: datetime, notation: DateNotation) -> None:
    whole = moment.replace(microsecond=0)
    if notation is DateNotation.MONTH_NAME:
        assume(2000 <= whole.year < 2100)
        date = f"{whole.day}/{MONTHS[whole.month - 1]}/{whole.year % 100:02}"
    else:
        date = numeric(whole, notation)
    read = instant_reader([notation], ZoneInfo("UTC"))
    assert read(f"{date} {whole:%H:%M:%S}") == whole.replace(tzinfo=UTC)


def numeric(whole: datetime, notation: DateNotation) -> str:
    """A date in a notation of digits."""
    date = notation.value.replace("YYYY", f"{whole.year:04}")
    date = date.replace("MM", f"{whole.month:02}").replace("DD", f"{whole.day:02}")
    return date.replace("M", str(whole.month)).replace("D", str(whole.day))


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_an_offset_shifts_by_exactly_itself(moment: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    read = instant_reader([], None)(moment.isoformat(sep="T", timespec="microseconds") + offset)
    assert read == moment.replace(tzinfo=UTC) - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["5/3/2016 12:00", "13/3/2016 12:00"], (D,)),
        (["5/3/2016 12:00", "3/13/2016 12:00"], (M,)),
        (["2016-03-05 12:00"], (DateNotation.YEAR_FIRST,)),
        (["2016-03-05T12:00Z", "5.3.2016 12:00"], (DateNotation.YEAR_FIRST, DateNotation.DAY_FIRST_DOTS)),
        (["05-31-2016 12:00", "nonsense"], (DateNotation.MONTH_FIRST_HYPHENS,)),
        ([], ()),
    ],
)
def test_a_sample_shows_the_notation(texts: list[str], expected: tuple[DateNotation, ...]) -> None:
    assert detect(texts) == expected


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["5/3/2016 12:00", "6/3/2016 12:00"], "fit both D/M/YYYY and M/D/YYYY"),
        (["13/3/2016 12:00", "3/13/2016 12:00"], "not all of its kind fit"),
        (["last week"], "no date and time in a known notation"),
    ],
)
def test_a_sample_that_shows_no_notation_is_refused(texts: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        detect(texts)


@pytest.mark.parametrize(("notation", "text"), [(D, "3/31/2016 12:00"), (M, "31/3/2016 12:00")])
def test_a_date_that_only_the_exchanged_notation_allows_condemns_the_file(notation: DateNotation, text: str) -> None:
    with pytest.raises(OtherNotation, match="no date of the file can be trusted"):
        instant_reader([notation], BERLIN)(text)
