"""Figures for whoever runs the bot, as Prometheus reads them: none names a person, a team or a workspace."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from storage.backlog import Backlog

CONTENT_TYPE = CONTENT_TYPE_LATEST
PREFIX = "worthwhile"
# Seconds. Slack waits three for an answer, of which two are the dispatcher's.
ANSWER_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 2.5, 3.0, 10.0)
DATABASE_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Metrics:
    """The figures of one process, in a registry of their own; each process has its own page."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._answers = Histogram(
            f"{PREFIX}_answer_seconds",
            "From a request's first byte read to its answer, which is its acknowledgement",
            ["platform"],
            buckets=ANSWER_S,
            registry=registry,
        )
        self._statuses = Counter(
            f"{PREFIX}_answers", "Answers by HTTP status", ["platform", "status"], registry=registry
        )
        self._asked = Counter(
            f"{PREFIX}_requests", "Requests by outcome", ["platform", "outcome"], registry=registry
        )
        self._delivered = Counter(
            f"{PREFIX}_deliveries", "Tries to send by outcome", ["platform", "kind", "outcome"], registry=registry
        )
        self._told = Counter(
            f"{PREFIX}_told_to_wait", "Times a platform said to wait", ["platform"], registry=registry
        )
        self._database = Histogram(
            f"{PREFIX}_transaction_seconds",
            "Transactions, with their wait for a turn",
            ["kind"],
            buckets=DATABASE_S,
            registry=registry,
        )
        self._up = Gauge(f"{PREFIX}_database_up", "Whether the database answered just now", registry=registry)
        self._beat = Gauge(f"{PREFIX}_sweep_age_seconds", "Since the last sweep ended well", registry=registry)
        self._oldest = Gauge(
            f"{PREFIX}_oldest_due_seconds", "How late the latest message is", ["platform"], registry=registry
        )
        self._messages = Gauge(
            f"{PREFIX}_outbox_messages", "Messages not sent", ["platform", "kind", "state"], registry=registry
        )
        self._tokens = Gauge(
            f"{PREFIX}_token_seconds_left",
            "Until the first workspace's token ends",
            ["platform"],
            registry=registry,
        )

    def answered(self, platform: str, status: str, seconds: float) -> None:
        """A request of a platform got its answer; `status` is HTTP's, or "socket"."""
        self._answers.labels(platform).observe(seconds)
        self._statuses.labels(platform, status).inc()

    def asked(self, platform: str, outcome: str) -> None:
        """A request was dispatched: answered, repeated, refused, late or failed."""
        self._asked.labels(platform, outcome).inc()

    def delivered(self, platform: str, kind: str, outcome: str) -> None:
        """One try to send ended: sent, retried, unknown or dead."""
        self._delivered.labels(platform, kind, outcome).inc()

    def told_to_wait(self, platform: str) -> None:
        """A platform said that it gets too much, and how long to wait."""
        self._told.labels(platform).inc()

    def transacted(self, kind: str, seconds: float) -> None:
        """A transaction ended, well or not; `kind` is "read" or "write"."""
        self._database.labels(kind).observe(seconds)

    def page(self, backlog: Backlog | None, sweep_age_s: float | None) -> bytes:
        """The page. `backlog` is None where the database did not answer, `sweep_age_s` where nothing is swept."""
        self._up.set(backlog is not None)
        self._beat.set(float("nan") if sweep_age_s is None else sweep_age_s)
        self._show_backlog(backlog or Backlog())
        return generate_latest(self.registry)

    def _show_backlog(self, backlog: Backlog) -> None:
        for gauge in (self._oldest, self._messages, self._tokens):
            gauge.clear()  # what nobody knows now is not shown as it was
        _show(self._oldest, backlog.oldest_due_s)
        _show(self._tokens, backlog.token_left_s)
        for (platform, kind, state), count in backlog.messages.items():
            self._messages.labels(platform, kind, state).set(count)


def _show(gauge: Gauge, values: Mapping[str, float]) -> None:
    for platform, value in values.items():
        gauge.labels(platform).set(value)
