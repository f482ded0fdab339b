"""Nothing recorded after a cut-off reaches what is learned or forecast at it, and noise teaches nothing."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.vocabulary import Outcome, TicketState
from services.forecasting.evaluation import evaluate
from services.forecasting.features import open_now
from services.forecasting.learning import candidates
from services.forecasting.rules import ForecastMoment, ModelFamily
from services.forecasting.ticket_model import can_learn, cases_of, choose_model, learn_model, lessons
from tests.factories.facts import Happening, facts_of

UTC = ZoneInfo("UTC")
DAY = 86_400
CUT_OFF = 60 * DAY
FAMILIES = (ModelFamily.LOOKUP, ModelFamily.SURVIVAL, ModelFamily.LOGISTIC, ModelFamily.BOOSTED_TREES)


def organisation(seed: int, tickets: int = 500, days: int = 60) -> list[Happening]:
    """Tickets whose team and priority bear on their outcome; most are closed within days, some are still open."""
    random = np.random.default_rng(seed)
    happenings = []
    for ticket in range(tickets):
        opened = int(random.integers(0, days * DAY))
        team, priority = f"team {random.integers(6)}", f"{random.integers(1, 4)}"
        missed = random.random() < (0.1 + 0.12 * int(team[-1]))
        closed = opened + int((12 if missed else 3) * DAY * random.uniform(0.3, 1.2))
        common = Happening(ticket, opened, opened + 60, team=team, priority=priority, category=f"{random.integers(9)}")
        outcome = Outcome.MISSED if missed else Outcome.MET
        happenings += [
            common,
            replace(common, recorded_at=(opened + closed) // 2, state=TicketState.IN_PROGRESS),
            replace(common, recorded_at=closed, state=TicketState.CLOSED, outcome=outcome),
        ]
    return happenings


def forecasts(happenings: Iterable[Happening], moment: ForecastMoment) -> dict[tuple[str, str], float]:
    """What every family says at the cut-off of every ticket open then, by ticket."""
    learned = lessons(facts_of(happenings), moment, cut_off=CUT_OFF, zone=UTC)
    assert can_learn(learned)
    model = learn_model(learned)
    asked = cases_of(learned.facts, moment, open_now(learned.facts, CUT_OFF), UTC)
    keys = [learned.facts.keys[ticket] for ticket in asked.moments.ticket.tolist()]
    assert keys
    return {
        (family.value, key): said
        for family in FAMILIES
        for key, said in zip(keys, model.forecast(candidates()[family][0], asked).tolist(), strict=True)
    } | {("digest", model.digest()): 0.0}


@cache
def usual_forecasts(seed: int, moment: ForecastMoment) -> dict[tuple[str, str], float]:
    return forecasts(organisation(seed), moment)


later_events = st.lists(
    st.tuples(
        st.integers(0, 600),  # beyond 499: a ticket nobody knew
        st.integers(1, 40 * DAY),
        st.sampled_from(list(TicketState)),
        st.sampled_from(["1", "2", "9 - new"]),
        st.sampled_from(["team 0", "team 5", "a team of tomorrow"]),
        st.sampled_from([None, Outcome.MET, Outcome.MISSED]),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3), later_events, st.sampled_from([ForecastMoment.OPENING, ForecastMoment.OPEN]))
def test_adding_what_was_recorded_after_the_cut_off_changes_no_forecast(
    seed: int,
    later: list[tuple[int, int, TicketState, str, str, Outcome | None]],
    moment: ForecastMoment,
) -> None:
    happenings = organisation(seed)
    opened = {found.ticket: found.opened_at for found in happenings}
    added = [
        Happening(ticket, opened.get(ticket, 59 * DAY), CUT_OFF + after, state, priority, team, outcome=outcome)
        for ticket, after, state, priority, team, outcome in later
    ]
    assert forecasts(happenings + added, moment) == usual_forecasts(seed, moment)


def test_a_record_known_at_the_cut_off_does_change_forecasts() -> None:
    """So that the law above can fail."""
    happenings = organisation(0)
    seen = Happening(9_999, 50 * DAY, CUT_OFF, TicketState.CLOSED, team="team 0", outcome=Outcome.MISSED)
    assert forecasts([*happenings, seen], ForecastMoment.OPENING) != usual_forecasts(0, ForecastMoment.OPENING)


def test_the_choice_of_a_model_does_not_see_what_was_recorded_later() -> None:
    happenings = organisation(1)
    later = [replace(found, recorded_at=CUT_OFF + 1, outcome=Outcome.MISSED) for found in happenings[:600]]
    chosen, again = (
        choose_model(lessons(facts_of(recorded), ForecastMoment.OPENING, cut_off=CUT_OFF, zone=UTC))
        for recorded in (happenings, happenings + later)
    )
    assert (again.published, again.weeks) == (chosen.published, chosen.weeks)
    assert again.forecasts.keys() == chosen.forecasts.keys() != set()
    for family, said in chosen.forecasts.items():
        assert again.forecasts[family].tolist() == said.tolist()


@pytest.mark.parametrize("permuted", [False, True])
def test_permuted_outcomes_give_no_skill_and_real_ones_do(permuted: bool) -> None:
    happenings = organisation(7, tickets=3000)
    if permuted:
        random = np.random.default_rng(0)
        closings = [place for place, found in enumerate(happenings) if found.outcome]
        shuffled = random.permutation([str(happenings[place].outcome) for place in closings])
        for place, outcome in zip(closings, shuffled.tolist(), strict=True):
            happenings[place] = replace(happenings[place], outcome=Outcome(outcome))
    learned = lessons(facts_of(happenings), ForecastMoment.OPENING, cut_off=CUT_OFF, zone=UTC)
    assert can_learn(learned)
    choice = choose_model(learned)
    for family in (ModelFamily.LOOKUP, ModelFamily.LOGISTIC, ModelFamily.BOOSTED_TREES):
        scores = evaluate(choice.forecasts[family], choice.happened)
        base = scores.happened / scores.forecasts
        skill = 1 - scores.brier / (base * (1 - base))
        assert scores.auc is not None
        if permuted:
            assert skill <= 0.01, family
            assert abs(scores.auc - 0.5) <= 0.05, family
        else:
            assert scores.auc >= 0.6, family
            assert skill >= 0.02, family
