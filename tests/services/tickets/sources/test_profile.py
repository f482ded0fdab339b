"""A profile is complete and unambiguous, or the error names the file and the setting."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule, TicketState
from services.errors import Invalid
from services.tickets.sources.columns import EventField, Layout
from services.tickets.sources.definitions import PublicHolidays
from services.tickets.sources.profile import Profile, load_profile, profile_for, shipped_profiles
from tests.services.tickets.sources.exports import written

COMPLETE = """
name: desk
columns: {number: Task, team: [Squad, Crew], priority: []}
time_zone: Europe/Berlin
date_formats: [M/D/YYYY]
missing: ["?", n/a]
states: {Parked: on_hold, -100: unknown, 9: closed}
outcome: {met: [kept], missed: [broken]}
service: {key: desk, name: Desk}
agreement: {key: desk-sla, name: Desk, kind: sla, assumed: true, valid_from: 2016-01-01T00:00:00Z}
calendars:
  - key: office
    name: Office hours
    time_zone: Europe/Berlin
    windows:
      - {weekdays: [monday, friday], opens: "08:00", closes: "24:00"}
      - {weekday: sunday, opens: "22:00", closes: "06:00"}
    holidays: {country: DE, subdivision: BY, years: [2026]}
  - key: other
    name: Other
    time_zone: UTC
    windows: [{weekday: monday, opens: "08:00", closes: "09:00"}]
    holidays: [2026-12-25]
targets:
  - key: t
    name: T
    calendar: office
    duration: {hours: 1, minutes: 30}
    stop_states: [resolved]
    priorities: [3]
    objective_percent: 99.9
"""


def test_a_complete_profile_is_read(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, COMPLETE, "desk.yaml"))
    assert profile.columns == {
        EventField.NUMBER: ("Task",),
        EventField.TEAM: ("Squad", "Crew"),
        EventField.PRIORITY: (),
    }
    assert profile.states == {
        "Parked": TicketState.ON_HOLD,
        "-100": TicketState.UNKNOWN,
        "9": TicketState.CLOSED,
    }
    office, other = profile.calendars
    day, night = office.windows
    assert (day.iso_weekdays, day.opens_seconds, day.closes_seconds) == ((1, 5), 8 * 3600, 24 * 3600)
    assert (night.iso_weekdays, night.opens_seconds, night.closes_seconds) == ((7,), 22 * 3600, 30 * 3600)
    assert office.holidays == PublicHolidays(country="DE", subdivision="BY", years=(2026,))
    assert other.holidays == (date(2026, 12, 25),)
    (target,) = profile.targets
    assert target.duration.total_seconds == 5_400
    assert target.priorities == ("3",)
    assert target.objective_percent == Decimal("99.9")
    assert (target.start, target.reopen, target.period) == (
        StartRule.FROM_OPENING,
        ReopenPolicy.CONTINUOUS,
        PeriodKind.MONTH,
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("time_zone: Europe/Berlin\ndate", "time_zone: Mars/Olympus\ndate"),
            "time_zone: 'Mars/Olympus' is not an IANA",
        ),
        (("time_zone: Europe/Berlin\ndate", "time_zone: ../etc/passwd\ndate"), "time_zone: "),
        (("time_zone: Europe/Berlin\ndate", "time_zone: Europe\ndate"), "time_zone: "),
        (("[M/D/YYYY]", "[M/D/YYYY, D/M/YYYY]"), "cannot be told apart"),
        (("[M/D/YYYY]", "[YYYY]"), "date_formats.0: "),
        (("Parked: on_hold", "Parked: asleep"), "states.Parked: "),
        (("columns: {number", "columns: {nummer"), "columns.nummer"),
        (("name: desk\n", "nmae: desk\n"), "nmae: Extra inputs are not permitted"),
        (("name: desk\n", "name: desk\nname: other\n"), "'name' is written more than once"),
        (('opens: "22:00"', "opens: 22:00"), "write the time of day in quotes"),
        (('opens: "22:00"', 'opens: "22:60"'), "calendars.0.windows.1.opens: "),
        (('opens: "22:00"', 'opens: "06:00"'), "a window needs a length"),
        (("weekday: sunday", "weekday: someday"), "calendars.0.windows.1.weekday: "),
        (("{weekday: sunday,", "{weekday: sunday, weekdays: [monday],"), "either one weekday or a list"),
        (("{weekday: sunday,", "{"), "either one weekday or a list"),
        (("key: other", "key: office"), "calendars has the key 'office' more than once"),
        (("years: [2026]", "years: []"), "calendars.0.holidays"),
        (("{hours: 1, minutes: 30}", "{days: 1}"), "targets.0.duration.days: "),
        (("{hours: 1, minutes: 30}", "{hours: 0}"), "a duration lies above 0"),
        (("{hours: 1, minutes: 30}", "{hours: -1}"), "targets.0.duration.hours: "),
        (("{hours: 1, minutes: 30}", "90"), "targets.0.duration: "),
        (("objective_percent: 99.9", "objective_percent: 101"), "targets.0.objective_percent: "),
        (("stop_states: [resolved]", "stop_states: []"), "targets.0.stop_states: "),
        (("service: {key: desk, name: Desk}\n", ""), "targets need a service and an agreement"),
        (("2016-01-01T00:00:00Z", "2016-01-01T00:00:00"), "agreement.valid_from: "),
        (("name: desk\n", "name: [\n"), "not valid YAML"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in COMPLETE
    path = written(tmp_path, COMPLETE.replace(*change, 1), "desk.yaml")
    with pytest.raises(Invalid) as refusal:
        load_profile(path)
    assert said in refusal.value.message
    assert "desk.yaml" in refusal.value.message


@pytest.mark.parametrize("content", ["", "- a list", "only text", "!!python/object/apply:os.system ['true']", "\0"])
def test_what_is_no_mapping_is_no_profile(tmp_path: Path, content: str) -> None:
    with pytest.raises(Invalid, match=r"desk\.yaml"):
        load_profile(written(tmp_path, content, "desk.yaml"))


def test_an_absent_file_and_an_endless_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        load_profile(tmp_path / "none.yaml")
    with pytest.raises(Invalid, match="at most"):
        load_profile(written(tmp_path, "#" * 2_000_000, "long.yaml"))


def test_the_shipped_profile_fits_its_columns_and_marks_what_it_assumes() -> None:
    (shipped,) = [one for one in shipped_profiles() if one.layout is Layout.UPDATES]
    assert profile_for([*shipped.matches, "one more"]) is shipped
    assert shipped.time_zone == "UTC"
    assert shipped.time_zone_assumed
    assert shipped.agreement is not None
    assert shipped.agreement.assumed
    assert all(calendar.assumed for calendar in shipped.calendars)
    assert all(target.assumed for target in shipped.targets)
    assert {t.priorities: t.duration.total_seconds for t in shipped.targets} == {
        ("3 - Moderate",): 153 * 3600,
        ("4 - Low",): 346 * 3600,
    }


def test_a_column_short_of_its_layout_the_shipped_profile_is_not_used() -> None:
    (shipped,) = [one for one in shipped_profiles() if one.layout is Layout.UPDATES]
    assert profile_for(shipped.matches[1:]) is None
    assert profile_for([]) is None


def test_a_profile_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Profile().time_zone = "UTC"
