"""Judging promises at size: the whole of an organisation, and what one changed agreement costs.

Each organisation has services of four components, two of which they share with others; every component is supported by
an OLA, and every service promises availability at a hundred levels or fewer. Everything goes through the commands.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from benchmarks.harness import Measurement
from services.agreements.commands import create_agreements, publish_agreement_version
from services.agreements.component_support import SupportEntry, record_supports
from services.agreements.rules import AgreementEntry, AgreementKind, AvailabilityDefinition
from services.alignment.commands import Aligned
from services.catalogue.commands import create_services
from services.catalogue.components import create_components, define_service_structures
from services.catalogue.rules import (
    ComponentDefinition,
    ComponentEntry,
    ComponentKind,
    Gate,
    ServiceEntry,
    StructureEntry,
)
from services.db import Database
from services.organisations.commands import ensure_organisation
from services.organisations.rules import Actor
from services.rows import Outcome
from slm.alignment import align_organisation
from slm.local_database import local_database
from slm.migrate import upgrade

TARGETS, SERVICES = 10_000, 300
SMALLER = 10
"""The growth is that from a tenth of it."""
SHARED = 20
"""Services that share two components."""
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
AT_ONCE = 100


def run() -> list[Measurement]:
    """Build two organisations, judge them, change an agreement of the larger, judge it again."""
    with tempfile.TemporaryDirectory() as directory, local_database(Path(directory)) as url:
        upgrade(url)
        return asyncio.run(_measured(url))


async def _measured(url: str) -> list[Measurement]:
    database = Database(url)
    try:
        small, _ = await _whole(database, "small", SERVICES // SMALLER, TARGETS // SMALLER)
        large, (actor, shared) = await _whole(database, "large", SERVICES, TARGETS)
        async with database.writing(actor.organisation_id) as session:
            await publish_agreement_version(
                session, actor=actor, agreement_id=shared, valid_from=NOW, targets=[],
                availability_targets=[_up("up", Decimal("99.96"))], reason="Agreed anew", now=NOW,
            )  # fmt: skip
        changed, again = await _aligned(database, actor, NOW + timedelta(minutes=1))
        expected = SHARED * -(-TARGETS // SERVICES)
        assert abs(again.judged - expected) <= SHARED, (again, expected)
        idle, nothing = await _aligned(database, actor, NOW + timedelta(minutes=2))
        assert nothing.judged == 0, nothing
    finally:
        await database.close()
    return [
        Measurement(f"{TARGETS:,} targets over {SERVICES} services, all judged and stored", large, "s"),
        Measurement("a tenth of it", small, "s"),
        Measurement("growth for ten times as much", large / small, "times", against="a tenth of it"),
        Measurement("promises judged after one shared agreement changed", again.judged, "promises"),
        Measurement("that run", changed, "s"),
        Measurement("a run in which nothing changed", idle, "s"),
    ]


async def _whole(database: Database, key: str, services: int, targets: int) -> tuple[float, tuple[Actor, UUID]]:
    actor = await ensure_organisation(database, key=key, now=SINCE)
    shared = await _build(database, actor, services, targets)
    seconds, done = await _aligned(database, actor, NOW - timedelta(minutes=1))
    assert (done.promises, done.judged, done.waiting) == (targets, targets, 0), done
    return seconds, (actor, shared)


async def _aligned(database: Database, actor: Actor, now: datetime) -> tuple[float, Aligned]:
    begun = time.perf_counter()
    done = await align_organisation(database, actor=actor, now=now)
    return time.perf_counter() - begun, done


def _up(key: str, percent: Decimal) -> AvailabilityDefinition:
    return AvailabilityDefinition(key, "Available", percent)


async def _build(database: Database, actor: Actor, services: int, targets: int) -> UUID:
    """The organisation; returns an OLA that as many services as `SHARED` rest on."""
    groups = -(-services // SHARED)
    made = await _made(
        database, actor, create_services, [ServiceEntry(f"service-{n}", f"Service {n}") for n in range(services)]
    )
    plain = [f"network-{n}" for n in range(groups)] + [f"store-{n}" for n in range(groups)]
    plain += [f"app-{n}-{leg}" for n in range(services) for leg in (1, 2)]
    components = await _made(database, actor, create_components, [ComponentEntry(key, key, SINCE) for key in plain])
    by_key = dict(zip(plain, components, strict=True))
    pairs = [
        ComponentEntry(
            f"apps-{n}", f"apps-{n}", SINCE,
            ComponentDefinition(gate=Gate.ANY_OF, needs=[by_key[f"app-{n}-1"], by_key[f"app-{n}-2"]]),
            ComponentKind.GROUP,
        )
        for n in range(services)
    ]  # fmt: skip
    legs = await _made(database, actor, create_components, pairs)
    systems = [
        ComponentEntry(
            f"system-{n}", f"system-{n}", SINCE,
            ComponentDefinition(
                gate=Gate.ALL_OF, needs=[legs[n], by_key[f"network-{n // SHARED}"], by_key[f"store-{n // SHARED}"]]
            ),
            ComponentKind.GROUP,
        )
        for n in range(services)
    ]  # fmt: skip
    roots = await _made(database, actor, create_components, systems)
    await _made(
        database, actor, define_service_structures,
        [StructureEntry(service, root, SINCE) for service, root in zip(made, roots, strict=True)],
    )  # fmt: skip
    olas = await _made(
        database, actor, create_agreements,
        [
            AgreementEntry(
                f"ola-{key}", key, AgreementKind.OLA, made[0], SINCE, [],
                availability_targets=[_up("up", Decimal("99.95"))],
            )
            for key in plain
        ],
    )  # fmt: skip
    await _made(
        database, actor, record_supports,
        [SupportEntry(agreement, by_key[key], SINCE) for key, agreement in zip(plain, olas, strict=True)],
    )  # fmt: skip
    share, rest = divmod(targets, services)
    await _made(
        database, actor, create_agreements,
        [
            AgreementEntry(
                f"sla-{n}", f"SLA {n}", AgreementKind.SLA, service, SINCE, [],
                availability_targets=[
                    _up(f"up-{level}", Decimal(99) + Decimal(level) / 50) for level in range(share + (n < rest))
                ],
            )
            for n, service in enumerate(made)
        ],
    )  # fmt: skip
    return olas[0]


async def _made(database: Database, actor: Actor, command: object, entries: Sequence[object]) -> list[UUID]:
    ids: list[UUID] = []
    for start in range(0, len(entries), AT_ONCE):
        async with database.writing(actor.organisation_id) as session:
            outcomes: list[Outcome] = await command(  # type: ignore[operator]
                session, actor=actor, entries=entries[start : start + AT_ONCE], now=SINCE
            )
        for outcome in outcomes:
            assert isinstance(outcome, UUID), vars(outcome)
            ids.append(outcome)
    return ids
