"""Organisations made at random, well and badly run, as single records; and the evidence that is left of them.

The frame stays: services, targets, cadences, and the counts that it keeps of what was recorded. Any record may be lost,
and with it whatever can only be recorded about it.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any

from assessment.evidence import Evidence
from services.agreements.queries import PromisedTarget
from services.agreements.rules import AgreementKind, TargetKind
from services.catalogue.queries import ServiceInUse
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
    Occurrence,
    Rhythm,
    expected_occurrences,
    occurrence_day,
)
from services.improvement.queries import BreachConsequence, RegisterEntry
from services.improvement.rules import Consequence, ImprovementFacts, breach_outcome
from services.requirements.queries import RequirementAsOf, ServiceRequirements
from services.requirements.rules import Approval, ApprovalDecision, approval_timing
from tests.assessment.evidence import id_of

AS_OF = datetime(2026, 7, 20, tzinfo=UTC)
LIVE = datetime(2024, 9, 1, tzinfo=UTC)
START = date(2025, 1, 1)
DAILY_START = date(2026, 6, 1)
SERVICES = ("mail", "pay", "shop")
TARGETS = {"mail fast": "mail", "mail sure": "mail", "pay fast": "pay", "shop fast": "shop"}
CADENCES = (
    ("daily", Rhythm.DAILY, None),
    ("weekly", Rhythm.WEEKLY, None),
    ("monthly", Rhythm.MONTHLY, None),
    ("monthly mail", Rhythm.MONTHLY, "mail"),
    ("quarterly", Rhythm.QUARTERLY, None),
)
DAY = timedelta(days=1)
DECIDING = ("alters", "looked at", "one action")
"""Habits on which it depends whether other records count."""
ELSEWHERE = 0.01
"""How often a meeting looks at a breach of another time."""
ADVERSE = ("action", "approval", "breach", "change", "figure", "link", "looked at", "meeting", "percent")
"""Kinds of record that can speak against an organisation."""
Key = str


@dataclass(frozen=True)
class Record:
    """One record, or one thing that a record says and need not say; it goes with each of those it is about."""

    kind: str
    key: Key
    about: tuple[Key, ...]
    says: dict[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Organisation:
    """The records of one organisation. Retractions are no records here: they decide which breaches are units."""

    records: tuple[Record, ...]
    retracted: frozenset[Key]

    def of(self, *kinds: str) -> tuple[Record, ...]:
        """The records of these kinds."""
        return tuple(record for record in self.records if record.kind in kinds)

    @cached_property
    def written(self) -> Counter[tuple[str, Key]]:
        """How many records of each kind were ever recorded about each thing: what the frame remembers."""
        return Counter((record.kind, about) for record in self.records for about in record.about)

    def evidence(self, lost: Collection[Key] = ()) -> Evidence:
        """What is on record without the lost records and all that is about them."""
        return _Left(self, frozenset(lost)).evidence()


def organisation(seed: int) -> Organisation:
    """An organisation of three services over a year and a half, decided by the seed alone."""
    random = Random(seed)  # noqa: S311 - nothing secret
    return _Writer(random).organisation()


class _Writer:
    """Writes records down. How often each thing is done badly is drawn first, then each thing by itself.

    Most habits are good ones: where much goes wrong, a single record seldom decides.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.rates = {habit: random.choice((0.0, 0.3, 1.0)) for habit in DECIDING}
        self.records: list[Record] = []
        self.retracted: set[Key] = set()

    def organisation(self) -> Organisation:
        self._requirements()
        breaches = self._breaches()
        for key, rhythm, _service in CADENCES:
            for due in _due(rhythm):
                if rhythm is Rhythm.DAILY:
                    self._day(key, due)
                elif not self._badly("held"):
                    for number in range(2 if self._badly("once") else 1):
                        self._meeting(key, due, number, breaches)
        self._register(breaches)
        self._reports()
        return Organisation(tuple(self.records), frozenset(self.retracted))

    def _badly(self, habit: str) -> bool:
        if habit not in self.rates:
            self.rates[habit] = self.random.choice((0.0, 0.0, 0.0, 0.0, 0.0, 0.15, 0.15, 0.6))
        return self.random.random() < self.rates[habit]

    def _write(self, kind: str, key: Key, /, *about: Key, **says: Any) -> Key:
        self.records.append(Record(kind, f"{kind} {key}", about, says))
        return f"{kind} {key}"

    def _requirements(self) -> None:
        for target, service in TARGETS.items():
            requirement = self._write("requirement", target, service=service)
            at = LIVE - 60 * DAY
            if not self._badly("approved"):
                late = 90 * DAY if self._badly("in time") else timedelta()
                self._write(
                    "approval", f"{target} 1", requirement, decision=ApprovalDecision.APPROVED, at=at + late, late=late
                )
                if self._badly("stands by it"):
                    self._write(
                        "approval", f"{target} 2", requirement, decision=ApprovalDecision.WITHDRAWN, at=at + 200 * DAY,
                        late=timedelta(),
                    )  # fmt: skip
            self._write("link", f"{target} 1", target, requirement, held=True)
            if self._badly("stays linked"):
                self._write("link", f"{target} 2", target, requirement, held=False)

    def _breaches(self) -> list[tuple[Key, datetime]]:
        found = []
        for number in range(self.random.choice((0, 3, 30))):
            at = datetime(2025, 1, 3, tzinfo=UTC) + self.random.randrange(550) * DAY
            key = self._write("breach", str(number), self.random.choice(list(TARGETS)), at=at)
            if self._badly("a breach it is"):
                self.retracted.add(key)
            found.append((key, at))
        return found

    def _day(self, cadence: Key, due: Occurrence) -> None:
        if self._badly("view"):
            return
        at = datetime(due.first_day.year, due.first_day.month, due.first_day.day, 7, tzinfo=UTC)
        old = 9 * DAY if self._badly("fresh") else timedelta()
        view = self._write("view", f"{due.first_day}", cadence=cadence, day=due.first_day, data_at=at - old)
        for kind in ("opened", "acted"):
            for number in range(self.random.choice((0, 1, 1, 2)) if self._badly("seen") else 1):
                late = 2 * DAY if self._badly("seen at once") else timedelta()
                self._write("sight", f"{due.first_day} {kind} {number}", view, kind=kind, at=at + late + DAY / 24)

    def _meeting(self, cadence: Key, due: Occurrence, number: int, breaches: list[tuple[Key, datetime]]) -> None:
        late = 50 * DAY if self._badly("on time") else timedelta()
        planned = due.first_day + number * DAY
        held_at = datetime(planned.year, planned.month, planned.day, 9, tzinfo=UTC) + 3 * DAY + late
        if held_at > AS_OF:
            return
        name = f"{cadence} {planned}"
        meeting = self._write("meeting", name, cadence=cadence, planned_for=planned, held_at=held_at)
        if not self._badly("minutes"):
            self._write("minutes", name, meeting)
        if not self._badly("report"):
            self._write("report", name, meeting)
        for role in (AttendeeRole.SERVICE_LEVEL_MANAGER, AttendeeRole.CUSTOMER):
            if not self._badly(role):
                self._write("attendance", f"{name} {role}", meeting, role=role)
        for decision in DecisionKind:
            if not self._badly(decision):
                self._write("decision", f"{name} {decision}", meeting, kind=decision)
        for sequence in range(self.random.choice((0, 1, 3)) if self._badly("one action") else 1):
            self._action(meeting, f"{name} {sequence}", held_at)
        for breach, at in breaches:
            in_time = due.first_day <= at.date() < due.until
            if not self._badly("looked at") if in_time else self.random.random() < ELSEWHERE:
                self._write("looked at", f"{name} {breach}", meeting, breach)

    def _action(self, meeting: Key, name: str, held_at: datetime) -> None:
        due_at = held_at + 5 * DAY
        action = self._write("action", name, meeting, due_at=due_at)
        for carried in range(3 if self._badly("prompt") else 0):
            self._write(
                "change", f"{name} {carried}", action, status=ActionStatus.CARRIED_OVER, at=held_at, alters=False
            )
        if not self._badly("done"):
            status = ActionStatus.DROPPED if self._badly("not dropped") else ActionStatus.DONE
            at = due_at + self.random.choice((20, 80, 100)) * DAY if self._badly("soon") else due_at - DAY
            self._write("change", f"{name} end", action, status=status, at=at, alters=not self._badly("alters"))

    def _register(self, breaches: list[tuple[Key, datetime]]) -> None:
        for breach, at in breaches:
            if self._badly("improved"):
                if not self._badly("accepted"):
                    self._write("acceptance", breach, breach)
                continue
            for number in range(self.random.choice((1, 1, 2))):
                consequence = self.random.choice(list(Consequence)[1:])
                entry = self._write("entry", f"{breach} {number}", consequence=consequence)
                self._write("answer", f"{breach} {number}", entry, breach)
                self._write("status", f"{breach} {number} begun", entry, status="registered", at=at + 3 * DAY)
                if not self._badly("cause"):
                    self._write("cause", f"{breach} {number}", entry)
                if not self._badly("changed"):
                    status = "stopped" if self._badly("not stopped") else "implemented"
                    self._write("status", f"{breach} {number} {status}", entry, status=status, at=at + 20 * DAY)
                if not self._badly("reference"):
                    self._write("changed object", f"{breach} {number}", entry)

    def _reports(self) -> None:
        for target in TARGETS:
            for month in range(1, 7):
                if self._badly("measured"):
                    continue
                start = datetime(2026, month, 1, tzinfo=UTC)
                result = self._write("result", f"{target} {month}", target, start=start, percent=Decimal(97))
                for pack in range(self.random.choice((0, 1, 2)) if self._badly("reported") else 1):
                    name = f"{target} {month} {pack}"
                    outcome = Outcome.MISSED if self._badly("right") else Outcome.MET
                    figure = self._write("figure", name, target, start=start, outcome=outcome, result=result)
                    percent = Decimal(99) if self._badly("exact") else Decimal(97)
                    self._write("percent", name, figure, percent=percent)
                    if self._badly("unadjusted"):
                        self._write("adjustment", name, figure)


