from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.claims import Answer, summarise_claims
from assessment.definitions import PATTERN_IDS, Availability, Family, PatternSet, shipped_patterns
from assessment.findings import CannotTell, Checked, CheckedUnit, Findings, Graded, GradedUnit, Shortfall
from assessment.levels import StateCounts
from assessment.prevalence import Band
from assessment.scoring import GradedScore, PrevalenceScore, Score, UnknownScore, score, score_pattern

PATTERNS = shipped_patterns()
GRADED = [p.id for p in PATTERNS.patterns.values() if p.evidence.up_to and p.family is not Family.BAD]
CHECKED = [p.id for p in PATTERNS.patterns.values() if p.evidence.up_to and p.family is Family.BAD]
SILENT: dict[str, Findings] = dict.fromkeys([*GRADED, *CHECKED], CannotTell(("tickets",)))


def graded(*states: int) -> Graded:
    return Graded(tuple(GradedUnit(f"unit {number}", state) for number, state in enumerate(states)))


def checked(bad: int, total: int) -> Checked:
    return Checked(tuple(CheckedUnit(f"unit {number}", number < bad) for number in range(total)))


def scored(findings: Mapping[str, Findings]) -> Score:
    return score(PATTERNS, {**SILENT, **findings})


def prevalence_score(found: object) -> PrevalenceScore:
    assert isinstance(found, PrevalenceScore)
    return found


def test_units_with_evidence_get_a_census_and_a_confirmed_level() -> None:
    found = scored({"Q5": graded(*[1] * 2, *[2] * 8, *[3] * 5, *[4] * 9)}).patterns["Q5"]
    assert isinstance(found, GradedScore)
    assert (found.census, found.confirmed, found.counts) == (3, 2, StateCounts((2, 8, 5, 9, 0)))
    assert found.probabilities[0] == 1
    assert found.next_level is not None
    assert found.next_level.level == 4


def test_a_bad_pattern_has_its_share_its_band_and_its_cap() -> None:
    found = prevalence_score(scored({"B7": checked(18, 20)}).patterns["B7"])
    assert (found.census, found.confirmed, found.band, found.cap, found.to_repair) == (1, 1, Band.ENDEMIC, 2, 8)


def test_every_pattern_of_the_set_is_scored_under_its_version() -> None:
    found = scored({})
    assert tuple(found.patterns) == PATTERN_IDS
    assert found.pattern_set == PATTERNS.version


@pytest.mark.parametrize("pattern_id", [name for name in PATTERN_IDS if name not in [*GRADED, *CHECKED]])
def test_what_has_no_records_yet_cannot_be_told_and_names_them(pattern_id: str) -> None:
    found = scored({}).patterns[pattern_id]
    assert found == UnknownScore(pattern_id, PATTERNS.patterns[pattern_id].evidence.missing)


def test_no_units_are_no_proof_of_anything() -> None:
    assert scored({"B7": checked(0, 0)}).patterns["B7"] == UnknownScore("B7", ("breaches",))
    assert scored({"Q5": graded()}).patterns["Q5"] == UnknownScore("Q5", ("breaches",))


def test_a_silent_organisation_has_no_level_no_rhythm_and_no_index() -> None:
    found = scored({})
    assert all(isinstance(each, UnknownScore) for each in found.patterns.values())
    assert (found.limiting.level, found.rhythm.level, found.index.value) == (None, None, None)
    assert (found.limiting.lowest, found.limiting.highest) == (1, 5)


def test_a_frequent_bad_pattern_limits_and_is_named_though_much_cannot_be_told() -> None:
    found = scored({"B5": checked(10, 20)})
    assert (found.limiting.highest, found.limiting.limited_by) == (2, ("B5",))
    assert found.limiting.level is None


def test_launching_without_requirements_as_a_rule_is_level_one_whatever_else_is_known() -> None:
    assert scored({"B1": checked(20, 20)}).limiting.level == 1


def test_the_rhythm_is_the_worst_of_the_four() -> None:
    found = scored({"R1": graded(*[4] * 40), "R2": graded(*[4] * 40), "R3": graded(*[3] * 40), "R4": graded(*[2] * 8)})
    assert (found.rhythm.level, found.rhythm.limited_by) == (2, ("R4",))


