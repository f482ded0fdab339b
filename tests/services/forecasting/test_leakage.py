"""Nothing recorded after a cut-off reaches what is learned or forecast at it, and noise teaches nothing."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, partial
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.domain.vocabulary import Outcome, TicketState
from services.forecasting.evaluation import evaluate
from services.forecasting.features import Cases, open_now, openings, still_open
from services.forecasting.learning import Origin, candidates
from services.forecasting.rules import ForecastMoment, ModelFamily
from services.forecasting.ticket_model import (
    MOST_ORIGINS,
    WEEK,
    TicketModel,
    cases_of,
    choose_model,
    learn_model,
    lessons,
    rolling_origins,
)
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
    assert learned.can_be_learned
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


@settings(max_examples=20)
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


@settings(max_examples=10)
@given(
    st.integers(0, 3),
    st.sampled_from(["team 0", "a team that only closes"]),
    st.sampled_from([ForecastMoment.OPENING, ForecastMoment.OPEN]),
)
def test_how_tickets_of_a_list_stood_at_their_end_reaches_no_forecast(
    seed: int, team: str, moment: ForecastMoment
) -> None:
    """A row of a list gives every event made from it what holds when the list is written.

    The priority is left as it is: by the one a ticket was closed with, it is told which open tickets are overdue.
    """
    listed = [replace(found, synthesised=True) for found in organisation(seed)]
    ended = {found.ticket for found in listed if found.state is TicketState.CLOSED}
    handed_on = [
        replace(found, team=team, category=team, attributes={"location": team}) if found.ticket in ended else found
        for found in listed
    ]
    assert forecasts(handed_on, moment) == forecasts(listed, moment)


later_facts = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.integers(0, 40 * DAY),
        st.booleans(),
        st.sampled_from(list(TicketState)),
        st.sampled_from(["team 0", "team 5", "a team of tomorrow"]),
        st.sampled_from([None, Outcome.MET, Outcome.MISSED]),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=15)
@given(
    st.integers(0, 3),
    later_facts,
    st.sampled_from([ForecastMoment.OPENING, ForecastMoment.OPEN]),
    st.integers(0, 3),
)
def test_an_origin_learns_nothing_from_what_was_recorded_after_it(
    seed: int,
    later: list[tuple[int, int, bool, TicketState, str, Outcome | None]],
    moment: ForecastMoment,
    weeks_back: int,
) -> None:
    """Added events occur before or after the origin, are recorded after it, and are known when the model is chosen."""
    happenings = organisation(seed)
    opened = {found.ticket: found.opened_at for found in happenings}
    usual = origins_by_week(happenings, moment)
    weeks = sorted(usual)[weeks_back % len(usual)]
    origin = CUT_OFF - weeks * WEEK
    added = [
        Happening(
            ticket,
            opened.get(ticket, origin - DAY),
            min(origin + 1 + after, CUT_OFF),
            state,
            team=team,
            outcome=outcome,
            occurred_at=max(opened.get(ticket, origin - DAY), origin - after) if earlier else None,
        )
        for ticket, after, earlier, state, team, outcome in later
        if opened.get(ticket, 0) < origin
    ]
    changed = origins_by_week([*happenings, *added], moment)
    assume(weeks in changed)  # what was added may leave too few outcomes to test the week by
    assert digest(changed[weeks]) == digest(usual[weeks])


def origins_by_week(happenings: Iterable[Happening], moment: ForecastMoment) -> dict[int, Origin]:
    """The origins at which models are tested, by how many weeks before the cut-off they lie."""
    learned = lessons(facts_of(happenings), moment, cut_off=CUT_OFF, zone=UTC)
    found = {(CUT_OFF - origin.instant) // WEEK: origin for origin in rolling_origins(learned)}
    assert len(found) >= 2
    return found


def digest(origin: Origin) -> str:
    return TicketModel(origin.training).digest()


def test_what_was_recorded_before_an_origin_does_change_what_it_learns() -> None:
    """So that the law above can fail, even by an outcome that one second decides."""
    usual = origins_by_week(organisation(0), ForecastMoment.OPENING)
    weeks = min(usual)
    for recorded_at, seen in ((CUT_OFF - weeks * WEEK, True), (CUT_OFF - weeks * WEEK + 1, False)):
        extra = Happening(
            9_999, 10 * DAY, recorded_at, TicketState.CLOSED, priority="2", team="team 0", outcome=Outcome.MISSED
        )
        changed = origins_by_week([*organisation(0), extra], ForecastMoment.OPENING)
        assert (digest(changed[weeks]) != digest(usual[weeks])) is seen


def test_an_origin_is_tested_by_tickets_opened_in_the_week_after_it_and_final_by_the_cut_off() -> None:
    learned = lessons(facts_of(organisation(2)), ForecastMoment.OPENING, cut_off=CUT_OFF, zone=UTC)
    closed = {f"T{found.ticket}": found for found in organisation(2) if found.outcome and found.recorded_at <= CUT_OFF}
    for origin in rolling_origins(learned):
        tickets = origin.asked.moments.ticket
        tested = dict(zip((learned.facts.keys[ticket] for ticket in tickets), origin.happened, strict=True))
        ended = {
            key: found.outcome is Outcome.MISSED
            for key, found in closed.items()
            if origin.instant <= found.opened_at < origin.instant + WEEK
        }
        assert ended
        assert ended.items() <= tested.items()
        assert all(learned.labels.overdue[ticket] for ticket in tickets if learned.facts.keys[ticket] not in ended)


def test_with_less_than_four_weeks_behind_it_no_origin_tests_a_model() -> None:
    young = [replace(found, opened_at=found.opened_at + 32 * DAY) for found in organisation(3, days=27)]
    late = [replace(found, recorded_at=found.recorded_at + 32 * DAY) for found in young]
    learned = lessons(facts_of(late), ForecastMoment.OPENING, cut_off=CUT_OFF, zone=UTC)
    assert learned.can_be_learned
    assert rolling_origins(learned) == []
    assert choose_model(learned).published.family is ModelFamily.LOOKUP


def test_the_most_recent_weeks_are_tested_and_no_more_however_long_the_history() -> None:
    learned = lessons(
        facts_of(organisation(4, tickets=1500, days=300)), ForecastMoment.OPENING, cut_off=300 * DAY, zone=UTC
    )
    found = [origin.instant for origin in rolling_origins(learned)]
    assert len(found) == MOST_ORIGINS
    assert found == sorted(found)
    assert found[0] >= 300 * DAY - (MOST_ORIGINS + 2) * WEEK


@given(st.integers(1, 3 * DAY), st.integers(0, 900))
def test_a_moment_does_not_count_events_that_were_recorded_after_it(recorded_after: int, occurred_after: int) -> None:
    opened = Happening(1, 0, 60, team="desk")
    moved = Happening(1, 0, 800, TicketState.IN_PROGRESS, team="field")
    back_dated = Happening(1, 0, 900 + recorded_after, team="vendor", occurred_at=occurred_after)
    without, with_it = (facts_of(found) for found in ([opened, moved], [opened, moved, back_dated]))
    for moments in (openings, partial(still_open, ages=(900,), until=900)):
        seen, again = (cases_of(facts, ForecastMoment.OPEN, moments(facts), UTC) for facts in (without, with_it))
        assert again.numbers.tolist() == seen.numbers.tolist()
        assert [words(again, name) for name in again.codes] == [words(seen, name) for name in seen.codes]


def words(seen: Cases, column: str) -> list[str | None]:
    return [seen.words[column][code] for code in seen.codes[column].tolist()]


@pytest.mark.parametrize("permuted", [False, True])
def test_permuted_outcomes_give_no_skill_and_real_ones_do(permuted: bool) -> None:
    happenings = organisation(7, tickets=3000)
    if permuted:
        random = np.random.default_rng(0)
        closings = [place for place, found in enumerate(happenings) if found.outcome]
        shuffled = random.permutation([str(happenings[place].outcome) for place in closings])
        for place, outcome in zip(closings, shuffled.tolist(), strict=True):
            happenings[place] = replace(happenings[place], outcome=Outcome(outcome))
    choice = choose_model(lessons(facts_of(happenings), ForecastMoment.OPENING, cut_off=CUT_OFF, zone=UTC))
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
