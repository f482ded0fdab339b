"""Requests by operation and errors by code, for Prometheus."""

from collections.abc import Collection, Iterator

from prometheus_client import Counter, Histogram

from schema.observed import Observed
from services.errors import ServiceError
from slm.metrics import SECONDS, Metrics

OTHER = "other"
"""Stands for every operation and every error whose name is not known beforehand."""


class RequestMetrics(Metrics):
    """What the API tells besides: requests by operation and errors by code."""

    def __init__(self, operations: Collection[str]) -> None:
        """`operations` are the names of operations that are told apart; all others count as one."""
        super().__init__()
        self._operations = frozenset(operations)
        self._codes = frozenset({kind.code for kind in _kinds(ServiceError)} | {"INTERNAL"})
        labels = ["operation", "kind"]
        self.requests = Counter("slm_requests", "Requests for GraphQL.", [*labels, "status"], registry=self.registry)
        self.seconds = Histogram(
            "slm_request_seconds", "How long they took.", labels, buckets=SECONDS, registry=self.registry
        )
        self.errors = Counter("slm_errors", "Errors in answers, by code.", ["code"], registry=self.registry)

    def observe(self, seen: Observed | None, *, status: int, seconds: float) -> None:
        """Count one request; `seen` is None when it was refused before it was an operation."""
        known = seen is not None and seen.name in self._operations
        operation, kind = (str(seen.name) if seen and known else OTHER), seen.kind if seen else "none"
        self.requests.labels(operation, kind, str(status)).inc()
        self.seconds.labels(operation, kind).observe(seconds)
        for code in seen.codes if seen else ():
            self.errors.labels(code if code in self._codes else OTHER).inc()


def _kinds(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)
