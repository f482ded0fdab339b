from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.agreement import Agreement
from assessment.claims import (
    Answer,
    Claim,
    ClaimState,
    NotApplicable,
    ReasonNotApplicable,
    RoleLevel,
    claim,
    not_applicable_problems,
    summarise_claims,
)
from assessment.definitions import shipped_patterns

AS_OF = date(2025, 6, 30)


def answers(*levels: int | None, pattern: str = "G1", role: str = "service owner") -> list[Answer]:
    return [Answer(pattern, f"{role} {number}", role, level) for number, level in enumerate(levels)]


def excused(
    respondent: str = "ann",
    *,
    pattern: str = "G3",
    approved_by: str = "ben",
    explanation: str = "Only machines use it.",
    approved_on: date = date(2025, 1, 1),
    expires_on: date = date(2025, 12, 31),
) -> Answer:
    declared = NotApplicable(ReasonNotApplicable.NO_END_USERS, explanation, approved_by, approved_on, expires_on)
    return Answer(pattern, respondent, "service owner", not_applicable=declared)


def claimed(*levels: int | None) -> Claim:
    return claim("G1", answers(*levels), AS_OF)


@pytest.mark.parametrize(
    ("levels", "median"), [((3,), 3), ((2, 4), 2), ((1, 3, 5), 3), ((1, 2, 4, 5), 2), ((5, 1, 1), 1)]
)
def test_a_claim_is_the_lower_median(levels: tuple[int, ...], median: int) -> None:
    assert claimed(*levels).level == median


def test_the_spread_of_the_levels_given_is_kept() -> None:
    found = claimed(2, 3, 5)
    assert (found.least, found.most) == (2, 5)


def test_who_does_not_answer_counts_as_level_one_and_widens_the_range() -> None:
    found = claimed(3, 3, 4, 4, None)
    assert (found.state, found.level, found.lowest, found.highest) == (ClaimState.CLAIMED, 3, 3, 4)
    assert (found.answered, found.unanswered) == (4, 1)


def test_more_than_a_fifth_without_answer_leave_no_claimed_level_but_a_range() -> None:
    found = claimed(4, 4, 4, None)
    assert (found.state, found.level, found.lowest, found.highest) == (ClaimState.TOO_FEW_ANSWERS, None, 4, 4)


def test_no_answer_at_all_is_not_level_one() -> None:
    found = claimed(None, None)
    assert (found.state, found.level, found.lowest, found.highest) == (ClaimState.TOO_FEW_ANSWERS, None, 1, 5)
    assert (found.least, found.most) == (None, None)


def test_whom_it_does_not_concern_is_not_counted() -> None:
    found = claim("G3", [*answers(4, 4, pattern="G3"), excused()], AS_OF)
    assert (found.level, found.not_applicable, found.unanswered) == (4, 1, 0)


def test_a_pattern_that_concerns_nobody_has_no_level() -> None:
    found = claim("G3", [excused()], AS_OF)
    assert (found.state, found.level, found.lowest) == (ClaimState.NOT_APPLICABLE, None, None)


def test_an_excuse_counts_as_no_answer_once_it_has_expired() -> None:
    last_day, day_after = (claim("G3", [excused()], day) for day in (date(2025, 12, 31), date(2026, 1, 1)))
    assert last_day.state is ClaimState.NOT_APPLICABLE
    assert (day_after.state, day_after.unanswered) == (ClaimState.TOO_FEW_ANSWERS, 1)


def test_roles_two_levels_apart_are_a_finding_of_their_own() -> None:
    found = claim("G1", [*answers(4, 4, role="manager"), *answers(2, 3, role="customer")], AS_OF)
    assert found.roles == (RoleLevel("customer", 2), RoleLevel("manager", 4))
    assert found.role_gap is not None
    assert (found.role_gap.higher.role, found.role_gap.lower.role) == ("manager", "customer")


def test_roles_one_level_apart_are_none() -> None:
    assert claim("G1", [*answers(4, role="manager"), *answers(3, role="customer")], AS_OF).role_gap is None


