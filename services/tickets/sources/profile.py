"""What must be known about an export that its columns do not say: zone, notations, states, and the targets in force."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from services.domain.vocabulary import TicketState
from services.errors import FieldProblem, Invalid
from services.tickets.sources.columns import EventField, Layout, plain
from services.tickets.sources.dates import READ_ALIKE, DateNotation
from services.tickets.sources.definitions import (
    AgreementDefinition,
    CalendarDefinition,
    Name,
    Part,
    ServiceDefinition,
    SourceWord,
    TargetDefinition,
    ZoneName,
)

MAX_PROFILE_BYTES = 1 << 20
MAX_PROBLEMS_IN_MESSAGE = 5

ColumnNames = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]


class OutcomeWords(Part):
    """The words of the outcome column, in any case: was the promise kept?"""

    met: tuple[SourceWord, ...] = ("true", "yes", "1")
    missed: tuple[SourceWord, ...] = ("false", "no", "0")


class SourceProfile(Part):
    """What has to be known about the times and blanks of any export."""

    name: Name = "built-in column names"
    matches: tuple[str, ...] = ()
    """Columns that must all be there for the profile to be used unasked; empty: only when it is given."""
    time_zone: ZoneName | None = None
    """Zone of written times that name no offset."""
    time_zone_assumed: bool = False
    date_formats: tuple[DateNotation, ...] = ()
    """Beside year-first dates, which are always understood. Empty: found out from a sample, or refused as ambiguous."""
    missing: tuple[SourceWord, ...] = ("?",)
    """What stands for "no value", beside blanks."""

    @model_validator(mode="after")
    def _has_one_notation_of_a_kind(self) -> Self:
        for first, second in READ_ALIKE:
            if first in self.date_formats and second in self.date_formats:
                raise ValueError(f"date_formats has both {first} and {second}, which cannot be told apart")
        return self


class Profile(SourceProfile):
    """How one kind of export is read, and what to create where it is missing. Every setting has a default."""

    layout: Layout = Layout.UPDATES
    columns: dict[EventField, ColumnNames] = Field(default_factory=dict)
    states: dict[SourceWord, TicketState] = Field(default_factory=dict)
    """Words that mean something else here than in ServiceNow's incident process, or are not known to it."""
    outcome: OutcomeWords = OutcomeWords()
    calendars: tuple[CalendarDefinition, ...] = ()
    service: ServiceDefinition | None = None
    agreement: AgreementDefinition | None = None
    targets: tuple[TargetDefinition, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.targets and (self.service is None or self.agreement is None):
            raise ValueError("targets need a service and an agreement that promises them")
        for kind, keys in (
            ("calendars", [calendar.key for calendar in self.calendars]),
            ("targets", [target.key for target in self.targets]),
        ):
            if repeated := [key for key, count in Counter(keys).items() if count > 1]:
                raise ValueError(f"{kind} has the key {repeated[0]!r} more than once")
        return self


AnyProfile = TypeVar("AnyProfile", bound=SourceProfile)


class _StrictLoader(yaml.SafeLoader):
    """YAML without silent loss: a setting written twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if repeated := [key for key, count in Counter(map(str, keys)).items() if count > 1]:
            raise yaml.constructor.ConstructorError(
                None, None, f"{repeated[0]!r} is written more than once", node.start_mark
            )
        return super().construct_mapping(node, deep)


def load_profile(path: Path) -> Profile:
    """The profile in a YAML file. Raises Invalid naming the file and each setting at fault."""
    return load_profile_as(Profile, path)


def load_profile_as(kind: type[AnyProfile], path: Path) -> AnyProfile:
    """The profile of this kind in a YAML file. Raises Invalid naming the file and each setting at fault."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_PROFILE_BYTES + 1)
    except OSError as error:
        raise Invalid(f"{path}: the profile cannot be read: {error.strerror}") from None
    if len(text) > MAX_PROFILE_BYTES:
        raise Invalid(f"{path}: a profile has at most {MAX_PROFILE_BYTES} bytes")
    return _profile(kind, text, str(path))


def _profile(kind: type[AnyProfile], text: bytes, origin: str) -> AnyProfile:
    try:
        content = yaml.load(text, _StrictLoader)  # noqa: S506 - a SafeLoader that also refuses repeated keys
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a ValueError is a date such as 2026-02-30
        raise Invalid(f"{origin}: the profile is not valid YAML: {error}") from None
    if not isinstance(content, dict):
        raise Invalid(f"{origin}: a profile is a YAML mapping of settings such as time_zone and states")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        problems = [
            FieldProblem(".".join(map(str, detail["loc"])), detail["msg"].removeprefix("Value error, "))
            for detail in error.errors(include_url=False, include_context=False)
        ]
    said = "; ".join(f"{p.field or 'profile'}: {p.message}" for p in problems[:MAX_PROBLEMS_IN_MESSAGE])
    more = len(problems) - MAX_PROBLEMS_IN_MESSAGE
    raise Invalid(f"{origin}: {said}" + (f"; and {more} more" if more > 0 else ""), problems)


def profiles_in(folder: str, kind: type[AnyProfile]) -> tuple[AnyProfile, ...]:
    """The example profiles of this kind that come with the program, in a folder beside this file."""
    listed = (files(__package__) / folder).iterdir()
    shipped = sorted((file for file in listed if file.name.endswith(".yaml")), key=lambda file: file.name)
    return tuple(_profile(kind, file.read_bytes(), file.name) for file in shipped)


@cache
def shipped_profiles() -> tuple[Profile, ...]:
    """The example profiles for exports of tickets."""
    return profiles_in("profiles", Profile)


def matching(columns: Sequence[str], profiles: Iterable[AnyProfile]) -> AnyProfile | None:
    """The first of the profiles that is made for these columns."""
    present = {plain(column) for column in columns}
    made_for = (p for p in profiles if p.matches and present.issuperset(map(plain, p.matches)))
    return next(made_for, None)


def profile_for(columns: Sequence[str], layout: Layout = Layout.UPDATES) -> Profile | None:
    """The shipped example profile made for these columns and this layout, if there is one."""
    return matching(columns, (profile for profile in shipped_profiles() if profile.layout is layout))
