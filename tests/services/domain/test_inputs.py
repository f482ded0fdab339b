"""Checks every input goes through, with all problems said at once."""

from datetime import UTC, datetime

import pytest

from services.domain.inputs import Problems
from services.errors import Invalid


def found(problems: Problems) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        problems.refuse("refused")
    return [problem.field for problem in refusal.value.problems]


@pytest.mark.parametrize("key", ["a", "0", "mail", "a.b_c-d", "x" * 63])
def test_keys_are_lower_case_slugs(key: str) -> None:
    problems = Problems()
    problems.key("key", key)
    problems.refuse("refused")


@pytest.mark.parametrize("key", ["", "A", "-a", ".a", "a b", "ä", "a\n", "x" * 64, "a\x00"])
def test_anything_else_is_no_key(key: str) -> None:
    problems = Problems()
    problems.key("key", key)
    assert found(problems) == ["key"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 201, "a\x00b", "a\ud800"])
def test_a_name_is_some_text_that_can_be_stored(text: str) -> None:
    problems = Problems()
    problems.text("name", text)
    assert found(problems) == ["name"]


def test_text_that_is_not_required_may_be_empty() -> None:
    problems = Problems()
    problems.text("note", "", required=False)
    problems.refuse("refused")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "x" * 5000, "Europe"])
def test_an_unknown_time_zone_is_refused_whatever_it_looks_like(zone: str) -> None:
    problems = Problems()
    problems.time_zone("time_zone", zone)
    assert found(problems) == ["time_zone"]


@pytest.mark.parametrize("instant", [datetime(2026, 1, 1), datetime.min.replace(tzinfo=UTC)])  # noqa: DTZ001
def test_an_instant_has_an_offset_and_lies_within_reach(instant: datetime) -> None:
    problems = Problems()
    problems.instant("at", instant)
    assert found(problems) == ["at"]


@pytest.mark.parametrize(
    "email", ["", "ann", "ann@", "@example.org", "a b@example.org", "a\x00@b", "\ud800@b", "a@" + "x" * 260]
)
def test_an_e_mail_address_has_two_sides(email: str) -> None:
    problems = Problems()
    problems.email("email", email)
    assert found(problems) == ["email"]


def test_problems_of_a_part_carry_its_path_and_all_are_said_at_once() -> None:
    problems = Problems()
    problems.key("key", "")
    part = problems.under("targets", 2)
    part.text("name", "")
    part.under("hours").add("", "expected some")
    assert found(problems) == ["key", "targets.2.name", "targets.2.hours"]
