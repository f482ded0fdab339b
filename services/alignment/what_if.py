"""What verdicts would be if something else were agreed or built: worked out from plain values, and nothing is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.agreements.rules import (
    AvailabilityDefinition,
    TargetDefinition,
    TargetKind,
    check_targets,
)
from services.alignment import gathering
from services.alignment.facts import AgreementFact, Landscape, PromiseFact, SupportFact
from services.alignment.hours import Hours
from services.alignment.judgement import Judgement, inputs_of
from services.alignment.judging import judge
from services.catalogue.rules import ComponentDefinition, check_component, path_to_itself
from services.db import ReadSession
from services.domain.inputs import Problems
from services.errors import NotFound

STATEMENTS = gathering.STATEMENTS
PROPOSED = UUID(int=0)
"""The id of what nobody has said yet."""
MOST_JUDGED = 200


@dataclass(frozen=True)
class Proposal:
    """What might be said: the targets an agreement would promise, what it would support, what a component would need.

    `supports`: components that the agreement would support besides. Components keep what is not proposed anew.
    """

    agreement_id: UUID | None = None
    targets: Sequence[TargetDefinition] = ()
    availability_targets: Sequence[AvailabilityDefinition] = ()
    supports: Sequence[UUID] = ()
    components: Mapping[UUID, ComponentDefinition] = field(default_factory=dict)


@dataclass(frozen=True)
class Changed:
    """A promise that the proposal touches, as it is and as it would be; None: it would not be, or is not yet."""

    target_id: UUID
    target_key: str
    agreement_key: str
    before: Judgement | None
    after: Judgement | None


async def what_if(
    session: ReadSession, organisation_id: UUID, *, proposal: Proposal, at: datetime, now: datetime
) -> list[Changed]:
    """The promises to customers that a proposal touches, by their keys: at most `MOST_JUDGED`.

    Raises Invalid for a proposal that could not be said, NotFound for an agreement that is not in force then.
    """
    landscape = await gathering.gather(session, organisation_id, valid_at=at, known_by=now)
    proposed = proposed_landscape(landscape, proposal)
    before = {each.target_id: each for each in landscape.promises}
    after = {each.target_id: each for each in proposed.promises}
    hours = Hours(at.year, landscape.calendars)
    found: list[Changed] = []
    for id_ in sorted({*before, *after}, key=lambda id_: _name(after.get(id_) or before[id_])):
        old, new = before.get(id_), after.get(id_)
        touched = old is None or new is None or inputs_of(old, landscape) != inputs_of(new, proposed)
        if touched and len(found) < MOST_JUDGED:
            named = new or before[id_]
            found.append(
                Changed(
                    id_,
                    named.key,
                    named.agreement.key,
                    None if old is None else judge(old, landscape, hours),
                    None if new is None else judge(new, proposed, hours),
                )
            )
    return found


def proposed_landscape(landscape: Landscape, proposal: Proposal) -> Landscape:
    """The landscape as it would be. What was said anew has new ids, so that everything it touches shows."""
    problems = Problems()
    components = dict(landscape.components)
    for id_, definition in proposal.components.items():
        if (fact := components.get(id_)) is None:
            problems.add("components", "expected components that are known then, got an id of none")
            continue
        here = problems.under("components")
        check_component(fact.kind, definition, here)
        if unknown := [needed for needed in definition.needs if needed not in landscape.components]:
            here.add("needs", f"expected known components, got {len(unknown)} ids of none")
            continue
        components[id_] = replace(
            fact, version_id=PROPOSED, provider_id=definition.provider_id, gate=definition.gate,
            at_least=definition.at_least, needs=tuple(definition.needs),
        )  # fmt: skip
    for id_ in proposal.components.keys() & components.keys():
        if path := path_to_itself(id_, {each: fact.needs for each, fact in components.items()}):
            names = " -> ".join(components[each].key for each in path)
            problems.add("components", f"expected no component that needs itself, got {names}")
    if any(id_ not in components for id_ in proposal.supports):
        problems.add("supports", "expected known components, got an id of none")
    if proposal.targets or proposal.availability_targets:
        check_targets(proposal.targets, proposal.availability_targets, problems)
    said: Sequence[TargetDefinition | AvailabilityDefinition] = [*proposal.targets, *proposal.availability_targets]
    for place, each in enumerate(said):
        if each.calendar_id is not None and each.calendar_id not in landscape.calendars:
            problems.add(f"targets.{place}.calendar_id", "expected a calendar that is known then, got an id of none")
    problems.refuse("the proposal cannot be judged")
    proposed = replace(landscape, components=components)
    return proposed if proposal.agreement_id is None else _agreed(proposed, proposal, proposal.agreement_id)


def _agreed(landscape: Landscape, proposal: Proposal, agreement_id: UUID) -> Landscape:
    old = [each for each in landscape.promises if each.agreement.agreement_id == agreement_id]
    agreement = old[0].agreement if old else landscape.agreements.get(agreement_id)
    if agreement is None:
        raise NotFound("there is no such agreement in force then")
    promised = list(old or landscape.backing.get(agreement_id, ()))
    if proposal.targets or proposal.availability_targets:
        anew = replace(agreement, version_id=PROPOSED)
        known = {each.key: each.target_id for each in promised}
        promised = [_clock(each, anew, known) for each in proposal.targets]
        promised += [_availability(each, anew, known) for each in proposal.availability_targets]
    supports = dict(landscape.supports)
    for id_ in proposal.supports:
        if all(each.agreement_id != agreement_id for each in supports.get(id_, ())):
            supports[id_] = [*supports.get(id_, ()), SupportFact(PROPOSED, agreement_id)]
    if old:
        others = [each for each in landscape.promises if each.agreement.agreement_id != agreement_id]
        return replace(landscape, promises=[*others, *promised], supports=supports)
    return replace(landscape, backing={**landscape.backing, agreement_id: promised}, supports=supports)


def _clock(said: TargetDefinition, agreement: AgreementFact, known: Mapping[str, UUID]) -> PromiseFact:
    points = [(said.objective_percent, said.duration_seconds)]
    points += [(point.probability_percent, point.duration_seconds) for point in said.points]
    return PromiseFact(
        known.get(said.key, PROPOSED), PROPOSED, said.key, agreement, TargetKind.CLOCK,
        gathering.share(said.objective_percent), said.calendar_id, said.period,
        points=[(gathering.share(chance), time) for chance, time in points],
        stop_states=frozenset(map(str, said.stop_states)), pause_states=frozenset(map(str, said.pause_states)),
        priorities=frozenset(said.priorities), categories=frozenset(said.categories),
    )  # fmt: skip


def _availability(said: AvailabilityDefinition, agreement: AgreementFact, known: Mapping[str, UUID]) -> PromiseFact:
    part = said.population_share_percent
    return PromiseFact(
        known.get(said.key, PROPOSED), PROPOSED, said.key, agreement, TargetKind.AVAILABILITY,
        gathering.share(said.objective_percent), said.calendar_id, said.period, said.rolling_days,
        maintenance_excluded=said.maintenance_excluded, maintenance_seconds=said.maintenance_seconds,
        population_share=None if part is None else gathering.share(part),
    )  # fmt: skip


def _name(promise: PromiseFact) -> tuple[str, str]:
    return promise.agreement.key, promise.key
