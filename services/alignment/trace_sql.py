"""The statements of the trace. `$1` is the organisation, `$2` the instant: what held then by what was recorded by then.

The organisation stands literally at every level. Lists are JSON arrays, so that one statement gives a whole page.
"""
# ruff: noqa: S608 - put together from our own names; values are bound

KNOWN = "{row}.recorded_at <= $2::timestamptz AND {row}.valid_from <= $2::timestamptz"


def latest(table: str, alias: str, column: str, value: str) -> str:
    """The entry of a history that holds at the instant, as a LATERAL of at most one row."""
    known = KNOWN.format(row=alias)
    return (
        f"LATERAL (SELECT {alias}.* FROM {table} AS {alias} WHERE {alias}.organisation_id = $1::uuid"
        f" AND {alias}.{column} = {value} AND {known} ORDER BY {alias}.valid_from DESC LIMIT 1)"
    )


def lost(counted: str, table: str, column: str, value: str) -> str:
    """Whether fewer entries are there than were ever recorded."""
    return (
        f"({counted} > (SELECT count(*) FROM {table} AS kept WHERE kept.organisation_id = $1::uuid"
        f" AND kept.{column} = {value}))"
    )


def array(select: str) -> str:
    """The objects of a sub-select with one column `said` and an order `place`, as a JSON array."""
    return f"(SELECT coalesce(json_agg(x.said ORDER BY x.place), '[]') FROM ({select}) AS x)"


TILES_OF_MONITOR = array(
    f"""
    SELECT tile.key AS place, json_build_object(
        'tile_id', tile.id, 'key', tile.key, 'name', tile.name, 'dashboard', tile.dashboard, 'url', tile.url,
        'is_placed', coalesce(placed.tenure = 'held', FALSE),
        'records_missing', {lost("tile.placement_count", "tile_placement", "tile_id", "tile.id")}
            OR {lost("tile.monitor_link_count", "tile_monitor", "tile_id", "tile.id")}
    ) AS said
    FROM (
        SELECT DISTINCT ON (l.tile_id) l.tile_id, l.tenure FROM tile_monitor AS l
        WHERE l.organisation_id = $1::uuid AND l.monitor_id = monitor.id AND {KNOWN.format(row="l")}
        ORDER BY l.tile_id, l.valid_from DESC
    ) AS shows
    JOIN dashboard_tile AS tile ON tile.organisation_id = $1::uuid AND tile.id = shows.tile_id
    LEFT JOIN {latest("tile_placement", "p", "tile_id", "tile.id")} AS placed ON TRUE
    WHERE shows.tenure = 'held'
    """
)

MONITORS_OF_INDICATOR = array(
    f"""
    SELECT monitor.key AS place, json_build_object(
        'id', monitor.id, 'key', monitor.key, 'name', monitor.name,
        'tenure', installed.tenure, 'since', installed.valid_from,
        'last_data_at', (
            SELECT max(report.last_data_at) FROM monitor_report AS report WHERE report.organisation_id = $1::uuid
            AND report.monitor_id = monitor.id AND report.recorded_at <= $2::timestamptz
        ),
        'records_missing', {lost("monitor.installation_count", "monitor_installation", "monitor_id", "monitor.id")},
        'tiles', {TILES_OF_MONITOR}
    ) AS said
    FROM monitor
    LEFT JOIN {latest("monitor_installation", "n", "monitor_id", "monitor.id")} AS installed ON TRUE
    WHERE monitor.organisation_id = $1::uuid AND monitor.indicator_id = indicator.id
      AND monitor.recorded_at <= $2::timestamptz
    """
)

