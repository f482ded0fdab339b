"""The statements behind the queries of governance. `$1` is the organisation, `$2` the as-of instant, `$3` the start."""

CADENCES = """
SELECT c.id, c.key, c.rhythm, c.service_id, c.starts_on, ended.ends_on, c.time_zone, c.tolerance_days, c.calendar_id
FROM cadence c
LEFT JOIN cadence_end ended ON ended.organisation_id = $1::uuid AND ended.cadence_id = c.id
                           AND ended.recorded_at <= $2::timestamptz
WHERE c.organisation_id = $1::uuid AND c.recorded_at <= $2::timestamptz
ORDER BY c.key
"""

HOLIDAYS = """
WITH version AS (
    SELECT v.id, v.calendar_id, (v.valid_from AT TIME ZONE v.time_zone)::date AS first_day,
           lead((v.valid_from AT TIME ZONE v.time_zone)::date)
               OVER (PARTITION BY v.calendar_id ORDER BY v.valid_from) AS until
    FROM calendar_version v
    WHERE v.organisation_id = $1::uuid AND v.recorded_at <= $2::timestamptz AND v.calendar_id = ANY($3::uuid[])
)
SELECT version.calendar_id, h.date FROM version
JOIN calendar_holiday h ON h.organisation_id = $1::uuid AND h.calendar_version_id = version.id
WHERE h.date >= version.first_day AND (version.until IS NULL OR h.date < version.until)
"""

MEETINGS = """
SELECT m.cadence_id, m.id, m.planned_for, m.held_at, m.minutes <> '',
       (SELECT coalesce(array_agg(d.kind::text ORDER BY d.sequence), '{}') FROM decision d
        WHERE d.organisation_id = $1::uuid AND d.meeting_id = m.id AND d.recorded_at <= $2::timestamptz),
       (SELECT coalesce(array_agg(DISTINCT a.role::text), '{}') FROM attendance a
        WHERE a.organisation_id = $1::uuid AND a.meeting_id = m.id AND a.present
          AND a.recorded_at <= $2::timestamptz),
       (SELECT coalesce(array_agg(b.breach_id ORDER BY b.breach_id), '{}') FROM meeting_breach b
        WHERE b.organisation_id = $1::uuid AND b.meeting_id = m.id AND b.recorded_at <= $2::timestamptz),
       (SELECT coalesce(array_agg(b.breach_id), '{}') FROM meeting_breach b
        JOIN breach_retraction r ON r.organisation_id = $1::uuid AND r.breach_id = b.breach_id
        WHERE b.organisation_id = $1::uuid AND b.meeting_id = m.id AND r.recorded_at <= $2::timestamptz),
       EXISTS (SELECT FROM report_pack p
               WHERE p.organisation_id = $1::uuid AND p.meeting_id = m.id AND p.recorded_at <= $2::timestamptz),
       m.decision_count, m.action_count, m.breach_count
FROM meeting m
WHERE m.organisation_id = $1::uuid AND m.recorded_at <= $2::timestamptz AND m.held_at <= $2::timestamptz
  AND m.held_at >= $3::timestamptz
ORDER BY m.planned_for, m.id
"""

ACTIONS = """
SELECT a.meeting_id, a.id, a.due_at, min(s.occurred_at) FILTER (WHERE s.status IN ('done', 'dropped')),
       min(s.status::text) FILTER (WHERE s.status IN ('done', 'dropped')),
       count(*) FILTER (WHERE s.status = 'carried_over'), coalesce(bool_or(s.changed_kind IS NOT NULL), FALSE)
FROM action a
JOIN meeting m ON m.organisation_id = $1::uuid AND m.id = a.meeting_id
LEFT JOIN action_status_change s ON s.organisation_id = $1::uuid AND s.action_id = a.id
                                AND s.recorded_at <= $2::timestamptz AND s.occurred_at <= $2::timestamptz
WHERE a.organisation_id = $1::uuid AND a.recorded_at <= $2::timestamptz AND m.held_at >= $3::timestamptz
GROUP BY a.meeting_id, a.id, a.due_at, a.sequence
ORDER BY a.meeting_id, a.sequence
"""

SNAPSHOTS = """
SELECT s.cadence_id, s.id, s.day, s.data_at, min(a.acknowledged_at),
       min(a.acknowledged_at) FILTER (WHERE a.kind = $4::text)
FROM daily_snapshot s
LEFT JOIN snapshot_acknowledgement a ON a.organisation_id = $1::uuid AND a.snapshot_id = s.id
                                    AND a.recorded_at <= $2::timestamptz AND a.acknowledged_at <= $2::timestamptz
WHERE s.organisation_id = $1::uuid AND s.recorded_at <= $2::timestamptz AND s.day >= $3::date
GROUP BY s.cadence_id, s.id, s.day, s.data_at
ORDER BY s.day, s.id
"""

FIGURES = """
SELECT g.service_id, f.target_id, f.period, f.period_start, p.id, p.shown_at, f.outcome, f.attainment_percent,
       f.adjusted_by_id IS NOT NULL, coalesce(n.outcome, r.outcome),
       CASE WHEN n.id IS NULL THEN r.attainment_percent ELSE n.attainment_percent END
FROM reported_figure f
JOIN report_pack p ON p.organisation_id = $1::uuid AND p.id = f.report_pack_id
JOIN target t ON t.organisation_id = $1::uuid AND t.id = f.target_id
JOIN agreement g ON g.organisation_id = $1::uuid AND g.id = t.agreement_id
LEFT JOIN period_result r ON r.organisation_id = $1::uuid AND r.target_id = f.target_id AND r.period = f.period
                         AND r.period_start = f.period_start AND r.period_end <= $2::timestamptz
LEFT JOIN recomputed_period_result n ON n.organisation_id = $1::uuid AND n.period_result_id = r.id
WHERE f.organisation_id = $1::uuid AND f.recorded_at <= $2::timestamptz AND p.shown_at <= $2::timestamptz
  AND f.period_start >= $3::timestamptz
ORDER BY f.period_start, f.target_id, p.shown_at, p.id
"""
