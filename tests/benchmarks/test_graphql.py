"""The pure parts of benchmarks/graphql: what counts as the same answer, and what its tools print."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from benchmarks.graphql.equal import first_difference, normalised
from benchmarks.graphql.load import Spent, read_wrk, with_variables
from benchmarks.graphql.servers import BenchmarkError
from benchmarks.graphql.statements import Executed, read_log
from schema.planner.identity import encode_global_id

ORGANISATION, ROW = UUID(int=1), UUID("01977420-dc01-7e7c-829f-f7272c6aa4d3")


@pytest.mark.parametrize(
    "id_",
    [
        str(ROW),
        encode_global_id("Target", ORGANISATION, ROW),
        encode_global_id("PeriodResult", ORGANISATION, ROW),
        b64encode(json.dumps(["Target", str(ORGANISATION), str(ROW)]).encode()).decode(),
    ],
)
def test_ids_of_every_server_are_the_same_row(id_: str) -> None:
    assert normalised({"id": id_}) == {"id": ROW}


@pytest.mark.parametrize(
    ("name", "spellings", "value"),
    [
        ("periodStart", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00"], datetime(2026, 1, 1, tzinfo=UTC)),
        ("attainmentPercent", ["97.5", "97.500000"], Decimal("97.5")),
        ("attainmentPercent", [None], None),
        ("met", [12, "12"], 12),
        ("outcome", ["met", "MET"], "MET"),
        ("cursor", ["a", "b"], True),
    ],
)
def test_values_are_read_however_they_are_spelled(name: str, spellings: list[Any], value: object) -> None:
    assert [normalised([{name: spelling}]) for spelling in spellings] == [[{name: value}]] * len(spellings)


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}]}, None),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, ".a[1].b: 2 and 3"),
        ({"a": [1]}, {"a": [1, 2]}, ".a: [1] and [1, 2]"),
        ({"a": 1}, {"b": 1}, ": {'a': 1} and {'b': 1}"),
        ({"a": None}, {"a": {}}, ".a: None and {}"),
    ],
)
def test_the_first_difference_is_named(one: object, other: object, difference: str | None) -> None:
    assert first_difference(one, other) == difference


WRK = """Running 1s test @ http://127.0.0.1:1/graphql
  1 threads and 16 connections
{"requests": %d, "seconds": 2.0, "p50": 1.5, "p99": 9.25, "refused": %d, "broken": %d}
"""


def test_load_is_read_from_what_the_script_prints() -> None:
    load = read_wrk(WRK % (500, 0, 0), Spent(0.25, 1, 0.5), "server")
    assert (load.per_second, load.p50, load.p99, load.cpu, load.whole) == (250, 1.5, 9.25, 0.5, 3.5)


@pytest.mark.parametrize("told", [(500, 1, 0), (500, 0, 1), (0, 0, 0)])
def test_load_that_was_not_answered_counts_for_nothing(told: tuple[int, int, int]) -> None:
    with pytest.raises(BenchmarkError, match="server: of"):
        read_wrk(WRK % told, Spent(0, 0, 0), "server")


LOG = """2026-11-27 13:00:00.000 UTC [1] LOG:  statement: BEGIN
2026-11-27 13:00:00.000 UTC [1] LOG:  execute s1: SELECT '{"more":' ||
\t$2::text, $1::uuid
2026-11-27 13:00:00.000 UTC [1] DETAIL:  Parameters: $1 = 'it''s', $2 = NULL
2026-11-27 13:00:00.000 UTC [1] LOG:  statement: COMMIT
"""


def test_statements_are_read_from_the_log_with_what_was_bound() -> None:
    assert read_log(LOG) == [Executed("SELECT '{\"more\":' ||\n$2::text, $1::uuid", ("it's", None))]


def test_parameters_become_variables_and_nothing_else_does() -> None:
    executed = Executed("""SELECT '"a":true' || $2::text || $1 || $10""", ("x", None, *"3456789", "y"))
    assert with_variables(executed) == """SELECT '"a": true' || NULL::text || :p1 || :p10"""
