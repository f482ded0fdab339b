"""Written spans become seconds, or say why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.sources.durations import milliseconds, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("5400", 5_400),
        ("5400.0", 5_400),
        ("1970-01-01 01:30:00", 5_400),
        ("1970-01-03 00:00:01", 172_801),
        ("1971-01-01 00:00:00", 365 * 86_400),
        ("1:30:00", 5_400),
        ("36:00:00", 129_600),
        ("2 days 01:00:00", 176_400),
        ("1 Day 2 Hours 3 Minutes", 93_780),
        ("1 Second", 1),
    ],
)
def test_every_notation_is_read(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "-5", "soon", "1:75:00", "5400s", "9" * 11, "1970-02-31 00:00:00", "5400.5"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        seconds(text)


@given(st.integers(0, 10**12))
def test_milliseconds_lose_less_than_a_second(count: int) -> None:
    assert 0 <= count - milliseconds(str(count)) * 1_000 < 1_000


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "9" * 15])
def test_what_is_no_number_of_milliseconds_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        milliseconds(text)
