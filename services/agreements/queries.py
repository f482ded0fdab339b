"""Which targets are promised, and when each of their definitions holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, func, select, true

from services.agreements.models import Agreement, AgreementVersion, Target, TargetVersion
from services.agreements.rules import AgreementKind, TargetKind
from services.db import ReadSession, fetch
from services.domain.vocabulary import PeriodKind, ReopenPolicy, StartRule, TicketState

PROMISED_TARGETS = """
WITH latest AS (
    SELECT DISTINCT ON (v.agreement_id) v.agreement_id, v.id, v.status FROM agreement_version v
    WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz AND v.recorded_at <= $2::timestamptz
    ORDER BY v.agreement_id, v.valid_from DESC
), link AS (
    SELECT DISTINCT ON (l.target_id, l.requirement_id) l.target_id, l.requirement_id, l.tenure
    FROM target_requirement l
    WHERE l.organisation_id = $1::uuid AND l.valid_from <= $2::timestamptz AND l.recorded_at <= $2::timestamptz
    ORDER BY l.target_id, l.requirement_id, l.valid_from DESC
), definition AS (
    SELECT c.agreement_version_id, c.target_id, c.id, c.duration_seconds, c.objective_percent
    FROM target_version c WHERE c.organisation_id = $1::uuid
    UNION ALL
    SELECT v.agreement_version_id, v.target_id, v.id, NULL, v.objective_percent
    FROM availability_target_version v WHERE v.organisation_id = $1::uuid
)
SELECT a.service_id, a.id, a.kind, t.id, t.key, t.kind, d.id, d.duration_seconds, d.objective_percent,
       (SELECT coalesce(array_agg(link.requirement_id ORDER BY link.requirement_id), '{}') FROM link
        WHERE link.target_id = t.id AND link.tenure = 'held')
