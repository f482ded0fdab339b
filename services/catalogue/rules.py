"""What can be said of a service, and of the components it is built of."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.domain.inputs import Problems
from services.domain.vocabulary import TicketState

RECORDING_GRACE = timedelta(days=14)
"""What claims to be from before go-live counts as such only if it was on record this soon after (methods A.10, G1)."""


class Criticality(StrEnum):
    """How much the business depends on a service."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    STANDARD = "standard"


class OwnershipKind(StrEnum):
    """The capacities in which a service has an owner (capability S0)."""

    SERVICE_LEVEL_OWNER = "service_level_owner"
    BUSINESS_OWNER = "business_owner"
    EXECUTIVE_SPONSOR = "executive_sponsor"


class LifecycleEventKind(StrEnum):
    """Milestones of a service's life."""

    DESIGN_STARTED = "design_started"
    DESIGN_APPROVED = "design_approved"
    GO_LIVE = "go_live"
    RETIRED = "retired"


@dataclass(frozen=True)
class ServiceEntry:
    """A service to create, perhaps provided by a department."""

    key: str
    name: str
    description: str = ""
    criticality: Criticality = Criticality.STANDARD
    department_id: UUID | None = None


class GateOutcome(StrEnum):
    """What came of a design gate."""

    PASSED = "passed"
    PASSED_WITH_CONDITIONS = "passed_with_conditions"
    REFUSED = "refused"


class GateRole(StrEnum):
    """What somebody stands for at a design gate: a governance role, or one of the others who belong there."""

    CIO = "cio"
    SERVICE_LEVEL_MANAGER = "service_level_manager"
    SERVICE_DESIGN_LEAD = "service_design_lead"
    VENDOR_MANAGER = "vendor_manager"
    PROCUREMENT_LEAD = "procurement_lead"
    CUSTOMER_EXPERIENCE_MANAGER = "customer_experience_manager"
    CONTINUAL_IMPROVEMENT_LEAD = "continual_improvement_lead"
    CUSTOMER = "customer"
    OPERATIONS = "operations"


class GateParticipationKind(StrEnum):
    """How somebody took part in a design gate."""

    ATTENDED = "attended"
    SIGNED = "signed"


class GateStanding(StrEnum):
    """Where service level management was when a service was designed; the later, the worse."""

    PRESENT = "present"
    CANNOT_TELL = "cannot_tell"
    ABSENT_FROM_A_GATE = "absent_from_a_gate"
    ABSENT_FROM_EVERY_GATE = "absent_from_every_gate"


def standing_of_gates(present: Sequence[bool], ever_recorded: int) -> GateStanding:
    """Of the gates on record, with how many were ever recorded: without any, or with one missing, it cannot be told."""
    if present and not any(present):
        return GateStanding.ABSENT_FROM_EVERY_GATE
    if not all(present):
        return GateStanding.ABSENT_FROM_A_GATE
    return GateStanding.PRESENT if present and len(present) >= ever_recorded else GateStanding.CANNOT_TELL


@dataclass(frozen=True)
class DesignGateEntry:
    """A gate that the design of a service had to pass, held at an instant."""

    service_id: UUID
    key: str
    name: str
    held_at: datetime
    outcome: GateOutcome
    note: str = ""


@dataclass(frozen=True)
class GateParticipationEntry:
    """A person who attended or signed a design gate in a role; `occurred_at` None: when the gate was held."""

    design_gate_id: UUID
    person_id: UUID
    role: GateRole
    kind: GateParticipationKind
    occurred_at: datetime | None = None


MOST_NEEDS = 50
DEEPEST_NEEDS = 20
MOST_COMPONENTS = 200
MOST_HOPS = 20
MOST_AT_A_HOP = 10


class ComponentKind(StrEnum):
    """Whether a component can fail by itself."""

    ELEMENT = "element"
    """Somebody runs it: it works when it is up and what it needs works."""
    GROUP = "group"
    """Nothing but its parts, such as two sites of which one is enough: it works when its gate is satisfied."""


class Gate(StrEnum):
    """How many of the components that are needed have to work (methods E.3)."""

    ALL_OF = "all_of"
    ANY_OF = "any_of"
    AT_LEAST = "at_least"


