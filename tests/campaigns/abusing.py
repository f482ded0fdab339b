"""Requests meant to keep a server busy: each with the answer it must get."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from slm.http.limits import LARGEST_BODY

REFUSED, ANSWERED = False, True
TOO_LARGE = "TOO_LARGE"


@dataclass(frozen=True)
class Abuse:
    """A request to `/graphql`. `code` is that of the first error; None: a fault of the request without a code."""

    name: str
    body: bytes
    status: int = 200
    code: str | None = None
    answered: bool = REFUSED
    headers: dict[str, str] = field(default_factory=dict)

    def judge(self, status: int, body: bytes) -> str | None:
        """What is wrong with an answer, if anything."""
        if status != self.status:
            return f"{self.name}: expected the status {self.status}, got {status}: {body[:200]!r}"
        answer = json.loads(body)
        if self.answered:
            return None if answer.get("data") and not answer.get("errors") else f"{self.name}: {body[:200]!r}"
        code = answer["errors"][0].get("extensions", {}).get("code") if answer.get("errors") else "no error"
        return None if code == self.code else f"{self.name}: expected {self.code}, got {code}: {body[:300]!r}"


def _asking(query: str, **variables: Any) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()


def _filling(before: str, filler: str, after: str, size: int = LARGEST_BODY - 1_000) -> bytes:
    """A query that fills the body with something."""
    asked = _asking(before + "\0" + after)
    escaped = json.dumps(filler)[1:-1].encode()
    return asked.replace(b"\\u0000", escaped * ((size - len(asked)) // len(escaped)))


def _spread(fragments: int, body: str) -> str:
    return " ".join(f"fragment F{number} on Query {{ {body.format(next=number + 1)} }}" for number in range(fragments))


EXPENSIVE = (
    "{ services(first: 50) { nodes { id name tickets(first: 50) { nodes { id key openedAt"
    " service { name } clocks { id } } } } } }"
)
"""What one operation may ask for at most, or nearly."""


def abuses() -> Iterator[Abuse]:
    """All of them, but for the expensive query, which is in order when asked once."""
    yield Abuse("a query of 4 MB", _filling("{ __typename ", " ", "}", 4 * 1024 * 1024), 413, TOO_LARGE)
    yield Abuse(
        "10,000 aliases", _asking("{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }"), code=TOO_LARGE
    )
    yield Abuse("600 aliases", _asking("{ " + " ".join(f"a{n}: __typename" for n in range(600)) + " }"), code=TOO_LARGE)
    yield Abuse(
        "a query 500 deep",
        _asking('{ department(key: "it") ' + "{ parent " * 499 + "{ key }" + " }" * 499 + " }"),
        code=TOO_LARGE,
    )
    yield Abuse("a cyclic fragment", _asking("{ ...F } fragment F on Query { ...F }"))
    circle = " ".join(f"fragment F{n} on Query {{ ...F{(n + 1) % 50} ...F{(n + 7) % 50} }}" for n in range(50))
    yield Abuse("fifty fragments in circles", _asking("{ ...F0 } " + circle))
    bomb = _spread(49, "...F{next} ...F{next}") + " fragment F49 on Query { __typename }"
    yield Abuse("a bomb of fragments", _asking("{ ...F0 } " + bomb), code=TOO_LARGE)
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    yield Abuse(
        "a list of a million elements", _asking(nodes, ids=[0] * 1_000_000).replace(b", ", b","), 413, TOO_LARGE
    )
    states = "query($wrong: [TicketState!]) { tickets(filter: { state: $wrong }) { totalCount } }"
    yield Abuse("200,000 wrong values", _asking(states, wrong=["NOPE"] * 200_000), 413, TOO_LARGE)
    yield Abuse("90,000 wrong values", _asking(states, wrong=["NOPE"] * 90_000), code=TOO_LARGE)
    yield Abuse("1,000 wrong values", _asking(states, wrong=["NOPE"] * 999))
    yield Abuse("1,000 ids", _asking(nodes, ids=["x"] * 999), code="BAD_ID")
    nested = b'{"query": "{ __typename }", "variables": {"v": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}"
    yield Abuse("variables nested 10,000 deep", nested, 400, "BAD_REQUEST")
    same = 'service(key: "x") { ' + "id " * 900 + "}"
    yield Abuse("one field 900 times", _asking("{ " + same + " }"), code=TOO_LARGE)
    merged = 'service(key: "x") { ' + "department { id } " * 400 + "}"
    yield Abuse("fields merged 400 times", _asking("{ " + merged + " }"), code=TOO_LARGE)
    yield Abuse("390 operations", _asking(" ".join(f"query Q{n} {{ __typename }}" for n in range(390))))
    yield Abuse("a directive 280 times", _asking("{ __typename " + "@skip(if: false) " * 280 + "}"))
    yield Abuse(
        "2,000 fields that are not there", _asking("{ organisation { " + "nothing " * 1_900 + "} }"), code=TOO_LARGE
    )
    missing = " ".join(f"nothing{n}" for n in range(1_900))
    yield Abuse("1,900 different fields that are not there", _asking("{ organisation { " + missing + " } }"))
    for name, filler in (("spaces", " "), ("line ends", "\n"), ("a comment", "#")):
        yield Abuse(f"2 MB of {name}", _filling("{ __typename ", filler, "\n}"), code=TOO_LARGE)
    yield Abuse("2 MB of commas", _filling("{ __typename ", ",", "}"), 413, TOO_LARGE)
    service = '{ service(key: "'
    for name, filler in (("text", "x"), ("escapes", "\\u0041"), ("emoji", "\U0001f600")):
        yield Abuse(f"2 MB of {name}", _filling(service, filler, '") { name } }'), code=TOO_LARGE)
    yield Abuse("64 kB of escapes", _filling(service, "\\u0041", '") { name } }', 60_000), answered=ANSWERED)
    text = json.dumps({"query": "query($k: String!) { service(key: $k) { name } }", "variables": {"k": "\0"}}).encode()
    yield Abuse("a text of 2 MB", text.replace(b"\\u0000", b"x" * 2_000_000), code=TOO_LARGE)
    yield Abuse("a text of 130 kB", text.replace(b"\\u0000", b"x" * 130_000), answered=ANSWERED)
    yield Abuse(
        "an integer of 10,000 digits",
        _asking("{ tickets(first: " + "9" * 10_000 + ") { totalCount } }"),
        code=TOO_LARGE,
    )
    yield Abuse("a number of 999,999 digits", _asking("{ tickets(first: 1e999999) { totalCount } }"))
    yield Abuse(
        "a compressed body", gzip.compress(b" " * 10_000_000), 400, "BAD_REQUEST", headers={"Content-Encoding": "gzip"}
    )
    yield Abuse(
        "1,000 headers",
        _asking("{ __typename }"),
        answered=ANSWERED,
        headers={f"X-Header-{n}": "x" * 50 for n in range(1_000)},
    )