INDICATORS_OF_TARGET = array(
    f"""
    SELECT indicator.key AS place, json_build_object(
        'id', indicator.id, 'key', indicator.key, 'name', indicator.name, 'metric', indicator.metric,
        'unit', indicator.unit, 'monitors', {MONITORS_OF_INDICATOR}
    ) AS said
    FROM (
        SELECT DISTINCT ON (l.indicator_id) l.indicator_id, l.tenure FROM indicator_target AS l
        WHERE l.organisation_id = $1::uuid AND l.target_id = target.id AND {KNOWN.format(row="l")}
        ORDER BY l.indicator_id, l.valid_from DESC
    ) AS watches
    JOIN indicator ON indicator.organisation_id = $1::uuid AND indicator.id = watches.indicator_id
    WHERE watches.tenure = 'held'
    """
)

TARGETS_OF_REQUIREMENT = array(
    f"""
    SELECT agreement.key || '/' || target.key AS place, json_build_object(
        'id', target.id, 'key', target.key, 'name', target.name, 'agreement', agreement.key, 'kind', agreement.kind,
        'held', promises.tenure = 'held',
        'defined', coalesce(agreed.status = 'in_force' AND coalesce(defined.id, available.id) IS NOT NULL, FALSE),
        'duration_seconds', defined.duration_seconds, 'objective_percent', defined.objective_percent::text,
        'availability_percent', available.objective_percent::text,
        'links_missing', {lost("target.requirement_link_count", "target_requirement", "target_id", "target.id")},
        'indicator_links_missing',
            {lost("target.indicator_link_count", "indicator_target", "target_id", "target.id")},
        'indicators', {INDICATORS_OF_TARGET}
    ) AS said
    FROM (
        SELECT DISTINCT ON (l.target_id) l.target_id, l.tenure FROM target_requirement AS l
        WHERE l.organisation_id = $1::uuid AND l.requirement_id = required.id AND {KNOWN.format(row="l")}
        ORDER BY l.target_id, l.valid_from DESC
    ) AS promises
    JOIN target ON target.organisation_id = $1::uuid AND target.id = promises.target_id
    JOIN agreement ON agreement.organisation_id = $1::uuid AND agreement.id = target.agreement_id
    LEFT JOIN {latest("agreement_version", "v", "agreement_id", "agreement.id")} AS agreed ON TRUE
    LEFT JOIN target_version AS defined ON defined.organisation_id = $1::uuid AND defined.target_id = target.id
        AND defined.agreement_version_id = agreed.id
    LEFT JOIN availability_target_version AS available ON available.organisation_id = $1::uuid
        AND available.target_id = target.id AND available.agreement_version_id = agreed.id
    """
)

CLAUSES_OF_REQUIREMENT = array(
    f"""
    SELECT agreement.key || ' ' || clause.reference AS place, json_build_object(
        'id', clause.id, 'agreement', agreement.key, 'reference', clause.reference, 'metric', clause.metric,
        'comparison', clause.comparison, 'value', clause.value::text, 'unit', clause.unit,
        'held', carries.tenure = 'held', 'binding', carries.binding,
        'agreed', coalesce(agreed.status = 'in_force', FALSE),
        'links_missing', {lost("clause.requirement_link_count", "clause_requirement", "clause_id", "clause.id")}
    ) AS said
    FROM (
        SELECT DISTINCT ON (l.clause_id) l.clause_id, l.tenure, l.binding FROM clause_requirement AS l
        WHERE l.organisation_id = $1::uuid AND l.requirement_id = required.id AND {KNOWN.format(row="l")}
        ORDER BY l.clause_id, l.valid_from DESC
    ) AS carries
    JOIN contract_clause AS clause ON clause.organisation_id = $1::uuid AND clause.id = carries.clause_id
    JOIN agreement ON agreement.organisation_id = $1::uuid AND agreement.id = clause.agreement_id
    LEFT JOIN {latest("agreement_version", "v", "agreement_id", "agreement.id")} AS agreed ON TRUE
    """
)

