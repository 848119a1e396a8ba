"""Measuring, and the one shape of a figure."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

Work = Callable[[], object]
#: Seconds, from whenever: `time.perf_counter`, or `time.process_time` where only one's own CPU counts.
Clock = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """A ratio ``value`` of what was measured to ``yardstick``, or a count; at most ``budget`` is well.

    "At least three times as fast" is a ratio of times of at most a third. The times are None where none was taken.
    """

    name: str
    value: float
    budget: float
    yardstick: str
    measured_ms: float | None = None
    yardstick_ms: float | None = None
    unit: str = "ratio"

    @property
    def holds(self) -> bool:
        return self.value <= self.budget

    def line(self) -> str:
        return json.dumps(asdict(self) | {"holds": self.holds})


@dataclass(frozen=True)
class Yardstick:
    """What to measure beside, and how many times its time is well."""

    label: str
    work: Work
    budget: float


def compare(
    name: str,
    work: Work,
    *,
    yardstick: tuple[str, Work],
    budget: float,
    rounds: int = 21,
    clock: Clock = time.perf_counter,
) -> Figure:
    """Runs both in turns, so that a busy neighbour slows both, and compares the medians."""
    label, reference = yardstick
    [figure] = compare_all(name, work, yardsticks=[Yardstick(label, reference, budget)], rounds=rounds, clock=clock)
    return figure


def compare_all(
    name: str, work: Work, *, yardsticks: Sequence[Yardstick], rounds: int, clock: Clock = time.perf_counter
) -> list[Figure]:
    """The same beside several yardsticks, all in turns: a figure each."""
    measured: list[float] = []
    beside: list[list[float]] = [[] for _ in yardsticks]
    for _ in range(rounds):
        for times, yardstick in zip(beside, yardsticks, strict=True):
            times.append(milliseconds(yardstick.work, clock))
        measured.append(milliseconds(work, clock))
    return [
        ratio(name, measured, times, yardstick=yardstick.label, budget=yardstick.budget)
        for times, yardstick in zip(beside, yardsticks, strict=True)
    ]


def ratio(name: str, measured: Sequence[float], beside: Sequence[float], *, yardstick: str, budget: float) -> Figure:
    """Of the medians of two series of milliseconds."""
    median, base = statistics.median(measured), statistics.median(beside)
    return Figure(name, round(median / base, 3), budget, yardstick, round(median, 3), round(base, 3))


def milliseconds(work: Work, clock: Clock = time.perf_counter) -> float:
    """How long one call took."""
    started = clock()
    work()
    return (clock() - started) * 1000


def pace() -> None:
    """Always the same work: how long it takes is how fast the machine is now."""
    words: dict[int, str] = {}
    for number in range(60_000):
        words[number % 500] = f"{number}x"


@dataclass(frozen=True)
class Taken:
    """Milliseconds that a call took, and that `pace` took beside it, before or after, whichever was slower."""

    time: float
    pace: float


def in_the_faster_half(work: Work, *, calls: int) -> list[Taken]:
    """Of so many calls the half in those moments in which the machine was faster.

    A shared machine changes its pace by half from one second to the next.
    """
    found: list[Taken] = []
    before = milliseconds(pace)
    for _ in range(calls):
        taken, after = milliseconds(work), milliseconds(pace)
        found.append(Taken(taken, max(before, after)))
        before = after
    return sorted(found, key=lambda one: one.pace)[: calls // 2]


def say(text: str) -> None:
    """A word beside the figures, such as what was left out and why."""
    sys.stderr.write(f"{text}\n")


def report(figures: Iterator[Figure]) -> int:
    """Prints each figure as it comes; answers the exit status."""
    missed = 0
    for figure in figures:
        sys.stdout.write(figure.line() + "\n")
        sys.stdout.flush()
        missed += not figure.holds
    return min(missed, 1)
