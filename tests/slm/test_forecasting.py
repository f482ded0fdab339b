"""Forecasts by themselves: made and scored for an organisation, once an hour, and refused where nothing can be said."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from reports.forecasting_terminal import percent
from services.agreements.commands import publish_agreement_version
from services.agreements.queries import agreement_by_key
from services.calendars.commands import publish_calendar_version
from services.calendars.queries import calendar_by_key
from services.calendars.rules import VersionDefinition, WeeklyHours
from services.db import Database, fetch
from services.domain.instants import to_epoch
from services.domain.vocabulary import Outcome, TicketState
from services.errors import Invalid
from services.forecasting.facts import known_by
from services.forecasting.queries import facts_known_by
from services.forecasting.rules import ForecastSubject
from services.organisations.rules import Actor
from services.tickets.sources.records import TicketEventRecord
from slm.forecasting import backtest, forecast, read_known, score, train
from slm.forecasting_upkeep import keep_organisation_current
from tests.factories.definitions import new_agreement, new_calendar, new_service, target
from tests.factories.tickets import event, happened, hours

FIRST_DAY = datetime(2026, 1, 29, 8, tzinfo=UTC)
NOW = datetime(2026, 6, 13, 12, tzinfo=UTC)


@pytest.fixture
async def service_id(database: Database, actor: Actor) -> UUID:
    service_id = await new_service(database, actor)
    await new_agreement(database, actor, service_id, target(await new_calendar(database, actor)))
    return service_id


def past(tickets: int) -> list[TicketEventRecord]:
    """Tickets of two teams, one of which breaks most of its promises, and some that are open at `NOW`."""
    random = np.random.default_rng(3)
    events = []
    for number in range(tickets):
        opened = FIRST_DAY + timedelta(hours=int(random.integers(0, 130 * 24)))
        team = "slow" if number % 2 else "quick"
        missed = bool(random.random() < (0.8 if number % 2 else 0.1))
        closed = opened + hours(150 if missed else 5)
        events.append(event(f"T{number}", opened, TicketState.NEW, team=team))
        if closed < NOW:
            outcome = Outcome.MISSED if missed else Outcome.MET
            stop = event(
                f"T{number}", closed, TicketState.CLOSED, opened_at=opened, sequence=1, team=team, outcome=outcome
            )
            events.append(stop)
    for number in range(8):
        opened = NOW - hours(3 + number)
        events.append(event(f"OPEN{number}", opened, TicketState.NEW, team="slow" if number % 2 else "quick"))
    return events


async def rows(database: Database, actor: Actor, sql: str) -> Sequence[Any]:
    async with database.reading(actor.organisation_id) as session:
        return await fetch(session, sql, actor.organisation_id)


async def test_open_tickets_and_running_periods_are_forecast_with_reasons(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, past(600), NOW)
    await train(database, actor=actor, as_of=NOW, now=NOW)
    await forecast(database, actor=actor, as_of=NOW, now=NOW)
    sql = """
    SELECT k.team, avg(f.probability), bool_and(f.reasons::text LIKE '%team ' || k.team || '%')
    FROM forecast f JOIN ticket k ON k.organisation_id = $1 AND k.id = f.ticket_id
    WHERE f.organisation_id = $1 AND k.key LIKE 'OPEN%' AND f.abstention IS NULL GROUP BY k.team ORDER BY k.team
    """
    (quick, slow) = await rows(database, actor, sql)
    assert (quick[0], slow[0]) == ("quick", "slow")
    assert float(slow[1]) > float(quick[1]) + 0.3
    assert quick[2]
    assert slow[2]
    sql = "SELECT probability, inputs, abstention FROM forecast WHERE organisation_id = $1 AND subject = 'period'"
    ((probability, inputs, abstention),) = await rows(database, actor, sql)
    assert probability > 0.9
    assert inputs["missed"] > inputs["allowed"]
    assert abstention is None


async def test_a_forecast_of_the_same_instant_is_kept_once_and_a_later_one_replaces_it(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, past(400), NOW)
    made = await forecast(database, actor=actor, as_of=NOW, now=NOW)
    assert await forecast(database, actor=actor, as_of=NOW, now=NOW) == made
    sql = "SELECT count(*), count(*) FILTER (WHERE superseded_at IS NULL) FROM forecast WHERE organisation_id = $1"
    assert list(await rows(database, actor, sql)) == [(len(made), len(made))]
    later = await forecast(database, actor=actor, as_of=NOW + hours(1), now=NOW + hours(1))
    assert list(await rows(database, actor, sql)) == [(len(made) + len(later), len(later))]


async def test_definitions_recorded_after_an_instant_do_not_change_what_is_forecast_as_of_it(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, past(300), NOW)
    said = await forecast(database, actor=actor, as_of=NOW, now=NOW)
    assert {made.subject for made in said} == {ForecastSubject.TICKET, ForecastSubject.PERIOD}
    await redefine(database, actor, recorded_at=NOW + hours(1))
    assert await forecast(database, actor=actor, as_of=NOW, now=NOW + hours(2)) == said
    later = await forecast(database, actor=actor, as_of=NOW + hours(2), now=NOW + hours(2))
    before, after = ([made for made in found if made.subject is ForecastSubject.PERIOD] for found in (said, later))
    assert (len(before), len(after)) == (1, 2)


async def test_definitions_are_those_known_at_the_instant_even_where_nothing_was_forecast_before(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, past(60), NOW)
    await redefine(database, actor, recorded_at=NOW + hours(1))
    as_they_were = await read_known(database, actor, NOW)
    as_they_are = await read_known(database, actor, NOW + hours(1))
    durations = [
        {(promise.target.duration_seconds, len(promise.calendar.windows)) for promise, _ in known.promises}
        for known in (as_they_were, as_they_are)
    ]
    assert durations == [{(8 * 3600, 5)}, {(8 * 3600, 5), (3600, 7), (7200, 7)}]


async def test_what_is_known_by_an_instant_is_the_same_read_then_or_narrowed_to_it_later(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    opened, second = NOW - hours(5), NOW - hours(4)
    events = [
        event("T1", opened, TicketState.NEW, sequence=place)._replace(
            recorded_at=second + timedelta(milliseconds=after)
        )
        for place, after in enumerate((-300, 0, 100, 700))
    ]
    await happened(database, actor, service_id, events, NOW)
    async with database.reading(actor.organisation_id) as session:
        later = await facts_known_by(session, actor.organisation_id, NOW, earliest=second)
        for known, after in ((2, 0), (2, 200), (2, 900), (4, 1000)):
            instant = second + timedelta(milliseconds=after)
            read = await facts_known_by(session, actor.organisation_id, instant, earliest=instant)
            narrowed = [known_by(facts, to_epoch(instant)).log.event_ids for facts in (read, later)]
            assert [len(found) for found in narrowed] == [known, known]
            assert narrowed[0] == narrowed[1]


async def redefine(database: Database, actor: Actor, *, recorded_at: datetime) -> None:
    """Say now that the target has been another since February, beside a second one, on a calendar that never closes."""
    since = datetime(2026, 2, 1, tzinfo=UTC)
    always = VersionDefinition("Europe/London", [WeeklyHours(day, "00:00", "24:00") for day in range(1, 8)])
    async with database.writing(actor.organisation_id) as session:
        calendar_id = await calendar_by_key(session, actor.organisation_id, key="office")
        agreement_id = await agreement_by_key(session, actor.organisation_id, key="mail-sla")
        assert calendar_id
        assert agreement_id
        await publish_calendar_version(
            session, actor=actor, calendar_id=calendar_id, valid_from=since, definition=always, now=recorded_at
        )
        await publish_agreement_version(
            session,
            actor=actor,
            agreement_id=agreement_id,
            valid_from=since,
            reason="agreed long ago, written down today",
            targets=[
                target(calendar_id, duration_seconds=3600, objective_percent=Decimal(50)),
                target(calendar_id, key="answer", name="Answered within two hours", duration_seconds=7200),
            ],
            now=recorded_at,
        )


async def test_a_forecast_is_scored_once_its_outcome_is_final(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, past(400), NOW)
    await forecast(database, actor=actor, as_of=NOW, now=NOW)
    assert (await score(database, actor=actor, now=NOW)).forecasts == 0
    closing = event("OPEN1", NOW + hours(9), TicketState.CLOSED, sequence=1, team="slow", outcome=Outcome.MISSED)
    await happened(database, actor, service_id, [closing], NOW + hours(9))
    assert (await score(database, actor=actor, now=NOW + hours(8))).forecasts == 0
    assert (await score(database, actor=actor, now=NOW + hours(9))).forecasts == 1
    assert (await score(database, actor=actor, now=NOW + hours(9))).forecasts == 0
    sql = """SELECT outcome, squared_error - (1 - probability) ^ 2 FROM forecast
             WHERE organisation_id = $1 AND outcome_at IS NOT NULL"""
    ((outcome, difference),) = await rows(database, actor, sql)
    assert outcome == "missed"
    assert abs(difference) <= 1e-6
    sql = "SELECT family, forecasts FROM forecast_score WHERE organisation_id = $1 AND basis = 'live' AND published"
    assert [found[1] for found in await rows(database, actor, sql)] == [1]


async def test_with_too_few_tickets_it_abstains_and_shows_the_prior(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, past(40), NOW)
    await forecast(database, actor=actor, as_of=NOW, now=NOW)
    sql = """SELECT DISTINCT f.abstention, f.probability = m.base_rate FROM forecast f
             JOIN forecast_model m ON m.organisation_id = $1 AND m.id = f.model_id
             WHERE f.organisation_id = $1 AND f.subject = 'ticket'"""
    assert list(await rows(database, actor, sql)) == [("no_model", True)]
    with pytest.raises(Invalid):
        await backtest(database, actor=actor, cut_off=NOW - timedelta(days=20), until=NOW, now=NOW)


async def test_an_organisation_without_any_ticket_has_nothing_to_forecast(database: Database, actor: Actor) -> None:
    assert await forecast(database, actor=actor, as_of=NOW, now=NOW) == []


async def test_the_worker_trains_and_forecasts_by_itself_and_not_twice_within_the_hour(
    database: Database, actor: Actor, service_id: UUID
) -> None:
    await happened(database, actor, service_id, past(40), NOW)
    counts = """SELECT (SELECT count(*) FROM forecast_model WHERE organisation_id = $1),
                       (SELECT count(DISTINCT as_of) FROM forecast WHERE organisation_id = $1)"""
    for now, expected in (
        (NOW, (3, 1)),
        (NOW + hours(0.5), (3, 1)),
        (NOW + hours(1), (3, 2)),
        (NOW + hours(200), (6, 3)),
    ):
        await keep_organisation_current(database, actor.organisation_id, now=now)
        assert list(await rows(database, actor, counts)) == [expected]


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0, "0 %"), (0.004, "<1 %"), (0.125, "12 %"), (0.994, "99 %"), (0.9988, ">99 %"), (1, "100 %")],
)
def test_only_what_is_certain_is_shown_as_certain(probability: float, shown: str) -> None:
    assert percent(probability) == shown
