"""The enumerations of the services as GraphQL shows them, each value described for readers of the API.

A value of GraphQL is the member's name; the planner relies on members being their stored values in upper case.

One file because it is one list: a table of words, without logic beyond `_describe`.
"""

from collections.abc import Mapping
from enum import StrEnum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from assessment.agreement import Agreement as RespondentAgreement
from assessment.claims import ReasonNotApplicable
from assessment.definitions import Family
from assessment.findings import Shortfall
from assessment.prevalence import Band
from assessment.rules import AnswerKind
from assessment.verdicts import Verdict
from services.agreements.contract_rules import (
    AwardCriterion,
    ProcurementEventKind,
    RecommendationAnswer,
    Renewal,
)
from services.agreements.contract_rules import Part as AgreementPart
from services.agreements.contracts import Ownership as ContractOwnership
from services.agreements.contracts import PackState
from services.agreements.contracts import SourcedBy as ContractSourcing
from services.agreements.rules import AgreementKind, TargetKind, VersionStatus
from services.alignment.coverage import CoverageCode
from services.alignment.rules import Axis, AxisState, ChainVerdict, GapEntryKind
from services.alignment.signatures import SignatureOutcome
from services.alignment.trace_rules import EdgeFault, EdgeState, Hop
from services.attainment.figures import Grouping, SelectionBasis
from services.attainment.findings import FindingCode, FindingWeight
from services.attainment.rules import Dimension
from services.audit.rules import AuditKind
from services.catalogue.rules import (
    ComponentKind,
    Criticality,
    Gate,
    GateOutcome,
    GateParticipationKind,
    GateRole,
    GateStanding,
    LifecycleEventKind,
    OwnershipKind,
)
from services.compliance.rules import BreachKind
from services.domain.vocabulary import (
    ClockStatus,
    ClockTransitionKind,
    Outcome,
    PeriodKind,
    ReopenPolicy,
    StartRule,
    TicketState,
)
from services.forecasting.rules import (
    Abstention,
    ForecastMoment,
    ForecastSubject,
    ModelFamily,
    ReasonCode,
    ScoreBasis,
)
from services.governance.rules import AcknowledgementKind, ActionStatus, AttendeeRole, DecisionKind, Rhythm
from services.improvement.rules import ChangedObjectKind, Consequence, ImprovementStatus
from services.measurement.rules import BudgetingMethod, OpenSloKind, ThresholdOperator
from services.organisations.rules import AccessRole, GovernanceRole, PartyKind, Permission, Tenure
from services.requirements.meaning import Meaninglessness
from services.requirements.rules import ApprovalDecision, ApprovalTiming, Comparison, CostBasis, RequirementPriority
from services.rows import BulkMode

__all__ = [
    "Abstention",
    "AccessRole",
    "AcknowledgementKind",
    "ActionStatus",
    "AgreementKind",
    "AgreementPart",
    "AnswerKind",
    "ApprovalDecision",
    "ApprovalTiming",
    "AttendeeRole",
    "AuditKind",
    "AwardCriterion",
    "Axis",
    "AxisState",
    "Band",
    "BreachKind",
    "BudgetingMethod",
    "BulkMode",
    "ChainVerdict",
    "ChangedObjectKind",
    "ClockStatus",
    "ClockTransitionKind",
    "Comparison",
    "ComponentKind",
    "Consequence",
    "ContractOwnership",
    "ContractSourcing",
    "CostBasis",
    "CoverageCode",
    "Criticality",
    "DecisionKind",
    "Dimension",
    "EdgeFault",
    "EdgeState",
    "Family",
    "FindingCode",
    "FindingWeight",
    "ForecastMoment",
    "ForecastSubject",
    "GapEntryKind",
    "Gate",
    "GateOutcome",
    "GateParticipationKind",
    "GateRole",
    "GateStanding",
    "GovernanceRole",
    "Grouping",
    "Hop",
    "ImprovementStatus",
    "LifecycleEventKind",
    "Meaninglessness",
    "ModelFamily",
    "OpenSloKind",
    "Outcome",
    "OwnershipKind",
    "PackState",
    "PartyKind",
    "PeriodKind",
    "Permission",
    "ProcurementEventKind",
    "ReasonCode",
    "ReasonNotApplicable",
    "RecommendationAnswer",
    "Renewal",
    "ReopenPolicy",
    "RequirementPriority",
    "RespondentAgreement",
    "Rhythm",
    "ScoreBasis",
    "SelectionBasis",
    "Shortfall",
    "SignatureOutcome",
    "StartRule",
    "TargetKind",
    "Tenure",
    "ThresholdOperator",
    "TicketState",
    "Verdict",
    "VersionStatus",
]


def _describe(
    enumeration: type[StrEnum], description: str, members: Mapping[StrEnum, str], name: str | None = None
) -> None:
    """Make an enumeration a GraphQL type, by its own name or another. KeyError when a member lacks its description."""
    strawberry.enum(enumeration, name=name, description=description)
    definition: StrawberryEnumDefinition = vars(enumeration)["__strawberry_definition__"]
    for value in definition.values:
        value.description = members[enumeration(value.value)]