def test_three_rhythms_without_the_fourth_are_no_rhythm() -> None:
    found = scored({name: graded(*[4] * 40) for name in ("R1", "R2", "R3")})
    assert (found.rhythm.level, found.rhythm.unknown) == (None, ("R4",))


def test_claims_are_set_beside_the_evidence() -> None:
    claims = summarise_claims([Answer(name, "ann", "owner", 4) for name in ("Q5", "G1")], date(2025, 6, 30))
    found = score(PATTERNS, {**SILENT, "Q5": graded(*[1] * 20)}, claims)
    assert found.greenwash is not None
    assert [(gap.pattern, gap.levels) for gap in found.greenwash.gaps] == [("Q5", 3)]
    assert found.greenwash.unproven == ("G1",)
    assert found.greenwash.index is None


def test_findings_on_unknown_patterns_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown patterns: G9"):
        scored({"G9": graded(3)})


def test_a_pattern_that_can_be_told_needs_findings() -> None:
    with pytest.raises(ValueError, match="Q5: expected findings"):
        score(PATTERNS, {name: found for name, found in SILENT.items() if name != "Q5"})


@pytest.mark.parametrize(("pattern_id", "findings"), [("B7", graded(3)), ("Q5", checked(1, 2))])
def test_findings_of_the_wrong_kind_are_refused(pattern_id: str, findings: Findings) -> None:
    with pytest.raises(ValueError, match=f"{pattern_id}: expected findings of its kind"):
        score_pattern(PATTERNS.patterns[pattern_id], findings)


def test_no_unit_stands_above_what_the_records_can_show() -> None:
    with pytest.raises(ValueError, match="unit 1 stands above 4"):
        score_pattern(PATTERNS.patterns["Q5"], graded(4, 5))


def test_a_guard_that_cannot_be_recorded_earns_no_level_five() -> None:
    units = tuple(CheckedUnit(str(number), bad=False) for number in range(100))
    found = prevalence_score(score_pattern(PATTERNS.patterns["B7"], Checked(units, guarded=True)))
    assert (found.census, found.confirmed) == (4, 4)


def test_not_being_able_to_tell_needs_the_name_of_what_is_missing() -> None:
    assert CannotTell(("minutes",)).reason == "cannot tell: these records are missing: minutes"
    with pytest.raises(ValueError, match="name the records"):
        CannotTell(())


def test_a_unit_says_why_it_stands_no_higher() -> None:
    unit = GradedUnit("mail", 2, Shortfall.CONTRADICTED, "approved a month after go-live")
    assert unit.shortfall is Shortfall.CONTRADICTED
    with pytest.raises(ValueError, match="mail: a state is 1 to 5"):
        GradedUnit("mail", 0)


WHOLE = PatternSet(
    PATTERNS.number,
    {name: replace(pattern, evidence=Availability(up_to=5)) for name, pattern in PATTERNS.patterns.items()},
)
"""The same patterns, once every record can be kept."""

STATES = st.lists(st.integers(1, 5), min_size=1, max_size=12)
ORGANISATIONS = st.fixed_dictionaries(
    {
        name: st.integers(0, 12).map(lambda bad: checked(bad, 12))
        if pattern.family is Family.BAD
        else STATES.map(lambda states: graded(*states))
        for name, pattern in WHOLE.patterns.items()
    }
)


def no_level_is_higher(after: Score, before: Score) -> None:
    """No pattern stands higher or can be told although it could not, and the worst case of the whole is no better."""
    for name, found in before.patterns.items():
        lost = after.patterns[name]
        if isinstance(found, UnknownScore):
            assert isinstance(lost, UnknownScore)
        elif not isinstance(lost, UnknownScore):
            assert lost.census <= found.census
            assert lost.confirmed <= found.confirmed
    assert after.limiting.lowest <= before.limiting.lowest
    assert after.rhythm.lowest <= before.rhythm.lowest
    assert after.index.lowest <= before.index.lowest + 1e-9


