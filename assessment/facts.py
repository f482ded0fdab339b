"""Fills the evidence from the services; nothing else in the assessment reads them."""

from datetime import datetime
from uuid import UUID

from assessment.evidence import LOOK_BACK, Evidence
from services.agreements.negotiations import negotiated_agreements
from services.agreements.purchases import purchases
from services.agreements.queries import promised_targets
from services.alignment.as_of import alignment_as_of
from services.alignment.trace import trace_matrix
from services.catalogue.queries import design_gates, live_services
from services.compliance.records import records_of_targets
from services.db import ReadSession
from services.governance.queries import reported_figures, rhythms
from services.improvement.queries import breach_consequences, register_entries
from services.requirements.queries import requirements_of_live_services

STATEMENTS = 33
"""How many statements `gather` runs: one, four, one, one, one, one, one, five, one, two, one and fourteen."""


async def gather(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> Evidence:
    """What was on record at `as_of`, in a number of statements that does not grow with the organisation."""
    since = as_of - LOOK_BACK
    # First: what is recorded meanwhile must not look as if something were missing.
    records = await records_of_targets(session, organisation_id, as_of=as_of)
    services = await requirements_of_live_services(session, organisation_id, as_of=as_of)
    targets = await promised_targets(session, organisation_id, as_of=as_of)
    chains, signatures = await alignment_as_of(session, organisation_id, as_of=as_of)
    return Evidence(
        as_of=as_of,
        chains=tuple(chains),
        signatures=tuple(signatures),
        services=tuple(services),
        targets=tuple(targets),
        traces=(await trace_matrix(session, organisation_id, as_of=as_of)).rows,
        gates=tuple(await design_gates(session, organisation_id, as_of=as_of)),
        purchases=tuple(await purchases(session, organisation_id, since=since, as_of=as_of)),
        negotiated=tuple(await negotiated_agreements(session, organisation_id, as_of=as_of)),
        records=tuple(records),
        cadences=tuple(await rhythms(session, organisation_id, since=since, as_of=as_of)),
        figures=tuple(await reported_figures(session, organisation_id, since=since, as_of=as_of)),
        breaches=tuple(await breach_consequences(session, organisation_id, since=since, as_of=as_of)),
        register=tuple(await register_entries(session, organisation_id, as_of=as_of)),
        service_names={each.service.service_id: each.service.name for each in services},
        target_names={each.target_id: each.target_key for each in targets},
    )


async def has_live_services(session: ReadSession, organisation_id: UUID, *, as_of: datetime) -> bool:
    """Whether anything is live at all: then some patterns cannot be declared not applicable."""
    return bool(await live_services(session, organisation_id, as_of=as_of))
