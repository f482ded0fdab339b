"""Whether figures of a service mean anything: only if somebody agreed, before it went live, what level it is to reach.

Capability B1. The expressions take SQL text for a service's id; `$1` is the organisation.
"""
# ruff: noqa: S608 - our own names, no input

from enum import StrEnum

from services.catalogue.rules import RECORDING_GRACE


class Meaninglessness(StrEnum):
    """Why figures of a service mean nothing, or why that cannot be told."""

    NO_REQUIREMENT = "no_requirement"
    NEVER_APPROVED = "never_approved"
    APPROVED_AFTER_GO_LIVE = "approved_after_go_live"
    GO_LIVE_UNKNOWN = "go_live_unknown"


_MEANINGFUL = "meaningful"
_REQUIRED = """
SELECT FROM service_level_requirement AS agreed
WHERE agreed.organisation_id = $1::uuid AND agreed.service_id = of_service.id
"""
# A person approves and withdraws in turn, so the next decision after an approval says whether it stands.
_STANDING = """
SELECT FROM service_level_requirement AS agreed
JOIN requirement_version AS said ON said.organisation_id = $1::uuid AND said.requirement_id = agreed.id
JOIN requirement_approval AS given ON given.organisation_id = $1::uuid AND given.requirement_version_id = said.id
LEFT JOIN LATERAL (
    SELECT later.decision FROM requirement_approval AS later WHERE later.organisation_id = $1::uuid
    AND later.requirement_version_id = given.requirement_version_id AND later.person_id = given.person_id
    AND later.decided_at > given.decided_at ORDER BY later.decided_at LIMIT 1
) AS next ON TRUE
WHERE agreed.organisation_id = $1::uuid AND agreed.service_id = of_service.id AND given.decision = 'approved'
AND next.decision IS DISTINCT FROM 'withdrawn'
"""
_IN_TIME = (
    f"{_STANDING} AND given.decided_at <= live.occurred_at"
    f" AND given.recorded_at <= live.occurred_at + interval '{RECORDING_GRACE.days} days'"
)


def _meaning(service: str) -> str:
    # The offset lets the service be looked up once.
    return (
        "(SELECT CASE WHEN live.occurred_at IS NULL THEN 'go_live_unknown'"
        f" WHEN EXISTS ({_IN_TIME}) THEN '{_MEANINGFUL}' WHEN EXISTS ({_STANDING}) THEN 'approved_after_go_live'"
        f" WHEN EXISTS ({_REQUIRED}) THEN 'never_approved' ELSE 'no_requirement' END"
        f" FROM (SELECT {service} AS id OFFSET 0) AS of_service LEFT JOIN LATERAL ("
        "SELECT gone.occurred_at FROM lifecycle_event AS gone WHERE gone.organisation_id = $1::uuid"
        " AND gone.service_id = of_service.id AND gone.kind = 'go_live' ORDER BY gone.occurred_at LIMIT 1"
        ") AS live ON TRUE)"
    )


def is_meaningful(service: str) -> str:
    """SQL text: whether figures of the service mean anything, NULL where nothing says when it went live."""
    return f"(CASE {_meaning(service)} WHEN '{_MEANINGFUL}' THEN TRUE WHEN 'go_live_unknown' THEN NULL ELSE FALSE END)"


def meaningless_because(service: str) -> str:
    """SQL text: why they mean nothing, or why that cannot be told; NULL where they mean something."""
    return f"nullif({_meaning(service)}, '{_MEANINGFUL}')"


def service_is_meaningful(service: str) -> str:
    """SQL text: whether figures of the service a row is mean anything."""
    return is_meaningful(f"{service}.id")


def service_meaningless_because(service: str) -> str:
    """SQL text: why figures of the service a row is mean nothing."""
    return meaningless_because(f"{service}.id")
