"""Everything on record as OpenSLO v1: documents as they came, and our own promises stated as documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.db import ReadSession, fetch
from services.domain.vocabulary import PeriodKind
from services.measurement.openslo_queries import stored_documents
from services.measurement.sources.openslo.generated import Promise, Unstated, documents_of
from services.measurement.sources.openslo.yaml_writer import joined, written

PROMISES = """
WITH latest AS (
    SELECT DISTINCT ON (v.agreement_id) v.agreement_id, v.id, v.status, v.valid_from FROM agreement_version v
    WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz
    ORDER BY v.agreement_id, v.valid_from DESC
), definition AS (
    SELECT c.agreement_version_id, c.target_id, c.objective_percent, c.period, NULL::bigint AS rolling_days,
           c.duration_seconds, c.calendar_id, '' AS maintenance, NULL::bigint AS population_count
    FROM target_version c WHERE c.organisation_id = $1::uuid
    UNION ALL
    SELECT v.agreement_version_id, v.target_id, v.objective_percent, v.period, v.rolling_days, NULL, v.calendar_id,
           CASE WHEN NOT v.maintenance_excluded THEN ''
                WHEN v.maintenance_seconds IS NULL THEN 'excluded'
                ELSE 'excluded up to ' || v.maintenance_seconds || ' seconds' END,
           v.population_count
    FROM availability_target_version v WHERE v.organisation_id = $1::uuid
), zone AS (
    SELECT DISTINCT ON (v.calendar_id) v.calendar_id, v.time_zone FROM calendar_version v
    WHERE v.organisation_id = $1::uuid AND v.valid_from <= $2::timestamptz
    ORDER BY v.calendar_id, v.valid_from DESC
), watching AS (
    SELECT DISTINCT ON (l.target_id, l.indicator_id) l.target_id, l.indicator_id, l.tenure FROM indicator_target l
    WHERE l.organisation_id = $1::uuid AND l.valid_from <= $2::timestamptz
    ORDER BY l.target_id, l.indicator_id, l.valid_from DESC
), watched AS (
    SELECT DISTINCT ON (w.target_id) w.target_id, i.key, i.name, i.metric, i.unit FROM watching w
    JOIN indicator i ON i.organisation_id = $1::uuid AND i.id = w.indicator_id
    WHERE w.tenure = 'held' ORDER BY w.target_id, i.key
)
SELECT t.id, s.key, s.name, s.description, a.key, a.kind, coalesce(customer.key, ''), coalesce(provider.key, ''),
       t.key, t.name, t.kind, d.objective_percent, d.period, d.rolling_days, d.duration_seconds,
       coalesce(c.key, ''), coalesce(zone.time_zone, o.time_zone), d.maintenance, d.population_count,
       latest.valid_from,
       coalesce(i.key, ''), coalesce(i.name, ''), coalesce(i.metric, ''), coalesce(i.unit, '')
FROM latest
JOIN organisation o ON o.organisation_id = $1::uuid
JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = latest.agreement_id
JOIN service s ON s.organisation_id = $1::uuid AND s.id = a.service_id
JOIN definition d ON d.agreement_version_id = latest.id
JOIN target t ON t.organisation_id = $1::uuid AND t.id = d.target_id
LEFT JOIN party customer ON customer.organisation_id = $1::uuid AND customer.id = a.customer_id
LEFT JOIN party provider ON provider.organisation_id = $1::uuid AND provider.id = a.provider_id
LEFT JOIN calendar c ON c.organisation_id = $1::uuid AND c.id = d.calendar_id
LEFT JOIN zone ON zone.calendar_id = d.calendar_id
LEFT JOIN watched i ON i.target_id = t.id
WHERE latest.status = 'in_force' ORDER BY a.key, t.key
"""


@dataclass(frozen=True)
class Exported:
    """A text of documents: how many came from elsewhere, how many state promises of ours, and what is not stated."""

    text: str
    kept: int
    stated: int
    unstated: Sequence[Unstated]


async def export_documents(session: ReadSession, organisation_id: UUID, *, now: datetime) -> Exported:
    """The latest text of every stored document, then a document for each target in force that none of them is about.

    Three statements; a snapshot keeps them consistent.
    """
    stored = await stored_documents(session, organisation_id)
    stated_already = {target_id for document in stored for _, _, target_id in document.about}
    promises = [
        _promise(said)
        for target_id, *said in await fetch(session, PROMISES, organisation_id, now)
        if target_id not in stated_already
    ]
    generated, unstated = documents_of(promises)
    taken = {document.key for document in stored}
    new = [each for each in generated if f"{each.kind}/{each.name}" not in taken]
    hidden = [each for each in generated if each not in new and each.kind == "SLO"]
    unstated += [Unstated(each.name, "a stored SLO has this name, and is not about this target") for each in hidden]
    text = joined([*(document.text for document in stored), *(written([each.root]) for each in new)])
    return Exported(text, len(stored), len(new), unstated)


def _promise(said: list[object]) -> Promise:
    values = dict(zip(Promise.__dataclass_fields__, said, strict=True))
    period = values["period"]
    return Promise(**values | {"period": None if period is None else PeriodKind(str(period))})  # type: ignore[arg-type]
