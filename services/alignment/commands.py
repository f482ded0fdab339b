"""Judging promises and keeping what came of it: only those whose facts are no longer those they were judged by."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.alignment.facts import PromiseFact
from services.alignment.gathering import gather
from services.alignment.hours import Hours
from services.alignment.judgement import Judgement, inputs_of
from services.alignment.judging import judge
from services.alignment.rules import LEVELS, Axis, AxisState
from services.alignment.spelling import percent
from services.db import WriteSession, execute, fetch, new_id
from services.organisations.rules import Actor, Permission

AT_ONCE = 500

CURRENT = "SELECT target_id, inputs_digest FROM target_alignment WHERE organisation_id = $1::uuid"

BEGIN = """
INSERT INTO target_alignment (organisation_id, id, target_id, service_id, severity, inputs_digest, judged_at)
SELECT $1::uuid, x.id, x.target_id, x.service_id, -1, '', $5::timestamptz
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS x (id, target_id, service_id)
ON CONFLICT DO NOTHING
"""

TAKEN = """
SELECT target_id, inputs_digest FROM target_alignment
WHERE organisation_id = $1::uuid AND target_id = ANY($2::uuid[]) ORDER BY target_id FOR UPDATE SKIP LOCKED
"""

ADD = """
INSERT INTO chain_judgement (organisation_id, id, target_id, agreement_version_id, valid_at, verdict, value_state,
    value_shortfall, value_reason, coverage_state, coverage_shortfall, coverage_reason, term_state, term_shortfall,
    term_reason, scope_state, scope_shortfall, scope_reason, guaranteed_percent, best_case_percent, redundant,
    estimated_percent, credits, credits_missing, shared_providers, nodes, edges, witness, inputs, inputs_digest,
    recorded_at, recorded_by)
SELECT $1::uuid, x.id, x.target_id, x.agreement_version_id, $3::timestamptz, x.verdict, x.value_state,
    x.value_shortfall, x.value_reason, x.coverage_state, x.coverage_shortfall, x.coverage_reason, x.term_state,
    x.term_shortfall, x.term_reason, x.scope_state, x.scope_shortfall, x.scope_reason, x.guaranteed_percent,
    x.best_case_percent, x.redundant, x.estimated_percent, x.credits, x.credits_missing, x.shared_providers, x.nodes,
    x.edges, x.witness, x.inputs, x.inputs_digest,
    $4::timestamptz, $5::uuid
FROM jsonb_to_recordset($2::jsonb) AS x (id uuid, target_id uuid, agreement_version_id uuid, verdict text,
    value_state text, value_shortfall numeric, value_reason text, coverage_state text, coverage_shortfall numeric,
    coverage_reason text, term_state text, term_shortfall numeric, term_reason text, scope_state text,
    scope_shortfall numeric, scope_reason text, guaranteed_percent numeric, best_case_percent numeric,
    redundant boolean, estimated_percent numeric, credits jsonb, credits_missing text, shared_providers text,
    nodes jsonb, edges jsonb, witness jsonb, inputs jsonb,
    inputs_digest text)
ON CONFLICT DO NOTHING
"""

HOLD = """
UPDATE target_alignment AS a SET judgement_id = x.judgement_id, verdict = x.verdict, severity = x.severity,
       inputs_digest = x.inputs_digest, service_id = x.service_id, judged_at = $2::timestamptz
FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::uuid[])
     AS x (target_id, judgement_id, verdict, severity, inputs_digest, service_id)
WHERE a.organisation_id = $1::uuid AND a.target_id = x.target_id
"""

WITHDRAW = """
UPDATE target_alignment SET judgement_id = NULL, verdict = NULL, severity = -1, inputs_digest = '',
       judged_at = $3::timestamptz
