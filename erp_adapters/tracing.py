"""Spans of what the program does, for a tracer that the server hands in; without one they cost nothing.

The one place below the server that knows OpenTelemetry, and only its interface. Attributes are ids, names of
ours, counts and outcomes: never what somebody asked, was answered, or what the data holds.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opentelemetry.trace import Span as OpenSpan
    from opentelemetry.trace import Tracer

Attribute: TypeAlias = str | int | float | bool

_tracer: Tracer | None = None


class Span(Protocol):
    """One piece of work while it is done; a context manager."""

    def note(self, name: str, value: Attribute) -> None:
        """Add an attribute."""
        ...

    def __enter__(self) -> Span: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Unseen:
    """A span where nobody traces."""

    __slots__ = ()

    def note(self, name: str, value: Attribute) -> None:
        return None

    def __enter__(self) -> _Unseen:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class _Seen:
    """A span of the tracer in use."""

    __slots__ = ("_attributes", "_entered", "_is_current", "_name", "_span", "_tracer")

    def __init__(self, tracer: Tracer, name: str, attributes: dict[str, Attribute], is_current: bool) -> None:
        self._tracer, self._name, self._attributes = tracer, name, attributes
        self._is_current = is_current
        self._span: OpenSpan | None = None
        self._entered: AbstractContextManager[object] | None = None

    def note(self, name: str, value: Attribute) -> None:
        if self._span is not None:
            self._span.set_attribute(f"plantwright.{name}", value)

    def __enter__(self) -> _Seen:
        from opentelemetry.trace import use_span

        given = {f"plantwright.{name}": value for name, value in self._attributes.items()}
        self._span = self._tracer.start_span(self._name, attributes=given)
        if self._is_current:
            # Messages of errors may quote the data: only their kind is told, below.
            self._entered = use_span(self._span, record_exception=False, set_status_on_exception=False)
            self._entered.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from opentelemetry.trace import StatusCode

        assert self._span is not None
        if kind is not None and kind is not GeneratorExit:
            self._span.set_status(StatusCode.ERROR)
            self._span.set_attribute("error.type", kind.__name__)
        if self._entered is not None:
            self._entered.__exit__(None, None, None)
        self._span.end()


_UNSEEN = _Unseen()


def span(name: str, **attributes: Attribute) -> Span:
    """The work inside the block, as a part of what it stands in."""
    return _UNSEEN if _tracer is None else _Seen(_tracer, name, attributes, True)


def loose_span(name: str, **attributes: Attribute) -> Span:
    """The same for the body of a generator, whose consumer runs in between: nothing becomes a part of it."""
    return _UNSEEN if _tracer is None else _Seen(_tracer, name, attributes, False)


def use(tracer: Tracer | None) -> None:
    """Make spans with this tracer from now on; with None, make none."""
    global _tracer
    _tracer = tracer


def trace_id() -> str:
    """Id of the trace that runs now, as 32 hexadecimal digits; empty where there is none."""
    if _tracer is None:
        return ""
    from opentelemetry.trace import format_trace_id, get_current_span

    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else ""


def is_on() -> bool:
    """True where spans are made."""
    return _tracer is not None
