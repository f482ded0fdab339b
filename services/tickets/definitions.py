"""Creating what a profile promises where it is missing: calendars, service, agreement and its targets."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.agreements.commands import create_agreement
from services.agreements.queries import agreement_by_key
from services.agreements.rules import AgreementKind, TargetDefinition
from services.calendars.commands import create_calendar
from services.calendars.queries import calendar_by_key
from services.calendars.rules import Holiday, PublicHolidays, VersionDefinition, WeeklyHours
from services.catalogue.commands import create_service
from services.catalogue.queries import service_by_key
from services.db import WriteSession
from services.errors import Invalid
from services.organisations.rules import Actor
from services.tickets.sources import definitions as written
from services.tickets.sources.profile import Profile


@dataclass(frozen=True)
class ProfileDefinitions:
    """What an import's tickets belong to, and what had to be created for it, such as "calendar weekdays"."""

    service_id: UUID | None
    agreement_id: UUID | None
    created: list[str]


async def ensure_profile_definitions(
    session: WriteSession, *, actor: Actor, profile: Profile, now: datetime
) -> ProfileDefinitions:
    """Create the calendars, service and agreement of a profile that the organisation does not have by their keys.

    What exists is left as it is, whatever the profile says of it: a definition is changed by publishing a version.
    Raises Invalid when a target names a calendar that neither the profile nor the organisation has.
    """
    created: list[str] = []
    if profile.service is None:
        return ProfileDefinitions(None, None, created)
    service_id = await service_by_key(session, actor.organisation_id, key=profile.service.key)
    if service_id is None:
        service_id = await create_service(
            session, actor=actor, key=profile.service.key, name=profile.service.name, now=now
        )
        created.append(f"service {profile.service.key}")
    if profile.agreement is None or not profile.targets:
        return ProfileDefinitions(service_id, None, created)
    agreement_id = await agreement_by_key(session, actor.organisation_id, key=profile.agreement.key)
    if agreement_id is None:
        calendars = await _ensure_calendars(session, actor, profile, profile.agreement.valid_from, created, now)
        agreement_id = await create_agreement(
            session,
            actor=actor,
            key=profile.agreement.key,
            name=profile.agreement.name,
            kind=AgreementKind(profile.agreement.kind),
            service_id=service_id,
            valid_from=profile.agreement.valid_from,
            targets=[_target(target, calendars[target.calendar]) for target in profile.targets],
            reason=f"from the import profile {profile.name}",
            assumed=profile.agreement.assumed,
            now=now,
        )
        created.append(f"agreement {profile.agreement.key}")
        created.extend(f"target {target.key}" for target in profile.targets)
    return ProfileDefinitions(service_id, agreement_id, created)


async def _ensure_calendars(
    session: WriteSession, actor: Actor, profile: Profile, valid_from: datetime, created: list[str], now: datetime
) -> dict[str, UUID]:
    """The calendars the targets name, by key."""
    described = {calendar.key: calendar for calendar in profile.calendars}
    calendars: dict[str, UUID] = {}
    for key in dict.fromkeys(target.calendar for target in profile.targets):
        known = await calendar_by_key(session, actor.organisation_id, key=key)
        if known is None and key not in described:
            raise Invalid(f"the targets of the profile {profile.name} name the calendar {key!r}, which does not exist")
        if known is None:
            known = await create_calendar(
                session,
                actor=actor,
                key=key,
                name=described[key].name,
                valid_from=valid_from,
                definition=_calendar(described[key]),
                now=now,
            )
            created.append(f"calendar {key}")
        calendars[key] = known
    return calendars


def _calendar(calendar: written.CalendarDefinition) -> VersionDefinition:
    return VersionDefinition(
        time_zone=calendar.time_zone,
        windows=[
            WeeklyHours(weekday, window.opens, window.closes)
            for window in calendar.windows
            for weekday in window.iso_weekdays
        ],
        holidays=_holidays(calendar.holidays),
        public_holidays=_public_holidays(calendar.holidays),
        assumed=calendar.assumed,
    )


def _holidays(holidays: written.PublicHolidays | tuple[date, ...]) -> list[Holiday]:
    return [] if isinstance(holidays, written.PublicHolidays) else [Holiday(day, day.isoformat()) for day in holidays]


def _public_holidays(holidays: written.PublicHolidays | tuple[date, ...]) -> PublicHolidays | None:
    if not isinstance(holidays, written.PublicHolidays):
        return None
    return PublicHolidays(holidays.country, holidays.subdivision, holidays.years)


def _target(target: written.TargetDefinition, calendar_id: UUID) -> TargetDefinition:
    return TargetDefinition(
        key=target.key,
        name=target.name,
        calendar_id=calendar_id,
        duration_seconds=target.duration.total_seconds,
        limit_inclusive=target.limit_inclusive,
        start_rule=target.start,
        start_states=target.start_states,
        stop_states=target.stop_states,
        pause_states=target.pause_states,
        resume_states=target.resume_states,
        cancel_states=target.cancel_states,
        retroactive_pause=target.retroactive_pause,
        reopen_policy=target.reopen,
        priorities=target.priorities,
        categories=target.categories,
        objective_percent=target.objective_percent,
        period=target.period,
        assumed=target.assumed,
    )
