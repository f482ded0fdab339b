"""Evidence made by hand: an organisation in which everything is on record as it should be."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from assessment.evidence import Evidence
from services.agreements.contract_rules import ProcurementEventKind
from services.agreements.negotiations import NegotiatedAgreement
from services.agreements.purchases import PurchaseAsOf, RecordedCount
from services.agreements.queries import PromisedTarget
from services.agreements.rules import AgreementKind, TargetKind
from services.alignment.as_of import ChainAsOf, SignatureAsOf
from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.alignment.trace import TracedRequirement
from services.alignment.trace_rules import (
    Edge,
    EdgeState,
    IndicatorOfTarget,
    LinkedTarget,
    MonitorOfIndicator,
    Stated,
    TileOfMonitor,
    way_to_dashboards,
)
from services.catalogue.queries import GateAsOf, ServiceInUse
from services.catalogue.rules import Criticality
from services.compliance.records import RecordCount, TargetRecords
from services.compliance.rules import BreachKind
from services.domain.vocabulary import Outcome, PeriodKind
from services.governance.queries import (
    ActionAsOf,
    CadenceAsOf,
    FigureAsOf,
    MeetingAsOf,
    OccurrenceAsOf,
    SnapshotAsOf,
)
from services.governance.rules import (
    USUAL_TOLERANCE_DAYS,
    ActionStatus,
    AttendeeRole,
    DecisionKind,
    Rhythm,
    expected_occurrences,
)
from services.improvement.queries import BreachConsequence, RegisterEntry
from services.improvement.rules import BreachOutcome, Consequence
from services.requirements.queries import RequirementAsOf, ServiceRequirements
from services.requirements.rules import Approval, ApprovalDecision, ApprovalTiming, Comparison

AS_OF = datetime(2026, 7, 20, tzinfo=UTC)
FOUNDED = datetime(2024, 7, 20, tzinfo=UTC)
CHANGED = FOUNDED + timedelta(days=100)
SIZE = 12
BREACHED = "service-0"


def id_of(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(UUID(int=0), name)


def good() -> Evidence:
    """Twelve services agreed before go-live, two years of kept rhythms, a breach a month that changed something."""
    names = [f"service-{number}" for number in range(SIZE)]
    breaches = tuple(breach(FOUNDED + timedelta(days=30 * number + 10)) for number in range(23))
    return Evidence(
        as_of=AS_OF,
        services=tuple(live_service(name) for name in names),
        targets=tuple(promised(name) for name in names),
        traces=tuple(traced(name) for name in names),
        gates=tuple(GateAsOf(id_of(f"{name} gate"), id_of(name), "change", CHANGED, True, 1) for name in names),
        purchases=tuple(purchase(name) for name in names),
        negotiated=(*(negotiated(name) for name in names), negotiated("experience", AgreementKind.XLA)),
        records=tuple(records(name, breaches if name == BREACHED else ()) for name in names),
        cadences=tuple(cadence(rhythm, breaches) for rhythm in Rhythm),
        figures=tuple(figure(name, AS_OF - timedelta(days=60)) for name in names),
        breaches=breaches,
        register=tuple(
            RegisterEntry(each.breach_id, each.breached_at, each.breached_at + timedelta(days=20), True)
            for each in breaches
        ),
        chains=tuple(backed(name) for name in names),
        signatures=tuple(signed(name) for name in names),
        service_names={id_of(name): name for name in names},
    )


def backed(name: str) -> ChainAsOf:
    """A promise that all below it keeps."""
    return ChainAsOf(
        id_of(f"{name} target"), "resolution", f"{name}-sla", id_of(name), True, (), ChainVerdict.BACKED,
        dict.fromkeys(Axis, AxisState.HOLDS), dict.fromkeys(Axis, ""), 0,
        rests_on=frozenset({id_of(f"{name} contract")}),
    )  # fmt: skip


def signed(name: str) -> SignatureAsOf:
    """A contract that left no promise without what keeps it."""
    return SignatureAsOf(
        id_of(f"{name} agreement"), f"{name}-ola", id_of(f"{name} ola"), AgreementKind.OLA, FOUNDED, (), (), 0
    )


def live_service(name: str, timing: ApprovalTiming = ApprovalTiming.IN_DESIGN) -> ServiceRequirements:
    """A service with one requirement."""
    service = ServiceInUse(id_of(name), name, name, Criticality.CRITICAL, None, FOUNDED)
    required = RequirementAsOf(
        id_of(f"{name} requirement"), f"{name}-slr", id_of(f"{name} version"), "time to restore", None, None, "",
        True, (approval(name),), False, timing, 0,
    )  # fmt: skip
    return ServiceRequirements(service, (required,))


def approval(name: str) -> Approval:
    """A customer approved the requirement of the service before it went live."""
    before = FOUNDED - timedelta(days=1)
    return Approval(
        id_of(f"{name} version"), id_of("customer"), ApprovalDecision.APPROVED, before, before, before, True
    )


def traced(name: str) -> TracedRequirement:
    """The requirement of the service, promised, monitored, shown and contracted."""
    required = Stated("time to restore", Comparison.AT_MOST, Decimal(8), "hours")
    tile = TileOfMonitor("tile", name, name, "Wall", "", True, False)
    monitor = MonitorOfIndicator("monitor", name, name, True, FOUNDED, AS_OF, False, (tile,))
    indicator = IndicatorOfTarget("indicator", name, name, required.metric, "hours", (monitor,))
    promise = Stated("", Comparison.AT_MOST, Decimal(3600), "seconds")
    target = LinkedTarget(
        str(id_of(f"{name} target")), "resolve", "Resolve", name, True, (promise,), False, False, (indicator,)
    )
    edge, before = Edge(EdgeState.IN_FORCE, None, ""), FOUNDED - timedelta(days=1)
    return TracedRequirement(
        id_of(f"{name} requirement"), f"{name}-slr", id_of(name), name, name, "", required, FOUNDED,
        ApprovalTiming.IN_DESIGN, before, before, False, None, False, (target,), (), edge, edge, edge,
        way_to_dashboards([target]),
    )  # fmt: skip


def promised(name: str) -> PromisedTarget:
    """A target that promises the requirement of the service."""
    return PromisedTarget(
        id_of(name), id_of(f"{name} agreement"), AgreementKind.SLA, id_of(f"{name} target"), "resolve",
        TargetKind.CLOCK, id_of(f"{name} definition"), 3600, Decimal(95), (id_of(f"{name} requirement"),),
    )  # fmt: skip


def purchase(name: str) -> PurchaseAsOf:
    """The contract of that target was renewed half a year ago, with the requirement in a clause that binds."""
    one = RecordedCount(1, 1)
    return PurchaseAsOf(
        id_of(f"{name} renewal"), id_of(f"{name} agreement"), f"{name}-uc", id_of(name), ProcurementEventKind.RENEWED,
        AS_OF - timedelta(days=180), 1, True, one, one, (id_of(f"{name} requirement"),),
    )  # fmt: skip


def negotiated(name: str, kind: AgreementKind = AgreementKind.UC) -> NegotiatedAgreement:
    """An agreement with the supplier whose only owner is in office and was at the table."""
    return NegotiatedAgreement(
        id_of(f"{name} agreement"), id_of(f"{name} contract"), f"{name}-{kind.value}", kind, id_of("supplier"), FOUNDED,
        1, 1, 1, RecordedCount(1, 1),
    )  # fmt: skip


def records(name: str, breaches: tuple[BreachConsequence, ...]) -> TargetRecords:
    """Of a target measured all the time nothing is missing: a figure, a link, and these breaches."""
    one = RecordCount(1, 1)
    of_breaches = RecordCount(len(breaches), len(breaches))
    return TargetRecords(
        id_of(f"{name} target"), "resolve", id_of(name), FOUNDED, of_breaches, one, one, FOUNDED, AS_OF
    )  # fmt: skip


def figure(name: str, period_start: datetime, recomputed: Outcome | None = Outcome.MET) -> FigureAsOf:
    """A month reported as met."""
    return FigureAsOf(
        id_of(name), id_of(f"{name} target"), PeriodKind.MONTH, period_start, id_of("pack"), AS_OF, Outcome.MET,
        Decimal("97.5"), False, recomputed, None if recomputed is None else Decimal("97.5"),
    )  # fmt: skip


def breach(at: datetime) -> BreachConsequence:
    """A breach of the first service whose cause is known and was removed for good."""
    name = f"breach {at}"
    outcome = BreachOutcome(Consequence.STRUCTURAL, is_verified=False, time_to_consequence=timedelta(days=20))
    return BreachConsequence(
        id_of(name), BreachKind.CLOCK, id_of(BREACHED), id_of(f"{BREACHED} target"), at, False,
        (id_of(f"{name} answer"),), True, outcome,
    )  # fmt: skip


def cadence(rhythm: Rhythm, breaches: tuple[BreachConsequence, ...]) -> CadenceAsOf:
    """A cadence for all services, kept every time."""
    due = expected_occurrences(
        rhythm, starts_on=FOUNDED.date(), ends_on=None, time_zone="UTC",
        tolerance_days=USUAL_TOLERANCE_DAYS[rhythm], since=FOUNDED, as_of=AS_OF,
    )  # fmt: skip
    if rhythm is Rhythm.DAILY:
        kept = [OccurrenceAsOf(each, (), snapshot(each.first_day)) for each in due]
    else:
        kept = [OccurrenceAsOf(each, (meeting(rhythm, each.first_day, each.until, breaches),), None) for each in due]
    meetings = tuple(meeting for each in kept for meeting in each.meetings)
    return CadenceAsOf(id_of(rhythm), rhythm.value, rhythm, None, "UTC", tuple(kept), meetings)


def snapshot(day: date) -> SnapshotAsOf:
    """A view of the day that somebody acted on."""
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return SnapshotAsOf(id_of(f"view {day}"), day, at, at, at)


def meeting(rhythm: Rhythm, first: date, until: date, breaches: tuple[BreachConsequence, ...]) -> MeetingAsOf:
    """A meeting on the last day of its period that looked at the period's breaches and changed something."""
    held_at = datetime(until.year, until.month, until.day, 9, tzinfo=UTC) - timedelta(days=1)
    done_at = held_at + timedelta(days=5)
    looked_at = tuple(each.breach_id for each in breaches if first <= each.breached_at.date() < until)
    return MeetingAsOf(
        id_of(f"{rhythm} {first}"), first, held_at, True, (DecisionKind.CHANGE,),
        frozenset({AttendeeRole.SERVICE_LEVEL_MANAGER, AttendeeRole.CUSTOMER}), looked_at, frozenset(), True,
        (ActionAsOf(id_of(f"{rhythm} {first} action"), done_at, ActionStatus.DONE, done_at, 0, True),),
        1, 1, len(looked_at),
    )  # fmt: skip