@settings(deadline=None)
@given(ORGANISATIONS, st.sampled_from(PATTERN_IDS), st.data())
def test_a_unit_that_loses_evidence_raises_nothing(
    findings: dict[str, Findings], pattern_id: str, data: st.DataObject
) -> None:
    poorer: Findings
    match findings[pattern_id]:
        case Graded(units):
            loser = data.draw(st.integers(0, len(units) - 1))
            state = data.draw(st.integers(1, units[loser].state))
            poorer = Graded((*units[:loser], GradedUnit(units[loser].unit, state), *units[loser + 1 :]))
        case Checked(units):
            loser = data.draw(st.integers(0, len(units) - 1))
            unrecorded = CheckedUnit(units[loser].unit, bad=True, shortfall=Shortfall.NOT_RECORDED)
            poorer = Checked((*units[:loser], unrecorded, *units[loser + 1 :]))
        case other:
            pytest.fail(f"drawn without units: {other}")
    before, after = score(WHOLE, findings), score(WHOLE, {**findings, pattern_id: poorer})
    no_level_is_higher(after, before)
    assert after.limiting.highest <= before.limiting.highest
    assert after.rhythm.highest <= before.rhythm.highest
    assert after.index.highest <= before.index.highest + 1e-9


@settings(deadline=None)
@given(ORGANISATIONS, st.sets(st.sampled_from(PATTERN_IDS), min_size=1))
def test_losing_a_whole_kind_of_record_raises_nothing(findings: dict[str, Findings], lost: set[str]) -> None:
    silenced = {**findings, **dict.fromkeys(lost, CannotTell(("meetings",)))}
    no_level_is_higher(score(WHOLE, silenced), score(WHOLE, findings))


@settings(deadline=None)
@given(ORGANISATIONS)
def test_the_order_of_patterns_and_units_does_not_matter(findings: dict[str, Findings]) -> None:
    turned: dict[str, Findings] = {}
    for name in reversed(findings):
        match findings[name]:
            case Graded(units):
                turned[name] = Graded(units[::-1])
            case Checked(units):
                turned[name] = Checked(units[::-1])
    assert score(WHOLE, turned) == score(WHOLE, findings)


GOOD_ORGANISATION: dict[str, Findings] = {
    name: checked(0, 40) if pattern.family is Family.BAD else graded(*[4] * 40)
    for name, pattern in WHOLE.patterns.items()
}


def test_an_organisation_all_of_whose_records_are_good_has_a_level_and_an_index() -> None:
    found = score(WHOLE, GOOD_ORGANISATION)
    assert (found.limiting.level, found.rhythm.level) == (4, 4)
    assert found.index.value == pytest.approx(75)


@pytest.mark.parametrize(("pattern_id", "lowest"), [("G2", 1), ("B1", 1), ("B5", 2), ("B6", 2), ("B2", 3), ("B3", 3)])
def test_a_good_organisation_that_loses_one_kind_of_record_has_no_level_left(pattern_id: str, lowest: int) -> None:
    found = score(WHOLE, {**GOOD_ORGANISATION, pattern_id: CannotTell(("contracts",))}).limiting
    assert (found.level, found.lowest, found.highest, found.unknown) == (None, lowest, 4, (pattern_id,))


@pytest.mark.parametrize(("pattern_id", "level"), [("B1", 1), ("B2", 3), ("B4", 3), ("B5", 2), ("B6", 2), ("B8", 3)])
def test_an_endemic_bad_pattern_caps_a_good_organisation(pattern_id: str, level: int) -> None:
    found = score(WHOLE, {**GOOD_ORGANISATION, pattern_id: checked(38, 40)}).limiting
    assert (found.level, found.limited_by) == (level, (pattern_id,))


def test_bent_records_cap_only_once_they_are_confirmed_on_a_critical_service() -> None:
    bent = checked(38, 40)
    suspected = score(WHOLE, {**GOOD_ORGANISATION, "B3": bent})
    confirmed = score(WHOLE, {**GOOD_ORGANISATION, "B3": replace(bent, confirmed_on_critical_service=True)})
    assert (suspected.limiting.level, confirmed.limiting.level) == (4, 3)
