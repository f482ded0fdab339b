"""Service hours: a calendar, its versions, and what each version says about open and closed time."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.db import Base, Recorded, Tenant, Versioned, Writes, table_info

VERSION_KEY = ["calendar_version.organisation_id", "calendar_version.id"]


class Calendar(Base, Tenant, Recorded, Versioned):
    """A named schedule of service hours; what it says is in its versions."""

    __tablename__ = "calendar"
    __table_args__ = (UniqueConstraint("organisation_id", "key"), {"info": table_info(Writes.REPLACE)})
    key: Mapped[str]
    name: Mapped[str]


class CalendarVersion(Base, Tenant, Recorded):
    """What a calendar says from `valid_from` until the start of its next version."""

    __tablename__ = "calendar_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "calendar_id", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "calendar_id"], ["calendar.organisation_id", "calendar.id"]),
        {"info": table_info(Writes.APPEND)},
    )
    calendar_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    time_zone: Mapped[str]
    holiday_source: Mapped[str | None]
    holidays_reviewed: Mapped[bool]
    assumed: Mapped[bool]


class CalendarWindow(Base, Tenant):
    """One weekly opening: seconds from local midnight of an ISO weekday; over midnight when `closes` exceeds a day."""

    __tablename__ = "calendar_window"
    __table_args__ = (
        UniqueConstraint("organisation_id", "calendar_version_id", "weekday", "opens"),
        ForeignKeyConstraint(["organisation_id", "calendar_version_id"], VERSION_KEY),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("opens >= 0 AND opens < 86400 AND closes > opens AND closes <= opens + 86400", name="hours"),
        {"info": table_info(Writes.APPEND)},
    )
    calendar_version_id: Mapped[UUID]
    weekday: Mapped[int] = mapped_column(SmallInteger)
    opens: Mapped[int]
    closes: Mapped[int]


class CalendarHoliday(Base, Tenant):
    """A local date without service hours, copied into the version so that a library update moves no deadline."""

    __tablename__ = "calendar_holiday"
    __table_args__ = (
        UniqueConstraint("organisation_id", "calendar_version_id", "date"),
        ForeignKeyConstraint(["organisation_id", "calendar_version_id"], VERSION_KEY),
        {"info": table_info(Writes.APPEND)},
    )
    calendar_version_id: Mapped[UUID]
    date: Mapped[date]
    name: Mapped[str]


class CalendarClosure(Base, Tenant):
    """A closed interval between two instants, half-open, with its reason."""

    __tablename__ = "calendar_closure"
    __table_args__ = (
        UniqueConstraint("organisation_id", "calendar_version_id", "starts_at"),
        ForeignKeyConstraint(["organisation_id", "calendar_version_id"], VERSION_KEY),
        CheckConstraint("ends_at > starts_at", name="interval"),
        {"info": table_info(Writes.APPEND)},
    )
    calendar_version_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
