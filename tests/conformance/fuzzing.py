"""Asks an API whatever its schema allows, and what it does not: schemathesis makes the operations, by a seed."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import schemathesis
from graphql import GraphQLNamedType, build_client_schema, get_named_type, is_required_argument
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.graphql import nodes

from schema.http import GRAPHQL_RESPONSE_TYPE
from tests.conformance.weaknesses import REVEALING

DEFECTS = frozenset({"INTERNAL", "UNAVAILABLE", "TOOK_TOO_LONG"})
"""Codes of errors for which a request is not to blame."""


@dataclass
class Fuzzed:
    """What came of the operations."""

    operations: set[str] = field(default_factory=set)
    """The root fields asked for."""
    requests: int = 0
    executed: int = 0
    """Requests answered with data."""
    codes: Counter[str] = field(default_factory=Counter)
    """How often each code of an error was told; of errors without one, `-`."""
    faults: list[str] = field(default_factory=list)
    """Answers that should never be given, with what was asked."""


def fuzz(endpoint: str, token: str, *, seed: int, examples: int) -> Fuzzed:
    """Ask for each root field, with arguments that fit `examples` times, and as often with something that does not."""
    headers = {"Authorization": f"Bearer {token}", "Accept": GRAPHQL_RESPONSE_TYPE}
    schema = schemathesis.graphql.from_url(endpoint, config=SchemathesisConfig(), headers=headers)
    _teach_scalars(_ids(endpoint, headers, schema.raw_schema))
    fuzzed = Fuzzed()
    for operation in schema.get_all_operations():
        assert isinstance(operation, Ok)
        for mode in GenerationMode:
            _ask(operation.ok(), mode, headers, fuzzed, seed=seed, examples=examples)
    return fuzzed


def _ask(
    operation: Any, mode: GenerationMode, headers: dict[str, str], fuzzed: Fuzzed, *, seed: int, examples: int
) -> None:
    def ask(case: Any) -> None:
        fuzzed.operations.add(operation.label)
        fuzzed.requests += 1
        answer = case.call(headers=headers)
        fuzzed.faults += [
            f"{operation.label}, {case.body}: {fault}" for fault in faults_of(answer.status_code, answer.text)
        ]
        told = answer.json()
        fuzzed.executed += told.get("data") is not None
        fuzzed.codes.update(str((error.get("extensions") or {}).get("code", "-")) for error in told.get("errors", ()))

    quietly = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run: Callable[[], None] = seeded(seed)(quietly(given(case=operation.as_strategy(mode))(ask)))
    run()


def faults_of(status: int, text: str) -> list[str]:
    """What is wrong with an answer, whatever was asked."""
    if status >= 500:
        return [f"status {status}: {text[:500]}"]
    try:
        errors = json.loads(text).get("errors", [])
    except ValueError:
        return [f"no JSON: {text[:500]}"]
    codes = {(error.get("extensions") or {}).get("code") for error in errors}
    told = json.dumps([error["message"] for error in errors])
    return [
        *(f"the code {code}" for code in sorted(DEFECTS & codes)),
        *(f"tells {word!r}: {told[:500]}" for word in REVEALING if word in told),
    ]


def _teach_scalars(ids: list[str]) -> None:
    """Say what to give for scalars: mostly what can be right, so that more than the first check is reached."""
    instants = st.datetimes().map(lambda instant: instant.isoformat() + "Z") | st.text(max_size=5)
    times = st.times().map(lambda time: time.isoformat("minutes")) | st.text(max_size=5)
    numbers = st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str) | st.text(max_size=5)
    small, any_size = st.integers(0, 3), st.integers(-(2**31), 2**31 - 1)
    for name, strategy in {
        "ID": (st.sampled_from(ids) | st.text(max_size=40)).map(nodes.String),
        "Int": st.one_of(*[small] * 9, any_size).map(nodes.Int),
        "DateTime": instants.map(nodes.String),
        "Date": st.dates().map(lambda date: date.isoformat()).map(nodes.String),
        "LocalTime": times.map(nodes.String),
        "Decimal": numbers.map(nodes.String),
        "JSON": st.text(max_size=5).map(nodes.String),
    }.items():
        schemathesis.graphql.scalar(name, strategy)


def _ids(endpoint: str, headers: dict[str, str], introspected: dict[str, Any]) -> list[str]:
    """Ids of objects of every kind that can be listed."""
    query = build_client_schema(introspected).query_type  # type: ignore[arg-type]
    assert query is not None
    found = []
    for name, listed in query.fields.items():
        type_: GraphQLNamedType = get_named_type(listed.type)
        if type_.name.endswith("Connection") and not any(is_required_argument(each) for each in listed.args.values()):
            document = f"{{ {name}(first: 2) {{ nodes {{ ... on Node {{ id }} }} }} }}"
            page = httpx.post(endpoint, json={"query": document}, headers=headers).json()["data"]
            found += [node["id"] for node in page[name]["nodes"] if node]
    return found
