from importlib.resources import files

import pytest

from assessment.definitions import PATTERN_IDS, Family, read_pattern, read_patterns, shipped_patterns, shipped_set
from services.errors import Invalid

WITH_EVIDENCE = {
    "B1", "B2", "B5", "B6", "B7", "B8", "G1", "G2", "G6", "Q1", "Q2", "Q4", "Q5", "R1", "R2", "R3", "R4",
}  # fmt: skip
FOLDER = files("assessment") / "patterns"
TEXTS = {f"{pattern}.toml": (FOLDER / f"{pattern}.toml").read_text(encoding="utf-8") for pattern in PATTERN_IDS}


def refusal(text: str) -> str:
    with pytest.raises(Invalid) as refused:
        read_pattern(text, "example.toml")
    return refused.value.message


def test_all_twenty_three_patterns_are_shipped_in_order() -> None:
    assert tuple(shipped_patterns().patterns) == PATTERN_IDS
    assert len(PATTERN_IDS) == 23


@pytest.mark.parametrize("family", Family)
def test_every_family_has_its_patterns(family: Family) -> None:
    sizes = {Family.GOOD: 6, Family.BAD: 8, Family.QUESTION: 5, Family.RHYTHM: 4}
    assert len(shipped_patterns().of(family)) == sizes[family]


@pytest.mark.parametrize("pattern_id", PATTERN_IDS)
def test_a_pattern_says_everything_it_is_asked_for(pattern_id: str) -> None:
    pattern = shipped_patterns().patterns[pattern_id]
    words = [pattern.title, pattern.statement, pattern.motivation, pattern.unit, pattern.units, pattern.window]
    words += [*pattern.anchors, *pattern.ask, *pattern.data, pattern.remedy]
    words += [predicate.holds_when for predicate in pattern.predicates]
    assert all(word.strip() == word and word for word in words)
    assert len(set(pattern.anchors)) == 5
    assert len({predicate.holds_when for predicate in pattern.predicates}) == 4
    assert all(predicate.effort_days > 0 for predicate in pattern.predicates)


def test_no_two_patterns_share_a_sentence() -> None:
    sentences = [
        sentence
        for pattern in shipped_patterns().patterns.values()
        for sentence in (pattern.statement, pattern.motivation, pattern.remedy)
    ]
    assert len(set(sentences)) == len(sentences)


def test_exactly_the_patterns_whose_records_exist_can_be_told() -> None:
    patterns = shipped_patterns().patterns
    assert {name for name, pattern in patterns.items() if pattern.evidence.up_to is not None} == WITH_EVIDENCE


@pytest.mark.parametrize("pattern_id", PATTERN_IDS)
def test_what_cannot_be_told_names_the_records_that_are_missing(pattern_id: str) -> None:
    evidence = shipped_patterns().patterns[pattern_id].evidence
    assert bool(evidence.missing) == (evidence.up_to != 5)


def test_the_levels_of_a_bad_pattern_follow_from_its_prevalence() -> None:
    pattern = shipped_patterns().patterns["B7"]
    assert [predicate.holds_when.split(" show")[0] for predicate in pattern.predicates[:3]] == [
        "At most 50 % of the breaches",
        "At most 15 % of the breaches",
        "At most 5 % of the breaches",
    ]
    assert pattern.prevalence is not None
    assert pattern.prevalence.guard in pattern.predicates[3].holds_when


def test_what_everybody_with_live_services_does_is_never_beside_the_point() -> None:
    patterns = shipped_patterns()
    always = {name for name, pattern in patterns.patterns.items() if not pattern.may_be_not_applicable}
    assert always == {"G1", "G2", "G4", "G5", *(pattern.id for pattern in patterns.of(Family.BAD))}


def test_the_number_of_the_set_was_given_for_this_content() -> None:
    assert shipped_set()["digest"] == shipped_patterns().digest, (
        "the patterns changed: raise the number in assessment/patterns/set.toml and write down the new digest"
    )


NUMBER = shipped_set()["number"]


def test_the_version_changes_with_any_word_and_not_with_comments() -> None:
    commented = read_patterns({**TEXTS, "G1.toml": "# a remark\n" + TEXTS["G1.toml"]}, NUMBER)
    reworded = read_patterns({**TEXTS, "G1.toml": TEXTS["G1.toml"].replace("live service", "running service")}, NUMBER)
    assert commented.version == shipped_patterns().version
    assert reworded.version != shipped_patterns().version


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('id = "G1"', 'id = "G9"'), "id is one of G1"),
        (("remedy =", "remdy ="), "remdy"),
        (("effort_days = 1.0", "effort_days = 0"), "predicates.0.effort_days"),
        (("fresh_days = 31", 'fresh_days = "a month"'), "predicates.2.fresh_days"),
        (('"What customers expect is learnt after launch, from what they complain about.",\n', ""), "anchors"),
        (("up_to = 4", "up_to = 5"), "missing names the records"),
        (("[[predicates]]", "[[predicats]]"), "predicats"),
        (("[evidence]", "[evidence"), "not valid TOML"),
    ],
)
def test_a_faulty_pattern_is_refused_naming_what_is_wrong(change: tuple[str, str], said: str) -> None:
    faulty = TEXTS["G1.toml"].replace(*change)
    assert faulty != TEXTS["G1.toml"]
    message = refusal(faulty)
    assert message.startswith("example.toml: ")
    assert said in message


def test_a_bad_pattern_without_prevalence_is_refused() -> None:
    assert "prevalence is what bad patterns have" in refusal(TEXTS["G1.toml"].replace('"G1"', '"B1"'))


def test_a_pattern_with_three_predicates_is_refused() -> None:
    assert "four, for levels 2 to 5, got 3" in refusal(TEXTS["G1.toml"].rpartition("[[predicates]]")[0])


def test_a_set_without_one_of_the_patterns_is_refused() -> None:
    with pytest.raises(Invalid, match="patterns are missing: R4"):
        read_patterns({name: text for name, text in TEXTS.items() if name != "R4.toml"}, 1)


def test_a_pattern_in_the_file_of_another_is_refused() -> None:
    with pytest.raises(Invalid, match=r"R4\.toml: the file of pattern R3 is R3\.toml"):
        read_patterns({**TEXTS, "R4.toml": TEXTS["R3.toml"]}, 1)
