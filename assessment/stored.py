"""Scores as rows: pure, so that what is stored can be tested without a database."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from assessment.claims import Claims
from assessment.definitions import Pattern, PatternSet
from assessment.findings import CannotTell, CheckedUnit, Findings, GradedUnit
from assessment.scoring import GradedScore, PatternScore, PrevalenceScore, Score
from assessment.verdicts import judge
from services.db import new_id

PLACES = Decimal("0.000001")
Row = dict[str, Any]


def findings_digest(findings: Mapping[str, Findings]) -> str:
    """SHA-256 over every unit with what was found of it, hexadecimal; equal for equal evidence."""
    content = {pattern: [_plain(unit) for unit in units_of(found)] for pattern, found in findings.items()}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def units_of(found: Findings) -> Sequence[GradedUnit | CheckedUnit]:
    """The units of findings; none where nothing can be told."""
    return () if isinstance(found, CannotTell) else found.units


def score_row(scored: Score, findings: Mapping[str, Findings], claims: Claims | None) -> Row:
    """The columns of the score itself."""
    greenwash = scored.greenwash
    coverage = sum(not _unknown(each) for each in scored.patterns.values()) / len(scored.patterns)
    return {
        "pattern_set": scored.pattern_set,
        "limiting_lowest": scored.limiting.lowest,
        "limiting_highest": scored.limiting.highest,
        "limited_by": list(scored.limiting.limited_by),
        "limiting_unknown": list(scored.limiting.unknown),
        "rhythm_lowest": scored.rhythm.lowest,
        "rhythm_highest": scored.rhythm.highest,
        "rhythm_limited_by": list(scored.rhythm.limited_by),
        "index_value": _decimal(scored.index.value),
        "index_lowest": _decimal(scored.index.lowest),
        "index_highest": _decimal(scored.index.highest),
        "coverage": _decimal(coverage),
        "greenwash": _decimal(greenwash.index if greenwash else None),
        "modesty": _decimal(greenwash.modesty if greenwash else None),
        "agreement": None if claims is None else claims.agreement,
        "findings_digest": findings_digest(findings),
    }


def pattern_rows(
    definitions: PatternSet, scored: Score, findings: Mapping[str, Findings], claims: Claims | None
) -> Iterator[tuple[Row, list[Row]]]:
    """Each pattern's columns with those of its units, in the order of the set; ids are made here."""
    for position, (name, pattern) in enumerate(definitions.patterns.items(), start=1):
        id_ = new_id()
        row = {"id": id_, "position": position, **_pattern_row(pattern, scored.patterns[name], claims)}
        units = units_of(findings[name]) if name in findings else ()
        yield row, [_unit_row(id_, number, pattern, unit) for number, unit in enumerate(units, start=1)]


def _pattern_row(pattern: Pattern, found: PatternScore, claims: Claims | None) -> Row:
    judgement = judge(found)
    claim = None if claims is None else claims.claims.get(pattern.id)
    claimed = None if claims is None else claims.published_level(pattern.id)
    levels = None if not isinstance(found, GradedScore | PrevalenceScore) else found
    states = found.counts.counts if isinstance(found, GradedScore) else (None,) * 5
    bad = found if isinstance(found, PrevalenceScore) else None
    units = sum(found.counts.counts) if isinstance(found, GradedScore) else bad.share.total if bad else 0
    return {
        "pattern": pattern.id,
        "family": pattern.family,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "missing": [] if levels else list(getattr(found, "missing", ())),
        "census": levels.census if levels else None,
        "confirmed": levels.confirmed if levels else None,
        "census_probability": _decimal(levels.probabilities[levels.census - 1] if levels else None),
        "units": units,
        **{f"at_state_{state}": count for state, count in enumerate(states, start=1)},
        "bad_units": bad.share.count if bad else None,
        "share_low": _decimal(bad.share.low if bad else None),
        "share_high": _decimal(bad.share.high if bad else None),
        "band": bad.band if bad else None,
        "claimed": claimed,
        "claim_least": claim.least if claim else None,
        "claim_most": claim.most if claim else None,
        "gap": claimed - levels.confirmed if claimed is not None and levels else None,
    }


def _unit_row(pattern_score_id: UUID, position: int, pattern: Pattern, unit: GradedUnit | CheckedUnit) -> Row:
    graded = unit if isinstance(unit, GradedUnit) else None
    failed_level = graded.state + 1 if graded and graded.state < len(pattern.anchors) else None
    return {
        "id": new_id(),
        "pattern_score_id": pattern_score_id,
        "position": position,
        "kind": pattern.unit,
        "name": unit.unit,
        "record_id": unit.record_id,
        "state": graded.state if graded else None,
        "bad": unit.bad if isinstance(unit, CheckedUnit) else None,
        "failed_level": failed_level,
        "failed_predicate": _failed(pattern, unit, failed_level),
        "shortfall": unit.shortfall,
        "reason": unit.reason or "",
    }


def _failed(pattern: Pattern, unit: GradedUnit | CheckedUnit, failed_level: int | None) -> str:
    if failed_level is not None:
        return pattern.predicates[failed_level - 2].holds_when
    return pattern.prevalence.bad_when if pattern.prevalence and isinstance(unit, CheckedUnit) and unit.bad else ""


def _plain(unit: GradedUnit | CheckedUnit) -> list[Any]:
    found = unit.state if isinstance(unit, GradedUnit) else unit.bad
    return [unit.unit, str(unit.record_id), found, unit.shortfall, unit.reason]


def _unknown(found: PatternScore) -> bool:
    return not isinstance(found, GradedScore | PrevalenceScore)


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(PLACES)