APPROVALS_OF_REQUIREMENT = """
(SELECT coalesce(json_agg(json_build_array(
        a.requirement_version_id, a.person_id, a.decision, a.decided_at, a.recorded_at, a.received_at,
        coalesce(party.kind = $6::text, FALSE)
    ) ORDER BY a.decided_at, a.id), '[]')
 FROM requirement_version AS said
 JOIN requirement_approval AS a ON a.organisation_id = $1::uuid AND a.requirement_version_id = said.id
 JOIN person ON person.organisation_id = $1::uuid AND person.id = a.person_id
 LEFT JOIN party ON party.organisation_id = $1::uuid AND party.id = person.party_id
 WHERE said.organisation_id = $1::uuid AND said.requirement_id = required.id
   AND a.decided_at <= $2::timestamptz AND a.recorded_at <= $2::timestamptz)
"""

LOST_OF_REQUIREMENT = f"""
({lost("required.version", "requirement_version", "requirement_id", "required.id")}
 OR required.approval_count > (
    SELECT count(*) FROM requirement_version AS said
    JOIN requirement_approval AS a ON a.organisation_id = $1::uuid AND a.requirement_version_id = said.id
    WHERE said.organisation_id = $1::uuid AND said.requirement_id = required.id
 ))
"""


def _anything(table: str) -> str:
    return (
        f"EXISTS (SELECT FROM {table} AS anything WHERE anything.organisation_id = $1::uuid"
        " AND anything.recorded_at <= $2::timestamptz)"
    )


_VERSION = latest("requirement_version", "w", "requirement_id", "required.id")

MATRIX = f"""
WITH required AS MATERIALIZED (
    SELECT r.id, r.key, r.service_id, r.version, r.approval_count FROM service_level_requirement AS r
    WHERE r.organisation_id = $1::uuid AND r.recorded_at <= $2::timestamptz
      AND ($3::uuid IS NULL OR r.service_id = $3::uuid)
      AND EXISTS (SELECT FROM requirement_version AS w WHERE w.organisation_id = $1::uuid AND w.requirement_id = r.id
                  AND {KNOWN.format(row="w")})
)
SELECT json_build_object(
    'id', required.id, 'key', required.key, 'service_id', service.id, 'service_key', service.key,
    'service_name', service.name, 'statement', version.statement, 'metric', version.metric,
    'comparison', version.comparison, 'value', version.target_value::text, 'unit', version.unit,
    'went_live_at', life.went_live_at, 'design_approved_at', life.design_approved_at,
    'waived_until', (
        SELECT max(waiver.valid_until) FROM requirement_waiver AS waiver WHERE waiver.organisation_id = $1::uuid
        AND waiver.requirement_id = required.id AND {KNOWN.format(row="waiver")}
        AND waiver.valid_until > $2::timestamptz
    ),
    'records_missing', {LOST_OF_REQUIREMENT}, 'approvals', {APPROVALS_OF_REQUIREMENT},
    'any_target_link', {_anything("target_requirement")}, 'any_clause_link', {_anything("clause_requirement")},
    'any_indicator_link', {_anything("indicator_target")},
    'targets', {TARGETS_OF_REQUIREMENT}, 'clauses', {CLAUSES_OF_REQUIREMENT}
)::text, counted.total
FROM (SELECT required.* FROM required WHERE required.key > $4::text ORDER BY required.key LIMIT $5::bigint) AS required
JOIN service ON service.organisation_id = $1::uuid AND service.id = required.service_id
JOIN {_VERSION} AS version ON TRUE
CROSS JOIN (SELECT count(*) AS total FROM required) AS counted
LEFT JOIN LATERAL (
    SELECT min(e.occurred_at) FILTER (WHERE e.kind = 'go_live') AS went_live_at,
           min(e.occurred_at) FILTER (WHERE e.kind = 'design_approved') AS design_approved_at
    FROM lifecycle_event AS e WHERE e.organisation_id = $1::uuid AND e.service_id = required.service_id
    AND e.occurred_at <= $2::timestamptz AND e.recorded_at <= $2::timestamptz
) AS life ON TRUE
ORDER BY required.key
"""
