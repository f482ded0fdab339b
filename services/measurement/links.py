"""What holds for a while: which indicator watches a target, whether a monitor is installed, what a tile shows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from services.agreements.models import Agreement, Target
from services.db import WriteSession
from services.domain.inputs import Problems
from services.errors import NotFound
from services.measurement.models import (
    DashboardTile,
    Indicator,
    IndicatorTarget,
    Monitor,
    MonitorInstallation,
    TileMonitor,
    TilePlacement,
)
from services.organisations.histories import Holder, record_tenure
from services.organisations.rules import Actor, Permission, Tenure
from services.rows import check_reference


async def record_indicator_link(
    session: WriteSession,
    *,
    actor: Actor,
    target_id: UUID,
    indicator_id: UUID,
    tenure: Tenure,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    """The indicator watches the target from `valid_from` on, or no longer. Conflict when that is so already."""
    actor.require(Permission.DEFINE)
    await _check_same_service(session, actor, target_id, indicator_id)
    holder = Holder(Target, target_id, "indicator_link_count", "target")
    identity = {"target_id": target_id, "indicator_id": indicator_id}
    return await record_tenure(session, actor, IndicatorTarget, holder, identity, tenure, valid_from, now)


async def record_installation(
    session: WriteSession, *, actor: Actor, monitor_id: UUID, tenure: Tenure, valid_from: datetime, now: datetime
) -> UUID:
    """The monitor is installed again from `valid_from` on, or removed. Conflict when that is so already."""
    holder = Holder(Monitor, monitor_id, "installation_count", "monitor")
    identity = {"monitor_id": monitor_id}
    return await record_tenure(session, actor, MonitorInstallation, holder, identity, tenure, valid_from, now)


async def record_placement(
    session: WriteSession, *, actor: Actor, tile_id: UUID, tenure: Tenure, valid_from: datetime, now: datetime
) -> UUID:
    """The tile is on its dashboard again from `valid_from` on, or taken off. Conflict when that is so already."""
    holder = Holder(DashboardTile, tile_id, "placement_count", "tile")
    return await record_tenure(session, actor, TilePlacement, holder, {"tile_id": tile_id}, tenure, valid_from, now)


async def record_tile_monitor(
    session: WriteSession,
    *,
    actor: Actor,
    tile_id: UUID,
    monitor_id: UUID,
    tenure: Tenure,
    valid_from: datetime,
    now: datetime,
) -> UUID:
    """The tile shows what the monitor delivers from `valid_from` on, or no longer. Conflict when that is so already."""
    actor.require(Permission.DEFINE)
    problems = Problems()
    await check_reference(session, problems, "monitor_id", Monitor, actor.organisation_id, monitor_id)
    problems.refuse("what the tile shows cannot be recorded")
    holder = Holder(DashboardTile, tile_id, "monitor_link_count", "tile")
    identity = {"tile_id": tile_id, "monitor_id": monitor_id}
    return await record_tenure(session, actor, TileMonitor, holder, identity, tenure, valid_from, now)


async def _check_same_service(session: WriteSession, actor: Actor, target_id: UUID, indicator_id: UUID) -> None:
    """Refuse an indicator of another service than the one the target's agreement is about."""
    promised = (
        select(Agreement.service_id)
        .join(Target, and_(Target.agreement_id == Agreement.id, Target.organisation_id == Agreement.organisation_id))
        .where(
            Agreement.organisation_id == actor.organisation_id,
            Target.organisation_id == actor.organisation_id,
            Target.id == target_id,
        )
    )
    measured = select(Indicator.service_id).where(
        Indicator.organisation_id == actor.organisation_id, Indicator.id == indicator_id
    )
    service_id = (await session.execute(promised)).scalar_one_or_none()
    if service_id is None:
        raise NotFound("there is no such target")
    measured_of = (await session.execute(measured)).scalar_one_or_none()
    problems = Problems()
    if measured_of is None:
        problems.add("indicator_id", "expected a known indicator, got an id of none")
    elif measured_of != service_id:
        problems.add("indicator_id", "expected an indicator of the service the target's agreement is about")
    problems.refuse("the link cannot be recorded")
