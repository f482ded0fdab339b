"""Recording what a version of an agreement says beside its targets: once, with the credits it grants."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.agreements.contract_rules import MOST_BANDS, Terms, check_terms
from services.agreements.models import AgreementTerms, AgreementVersion, CreditBand
from services.calendars.models import Calendar
from services.db import WriteSession, fetch
from services.domain.inputs import Problems
from services.errors import NotFound
from services.organisations.rules import Actor, Permission
from services.rows import add_row, add_rows, check_reference, existing_ids

TARGETS = """
SELECT t.key, t.id, d.objective_percent FROM (
    SELECT c.target_id, c.objective_percent FROM target_version c
    WHERE c.organisation_id = $1::uuid AND c.agreement_version_id = $2::uuid
    UNION ALL
    SELECT v.target_id, v.objective_percent FROM availability_target_version v
    WHERE v.organisation_id = $1::uuid AND v.agreement_version_id = $2::uuid
) AS d JOIN target t ON t.organisation_id = $1::uuid AND t.id = d.target_id
"""


async def record_terms(
    session: WriteSession, *, actor: Actor, agreement_version_id: UUID, terms: Terms, now: datetime
) -> UUID:
    """Record the terms of a version. Conflict when it has terms already: other ones are those of a further version."""
    actor.require(Permission.DEFINE)
    own = actor.organisation_id
    if not await existing_ids(session, AgreementVersion, own, [agreement_version_id]):
        raise NotFound("there is no such agreement version")
    targets = {
        key: (id_, objective) for key, id_, objective in await fetch(session, TARGETS, own, agreement_version_id)
    }
    problems = Problems()
    check_terms(terms, {key: objective for key, (_, objective) in targets.items()}, problems)
    await check_reference(session, problems, "coverage_calendar_id", Calendar, own, terms.coverage_calendar_id)
    problems.refuse("the terms cannot be recorded")
    stamps = actor.stamps(now)
    terms_id = await add_row(
        session,
        AgreementTerms,
        {"agreement_version_id": agreement_version_id, **_said(terms), **stamps},
        taken="the version has terms already; what was agreed is not overwritten, so publish a further version",
    )
    bands = [
        {
            "terms_id": terms_id,
            "target_id": targets[band.target_key][0],
            "lower_percent": band.lower_percent,
            "upper_percent": band.upper_percent,
            "credit_percent": band.credit_percent,
            "credit_amount": band.credit_amount,
        }
        for band in terms.credit_bands[:MOST_BANDS]
    ]
    await add_rows(session, CreditBand, bands, stamps=stamps)
    return terms_id


def _said(terms: Terms) -> dict[str, Any]:
    said = {name: getattr(terms, name) for name in Terms.__dataclass_fields__ if name != "credit_bands"}
    return said | {"exclusions": list(terms.exclusions)}
