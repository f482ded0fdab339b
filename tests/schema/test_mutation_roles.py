"""Which role may run which mutation: the table of every mutation there is."""

from typing import Any

import pytest

from services.db import Database
from services.organisations.rules import AccessRole
from tests.factories.organisations import new_actor
from tests.schema.mutating import Changes

ID, INSTANT = "nothing", "2026-01-01T00:00:00Z"
NAMED = {"key": "k", "name": "n"}
ROLE = {"personId": ID, "role": "CIO"}
OWNERSHIP = {"serviceId": ID, "personId": ID, "kind": "BUSINESS_OWNER"}
SUPPORT = {"agreementId": ID, "componentId": ID}
LINK = {"targetId": ID, "requirementId": ID}
GATE = {"serviceId": ID, "key": "k", "name": "n", "heldAt": INSTANT, "outcome": "PASSED"}
PARTICIPATION = {"designGateId": ID, "personId": ID, "role": "CUSTOMER", "kind": "SIGNED"}
PART = {"agreementId": ID, "personId": ID, "part": "OWNER"}
CLAUSE = {"agreementId": ID, "reference": "4.2", "text": "t"}
INDICATOR = NAMED | {"serviceId": ID, "metric": "m", "unit": "u"}
MONITOR = NAMED | {"indicatorId": ID, "source": "s", "validFrom": INSTANT}
TILE = NAMED | {"dashboard": "d", "validFrom": INSTANT}
REPORT = {"monitorId": ID, "lastDataAt": INSTANT}
DEFINITION = {"timeZone": "UTC", "windows": [{"weekday": 1, "opens": "09:00", "closes": "17:00"}]}

