"""The statement that walks back from tiles. Its parameters are those of services.alignment.trace_sql."""
# ruff: noqa: S608 - put together from our own names; values are bound

from services.alignment.trace_sql import KNOWN, array, latest, lost
from services.catalogue.queries import service_level_management_present

GATES_OF_SERVICE = array(
    f"""
    SELECT gate.key AS place, {service_level_management_present("gate", "$2::timestamptz")} AS said
    FROM design_gate AS gate
    WHERE gate.organisation_id = $1::uuid AND gate.service_id = service.id
      AND gate.held_at <= $2::timestamptz AND gate.recorded_at <= $2::timestamptz
    """
)

REQUIREMENTS_OF_TARGET = array(
    f"""
    SELECT required.key AS place, json_build_object('id', required.id, 'key', required.key) AS said
    FROM (
        SELECT DISTINCT ON (l.requirement_id) l.requirement_id, l.tenure FROM target_requirement AS l
        WHERE l.organisation_id = $1::uuid AND l.target_id = target.id AND {KNOWN.format(row="l")}
        ORDER BY l.requirement_id, l.valid_from DESC
    ) AS promises
    JOIN service_level_requirement AS required ON required.organisation_id = $1::uuid
        AND required.id = promises.requirement_id
    WHERE promises.tenure = 'held'
    """
)

TARGETS_OF_INDICATOR = array(
    f"""
    SELECT target.key AS place, json_build_object(
        'in_force', coalesce(agreed.status = 'in_force', FALSE) AND (
            EXISTS (SELECT FROM target_version AS d WHERE d.organisation_id = $1::uuid AND d.target_id = target.id
                    AND d.agreement_version_id = agreed.id)
            OR EXISTS (SELECT FROM availability_target_version AS d WHERE d.organisation_id = $1::uuid
                       AND d.target_id = target.id AND d.agreement_version_id = agreed.id)
        ),
        'records_missing',
            {lost("target.indicator_link_count", "indicator_target", "target_id", "target.id")}
            OR {lost("target.requirement_link_count", "target_requirement", "target_id", "target.id")},
        'requirements', {REQUIREMENTS_OF_TARGET}
    ) AS said
    FROM (
        SELECT DISTINCT ON (l.target_id) l.target_id, l.tenure FROM indicator_target AS l
        WHERE l.organisation_id = $1::uuid AND l.indicator_id = indicator.id AND {KNOWN.format(row="l")}
        ORDER BY l.target_id, l.valid_from DESC
    ) AS watched
    JOIN target ON target.organisation_id = $1::uuid AND target.id = watched.target_id
    JOIN agreement ON agreement.organisation_id = $1::uuid AND agreement.id = target.agreement_id
    LEFT JOIN {latest("agreement_version", "v", "agreement_id", "agreement.id")} AS agreed ON TRUE
    WHERE watched.tenure = 'held'
    """
)

MONITORS_OF_TILE = array(
    f"""
    SELECT monitor.key AS place, json_build_object(
        'key', monitor.key, 'tenure', installed.tenure,
        'records_missing', {lost("monitor.installation_count", "monitor_installation", "monitor_id", "monitor.id")},
        'service_id', service.id, 'service_key', service.key, 'service_name', service.name,
        'design_gate_count', service.design_gate_count, 'gates', {GATES_OF_SERVICE}, 'targets', {TARGETS_OF_INDICATOR}
    ) AS said
    FROM (
        SELECT DISTINCT ON (l.monitor_id) l.monitor_id, l.tenure FROM tile_monitor AS l
        WHERE l.organisation_id = $1::uuid AND l.tile_id = tile.id AND {KNOWN.format(row="l")}
        ORDER BY l.monitor_id, l.valid_from DESC
    ) AS shows
    JOIN monitor ON monitor.organisation_id = $1::uuid AND monitor.id = shows.monitor_id
    JOIN indicator ON indicator.organisation_id = $1::uuid AND indicator.id = monitor.indicator_id
    JOIN service ON service.organisation_id = $1::uuid AND service.id = indicator.service_id
    LEFT JOIN {latest("monitor_installation", "n", "monitor_id", "monitor.id")} AS installed ON TRUE
    WHERE shows.tenure = 'held'
    """
)

TILES = f"""
WITH tile AS MATERIALIZED (
    SELECT t.id, t.key, t.name, t.dashboard, t.url, t.placement_count, t.monitor_link_count FROM dashboard_tile AS t
    JOIN {latest("tile_placement", "p", "tile_id", "t.id")} AS placed ON placed.tenure = 'held'
    WHERE t.organisation_id = $1::uuid AND t.recorded_at <= $2::timestamptz AND ($3::uuid IS NULL OR t.id = $3::uuid)
)
SELECT json_build_object(
    'id', tile.id, 'key', tile.key, 'name', tile.name, 'dashboard', tile.dashboard, 'url', tile.url,
    'records_missing', {lost("tile.placement_count", "tile_placement", "tile_id", "tile.id")}
        OR {lost("tile.monitor_link_count", "tile_monitor", "tile_id", "tile.id")},
    'monitors', {MONITORS_OF_TILE}
)::text, counted.total
FROM (SELECT tile.* FROM tile WHERE tile.key > $4::text ORDER BY tile.key LIMIT $5::bigint) AS tile
CROSS JOIN (SELECT count(*) AS total FROM tile) AS counted
ORDER BY tile.key
"""
