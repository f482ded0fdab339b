"""Who was absent when a service was designed, beside who is blamed for its breaches (capability B8)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.catalogue.queries import service_level_management_present
from services.catalogue.rules import GateStanding, standing_of_gates
from services.compliance.queries import breach_is_retracted
from services.db import ReadSession, fetch
from services.organisations.rules import GovernanceRole

MOST_ROWS = 500

BLAME = f"""
WITH blamed AS (
    SELECT agreement.service_id, count(*) AS breaches, count(*) FILTER (WHERE held.role = $3::text) AS blamed,
           count(*) FILTER (WHERE held.role IS NULL) AS undecided
    FROM breach
    JOIN target ON target.organisation_id = $1::uuid AND target.id = breach.target_id
    JOIN agreement ON agreement.organisation_id = $1::uuid AND agreement.id = target.agreement_id
    LEFT JOIN LATERAL (
        SELECT decided.role FROM breach_accountability AS decided
        WHERE decided.organisation_id = $1::uuid AND decided.breach_id = breach.id
          AND decided.decided_at <= $2::timestamptz AND decided.recorded_at <= $2::timestamptz
        ORDER BY decided.decided_at DESC LIMIT 1
    ) AS held ON TRUE
    WHERE breach.organisation_id = $1::uuid AND breach.breached_at <= $2::timestamptz
      AND breach.recorded_at <= $2::timestamptz AND NOT {breach_is_retracted("breach")}
    GROUP BY agreement.service_id
), gates AS (
    SELECT gate.service_id, array_agg({service_level_management_present("gate", "$2::timestamptz")}) AS present
    FROM design_gate AS gate WHERE gate.organisation_id = $1::uuid
      AND gate.held_at <= $2::timestamptz AND gate.recorded_at <= $2::timestamptz
    GROUP BY gate.service_id
)
SELECT service.id, service.key, service.name, coalesce(gates.present, '{{}}'), service.design_gate_count,
       coalesce(blamed.breaches, 0), coalesce(blamed.blamed, 0), coalesce(blamed.undecided, 0)
FROM service
LEFT JOIN blamed ON blamed.service_id = service.id
LEFT JOIN gates ON gates.service_id = service.id
WHERE service.organisation_id = $1::uuid
ORDER BY coalesce(blamed.blamed, 0) DESC, service.key
LIMIT $4::bigint
"""  # noqa: S608 - our own names


@dataclass(frozen=True)
class DesignBlame:
    """A service: where service level management was when it was designed, and for how many breaches it answers.

    `undecided`: breaches of which nobody has said who answers for them.
    """

    service_id: UUID
    key: str
    name: str
    standing: GateStanding
    breaches: int
    blamed: int
    undecided: int

    @property
    def sentence(self) -> str:
        """The pair in words."""
        times = f"blamed {self.blamed} {'time' if self.blamed == 1 else 'times'}"
        open_ = (
            f"; of {self.undecided} of {self.breaches} breaches nobody has said who answers" if self.undecided else ""
        )
        return f"{_SAID[self.standing]}, {times}{open_}"


_SAID = {
    GateStanding.PRESENT: "present at design",
    GateStanding.CANNOT_TELL: "it cannot be told who was at its design",
    GateStanding.ABSENT_FROM_A_GATE: "absent from a design gate",
    GateStanding.ABSENT_FROM_EVERY_GATE: "absent at design",
}


async def design_blame(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime, first: int = MOST_ROWS
) -> list[DesignBlame]:
    """Services by how often service level management is blamed, most often first, as of an instant. One statement."""
    role = GovernanceRole.SERVICE_LEVEL_MANAGER.value
    return [
        DesignBlame(id_, key, name, standing_of_gates(list(present), recorded), breaches, blamed, undecided)
        for id_, key, name, present, recorded, breaches, blamed, undecided in await fetch(
            session, BLAME, organisation_id, as_of, role, first
        )
    ]
