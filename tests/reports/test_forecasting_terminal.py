"""The terminal report of what is at risk: nothing cut at 80 columns, and a sentence where there is nothing to show."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from reports.forecasting_terminal import board_line, targets_report, tickets_report
from services.forecasting.overview import BoardLine, TargetsAtRisk
from services.forecasting.queries import AtRisk
from services.forecasting.rules import ForecastMoment, ModelFamily, ScoreBasis

AS_OF = datetime(2026, 11, 27, 6, tzinfo=UTC)
TARGET = "Priority 3 resolved within 48 service hours of the agreed calendar"
AT_RISK = AtRisk(None, TARGET, "Store network", None, 0.87, 0.8, 0.91, ["10 missed so far, 5 allowed"], AS_OF, AS_OF)
LINE = BoardLine(ForecastMoment.OPEN, ScoreBasis.ROLLING_ORIGIN, ModelFamily.LOGISTIC, 8403, 0.132, 0.68, 0.144)


def rendered(renderable: RenderableType, width: int = 80) -> str:
    console = Console(width=width, record=True, file=StringIO())
    console.print(renderable)
    return console.export_text()


@pytest.mark.parametrize("width", [80, 120])
def test_a_target_at_risk_has_its_probability_interval_and_first_reason(width: int) -> None:
    text = rendered(targets_report(TargetsAtRisk(9, 2, 3, AS_OF, [AT_RISK]), width=width), width)
    words = " ".join(text.split())
    for shown in ("87 %", "80-91 %", "Store network · Priority 3 resolved", "agreed calendar", "10 missed so far"):
        assert shown in words
    assert "of 9 targets 2 have missed theirs already and 3 all but certainly will; of the others:" in words
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_forecasts_say_when_they_were_made() -> None:
    assert "2026-11-27 06:00 UTC" in rendered(targets_report(TargetsAtRisk(1, 0, 0, AS_OF, [AT_RISK]), width=80))


def test_nothing_to_forecast_is_said_in_a_sentence() -> None:
    assert "No running period can be forecast" in rendered(targets_report(TargetsAtRisk(0, 0, 0, None, []), width=80))
    assert "No open ticket can be forecast" in rendered(tickets_report([], width=80))
    settled = " ".join(rendered(targets_report(TargetsAtRisk(4, 4, 0, AS_OF, []), width=80)).split())
    assert "nothing is left that could still be turned" in settled


def test_the_score_board_is_a_sentence_beside_the_base_rate() -> None:
    words = " ".join(rendered(board_line([LINE])).split())
    assert "open tickets AUC 0.68, Brier 0.132 (base rate 0.144) over 8,403 forecasts" in words
    assert "periods not scored yet" in words
