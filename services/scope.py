"""What accounts of a party see of every table: the one mapping. A table that is not in it is invisible to them.

Rows are chosen by the scope expressions of the contexts. A relation that must never be null leads from a visible row to
a visible one by these expressions: from an agreement to its service, from a target to its agreement, from a definition,
a clock, a result or a breach to its target and the service hours it counts by.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.agreements.scope import (
    calendar_in_scope,
    calendar_version_in_scope,
    in_visible_agreement,
    in_visible_calendar_version,
    in_visible_definition,
    in_visible_terms,
    of_visible_target,
    party_in_scope,
    service_in_scope,
    terms_in_scope,
)
from services.attainment.scope import of_visible_result
from services.compliance.scope import breach_in_scope, retraction_in_scope
from services.forecasting.scope import forecast_in_scope
from services.organisations.rules import PartyKind
from services.organisations.scope import RowScope, belongs_to_party, everything, is_side, token_in_scope
from services.tickets.scope import clock_in_scope, of_visible_ticket


@dataclass(frozen=True)
class PartyView:
    """Which rows of a table parties of each kind see (none, where the kind is missing), and which columns they do not.

    `hidden` names attributes of the model.
    """

    rows: Mapping[PartyKind, RowScope]
    hidden: frozenset[str] = frozenset()


INVISIBLE = PartyView({})


def _all(rows: RowScope, *hidden: str) -> PartyView:
    return PartyView(dict.fromkeys(PartyKind, rows), frozenset(hidden))


_PARTY_VIEWS: dict[str, PartyView] = {
    "organisation": _all(everything),
    "party": _all(party_in_scope),
    "person": _all(belongs_to_party),
    "account": _all(belongs_to_party),
    "api_token": _all(token_in_scope),
    # Read only through a token.
    "api_token_use": INVISIBLE,
    "calendar": _all(calendar_in_scope),
    "calendar_version": _all(calendar_version_in_scope),
    "calendar_window": _all(in_visible_calendar_version),
    "calendar_holiday": _all(in_visible_calendar_version),
    "calendar_closure": _all(in_visible_calendar_version),
    # Its key and name: what it does and how critical it is concern whoever runs it.
    "service": _all(service_in_scope, "description", "criticality"),
    "agreement": _all(is_side),
    "agreement_version": _all(in_visible_agreement),
    "target": _all(in_visible_agreement),
    "agreement_terms": _all(terms_in_scope),
    "credit_band": _all(in_visible_terms),
    "contract_clause": _all(in_visible_agreement),
    "target_version": _all(of_visible_target),
    "contract_point": _all(in_visible_definition),
    "availability_target_version": _all(of_visible_target),
    # Not who else worked on it by name, nor what its system of record concluded about promises to others.
    "ticket": _all(is_side, "assignee", "recorded_outcome", "recorded_outcome_known_at"),
    "ticket_event": _all(of_visible_ticket, "assignee", "recorded_outcome", "attributes"),
    "clock": _all(clock_in_scope),
    "superseded_clock": _all(clock_in_scope),
    "period_result": _all(of_visible_target),
    "superseded_period_result": _all(of_visible_result),
    "period_freeze": _all(of_visible_result),
    "recomputed_period_result": _all(of_visible_result),
    "period_adjustment": _all(of_visible_result),
    "breach": _all(breach_in_scope),
    "breach_retraction": _all(retraction_in_scope),
    # For whoever can still prevent the breach. The reasons compare with the tickets of all parties; what came of a
    # ticket is what its system of record concluded, perhaps about promises to others.
    "forecast": PartyView(
        dict.fromkeys((PartyKind.SUPPLIER, PartyKind.INTERNAL_TEAM), forecast_in_scope),
        frozenset({"reasons", "inputs", "outcome", "outcome_at", "squared_error"}),
    ),
}

_INVISIBLE_TABLES = frozenset(
    {
        # Found before anything is known, never read through the API.
        "organisation_key", "due_organisation", "bundle_import", "idempotency_key",
        # The organisation from within: who is where, who holds which role, who owns what, where its data come from.
        "department", "role_assignment", "service_ownership", "lifecycle_event", "ticket_import",
        # What was required, with what failing costs, and what it became: before anything was promised to anybody.
        "service_level_requirement", "requirement_version", "requirement_approval", "requirement_waiver",
        "target_requirement", "clause_requirement",
        # Who negotiates with whom, and on what grounds contracts are awarded and renewed.
        "agreement_participation", "procurement_event", "procurement_recommendation", "recommendation_decision",
        # Who sat in when services were designed, how they are watched, and who looks where.
        "design_gate", "design_gate_participation",
        "indicator", "indicator_target", "monitor", "monitor_installation", "monitor_report",
        "dashboard_tile", "tile_placement", "tile_monitor",
        "openslo_document", "openslo_document_version", "openslo_objective",
        # What services are built of, and who else takes part in them.
        "component", "component_version", "component_need", "component_support", "service_structure",
        "response_chain", "response_chain_version", "response_hop",
        # Whether what was promised can be kept, and what is done about it.
        "chain_judgement", "target_alignment", "alignment_gap", "alignment_gap_entry",
        # What the organisation does about breaches, and how it is governed, across all parties.
        "improvement", "improvement_breach", "improvement_status_change", "changed_object", "breach_acceptance",
        "breach_accountability",
        "cadence", "cadence_end", "meeting", "attendance", "decision", "action", "action_status_change",
        "meeting_breach", "report_pack", "reported_figure", "daily_snapshot", "snapshot_acknowledgement",
        # Who changed what in all of this.
        "audit_entry", "audit_personal_value",
        # Counts the tickets and breaches of all parties.
        "recomputation",
        # Learned from the tickets of all parties.
        "forecast_model", "forecast_score",
        # What other systems concluded, perhaps about promises to others.
        "reported_clock",
        # How mature the organisation is.
        "assessment_campaign", "assessment_answer", "assessment_score", "assessment_pattern_score", "assessed_unit",
    }
)  # fmt: skip

PARTY_VIEWS: Mapping[str, PartyView] = _PARTY_VIEWS | dict.fromkeys(_INVISIBLE_TABLES, INVISIBLE)
"""By the name of the table."""


def party_view(table: str) -> PartyView:
    """What parties see of a table: nothing, unless the mapping says otherwise."""
    return PARTY_VIEWS.get(table, INVISIBLE)
