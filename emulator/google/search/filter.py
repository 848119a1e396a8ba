"""What a query comes to: a test, with bounds that say where to look so that not everything is tested."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from emulator.message import Message

Test = Callable[[Message], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """What fits passes `test`. All of it also has all `labels`, is not older than `from_ms`, is older than
    `until_ms`, and is among `seqs`, where these are given. `anywhere`: spam and trash were asked for.
    """

    test: Test
    labels: frozenset[str] = frozenset()
    from_ms: int | None = None
    until_ms: int | None = None
    seqs: Collection[int] | None = None
    anywhere: bool = False


def everything(_message: Message) -> bool:
    return True


def nothing(_message: Message) -> bool:
    return False


EVERYTHING = Filter(everything)
NOTHING = Filter(nothing, seqs=())


def all_of(parts: Sequence[Filter]) -> Filter:
    tests = [part.test for part in parts if part.test is not everything]
    listed = [part.seqs for part in parts if part.seqs is not None]
    return Filter(
        test=(lambda message: all(test(message) for test in tests)) if tests else everything,
        labels=frozenset().union(*(part.labels for part in parts)),
        from_ms=max((part.from_ms for part in parts if part.from_ms is not None), default=None),
        until_ms=min((part.until_ms for part in parts if part.until_ms is not None), default=None),
        seqs=min(listed, key=len, default=None),
        anywhere=any(part.anywhere for part in parts),
    )


def any_of(parts: Sequence[Filter]) -> Filter:
    tests = [complete(part) for part in parts]
    listed = [part.seqs for part in parts if part.seqs is not None]
    every = len(listed) == len(parts)
    return Filter(
        test=lambda message: any(test(message) for test in tests),
        seqs=frozenset().union(*listed) if every else None,
        anywhere=any(part.anywhere for part in parts),
    )


def none_of(part: Filter) -> Filter:
    """All but these; naming the trash in order to leave it out does not let it in."""
    test = complete(part)
    return Filter(test=lambda message: not test(message))


def complete(part: Filter) -> Test:
    """The test with the bounds in it, for where the bounds are not kept by the walk."""
    labels, from_ms, until_ms = part.labels, part.from_ms, part.until_ms
    if not labels and from_ms is None and until_ms is None:
        return part.test

    def test(message: Message) -> bool:
        return (
            labels <= message.labels
            and (from_ms is None or message.date_ms >= from_ms)
            and (until_ms is None or message.date_ms < until_ms)
            and part.test(message)
        )

    return test


def with_labels(part: Filter, labels: Collection[str]) -> Filter:
    return replace(part, labels=part.labels | frozenset(labels))
