"""Whether promises were backed at an instant, and what contracts came to when they were signed: for an assessment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.agreements.rules import AgreementKind, TargetKind
from services.alignment import gathering
from services.alignment.facts import Landscape, PromiseFact
from services.alignment.gathering import Histories, histories
from services.alignment.hours import Hours
from services.alignment.judgement import Judgement, all_below, chain_of, inputs_of
from services.alignment.judging import judge
from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.catalogue.rules import ComponentKind
from services.db import ReadSession, fetch

STATEMENTS = gathering.STATEMENTS + 1
SIGNATURES = timedelta(days=1096)
"""How far back contracts are looked at: thirty-six months (methods A.11, B2)."""
BROKEN = frozenset({ChainVerdict.NOT_BACKED, ChainVerdict.IMPOSSIBLE_AT_FLOOR})

# What stands of a gap tells of an entry after the latest that was recorded and is not there.
ACCEPTANCES = """
SELECT g.target_id, e.expires_at
FROM alignment_gap g
JOIN LATERAL (
    SELECT e.kind, e.expires_at, e.person_id FROM alignment_gap_entry e
    WHERE e.organisation_id = $1::uuid AND e.gap_id = g.id AND e.kind <> 'assigned'
      AND e.decided_at <= $2::timestamptz AND e.recorded_at <= $2::timestamptz
    ORDER BY e.decided_at DESC LIMIT 1
) AS e ON e.kind = 'accepted' AND e.expires_at > $2::timestamptz
JOIN target t ON t.organisation_id = $1::uuid AND t.id = g.target_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = t.agreement_id
JOIN person h ON h.organisation_id = $1::uuid AND h.id = e.person_id
JOIN party p ON p.organisation_id = $1::uuid AND p.id = h.party_id AND p.kind = 'customer'
WHERE g.organisation_id = $1::uuid AND g.axis = 'value' AND (a.customer_id IS NULL OR a.customer_id = p.id)
  AND (g.accepted_until = e.expires_at OR EXISTS (
      SELECT FROM alignment_gap_entry o
      WHERE o.organisation_id = $1::uuid AND o.gap_id = g.id AND o.kind <> 'assigned'
        AND o.decided_at > $2::timestamptz
  ))
"""


@dataclass(frozen=True)
class ChainAsOf:
    """A promise to a customer with its verdict. `depends`: whether anybody has said what it rests on.

    `unsupported`: components nothing in force supports. `missing`: how many records of the graph that were made are not
    there. `accepted_until`: until when somebody of the customer accepted that what is promised below does not suffice.
    `rests_on`: the versions of agreements the verdict was computed from.
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
    accepted_until: datetime | None = None
    rests_on: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class SignatureAsOf:
    """A version of an OLA or UC, and the promises it left without backing, by what was in force and known then.

    `failing`: on which axes each of these was not backed.
    """

    agreement_id: UUID
    agreement_key: str
    agreement_version_id: UUID
    kind: AgreementKind
    signed_at: datetime
    broken: Sequence[str]
    untold: Sequence[str]
    """Promises it touched whose verdict cannot be told."""
    missing: int
    failing: Mapping[str, Sequence[Axis]] = field(default_factory=dict)


async def alignment_as_of(
    session: ReadSession, organisation_id: UUID, *, as_of: datetime
) -> tuple[list[ChainAsOf], list[SignatureAsOf]]:
    """Every promise in force with its verdict, and every contract of the last years as it looked when it was signed."""
    known = await histories(session, organisation_id, known_by=as_of)
    landscape = known.at(as_of, as_of)
    hours = Hours(as_of.year, landscape.calendars)
    accepted = {row[0]: row[1] for row in await fetch(session, ACCEPTANCES, organisation_id, as_of)}
    chains = [_chain(each, landscape, hours, accepted.get(each.target_id)) for each in landscape.promises]
    return sorted(chains, key=lambda each: (each.agreement_key, each.target_key)), signatures_of(known, as_of)


def _chain(promise: PromiseFact, landscape: Landscape, hours: Hours, accepted_until: datetime | None) -> ChainAsOf:
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
        {axis: each.reason for axis, each in found.axes.items()}, missing, accepted_until,
        frozenset(inputs_of(promise, landscape)),
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


def signatures_of(known: Histories, as_of: datetime, *, newest: int | None = None) -> list[SignatureAsOf]:
    """By what was in force at the start of each version and known when it was put on record.

    `newest`: only so many, the last ones signed first.
    """
    missing = sum(row[-1] for row in (*known.components, *known.chains))
    signed = [
        row
        for row in known.agreements
        if row[5] != AgreementKind.SLA and row[7] == "in_force" and as_of - SIGNATURES < row[1] <= as_of
    ]
    if newest is not None:
        signed = sorted(signed, key=lambda row: (row[1], row[4]), reverse=True)[:newest]
    landscapes: dict[tuple[datetime, datetime], _Then] = {}
    found = []
    for agreement_id, valid_from, recorded_at, version_id, key, kind, *_ in signed:
        at = (valid_from, max(valid_from, recorded_at))
        if at not in landscapes:
            landscapes[at] = _Then.of(known.at(*at), valid_from.year)
        judged = landscapes[at].judged(version_id)
        broken = {name: each for name, each in judged.items() if each.verdict in BROKEN}
        untold = tuple(name for name, each in judged.items() if each.verdict is ChainVerdict.UNKNOWN)
        failing = {
            name: [axis for axis, compared in each.axes.items() if compared.state is AxisState.FAILS]
            for name, each in broken.items()
        }
        found.append(
            SignatureAsOf(
                agreement_id, key, version_id, AgreementKind(kind), valid_from, tuple(broken), untold, missing, failing
            )
        )
    return found


@dataclass(frozen=True)
class _Then:
    """How things stood at an instant: which promises rested on which versions."""

    landscape: Landscape
    hours: Hours
    resting_on: Mapping[UUID, Sequence[PromiseFact]]

    @classmethod
    def of(cls, landscape: Landscape, year: int) -> "_Then":
        resting_on: defaultdict[UUID, list[PromiseFact]] = defaultdict(list)
        for each in landscape.promises:
            for id_ in inputs_of(each, landscape):
                resting_on[id_].append(each)
        return cls(landscape, Hours(year, landscape.calendars), resting_on)

    def judged(self, version_id: UUID) -> dict[str, Judgement]:
        """What came of the promises that rested on a version, by their names."""
        return {
            f"{each.agreement.key}/{each.key}": judge(each, self.landscape, self.hours)
            for each in self.resting_on.get(version_id, ())
        }