class _Left:
    """Reads what is left as the queries do."""

    def __init__(self, whole: Organisation, lost: frozenset[Key]) -> None:
        self.whole = whole
        self.left: dict[str, list[Record]] = {}
        gone = set(lost)
        for record in whole.records:
            if record.key in gone or gone.intersection(record.about):
                gone.add(record.key)
            else:
                self.left.setdefault(record.kind, []).append(record)
        self.about: dict[tuple[str, Key], list[Record]] = {}
        for records in self.left.values():
            for record in records:
                for key in record.about:
                    self.about.setdefault((record.kind, key), []).append(record)

    def evidence(self) -> Evidence:
        return Evidence(
            as_of=AS_OF,
            services=tuple(self._service(name) for name in SERVICES),
            targets=tuple(self._target(target, service) for target, service in TARGETS.items()),
            records=tuple(self._records(target, service) for target, service in TARGETS.items()),
            cadences=tuple(self._cadence(*each) for each in CADENCES),
            figures=tuple(self._figures()),
            breaches=tuple(self._breach(each) for each in self._all("breach") if each.key not in self.whole.retracted),
            register=tuple(self._entries()),
            service_names={id_of(name): name for name in SERVICES},
        )

    def _all(self, kind: str) -> list[Record]:
        return self.left.get(kind, [])

    def _of(self, kind: str, key: Key) -> list[Record]:
        return self.about.get((kind, key), [])

    def _service(self, name: str) -> ServiceRequirements:
        service = ServiceInUse(id_of(name), name, name, Criticality.STANDARD, None, LIVE)
        asked = [each for each in self._all("requirement") if each.says["service"] == name]
        return ServiceRequirements(service, tuple(self._requirement(each) for each in asked))

    def _requirement(self, record: Record) -> RequirementAsOf:
        decisions = tuple(
            Approval(
                id_of(record.key), id_of("ann"), each.says["decision"], each.says["at"],
                each.says["at"] + each.says["late"], each.says["at"] + each.says["late"], True,
            )
            for each in self._of("approval", record.key)
        )  # fmt: skip
        timing = approval_timing(decisions, design_approved_at=None, went_live_at=LIVE)
        missing = self.whole.written["approval", record.key] - len(decisions)
        return RequirementAsOf(
            id_of(record.key),
            record.key,
            id_of(record.key),
            "",
            None,
            None,
            "",
            True,
            decisions,
            False,
            timing,
            missing,
        )

    def _target(self, target: Key, service: Key) -> PromisedTarget:
        held: dict[Key, bool] = {}
        for link in self._of("link", target):
            held[link.about[1]] = link.says["held"]
        linked = tuple(id_of(requirement) for requirement, holds in held.items() if holds)
        return PromisedTarget(
            id_of(service), id_of(f"{service} agreement"), AgreementKind.SLA, id_of(target), target,
            TargetKind.CLOCK, id_of(target), 3600,
            Decimal(95), linked,
        )  # fmt: skip

    def _records(self, target: Key, service: Key) -> TargetRecords:
        def count(kind: str) -> RecordCount:
            return RecordCount(self.whole.written[kind, target], len(self._of(kind, target)))

        measured = [each.says["start"] for each in self._of("result", target)]
        return TargetRecords(
            id_of(target), target, id_of(service), LIVE, count("breach"), count("figure"), count("link"),
            min(measured, default=None), max(measured) + 28 * DAY if measured else None,
        )  # fmt: skip

    def _cadence(self, key: Key, rhythm: Rhythm, service: Key | None) -> CadenceAsOf:
        meetings = tuple(self._meeting(each) for each in self._all("meeting") if each.says["cadence"] == key)
        views = {each.says["day"]: self._view(each) for each in self._all("view") if each.says["cadence"] == key}
        occurrences = tuple(
            OccurrenceAsOf(
                each,
                tuple(held for held in meetings if occurrence_day(rhythm, held.planned_for) == each.first_day),
                views.get(each.first_day),
            )
            for each in _due(rhythm)
        )
        return CadenceAsOf(
            id_of(key), key, rhythm, None if service is None else id_of(service), "UTC", occurrences, meetings
        )

    def _view(self, record: Record) -> SnapshotAsOf:
        seen = self._of("sight", record.key)
        acted = [each.says["at"] for each in seen if each.says["kind"] == "acted"]
        opened = min((each.says["at"] for each in seen), default=None)
        return SnapshotAsOf(
            id_of(record.key), record.says["day"], record.says["data_at"], opened, min(acted, default=None)
        )

    def _meeting(self, record: Record) -> MeetingAsOf:
        key, written = record.key, self.whole.written
        looked_at = [each.about[1] for each in self._of("looked at", key)]
        return MeetingAsOf(
            id_of(key), record.says["planned_for"], record.says["held_at"], bool(self._of("minutes", key)),
            tuple(each.says["kind"] for each in self._of("decision", key)),
            frozenset(each.says["role"] for each in self._of("attendance", key)),
            tuple(id_of(each) for each in looked_at),
            frozenset(id_of(each) for each in looked_at if each in self.whole.retracted),
            bool(self._of("report", key)), tuple(self._action(each) for each in self._of("action", key)),
            written["decision", key], written["action", key], written["looked at", key],
        )  # fmt: skip

    def _action(self, record: Record) -> ActionAsOf:
        changes = [each.says for each in self._of("change", record.key) if each.says["at"] <= AS_OF]
        ended = [each for each in changes if each["status"] is not ActionStatus.CARRIED_OVER]
        status, at, alters = (ended[0]["status"], ended[0]["at"], ended[0]["alters"]) if ended else (None, None, False)
        carried_over = len(changes) - len(ended)
        return ActionAsOf(id_of(record.key), record.says["due_at"], status, at, carried_over, alters)

    def _figures(self) -> Iterator[FigureAsOf]:
        results = {each.key: each for each in self._all("result")}
        for each in self._all("figure"):
            target = each.about[0]
            result = results.get(each.says["result"])
            percent = next((one.says["percent"] for one in self._of("percent", each.key)), None)
            yield FigureAsOf(
                id_of(TARGETS[target]), id_of(target), PeriodKind.MONTH, each.says["start"], id_of(each.key), AS_OF,
                each.says["outcome"], percent, bool(self._of("adjustment", each.key)),
                None if result is None else Outcome.MET, None if result is None else result.says["percent"],
            )  # fmt: skip

    def _breach(self, record: Record) -> BreachConsequence:
        entries = [each.about[0] for each in self._of("answer", record.key)]
        target, at = record.about[0], record.says["at"]
        return BreachConsequence(
            id_of(record.key), BreachKind.CLOCK, id_of(TARGETS[target]), id_of(target), at,
            bool(self._of("acceptance", record.key)), tuple(id_of(each) for each in entries),
            any(self._of("cause", each) for each in entries),
            breach_outcome(at, [self._facts(each) for each in entries]),
        )  # fmt: skip

    def _facts(self, entry: Key) -> ImprovementFacts:
        claimed = next(each.says["consequence"] for each in self._all("entry") if each.key == entry)
        return ImprovementFacts(
            claimed, self._reached(entry, "implemented"), None, bool(self._of("changed object", entry))
        )

    def _entries(self) -> Iterator[RegisterEntry]:
        for each in self._all("entry"):
            registered_at = self._reached(each.key, "registered")
            if registered_at is not None:
                ended_at = self._reached(each.key, "implemented", "stopped")
                yield RegisterEntry(id_of(each.key), registered_at, ended_at, bool(self._of("answer", each.key)))

    def _reached(self, entry: Key, *statuses: str) -> datetime | None:
        instants = [each.says["at"] for each in self._of("status", entry) if each.says["status"] in statuses]
        return min((at for at in instants if at <= AS_OF), default=None)


def _due(rhythm: Rhythm) -> list[Occurrence]:
    return expected_occurrences(
        rhythm, starts_on=DAILY_START if rhythm is Rhythm.DAILY else START, ends_on=None, time_zone="UTC",
        tolerance_days=USUAL_TOLERANCE_DAYS[rhythm], since=LIVE, as_of=AS_OF,
    )  # fmt: skip


def some_of(whole: Organisation, random: Random) -> frozenset[Key]:
    """Records to lose: a few, some or all of one kind, or a share of everything."""
    kinds = sorted({each.kind for each in whole.records})
    how = random.random()
    if how < 0.2:
        lost = random.sample(whole.records, random.choice((1, 1, 2, 3)))
    elif how < 0.85:
        kind = random.choice([each for each in kinds if each in ADVERSE] if how < 0.55 else kinds)
        of_kind = whole.of(kind)
        lost = random.sample(of_kind, random.choice((1, random.randint(1, len(of_kind)))))
    else:
        share = random.choice((0.05, 0.3, 0.7))
        lost = [each for each in whole.records if random.random() < share]
    return frozenset(each.key for each in lost)
