"""Nothing recorded after an instant changes what is forecast of periods at it, over random organisations."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agreements.queries import TargetInForce
from services.agreements.rules import AgreementKind
from services.domain.business_time import CalendarDefinition, Window
from services.domain.instants import from_epoch, to_epoch
from services.domain.vocabulary import Outcome, PeriodKind, ReopenPolicy, StartRule, TicketState
from services.forecasting.facts import known_by
from services.forecasting.forecasts import forecast_all
from services.forecasting.queries import ModelInUse
from services.forecasting.records import NewForecast
from services.forecasting.rules import ForecastSubject
from services.forecasting.training import Known, train_all
from services.tickets.clocks import Promise
from tests.factories.facts import Happening, facts_of

AS_OF = datetime(2026, 6, 17, 15, tzinfo=UTC)
INSTANT = to_epoch(AS_OF)
HOUR, DAY = 3_600, 86_400
SERVICES = 3
OFFICE = CalendarDefinition("Europe/London", tuple(Window(day, 9 * HOUR, 17 * HOUR) for day in range(1, 6)))


def organisation(seed: int) -> list[Happening]:
    """Five months of tickets of a few services, each quick or slow; most are paused once, some are still open."""
    random = np.random.default_rng(seed)
    happenings = []
    for ticket in range(150):
        service = int(random.integers(SERVICES))
        opened = INSTANT - int(random.integers(HOUR, 150 * DAY))
        common = Happening(ticket, opened, opened, service_id=UUID(int=service + 1))
        at = opened
        for state in random.permutation([TicketState.IN_PROGRESS, TicketState.AWAITING_CUSTOMER]).tolist():
            at += int(random.exponential((4 + 10 * service) * HOUR))
            happenings.append(replace(common, recorded_at=at, state=TicketState(state)))
        at += int(random.exponential((4 + 10 * service) * HOUR))
        outcome = Outcome.MISSED if random.random() < 0.3 else Outcome.MET
        happenings += [common, replace(common, recorded_at=at, state=TicketState.CLOSED, outcome=outcome)]
    return happenings


def promise(service: int) -> Promise:
    """Closed within sixteen business hours, for nine in ten; judged by the week or by the month."""
    target = TargetInForce(
        target_id=UUID(int=100 + service),
        target_key=f"target-{service}",
        target_version_id=UUID(int=200 + service),
        agreement_id=UUID(int=300 + service),
        agreement_version_id=UUID(int=400 + service),
        agreement_kind=AgreementKind.SLA,
        service_id=UUID(int=service + 1),
        calendar_id=UUID(int=500),
        valid_from=AS_OF - timedelta(days=200),
        until=None,
        duration_seconds=16 * HOUR,
        limit_inclusive=True,
        start_rule=StartRule.FROM_OPENING,
        start_states=(),
        stop_states=(TicketState.RESOLVED, TicketState.CLOSED),
        pause_states=(TicketState.AWAITING_CUSTOMER,),
        resume_states=(),
        cancel_states=(TicketState.CANCELLED,),
        retroactive_pause=False,
        reopen_policy=ReopenPolicy.RESUME,
        priorities=(),
        categories=(),
        objective_percent=Decimal(90),
        period=PeriodKind.MONTH if service else PeriodKind.WEEK,
        assumed=False,
    )
    return Promise(target, UUID(int=600), OFFICE)


def forecasts(happenings: list[Happening]) -> list[NewForecast]:
    """What is said of every running period: everything from facts to forecasts, models included."""
    facts = facts_of(happenings)
    current = known_by(facts, INSTANT)
    of_service = np.array([-1 if service is None else service.int - 1 for service in current.log.service_ids])
    promises = [(promise(service), of_service == service) for service in range(SERVICES)]
    known = Known(AS_OF, ZoneInfo("UTC"), facts, current, promises)
    models = {
        made.model.moment: ModelInUse(
            UUID(int=700), made.model.moment, 1, made.model.family, AS_OF, dict(made.model.parameters),
            made.model.base_rate, made.model.inputs_digest, [],
        )
        for made in train_all(known)
    }  # fmt: skip
    made = forecast_all(known, models)
    assert made is not None
    return [found for found in made if found.subject is ForecastSubject.PERIOD]


@dataclass(frozen=True)
class Later:
    """Something recorded after the instant: of a ticket known then or not, dated before or after it."""

    ticket: int
    service: int
    recorded_after: int
    occurred_before: int | None
    state: TicketState
    priority: str


later = st.builds(
    Later,
    ticket=st.integers(0, 200),
    service=st.integers(0, SERVICES - 1),
    recorded_after=st.integers(1, 60 * DAY),
    occurred_before=st.none() | st.integers(0, 20 * DAY),
    state=st.sampled_from(list(TicketState)),
    priority=st.sampled_from(["1", "3"]),
)


@settings(max_examples=25)
@given(st.integers(0, 50), st.lists(later, min_size=1, max_size=40))
def test_adding_what_was_recorded_after_the_instant_changes_no_period_forecast(seed: int, added: list[Later]) -> None:
    happenings = organisation(seed)
    usual = forecasts(happenings)
    assert len(usual) == SERVICES
    first = {found.ticket: found for found in reversed(happenings)}
    unknown = Happening(0, INSTANT - 21 * DAY, 0)
    happenings += [
        replace(
            first.get(found.ticket, replace(unknown, service_id=UUID(int=found.service + 1))),
            ticket=found.ticket,
            recorded_at=INSTANT + found.recorded_after,
            occurred_at=None if found.occurred_before is None else INSTANT - found.occurred_before,
            state=found.state,
            priority=found.priority,
            outcome=None,
        )
        for found in added
    ]
    assert forecasts(happenings) == usual


def test_a_miss_recorded_by_the_instant_does_change_a_forecast() -> None:
    """So that the law above can fail."""
    happenings = organisation(1)
    opened = to_epoch(from_epoch(INSTANT) - timedelta(days=9))
    open_still = Happening(999, opened, INSTANT, service_id=UUID(int=2))
    before, after = forecasts(happenings), forecasts([*happenings, open_still])
    (was,), (became,) = ([made for made in said if made.service_id == UUID(int=2)] for said in (before, after))
    assert became.inputs["missed"] == was.inputs["missed"] + 1
    assert became.probability >= was.probability
    assert [made for made in after if made != became] == [made for made in before if made != was]