_describe(
    AccessRole,
    "What an account may do through this API.",
    {
        AccessRole.VIEWER: "Reads its organisation, and answers assessments.",
        AccessRole.MANAGER: "Reads, records tickets, and changes definitions: calendars, services, agreements.",
        AccessRole.ADMINISTRATOR: "May do everything, people, accounts and tokens included.",
        AccessRole.INGEST: "Records tickets and their events, and reads.",
        AccessRole.AUDITOR: "Reads everything, who changed what included; changes nothing.",
    },
)
_describe(
    PartyKind,
    "Which side of an agreement a party stands on.",
    {
        PartyKind.CUSTOMER: "Receives the service.",
        PartyKind.INTERNAL_TEAM: "Contributes to it from within the organisation.",
        PartyKind.SUPPLIER: "Contributes to it from outside, under a contract.",
    },
)
_describe(
    GovernanceRole,
    "Roles people hold in the governance of service levels.",
    {
        GovernanceRole.CIO: "Answers for information technology as a whole.",
        GovernanceRole.SERVICE_LEVEL_MANAGER: "Negotiates, watches and reviews service levels.",
        GovernanceRole.SERVICE_DESIGN_LEAD: "Answers for how services are designed.",
        GovernanceRole.VENDOR_MANAGER: "Manages the suppliers.",
        GovernanceRole.PROCUREMENT_LEAD: "Concludes contracts with suppliers.",
        GovernanceRole.CUSTOMER_EXPERIENCE_MANAGER: "Answers for how customers experience services.",
        GovernanceRole.CONTINUAL_IMPROVEMENT_LEAD: "Keeps improvements moving.",
    },
)
_describe(
    Tenure,
    "Whether an entry of a history begins or ends something. It lasts until the next entry of the same kind.",
    {Tenure.HELD: "From this instant on, it holds.", Tenure.ENDED: "From this instant on, no longer."},
)
_describe(
    Criticality,
    "How much the business depends on a service.",
    {
        Criticality.CRITICAL: "The business stops without it.",
        Criticality.IMPORTANT: "The business suffers without it.",
        Criticality.STANDARD: "The business can do without it for a while.",
    },
)
_describe(
    OwnershipKind,
    "In which capacity somebody owns a service.",
    {
        OwnershipKind.SERVICE_LEVEL_OWNER: "Answers for keeping its service levels.",
        OwnershipKind.BUSINESS_OWNER: "Speaks for the business that uses it.",
        OwnershipKind.EXECUTIVE_SPONSOR: "Stands behind it in the management.",
    },
)
_describe(
    LifecycleEventKind,
    "Milestones of a service's life.",
    {
        LifecycleEventKind.DESIGN_STARTED: "Its design began.",
        LifecycleEventKind.DESIGN_APPROVED: "Its design was approved.",
        LifecycleEventKind.GO_LIVE: "Customers began to use it.",
        LifecycleEventKind.RETIRED: "It was taken out of use.",
    },
)
_describe(
    GateOutcome,
    "What came of a design gate.",
    {
        GateOutcome.PASSED: "The design passed.",
        GateOutcome.PASSED_WITH_CONDITIONS: "The design passed, if what was asked for is done.",
        GateOutcome.REFUSED: "The design did not pass.",
    },
)
_describe(
    GateRole,
    "What somebody stands for at a design gate.",
    {
        GateRole.CIO: "Information technology as a whole.",
        GateRole.SERVICE_LEVEL_MANAGER: "The service levels.",
        GateRole.SERVICE_DESIGN_LEAD: "The design of services.",
        GateRole.VENDOR_MANAGER: "The suppliers.",
        GateRole.PROCUREMENT_LEAD: "Contracts with suppliers.",
        GateRole.CUSTOMER_EXPERIENCE_MANAGER: "How customers experience services.",
        GateRole.CONTINUAL_IMPROVEMENT_LEAD: "Improvements.",
        GateRole.CUSTOMER: "Those who will use the service.",
        GateRole.OPERATIONS: "Those who will run the service.",
    },
)
_describe(
    GateParticipationKind,
    "How somebody took part in a design gate.",
    {
        GateParticipationKind.ATTENDED: "They were there.",
        GateParticipationKind.SIGNED: "They signed it.",
    },
)
_describe(
    ComponentKind,
    "Whether a component can fail by itself.",
    {
        ComponentKind.ELEMENT: "Somebody runs it: it works when it is up and what it needs works.",
        ComponentKind.GROUP: "It is nothing but its parts: it works when enough of them do.",
    },
)
_describe(
    Gate,
    "How many of the components that are needed have to work.",
    {
        Gate.ALL_OF: "All of them.",
        Gate.ANY_OF: "One is enough.",
        Gate.AT_LEAST: "As many as `atLeast` says.",
    },
)
_describe(
    AgreementKind,
    "Kinds of agreements about a service.",
    {
        AgreementKind.SLA: "Service level agreement: with a customer.",
        AgreementKind.OLA: "Operational level agreement: with an internal team.",
        AgreementKind.UC: "Underpinning contract: with a supplier.",
        AgreementKind.XLA: "Experience level agreement: about how users experience the service.",
    },
)
_describe(
    VersionStatus,
    "What a version of an agreement does to it.",
    {
        VersionStatus.IN_FORCE: "The agreement holds as this version says.",
        VersionStatus.ENDED: "The agreement ends; this version promises nothing.",
    },
)
_describe(
    TargetKind,
    "What a target is about.",
    {
        TargetKind.CLOCK: "How long something may take, ticket by ticket.",
        TargetKind.AVAILABILITY: "How much of the time the service must be there.",
    },
)
_describe(
    AgreementPart,
    "What somebody does for an agreement.",
    {
        AgreementPart.OWNER: "Answers for it, and negotiates the next one.",
        AgreementPart.NEGOTIATOR: "Negotiates it.",
        AgreementPart.SIGNER: "Signs it.",
    },
    name="AgreementPart",
)
_describe(
    Renewal,
    "What happens when the term of an agreement ends.",
    {
        Renewal.NONE: "It ends.",
        Renewal.AUTOMATIC: "It goes on unless somebody gives notice in time.",
        Renewal.OUR_OPTION: "It goes on if we want it to.",
        Renewal.THEIR_OPTION: "It goes on if the other side wants it to.",
    },
)
_describe(
    ProcurementEventKind,
    "What happens to a contract between sourcing and its end.",
    {
        ProcurementEventKind.STARTED: "Sourcing began.",
        ProcurementEventKind.REQUIREMENTS_ATTACHED: "Service level requirements were attached.",
        ProcurementEventKind.EVIDENCE_PACK_READY: "Evidence of what was delivered was ready for the decision.",
        ProcurementEventKind.AWARDED: "It was decided who gets it.",
        ProcurementEventKind.SIGNED: "It was signed.",
        ProcurementEventKind.RENEWED: "It was renewed.",
        ProcurementEventKind.AMENDED: "It was amended.",
        ProcurementEventKind.TERMINATED: "It was terminated.",
    },
)
_describe(
    AwardCriterion,
    "What decides who gets a contract.",
    {
        AwardCriterion.PRICE_ONLY: "The price alone.",
        AwardCriterion.QUALITY_WEIGHTED: "Price and quality, weighted.",
        AwardCriterion.OTHER: "Something else.",
    },
)
_describe(
    RecommendationAnswer,
    "What becomes of a recommendation.",
    {
        RecommendationAnswer.ACCEPTED: "It is followed.",
        RecommendationAnswer.REJECTED: "It is not followed.",
    },
)
_describe(
    ContractOwnership,
    "Whether somebody answers for a contract.",
    {
        ContractOwnership.UNIQUE: "One person does.",
        ContractOwnership.SHARED: "Several people do.",
        ContractOwnership.NONE: "Nobody does.",
        ContractOwnership.CANNOT_TELL: "An entry about who takes part in it is missing.",
    },
    name="ContractOwnership",
)
_describe(
    ContractSourcing,
    "How service level management had a say in a contract.",
    {
        ContractSourcing.NEGOTIATED: "It negotiated or signed the contract.",
        ContractSourcing.REQUIREMENTS_BINDING: "It did not, but its requirements are in the contract and bind.",
        ContractSourcing.NEITHER: "Neither.",
        ContractSourcing.CANNOT_TELL: "When the contract was signed, or by whom, is not on record.",
    },
    name="ContractSourcing",
)
_describe(
    SignatureOutcome,
    "What a contract did to the promises that rested on it when it was signed.",
    {
        SignatureOutcome.BREAKS: "At least one of them was not backed, or could not be kept at all.",
        SignatureOutcome.CANNOT_TELL: "That cannot be told of one of them, or records are missing.",
        SignatureOutcome.SOUND: "All of them were backed, or none rested on it.",
    },
)
_describe(
    PackState,
    "Whether the evidence of what a supplier delivered is there before a decision is due.",
    {
        PackState.READY: "It was ready in time.",
        PackState.NOT_READY: "It is not ready, or was ready too late.",
        PackState.CANNOT_TELL: "When the decision is due is not on record.",
    },
)
_describe(
    CostBasis,
    "What the cost of failing is counted by.",
    {CostBasis.MINUTE: "By the minute that it lasts.", CostBasis.EVENT: "By the time that it happens."},
)
_describe(
    RequirementPriority,
    "How much it matters that a requirement is met, compared with others.",
    {
        RequirementPriority.CRITICAL: "The business stops without it.",
        RequirementPriority.HIGH: "It matters more than most.",
        RequirementPriority.MEDIUM: "It matters as most do.",
        RequirementPriority.LOW: "It matters less than most.",
    },
)
_describe(
    ChainVerdict,
    "Whether a promise is kept whenever everybody below keeps theirs.",
    {
        ChainVerdict.BACKED: "It is, whatever happens together.",
        ChainVerdict.NOT_BACKED: "There is a scenario in which everybody below keeps theirs and it is broken.",
        ChainVerdict.IMPOSSIBLE_AT_FLOOR: "Even at the best of times, parties that deliver their minimum break it.",
        ChainVerdict.UNKNOWN: "That cannot be told; a reason says what is missing.",
    },
)
_describe(
    Axis,
    "What of a promise is compared with what is below it.",
    {
        Axis.VALUE: "How well.",
        Axis.COVERAGE: "At which times.",
        Axis.TERM: "For how long, and with how much notice.",
        Axis.SCOPE: "By which definition: which tickets, which pauses, which exclusions.",
    },
)
_describe(
    AxisState,
    "What came of one comparison.",
    {
        AxisState.HOLDS: "What is below suffices.",
        AxisState.FAILS: "It does not.",
        AxisState.UNKNOWN: "That cannot be told.",
    },
)
_describe(
    GapEntryKind,
    "What was done about a gap.",
    {
        GapEntryKind.ASSIGNED: "Somebody answers for closing it.",
        GapEntryKind.ACCEPTED: "Somebody accepts its risk for a while.",
        GapEntryKind.WITHDRAWN: "The acceptance was taken back.",
    },
)
_describe(
    TicketState,
    "What a ticket is waiting for, in one vocabulary for all ticket systems.",
    {
        TicketState.NEW: "Nobody has begun to work on it.",
        TicketState.IN_PROGRESS: "Somebody is working on it.",
        TicketState.AWAITING_CUSTOMER: "Waiting for the customer or user.",
        TicketState.AWAITING_SUPPLIER: "Waiting for a supplier.",
        TicketState.AWAITING_PROBLEM: "Waiting for the solution of an underlying problem.",
        TicketState.ON_HOLD: "Waiting for something else.",
        TicketState.RESOLVED: "A solution was given; it may still be rejected.",
        TicketState.CLOSED: "Finished.",
        TicketState.CANCELLED: "Withdrawn without a solution.",
        TicketState.UNKNOWN: "The source names a state this program has no word for.",
    },
)
_describe(
    StartRule,
    "Where a clock begins to count when its target begins to apply to a ticket.",
    {
        StartRule.FROM_OPENING: "At the opening of the ticket, whichever target applied then.",
        StartRule.FROM_MATCH: "At the event that made the target apply.",
    },
)
_describe(
    ReopenPolicy,
    "What happens to a completed clock when its ticket is opened again.",
    {
        ReopenPolicy.NEW_CYCLE: "A further clock starts from zero; each is judged alone.",
        ReopenPolicy.RESUME: "The same clock goes on; the time while it was completed does not count.",
        ReopenPolicy.CONTINUOUS: "The same clock goes on as if it had never stopped; the time between counts.",
    },
)
_describe(
    ClockStatus,
    "What a clock is doing. Whether it is breached is another question: see `breachedAt`.",
    {
        ClockStatus.RUNNING: "It counts in service hours.",
        ClockStatus.PAUSED: "It waits for a state that does not pause it.",
        ClockStatus.COMPLETED: "A state stopped it.",
        ClockStatus.CANCELLED: "Its target stopped applying, or the ticket was withdrawn.",
    },
)
_describe(
    ClockTransitionKind,
    "What happened to a clock at an instant.",
    {
        ClockTransitionKind.START: "It began to count.",
        ClockTransitionKind.PAUSE: "It began to wait.",
        ClockTransitionKind.RESUME: "It went on counting.",
        ClockTransitionKind.THRESHOLD: "It crossed a percentage of its duration.",
        ClockTransitionKind.BREACH: "It used up its duration.",
        ClockTransitionKind.STOP: "It was completed.",
        ClockTransitionKind.REOPEN: "Its ticket was opened again, and the same clock went on.",
        ClockTransitionKind.CANCEL: "It was cancelled.",
    },
)
_describe(
    Outcome,
    "Whether a promise was kept. Only MET means that it was.",
    {
        Outcome.MET: "Kept.",
        Outcome.MISSED: "Broken.",
        Outcome.PENDING: "Not decided yet.",
        Outcome.NO_DATA: "There was nothing to judge.",
        Outcome.CANNOT_TELL: "There is something to judge, but not enough to decide.",
    },
)
_describe(
    PeriodKind,
    "Calendar periods over which an objective is judged, in the time zone of the target's calendar.",
    {
        PeriodKind.WEEK: "Monday to Sunday.",
        PeriodKind.MONTH: "A calendar month.",
        PeriodKind.QUARTER: "Three calendar months, the first beginning in January.",
        PeriodKind.YEAR: "A calendar year.",
    },
)
_describe(
    BreachKind,
    "What was promised and not kept.",
    {
        BreachKind.CLOCK: "One ticket ran past its target.",
        BreachKind.PERIOD: "A target missed its objective over a finished period.",
    },
)
_describe(
    SelectionBasis,
    "Which instant of a ticket decides whether a review is about it.",
    {
        SelectionBasis.OPENED: "When it was opened.",
        SelectionBasis.CLOSED: "When it was closed.",
    },
)
_describe(
    Grouping,
    "What tickets are grouped by.",
    {
        Grouping.PRIORITY: "Their priority.",
        Grouping.TEAM: "The team that has them.",
        Grouping.CATEGORY: "Their category.",
    },
)
_describe(
    FindingWeight,
    "How a finding bears on the numbers of a review.",
    {
        FindingWeight.DISTORTS: "The numbers do not mean what they seem to.",
        FindingWeight.MATTERS: "Something a manager should act on.",
        FindingWeight.MISSING: "Something cannot be told, and this is what is missing.",
    },
)
_describe(
    FindingCode,
    "The rules that look for what a reader of a review should know.",
    {
        FindingCode.CLOSING_STALLED: "Closing nearly stopped for a week or more while resolving went on.",
        FindingCode.MISSED_THOUGH_RESOLVED: "Many recorded breaches had been resolved soon after opening.",
        FindingCode.CLOCKS_DISAGREE: "Our clock and the recorded outcome disagree on many tickets.",
        FindingCode.MET_ONLY_AFTER_PAUSING: "Many promises were kept only because the clock was paused.",
        FindingCode.REOPENED: "Many tickets were opened again after they had been called done.",
        FindingCode.ENDS_BY_OPENING: "The records end by opening date, so the last weeks look worse than they were.",
        FindingCode.STILL_OVERDUE: "Clocks are past their limit and still running.",
        FindingCode.ASSUMED_TARGETS: "Nobody agreed to these targets.",
        FindingCode.NO_TARGETS: "No agreed target applies, so there are no clocks.",
        FindingCode.NO_TICKETS: "There is no ticket to review.",
    },
)
_describe(
    Dimension,
    "What attainment may be grouped by.",
    {
        Dimension.TARGET: "The key of the target.",
        Dimension.SERVICE: "The key of the service.",
        Dimension.PRIORITY: "The priority of the ticket.",
        Dimension.TEAM: "The team that has the ticket.",
        Dimension.CATEGORY: "The category of the ticket.",
        Dimension.SUBCATEGORY: "The subcategory of the ticket.",
        Dimension.ASSIGNEE: "The person who has the ticket.",
    },
)
_describe(
    Comparison,
    "Which side of a stated value is acceptable.",
    {Comparison.AT_LEAST: "The value or more.", Comparison.AT_MOST: "The value or less."},
)
_describe(
    ApprovalDecision,
    "What somebody says about a version of a requirement.",
    {
        ApprovalDecision.APPROVED: "They approve it.",
        ApprovalDecision.WITHDRAWN: "They no longer stand by their approval.",
    },
)
_describe(
    ApprovalTiming,
    "When a requirement was approved, seen from the life of its service.",
    {
        ApprovalTiming.IN_DESIGN: "By the instant the design was approved.",
        ApprovalTiming.BEFORE_GO_LIVE: "Between the design's approval and go-live.",
        ApprovalTiming.AFTER_GO_LIVE: "After go-live, or put on record more than two weeks after it.",
        ApprovalTiming.NEVER: "No approval stands.",
    },
)
_describe(
    Meaninglessness,
    "Why figures of a service mean nothing: nobody agreed before it went live what level it is to reach.",
    {
        Meaninglessness.NO_REQUIREMENT: "No requirement of it is on record.",
        Meaninglessness.NEVER_APPROVED: "No approval of its requirements stands.",
        Meaninglessness.APPROVED_AFTER_GO_LIVE: (
            "Its requirements were approved after it went live, or put on record more than two weeks after."
        ),
        Meaninglessness.GO_LIVE_UNKNOWN: "It cannot be told: nothing on record says when it went live.",
    },
)
_describe(
    EdgeState,
    "How a requirement stands to what monitors, promises or contracts it, at an instant.",
    {
        EdgeState.IN_FORCE: "It is there, holds, and is at least as strict.",
        EdgeState.INCONSISTENT: "It is there and does not fit: weaker, in another unit, about something else.",
        EdgeState.MISSING: "It is not there, or no longer.",
        EdgeState.WAIVED: "It is missing or does not fit, and somebody accepts that for now.",
        EdgeState.CANNOT_TELL: "What is on record does not say.",
    },
)
_describe(
    EdgeFault,
    "Why an edge of the trace is not in force.",
    {
        EdgeFault.NOT_LINKED: "Nothing is linked to the requirement.",
        EdgeFault.ENDED: "What is or was linked is no longer in force.",
        EdgeFault.NOT_BINDING: "The clause cannot be enforced.",
        EdgeFault.NO_MONITOR: "No monitor is installed, or no longer.",
        EdgeFault.NO_RECENT_DATA: "A monitor is installed, and its data are missing or older than 31 days.",
        EdgeFault.VALUE_WEAKER: "The value is weaker than what is required, or than what is promised.",
        EdgeFault.OTHER_UNIT: "It is stated in a unit that measures something else.",
        EdgeFault.OTHER_METRIC: "It is about another metric.",
        EdgeFault.CANNOT_COMPARE: "One limits the value from below and the other from above.",
        EdgeFault.NO_VALUE: "The requirement, or what should answer to it, states no value or metric.",
        EdgeFault.RECORDS_MISSING: "A record was written that is not there.",
        EdgeFault.NOTHING_RECORDED: "The organisation keeps no such records at all.",
    },
)
_describe(
    Hop,
    "The steps from a requirement to a dashboard, in their order.",
    {
        Hop.TARGET: "From the requirement to a target in force that promises it.",
        Hop.INDICATOR: "From the target to an indicator that watches it.",
        Hop.MONITOR: "From the indicator to an installed monitor that delivers it.",
        Hop.TILE: "From the monitor to a tile on a dashboard that shows it.",
    },
)
_describe(
    GateStanding,
    "Where service level management was when a service was designed.",
    {
        GateStanding.PRESENT: "It attended or signed every design gate.",
        GateStanding.CANNOT_TELL: "No design gate is on record, or one that was recorded is missing.",
        GateStanding.ABSENT_FROM_A_GATE: "It was absent from one of several design gates, or more.",
        GateStanding.ABSENT_FROM_EVERY_GATE: "It was absent from every design gate.",
    },
)
_describe(
    CoverageCode,
    "What a figure of coverage counts.",
    {
        CoverageCode.OWNED: "Live services with a service level owner, a business owner and an executive sponsor.",
        CoverageCode.REQUIRED: "Live services with an approved requirement.",
        CoverageCode.TRACEABLE: "Of the four hops of every requirement, those before the first that leads nowhere.",
        CoverageCode.REQUIRED_IN_DESIGN: "Live services whose earliest requirement was approved in design.",
        CoverageCode.DESIGNED_WITH_SERVICE_LEVEL_MANAGEMENT: (
            "Live services at every design gate of which service level management took part."
        ),
        CoverageCode.MONITORED_PROMISED_CONTRACTED: (
            "Requirements that are monitored, promised and contracted, consistently or with a waiver."
        ),
        CoverageCode.TRACEABLE_OF_DESIGNED: "Of requirements approved in design, those that lead to a dashboard.",
        CoverageCode.TILES_TRACEABLE: "Dashboard tiles that go back to a requirement.",
        CoverageCode.MANAGED_AS_DESIGNED: (
            "Live services with a requirement from design, all of whose requirements are monitored, promised and"
            " contracted."
        ),
    },
)
_describe(
    BulkMode,
    "What becomes of the good items where others cannot be accepted.",
    {
        BulkMode.ALL_OR_NOTHING: "Nothing is written unless every item can be; every fault is named at once.",
        BulkMode.PER_ITEM: "Every item that can be is written; the others say why they were not.",
    },
)
_describe(
    Permission,
    "Something a role may include beyond reading.",
    {
        Permission.DEFINE: "Change definitions: calendars, services, requirements, agreements, governance.",
        Permission.INGEST: "Record tickets and their events.",
        Permission.ADMINISTER: "Change people, parties, accounts and tokens.",
        Permission.ANSWER: "Answer assessments.",
        Permission.AUDIT: "Read the audit trail.",
    },
)
_describe(
    AuditKind,
    "What an entry of the audit trail is about.",
    {
        AuditKind.CREATED: "Something came to be recorded.",
        AuditKind.CHANGED: "What was recorded was replaced by something newer.",
        AuditKind.INGESTED: "Facts came in by the bulk; they say themselves who recorded them.",
    },
)
_describe(
    Consequence,
    "What a breach leads to, from nothing to a lasting change.",
    {
        Consequence.NONE: "Nothing.",
        Consequence.APOLOGY: "An explanation, a message or a credit: nothing is different afterwards.",
        Consequence.WORKAROUND: "The effect was worked around; the cause is still there.",
        Consequence.CORRECTIVE: "The fault was put right this time.",
        Consequence.STRUCTURAL: "Something was changed for good, and a change reference shows it.",
    },
)
_describe(
    ImprovementStatus,
    "How far an improvement has come; each is reached at most once.",
    {
        ImprovementStatus.REGISTERED: "It is in the register.",
        ImprovementStatus.IMPLEMENTED: "It was done.",
        ImprovementStatus.VERIFIED: "Its effect was looked at and found.",
        ImprovementStatus.INEFFECTIVE: "Its effect was looked at and not found.",
        ImprovementStatus.STOPPED: "It was given up before it was done.",
    },
)
_describe(
    ChangedObjectKind,
    "What a lasting change may alter.",
    {
        ChangedObjectKind.DESIGN: "How a service is built.",
        ChangedObjectKind.REQUIREMENT: "What is asked of it.",
        ChangedObjectKind.TARGET: "What is promised of it.",
        ChangedObjectKind.AGREEMENT: "An agreement or a contract.",
        ChangedObjectKind.PROCESS: "How people work.",
        ChangedObjectKind.CONFIGURATION: "How something is set up.",
        ChangedObjectKind.TOOLING: "What people work with.",
        ChangedObjectKind.CAPACITY: "How much can be done at once.",
        ChangedObjectKind.SUPPLIER: "Who supplies something.",
        ChangedObjectKind.STAFFING: "Who does the work.",
    },
)
_describe(
    Rhythm,
    "How often something is to happen.",
    {
        Rhythm.DAILY: "Every working day: Monday to Friday without holidays.",
        Rhythm.WEEKLY: "Once from Monday to Sunday.",
        Rhythm.MONTHLY: "Once a calendar month.",
        Rhythm.QUARTERLY: "Once in three calendar months, the first beginning in January.",
    },
)
_describe(
    AttendeeRole,
    "For whom somebody is in a meeting.",
    {
        AttendeeRole.SERVICE_LEVEL_MANAGER: "For the management of service levels.",
        AttendeeRole.SERVICE_OWNER: "For the service.",
        AttendeeRole.CUSTOMER: "For a customer.",
        AttendeeRole.SUPPLIER: "For a supplier.",
        AttendeeRole.INTERNAL_TEAM: "For a team that contributes.",
        AttendeeRole.OTHER: "For somebody else.",
    },
)
_describe(
    DecisionKind,
    "What a decision does.",
    {
        DecisionKind.CHANGE: "Something is to change.",
        DecisionKind.NO_CHANGE: "Nothing needs to change, and the decision says why.",
        DecisionKind.RISK_ACCEPTED: "A risk is known and taken.",
    },
)
_describe(
    ActionStatus,
    "What became of an action; without any of these it is open.",
    {
        ActionStatus.CARRIED_OVER: "A later meeting put it off.",
        ActionStatus.DONE: "It was done.",
        ActionStatus.DROPPED: "It was given up.",
    },
)
_describe(
    AcknowledgementKind,
    "What a person did with a daily snapshot.",
    {AcknowledgementKind.OPENED: "They looked at it.", AcknowledgementKind.ACTED: "They did something because of it."},
)
_describe(
    ForecastSubject,
    "What a forecast is about.",
    {
        ForecastSubject.TICKET: "Whether a ticket will break its promise.",
        ForecastSubject.PERIOD: "Whether a target will miss its objective over a period.",
    },
)
_describe(
    ForecastMoment,
    "When in the life of its subject a forecast is made.",
    {
        ForecastMoment.OPENING: "As the first event of a ticket is recorded.",
        ForecastMoment.OPEN: "While a ticket is open and not resolved.",
        ForecastMoment.PERIOD: "While a period runs.",
    },
)
_describe(
    ModelFamily,
    "Ways of forecasting, from the plainest to the most elaborate.",
    {
        ModelFamily.BASE_RATE: "The same for all: the share of breaches among those learned from.",
        ModelFamily.LOOKUP: "How often tickets of the same priority, team and category breached.",
        ModelFamily.SURVIVAL: "How often tickets that were still open at the same age breached.",
        ModelFamily.LOGISTIC: "Logistic regression over all that is known at the moment.",
        ModelFamily.BOOSTED_TREES: "Gradient-boosted trees over the same.",
        ModelFamily.LOG_ODDS_MEAN: "The mean of the logistic regression and the trees, in log-odds.",
        ModelFamily.STRUCTURAL: "The rest of the period simulated from the history of the target and of all targets.",
    },
)
_describe(
    ScoreBasis,
    "How the forecasts behind a line of the score board were made.",
    {
        ScoreBasis.ROLLING_ORIGIN: "Week by week within the training data; by these the published family is chosen.",
        ScoreBasis.BACKTEST: "Trained as of a past instant, tested on what was opened after it.",
        ScoreBasis.LIVE: "Said before the outcome was known, judged when it was.",
    },
)
_describe(
    Abstention,
    "Why a number is no forecast but only a prior.",
    {
        Abstention.NO_MODEL: "Too few finished tickets of both outcomes to learn from.",
        Abstention.TOO_FEW_CASES: "Too few decided cases and too few closed periods of the target.",
        Abstention.INTERVAL_TOO_WIDE: "What is known allows almost any probability.",
        Abstention.DEFINITION_CHANGED: "The target was redefined within the period.",
    },
)
_describe(
    ReasonCode,
    "Kinds of reasons for a forecast: what it is associated with, not what causes it.",
    {
        ReasonCode.PRIORITY: "The ticket's priority, impact or urgency.",
        ReasonCode.TEAM: "Who has it.",
        ReasonCode.CATEGORY: "What it is about.",
        ReasonCode.REQUESTER: "Who asked, and from where.",
        ReasonCode.REGISTRATION: "How and by whom it was registered.",
        ReasonCode.STATE: "The state it is in.",
        ReasonCode.ALLOWANCE_SPENT: "More promises are broken already than the objective allows in the period.",
        ReasonCode.ALLOWANCE_NEARLY_SPENT: "At least half of the broken promises the objective allows have happened.",
        ReasonCode.REPEATED_MISSES: "The objective was missed in at least a third of the periods before.",
        ReasonCode.DECIDED: "The outcome can no longer change.",
    },
)
_describe(
    Family,
    "What a pattern is for.",
    {
        Family.GOOD: "A way of working to have.",
        Family.BAD: "A way of working to be rid of.",
        Family.QUESTION: "A question an organisation should be able to answer from its records.",
        Family.RHYTHM: "A rhythm to keep.",
    },
    name="PatternFamily",
)
_describe(
    Verdict,
    "How a pattern stands in one word.",
    {
        Verdict.MET: "Confirmed at level 3 or above.",
        Verdict.NOT_MET: "Not confirmed at level 3.",
        Verdict.DETECTED: "A bad pattern, common or endemic.",
        Verdict.NOT_DETECTED: "A bad pattern, rare or cleared.",
        Verdict.CANNOT_TELL: "Records are missing, or units too few to tell.",
    },
)
_describe(
    Shortfall,
    "Why a unit falls short.",
    {
        Shortfall.NOT_RECORDED: "No record shows what would have to hold.",
        Shortfall.CONTRADICTED: "A record shows the contrary.",
    },
)
_describe(
    Band,
    "How frequent a bad pattern is, by the bounds of the share of units that show it.",
    {
        Band.CLEARED: "At most 5 % by the upper bound.",
        Band.RARE: "At most 15 % by the upper bound.",
        Band.UNCERTAIN: "Present or not: the units are too few to say.",
        Band.COMMON: "More than 15 % by the lower bound.",
        Band.ENDEMIC: "More than half by the lower bound.",
    },
    name="PrevalenceBand",
)
_describe(
    AnswerKind,
    "What a respondent's answer is.",
    {
        AnswerKind.LEVEL: "A level.",
        AnswerKind.NOT_APPLICABLE: "That the pattern does not apply.",
        AnswerKind.UNANSWERED: "Nothing: they were asked and did not say.",
    },
)
_describe(
    ReasonNotApplicable,
    "Why a pattern can be beside the point.",
    {
        ReasonNotApplicable.NO_SUPPLIERS: "Nothing is bought from suppliers.",
        ReasonNotApplicable.NO_PURCHASES: "Nothing is purchased for services.",
        ReasonNotApplicable.NO_END_USERS: "No people use the services.",
        ReasonNotApplicable.NOT_YET_LIVE: "No service is live yet.",
        ReasonNotApplicable.OTHER: "Another reason, explained in words.",
    },
)
_describe(
    RespondentAgreement,
    "What the agreement of respondents allows, by Krippendorff's alpha.",
    {
        RespondentAgreement.SUFFICIENT: "Levels may be published.",
        RespondentAgreement.TENTATIVE: "Levels may be published under reserve.",
        RespondentAgreement.CONTESTED: "Only ranges: respondents contradict each other.",
        RespondentAgreement.UNMEASURED: "There is nothing to compare.",
    },
    name="RespondentAgreement",
)
_describe(
    OpenSloKind,
    "What a document of OpenSLO defines.",
    {
        OpenSloKind.DATA_SOURCE: "Where data come from.",
        OpenSloKind.SLO: "A service level objective.",
        OpenSloKind.SLI: "A service level indicator: what is measured, and how.",
        OpenSloKind.ALERT_POLICY: "When whom to alert.",
        OpenSloKind.ALERT_CONDITION: "What to alert about.",
        OpenSloKind.ALERT_NOTIFICATION_TARGET: "Where to send an alert.",
        OpenSloKind.SERVICE: "A service that objectives are about.",
    },
)
_describe(
    BudgetingMethod,
    "What an objective of OpenSLO counts.",
    {
        BudgetingMethod.OCCURRENCES: "Good events among all events.",
        BudgetingMethod.TIMESLICES: "Good slices of time among all slices.",
        BudgetingMethod.RATIO_TIMESLICES: "The average over slices of time of the ratio of each.",
    },
)
_describe(
    ThresholdOperator,
    "How good values compare with a threshold.",
    {
        ThresholdOperator.LTE: "They are at most the threshold.",
        ThresholdOperator.GTE: "They are at least the threshold.",
        ThresholdOperator.LT: "They are less than the threshold.",
        ThresholdOperator.GT: "They are more than the threshold.",
    },
)
