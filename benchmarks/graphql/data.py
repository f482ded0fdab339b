"""The data all servers answer from: one organisation as large as a real one, and a small one nobody may see.

200 services with 5 agreements each, 5 targets an agreement, 12 months of results a target (60,000), and 8,000 breaches,
three quarters of them of tickets. Made by the owner in a few set-based statements; the same rows every time, with ids
that sort by time as those of the program do.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.organisations.rules import token_hash

LARGE, SMALL = 1, 2
SERVICES = {LARGE: 200, SMALL: 10}
AGREEMENTS, TARGETS, MONTHS = 5, 5, 12
BREACHES = {LARGE: 8_000, SMALL: 400}
TOKENS = 4
"""Callers with a token each: no server has to bear, or may refuse, that one caller asks for everything."""
SAMPLE_SERVICES = tuple(f"service-{number:03}" for number in range(1, 65))


@dataclass(frozen=True)
class Organisation:
    """One that was made, and tokens of a viewer of it."""

    id: UUID
    tokens: tuple[str, ...]


IDENTIFIER = """
CREATE FUNCTION pg_temp.identifier(kind text, organisation int, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
    SELECT (lpad(to_hex(1750000000000 + number), 12, '0') || '7' || substr(digest, 1, 3)
        || '8' || substr(digest, 4, 15))::uuid
    FROM md5(kind || '/' || organisation || '/' || number) AS digest
$$
"""
STAMPS = "'2025-06-01T00:00:00Z'::timestamptz, pg_temp.identifier('account', $1, 1)"
OWN = "pg_temp.identifier('organisation', $1, 1)"

# Each takes the number of the organisation; `{...}` are the numbers above. Months are inserted one after the other, as
# they would be found after a year.
STATEMENTS = (
    "INSERT INTO organisation_key SELECT 'organisation-' || $1, {OWN}",
    "INSERT INTO account (id, organisation_id, name, role, created_at)"
    " SELECT pg_temp.identifier('account', $1, 1), {OWN}, 'benchmark', 'viewer', '2025-06-01T00:00:00Z'",
    "INSERT INTO organisation (organisation_id, key, name, time_zone, recorded_at, recorded_by)"
    " SELECT {OWN}, 'organisation-' || $1, 'Organisation ' || $1, 'UTC', {STAMPS}",
    "INSERT INTO party (organisation_id, id, key, name, kind, recorded_at, recorded_by)"
    " SELECT {OWN}, pg_temp.identifier('party', $1, n), 'party-' || n, 'Party ' || n,"
    " CASE n WHEN 1 THEN 'customer' ELSE 'internal_team' END, {STAMPS} FROM generate_series(1, 2) AS n",
    "INSERT INTO calendar (organisation_id, id, key, name, recorded_at, recorded_by)"
    " SELECT {OWN}, pg_temp.identifier('calendar', $1, 1), 'office', 'Office hours', {STAMPS}",
    "INSERT INTO calendar_version (organisation_id, id, calendar_id, valid_from, time_zone, holidays_reviewed, assumed,"
    " recorded_at, recorded_by) SELECT {OWN}, pg_temp.identifier('calendar_version', $1, 1),"
    " pg_temp.identifier('calendar', $1, 1), '2025-01-01T00:00:00Z', 'UTC', true, false, {STAMPS}",
    "INSERT INTO service (organisation_id, id, key, name, description, criticality, recorded_at, recorded_by)"
    " SELECT {OWN}, pg_temp.identifier('service', $1, n), 'service-' || lpad(n::text, 3, '0'), 'Service ' || n,"
    " 'What service ' || n || ' does for its customers',"
    " (ARRAY['critical', 'important', 'standard'])[n % 3 + 1], {STAMPS} FROM generate_series(1, {SERVICES}) AS n",
    "INSERT INTO agreement (organisation_id, id, key, name, kind, service_id, customer_id, provider_id, recorded_at,"
    " recorded_by) SELECT {OWN}, pg_temp.identifier('agreement', $1, n), 'agreement-' || lpad(n::text, 4, '0'),"
    " 'Agreement ' || n, (ARRAY['sla', 'ola', 'uc', 'xla'])[n % 4 + 1],"
    " pg_temp.identifier('service', $1, (n - 1) / {AGREEMENTS} + 1), pg_temp.identifier('party', $1, 1),"
    " pg_temp.identifier('party', $1, 2), {STAMPS} FROM generate_series(1, {SERVICES} * {AGREEMENTS}) AS n",
    "INSERT INTO agreement_version (organisation_id, id, agreement_id, valid_from, status, reason, assumed,"
    " recorded_at, recorded_by) SELECT {OWN}, pg_temp.identifier('agreement_version', $1, n),"
    " pg_temp.identifier('agreement', $1, n), '2025-01-01T00:00:00Z', 'in_force', 'agreed', false, {STAMPS}"
    " FROM generate_series(1, {SERVICES} * {AGREEMENTS}) AS n",
    "INSERT INTO target (organisation_id, id, agreement_id, key, name, recorded_at, recorded_by)"
    " SELECT {OWN}, pg_temp.identifier('target', $1, n), pg_temp.identifier('agreement', $1, (n - 1) / {TARGETS} + 1),"
    " 'target-' || (n - 1) % {TARGETS} + 1, 'Resolved within ' || n % 40 + 1 || ' hours', {STAMPS}"
    " FROM generate_series(1, {SERVICES} * {AGREEMENTS} * {TARGETS}) AS n",
    "INSERT INTO target_version (organisation_id, id, target_id, agreement_version_id, calendar_id, duration_seconds,"
    " limit_inclusive, start_rule, stop_states, pause_states, resume_states, cancel_states, start_states,"
    " retroactive_pause, reopen_policy, priorities, categories, objective_percent, period, assumed, recorded_at,"
    " recorded_by) SELECT {OWN}, pg_temp.identifier('target_version', $1, n), pg_temp.identifier('target', $1, n),"
    " pg_temp.identifier('agreement_version', $1, (n - 1) / {TARGETS} + 1), pg_temp.identifier('calendar', $1, 1),"
    " 3600 * (n % 40 + 1), true, 'from_opening', ARRAY['resolved'], ARRAY['pending'], ARRAY[]::text[],"
    " ARRAY['cancelled'], ARRAY[]::text[], false, 'continuous', ARRAY[]::text[], ARRAY[]::text[], 95, 'month', false,"
    " {STAMPS} FROM generate_series(1, {SERVICES} * {AGREEMENTS} * {TARGETS}) AS n",
    "INSERT INTO period_result (organisation_id, id, target_id, target_version_id, calendar_version_id, period,"
    " period_start, period_end, met, missed, pending, cancelled, objective_percent, attainment_percent,"
    " interval_low_percent, interval_high_percent, outcome, inputs_digest, computed_at)"
    " SELECT {OWN}, pg_temp.identifier('period_result', $1, month * 100000 + n), pg_temp.identifier('target', $1, n),"
    " pg_temp.identifier('target_version', $1, n), pg_temp.identifier('calendar_version', $1, 1), 'month',"
    " starts, starts + interval '1 month', met, 100 - met, n % 3, n % 2, 95, met, met - 5.25,"
    " met + 4.125 * (met < 95)::int,"
    " CASE WHEN met >= 95 THEN 'met' ELSE 'missed' END, md5(n || '/' || month), starts + interval '32 days 1.5 seconds'"
    " FROM generate_series(0, {MONTHS} - 1) AS month, generate_series(1, {SERVICES} * {AGREEMENTS} * {TARGETS}) AS n,"
    " LATERAL (SELECT timestamptz '2025-07-01T00:00:00Z' + month * interval '1 month' AS starts,"
    " 85 + (n * 7 + month * 3) % 16 AS met) AS figures",
    "INSERT INTO ticket (organisation_id, id, key, service_id, customer_id, provider_id, opened_at, state, priority,"
    " event_count, reopen_count, last_event_at, resolved_at, recorded_at, recorded_by)"
    " SELECT {OWN}, pg_temp.identifier('ticket', $1, n), 'INC' || lpad(n::text, 7, '0'),"
    " pg_temp.identifier('service', $1, (n * 7919 % ({SERVICES} * {AGREEMENTS} * {TARGETS})) / 25 + 1),"
    " pg_temp.identifier('party', $1, 1), pg_temp.identifier('party', $1, 2), opened, 'resolved', '3 - Moderate',"
    " 4, 0, opened + interval '3 days', opened + interval '3 days', {STAMPS}"
    " FROM generate_series(1, {BREACHES} * 3 / 4) AS n,"
    " LATERAL (SELECT timestamptz '2025-07-01T00:00:00Z' + n * (interval '365 days' / ({BREACHES} * 3 / 4)) AS opened)"
    " AS figures",
    "INSERT INTO breach (organisation_id, id, kind, target_id, target_version_id, calendar_version_id, ticket_id,"
    " cycle, period, period_start, breached_at, recorded_at, recorded_by)"
    " SELECT {OWN}, pg_temp.identifier('breach', $1, n), CASE WHEN n % 4 = 0 THEN 'period' ELSE 'clock' END,"
    " pg_temp.identifier('target', $1, target), pg_temp.identifier('target_version', $1, target),"
    " pg_temp.identifier('calendar_version', $1, 1),"
    " CASE WHEN n % 4 > 0 THEN pg_temp.identifier('ticket', $1, n - n / 4) END, CASE WHEN n % 4 > 0 THEN 1 END,"
    " CASE WHEN n % 4 = 0 THEN 'month' END,"
    " CASE WHEN n % 4 = 0 THEN date_trunc('month', breached AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' END,"
    " breached, {STAMPS} FROM generate_series(1, {BREACHES}) AS n,"
    " LATERAL (SELECT n * 7919 % ({SERVICES} * {AGREEMENTS} * {TARGETS}) + 1 AS target,"
    " timestamptz '2025-07-02T00:00:00Z' + n * (interval '365 days' / {BREACHES}) AS breached) AS figures",
)  # fmt: skip

ADD_TOKENS = """
INSERT INTO api_token (token_hash, id, organisation_id, account_id, label, created_at)
SELECT hash, gen_random_uuid(), account.organisation_id, account.id, 'benchmark', account.created_at
FROM unnest($1::bytea[]) AS hash, account JOIN organisation_key AS named USING (organisation_id)
WHERE named.key = $2 ON CONFLICT DO NOTHING
"""


async def ensure_data(url: str) -> Organisation:
    """The large organisation; both are made unless they are there. `url` is the owner's, as asyncpg reads it."""
    connection = await asyncpg.connect(url)
    try:
        known = await connection.fetchval("SELECT count(*) FROM organisation_key WHERE key LIKE 'organisation-_'")
        if not known:
            async with connection.transaction():
                await connection.execute(IDENTIFIER)
                for number in (SMALL, LARGE):
                    await _make(connection, number)
            await connection.execute("VACUUM ANALYZE")
        await connection.execute(ADD_TOKENS, [token_hash(token) for token in _tokens(LARGE)], f"organisation-{LARGE}")
        organisation_id = await connection.fetchval(
            "SELECT organisation_id FROM organisation_key WHERE key = $1", f"organisation-{LARGE}"
        )
    finally:
        await connection.close()
    return Organisation(organisation_id, _tokens(LARGE))


async def _make(connection: asyncpg.Connection, number: int) -> None:
    sizes = {
        "SERVICES": SERVICES[number], "BREACHES": BREACHES[number], "AGREEMENTS": AGREEMENTS, "TARGETS": TARGETS,
        "MONTHS": MONTHS, "OWN": OWN, "STAMPS": STAMPS,
    }  # fmt: skip
    for statement in STATEMENTS:
        await connection.execute(statement.format_map(sizes).replace("$1", str(number)))


def _tokens(number: int) -> tuple[str, ...]:
    """Not random as real ones are: the database they open holds nothing but this."""
    digests = (hashlib.sha256(f"benchmark {number} {each}".encode()).hexdigest() for each in range(TOKENS))
    return tuple(f"slm_{digest[:43]}" for digest in digests)
