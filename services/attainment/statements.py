"""The statements of a service review. Only constants of this program are joined into them; values are bound."""
# ruff: noqa: S608

from services.attainment.figures import SelectionBasis
from services.attainment.findings import FindingCode
from services.catalogue.queries import gate_standing
from services.requirements.meaning import is_meaningful, meaningless_because

ORGANISATION = """
SELECT o.name, o.time_zone, (SELECT max(last_event_at) FROM ticket WHERE organisation_id = $1::uuid)
FROM organisation o WHERE o.organisation_id = $1::uuid
"""


def _selected(basis: SelectionBasis) -> str:
    """The tickets of a selection: `$1` the organisation, `$2` from, `$3` until; an index serves either basis."""
    instant = {SelectionBasis.OPENED: "t.opened_at", SelectionBasis.CLOSED: "t.closed_at"}[basis]
    return f"t.organisation_id = $1::uuid AND {instant} >= $2::timestamptz AND {instant} < $3::timestamptz"


def tickets(basis: SelectionBasis) -> str:
    """Counts of tickets, whole and by group; `$4` is how soon after opening counts as quickly."""
    selected = _selected(basis)
    return f"""
    SELECT GROUPING(priority, team, category), coalesce(priority, team, category),
           count(*), count(closed_at),
           count(*) FILTER (WHERE recorded_outcome = 'met'), count(*) FILTER (WHERE recorded_outcome = 'missed'),
           count(*) FILTER (WHERE reopen_count > 0),
           count(*) FILTER (WHERE recorded_outcome = 'missed' AND resolved_at IS NOT NULL),
           count(*) FILTER (WHERE recorded_outcome = 'missed' AND resolved_at - opened_at <= $4::interval),
           max(closed_at)
    FROM ticket t WHERE {selected}
    GROUP BY GROUPING SETS ((), (priority), (team), (category))
    """


def clocks(basis: SelectionBasis) -> str:
    """Counts of clocks, whole, by target and by group; `$4` is now."""
    selected = _selected(basis)
    return f"""
    SELECT GROUPING(c.target_id, t.priority, t.team, t.category), c.target_id, coalesce(t.priority, t.team, t.category),
           count(*) FILTER (WHERE c.outcome = 'met' AND c.status <> 'cancelled'),
           count(*) FILTER (WHERE c.outcome = 'missed'),
           count(*) FILTER (WHERE c.outcome = 'pending'),
           count(*) FILTER (WHERE c.status = 'cancelled' AND c.outcome <> 'missed'),
           count(*) FILTER (WHERE c.paused_seconds > 0 AND c.status <> 'cancelled'),
           count(*) FILTER (WHERE c.outcome = 'met' AND c.elapsed_seconds + c.paused_seconds > c.duration_seconds),
           count(*) FILTER (WHERE c.status = 'completed' AND t.recorded_outcome IS NOT NULL),
           count(*) FILTER (WHERE c.status = 'completed' AND t.recorded_outcome = c.outcome),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY c.elapsed_seconds - c.duration_seconds)
               FILTER (WHERE c.outcome = 'missed'),
           max(c.elapsed_seconds - c.duration_seconds) FILTER (WHERE c.outcome = 'missed'),
           count(*) FILTER (WHERE c.status = 'running' AND c.due_at < $4::timestamptz)
    FROM ticket t JOIN clock c ON c.organisation_id = $1::uuid AND c.ticket_id = t.id
    WHERE {selected}
    GROUP BY GROUPING SETS ((), (c.target_id), (t.priority), (t.team), (t.category))
    """


def targets(basis: SelectionBasis) -> str:
    """Every target with its newest definition and the ticket of the selection that overran it most."""
    selected = _selected(basis)
    return f"""
    SELECT DISTINCT ON (a.name, g.key, g.id) g.id, g.key, g.name, a.name, a.kind, v.duration_seconds,
           v.objective_percent, v.stop_states, v.assumed,
           (SELECT t.key FROM clock c JOIN ticket t ON t.organisation_id = $1::uuid AND t.id = c.ticket_id
            WHERE c.organisation_id = $1::uuid AND c.target_id = g.id AND c.outcome = 'missed' AND {selected}
            ORDER BY c.elapsed_seconds DESC, t.key LIMIT 1),
           {is_meaningful("a.service_id")}, {meaningless_because("a.service_id")}, {gate_standing("a.service_id")}
    FROM target g
    JOIN agreement a ON a.organisation_id = $1::uuid AND a.id = g.agreement_id
    JOIN target_version v ON v.organisation_id = $1::uuid AND v.target_id = g.id
    JOIN agreement_version av ON av.organisation_id = $1::uuid AND av.id = v.agreement_version_id
    WHERE g.organisation_id = $1::uuid
    ORDER BY a.name, g.key, g.id, av.valid_from DESC
    """


def examples(basis: SelectionBasis) -> str:
    """Keys of a few tickets behind each finding; `$4` is how soon counts as quickly, `$5` now."""
    selected = _selected(basis)
    return f"""
    (SELECT '{FindingCode.MISSED_THOUGH_RESOLVED}', t.key FROM ticket t
     WHERE {selected} AND t.recorded_outcome = 'missed' AND t.resolved_at - t.opened_at <= $4::interval
     ORDER BY t.resolved_at - t.opened_at, t.key LIMIT 5)
    UNION ALL
    (SELECT '{FindingCode.REOPENED}', t.key FROM ticket t
     WHERE {selected} AND t.reopen_count > 0 ORDER BY t.reopen_count DESC, t.key LIMIT 5)
    UNION ALL
    (SELECT '{FindingCode.MET_ONLY_AFTER_PAUSING}', t.key
     FROM ticket t JOIN clock c ON c.organisation_id = $1::uuid AND c.ticket_id = t.id
     WHERE {selected} AND c.outcome = 'met' AND c.elapsed_seconds + c.paused_seconds > c.duration_seconds
     ORDER BY c.paused_seconds DESC, t.key LIMIT 5)
    UNION ALL
    (SELECT '{FindingCode.STILL_OVERDUE}', t.key
     FROM ticket t JOIN clock c ON c.organisation_id = $1::uuid AND c.ticket_id = t.id
     WHERE {selected} AND c.status = 'running' AND c.due_at < $5::timestamptz ORDER BY c.due_at, t.key LIMIT 5)
    """
