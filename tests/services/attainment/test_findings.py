from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.agreements.rules import AgreementKind
from services.attainment.figures import (
    NO_CLOCKS,
    Figures,
    Selection,
    SelectionBasis,
    TargetFigures,
    TicketCounts,
)
from services.attainment.findings import FindingCode, FindingWeight, findings
from services.tickets.rules import ClosingStall

TICKETS = TicketCounts(
    tickets=1_000,
    closed=1_000,
    recorded_met=950,
    recorded_missed=50,
    reopened=10,
    missed_resolution_known=50,
    missed_though_resolved_quickly=1,
)
CLOCKS = replace(NO_CLOCKS, met=900, missed=100, compared=1_000, agreeing=990)
DISAGREEING = replace(CLOCKS, agreeing=0)
TARGET = TargetFigures(
    target_id=UUID(int=1),
    key="resolve",
    name="Resolved in time",
    agreement="Mail SLA",
    agreement_kind=AgreementKind.SLA,
    duration_seconds=3_600,
    objective_percent=Decimal(95),
    stop_states=("resolved", "closed"),
    assumed=False,
    clocks=CLOCKS,
    worst_ticket=None,
)
HEALTHY = Figures(
    organisation="Any",
    time_zone="UTC",
    selection=Selection(SelectionBasis.CLOSED, None, None),
    quickly=timedelta(hours=72),
    last_event_at=datetime(2026, 7, 1, tzinfo=UTC),
    tickets=TICKETS,
    clocks=CLOCKS,
    targets=(TARGET,),
    groups=(),
    stalls=(),
    last_opened_on=date(2026, 6, 30),
    closed_after_last_opening=0,
    overdue=0,
    examples={},
)
STALL = ClosingStall(date(2026, 6, 20), date(2026, 7, 3), 12, 900, 1_000, 800)


def codes(figures: Figures) -> list[FindingCode]:
    return [finding.code for finding in findings(figures)]


def test_ordinary_figures_give_no_finding() -> None:
    assert codes(HEALTHY) == []


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        (replace(HEALTHY, tickets=TicketCounts(0, 0, 0, 0, 0, 0, 0)), FindingCode.NO_TICKETS),
        (replace(HEALTHY, stalls=(STALL,)), FindingCode.CLOSING_STALLED),
        (
            replace(HEALTHY, tickets=replace(TICKETS, missed_though_resolved_quickly=3)),
            FindingCode.MISSED_THOUGH_RESOLVED,
        ),
        (replace(HEALTHY, closed_after_last_opening=30), FindingCode.ENDS_BY_OPENING),
        (
            replace(HEALTHY, targets=(replace(TARGET, clocks=replace(CLOCKS, agreeing=949)),)),
            FindingCode.CLOCKS_DISAGREE,
        ),
        (replace(HEALTHY, clocks=replace(CLOCKS, met_only_after_pausing=45)), FindingCode.MET_ONLY_AFTER_PAUSING),
        (replace(HEALTHY, tickets=replace(TICKETS, reopened=50)), FindingCode.REOPENED),
        (replace(HEALTHY, overdue=1), FindingCode.STILL_OVERDUE),
        (replace(HEALTHY, targets=(replace(TARGET, assumed=True),)), FindingCode.ASSUMED_TARGETS),
        (replace(HEALTHY, targets=()), FindingCode.NO_TARGETS),
    ],
)
def test_each_rule_finds_what_it_is_for(figures: Figures, code: FindingCode) -> None:
    assert codes(figures) == [code]


@pytest.mark.parametrize(
    "figures",
    [
        replace(HEALTHY, tickets=replace(TICKETS, missed_resolution_known=29, missed_though_resolved_quickly=29)),
        replace(HEALTHY, closed_after_last_opening=29),
        replace(HEALTHY, targets=(replace(TARGET, clocks=replace(CLOCKS, agreeing=950)),)),
        replace(HEALTHY, targets=(replace(TARGET, agreement_kind=AgreementKind.OLA, clocks=DISAGREEING),)),
        replace(HEALTHY, targets=(replace(TARGET, stop_states=("in_progress", "closed"), clocks=DISAGREEING),)),
        replace(HEALTHY, targets=(replace(TARGET, clocks=replace(CLOCKS, compared=29, agreeing=0)),)),
        replace(HEALTHY, clocks=replace(CLOCKS, met=29, met_only_after_pausing=29)),
        replace(HEALTHY, tickets=replace(TICKETS, tickets=29, reopened=29)),
    ],
)
def test_too_few_tickets_or_too_small_a_share_are_no_finding(figures: Figures) -> None:
    assert codes(figures) == []


def test_what_distorts_the_numbers_comes_before_what_is_missing() -> None:
    figures = replace(HEALTHY, stalls=(STALL,), overdue=3, targets=(replace(TARGET, assumed=True),))
    weights = [finding.weight for finding in findings(figures)]
    assert weights == [FindingWeight.DISTORTS, FindingWeight.MATTERS, FindingWeight.MISSING]


def test_a_stall_is_told_with_its_dates_counts_and_what_users_felt() -> None:
    tickets = replace(TICKETS, missed_though_resolved_quickly=40)
    sentence = findings(replace(HEALTHY, tickets=tickets, stalls=(STALL,)))[0].sentence
    assert sentence == (
        "Closing stalled from 20 June 2026 to 3 July 2026: 12 tickets were closed in 14 days, while 900 were resolved"
        " (1,000 is usual). On the next day 800 were closed at once. Of the 50 recorded breaches of this review, 40"
        " were resolved within 72 hours of opening: red in the report, not felt by users."
    )


def test_a_finding_names_tickets_behind_it() -> None:
    figures = replace(HEALTHY, overdue=1, examples={FindingCode.STILL_OVERDUE: ("INC1",)})
    assert findings(figures)[0].tickets == ("INC1",)
