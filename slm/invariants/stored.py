"""Invariants that one statement decides."""

from slm.invariants.invariant import Invariant, by_statement

REPORT = "This is a defect: keep the keys, restore nothing by hand, and report it."

CLOCK_BREACHES_RECORDED = """
SELECT format('clock %s of ticket %s', c.id, t.key)
FROM clock c JOIN ticket t ON t.organisation_id = $1::uuid AND t.id = c.ticket_id
WHERE c.organisation_id = $1::uuid AND c.breached_at IS NOT NULL AND 1 <> (
    SELECT count(*) FROM breach b WHERE b.organisation_id = $1::uuid AND b.kind = 'clock'
    AND b.ticket_id = c.ticket_id AND b.target_id = c.target_id AND b.cycle = c.cycle)
"""

PERIOD_BREACHES_RECORDED = """
SELECT format('period result %s', r.id)
FROM period_result r
WHERE r.organisation_id = $1::uuid AND r.outcome = 'missed' AND r.period_end <= r.computed_at AND 1 <> (
    SELECT count(*) FROM breach b WHERE b.organisation_id = $1::uuid AND b.kind = 'period'
    AND b.target_id = r.target_id AND b.period = r.period AND b.period_start = r.period_start)
"""

BREACHES_FOUNDED = """
SELECT format('breach %s', b.id)
FROM breach b
LEFT JOIN clock c ON c.organisation_id = $1::uuid AND c.ticket_id = b.ticket_id AND c.target_id = b.target_id
                 AND c.cycle = b.cycle
LEFT JOIN period_result r ON r.organisation_id = $1::uuid AND r.target_id = b.target_id AND r.period = b.period
                         AND r.period_start = b.period_start
WHERE b.organisation_id = $1::uuid AND CASE b.kind
    WHEN 'clock' THEN c.id IS NULL OR c.breached_at IS NULL AND c.computed_at <= b.recorded_at
    ELSE r.id IS NULL OR r.outcome <> 'missed' AND r.computed_at <= b.recorded_at END
  AND NOT EXISTS (SELECT FROM breach_retraction m WHERE m.organisation_id = $1::uuid AND m.breach_id = b.id
                  AND m.recomputation_id IS NOT NULL)
"""
"""A change may mend, at the instant at which it is applied, what was broken by then."""

DUE_ON_TIME = """
SELECT format('clock %s, due at %s', c.id, c.due_at)
FROM clock c LEFT JOIN due_organisation d ON d.organisation_id = $1::uuid
WHERE c.organisation_id = $1::uuid AND c.status = 'running' AND c.breached_at IS NULL AND c.due_at IS NOT NULL
  AND c.due_at < coalesce(d.due_at, 'infinity')
UNION ALL
SELECT format('period result %s, ending at %s', r.id, r.period_end)
FROM period_result r LEFT JOIN due_organisation d ON d.organisation_id = $1::uuid
WHERE r.organisation_id = $1::uuid AND r.outcome = 'pending' AND r.period_end > r.computed_at
  AND r.period_end < coalesce(d.due_at, 'infinity')
"""

TICKETS_COUNT_EVENTS = """
SELECT format('ticket %s: %s events, counted %s', t.key, count(e.id), t.event_count)
FROM ticket t LEFT JOIN ticket_event e ON e.organisation_id = $1::uuid AND e.ticket_id = t.id
WHERE t.organisation_id = $1::uuid
GROUP BY t.id, t.key, t.event_count
HAVING count(e.id) <> t.event_count OR count(DISTINCT e.key) <> count(e.id) OR count(e.id) = 0
"""

IMPORTS_WHOLE = """
SELECT format('import %s of %s: %s recorded, counted %s', i.id, i.source, coalesce(f.facts, 0), i.events_recorded)
FROM ticket_import i
LEFT JOIN (SELECT import_id, count(*) AS facts FROM (
    SELECT import_id FROM ticket_event WHERE organisation_id = $1::uuid
    UNION ALL SELECT import_id FROM reported_clock WHERE organisation_id = $1::uuid) AS brought
    GROUP BY import_id) AS f ON f.import_id = i.id
WHERE i.organisation_id = $1::uuid AND coalesce(f.facts, 0) <> i.events_recorded
"""

