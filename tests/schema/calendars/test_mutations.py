"""Changing service hours over GraphQL."""

from typing import Any

from services.db import Database
from services.organisations.rules import Actor
from tests.factories.organisations import new_actor
from tests.schema.mutating import Changes, fields_of

DEFINITION: dict[str, Any] = {
    "timeZone": "Europe/London",
    "windows": [
        {"weekday": 1, "opens": "09:00", "closes": "17:00"},
        {"weekday": 5, "opens": "22:00", "closes": "06:00"},
    ],
    "holidays": [{"date": "2026-12-25", "name": "Christmas"}],
    "closures": [{"startsAt": "2026-07-01T10:00:00Z", "endsAt": "2026-07-01T12:00:00Z", "reason": "Moving"}],
}
CALENDAR = {"key": "office", "name": "Office", "validFrom": "2026-01-01T00:00:00Z", "definition": DEFINITION}
VERSION = """... on CalendarVersionPayload { version {
    validFrom timeZone holidaysReviewed holidaySource holidays { date name } windows { weekday opens closes }
} }"""


async def calendar_id(change: Changes, actor: Actor, **different: Any) -> str:
    answer = await change(actor, "createCalendar", CALENDAR | different, "... on CalendarPayload { calendar { id } }")
    return str(answer["calendar"]["id"])


async def test_a_calendar_is_answered_as_it_was_written(actor: Actor, change: Changes) -> None:
    answer = await change(
        actor,
        "createCalendar",
        CALENDAR,
        """... on CalendarPayload { calendar { key versions {
            timeZone assumed windows { weekday opens closes } holidays { date name }
            closures { startsAt endsAt reason }
        } } }""",
    )
    assert answer["calendar"] == {"key": "office", "versions": [{**DEFINITION, "assumed": False}]}


async def test_every_problem_is_named_by_its_place_in_the_input(actor: Actor, change: Changes) -> None:
    windows = [{"weekday": 9, "opens": "09:00", "closes": "09:00"}]
    definition = {"timeZone": "Mars", "windows": windows, "publicHolidays": {"country": "XX", "years": [2026]}}
    answer = await change(actor, "createCalendar", CALENDAR | {"key": "", "definition": definition})
    assert fields_of(answer) == [
        "definition.publicHolidays.country",
        "definition.timeZone",
        "definition.windows.0.closes",
        "definition.windows.0.weekday",
        "key",
    ]


async def test_a_version_is_published_and_its_holidays_reviewed(actor: Actor, change: Changes) -> None:
    calendar = await calendar_id(change, actor)
    definition = {
        "timeZone": "Europe/Berlin",
        "windows": [{"weekday": 1, "opens": "00:00", "closes": "24:00"}],
        "publicHolidays": {"country": "DE", "subdivision": "BY", "years": [2026]},
    }
    published = await change(
        actor,
        "publishCalendarVersion",
        {"calendarId": calendar, "validFrom": "2026-02-01T00:00:00Z", "definition": definition},
        VERSION,
    )
    reviewed = await change(actor, "reviewHolidays", {"calendarId": calendar}, VERSION)
    assert published["version"]["holidaysReviewed"] is False
    assert published["version"]["holidaySource"].endswith("DE-BY, 2026 to 2026")
    assert "2026-11-01" in [holiday["date"] for holiday in published["version"]["holidays"]]
    assert reviewed["version"] == published["version"] | {
        "validFrom": "2026-06-01T10:00:00Z",
        "holidaysReviewed": True,
    }


async def test_a_second_version_from_the_same_instant_is_a_conflict(actor: Actor, change: Changes) -> None:
    given = {"calendarId": await calendar_id(change, actor), "definition": DEFINITION}
    answer = await change(actor, "publishCalendarVersion", given | {"validFrom": CALENDAR["validFrom"]})
    assert answer["__typename"] == "ConflictProblem"


async def test_calendars_of_another_organisation_are_not_found(
    actor: Actor, change: Changes, database: Database
) -> None:
    foreign = await calendar_id(change, await new_actor(database))
    given = {"calendarId": foreign, "validFrom": "2026-02-01T00:00:00Z", "definition": DEFINITION}
    assert (await change(actor, "publishCalendarVersion", given))["__typename"] == "NotFoundProblem"
    assert (await change(actor, "reviewHolidays", {"calendarId": foreign}))["__typename"] == "NotFoundProblem"
