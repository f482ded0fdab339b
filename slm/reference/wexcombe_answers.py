"""How five people of Wexcombe Stores see it: the further from the work, the better it looks."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID

from assessment.claims import ReasonNotApplicable
from assessment.commands import AnswerEntry, NotApplicableEntry

TITLE = "Autumn self-assessment"

RESPONDENTS = (
    ("amara-okafor", "CIO"),
    ("tomasz-zielinski", "service level manager"),
    ("priya-raman", "service design lead"),
    ("mei-tanaka", "service owner"),
    ("grace-mwangi", "customer"),
)

# One digit for each respondent in their order: a level, - for "asked and did not say", n for "does not apply".
ANSWERS = {
    "G1": "54443", "G2": "32222", "G3": "2111n", "G4": "54443", "G5": "55443", "G6": "33222",
    "B1": "55554", "B2": "33222", "B3": "44433", "B4": "22111", "B5": "55544", "B6": "44432", "B7": "54443",
    "B8": "43433",
    "Q1": "44333", "Q2": "2222-", "Q3": "21111", "Q4": "55544", "Q5": "44332",
    "R1": "55554", "R2": "55544", "R3": "55443", "R4": "44333",
}  # fmt: skip

NO_MEASURE = "Customers of the stores are asked by the trading department, not by us"


def answers(people: Mapping[str, UUID], today: date) -> Iterator[AnswerEntry]:
    """What everybody said, by the ids of the people."""
    for pattern, given in ANSWERS.items():
        for (person, role), said in zip(RESPONDENTS, given, strict=True):
            yield AnswerEntry(
                pattern,
                role,
                people[person],
                level=int(said) if said.isdigit() else None,
                not_applicable=_no_end_users(today) if said == "n" else None,
            )


def _no_end_users(today: date) -> NotApplicableEntry:
    return NotApplicableEntry(
        ReasonNotApplicable.NO_END_USERS, NO_MEASURE, "Amara Okafor", today - timedelta(days=20),
        today + timedelta(days=300),
    )  # fmt: skip
