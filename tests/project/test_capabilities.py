import ast
import re

from tests.project.capabilities import DOCUMENT, TITLES, Shown, _markers, document, shown_by_tests, state


def test_the_document_says_what_the_tests_show() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `make rows`"


def test_every_marker_names_a_capability_that_exists() -> None:
    assert {shown.id for shown in shown_by_tests()} <= TITLES.keys()


def test_no_capability_is_missing_from_the_list() -> None:
    numbered = {"I": range(1, 9), "R": range(1, 6), "X": range(1, 8), "G": range(1, 8), "B": range(1, 9)}
    numbered |= {"Q": range(1, 6), "P": range(5), "H": range(6), "N": range(1, 4), "T": range(1)}
    lettered = {"S0", "S0a", "S0b", "S0c", "S0d", "S1", "S1b", "S2", "S2b", "S3", "S3b", "S4", "S5"}
    assert TITLES.keys() == lettered | {
        f"{letter}{number}" for letter, numbers in numbered.items() for number in numbers
    }


def test_a_capability_works_only_when_a_test_shows_the_whole_of_it() -> None:
    part, whole = Shown("I2", "a", partly=True), Shown("I2", "b", partly=False)
    assert [state([]), state([part]), state([part, whole])] == ["absent", "partly", "works"]


def test_markers_are_found_on_functions_classes_and_parameters() -> None:
    source = """
@pytest.mark.capability("I2", partly=True)
async def test_one(): ...

@pytest.mark.capability("R3")
class TestMany:
    @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.capability("G1"))])
    def test_two(self, x): ...
"""
    found = {(shown.id, shown.test, shown.partly) for shown in _markers(ast.parse(source), "t.py")}
    assert found == {
        ("I2", "t.py::test_one", True),
        ("R3", "t.py::TestMany", False),
        ("G1", "t.py::TestMany::test_two", False),
    }


def test_titles_are_one_line_each() -> None:
    assert all(re.fullmatch(r"[^|\n]{20,100}", title) for title in TITLES.values())
