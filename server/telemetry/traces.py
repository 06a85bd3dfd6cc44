"""Traces over OTLP/HTTP, where an endpoint is named; the packages behind it are loaded only then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from erp_adapters import tracing
from erp_adapters.errors import ConfigurationError
from erp_adapters.tracing import Span

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

_PATH = "v1/traces"


@contextmanager
def traced(endpoint: str | None) -> Iterator[None]:
    """Send spans to the endpoint while the block lasts; none are made where it is None.

    Raises:
        ConfigurationError: it is no address.
    """
    if endpoint is None:
        yield
        return
    if urlsplit(endpoint).scheme not in ("http", "https"):
        raise ConfigurationError(
            f"PLANTWRIGHT_OTLP_ENDPOINT: {endpoint!r} is no address such as http://localhost:4318"
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    place = endpoint if endpoint.endswith(_PATH) else f"{endpoint.rstrip('/')}/{_PATH}"
    with traced_by(BatchSpanProcessor(OTLPSpanExporter(endpoint=place, timeout=5))):
        yield


@contextmanager
def traced_by(processor: SpanProcessor) -> Iterator[None]:
    """Hand spans to this processor while the block lasts."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    named = {"service.name": "plantwright", "service.version": version("plantwright")}
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    tracing.use(provider.get_tracer("plantwright"))
    try:
        yield
    finally:
        tracing.use(None)
        provider.shutdown()


@contextmanager
def request_span(name: str, headers: Mapping[str, str]) -> Iterator[Span]:
    """The span of a request, below the one that its `traceparent` names."""
    if not tracing.is_on() or "traceparent" not in headers:
        with tracing.span(name) as span:
            yield span
        return
    from opentelemetry import context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    token = context.attach(TraceContextTextMapPropagator().extract(headers))
    try:
        with tracing.span(name) as span:
            yield span
    finally:
        context.detach(token)
