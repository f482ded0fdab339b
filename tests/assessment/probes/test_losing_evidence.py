"""Losing what speaks for a unit, or a whole kind of record, never raises a score."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.commands import score_evidence
from assessment.evidence import Evidence
from assessment.scoring import UnknownScore
from services.agreements.purchases import RecordedCount
from services.agreements.rules import AgreementKind
from tests.assessment.evidence import good, with_days, with_meetings, without_breaches

GOOD = good()
Loss = Callable[[Evidence], Evidence]
LOSSES: dict[str, Loss] = {
    "minutes": lambda e: with_meetings(e, has_minutes=False),
    "decisions": lambda e: with_meetings(e, decisions=()),
    "attendance": lambda e: with_meetings(e, present=frozenset()),
    "actions": lambda e: with_meetings(e, actions=()),
    "breaches looked at": lambda e: with_meetings(e, breach_ids=()),
    "acts on views": lambda e: with_days(e, acted_at=None),
    "acknowledgements": lambda e: with_days(e, acknowledged_at=None, acted_at=None),
    "register": lambda e: replace(e, register=()),
    "targets": lambda e: replace(e, targets=()),
    "requirements": lambda e: replace(e, services=tuple(replace(each, requirements=()) for each in e.services)),
    "services": lambda e: replace(e, services=()),
    "breaches": lambda e: without_breaches(e, {each.breach_id for each in e.breaches}),
    "links": lambda e: replace(e, breaches=tuple(replace(each, improvement_ids=()) for each in e.breaches)),
    "causes": lambda e: replace(e, breaches=tuple(replace(each, has_cause=False) for each in e.breaches)),
    "computed results": lambda e: replace(e, figures=tuple(replace(each, recomputed=None) for each in e.figures)),
    "agreements about experience": lambda e: replace(
        e, negotiated=tuple(each for each in e.negotiated if each.kind is not AgreementKind.XLA)
    ),
    "owners": lambda e: replace(
        e, negotiated=tuple(replace(each, owners=0, in_office=0, at_the_table=0) for each in e.negotiated)
    ),
    "seats at the table": lambda e: replace(
        e, negotiated=tuple(replace(each, at_the_table=0) for each in e.negotiated)
    ),
    "entries about who takes part": lambda e: replace(
        e, negotiated=tuple(replace(each, participations=RecordedCount(1, 0)) for each in e.negotiated)
    ),
    "what rests on contracts": lambda e: replace(
        e, chains=tuple(replace(each, rests_on=frozenset(), missing=1) for each in e.chains)
    ),
    "figures": lambda e: replace(e, figures=()),
    "cadences": lambda e: replace(e, cadences=()),
}


def levels(evidence: Evidence) -> dict[str, Any]:
    """The lowest level each pattern and the whole can have: 0 for what cannot be told."""
    scored, _ = score_evidence(evidence)
    found = {name: 0 if isinstance(each, UnknownScore) else each.confirmed for name, each in scored.patterns.items()}
    return found | {"limiting": scored.limiting.lowest, "rhythm": scored.rhythm.lowest}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, max_size=4, unique=True))
def test_losing_more_records_never_raises_a_level(losses: list[str]) -> None:
    evidence, before = GOOD, levels(GOOD)
    for loss in losses:
        evidence = LOSSES[loss](evidence)
        after = levels(evidence)
        assert all(after[name] <= before[name] for name in before), (loss, before, after)
        before = after