ADMINISTERING: dict[str, dict[str, Any]] = {
    "createDepartment": NAMED,
    "createParty": NAMED | {"kind": "CUSTOMER"},
    "createPerson": NAMED,
    "updateOrganisation": {"name": "n", "timeZone": "UTC"},
    "updateDepartment": {"departmentId": ID, "name": "n"},
    "updateParty": {"partyId": ID, "name": "n", "kind": "CUSTOMER"},
    "updatePerson": {"personId": ID, "name": "n"},
    "createParties": {"items": [NAMED | {"kind": "CUSTOMER"}]},
    "createPeople": {"items": [NAMED]},
    "assignRole": ROLE,
    "endRole": ROLE,
    "createAccount": {"name": "n", "role": "VIEWER"},
    "createApiToken": {"accountId": ID, "label": "l"},
    "revokeApiToken": {"tokenId": ID},
    "rotateApiToken": {"tokenId": ID},
}
DEFINING: dict[str, dict[str, Any]] = {
    "createCalendar": NAMED | {"validFrom": INSTANT, "definition": DEFINITION},
    "publishCalendarVersion": {"calendarId": ID, "validFrom": INSTANT, "definition": DEFINITION},
    "reviewHolidays": {"calendarId": ID},
    "createService": NAMED,
    "createServices": {"items": [NAMED]},
    "createRequirements": {"items": [{"key": "k", "serviceId": ID, "definition": {"statement": "s"}}]},
    "createAgreements": {"items": [NAMED | {"kind": "SLA", "serviceId": ID, "validFrom": INSTANT, "targets": []}]},
    "registerImprovements": {"items": [{"key": "k", "title": "t", "consequence": "APOLOGY"}]},
    "updateService": {"serviceId": ID},
    "assignAlignmentGap": {"gapId": ID, "personId": ID},
    "acceptAlignmentGap": {"gapId": ID, "personId": ID, "expiresAt": INSTANT, "reason": "r"},
    "withdrawAlignmentGapAcceptance": {"gapId": ID, "personId": ID, "reason": "r"},
    "createComponent": NAMED,
    "createComponents": {"items": [NAMED]},
    "publishComponentVersion": {"componentId": ID, "definition": {}},
    "renameComponent": {"componentId": ID, "name": "n"},
    "defineServiceStructure": {"serviceId": ID, "componentId": ID},
    "defineServiceStructures": {"items": [{"serviceId": ID, "componentId": ID}]},
    "createResponseChain": NAMED | {"serviceId": ID, "definition": {"hops": []}},
    "createResponseChains": {"items": [NAMED | {"serviceId": ID, "definition": {"hops": []}}]},
    "publishResponseChainVersion": {"responseChainId": ID, "definition": {"hops": []}},
    "renameResponseChain": {"responseChainId": ID, "name": "n"},
    "supportComponent": SUPPORT,
    "endComponentSupport": SUPPORT,
    "supportComponents": {"items": [SUPPORT]},
    "assignOwnership": OWNERSHIP,
    "endOwnership": OWNERSHIP,
    "recordLifecycleEvent": {"serviceId": ID, "kind": "GO_LIVE", "occurredAt": INSTANT},
    "createAgreement": NAMED | {"kind": "SLA", "serviceId": ID, "validFrom": INSTANT, "targets": []},
    "publishAgreementVersion": {"agreementId": ID, "validFrom": INSTANT, "targets": []},
    "endAgreement": {"agreementId": ID, "reason": "r"},
    "previewCalendarVersion": {"calendarId": ID, "validFrom": INSTANT, "definition": DEFINITION},
    "previewHolidayReview": {"calendarId": ID},
    "previewAgreementVersion": {"agreementId": ID, "validFrom": INSTANT, "targets": []},
    "previewAgreementEnd": {"agreementId": ID, "reason": "r"},
    "freezePeriodResult": {"periodResultId": ID, "signedById": ID},
    "adjustPeriodResult": {
        "periodResultId": ID,
        "figures": {"met": 1, "missed": 0},
        "reason": "r",
        "signedById": ID,
        "expectedAdjustments": 0,
    },
    "retractBreach": {"breachId": ID, "reason": "r"},
    "createRequirement": {"key": "k", "serviceId": ID, "definition": {"statement": "s"}},
    "publishRequirementVersion": {"requirementId": ID, "definition": {"statement": "s"}},
    "approveRequirement": {"requirementVersionId": ID, "personId": ID},
    "withdrawApproval": {"requirementVersionId": ID, "personId": ID, "reason": "r"},
    "waiveRequirement": {"requirementId": ID, "personId": ID, "validUntil": INSTANT, "reason": "r"},
    "linkRequirement": LINK,
    "unlinkRequirement": LINK,
    "recordDesignGate": GATE,
    "recordDesignGates": {"items": [GATE]},
    "recordGateParticipation": PARTICIPATION,
    "recordGateParticipations": {"items": [PARTICIPATION]},
    "recordContractClause": CLAUSE,
    "recordContractClauses": {"items": [CLAUSE]},
    "linkClause": {"clauseId": ID, "requirementId": ID},
    "unlinkClause": {"clauseId": ID, "requirementId": ID},
    "holdAccountable": {"breachId": ID, "role": "CIO", "decidedById": ID, "reason": "r"},
    "recordAgreementTerms": {"agreementVersionId": ID},
    "beginParticipation": PART,
    "endParticipation": PART,
    "recordProcurementEvent": {"agreementId": ID, "kind": "SIGNED"},
    "recommend": {"agreementId": ID, "personId": ID, "statement": "s"},
    "answerRecommendation": {"recommendationId": ID, "personId": ID, "answer": "ACCEPTED", "reason": "r"},
    "createIndicator": INDICATOR,
    "createIndicators": {"items": [INDICATOR]},
    "createMonitor": MONITOR,
    "createMonitors": {"items": [MONITOR]},
    "createDashboardTile": TILE,
    "createDashboardTiles": {"items": [TILE]},
    "linkIndicator": {"targetId": ID, "indicatorId": ID},
    "unlinkIndicator": {"targetId": ID, "indicatorId": ID},
    "installMonitor": {"monitorId": ID},
    "removeMonitor": {"monitorId": ID},
    "placeDashboardTile": {"tileId": ID},
    "removeDashboardTile": {"tileId": ID},
    "linkTileMonitor": {"tileId": ID, "monitorId": ID},
    "unlinkTileMonitor": {"tileId": ID, "monitorId": ID},
    "registerImprovement": {"key": "k", "title": "t", "consequence": "APOLOGY"},
    "linkBreach": {"improvementId": ID, "breachId": ID},
    "recordImprovementStatus": {"improvementId": ID, "status": "IMPLEMENTED"},
    "acceptBreach": {"breachId": ID, "personId": ID, "reason": "r"},
    "createCadence": NAMED | {"rhythm": "DAILY", "startsOn": "2026-01-01", "timeZone": "UTC"},
    "endCadence": {"cadenceId": ID, "endsOn": "2026-01-01", "reason": "r"},
    "recordMeeting": {"cadenceId": ID, "plannedFor": "2026-01-01", "heldAt": INSTANT},
    "recordActionStatus": {"actionId": ID, "status": "DONE"},
    "recordReportPack": {"title": "t", "sha256": "0" * 64},
    "recordDailySnapshot": {"cadenceId": ID, "day": "2026-01-01", "dataAt": INSTANT},
    "acknowledgeSnapshot": {"snapshotId": ID, "personId": ID, "kind": "OPENED"},
    "startAssessment": {"title": "t"},
    "completeAssessment": {"assessmentId": ID},
}
EVENT = {"ticket": "INC1", "occurredAt": INSTANT, "state": "NEW"}
INGESTING: dict[str, dict[str, Any]] = {
    "recordTicketEvent": {"event": EVENT},
    "recordTicketEvents": {"events": [EVENT]},
    "recordMonitorReport": REPORT,
    "recordMonitorReports": {"items": [REPORT]},
}
ANSWERING: dict[str, dict[str, Any]] = {
    "recordAnswer": {"assessmentId": ID, "pattern": "G1", "respondent": "ann", "role": "manager", "level": 3},
}
MUTATIONS = ADMINISTERING | DEFINING | INGESTING | ANSWERING


def test_the_table_has_every_mutation(change: Changes) -> None:
    assert sorted(change.fields) == sorted(MUTATIONS)


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (AccessRole.VIEWER, {*ADMINISTERING, *DEFINING, *INGESTING}),
        (AccessRole.INGEST, {*ADMINISTERING, *DEFINING}),
        (AccessRole.MANAGER, {*ADMINISTERING}),
        (AccessRole.ADMINISTRATOR, set()),
        (AccessRole.AUDITOR, {*MUTATIONS}),
    ],
)
async def test_a_role_runs_the_mutations_of_its_row_and_no_others(
    change: Changes, database: Database, role: AccessRole, refused: set[str]
) -> None:
    actor = await new_actor(database, role)
    for field, given in MUTATIONS.items():
        answer = await change(actor, field, given)
        assert (answer["__typename"] == "NotPermittedProblem") is (field in refused), field
