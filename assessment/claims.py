"""What people say of their own organisation: one level per pattern out of the answers of several respondents.

Not answering and not being concerned are different things: who does not answer counts as level 1, and only an approved,
unexpired statement that a pattern does not apply takes the answer out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median_low

import numpy as np

from assessment.agreement import Agreement, Alpha, ordinal_alpha
from assessment.definitions import Pattern
from services.errors import FieldProblem

LARGEST_UNANSWERED_PERCENT = 20
REDUCED_SCOPE_ABOVE_PERCENT = 10
LONGEST_MONTHS_NOT_APPLICABLE = 12
ROLE_GAP = 2


class ReasonNotApplicable(StrEnum):
    """Why a pattern can be beside the point. That another department does it is no reason."""

    NO_SUPPLIERS = "no_suppliers"
    NO_PURCHASES = "no_purchases"
    NO_END_USERS = "no_end_users"
    NOT_YET_LIVE = "not_yet_live"
    OTHER = "other"


@dataclass(frozen=True)
class NotApplicable:
    """A statement that a pattern does not apply, valid up to and including `expires_on`."""

    reason: ReasonNotApplicable
    explanation: str
    approved_by: str
    approved_on: date
    expires_on: date


@dataclass(frozen=True)
class Answer:
    """What one respondent, asked about one pattern, said: a level, that it does not apply, or nothing yet."""

    pattern: str
    respondent: str
    role: str
    level: int | None = None
    not_applicable: NotApplicable | None = None

    def __post_init__(self) -> None:
        if self.level is not None and not 1 <= self.level <= 5:
            raise ValueError(f"a level is 1 to 5, got {self.level}")
        if self.level is not None and self.not_applicable is not None:
            raise ValueError(f"{self.respondent} on {self.pattern}: either a level or not applicable, not both")


class ClaimState(StrEnum):
    """Whether there is a claimed level, and if not, why."""

    CLAIMED = "claimed"
    TOO_FEW_ANSWERS = "too_few_answers"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class RoleLevel:
    """The lower median of the levels one role gave."""

    role: str
    level: int


@dataclass(frozen=True)
class RoleGap:
    """Two roles that see the same pattern two levels apart or more."""

    higher: RoleLevel
    lower: RoleLevel


@dataclass(frozen=True)
class Claim:
    """What the answers to one pattern add up to.

    `level`: the lower median, missing answers as 1; None unless `state` is claimed. `lowest` and `highest`: that median
    with every missing answer as 1, and as 5. `least` and `most`: the spread of the levels given. None without any.
    """

    pattern: str
    state: ClaimState
    level: int | None
    lowest: int | None
    highest: int | None
    least: int | None
    most: int | None
    answered: int
    unanswered: int
    not_applicable: int
    roles: tuple[RoleLevel, ...]
    role_gap: RoleGap | None


@dataclass(frozen=True)
class Claims:
    """A campaign's claims by pattern, with how far its respondents agree.

    `reduced_scope`: more than a tenth of the statements were declared not applicable.
    """

    claims: Mapping[str, Claim]
    alpha: Alpha | None
    reduced_scope: bool

    @property
    def agreement(self) -> Agreement:
        """What the agreement of the respondents allows; unmeasured with one respondent, or without any variation."""
        return Agreement.UNMEASURED if self.alpha is None else self.alpha.agreement

    def published_level(self, pattern: str) -> int | None:
        """The claimed level that may be shown: none where the respondents contest each other."""
        claim = self.claims.get(pattern)
        return None if claim is None or self.agreement is Agreement.CONTESTED else claim.level


def claim(pattern: str, answers: Sequence[Answer], as_of: date) -> Claim:
    """The claim on one pattern, from one answer of each respondent who was asked (also of those who said nothing).

    No answers, or one respondent twice, raise ValueError.
    """
    _require_one_each(pattern, answers)
    excused = [answer for answer in answers if _does_not_apply(answer, as_of)]
    given = [answer.level for answer in answers if answer.level is not None]
    unanswered = len(answers) - len(excused) - len(given)
    counted = len(given) + unanswered
    state = ClaimState.CLAIMED
    if counted == 0:
        state = ClaimState.NOT_APPLICABLE
    elif 100 * unanswered > LARGEST_UNANSWERED_PERCENT * counted:
        state = ClaimState.TOO_FEW_ANSWERS
    lowest = median_low([*given, *[1] * unanswered]) if counted else None
    highest = median_low([*given, *[5] * unanswered]) if counted else None
    roles = _levels_by_role(answers)
    return Claim(
        pattern=pattern,
        state=state,
        level=lowest if state is ClaimState.CLAIMED else None,
        lowest=lowest,
        highest=highest,
        least=min(given, default=None),
        most=max(given, default=None),
        answered=len(given),
        unanswered=unanswered,
        not_applicable=len(excused),
        roles=roles,
        role_gap=_role_gap(roles),
    )


def summarise_claims(answers: Iterable[Answer], as_of: date) -> Claims:
    """The claims of a campaign on every pattern that anybody was asked about."""
    by_pattern: dict[str, list[Answer]] = {}
    for answer in answers:
        by_pattern.setdefault(answer.pattern, []).append(answer)
    claims = {pattern: claim(pattern, by_pattern[pattern], as_of) for pattern in sorted(by_pattern)}
    asked = sum(len(group) for group in by_pattern.values())
    excused = sum(summary.not_applicable for summary in claims.values())
    return Claims(claims, _alpha(by_pattern), reduced_scope=100 * excused > REDUCED_SCOPE_ABOVE_PERCENT * asked)


def not_applicable_problems(answer: Answer, pattern: Pattern, *, live_services: bool) -> list[FieldProblem]:
    """What is wrong with declaring a pattern not applicable; nothing for other answers."""
    declared = answer.not_applicable
    if declared is None:
        return []
    problems = []
    if live_services and not pattern.may_be_not_applicable:
        problems.append(FieldProblem("level", f"{pattern.id} applies to everybody with live services: choose a level"))
    if not declared.explanation.strip():
        problems.append(FieldProblem("not_applicable.explanation", "say in a sentence why it does not apply"))
    if declared.approved_by == answer.respondent:
        problems.append(FieldProblem("not_applicable.approved_by", "somebody other than the respondent approves it"))
    if not declared.approved_on <= declared.expires_on <= _latest_expiry(declared.approved_on):
        message = f"it expires within {LONGEST_MONTHS_NOT_APPLICABLE} months of its approval and not before it"
        problems.append(FieldProblem("not_applicable.expires_on", message))
    return problems


def _latest_expiry(approved_on: date) -> date:
    """The same day of the next year; 28 February after a 29th."""
    leap_day = (approved_on.month, approved_on.day) == (2, 29)
    return approved_on.replace(year=approved_on.year + 1, day=28 if leap_day else approved_on.day)


def _does_not_apply(answer: Answer, as_of: date) -> bool:
    return answer.not_applicable is not None and as_of <= answer.not_applicable.expires_on


def _require_one_each(pattern: str, answers: Sequence[Answer]) -> None:
    respondents = [answer.respondent for answer in answers]
    if not respondents or len(set(respondents)) < len(respondents):
        raise ValueError(f"{pattern}: expected one answer of each respondent asked, got those of {sorted(respondents)}")


def _levels_by_role(answers: Sequence[Answer]) -> tuple[RoleLevel, ...]:
    given: dict[str, list[int]] = {}
    for answer in answers:
        if answer.level is not None:
            given.setdefault(answer.role, []).append(answer.level)
    return tuple(RoleLevel(role, median_low(given[role])) for role in sorted(given))


def _role_gap(roles: Sequence[RoleLevel]) -> RoleGap | None:
    if not roles:
        return None
    lower, higher = min(roles, key=lambda role: role.level), max(roles, key=lambda role: role.level)
    return RoleGap(higher, lower) if higher.level - lower.level >= ROLE_GAP else None


def _alpha(by_pattern: Mapping[str, Sequence[Answer]]) -> Alpha | None:
    respondents = sorted({answer.respondent for answers in by_pattern.values() for answer in answers})
    column = {respondent: index for index, respondent in enumerate(respondents)}
    ratings = np.full((len(by_pattern), len(respondents)), np.nan)
    for row, pattern in enumerate(sorted(by_pattern)):
        for answer in by_pattern[pattern]:
            if answer.level is not None:
                ratings[row, column[answer.respondent]] = answer.level
    return ordinal_alpha(ratings)
