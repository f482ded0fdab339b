"""The patterns as data: what each says, on which units it is judged, by which predicates, and what helps."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from services.errors import FieldProblem, Invalid

PATTERN_IDS = (
    *(f"G{number}" for number in range(1, 7)),
    *(f"B{number}" for number in range(1, 9)),
    *(f"Q{number}" for number in range(1, 6)),
    *(f"R{number}" for number in range(1, 5)),
)

Words = Annotated[str, Field(min_length=3, max_length=500)]
Level = Annotated[int, Field(ge=1, le=5)]
Days = Annotated[int, Field(ge=1, le=3660)]
PersonDays = Annotated[float, Field(gt=0, le=1000)]

STRICT = ConfigDict(extra="forbid")
"""A setting that is misspelt is an error, not a default."""


class Family(StrEnum):
    """What a pattern is for; the first letter of its id."""

    GOOD = "good"
    BAD = "bad"
    QUESTION = "question"
    RHYTHM = "rhythm"


FAMILIES = {"G": Family.GOOD, "B": Family.BAD, "Q": Family.QUESTION, "R": Family.RHYTHM}


@dataclass(frozen=True)
class Predicate:
    """What has to hold for a unit to stand at a level, given that it stands at the one below.

    Records older than `fresh_days` count for nothing; None judges things as they stand. `effort_days` are the
    person-days to make it hold for one unit, for want of the organisation's own figure.
    """

    __pydantic_config__ = STRICT
    holds_when: Words
    effort_days: PersonDays
    fresh_days: Days | None = None


@dataclass(frozen=True)
class Caps:
    """The highest limiting level an organisation can have while the pattern is this frequent; None does not limit."""

    __pydantic_config__ = STRICT
    common: Level | None = None
    endemic: Level | None = None
    confirmed_on_critical_service: Level | None = None

    @property
    def severest(self) -> int | None:
        """The lowest of them."""
        return min(
            (cap for cap in (self.common, self.endemic, self.confirmed_on_critical_service) if cap), default=None
        )


@dataclass(frozen=True)
class Prevalence:
    """How a bad pattern is judged: by the share of units that show it, and by the control that prevents it."""

    __pydantic_config__ = STRICT
    bad_when: Words
    guard: Words
    repair_days: PersonDays
    guard_days: PersonDays
    caps: Caps
    fresh_days: Days | None = None

    def predicates(self, units: str) -> tuple[Predicate, ...]:
        """The levels in words, mirrored: each allows a smaller share of bad units."""
        shares = [(50, self.repair_days), (15, self.repair_days), (5, self.repair_days)]
        fewer = [
            Predicate(f"At most {percent} % of the {units} show it.", effort, self.fresh_days)
            for percent, effort in shares
        ]
        guarded = f"At most 5 % show it, none newly for two quarters, and it is prevented: {self.guard}"
        return (*fewer, Predicate(guarded, self.guard_days, self.fresh_days))


@dataclass(frozen=True)
class Availability:
    """How far the records that can be kept here reach: up to which level, and which kinds are missing beyond it.

    `up_to` None: no level can be told.
    """

    __pydantic_config__ = STRICT
    up_to: Annotated[int, Field(ge=2, le=5)] | None = None
    missing: tuple[Words, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.missing) == (self.up_to == 5):
            raise ValueError("missing names the records that levels above up_to need, and is empty when up_to is 5")


@dataclass(frozen=True)
class Pattern:
    """One way of working, good or bad.

    `anchors` describe levels 1 to 5 for people who judge themselves. `predicates` are those of levels 2 to 5 and
    nested: each presumes the one before. A bad pattern has `prevalence` instead, and its predicates follow from it.
    """

    __pydantic_config__ = STRICT
    id: str
    title: Words
    statement: Words
    motivation: Words
    unit: Words
    units: Words
    window: Words
    may_be_not_applicable: bool
    anchors: tuple[Words, Words, Words, Words, Words]
    ask: Annotated[tuple[Words, ...], Field(min_length=1)]
    data: Annotated[tuple[Words, ...], Field(min_length=1)]
    remedy: Words
    evidence: Availability = field(default_factory=lambda: Availability(up_to=5))
    predicates: Annotated[tuple[Predicate, ...], Field(max_length=4)] = ()
    prevalence: Prevalence | None = None

    def __post_init__(self) -> None:
        if self.id not in PATTERN_IDS:
            raise ValueError(f"id is one of {', '.join(PATTERN_IDS)}, got {self.id!r}")
        if (self.prevalence is not None) != (self.family is Family.BAD):
            raise ValueError("prevalence is what bad patterns have, and no others")
        if self.prevalence is not None:
            following = self.prevalence.predicates(self.units)
            if self.predicates not in ((), following):
                raise ValueError("the predicates of a bad pattern follow from its prevalence; leave them out")
            object.__setattr__(self, "predicates", following)
        if len(self.predicates) != 4:
            raise ValueError(f"predicates are four, for levels 2 to 5, got {len(self.predicates)}")

    @property
    def family(self) -> Family:
        """Good, bad, question or rhythm."""
        return FAMILIES[self.id[0]]


@dataclass(frozen=True)
class PatternSet:
    """Patterns by id, in their order. `version` names the content that a stored score was computed with."""

    number: int
    patterns: Mapping[str, Pattern]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, hexadecimal: independent of comments, order of settings and line endings."""
        content = {key: asdict(pattern) for key, pattern in self.patterns.items()}
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def version(self) -> str:
        """The number with the first twelve digits of the digest, such as `1-0123456789ab`."""
        return f"{self.number}-{self.digest[:12]}"

    def of(self, family: Family) -> tuple[Pattern, ...]:
        """The patterns of one family, in order."""
        return tuple(pattern for pattern in self.patterns.values() if pattern.family is family)


