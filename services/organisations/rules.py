"""Who may act, and what a role allows."""

import re
import secrets
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.errors import NotPermitted


class AccessRole(StrEnum):
    """What an account may do through the API."""

    VIEWER = "viewer"
    """Reads its organisation; answers assessments."""
    MANAGER = "manager"
    """Reads, and changes definitions: calendars, services, agreements."""
    ADMINISTRATOR = "administrator"
    """Everything, tokens and people included."""
    INGEST = "ingest"
    """Records tickets and events; reads what it needs to do so."""
    AUDITOR = "auditor"
    """Reads everything, the audit trail too; changes nothing."""


class Permission(StrEnum):
    """One kind of act a command asks for."""

    DEFINE = "define"
    INGEST = "ingest"
    ADMINISTER = "administer"
    ANSWER = "answer"
    """Say in an assessment how one sees the organisation."""
    AUDIT = "audit"
    """Read who changed what, when, and what it was before."""


PERMISSIONS: dict[AccessRole, frozenset[Permission]] = {
    AccessRole.VIEWER: frozenset({Permission.ANSWER}),
    AccessRole.MANAGER: frozenset({Permission.ANSWER, Permission.DEFINE, Permission.INGEST}),
    AccessRole.ADMINISTRATOR: frozenset(Permission),
    AccessRole.INGEST: frozenset({Permission.ANSWER, Permission.INGEST}),
    AccessRole.AUDITOR: frozenset({Permission.AUDIT}),
}


class PartyKind(StrEnum):
    """Sides of an agreement."""

    CUSTOMER = "customer"
    INTERNAL_TEAM = "internal_team"
    SUPPLIER = "supplier"


PARTY_PERMISSIONS: dict[PartyKind, frozenset[Permission]] = {
    PartyKind.CUSTOMER: frozenset(),
    PartyKind.INTERNAL_TEAM: frozenset(),
    PartyKind.SUPPLIER: frozenset(),
}
"""What an account of a party may do at most, whatever its role: beyond reading, nothing yet."""


class GovernanceRole(StrEnum):
    """Roles people hold in service level management, after the article's "whom to ask"."""

    CIO = "cio"
    SERVICE_LEVEL_MANAGER = "service_level_manager"
    SERVICE_DESIGN_LEAD = "service_design_lead"
    VENDOR_MANAGER = "vendor_manager"
    PROCUREMENT_LEAD = "procurement_lead"
    CUSTOMER_EXPERIENCE_MANAGER = "customer_experience_manager"
    CONTINUAL_IMPROVEMENT_LEAD = "continual_improvement_lead"


class Tenure(StrEnum):
    """A row of a history that carries only its start: the end is the start of the next row."""

    HELD = "held"
    ENDED = "ended"


@dataclass(frozen=True)
class PartyEntry:
    """A party to create."""

    key: str
    name: str
    kind: PartyKind


@dataclass(frozen=True)
class PersonEntry:
    """A person to create, perhaps of a department, perhaps working for a party."""

    key: str
    name: str
    email: str | None = None
    department_id: UUID | None = None
    party_id: UUID | None = None


@dataclass(frozen=True)
class PartyScope:
    """The party to which what an actor sees and does is confined."""

    party_id: UUID
    kind: PartyKind


@dataclass(frozen=True)
class Actor:
    """The account on whose behalf something happens. Without a party it sees the whole organisation."""

    organisation_id: UUID
    account_id: UUID
    name: str
    role: AccessRole
    party: PartyScope | None = None
    token_id: UUID | None = field(default=None, compare=False)
    """The token by which it came; None for the program itself."""
    token_expires_at: datetime | None = field(default=None, compare=False)
    """When that token ends by itself, if it does."""
    anonymous: bool = False
    """Whether it has no account: it reads as its role does, and has no permission to anything beyond."""

    @cached_property
    def fingerprint(self) -> str:
        """All by which actors are told apart, as a text: quick to compare again and again."""
        return repr([getattr(self, each.name) for each in fields(self) if each.compare])

    def stamps(self, now: datetime) -> dict[str, Any]:
        """The columns every row this actor records carries: whose it is, when it was known, and by whom."""
        return {"organisation_id": self.organisation_id, "recorded_at": now, "recorded_by": self.account_id}

    def has(self, permission: Permission) -> bool:
        """Whether this actor has an account whose role and, if it has one, its party include the permission."""
        of_party = self.party is None or permission in PARTY_PERMISSIONS[self.party.kind]
        return not self.anonymous and of_party and permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Raise NotPermitted unless this actor's account, its role and, if it has one, its party include it."""
        if self.anonymous:
            raise NotPermitted(f"a caller without a token only reads: the permission to {permission.value} needs one")
        if permission not in PERMISSIONS[self.role]:
            raise NotPermitted(f"the role {self.role.value} does not include the permission to {permission.value}")
        if self.party is not None and permission not in PARTY_PERMISSIONS[self.party.kind]:
            kind = self.party.kind.value.replace("_", " ")
            raise NotPermitted(f"an account of a {kind} does not have the permission to {permission.value}")


SYSTEM_ACCOUNT = "slm"
"""The account of every organisation that the command line and the worker act as."""

_TOKEN = re.compile(r"slm_[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """A bearer token of 256 random bits; its beginning lets secret scanners recognise it."""
    return f"slm_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> bytes | None:
    """What is stored of a token; None for text that cannot be one. Unsalted, because the token itself is random."""
    return sha256(token.encode()).digest() if _TOKEN.fullmatch(token) else None


def token_is_valid(*, now: datetime, expires_at: datetime | None, revoked_at: datetime | None) -> bool:
    """Whether a token admits its bearer at `now`: not revoked, and before its expiry (half-open)."""
    return revoked_at is None and (expires_at is None or now < expires_at)
