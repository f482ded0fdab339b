"""What accounts of a party see because of its agreements: these, all they say, and whom and what they name."""

from services.organisations.rules import PartyKind
from services.organisations.scope import PARTY, exists, is_side, is_side_of_one


def in_visible_agreement(row: str, kind: PartyKind) -> str:
    """The versions and targets of the party's agreements."""
    return exists("agreement", "scoped_agreement", f"{row}.agreement_id", is_side, kind)


def of_visible_target(row: str, kind: PartyKind) -> str:
    """What defines or measures a target of the party's agreements."""
    return (
        "EXISTS (SELECT FROM target AS scoped_target JOIN agreement AS scoped_agreement"
        " ON scoped_agreement.organisation_id = $1::uuid AND scoped_agreement.id = scoped_target.agreement_id"
        f" WHERE scoped_target.organisation_id = $1::uuid AND scoped_target.id = {row}.target_id"
        f" AND {is_side_of_one('scoped_agreement', kind)})"
    )


def service_in_scope(service: str, kind: PartyKind) -> str:
    """The services the party's agreements are about."""
    return (
        "EXISTS (SELECT FROM agreement AS scoped_agreement"
        f" WHERE scoped_agreement.organisation_id = $1::uuid AND scoped_agreement.service_id = {service}.id"
        f" AND {is_side('scoped_agreement', kind)})"
    )


def party_in_scope(party: str, kind: PartyKind) -> str:
    """The party itself, and the other sides of its agreements, which are looked up once for all parties."""
    return (
        f"({party}.id = {PARTY} OR {party}.id IN (SELECT scoped_side.id FROM agreement AS scoped_agreement,"  # noqa: S608 - our own names
        " LATERAL (VALUES (scoped_agreement.customer_id), (scoped_agreement.provider_id)) AS scoped_side(id)"
        f" WHERE scoped_agreement.organisation_id = $1::uuid AND {is_side('scoped_agreement', kind)}))"
    )


def calendar_in_scope(calendar: str, kind: PartyKind) -> str:
    """The service hours by which targets of the party's agreements count."""
    return _timed_by(f"{calendar}.id", kind)


def calendar_version_in_scope(version: str, kind: PartyKind) -> str:
    """The versions of those service hours."""
    return _timed_by(f"{version}.calendar_id", kind)


def in_visible_calendar_version(row: str, kind: PartyKind) -> str:
    """What those versions say."""
    return exists("calendar_version", "scoped_hours", f"{row}.calendar_version_id", calendar_version_in_scope, kind)


def in_visible_definition(row: str, kind: PartyKind) -> str:
    """What the definitions of those targets say."""
    return exists("target_version", "scoped_definition", f"{row}.target_version_id", of_visible_target, kind)


def terms_in_scope(terms: str, kind: PartyKind) -> str:
    """The terms of the versions of the party's agreements."""
    return exists("agreement_version", "scoped_version", f"{terms}.agreement_version_id", in_visible_agreement, kind)


def in_visible_terms(row: str, kind: PartyKind) -> str:
    """What those terms grant."""
    return exists("agreement_terms", "scoped_terms", f"{row}.terms_id", terms_in_scope, kind)


def _timed_by(calendar_id: str, kind: PartyKind) -> str:
    named = "organisation_id, target_id, calendar_id"
    both = " UNION ALL ".join(
        f"SELECT {named} FROM {table} AS of_kind WHERE of_kind.organisation_id = $1::uuid"  # noqa: S608 - our own names
        for table in ("target_version", "availability_target_version")
    )
    return (
        f"EXISTS (SELECT FROM ({both}) AS scoped_definition"
        f" WHERE scoped_definition.organisation_id = $1::uuid AND scoped_definition.calendar_id = {calendar_id}"
        f" AND {of_visible_target('scoped_definition', kind)})"
    )
