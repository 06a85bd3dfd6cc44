"""Counters and durations of one application, in the text form that Prometheus reads.

Every application has a registry of its own. Labels come from closed sets: routes, states, kinds, sites.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from agents.answer import Answer
from agents.models.protocol import Meter
from erp_adapters.breaker import Breaker
from policies.states import STATES
from server.operations import Operations

CONTENT_TYPE = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_TURN_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60)
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_BREAKER = ("closed", "half-open", "open")
_PURPOSES = ("send", "verify", "search")
_COLD = 4
"""Questions that load what all later ones use."""


class Metrics:
    """What one application counts; `text` is what `/metrics` answers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("plantwright_http_requests", "Requests.", "method", "route", "status")
        self._request_s = self._histogram(
            "plantwright_http_request_duration_seconds", "Until the last byte.", _REQUEST_S, "route"
        )
        self._turns_now = self._gauge("plantwright_turns_running", "Questions that are being answered.")
        self._answers = self._counter(
            "plantwright_answers", "Turns by how they ended; `ended` is without an answer.", "status"
        )
        self._turn_s = self._histogram(
            "plantwright_turn_duration_seconds", "Turns by stage; `total` is all of one.", _TURN_S, "stage"
        )
        self._model_requests = self._counter(
            "plantwright_model_requests", "Requests to a model's endpoint by outcome.", "outcome"
        )
        self._model_tokens = self._counter(
            "plantwright_model_tokens", "Tokens that endpoints counted; `cached` are among `prompt`.", "kind"
        )
        self._held_back = self._counter(
            "plantwright_egress_values",
            "Values that the egress policy masked or kept from a hosted model.",
            "class",
            "treatment",
        )
        self._breaker = self._gauge(
            "plantwright_model_breaker_state", "1 for the state that it is in.", "state"
        )
        self._decisions = self._counter(
            "plantwright_policy_decisions", "Decisions of policy.", "action", "outcome"
        )
        self._executions = self._counter(
            "plantwright_executions", "Confirmed drafts that a worker here brought to an end.", "state"
        )
        self._drafts = self._gauge("plantwright_drafts", "Drafts in each state.", "state")
        self._outbox = self._gauge(
            "plantwright_outbox_rows", "Rows that are not done, by purpose.", "purpose"
        )
        self._outbox_age = self._gauge(
            "plantwright_outbox_oldest_age_seconds", "Age of what has waited longest to be sent."
        )
        self._messages = self._gauge(
            "plantwright_webhook_messages", "Messages that are not delivered.", "state"
        )
        self._jobs = self._gauge("plantwright_finance_jobs", "Explanations that are not done.", "state")
        self._workers = self._gauge(
            "plantwright_workers_alive", "Workers with a heartbeat in the last minute."
        )
        self._events = self._gauge("plantwright_audit_position", "Events on record.")
        self._behind = self._gauge(
            "plantwright_audit_unwitnessed_events", "Events on record beyond the last signed checkpoint."
        )
        self._checkpoint_age = self._gauge(
            "plantwright_audit_checkpoint_age_seconds", "Age of the last signed checkpoint."
        )
        self._pool = self._gauge("plantwright_pool_connections", "Connections of the store's pool.", "state")
        self._pool_waiting = self._gauge("plantwright_pool_waiting_requests", "Who waits for a connection.")
        self._data_age = self._gauge(
            "plantwright_data_age_seconds", "Since the last complete load.", "source", "site"
        )
        self._up = self._gauge("plantwright_database_up", "1 where the database answered the last scrape.")
        self.pool_of: Callable[[], Mapping[str, int]] = dict
        """What the store's pool says of itself."""
        self._turning = 0
        self._cold = _COLD
        self.is_warm = asyncio.Event()
        """Set once some questions have been answered: what is loaded with the first ones is there."""
        self._sources: set[tuple[str, str]] = set()

    def text(self) -> bytes:
        """Everything that was counted, in the exposition format."""
        self._pool_now()
        return generate_latest(self.registry)

    @property
    def turns(self) -> int:
        """How many questions are being answered."""
        return self._turning

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that has ended."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._request_s.labels(route).observe(seconds)

    def began(self) -> None:
        """A question is being answered from now on."""
        self._turning += 1
        self._turns_now.set(self._turning)

    def ended(self, outcome: Answer | str, meter: Meter) -> None:
        """It is not any more: with an answer, or with the name of what ended it."""
        self._turning -= 1
        self._cold -= 1
        if not self._cold:
            self.is_warm.set()
        self._turns_now.set(self._turning)
        if isinstance(outcome, str):
            self._answers.labels("ended").inc()
        else:
            self._answers.labels(outcome.status).inc()
            spent = outcome.timings
            for stage, ms in (
                ("plan", spent.plan_ms),
                ("tools", spent.tools_ms),
                ("compose", spent.compose_ms),
                ("total", spent.total_ms),
            ):
                self._turn_s.labels(stage).observe(ms / 1000)
        if meter.requests:
            self._model_requests.labels("answered").inc(meter.requests)
            self._model_tokens.labels("prompt").inc(meter.prompt_tokens)
            self._model_tokens.labels("cached").inc(meter.cached_tokens)
            self._model_tokens.labels("completion").inc(meter.completion_tokens)
        for sent in meter.sent:
            for of, count in sent.masked.items():
                self._held_back.labels(of, "masked").inc(count)
        for of in meter.kept:
            self._held_back.labels(of, "kept").inc()
        if meter.failures:
            self._model_requests.labels("failed").inc(meter.failures)

    def decided(self, action: str, allowed: bool) -> None:
        """Policy was asked and has answered."""
        self._decisions.labels(action, "allow" if allowed else "deny").inc()

    def executed(self, state: str) -> None:
        """A worker of this process left a draft in this state."""
        self._executions.labels(state).inc()

    def breaker(self, breaker: Breaker | None) -> None:
        """Note the state of the endpoint's breaker, where there is one."""
        for state in _BREAKER if breaker is not None else ():
            assert breaker is not None
            self._breaker.labels(state).set(1 if breaker.state == state else 0)

    def _pool_now(self) -> None:
        sizes = self.pool_of()
        size, idle = sizes.get("pool_size", 0), sizes.get("pool_available", 0)
        self._pool.labels("idle").set(idle)
        self._pool.labels("used").set(size - idle)
        self._pool_waiting.set(sizes.get("requests_waiting", 0))

    def operations(self, seen: Operations | None) -> None:
        """Note what the database says; None where it does not answer."""
        self._up.set(0 if seen is None else 1)
        if seen is None:
            return
        for state in STATES:
            self._drafts.labels(state).set(seen.drafts.get(state, 0))
        for purpose in _PURPOSES:
            self._outbox.labels(purpose).set(seen.outbox.get(purpose, 0))
        self._outbox_age.set(seen.outbox_oldest_s)
        for left in ("pending", "dead"):
            self._messages.labels(left).set(seen.messages.get(left, 0))
        for left in ("queued", "working"):
            self._jobs.labels(left).set(seen.jobs.get(left, 0))
        self._workers.set(seen.workers)
        self._events.set(seen.audit_position)
        if seen.checkpoint is not None:
            self._behind.set(max(0, seen.audit_position - seen.checkpoint.position))
            self._checkpoint_age.set((seen.at - seen.checkpoint.at).total_seconds())
        else:
            self._behind.set(seen.audit_position)
        now = {(source.system, source.site) for source in seen.sources}
        for gone in self._sources - now:
            self._data_age.remove(*gone)
        self._sources = now
        for source in seen.sources:
            self._data_age.labels(source.system, source.site).set(
                (seen.at - source.loaded_at).total_seconds()
            )

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, labels, registry=self.registry)

    def _histogram(self, name: str, says: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, says, labels, buckets=buckets, registry=self.registry)