WHERE organisation_id = $1::uuid AND target_id = ANY($2::uuid[]) AND inputs_digest <> ''
"""

REOPEN = """
UPDATE alignment_gap AS g SET is_open = TRUE, closed_at = NULL, opened_at = $2::timestamptz
FROM unnest($3::uuid[], $4::text[]) AS x (target_id, axis)
WHERE g.organisation_id = $1::uuid AND g.target_id = x.target_id AND g.axis = x.axis AND NOT g.is_open
"""

SHOWN_BY = """
INSERT INTO alignment_gap (organisation_id, id, target_id, axis, judgement_id, opened_at, is_open, has_owner)
SELECT $1::uuid, x.id, x.target_id, x.axis, x.judgement_id, $2::timestamptz, TRUE, FALSE
FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[]) AS x (id, target_id, axis, judgement_id)
ON CONFLICT (organisation_id, target_id, axis) DO UPDATE SET judgement_id = excluded.judgement_id
"""

CLOSE = """
UPDATE alignment_gap AS g SET is_open = FALSE, closed_at = $2::timestamptz
FROM unnest($3::uuid[], $4::text[]) AS x (target_id, axis)
WHERE g.organisation_id = $1::uuid AND g.target_id = x.target_id AND g.axis = x.axis AND g.is_open
"""

CLOSE_WITHDRAWN = """
UPDATE alignment_gap SET is_open = FALSE, closed_at = $3::timestamptz
WHERE organisation_id = $1::uuid AND target_id = ANY($2::uuid[]) AND is_open
"""


@dataclass(frozen=True)
class Aligned:
    """What a run did: how many promises there are, how many were judged anew, and how many others still wait."""

    promises: int
    judged: int
    waiting: int


async def align(
    session: WriteSession, *, actor: Actor, now: datetime, limit: int = AT_ONCE, everything: bool = False
) -> Aligned:
    """Judge promises to customers whose facts changed since they were judged, `limit` at most.

    The facts of a promise are the versions in force that its verdict rests on, so a change to one agreement, component
    or calendar concerns exactly the promises it touches, and a judgement is never stored twice. What somebody else is
    judging is left to them. `everything`: judge all, and store those whose facts are others.
    """
    actor.require(Permission.DEFINE)
    own = actor.organisation_id
    landscape = await gather(session, own, valid_at=now, known_by=now)
    hours = Hours(now.year, landscape.calendars)
    before: dict[UUID, str] = {row[0]: row[1] for row in await fetch(session, CURRENT, own)}
    digests = {each.target_id: digest_of(inputs_of(each, landscape), now.year) for each in landscape.promises}
    changed = [each for each in landscape.promises if before.get(each.target_id) != digests[each.target_id]]
    withdrawn = sorted(id_ for id_, digest in before.items() if id_ not in digests and digest)
    if withdrawn:
        await execute(session, WITHDRAW, own, withdrawn, now)
        await execute(session, CLOSE_WITHDRAWN, own, withdrawn, now)
    looked_at = list(landscape.promises) if everything else changed[:limit]
    judged = [(each, judge(each, landscape, hours)) for each in await _taken(session, own, looked_at, before, now)]
    stored = {each.target_id for each in changed}
    await _keep(session, actor, [pair for pair in judged if pair[0].target_id in stored], digests, now)
    done = {each.target_id for each, _ in judged}
    return Aligned(len(landscape.promises), len(judged), sum(each.target_id not in done for each in changed))


def digest_of(inputs: Sequence[UUID], year: int) -> str:
    """What a verdict rests on; calendars are compared over a year, so that is part of it."""
    return sha256(f"{year}|{'|'.join(map(str, inputs))}".encode()).hexdigest()


async def _taken(
    session: WriteSession, own: UUID, promises: Sequence[PromiseFact], before: Mapping[UUID, str], now: datetime
) -> list[PromiseFact]:
    """Those nobody else is judging, or has judged since they were looked at; locked."""
    if not promises:
        return []
    ordered = sorted(promises, key=lambda each: each.target_id)
    ids = [each.target_id for each in ordered]
    services = [each.agreement.service_id for each in ordered]
    await execute(session, BEGIN, own, [new_id() for _ in ids], ids, services, now)
    locked: dict[UUID, str] = {row[0]: row[1] for row in await fetch(session, TAKEN, own, ids)}
    return [each for each in ordered if locked.get(each.target_id) == before.get(each.target_id, "")]


async def _keep(
    session: WriteSession,
    actor: Actor,
    judged: Sequence[tuple[PromiseFact, Judgement]],
    digests: dict[UUID, str],
    now: datetime,
) -> None:
    if not judged:
        return
    own = actor.organisation_id
    ids = [new_id() for _ in judged]
    rows = [
        _row(id_, promise, found, digests[promise.target_id]) for id_, (promise, found) in zip(ids, judged, strict=True)
    ]
    for start in range(0, len(rows), AT_ONCE):
        some = json.dumps(rows[start : start + AT_ONCE])
        await execute(session, ADD, own, some, now, now, actor.account_id)
    verdicts = [found.verdict.value for _, found in judged]
    await execute(
        session, HOLD, own, now, [each.target_id for each, _ in judged], ids, verdicts,
        [LEVELS[found.verdict] for _, found in judged], [digests[each.target_id] for each, _ in judged],
        [each.agreement.service_id for each, _ in judged],
    )  # fmt: skip
    failing = [
        (new_id(), promise.target_id, axis.value, id_)
        for id_, (promise, found) in zip(ids, judged, strict=True)
        for axis, compared in found.axes.items()
        if compared.state is AxisState.FAILS
    ]
    holding = [
        (promise.target_id, axis.value)
        for promise, found in judged
        for axis, compared in found.axes.items()
        if compared.state is AxisState.HOLDS
    ]
    await execute(session, CLOSE, own, now, [row[0] for row in holding], [row[1] for row in holding])
    await execute(session, REOPEN, own, now, [row[1] for row in failing], [row[2] for row in failing])
    if failing:
        await execute(session, SHOWN_BY, own, now, *(list(column) for column in zip(*failing, strict=True)))


def _row(id_: UUID, promise: PromiseFact, found: Judgement, digest: str) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for axis in Axis:
        compared = found.axes[axis]
        axes |= {
            f"{axis.value}_state": compared.state.value,
            f"{axis.value}_shortfall": None if compared.shortfall is None else str(compared.shortfall),
            f"{axis.value}_reason": said(compared.reason, compared.unit),
        }
    return {
        "id": str(id_),
        "target_id": str(promise.target_id),
        "agreement_version_id": str(promise.agreement.version_id),
        "verdict": found.verdict.value,
        **axes,
        "guaranteed_percent": None if found.guaranteed is None else str(percent(found.guaranteed)),
        "best_case_percent": None if found.best_case is None else str(percent(found.best_case)),
        "estimated_percent": None if found.estimate is None else f"{100 * found.estimate:.6f}",
        "redundant": found.redundant,
        "shared_providers": ", ".join(found.shared),
        "nodes": list(found.nodes),
        "edges": list(found.edges),
        "witness": list(found.witness),
        "credits": list(found.money.outcomes),
        "credits_missing": "; ".join(found.money.missing),
        "inputs": [{"id": str(input_)} for input_ in found.inputs],
        "inputs_digest": digest,
    }


def said(reason: str, unit: str) -> str:
    """A reason with the unit of its shortfall."""
    return f"{reason} ({unit})" if reason and unit else reason or unit
