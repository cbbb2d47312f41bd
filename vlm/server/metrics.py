"""What a Prometheus server is shown: requests by outcome, and the engine's own figures read when it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from vlm.engine.requests import EngineStats

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class ServerMetrics:
    """The figures of one server; each has a registry of its own, so that two in one process do not mix."""

    def __init__(self, stats: Callable[[], EngineStats | None], open_requests: Callable[[], int]) -> None:
        """Measure a server whose engine tells `stats` (None while it is loading)."""
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "fashionvlm_requests",
            "Requests by what they asked for and how they ended.",
            ["route", "outcome"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "fashionvlm_request_seconds",
            "From a request's first byte to its answer's last, whatever the outcome.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.first_token = Histogram(
            "fashionvlm_first_token_seconds",
            "From a request that has been read to the first words of its answer.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_EngineFigures(stats, open_requests))

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _EngineFigures(Collector):
    def __init__(self, stats: Callable[[], EngineStats | None], open_requests: Callable[[], int]) -> None:
        self._stats = stats
        self._open = open_requests

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        stats = self._stats()
        yield GaugeMetricFamily("fashionvlm_ready", "1 once the model is loaded.", float(stats is not None))
        yield GaugeMetricFamily("fashionvlm_open_requests", "Requests that have no answer yet.", self._open())
        if stats is None:
            return
        yield GaugeMetricFamily("fashionvlm_queue_depth", "Requests the engine has not begun.", stats.waiting)
        running = GaugeMetricFamily("fashionvlm_running", "Requests the engine works on.", labels=["kind"])
        running.add_metric(["text"], stats.running_texts)
        running.add_metric(["drawing"], stats.running_drawings)
        yield running
        yield CounterMetricFamily(
            "fashionvlm_tokens", "Tokens written; their rate is tokens/s.", stats.tokens
        )
        yield CounterMetricFamily(
            "fashionvlm_images", "Pictures drawn; their rate is images/s.", stats.pictures
        )
        yield CounterMetricFamily("fashionvlm_engine_failed", "Requests the engine gave up.", stats.failed)
        yield CounterMetricFamily("fashionvlm_engine_canceled", "Requests canceled.", stats.canceled)
        yield GaugeMetricFamily(
            "fashionvlm_memory_bytes", "Weights, keys and values held.", stats.memory_bytes
        )
        yield GaugeMetricFamily(
            "fashionvlm_memory_limit_bytes",
            "What the engine may take in all, weights included.",
            stats.memory_limit_bytes,
        )