_PATTERN = TypeAdapter(Pattern)


def read_pattern(text: str, origin: str) -> Pattern:
    """One pattern from TOML; `origin` names it in errors. Raises Invalid naming each setting at fault."""
    try:
        return _PATTERN.validate_python(_parsed(text, origin))
    except ValidationError as error:
        problems = [
            FieldProblem(".".join(map(str, detail["loc"])), detail["msg"].removeprefix("Value error, "))
            for detail in error.errors(include_url=False, include_context=False)
        ]
    raise Invalid(f"{origin}: " + "; ".join(f"{p.field or 'pattern'}: {p.message}" for p in problems), problems)


def read_patterns(texts: Mapping[str, str], number: int) -> PatternSet:
    """The set in files by name (`G1.toml`). Raises Invalid unless each pattern is there once, in the file of its id."""
    patterns = {origin: read_pattern(text, origin) for origin, text in texts.items()}
    if misplaced := [origin for origin, pattern in patterns.items() if origin != f"{pattern.id}.toml"]:
        raise Invalid(
            f"{misplaced[0]}: the file of pattern {patterns[misplaced[0]].id} is {patterns[misplaced[0]].id}.toml"
        )
    found = {pattern.id: pattern for pattern in patterns.values()}
    if absent := [pattern_id for pattern_id in PATTERN_IDS if pattern_id not in found]:
        raise Invalid(f"patterns are missing: {', '.join(absent)}")
    return PatternSet(number, {pattern_id: found[pattern_id] for pattern_id in PATTERN_IDS})


@cache
def shipped_patterns() -> PatternSet:
    """The patterns that come with the program."""
    folder = files(__package__) / "patterns"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in names if name != "set.toml"}
    return read_patterns(texts, shipped_set()["number"])


def shipped_set() -> dict[str, Any]:
    """The number of the shipped set, and the digest it was given for."""
    return _parsed((files(__package__) / "patterns" / "set.toml").read_text(encoding="utf-8"), "set.toml")


def _parsed(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{origin}: the file is not valid TOML: {error}") from None
