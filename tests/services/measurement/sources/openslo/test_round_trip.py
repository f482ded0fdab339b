"""Reading what was written gives what was written, for any tree; texts are kept as they are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.text_files import NO_VALUE
from services.measurement.sources.openslo.documents import read
from services.measurement.sources.openslo.nodes import Mapping, Node, Scalar, Sequence
from services.measurement.sources.openslo.yaml_reader import read_trees
from services.measurement.sources.openslo.yaml_writer import PLAIN, is_ambiguous, joined, tree_of, written
from tests.services.measurement.sources.openslo.texts import CALENDAR_SLO, COMPOSITE_SLO, SLI, WHOLE

PRINTABLE = st.characters(
    exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\ufeff", include_characters="\n\t"
)
plain = st.sampled_from(
    [*NO_VALUE, "no", "0.9990", "1_000", "2022-01-01 12:00:00", "0x1", "1:30", "a b", "99.9", ".5", "- no", "é", "a#b"]
).filter(lambda text: not text.startswith("- "))
scalars = st.builds(Scalar, st.text(PRINTABLE, max_size=40)) | st.builds(Scalar, plain, is_plain=st.just(True))
keys = st.builds(Scalar, st.text(PRINTABLE, max_size=12)) | st.builds(
    Scalar, st.sampled_from(["name", "spec", "no", "1.0"]), is_plain=st.just(True)
)


def _mapping(entries: list[tuple[Scalar, Node]]) -> Mapping:
    return Mapping(tuple({key.text: (key, value) for key, value in entries}.values()))


trees: st.SearchStrategy[Node] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: Sequence(tuple(items)))
        | st.lists(st.tuples(keys, inner), max_size=4).map(_mapping)
    ),
    max_leaves=12,
)
documents = st.lists(st.tuples(keys, trees), min_size=1, max_size=4).map(_mapping)


@given(st.lists(documents, min_size=1, max_size=3))
@settings(deadline=None)
def test_any_trees_are_read_as_they_were_written(given_trees: list[Node]) -> None:
    text = written(given_trees)
    found, problems = read_trees(text)
    assert problems == []
    assert [tree.root for tree in found] == given_trees
    assert "".join(tree.text for tree in found) == text


@given(st.lists(documents, min_size=1, max_size=4))
@settings(deadline=None)
def test_texts_that_hold_a_document_each_are_joined_to_the_same_documents(given_trees: list[Node]) -> None:
    text = joined(written([tree]) for tree in given_trees)
    assert [tree.root for tree in read_trees(text)[0]] == given_trees


@given(st.recursive(st.text(PRINTABLE) | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=3)))
@settings(deadline=None)
def test_what_a_tree_is_made_of_is_what_it_says(value: object) -> None:
    tree = tree_of({"a": value})
    assert [each.root for each in read_trees(written([tree]))[0]] == [tree]


def test_documents_read_from_what_was_written_of_them_are_the_same() -> None:
    for text in (WHOLE, CALENDAR_SLO, COMPOSITE_SLO):
        first = read(text)
        second = read(written([document.root for document in first.documents]))
        assert [document.root for document in second.documents] == [document.root for document in first.documents]
        assert second.problems == []


def test_unknown_fields_the_order_and_every_scalar_are_kept() -> None:
    (document,) = read(CALENDAR_SLO).documents
    text = written([document.root])
    without_comments = [line.split(" #")[0] for line in CALENDAR_SLO.splitlines() if not line.startswith("#")]
    assert "startTime: 2022-01-01 12:00:00" in text
    assert "alertPolicies:" in text
    assert [key.text for key, _ in document.root.entries] == ["apiVersion", "kind", "metadata", "spec"]
    assert document.root.get("spec", "x-house-rule") == Sequence(
        (Scalar("keep", True), Scalar("0.10"), Scalar("0.10", True), Scalar("null", True))
    )
    assert text.splitlines()[:12] == without_comments[:12]


def test_documents_of_a_file_joined_again_are_the_file() -> None:
    commented = f"# first\n---\n{CALENDAR_SLO}\n---\n# second\n{COMPOSITE_SLO}# last\n"
    for text in (WHOLE, commented):
        assert joined(document.text for document in read(text).documents) == text


def test_the_text_of_a_document_is_the_same_wherever_it_stands() -> None:
    for text in (SLI, f"---\n{SLI}", f"\n---\n---\n{SLI}---\n", f"{SLI}...\n", SLI.rstrip("\n")):
        assert [document.text for document in read(text).documents] == [SLI]


def test_words_that_some_reader_takes_for_something_else_are_quoted() -> None:
    for word in ("no", "Yes", "12", "1e3", "0o7", "1:30", "2022-01-01", "null", "~", "", "=", ".inf", "1_000", "0x1F"):
        assert is_ambiguous(word)
        assert written([tree_of({"a": word})]).splitlines()[0] == f"a: '{word}'"
    for word in ("web-shop", "openslo/v1", "The shop answers"):
        assert PLAIN.fullmatch(word)
        assert written([tree_of({"a": word})]) == f"a: {word}\n"
