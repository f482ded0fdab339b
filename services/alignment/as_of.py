"""Whether promises were backed at an instant, and what contracts came to when they were signed: for an assessment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.agreements.rules import AgreementKind, TargetKind
from services.alignment import gathering
from services.alignment.facts import Landscape, PromiseFact
from services.alignment.gathering import Histories, histories
from services.alignment.hours import Hours
from services.alignment.judgement import all_below, chain_of, inputs_of
from services.alignment.judging import judge
from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.catalogue.rules import ComponentKind
from services.db import ReadSession

STATEMENTS = gathering.STATEMENTS
SIGNATURES = timedelta(days=1096)
"""How far back contracts are looked at: thirty-six months (methods A.11, B2)."""
BROKEN = frozenset({ChainVerdict.NOT_BACKED, ChainVerdict.IMPOSSIBLE_AT_FLOOR})


@dataclass(frozen=True)
class ChainAsOf:
    """A promise to a customer with its verdict. `depends`: whether anybody has said what it rests on.

    `unsupported`: components nothing in force supports. `missing`: how many records of the graph that were made are not
    there.
    """

    target_id: UUID
    target_key: str
    agreement_key: str
    service_id: UUID
    depends: bool
    unsupported: Sequence[str]
    verdict: ChainVerdict
    states: Mapping[Axis, AxisState]
    reasons: Mapping[Axis, str]
    missing: int


@dataclass(frozen=True)
class SignatureAsOf:
    """A version of an OLA or UC, and the promises it left without backing, by what was in force and known then."""

    agreement_key: str
    agreement_version_id: UUID
    kind: AgreementKind
    signed_at: datetime
    broken: Sequence[str]
    untold: Sequence[str]
    """Promises it touched whose verdict cannot be told."""
    missing: int


async def alignment_as_of(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime
) -> tuple[list[ChainAsOf], list[SignatureAsOf]]:
    """Every promise in force with its verdict, and every contract of the last years as it looked when it was signed."""
    known = await histories(session, organisation_id, known_by=as_of)
    landscape = known.at(as_of, as_of)
    hours = Hours(as_of.year, landscape.calendars)
    chains = [_chain(each, landscape, hours) for each in landscape.promises]
    return sorted(chains, key=lambda each: (each.agreement_key, each.target_key)), _signatures(known, as_of)


def _chain(promise: PromiseFact, landscape: Landscape, hours: Hours) -> ChainAsOf:
    found = judge(promise, landscape, hours)
    ids, missing = _rests_on(promise, landscape)
    parts = [landscape.components[id_] for id_ in ids if id_ in landscape.components]
    unsupported = [
        each.name
        for each in parts
        if each.kind is ComponentKind.ELEMENT
        and not any(s.agreement_id in landscape.backing for s in landscape.supports.get(each.component_id, ()))
    ]
    return ChainAsOf(
        promise.target_id, promise.key, promise.agreement.key, promise.agreement.service_id, bool(ids),
        tuple(sorted(unsupported)), found.verdict, {axis: each.state for axis, each in found.axes.items()},
        {axis: each.reason for axis, each in found.axes.items()}, missing,
    )  # fmt: skip


def _rests_on(promise: PromiseFact, landscape: Landscape) -> tuple[list[UUID], int]:
    """The components a promise rests on, and how many records about them are missing."""
    if promise.kind is TargetKind.AVAILABILITY:
        structure = landscape.structures.get(promise.agreement.service_id)
        parts = [] if structure is None else all_below(structure.component_id, landscape)
        return [each.component_id for each in parts], sum(each.missing for each in parts)
    chain = chain_of(promise, landscape)
    if chain is None:
        return [], 0
    ids = [id_ for hop in chain.hops for id_ in hop]
    known = [landscape.components[id_] for id_ in ids if id_ in landscape.components]
    return ids, chain.missing + len(ids) - len(known) + sum(each.missing for each in known)


def _signatures(known: Histories, as_of: datetime) -> list[SignatureAsOf]:
    """By what was in force at the start of each version and known when it was put on record."""
    missing = sum(row[-1] for row in (*known.components, *known.chains))
    landscapes: dict[tuple[datetime, datetime], tuple[Landscape, Hours]] = {}
    found = []
    for _, valid_from, recorded_at, version_id, key, kind, _, status, *_ in known.agreements:
        if kind == AgreementKind.SLA or status != "in_force" or not as_of - SIGNATURES < valid_from <= as_of:
            continue
        at = (valid_from, max(valid_from, recorded_at))
        if at not in landscapes:
            then = known.at(*at)
            landscapes[at] = (then, Hours(valid_from.year, then.calendars))
        then, hours = landscapes[at]
        verdicts = {
            f"{each.agreement.key}/{each.key}": judge(each, then, hours).verdict
            for each in then.promises
            if version_id in inputs_of(each, then)
        }
        broken = tuple(name for name, verdict in verdicts.items() if verdict in BROKEN)
        untold = tuple(name for name, verdict in verdicts.items() if verdict is ChainVerdict.UNKNOWN)
        found.append(SignatureAsOf(key, version_id, AgreementKind(kind), valid_from, broken, untold, missing))
    return found
