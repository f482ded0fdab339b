"""Traces for OpenTelemetry, where a collector is set; otherwise nothing of it is imported."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from slm.running import Unusable
from slm.settings import Settings

if TYPE_CHECKING:
    from slm.spans import Spans


@contextmanager
def traced(settings: Settings, *, process: str, operations: Collection[str] = ()) -> Iterator["Spans | None"]:
    """What makes the spans of this process while the block lasts, or None without SLM_TRACES_ENDPOINT.

    `process` is its name in traces; `operations` are the names of GraphQL operations that spans may tell.
    Raises Unusable when the packages of the extra are not installed.
    """
    if settings.traces_endpoint is None:
        yield None
        return
    try:
        from slm.spans import exported
    except ModuleNotFoundError as absent:
        if not (absent.name or "").startswith("opentelemetry"):
            raise
        raise Unusable(
            "SLM_TRACES_ENDPOINT needs the extra `opentelemetry`, which is not installed:"
            " pip install --require-hashes -r requirements-opentelemetry.txt"
        ) from None
    with exported(settings.traces_endpoint, process=process, operations=operations) as spans:
        yield spans
