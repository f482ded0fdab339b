"""Organisations, the people and parties in them, and the accounts that act for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.db import PERSONAL, SECRET, Base, Recorded, TableKind, Tenant, Versioned, Writes, new_id, table_info
from services.organisations.rules import AccessRole, GovernanceRole, PartyKind, Tenure


class Organisation(Base, Recorded, Versioned):
    """A tenant. Its key is unique across the installation through `organisation_key`."""

    __tablename__ = "organisation"
    __table_args__ = ({"info": table_info(Writes.REPLACE)},)
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    name: Mapped[str]
    time_zone: Mapped[str]


class OrganisationKey(Base):
    """Where an organisation is found before it is known."""

    __tablename__ = "organisation_key"
    __table_args__ = ({"info": table_info(Writes.APPEND, kind=TableKind.REFERENCE)},)
    key: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]


class Account(Base):
    """Someone or something that acts: a person's sign-in, an integration, or this program itself.

    With a party, it acts for that party and sees only what concerns it. The kind of the party is kept here, too,
    because an account is read before its organisation is known; neither can ever change.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        CheckConstraint("(party_id IS NULL) = (party_kind IS NULL)", name="party"),
        CheckConstraint("party_id IS NULL OR role = 'viewer'", name="party_reads"),
        {"info": table_info(Writes.REPLACE, kind=TableKind.REFERENCE, row_security=True)},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(info=PERSONAL)
    role: Mapped[AccessRole]
    person_id: Mapped[UUID | None]
    party_id: Mapped[UUID | None]
    party_kind: Mapped[PartyKind | None]
    created_at: Mapped[datetime]


class ApiToken(Base):
    """A bearer token, kept only as its SHA-256: the token itself is shown once, when it is made."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("replaces_id"),
        ForeignKeyConstraint(["account_id"], ["account.id"]),
        ForeignKeyConstraint(["replaces_id"], ["api_token.id"]),
        Index("ix_api_token_organisation_id_account_id", "organisation_id", "account_id"),
        {"info": table_info(Writes.REPLACE, kind=TableKind.REFERENCE, row_security=True)},
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, info=SECRET)
    id: Mapped[UUID] = mapped_column(unique=True, default=new_id)
    organisation_id: Mapped[UUID]
    account_id: Mapped[UUID]
    label: Mapped[str] = mapped_column(info=PERSONAL)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    replaces_id: Mapped[UUID | None]


class ApiTokenUse(Base):
    """When a token was last used, to about a minute. Apart from the token, whose table rarely changes."""

    __tablename__ = "api_token_use"
    __table_args__ = ({"info": table_info(Writes.REPLACE, moves=False)},)
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_used_at: Mapped[datetime]


class BundleImport(Base, Tenant, Recorded):
    """The records of an organisation came from an export of another installation, identified by its manifest.

    They carry the `recorded_at` they had there; their `received_at` is that of this row.
    """

    __tablename__ = "bundle_import"
    __table_args__ = ({"info": table_info(Writes.APPEND, moves=False)},)
    name: Mapped[str]
    source_key: Mapped[str]
    manifest_sha256: Mapped[str]
    records: Mapped[int]


class DueOrganisation(Base):
    """Which organisation has work due, and when: the worker's first question. Carries nothing worth protecting."""

    __tablename__ = "due_organisation"
    __table_args__ = ({"info": table_info(Writes.REPLACE, row_security=False, moves=False)},)
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime | None] = mapped_column(index=True)


class Department(Base, Tenant, Recorded, Versioned):
    """A part of the organisation."""

    __tablename__ = "department"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "parent_id"], ["department.organisation_id", "department.id"]),
        Index("ix_department_organisation_id_parent_id", "organisation_id", "parent_id"),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[UUID | None]


class Party(Base, Tenant, Recorded, Versioned):
    """A side of an agreement: a customer, an internal team or a supplier."""

    __tablename__ = "party"
    __table_args__ = (UniqueConstraint("organisation_id", "key"), {"info": table_info(Writes.REPLACE)})
    key: Mapped[str]
    name: Mapped[str]
    kind: Mapped[PartyKind]


class Person(Base, Tenant, Recorded, Versioned):
    """A named person, perhaps of a department, perhaps working for a party."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "department_id"], ["department.organisation_id", "department.id"]),
        ForeignKeyConstraint(["organisation_id", "party_id"], ["party.organisation_id", "party.id"]),
        Index(
            "ix_person_organisation_id_party_id",
            "organisation_id",
            "party_id",
            "key",
            "id",
            postgresql_where=text("party_id IS NOT NULL"),
        ),
        Index("ix_person_organisation_id_department_id", "organisation_id", "department_id", "key", "id"),
        {"info": table_info(Writes.REPLACE)},
    )
    key: Mapped[str] = mapped_column(info=PERSONAL)
    name: Mapped[str] = mapped_column(info=PERSONAL)
    email: Mapped[str | None] = mapped_column(info=PERSONAL)
    department_id: Mapped[UUID | None]
    party_id: Mapped[UUID | None]


class RoleAssignment(Base, Tenant, Recorded):
    """A person begins (`held`) or stops (`ended`) to hold a governance role at `valid_from`."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "person_id", "role", "valid_from"),
        ForeignKeyConstraint(["organisation_id", "person_id"], ["person.organisation_id", "person.id"]),
        {"info": table_info(Writes.APPEND)},
    )
    person_id: Mapped[UUID]
    role: Mapped[GovernanceRole]
    tenure: Mapped[Tenure]
    valid_from: Mapped[datetime]