def test_one_respondent_cannot_answer_twice() -> None:
    with pytest.raises(ValueError, match="one answer of each respondent"):
        claim("G1", answers(3) * 2, AS_OF)


def test_an_answer_is_a_level_or_an_excuse() -> None:
    with pytest.raises(ValueError, match="not both"):
        Answer("G3", "ann", "owner", 3, excused().not_applicable)
    with pytest.raises(ValueError, match="a level is 1 to 5"):
        Answer("G3", "ann", "owner", 6)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (excused(approved_by="ann"), "not_applicable.approved_by"),
        (excused(explanation="  "), "not_applicable.explanation"),
        (excused(expires_on=date(2026, 1, 2)), "not_applicable.expires_on"),
        (excused(expires_on=date(2024, 12, 31)), "not_applicable.expires_on"),
        (excused(approved_on=date(2024, 2, 29), expires_on=date(2025, 3, 1)), "not_applicable.expires_on"),
        (excused(pattern="G1"), "level"),
        (excused(pattern="B5"), "level"),
    ],
)
def test_an_excuse_is_refused_naming_what_is_wrong(answer: Answer, field: str) -> None:
    pattern = shipped_patterns().patterns[answer.pattern]
    assert [problem.field for problem in not_applicable_problems(answer, pattern, live_services=True)] == [field]


def test_an_approved_excuse_of_a_year_is_accepted_and_other_answers_need_none() -> None:
    pattern = shipped_patterns().patterns["G3"]
    year = excused(expires_on=date(2026, 1, 1))
    assert not_applicable_problems(year, pattern, live_services=True) == []
    assert not_applicable_problems(answers(3)[0], pattern, live_services=True) == []


def test_what_always_applies_can_be_excused_while_nothing_is_live() -> None:
    assert not_applicable_problems(excused(pattern="G1"), shipped_patterns().patterns["G1"], live_services=False) == []


def test_respondents_who_contest_each_other_leave_no_published_level() -> None:
    contrary = [(1, 5), (5, 1), (2, 4), (4, 2)]
    claims = summarise_claims(
        [answer for row, levels in enumerate(contrary, 1) for answer in answers(*levels, pattern=f"G{row}")], AS_OF
    )
    assert claims.agreement is Agreement.CONTESTED
    assert claims.claims["G3"].level == 2
    assert claims.published_level("G3") is None


def test_respondents_who_agree_publish_their_levels() -> None:
    claims = summarise_claims([*answers(2, 2), *answers(4, 4, pattern="G2")], AS_OF)
    assert claims.agreement is Agreement.SUFFICIENT
    assert (claims.published_level("G2"), claims.published_level("G6")) == (4, None)


def test_a_single_respondent_publishes_levels_of_unmeasured_agreement() -> None:
    claims = summarise_claims([*answers(2), *answers(4, pattern="G2")], AS_OF)
    assert (claims.agreement, claims.published_level("G1")) == (Agreement.UNMEASURED, 2)


@pytest.mark.parametrize(("others", "reduced"), [(9, False), (8, True)])
def test_more_than_a_tenth_excused_is_a_reduced_scope(others: int, reduced: bool) -> None:
    given = [answer for n in range(others) for answer in answers(3, pattern=f"B{n}")]
    assert summarise_claims([excused(), *given], AS_OF).reduced_scope is reduced


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.data())
def test_withdrawing_an_answer_never_raises_a_claim(levels: list[int], data: st.DataObject) -> None:
    withdrawn: list[int | None] = [*levels]
    withdrawn[data.draw(st.integers(0, len(levels) - 1))] = None
    before, after = claimed(*levels), claimed(*withdrawn)
    assert before.level is not None
    assert after.lowest is not None
    assert after.lowest <= before.level
    assert after.level is None or after.level <= before.level


@given(st.permutations([1, 2, 2, 4, 5, 5, None]))
def test_the_order_of_answers_does_not_matter(levels: list[int | None]) -> None:
    found, reference = claimed(*levels), claimed(1, 2, 2, 4, 5, 5, None)
    assert (found.level, found.lowest, found.highest) == (reference.level, reference.lowest, reference.highest)