VERSIONS_APART = """
SELECT format('agreement %s from %s', v.agreement_id, v.valid_from)
FROM agreement_version v WHERE v.organisation_id = $1::uuid
GROUP BY v.agreement_id, v.valid_from HAVING count(*) > 1
UNION ALL
SELECT format('calendar %s from %s', v.calendar_id, v.valid_from)
FROM calendar_version v WHERE v.organisation_id = $1::uuid
GROUP BY v.calendar_id, v.valid_from HAVING count(*) > 1
UNION ALL
SELECT format('requirement %s from %s', v.requirement_id, v.valid_from)
FROM requirement_version v WHERE v.organisation_id = $1::uuid
GROUP BY v.requirement_id, v.valid_from HAVING count(*) > 1
UNION ALL
SELECT format('target %s in agreement version %s', v.target_id, v.agreement_version_id)
FROM target_version v WHERE v.organisation_id = $1::uuid
GROUP BY v.target_id, v.agreement_version_id HAVING count(*) > 1
"""

FORECASTS_KNOW_THEIR_MODEL = """
SELECT format('forecast %s', f.id)
FROM forecast f LEFT JOIN forecast_model m ON m.organisation_id = $1::uuid AND m.id = f.model_id
WHERE f.organisation_id = $1::uuid AND (m.id IS NULL OR m.moment <> f.moment OR m.trained_as_of > f.as_of)
"""

ENDED_ONCE = """
SELECT format('action %s', s.action_id)
FROM action_status_change s WHERE s.organisation_id = $1::uuid AND s.status IN ('done', 'dropped')
GROUP BY s.action_id HAVING count(*) > 1
UNION ALL
SELECT format('improvement %s', s.improvement_id)
FROM improvement_status_change s WHERE s.organisation_id = $1::uuid AND s.status IN ('implemented', 'stopped')
GROUP BY s.improvement_id HAVING count(*) > 1
"""

STORED = (
    Invariant(
        "clock-breaches-recorded",
        "Every clock that broke its promise has exactly one breach, retracted or not.",
        "If none is there, was the worker stopped amid its work on another version? Recording any event of the ticket"
        " settles it again. More than one: " + REPORT,
        by_statement(CLOCK_BREACHES_RECORDED),
    ),
    Invariant(
        "period-breaches-recorded",
        "Every period that ended and was missed has exactly one breach, retracted or not.",
        REPORT,
        by_statement(PERIOD_BREACHES_RECORDED),
    ),
    Invariant(
        "breaches-founded",
        "Every breach has its clock or period, missed as of the breach; only what was found later may say otherwise.",
        REPORT,
        by_statement(BREACHES_FOUNDED),
    ),
    Invariant(
        "due-on-time",
        "The organisation is due no later than its first running clock and the first period to be judged.",
        "Recording any event in the organisation sets it right. " + REPORT,
        by_statement(DUE_ON_TIME),
    ),
    Invariant(
        "tickets-count-their-events",
        "Every ticket has events, counts all of them, and none twice.",
        REPORT,
        by_statement(TICKETS_COUNT_EVENTS),
    ),
    Invariant(
        "imports-whole",
        "Every import has exactly the events, or clocks of its source, that it says it recorded.",
        "Import the same file again: events that are there are left as they are. " + REPORT,
        by_statement(IMPORTS_WHOLE),
    ),
    Invariant(
        "versions-apart",
        "No two versions of an agreement, calendar, requirement or target begin at the same instant.",
        "A unique index is damaged, as after a change of the operating system's sort order: REINDEX, then restore.",
        by_statement(VERSIONS_APART),
    ),
    Invariant(
        "forecasts-know-their-model",
        "Every forecast names a version of a model for its moment that had been trained by then.",
        REPORT,
        by_statement(FORECASTS_KNOW_THEIR_MODEL),
    ),
    Invariant(
        "ended-once",
        "An action is done or dropped once, an improvement implemented or stopped once.",
        "A unique index is damaged: REINDEX, then restore.",
        by_statement(ENDED_ONCE),
    ),
)
