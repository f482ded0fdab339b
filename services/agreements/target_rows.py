"""The rows of targets: what a version of an agreement promises, written with it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.agreements.models import AvailabilityTargetVersion, ContractPoint, Target, TargetVersion
from services.agreements.rules import MOST_TARGETS, AvailabilityDefinition, Definition, TargetDefinition, TargetKind
from services.db import WriteSession
from services.domain.inputs import Problems
from services.rows import add_rows, change_row


def kind_of(definition: Definition) -> TargetKind:
    """The kind of target that is defined like this."""
    return TargetKind.CLOCK if isinstance(definition, TargetDefinition) else TargetKind.AVAILABILITY


def calendars_named(
    targets: Sequence[TargetDefinition], availability_targets: Sequence[AvailabilityDefinition]
) -> Iterator[UUID | None]:
    """The calendars of as many targets as may be given; None where there is none."""
    yield from (target.calendar_id for target in targets[:MOST_TARGETS])
    yield from (target.calendar_id for target in availability_targets[:MOST_TARGETS])


async def add_targets(
    session: WriteSession,
    agreement_id: UUID,
    version_id: UUID,
    targets: Sequence[TargetDefinition],
    availability_targets: Sequence[AvailabilityDefinition],
    *,
    stamps: Mapping[str, Any],
) -> None:
    """Define the targets of a version, new ones and those the agreement had before."""
    own = (Target.organisation_id == stamps["organisation_id"], Target.agreement_id == agreement_id)
    known = {target.key: target for target in (await session.execute(select(Target).where(*own))).scalars()}
    definitions: list[Definition] = [*targets, *availability_targets]
    _check_kinds(known, targets, availability_targets)
    new = [target for target in definitions if target.key not in known]
    ids = {key: target.id for key, target in known.items()}
    created = await add_new_targets(session, [(agreement_id, target) for target in new], stamps=stamps)
    ids |= zip((target.key for target in new), created, strict=True)
    for target in definitions:
        if target.key in known:
            await change_row(session, known[target.key], {"name": target.name}, stamps=stamps)
    defined = [(ids[target.key], version_id, target) for target in definitions]
    await add_definitions(session, defined, stamps=stamps)


async def add_new_targets(
    session: WriteSession, new: Sequence[tuple[UUID, Definition]], *, stamps: Mapping[str, Any]
) -> list[UUID]:
    """Rows of new targets, each of an agreement. Returns their ids."""
    rows = [
        {"agreement_id": agreement_id, "key": target.key, "name": target.name, "kind": kind_of(target)}
        for agreement_id, target in new
    ]
    return await add_rows(session, Target, rows, stamps=stamps)


async def add_definitions(
    session: WriteSession, defined: Sequence[tuple[UUID, UUID, Definition]], *, stamps: Mapping[str, Any]
) -> None:
    """What versions say about targets: the target, the version, and the definition of each."""
    clocks = [(id_, version_id, target) for id_, version_id, target in defined if isinstance(target, TargetDefinition)]
    rows = [
        {"target_id": target_id, "agreement_version_id": version_id, **_clock(target)}
        for target_id, version_id, target in clocks
    ]
    points = [
        {
            "target_version_id": id_,
            "probability_percent": point.probability_percent,
            "duration_seconds": point.duration_seconds,
        }
        for id_, (*_, target) in zip(await add_rows(session, TargetVersion, rows, stamps=stamps), clocks, strict=True)
        for point in target.points
    ]
    await add_rows(session, ContractPoint, points, stamps=stamps)
    available = [
        {"target_id": target_id, "agreement_version_id": version_id, **_availability(target)}
        for target_id, version_id, target in defined
        if isinstance(target, AvailabilityDefinition)
    ]
    await add_rows(session, AvailabilityTargetVersion, available, stamps=stamps)


def _check_kinds(
    known: Mapping[str, Target],
    targets: Sequence[TargetDefinition],
    availability_targets: Sequence[AvailabilityDefinition],
) -> None:
    problems = Problems()
    lists: dict[str, Sequence[Definition]] = {"targets": targets, "availability_targets": availability_targets}
    for field, definitions in lists.items():
        for position, target in enumerate(definitions):
            if target.key in known and (kind := known[target.key].kind) is not kind_of(target):
                problems.add(f"{field}.{position}.key", f"expected another key: {target.key!r} is a target of {kind}")
    problems.refuse("the agreement version cannot be published")


def _clock(target: TargetDefinition) -> dict[str, Any]:
    return {
        "calendar_id": target.calendar_id,
        "duration_seconds": target.duration_seconds,
        "limit_inclusive": target.limit_inclusive,
        "start_rule": target.start_rule,
        "start_states": list(target.start_states),
        "stop_states": list(target.stop_states),
        "pause_states": list(target.pause_states),
        "resume_states": list(target.resume_states),
        "cancel_states": list(target.cancel_states),
        "retroactive_pause": target.retroactive_pause,
        "reopen_policy": target.reopen_policy,
        "priorities": list(target.priorities),
        "categories": list(target.categories),
        "objective_percent": target.objective_percent,
        "period": target.period,
        "assumed": target.assumed,
    }


def _availability(target: AvailabilityDefinition) -> dict[str, Any]:
    return {
        "calendar_id": target.calendar_id,
        "objective_percent": target.objective_percent,
        "period": target.period,
        "rolling_days": target.rolling_days,
        "maintenance_excluded": target.maintenance_excluded,
        "maintenance_seconds": target.maintenance_seconds,
        "population_count": target.population_count,
        "population_share_percent": target.population_share_percent,
        "assumed": target.assumed,
    }
