"""Spans for OpenTelemetry: each request and each job of the worker, and beneath them the statements they run.

Only this module imports OpenTelemetry, and only `slm.traces` imports this one. No span holds text of a query, a bound
value, the message of an error, a person or a word of a caller: names are the schema's, the tables' and ours.
"""

import re
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import event

from services.db import Database
from services.reader import Ended, Statement

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_OPERATIONS = frozenset({"SELECT", "INSERT", "UPDATE", "WITH", "SET"})
_BEGINS = re.compile(r"\s*(\w+)(?:(?:\s+INTO)?\s+\"?(\w+))?", re.IGNORECASE)
_PROPAGATOR = TraceContextTextMapPropagator()


class Spans:
    """Makes spans of one process; `operations` are the names of GraphQL operations that spans may tell."""

    def __init__(self, provider: TracerProvider, operations: Collection[str] = ()) -> None:
        self._tracer = provider.get_tracer("slm")
        self._operations = frozenset(operations)

    @contextmanager
    def request(self, scope: MutableMapping[str, Any], *, path: str, traceparent: str | None) -> Iterator[str | None]:
        """The span of a request, part of the caller's trace if it names one. Yields the trace id, if any.

        When the block ends, the request's state says what it was: `status`, `actor` and `operation`.
        """
        parent = _PROPAGATOR.extract({"traceparent": traceparent or ""}, context=Context())
        asked = scope.get("method", "GET")  # as which a WebSocket begins
        method = asked if asked in _METHODS else "_OTHER"
        span = self._tracer.start_span(
            f"{method} {path}",
            context=parent,
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "url.path": path},
        )
        with _current(span):
            try:
                yield _trace_id(span)
            finally:
                self._describe(span, scope["state"])

    def _describe(self, span: Span, state: Mapping[str, Any]) -> None:
        status, actor, seen = state.get("status"), state.get("actor"), state.get("operation")
        if status is not None:
            span.set_attribute("http.response.status_code", status)
        if actor is not None:
            span.set_attributes({"slm.organisation": str(actor.organisation_id), "slm.role": actor.role.value})
        if seen is not None:
            span.set_attribute("graphql.operation.type", seen.kind)
            known = seen.name if seen.name in self._operations else None
            if known:
                span.set_attribute("graphql.operation.name", known)
            span.update_name(f"{seen.kind} {known}" if known else seen.kind)
        if (status or 0) >= 500 or (seen is not None and "INTERNAL" in seen.codes):
            span.set_status(StatusCode.ERROR)

    @contextmanager
    def job(self, name: str, organisation_id: UUID) -> Iterator[str | None]:
        """The span of one job of the worker for one organisation, a trace of its own. Yields the trace id."""
        attributes = {"slm.job": name, "slm.organisation": str(organisation_id)}
        span = self._tracer.start_span(f"job {name}", context=Context(), attributes=attributes)
        with _current(span):
            yield _trace_id(span)

    def watch(self, database: Database) -> None:
        """Make a span of each statement this pool runs from now on for a request or a job."""
        engine = database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", _end)
        event.listen(engine, "handle_error", _fail)

        database.reader.observers.append(self)

    def begun(self, statement: Statement) -> Ended | None:
        """See services.reader.Observer."""
        # What the worker asks between two jobs would be a trace of one span each.
        if not trace.get_current_span().is_recording():
            return None
        return partial(_end_of_reading, self._statement("SELECT", None, statement.field))

    def _begin(self, _connection: Any, _cursor: Any, sql: str, _parameters: Any, execution: Any, _many: bool) -> None:
        if trace.get_current_span().is_recording():
            setattr(execution, _SPAN, self._statement(*_operation(sql), None))

    def _statement(self, operation: str, table: str | None, field: str | None) -> Span:
        known = {"db.operation.name": operation, "db.collection.name": table, "graphql.field": field}
        attributes = {"db.system.name": "postgresql"} | {name: value for name, value in known.items() if value}
        name = " ".join(filter(None, (operation, field or table)))
        return self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)


def _end_of_reading(span: Span, failure: BaseException | None) -> None:
    if failure is None:
        span.set_attribute("slm.rows", 1)
        span.end()
    else:
        _end_failed(span, failure)


_SPAN = "_slm_span"
"""Where the span of a statement is kept while it runs."""


def _operation(sql: str) -> tuple[str, str | None]:
    """What a statement does, and the table it changes where that is its first word but one."""
    begins = _BEGINS.match(sql)
    operation = begins[1].upper() if begins else ""
    if begins is None or operation not in _OPERATIONS:
        return "OTHER", None
    return operation, begins[2] if operation in ("INSERT", "UPDATE") else None


def _end(_connection: Any, cursor: Any, _sql: str, _parameters: Any, execution: Any, _many: bool) -> None:
    span: Span | None = vars(execution).pop(_SPAN, None)
    if span is None:
        return
    if cursor.rowcount >= 0:
        span.set_attribute("slm.rows", cursor.rowcount)
    span.end()


def _fail(failure: Any) -> None:
    execution = failure.execution_context
    span: Span | None = vars(execution).pop(_SPAN, None) if execution is not None else None
    if span is not None:
        _end_failed(span, failure.original_exception)


def _end_failed(span: Span, failure: BaseException) -> None:
    span.set_attribute("error.type", str(getattr(failure, "sqlstate", None) or type(failure).__name__))
    span.set_status(StatusCode.ERROR)
    span.end()


@contextmanager
def _current(span: Span) -> Iterator[None]:
    # The message of an exception may hold anybody's values; its type does not.
    with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except BaseException as failure:
            span.set_attribute("error.type", type(failure).__name__)
            span.set_status(StatusCode.ERROR)
            raise


def _trace_id(span: Span) -> str | None:
    context = span.get_span_context()
    return str(format_trace_id(context.trace_id)) if context.is_valid else None


@contextmanager
def exported(endpoint: str, *, process: str, operations: Collection[str]) -> Iterator[Spans]:
    """Spans sent to an OTLP endpoint over HTTP while the block lasts, those still held at its end included.

    The standard OTEL_* variables say the rest: headers, sampling, sizes, and another name than `process`.
    """
    resource = Resource.create({"service.name": process}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    try:
        yield Spans(provider, operations)
    finally:
        provider.shutdown()