@dataclass(frozen=True)
class ComponentDefinition:
    """Who provides a component, and which others it needs, by their ids.

    `provider_id`: None where nobody has said which party it is; a group has none. `at_least` comes with that gate only.
    """

    provider_id: UUID | None = None
    gate: Gate | None = None
    at_least: int | None = None
    needs: Sequence[UUID] = ()


@dataclass(frozen=True)
class ComponentEntry:
    """A component to create, with its first version; perhaps it is a service of ours."""

    key: str
    name: str
    valid_from: datetime
    definition: ComponentDefinition = ComponentDefinition()
    kind: ComponentKind = ComponentKind.ELEMENT
    service_id: UUID | None = None
    reason: str = ""


@dataclass(frozen=True)
class StructureEntry:
    """A service stands on a component from `valid_from` on: it works exactly when that does."""

    service_id: UUID
    component_id: UUID
    valid_from: datetime
    reason: str = ""


@dataclass(frozen=True)
class ResponseChainDefinition:
    """Who works on a ticket in which order: of each hop, the components whose teams work on it at the same time.

    `stop_states`: the states that end the chain's work; it concerns targets that stop in no other (empty: all targets).
    """

    hops: Sequence[Sequence[UUID]]
    stop_states: Sequence[TicketState] = ()


@dataclass(frozen=True)
class ResponseChainEntry:
    """A response chain of a service to create, with its first version."""

    key: str
    name: str
    service_id: UUID
    valid_from: datetime
    definition: ResponseChainDefinition
    reason: str = ""


def check_component(kind: ComponentKind, definition: ComponentDefinition, problems: Problems) -> None:
    """Add what is wrong with a component that is wrong whatever else there is."""
    needs, gate, at_least = definition.needs, definition.gate, definition.at_least
    if kind is ComponentKind.GROUP and not needs:
        problems.add("needs", "expected at least one component, because a group is nothing but its parts")
    if kind is ComponentKind.GROUP and definition.provider_id is not None:
        problems.add("provider_id", "expected none: a group is provided by those who provide its parts")
    if bool(needs) is (gate is None):
        problems.add("gate", "expected a gate exactly where other components are needed")
    if not problems.at_most("needs", needs, MOST_NEEDS):
        return
    problems.distinct("needs", [str(id_) for id_ in needs])
    if (at_least is None) is (gate is Gate.AT_LEAST):
        problems.add("at_least", "expected how many are enough exactly where the gate is at_least")
    elif at_least is not None and not 1 <= at_least <= len(needs):
        problems.add("at_least", f"expected 1 to {len(needs)}, as many as are needed at most, got {at_least}")


def check_response_chain(definition: ResponseChainDefinition, problems: Problems) -> None:
    """Add what is wrong with the hops of a response chain."""
    problems.distinct("stop_states", definition.stop_states)
    if not definition.hops:
        problems.add("hops", "expected at least one hop")
    if not problems.at_most("hops", definition.hops, MOST_HOPS):
        return
    for place, hop in enumerate(definition.hops):
        here = problems.under("hops", place)
        if not hop:
            here.add("components", "expected at least one component")
        if here.at_most("components", hop, MOST_AT_A_HOP):
            here.distinct("components", [str(id_) for id_ in hop])


def path_to_itself(start: UUID, needs: Mapping[UUID, Collection[UUID]]) -> list[UUID] | None:
    """A shortest way from a component over what is needed back to it, both ends included; None without one."""
    came_from: dict[UUID, UUID] = {}
    reached = deque([start])
    while reached:
        here = reached.popleft()
        for needed in sorted(needs.get(here, ())):
            if needed == start:
                path = [start]
                while here != start:
                    path.append(here)
                    here = came_from[here]
                return [start, *reversed(path)]
            if needed not in came_from:
                came_from[needed] = here
                reached.append(needed)
    return None


def levels_below(start: UUID, needs: Mapping[UUID, Collection[UUID]]) -> dict[UUID, int]:
    """How many levels of needed components are below each that is reached, where no component needs itself."""
    depths: dict[UUID, int] = {}
    waiting = [start]
    while waiting:
        here = waiting[-1]
        open_ = [needed for needed in needs.get(here, ()) if needed not in depths]
        if open_:
            waiting += open_
            continue
        depths[here] = 1 + max((depths[needed] for needed in needs.get(here, ())), default=-1)
        waiting.pop()
    return depths
