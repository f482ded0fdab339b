"""The API breaks nobody who uses the released one: what goes was deprecated first, for long enough, and is named."""

import pytest

from schema.compatibility import CHANGELOG, COMMITTED, RELEASED, refusals

REASON = '@deprecated(reason: "Since 0.2: use `Query.better`.")'
OLD = f"""
union Result = Good | Bad
type Good {{ at: Int }}
type Bad {{ at: Int }}
type Only {{ colour: Colour! from: Maker }}
type Maker implements Named {{ name: String! }}
enum Colour {{ RED GREY {REASON} }}
input Filter {{ colour: Colour old: Int {REASON} }}
interface Named {{ name: String! }}
type Thing implements Named {{ name: String! size: Int }}
type Query {{
  better(filter: Filter, first: Int): Result
  thing(named: String, id: ID {REASON}): Thing
  only: Only {REASON}
  kept: Colour
}}
"""
REMOVED = "## Unreleased\n\n### Removed\n\n- `Query.only`, `Query.thing.id`, `Filter.old`, `Colour.GREY`\n\n"


def changelog(*versions: str, removed: str = REMOVED) -> str:
    """A change log in which these versions were released."""
    return removed + "".join(f"## {version}\n\nText.\n\n" for version in versions)


def changed(*changes: tuple[str, str]) -> str:
    """The schema with some of its text replaced."""
    sdl = OLD
    for before, after in changes:
        assert before in sdl
        sdl = sdl.replace(before, after, 1)
    return sdl


WITHOUT_ONLY = (
    (f"  only: Only {REASON}\n", ""),
    ("type Only { colour: Colour! from: Maker }\ntype Maker implements Named { name: String! }\n", ""),
)
WITHOUT_DEPRECATED = (
    *WITHOUT_ONLY,
    (f" GREY {REASON}", ""),
    (f" old: Int {REASON}", ""),
    (f", id: ID {REASON}", ""),
)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("  kept: Colour\n", "", "Field Query.kept was removed."),
        ("colour: Colour old", "old", "Field Filter.colour was removed."),
        (", first: Int)", ")", "Argument Query.better(first:) was removed."),
        (", first: Int)", ", first: Int!)", "Argument Query.better(first:) has changed type from Int to Int!."),
        (", first: Int)", ", first: Int, last: Int!)", "A required argument Query.better(last:) was added."),
        ("input Filter {", "input Filter { must: Int!", "A required field Filter.must was added."),
        ("enum Colour { RED", "enum Colour { BLUE", "Enum value Colour.RED was removed."),
        ("Good | Bad", "Good", "Bad was removed from union type Result."),
        ("type Thing implements Named {", "type Thing {", "Thing no longer implements interface Named."),
        ("size: Int", "size: Float", "Field Thing.size changed type from Int to Float."),
        ("size: Int", "size: Int!", "Thing.size may no longer be null."),
    ],
)
def test_each_way_to_break_a_client_is_refused(before: str, after: str, complaint: str) -> None:
    assert refusals(OLD, changed((before, after)), changelog("0.2.0", "0.3.0")) == [complaint]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  kept: Colour\n", "  kept: Colour more(first: Int): Int\n"),
        (", first: Int)", ", first: Int, last: Int)"),
        ("enum Colour { RED", "enum Colour { RED BLUE"),
        ("input Filter {", "input Filter { may: Int, has: Int! = 1"),
        ("Good | Bad", "Good | Bad | Only"),
        ("named: String", f"named: String {REASON}"),
    ],
)
def test_what_only_adds_or_deprecates_is_admitted(before: str, after: str) -> None:
    assert refusals(OLD, changed((before, after)), changelog()) == []


def test_what_was_deprecated_in_a_release_may_go_and_what_only_it_led_to() -> None:
    assert refusals(OLD, changed(*WITHOUT_DEPRECATED), changelog("0.2.0")) == []


@pytest.mark.parametrize("versions", [(), ("0.1.0",), ("1.0.0",), ("0.1.0", "1.2.0")])
def test_not_before_enough_versions_served_it(versions: tuple[str, ...]) -> None:
    """One minor version; from 1.0 on two."""
    found = refusals(OLD, changed(*WITHOUT_ONLY), changelog(*versions))
    assert "Field Query.only was removed." in found
    assert "Only was removed." in found


@pytest.mark.parametrize("versions", [("0.2.1",), ("0.2.0", "0.3.0"), ("0.9.0", "1.0.0"), ("1.0.0", "1.0.1", "1.1.0")])
def test_patches_count_as_the_version_they_patch(versions: tuple[str, ...]) -> None:
    assert refusals(OLD, changed(*WITHOUT_ONLY), changelog(*versions)) == []


def test_a_type_that_something_else_leads_to_does_not_go() -> None:
    spread = (("  kept: Colour\n", "  kept: Colour made: Maker\n"),)
    old = changed(*spread)
    current = old
    for before, after in WITHOUT_ONLY:
        current = current.replace(before, after)
    found = refusals(old, current.replace(" made: Maker", ""), changelog("0.2.0"))
    assert found == ["Maker was removed.", "Field Query.made was removed."]


@pytest.mark.parametrize(
    "told", ["## Unreleased\n\n### Added\n\n- `Query.only`\n\n", REMOVED.replace("Unreleased", "0.1.0")]
)
def test_what_goes_is_named_in_the_change_log(told: str) -> None:
    told = changelog("0.2.0", removed="## Unreleased\n\n" + told)
    assert refusals(OLD, changed(*WITHOUT_ONLY), told) == ["Query.only is not under Removed in CHANGELOG.md."]


def test_the_committed_schema_breaks_nobody_who_uses_the_released_one() -> None:
    assert refusals(RELEASED.read_text(), COMMITTED.read_text(), CHANGELOG.read_text()) == []
