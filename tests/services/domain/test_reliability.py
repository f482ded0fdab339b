"""Availability of systems with shared parts: the worked examples, and every state counted out as the law."""

from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.reliability import Cycle, Part, TooManySharedParts, availability, importance, works

Parts = dict[str, Part[str]]


def of(at_least: int, *needs: str, fails: bool = False) -> Part[str]:
    return Part(fails, needs, at_least)


LEAF: Part[str] = Part(True)


def percent(text: str) -> Fraction:
    return Fraction(text) / 100


@pytest.mark.parametrize(
    ("parts", "up", "expected"),
    [
        # Application and database, both on one network: methods E.2, first row.
        (
            {"root": of(2, "app", "db"), "app": of(1, "net", fails=True), "db": of(1, "net", fails=True), "net": LEAF},
            {"app": "99.9", "db": "99.9", "net": "99.95"},
            Fraction("0.999") ** 2 * Fraction("0.9995"),
        ),
        # Two sites behind one network: second row; a tree that counts the network twice says .999964.
        (
            {"root": of(1, "1", "2"), "1": of(1, "net", fails=True), "2": of(1, "net", fails=True), "net": LEAF},
            {"1": "99.5", "2": "99.5", "net": "99.9"},
            Fraction("0.999") * (1 - Fraction("0.005") ** 2),
        ),
        # In series: semantics D.3, first vector.
        (
            {"root": of(3, "app", "net", "cloud"), "app": LEAF, "net": LEAF, "cloud": LEAF},
            {"app": "99.95", "net": "99.95", "cloud": "99.9"},
            Fraction("0.9995") ** 2 * Fraction("0.999"),
        ),
        # The cloud doubled: second vector, still below 99.9 %.
        (
            {
                "root": of(3, "app", "net", "clouds"), "clouds": of(1, "c1", "c2"),
                "app": LEAF, "net": LEAF, "c1": LEAF, "c2": LEAF,
            },
            {"app": "99.95", "net": "99.95", "c1": "99.9", "c2": "99.9"},
            Fraction("0.9995") ** 2 * (1 - Fraction("0.001") ** 2),
        ),
        # Nothing that can fail, and nothing needed.
        ({"root": of(0)}, {}, Fraction(1)),
    ],
)  # fmt: skip
def test_worked_examples_come_out_exactly(parts: Parts, up: dict[str, str], expected: Fraction) -> None:
    found = availability("root", parts, {key: percent(value) for key, value in up.items()})  # type: ignore[misc]
    assert found == expected


def test_the_worked_examples_round_to_the_figures_of_the_design() -> None:
    assert round(Fraction("0.999") ** 2 * Fraction("0.9995"), 5) == Fraction("0.99750")
    assert round(Fraction("0.999") * (1 - Fraction("0.005") ** 2), 6) == Fraction("0.998975")
    assert round(100 * Fraction("0.9995") ** 2 * Fraction("0.999"), 4) == Fraction("99.8001")
    assert round(100 * Fraction("0.9995") ** 2 * (1 - Fraction("0.001") ** 2), 5) == Fraction("99.89993")


def test_the_reference_application_of_eight_services_misses_its_own_requirement() -> None:
    shares = ["99.95", "99.9", "99.99", "99.95", "99.99", "99.9", "99.95", "99.995"]
    parts: Parts = {"root": of(8, *map(str, range(8)))} | {str(place): LEAF for place in range(8)}
    found = availability("root", parts, {str(place): float(each) / 100 for place, each in enumerate(shares)})
    assert found < 0.999


@pytest.mark.parametrize(("number", "at_least"), [(3, 2), (5, 3), (4, 4), (4, 1)])
def test_equal_parts_follow_the_binomial_distribution(number: int, at_least: int) -> None:
    up = Fraction(99, 100)
    parts: Parts = {"root": of(at_least, *map(str, range(number)))} | {str(place): LEAF for place in range(number)}
    expected = sum(comb(number, n) * up**n * (1 - up) ** (number - n) for n in range(at_least, number + 1))
    assert availability("root", parts, dict.fromkeys(map(str, range(number)), up)) == expected  # type: ignore[arg-type]


@st.composite
def systems(draw: st.DrawFn) -> tuple[Parts, dict[str, Fraction]]:
    """A graph of up to nine parts, any of which may be shared."""
    number = draw(st.integers(1, 8))
    parts: Parts = {}
    for place in reversed(range(number)):
        later = [str(other) for other in range(place + 1, number)]
        needs = draw(st.lists(st.sampled_from(later), max_size=3)) if later else []
        fails = draw(st.booleans()) if needs else True
        parts[str(place)] = Part(fails, needs, draw(st.integers(0, len(needs))))
    return parts, {key: Fraction(draw(st.integers(0, 1000)), 1000) for key in parts}


@given(systems())
def test_every_state_counted_out_gives_the_same(system: tuple[Parts, dict[str, Fraction]]) -> None:
    parts, up = system
    keys = list(parts)
    expected = Fraction(0)
    for states in product((True, False), repeat=len(keys)):
        chance = Fraction(1)
        for key, alive in zip(keys, states, strict=True):
            chance *= up[key] if alive else 1 - up[key]
        down = frozenset(key for key, alive in zip(keys, states, strict=True) if not alive)
        expected += chance * works("0", parts, down)
    assert availability("0", parts, up) == expected  # type: ignore[arg-type]


@given(systems(), st.data())
def test_no_part_that_works_more_often_makes_the_system_work_less(
    system: tuple[Parts, dict[str, Fraction]], data: st.DataObject
) -> None:
    parts, up = system
    key = data.draw(st.sampled_from(sorted(parts)))
    better = {**up, key: up[key] + (1 - up[key]) / 2}
    assert availability("0", parts, better) >= availability("0", parts, up)  # type: ignore[arg-type]
    assert all(weight >= 0 for weight in importance("0", parts, up).values())  # type: ignore[arg-type]


def test_a_part_alone_matters_most_and_one_of_two_matters_as_much_as_the_other_fails() -> None:
    parts: Parts = {"root": of(2, "net", "sites"), "sites": of(1, "a", "b"), "net": LEAF, "a": LEAF, "b": LEAF}
    found = importance("root", parts, {"net": 0.5, "a": 0.9, "b": 0.8})
    assert found == pytest.approx({"net": 1 - 0.1 * 0.2, "a": 0.5 * 0.2, "b": 0.5 * 0.1})


def test_a_circle_is_told_with_its_path() -> None:
    parts: Parts = {"a": of(1, "b"), "b": of(1, "c"), "c": of(1, "b")}
    with pytest.raises(Cycle) as told:
        availability("a", parts, {})
    assert told.value.path == ("b", "c", "b")


def test_what_would_take_too_long_is_refused() -> None:
    names = [str(place) for place in range(40)]
    parts: Parts = {"root": of(2, "left", "right"), "left": of(20, *names), "right": of(21, *names)}
    parts |= dict.fromkeys(names, LEAF)
    with pytest.raises(TooManySharedParts):
        availability("root", parts, dict.fromkeys(names, 0.5))


def test_more_than_there_is_cannot_be_needed() -> None:
    with pytest.raises(ValueError, match="expected 0 to 1"):
        Part(False, ["x"], 2)
