"""The four queries, as clients of each server would write them, and 64 sets of variables to rotate.

So the same requests come again and again, as from a dashboard: whoever prepares them once gains by it.

Hand-written servers have our field names, so they get our documents. PostGraphile derives its schema from the tables:
its documents rename what it calls otherwise, so that answers differ in the spelling of values only. Each
is asked for its own `id`, by which its clients tell objects apart: PostGraphile's and ours are opaque and made of the
type and the key, the hand-written servers' are the plain key, which costs them less.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from benchmarks.graphql.data import SAMPLE_SERVICES

Variables = dict[str, Any]
Ask = Callable[[str, Variables], Any]
"""Sends a document with variables to one server and returns the `data` of its answer."""

BODIES = len(SAMPLE_SERVICES)
PAGE, BREACHES_PAGE = 50, 100
FIRST_DAY = datetime(2025, 7, 2, tzinfo=UTC)
RANGE = timedelta(days=90)


class Dialect(StrEnum):
    """Whose field names a server has."""

    OURS = "ours"
    POSTGRAPHILE = "postgraphile"


@dataclass(frozen=True)
class Query:
    """A document for each dialect, and what makes its sets of variables; cursors are those the server itself gave."""

    name: str
    documents: Mapping[Dialect, str]
    variables: Callable[[str, Dialect, Ask, UUID], list[Variables]]

    def bodies(self, dialect: Dialect, ask: Ask, organisation: UUID) -> list[Variables]:
        """The sets of variables for one server."""
        return self.variables(self.documents[dialect], dialect, ask, organisation)


SERVICE_CURSORS = {
    Dialect.OURS: "query Cursors($after: String) { services(first: 100, after: $after) { edges { cursor } } }",
    Dialect.POSTGRAPHILE: (
        "query Cursors($after: Cursor) { services(first: 100, after: $after, orderBy: KEY_ASC) { edges { cursor } } }"
    ),
}


def _pages_of_services(_document: str, dialect: Dialect, ask: Ask, _organisation: UUID) -> list[Variables]:
    cursors: list[str] = []
    while len(cursors) < 2 * BODIES:
        page = ask(SERVICE_CURSORS[dialect], {"after": cursors[-1] if cursors else None})
        cursors += [edge["cursor"] for edge in page["services"]["edges"]]
    return [{"first": PAGE, "after": cursor} for cursor in cursors[: 2 * BODIES : 2]]


def _services(_document: str, dialect: Dialect, _ask: Ask, organisation: UUID) -> list[Variables]:
    whose = {"organisation": str(organisation)} if dialect is Dialect.POSTGRAPHILE else {}
    return [{**whose, "key": key} for key in SAMPLE_SERVICES]


def _second_pages_of_breaches(document: str, dialect: Dialect, ask: Ask, _organisation: UUID) -> list[Variables]:
    bodies = []
    for day in range(0, 4 * BODIES, 4):
        begins = FIRST_DAY + timedelta(days=day)
        within = {"from": _spelled(begins), "before": _spelled(begins + RANGE)}
        asked = within if dialect is Dialect.POSTGRAPHILE else {"filter": {"breached": within}}
        first_page = ask(document, {**asked, "first": BREACHES_PAGE, "after": None})
        after = first_page["breaches"]["pageInfo"]["endCursor"]
        bodies.append({**asked, "first": BREACHES_PAGE, "after": after})
    return bodies


def _spelled(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


NESTED_PAGE = Query(
    "nested page",
    {
        Dialect.OURS: """
query Page($first: Int!, $after: String) {
  services(first: $first, after: $after) {
    nodes {
      id key name criticality
      agreements {
        id key name kind
        targets {
          id key name
          periodResults(first: 1) { nodes { id periodStart met missed attainmentPercent outcome } }
        }
      }
    }
  }
}""",
        Dialect.POSTGRAPHILE: """
query Page($first: Int!, $after: Cursor) {
  services(first: $first, after: $after, orderBy: KEY_ASC) {
    nodes {
      id key name criticality
      agreements: agreementsByOrganisationIdAndServiceIdList(orderBy: KEY_ASC) {
        id key name kind
        targets: targetsByOrganisationIdAndAgreementIdList(orderBy: KEY_ASC) {
          id key name
          periodResults: periodResultsByOrganisationIdAndTargetId(first: 1, orderBy: PERIOD_START_DESC) {
            nodes { id periodStart met missed attainmentPercent outcome }
          }
        }
      }
    }
  }
}""",
    },
    _pages_of_services,
)

DETAIL = Query(
    "four-level detail",
    {
        Dialect.OURS: """
query Detail($key: String!) {
  service(key: $key) {
    id key name description criticality
    agreements {
      id key name kind
      targets {
        id key name
        periodResults(first: 12) { nodes { periodStart met missed attainmentPercent outcome } }
      }
    }
  }
}""",
        Dialect.POSTGRAPHILE: """
query Detail($organisation: UUID!, $key: String!) {
  service: serviceByOrganisationIdAndKey(organisationId: $organisation, key: $key) {
    id key name description criticality
    agreements: agreementsByOrganisationIdAndServiceIdList(orderBy: KEY_ASC) {
      id key name kind
      targets: targetsByOrganisationIdAndAgreementIdList(orderBy: KEY_ASC) {
        id key name
        periodResults: periodResultsByOrganisationIdAndTargetId(first: 12, orderBy: PERIOD_START_DESC) {
          nodes { periodStart met missed attainmentPercent outcome }
        }
      }
    }
  }
}""",
    },
    _services,
)

FILTERED_PAGE = Query(
    "filtered page",
    {
        Dialect.OURS: """
query Breaches($first: Int!, $after: String, $filter: BreachFilter) {
  breaches(first: $first, after: $after, filter: $filter, orderBy: BREACHED_AT_DESC) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id kind breachedAt cycle target { id name } ticket { id key } } }
  }
}""",
        Dialect.POSTGRAPHILE: """
query Breaches($first: Int!, $after: Cursor, $from: Datetime!, $before: Datetime!) {
  breaches(
    first: $first
    after: $after
    filter: { breachedAt: { greaterThanOrEqualTo: $from, lessThan: $before } }
    orderBy: BREACHED_AT_DESC
  ) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges {
      cursor
      node {
        id kind breachedAt cycle
        target: organisationTarget { id name }
        ticket: organisationTicket { id key }
      }
    }
  }
}""",
    },
    _second_pages_of_breaches,
)

TINY = Query(
    "tiny query",
    {
        Dialect.OURS: "query Name($key: String!) { service(key: $key) { name } }",
        Dialect.POSTGRAPHILE: (
            "query Name($organisation: UUID!, $key: String!)"
            " { service: serviceByOrganisationIdAndKey(organisationId: $organisation, key: $key) { name } }"
        ),
    },
    _services,
)

QUERIES = (NESTED_PAGE, DETAIL, FILTERED_PAGE, TINY)
