"""Measuring, and the one shape of a figure."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Figure:
    """A ratio ``value`` of what was measured to ``yardstick``; at most ``budget`` is well."""

    name: str
    value: float
    budget: float
    yardstick: str
    measured_ms: float
    yardstick_ms: float
    unit: str = "ratio"

    @property
    def holds(self) -> bool:
        return self.value <= self.budget

    def line(self) -> str:
        return json.dumps(asdict(self) | {"holds": self.holds})


def compare(name: str, work: Work, *, yardstick: tuple[str, Work], budget: float, rounds: int = 21) -> Figure:
    """Runs both in turns, so that a busy neighbour slows both, and compares the medians."""
    label, reference = yardstick
    measured, beside = [], []
    for _ in range(rounds):
        beside.append(milliseconds(reference))
        measured.append(milliseconds(work))
    median, base = statistics.median(measured), statistics.median(beside)
    return Figure(name, round(median / base, 3), budget, label, round(median, 3), round(base, 3))


def milliseconds(work: Work) -> float:
    """How long one call took."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def report(figures: Iterator[Figure]) -> int:
    """Prints each figure as it comes; answers the exit status."""
    missed = 0
    for figure in figures:
        sys.stdout.write(figure.line() + "\n")
        sys.stdout.flush()
        missed += not figure.holds
    return min(missed, 1)
