"""The generated organisation: the same for the same seed, plausible, and with its plants where the truth says."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from services.domain.business_time import BusinessCalendar, CalendarDefinition, compile_calendar
from services.domain.instants import to_epoch
from services.domain.vocabulary import Outcome, TicketState
from services.organisations.rules import PartyKind
from services.tickets.rules import DailyFlow, closing_stalls
from slm.reference.generate import generate
from slm.reference.organisation import Blueprint, TicketFact
from slm.reference.truth import Plant, PlantedFact, Truth
from slm.reference.wexcombe_agreements import RESOLUTION_HOURS, SERVICE_LEVELS

UNTIL = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/London")


@cache
def generated(seed: int = 7) -> tuple[Blueprint, Truth]:
    return generate(seed, UNTIL)


def planted(plant: Plant) -> PlantedFact:
    (fact,) = generated()[1].of(plant)
    return fact


def tickets_by_key() -> dict[str, TicketFact]:
    return {ticket.events[0].ticket_key: ticket for ticket in generated()[0].tickets}


def states(ticket: TicketFact) -> list[TicketState]:
    return [event.state for event in ticket.events]


def reopened(ticket: TicketFact) -> bool:
    return any(
        before is TicketState.RESOLVED and after is TicketState.IN_PROGRESS
        for before, after in pairwise(states(ticket))
    )


def test_the_same_seed_and_end_give_an_equal_organisation_and_truth() -> None:
    assert generate(11, UNTIL) == generate(11, UNTIL)


def test_another_seed_gives_other_tickets_but_the_same_agreements() -> None:
    (one, _), (other, _) = generated(7), generated(8)
    assert one.tickets != other.tickets
    assert (one.services, one.agreements, one.calendars) == (other.services, other.agreements, other.calendars)


def test_fractions_of_a_second_of_the_end_make_no_difference() -> None:
    assert generate(7, UNTIL + timedelta(microseconds=999_999)) == generated()


def test_nothing_is_known_from_after_the_end() -> None:
    for ticket in generated()[0].tickets:
        for event in ticket.events:
            assert event.opened_at <= event.occurred_at == event.recorded_at < UNTIL


def test_events_of_a_ticket_follow_one_another_and_are_numbered() -> None:
    for ticket in generated()[0].tickets:
        assert [event.sequence for event in ticket.events] == list(range(len(ticket.events)))
        assert all(before.occurred_at < after.occurred_at for before, after in pairwise(ticket.events))
        assert ticket.events[0].state is TicketState.NEW


@pytest.mark.parametrize("seed", range(1, 6))
def test_there_are_about_three_thousand_tickets_and_some_of_every_standing(seed: int) -> None:
    blueprint, _ = generated(seed)
    assert 2_500 < len(blueprint.tickets) < 3_500
    standing = Counter(states(ticket)[-1] for ticket in blueprint.tickets)
    for state in (TicketState.IN_PROGRESS, TicketState.AWAITING_CUSTOMER, TicketState.RESOLVED, TicketState.CANCELLED):
        assert standing[state] > 0, state
    assert standing[TicketState.CLOSED] > 0.9 * len(blueprint.tickets)


def test_every_service_has_owners_an_agreement_and_tickets() -> None:
    blueprint, _ = generated()
    assert len(blueprint.services) == 12
    assert all(service.owners for service in blueprint.services)
    keys = {service.key for service in blueprint.services}
    assert {agreement.service for agreement in blueprint.agreements} == keys
    assert {ticket.service for ticket in blueprint.tickets} == keys


def test_agreements_are_between_known_parties_on_known_calendars() -> None:
    blueprint, _ = generated()
    kinds = {party.key: party.kind for party in blueprint.parties}
    calendars = {calendar.key for calendar in blueprint.calendars}
    for agreement in blueprint.agreements:
        assert kinds[agreement.customer] is not PartyKind.SUPPLIER
        assert kinds[agreement.provider] is not PartyKind.CUSTOMER
        assert {target.calendar for version in agreement.versions for target in version.targets} <= calendars


def test_an_agreement_is_written_down_before_it_is_in_force_and_versions_follow_one_another() -> None:
    versions = [agreement.versions for agreement in generated()[0].agreements]
    assert any(len(history) == 2 for history in versions)
    for history in versions:
        assert all(version.recorded_at < version.valid_from < UNTIL for version in history)
        assert all(before.valid_from < after.valid_from for before, after in pairwise(history))


def test_the_ticket_system_states_its_verdict_on_closing_and_only_then() -> None:
    for ticket in generated()[0].tickets:
        for event in ticket.events:
            assert (event.recorded_outcome is not None) == (event.state is TicketState.CLOSED)
    verdicts = Counter(ticket.events[-1].recorded_outcome for ticket in generated()[0].tickets)
    assert verdicts[Outcome.MISSED] > 50


@pytest.mark.parametrize("until", [date(2026, 1, 5), date(2026, 2, 28), date(2026, 3, 31), date(2024, 2, 29)])
def test_the_stall_lies_within_the_history_wherever_in_a_month_that_ends(until: date) -> None:
    end = datetime(until.year, until.month, until.day, 12, tzinfo=UTC)
    blueprint, truth = generate(3, end, tickets=300)
    (stall,) = truth.of(Plant.CLOSING_STALL)
    assert end - timedelta(days=75) < stall.starts_at < stall.ends_at < end - timedelta(days=10)
    assert len(blueprint.tickets) > 200


def test_nothing_is_closed_in_the_stall_while_resolving_goes_on() -> None:
    stall = planted(Plant.CLOSING_STALL)
    during = [
        event.state
        for ticket in generated()[0].tickets
        for event in ticket.events
        if stall.starts_at <= event.occurred_at < stall.ends_at
    ]
    assert during.count(TicketState.CLOSED) == 0
    assert during.count(TicketState.RESOLVED) > 200


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_rule_for_stalls_finds_the_planted_one_and_no_other(seed: int) -> None:
    blueprint, truth = generated(seed)
    (stall,) = truth.of(Plant.CLOSING_STALL)
    (found,) = closing_stalls(daily_flow(blueprint))
    assert found.first_day == stall.starts_at.astimezone(ZONE).date()
    assert found.last_day == stall.ends_at.astimezone(ZONE).date() - timedelta(days=1)


def daily_flow(blueprint: Blueprint) -> DailyFlow:
    first = min(ticket.events[0].opened_at for ticket in blueprint.tickets).astimezone(ZONE).date()
    days = (UNTIL.astimezone(ZONE).date() - first).days + 1
    counts = {state: np.zeros(days, np.int64) for state in (TicketState.NEW, TicketState.RESOLVED, TicketState.CLOSED)}
    for ticket in blueprint.tickets:
        for event in ticket.events:
            if event.state in counts:
                counts[event.state][(event.occurred_at.astimezone(ZONE).date() - first).days] += 1
    return DailyFlow(first, counts[TicketState.NEW], counts[TicketState.RESOLVED], counts[TicketState.CLOSED])


def test_one_team_has_a_high_share_of_reopened_tickets() -> None:
    plant = planted(Plant.RESOLVED_TOO_EARLY)
    share = {}
    for team in {ticket.events[-1].team for ticket in generated()[0].tickets}:
        theirs = [ticket for ticket in generated()[0].tickets if ticket.events[-1].team == team]
        share[team] = sum(map(reopened, theirs)) / len(theirs)
    others = [value for team, value in share.items() if team != plant.subject]
    assert share[plant.subject] > 0.1 > 0.06 > max(others)


def test_the_tickets_named_by_a_plant_belong_to_its_team() -> None:
    tickets = tickets_by_key()
    for plant in (Plant.PAUSED_BEFORE_DUE, Plant.RESOLVED_TOO_EARLY):
        fact = planted(plant)
        known = [tickets[key] for key in fact.tickets if key in tickets]
        assert len(known) > 20
        assert all(ticket.events[-1].team in (fact.subject, "Service Desk") for ticket in known)


def test_paused_before_due_means_shortly_before_what_was_promised_had_passed() -> None:
    fact = planted(Plant.PAUSED_BEFORE_DUE)
    tickets = tickets_by_key()
    assert len(fact.tickets) > 30
    for key in fact.tickets:
        ticket = tickets[key]
        pause = next(event for event in ticket.events if event.state is TicketState.AWAITING_CUSTOMER)
        assert 0.85 < share_used(ticket, pause.occurred_at) < 1.0


def share_used(ticket: TicketFact, at: datetime) -> float:
    """How much of the promised service time had passed, by the calendar of the service."""
    calendar = next(calendar for service, _, calendar, _ in SERVICE_LEVELS if service == ticket.service)
    hours = RESOLUTION_HOURS[calendar][int((ticket.events[-1].priority or "")[0]) - 1]
    elapsed = compiled(calendar).elapsed(to_epoch(ticket.events[0].opened_at), to_epoch(at))
    return float(elapsed) / (hours * 3600)


@cache
def compiled(key: str) -> BusinessCalendar:
    fact = next(calendar for calendar in generated()[0].calendars if calendar.key == key)
    holidays = frozenset(day for day, _ in fact.holidays)
    definition = CalendarDefinition(fact.time_zone, fact.windows, holidays)
    return compile_calendar(definition, date(2026, 8, 1), date(2026, 12, 31))
