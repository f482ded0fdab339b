"""Promises and what backs them as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.agreements.rules import AgreementKind, TargetKind
from services.alignment.facts import (
    AgreementFact,
    CalendarFact,
    Landscape,
    PromiseFact,
    ResponseChainFact,
    StructureFact,
    SupportFact,
)
from services.alignment.hours import Hours
from services.alignment.judgement import Judgement
from services.alignment.judging import judge
from services.alignment.structure import ComponentFact
from services.catalogue.rules import ComponentKind, Gate
from services.domain.business_time import CalendarDefinition, Window
from services.domain.vocabulary import PeriodKind

AT = datetime(2026, 6, 1, 10, tzinfo=UTC)
SERVICE = UUID(int=1)
OFFICE = UUID(int=2)
EIGHT_TO_SIX = CalendarDefinition(
    "UTC", tuple(Window(day, 8 * 3600, 18 * 3600) for day in range(1, 6)), frozenset({date(2026, 12, 25)})
)


def number(name: str) -> UUID:
    """An id that is always the same for a name."""
    return UUID(int=int.from_bytes(name.encode()[:15], "big"))


def component(
    key: str, *needs: str, gate: Gate = Gate.ALL_OF, group: bool = False, provider: str | None = None, least: int = 0
) -> ComponentFact:
    return ComponentFact(
        number(key), number(f"v{key}"), key, key, ComponentKind.GROUP if group else ComponentKind.ELEMENT,
        None if provider is None else number(provider), provider, gate if needs else None, least or None,
        tuple(map(number, needs)),
    )  # fmt: skip


def available(key: str, percent: str, kind: AgreementKind = AgreementKind.OLA, **others: Any) -> PromiseFact:
    agreement = AgreementFact(number(f"a{key}"), number(f"av{key}"), key, kind, SERVICE, AT)
    agreement = replace(agreement, **others.pop("agreement", {}))
    usual: dict[str, Any] = {"calendar_id": None, "period": PeriodKind.MONTH}
    return PromiseFact(
        number(f"t{key}"), number(f"tv{key}"), "up", agreement, TargetKind.AVAILABILITY, Fraction(percent) / 100,
        **(usual | others),
    )  # fmt: skip


def timed(key: str, *points: tuple[int, int], kind: AgreementKind = AgreementKind.OLA, **others: Any) -> PromiseFact:
    agreement = AgreementFact(number(f"a{key}"), number(f"av{key}"), key, kind, SERVICE, AT)
    agreement = replace(agreement, **others.pop("agreement", {}))
    usual: dict[str, Any] = {
        "calendar_id": None, "period": PeriodKind.MONTH, "stop_states": frozenset({"resolved"}),
    }  # fmt: skip
    chances = [(Fraction(percent, 100), seconds) for percent, seconds in points]
    return PromiseFact(
        number(f"t{key}"), number(f"tv{key}"), "resolve", agreement, TargetKind.CLOCK, chances[0][0], points=chances,
        **(usual | others),
    )  # fmt: skip


def landscape(
    promise: PromiseFact,
    components: Sequence[ComponentFact],
    backing: Mapping[str, PromiseFact],
    hops: Sequence[Sequence[str]] = (),
) -> Landscape:
    """The service stands on the first component; each promise backs the component it is named after."""
    chain = ResponseChainFact(number("rc"), number("rcv"), "repair", frozenset(), [list(map(number, h)) for h in hops])
    return Landscape(
        AT, AT, [promise], {each.agreement.agreement_id: [each] for each in backing.values()},
        {each.component_id: each for each in components},
        {SERVICE: StructureFact(number("structure"), components[0].component_id)},
        {SERVICE: [chain]} if hops else {},
        {number(key): [SupportFact(number(f"s{key}"), each.agreement.agreement_id)] for key, each in backing.items()},
        {each.agreement.agreement_id: each.agreement for each in backing.values()},
        {OFFICE: CalendarFact(number("officev"), EIGHT_TO_SIX)},
    )  # fmt: skip


def judged(
    promise: PromiseFact,
    components: Sequence[ComponentFact],
    backing: Mapping[str, PromiseFact],
    hops: Sequence[Sequence[str]] = (),
) -> Judgement:
    found = landscape(promise, components, backing, hops)
    return judge(promise, found, Hours(2026, found.calendars))