def with_meetings(evidence: Evidence, **different: object) -> Evidence:
    """The same with something different in every meeting."""
    return each_meeting(evidence, lambda found: replace(found, **different))  # type: ignore[arg-type]


def with_days(evidence: Evidence, **different: object) -> Evidence:
    """The same with something different in every daily view."""
    return replace(
        evidence,
        cadences=tuple(
            replace(
                each,
                occurrences=tuple(
                    replace(due, snapshot=None if due.snapshot is None else replace(due.snapshot, **different))  # type: ignore[arg-type]
                    for due in each.occurrences
                ),
            )
            for each in evidence.cadences
        ),
    )


def without_breaches(evidence: Evidence, lost: Collection[UUID]) -> Evidence:
    """The same without these breaches, and without what can only be recorded about a breach that is there."""
    gone = Counter(each.target_id for each in evidence.breaches if each.breach_id in lost)
    kept = replace(
        evidence,
        breaches=tuple(each for each in evidence.breaches if each.breach_id not in lost),
        records=tuple(
            replace(each, breaches=replace(each.breaches, found=each.breaches.found - gone[each.target_id]))
            for each in evidence.records
        ),
    )

    def looked_at(found: MeetingAsOf) -> MeetingAsOf:
        return replace(found, breach_ids=tuple(id_ for id_ in found.breach_ids if id_ not in lost))

    return each_meeting(kept, looked_at)


def each_meeting(evidence: Evidence, altered: Callable[[MeetingAsOf], MeetingAsOf | None]) -> Evidence:
    """The same with every meeting altered, or gone where None is made of it."""

    def alter(found: CadenceAsOf) -> CadenceAsOf:
        made = {meeting.meeting_id: altered(meeting) for meeting in found.meetings}
        occurrences = tuple(
            replace(each, meetings=tuple(new for old in each.meetings if (new := made[old.meeting_id]) is not None))
            for each in found.occurrences
        )
        meetings = tuple(new for old in found.meetings if (new := made[old.meeting_id]) is not None)
        return replace(found, occurrences=occurrences, meetings=meetings)

    return replace(evidence, cadences=tuple(alter(each) for each in evidence.cadences))
