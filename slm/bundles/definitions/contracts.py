"""The terms of agreements with the credits they grant, who takes part in them, and what procurement did about them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.agreements.contract_rules import (
    AwardCriterion,
    CreditBand,
    Part,
    ProcurementEventKind,
    RecommendationAnswer,
    Renewal,
    Terms,
)
from services.agreements.participation import begin_participation, end_participation
from services.agreements.procurement import answer_recommendation, recommend, record_procurement_event
from services.agreements.terms import record_terms
from services.db import ReadSession, fetch
from services.domain.vocabulary import PeriodKind
from services.organisations.rules import GovernanceRole
from slm.bundles.definitions import columns
from slm.bundles.definitions.columns import Column
from slm.bundles.definitions.kinds import UNKNOWN, Kind, Row, Run, Values, each, flat, spans

TERMS = """
SELECT a.key, v.valid_from, t.term_ends_at, t.notice_days, t.renewal, t.renewal_months, c.key, t.population,
       t.population_share_percent, t.exclusions, t.monthly_maintenance_seconds, t.force_majeure, t.currency,
       t.fee_amount, t.fee_period, t.at_risk_percent, t.at_risk_amount, t.claim_deadline_days, t.signed_at, t.id
FROM agreement_terms t
JOIN agreement_version v ON v.organisation_id = $1::uuid AND v.id = t.agreement_version_id
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = v.agreement_id
LEFT JOIN calendar c ON c.organisation_id = $1::uuid AND c.id = t.coverage_calendar_id
WHERE t.organisation_id = $1::uuid ORDER BY a.key, v.valid_from
"""
BANDS = """
SELECT b.terms_id, g.key, b.lower_percent, b.upper_percent, b.credit_percent, b.credit_amount FROM credit_band b
JOIN target g ON g.organisation_id = $1::uuid AND g.id = b.target_id
WHERE b.organisation_id = $1::uuid ORDER BY b.terms_id, g.key, b.lower_percent
"""
VERSIONS = """
SELECT a.key, v.valid_from, v.id FROM agreement_version v
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = v.agreement_id
WHERE v.organisation_id = $1::uuid ORDER BY a.key, v.valid_from
"""
PARTICIPATIONS = """
SELECT a.key, h.key, q.part, q.role, q.tenure, q.valid_from FROM agreement_participation q
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = q.agreement_id
JOIN person h ON h.organisation_id = $1::uuid AND h.id = q.person_id
WHERE q.organisation_id = $1::uuid ORDER BY a.key, h.key, q.part, q.valid_from
"""
EVENTS = """
SELECT a.key, e.kind, e.occurred_at, e.criterion, h.key, e.note FROM procurement_event e
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = e.agreement_id
LEFT JOIN person h ON h.organisation_id = $1::uuid AND h.id = e.person_id
WHERE e.organisation_id = $1::uuid ORDER BY a.key, e.occurred_at, e.kind
"""
RECOMMENDATIONS = """
SELECT r.id, a.key, h.key, r.recommended_at, r.statement, d.answer, d.decided_at, p.key, d.reason
FROM procurement_recommendation r
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = r.agreement_id
JOIN person h ON h.organisation_id = $1::uuid AND h.id = r.person_id
LEFT JOIN recommendation_decision d ON d.organisation_id = $1::uuid AND d.recommendation_id = r.id
LEFT JOIN person p ON p.organisation_id = $1::uuid AND p.id = d.person_id
WHERE r.organisation_id = $1::uuid ORDER BY a.key, r.recommended_at, h.key
"""
SAID = (
    "term_ends_at", "notice_days", "renewal", "renewal_months", "coverage", "population", "population_share_percent",
    "exclusions", "monthly_maintenance", "force_majeure", "currency", "fee_amount", "fee_period", "at_risk_percent",
    "at_risk_amount", "claim_deadline_days", "signed_at",
)  # fmt: skip
ANSWERED = ("answer", "decided_at", "decided_by", "reason")
BAND = re.compile(r"(\S+)\s+([\d.]+)-([\d.]+)\s+([\d.]+)(\s*%)?")


async def _terms(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    bands: dict[UUID, list[CreditBand]] = {}
    for terms_id, *band in await fetch(session, BANDS, organisation_id):
        bands.setdefault(terms_id, []).append(CreditBand(*band))
    names = ("agreement", "valid_from", *SAID, "id")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, TERMS, organisation_id)]
    for row in rows:
        row["renewal"] = Renewal(row["renewal"]) if row["renewal"] else None
        row["fee_period"] = PeriodKind(row["fee_period"]) if row["fee_period"] else None
        row["population"], row["exclusions"] = row["population"] or None, tuple(row["exclusions"])
        row["credit_bands"] = tuple(bands.get(row.pop("id"), ()))
    return rows


async def _bring_terms(kind: Kind, run: Run, rows: list[Row]) -> None:
    """A row that does not say which version is about the latest one."""
    versions = {
        (key, valid_from): id_ for key, valid_from, id_ in await fetch(run.session, VERSIONS, run.actor.organisation_id)
    }
    latest = dict(versions)

    async def add(run: Run, row: Row) -> UUID:
        return await _add_terms(run, row, versions.get((row.values["agreement"], row.values["valid_from"]), UNKNOWN))

    await flat(each(add))(kind, run, [_about_latest(row, latest) for row in rows])


def _about_latest(row: Row, versions: Mapping[tuple[str, datetime], UUID]) -> Row:
    starts = [start for key, start in versions if key == row.values["agreement"]]
    at = row.values.get("valid_from") or max(starts, default=None)
    return replace(row, values={**row.values, "valid_from": at})


async def _add_terms(run: Run, row: Row, version_id: UUID) -> UUID:
    said = row.values
    renamed = {"coverage", "population", "monthly_maintenance", "exclusions"}
    terms = Terms(
        **{name: said.get(name) for name in SAID if name not in renamed},
        coverage_calendar_id=run.id_of("calendars", said.get("coverage")),
        population=said.get("population") or "",
        monthly_maintenance_seconds=said.get("monthly_maintenance"),
        exclusions=said.get("exclusions") or (),
        credit_bands=said.get("credit_bands") or (),
    )
    return await record_terms(**run.by, agreement_version_id=version_id, terms=terms)


async def _participations(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for agreement, person, part, role, tenure, valid_from in await fetch(session, PARTICIPATIONS, organisation_id):
        if tenure == "held":
            said = {"agreement": agreement, "person": person, "part": Part(part), "valid_from": valid_from}
            found.append({**said, "role": GovernanceRole(role) if role else None, "valid_until": None})
        elif found:
            found[-1]["valid_until"] = valid_from
    return found


def _who(run: Run, row: Row) -> dict[str, Any]:
    return {
        "agreement_id": run.known("agreements", row.values["agreement"]),
        "person_id": run.known("people", row.values["person"]),
        "part": row.values["part"],
    }


async def _begin(run: Run, row: Row) -> UUID:
    said = {"role": row.values.get("role"), "valid_from": row.values["valid_from"]}
    return await begin_participation(**run.by, **_who(run, row), **said)


async def _end(run: Run, row: Row, _before: Values) -> None:
    await end_participation(**run.by, **_who(run, row), valid_from=row.values["valid_until"])


async def _events(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("agreement", "kind", "occurred_at", "criterion", "person", "note")
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, EVENTS, organisation_id)]
    return [
        {
            **row,
            "kind": ProcurementEventKind(row["kind"]),
            "criterion": AwardCriterion(row["criterion"]) if row["criterion"] else None,
            "note": row["note"] or None,
        }
        for row in rows
    ]


async def _add_event(run: Run, row: Row) -> UUID:
    said = row.values
    return await record_procurement_event(
        **run.by, agreement_id=run.known("agreements", said["agreement"]), kind=said["kind"],
        occurred_at=said["occurred_at"], criterion=said.get("criterion"),
        person_id=run.id_of("people", said.get("person")), note=said.get("note") or "",
    )  # fmt: skip


async def _recommendations(session: ReadSession, organisation_id: UUID) -> list[dict[str, Any]]:
    names = ("id", "agreement", "person", "recommended_at", "statement", *ANSWERED)
    rows = [dict(zip(names, row, strict=True)) for row in await fetch(session, RECOMMENDATIONS, organisation_id)]
    return [{**row, "answer": RecommendationAnswer(row["answer"]) if row["answer"] else None} for row in rows]


async def _add_recommendation(run: Run, row: Row) -> UUID:
    said = row.values
    made = await recommend(
        **run.by, agreement_id=run.known("agreements", said["agreement"]),
        person_id=run.known("people", said["person"]), statement=said["statement"],
        recommended_at=said["recommended_at"],
    )  # fmt: skip
    await _answer(run, row, {"id": made})
    return made


async def _answer(run: Run, row: Row, before: Values) -> None:
    said = row.values
    if said.get("answer") is None:
        return
    await answer_recommendation(
        **run.by, recommendation_id=before["id"], person_id=run.known("people", said.get("decided_by") or ""),
        answer=said["answer"], reason=said.get("reason") or "", decided_at=said.get("decided_at") or run.now,
    )  # fmt: skip


def _read_bands(cells: Sequence[str], _: ZoneInfo) -> tuple[CreditBand, ...]:
    return tuple(sorted(map(_read_band, cells), key=lambda band: (band.target_key, band.lower_percent)))


def _read_band(cell: str) -> CreditBand:
    if (found := BAND.fullmatch(cell)) is not None:
        try:
            lower, upper, credit = map(Decimal, found.group(2, 3, 4))
            given = (credit, None) if found[5] else (None, credit)
            return CreditBand(found[1], lower, upper, *given)
        except InvalidOperation:
            pass
    raise ValueError("expected credits such as `resolve 90-95 5%` or `resolve 0-90 1000`")


def _spell_bands(bands: Sequence[CreditBand]) -> list[str]:
    return [
        f"{band.target_key} {band.lower_percent.normalize():f}-{band.upper_percent.normalize():f} {_credit(band)}"
        for band in bands
    ]


def _credit(band: CreditBand) -> str:
    if band.credit_percent is not None:
        return f"{band.credit_percent.normalize():f}%"
    assert band.credit_amount is not None  # noqa: S101 - a band says one or the other
    return f"{band.credit_amount.normalize():f}"


KINDS = (
    Kind(
        "agreement_terms",
        "What versions of agreements say beside their targets; of each version once. Blank: it does not say.",
        (
            columns.key("agreement", "Which agreement.", of="agreements", required=True),
            columns.instant("valid_from", "Which version, by its start; blank: the latest."),
            columns.instant("term_ends_at", "When it no longer holds by itself."),
            columns.whole("notice_days", "How many days before that notice is due."),
            columns.choice("renewal", "What happens when the term ends.", Renewal),
            columns.whole("renewal_months", "For how many months it is renewed."),
            columns.key("coverage", "The service hours it covers.", of="calendars"),
            columns.text("population", "Whom or what it is for."),
            columns.decimal("population_share_percent", "Which share of that is ours."),
            columns.words("exclusions", "What it excludes, by name."),
            columns.duration("monthly_maintenance", "At most how much planned maintenance in a month."),
            columns.answer("force_majeure", "Whether force majeure suspends it."),
            columns.text("currency", "The currency of its amounts, such as EUR."),
            columns.decimal("fee_amount", "The fee."),
            columns.choice("fee_period", "For which period.", PeriodKind),
            columns.decimal("at_risk_percent", "The most credits of a period come to, in per cent of the fee."),
            columns.decimal("at_risk_amount", "The same as an amount."),
            columns.whole("claim_deadline_days", "How many days after a period its credits can be claimed."),
            columns.instant("signed_at", "When it was signed."),
            Column("credit_bands", "The credits of targets, such as `resolve 0-90 10%; resolve 90-95 5%`.", _read_bands,
                   _spell_bands, many=True),
        ),
        ("agreement", "valid_from"),
        _terms,
        _bring_terms,
        optional_identity=frozenset({"valid_from"}),
    ),
    Kind(
        "agreement_participations",
        "Who owns, negotiates and signs agreements.",
        (
            columns.key("agreement", "Which agreement.", of="agreements", required=True),
            columns.key("person", "Who.", of="people", required=True),
            columns.choice("part", "What the person does.", Part, required=True),
            columns.choice("role", "In which role.", GovernanceRole),
            columns.instant("valid_from", "From when on.", required=True),
            columns.instant("valid_until", "Until when, exclusive; blank while the person does."),
        ),
        ("agreement", "person", "part", "valid_from"),
        _participations,
        spans(_begin, _end),
    ),
    Kind(
        "procurement_events",
        "What happened to contracts between sourcing and their end.",
        (
            columns.key("agreement", "Which agreement.", of="agreements", required=True),
            columns.choice("kind", "What happened.", ProcurementEventKind, required=True),
            columns.instant("occurred_at", "When.", required=True),
            columns.choice("criterion", "What decided an award.", AwardCriterion),
            columns.key("person", "Who did it.", of="people"),
            columns.text("note", "What there is to say about it."),
        ),
        ("agreement", "kind", "occurred_at"),
        _events,
        flat(each(_add_event)),
    ),
    Kind(
        "procurement_recommendations",
        "What was recommended about contracts, and what became of it.",
        (
            columns.key("agreement", "Which agreement.", of="agreements", required=True),
            columns.key("person", "Who recommends it.", of="people", required=True),
            columns.instant("recommended_at", "When.", required=True),
            columns.text("statement", "What is recommended.", required=True),
            columns.choice("answer", "Whether it is followed; blank while nobody answered.", RecommendationAnswer),
            columns.instant("decided_at", "When that was decided."),
            columns.key("decided_by", "Who decided.", of="people"),
            columns.text("reason", "Why."),
        ),
        ("agreement", "person", "recommended_at"),
        _recommendations,
        flat(each(_add_recommendation), _answer, may_change=ANSWERED),
    ),
)  # fmt: skip
