"""Prometheus metrics of the web process; gunicorn's workers share them by PROMETHEUS_MULTIPROC_DIR."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("postroom_requests_total", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("postroom_request_seconds", "Time to answer.", ["route"])


def exposition() -> bytes:
    """All metrics in Prometheus' text format, of all web processes where they share a directory."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # The library leaves it untyped.
    return generate_latest(registry)