FROM latest
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = latest.agreement_id
JOIN definition d ON d.agreement_version_id = latest.id
JOIN target t ON t.organisation_id = $1::uuid AND t.id = d.target_id
WHERE latest.status = 'in_force'
ORDER BY a.service_id, a.key, t.key
"""


@dataclass(frozen=True)
class TargetInForce:
    """One definition of a clock target and the instants it holds for: from `valid_from` until `until`, exclusive.

    `until` is the start of the agreement's next version, whether that defines the target anew, leaves it out or ends
    the agreement; None when there is no next version.
    """

    target_id: UUID
    target_key: str
    target_version_id: UUID
    agreement_id: UUID
    agreement_version_id: UUID
    agreement_kind: AgreementKind
    service_id: UUID
    calendar_id: UUID
    valid_from: datetime
    until: datetime | None
    duration_seconds: int
    limit_inclusive: bool
    start_rule: StartRule
    start_states: tuple[TicketState, ...]
    stop_states: tuple[TicketState, ...]
    pause_states: tuple[TicketState, ...]
    resume_states: tuple[TicketState, ...]
    cancel_states: tuple[TicketState, ...]
    retroactive_pause: bool
    reopen_policy: ReopenPolicy
    priorities: tuple[str, ...]
    categories: tuple[str, ...]
    objective_percent: Decimal
    period: PeriodKind
    assumed: bool

    def holds_at(self, instant: datetime) -> bool:
        """Whether this definition is the one in force at an instant."""
        return self.valid_from <= instant and (self.until is None or instant < self.until)


async def agreement_by_key(session: ReadSession, organisation_id: UUID, *, key: str) -> UUID | None:
    """The id of the agreement with this key."""
    statement = select(Agreement.id).where(Agreement.organisation_id == organisation_id, Agreement.key == key)
    return (await session.execute(statement)).scalar_one_or_none()


async def targets_in_force(
    session: ReadSession, organisation_id: UUID, *, service_ids: Iterable[UUID], known_by: datetime | None = None
) -> list[TargetInForce]:
    """Every definition of every clock target ever promised for these services, by target and start. One statement.

    A definition chosen for an instant is the one that `holds_at` it; definitions that no longer hold are among them,
    because a ticket is judged by what was agreed when it was opened. With `known_by`, the definitions as they stood
    then: versions recorded later neither count nor end the ones before them.
    """
    recorded = true() if known_by is None else AgreementVersion.recorded_at <= known_by
    versions = (
        select(
            AgreementVersion.organisation_id,
            AgreementVersion.id,
            AgreementVersion.agreement_id,
            AgreementVersion.valid_from,
            func.lead(AgreementVersion.valid_from)
            .over(partition_by=AgreementVersion.agreement_id, order_by=AgreementVersion.valid_from)
            .label("until"),
        )
        .where(AgreementVersion.organisation_id == organisation_id, recorded)
        .subquery("versions")
    )
    statement = (
        select(
            Target.id,
            Target.key,
            TargetVersion.id,
            Agreement.id,
            versions.c.id,
            Agreement.kind,
            Agreement.service_id,
            TargetVersion.calendar_id,
            versions.c.valid_from,
            versions.c.until,
            TargetVersion,
        )
        .join(versions, versions.c.id == TargetVersion.agreement_version_id)
        .join(Target, Target.id == TargetVersion.target_id)
        .join(Agreement, and_(Agreement.id == Target.agreement_id, Agreement.id == versions.c.agreement_id))
        .where(
            TargetVersion.organisation_id == organisation_id,
            versions.c.organisation_id == organisation_id,
            Target.organisation_id == organisation_id,
            Agreement.organisation_id == organisation_id,
            Agreement.service_id.in_(set(service_ids)),
        )
        .order_by(Target.id, versions.c.valid_from)
    )
    return [_in_force(*row) for row in await session.execute(statement)]


def _in_force(
    target_id: UUID,
    target_key: str,
    target_version_id: UUID,
    agreement_id: UUID,
    agreement_version_id: UUID,
    agreement_kind: AgreementKind,
    service_id: UUID,
    calendar_id: UUID,
    valid_from: datetime,
    until: datetime | None,
    definition: TargetVersion,
) -> TargetInForce:
    return TargetInForce(
        target_id=target_id,
        target_key=target_key,
        target_version_id=target_version_id,
        agreement_id=agreement_id,
        agreement_version_id=agreement_version_id,
        agreement_kind=agreement_kind,
        service_id=service_id,
        calendar_id=calendar_id,
        valid_from=valid_from,
        until=until,
        duration_seconds=definition.duration_seconds,
        limit_inclusive=definition.limit_inclusive,
        start_rule=definition.start_rule,
        start_states=_states(definition.start_states),
        stop_states=_states(definition.stop_states),
        pause_states=_states(definition.pause_states),
        resume_states=_states(definition.resume_states),
        cancel_states=_states(definition.cancel_states),
        retroactive_pause=definition.retroactive_pause,
        reopen_policy=definition.reopen_policy,
        priorities=tuple(definition.priorities),
        categories=tuple(definition.categories),
        objective_percent=definition.objective_percent,
        period=definition.period,
        assumed=definition.assumed,
    )


def _states(stored: list[str]) -> tuple[TicketState, ...]:
    return tuple(TicketState(state) for state in stored)


@dataclass(frozen=True)
class PromisedTarget:
    """A target of either kind in force, and the service level requirements it promises.

    `duration_seconds` is None for an availability target; `definition_id` is that of its row in the table of its kind.
    """

    service_id: UUID
    agreement_id: UUID
    agreement_kind: AgreementKind
    target_id: UUID
    target_key: str
    target_kind: TargetKind
    definition_id: UUID
    duration_seconds: int | None
    objective_percent: Decimal
    requirement_ids: tuple[UUID, ...]


async def promised_targets(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> list[PromisedTarget]:
    """Every target in force at `as_of`, by what was recorded then, ordered by service. One statement."""
    return [
        PromisedTarget(
            service, agreement, AgreementKind(of), id_, key, TargetKind(kind), defined, time, objective, tuple(needed)
        )
        for service, agreement, of, id_, key, kind, defined, time, objective, needed in await fetch(
            session, PROMISED_TARGETS, organisation_id, as_of
        )
    ]


def agreement_version_until(version: str) -> str:
    """SQL text: the start of the agreement's next version, NULL for its last. `$1` is the organisation."""
    return (
        "(SELECT min(following.valid_from) FROM agreement_version AS following"  # noqa: S608 - an alias, no input
        f" WHERE following.organisation_id = $1::uuid AND following.agreement_id = {version}.agreement_id"
        f" AND following.valid_from > {version}.valid_from)"
    )


def service_of_target(row: str) -> str:
    """SQL text: the service that the target of a row is about. `$1` is the organisation."""
    return (
        "(SELECT of_agreement.service_id FROM target AS of_target"  # noqa: S608 - an alias, no input
        " JOIN agreement AS of_agreement ON of_agreement.organisation_id = $1::uuid"
        " AND of_agreement.id = of_target.agreement_id"
        f" WHERE of_target.organisation_id = $1::uuid AND of_target.id = {row}.target_id)"
    )
