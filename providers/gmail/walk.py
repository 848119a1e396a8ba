"""A walk through the past of a mailbox, driven by contacts (E4): which query is asked next, and all that it means.

Addresses go into queries by groups, as many as a URL holds. First every group is asked for the newest window of time,
then for the one before, so that the useful part of a mailbox comes first. What such a query finds concerns a contact
(`base.Seen.concerns`), for it leaves out what is in doubt: mail that names the contact in Bcc, mail of excluded
senders, mail with the label that keeps it out, very large mail. At last that rest is asked for, a group at a time over
all the time, and not so marked. Both together are everything, however Gmail reads the doubt: the one query has the
other's terms, negated.

Where a walk stands is in its token alone. It says who is next by number among the addresses, not by group, since
the size of groups depends on the exclusions, which may change on the way. So the token also says which of them a query
has left out so far: these are what is in doubt at last, whatever is excluded by then.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import ceil
from typing import Any

from providers.base import Search
from providers.gmail import query

#: A longer URL would be sent by POST (`googleapiclient.http.MAX_URI_LENGTH`), and big queries find nothing at times.
LONGEST = 1700
#: What exclusions may take of it. With more of them nothing is marked, and headers decide.
_LONGEST_EXCLUDED = 1200
_DAY = 86_400
_WINDOWS = (30, 90, 365)
#: With many queries, an empty window costs more than it is worth.
_MANY_ADDRESSES = 500
_MANY_WINDOWS = (90,)


@dataclass(frozen=True, slots=True)
class Step:
    """Where a walk stands: ``first`` is the next address of those of ``names``, ``page`` Gmail's token inside a query.

    ``count`` is the group of the query under way, 0 before its first page. ``window`` counts from the newest; after
    the oldest comes the round of doubts, if it is ``owed``: if a query left any out. ``left_out`` are the exclusions
    that one has left out. ``since`` and ``until`` are epoch seconds; ``asked`` is the digest of the query that gave the
    page, which is of no use to another.
    """

    names: str
    since: int | None
    until: int
    window: int = 0
    first: int = 0
    count: int = 0
    page: str = ""
    owed: bool = False
    left_out: tuple[str, ...] = ()
    asked: str = ""

    def dumps(self) -> str:
        place = [self.names, self.since, self.until, self.window, self.first, self.count, self.page]
        return json.dumps([*place, self.owed, self.left_out, self.asked], separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Question:
    """A query, whether its hits concern somebody for certain, and the step with its group in it."""

    q: str
    concerns: bool
    step: Step


class Walk:
    """The queries of one `Search`."""

    def __init__(self, wanted: Search, never: str = "") -> None:
        self._never = never
        # Those that cannot be asked for exactly come last, and share no query with the others.
        self._addresses = sorted(set(wanted.addresses), key=lambda address: (not query.is_exact(address), address))
        self._exact = sum(map(query.is_exact, self._addresses))
        self._excluded = wanted.excluded
        self._wanted = wanted
        # Tells one set of addresses from another.
        self._names = _digest("\n".join(self._addresses))

    def begin(self) -> Step:
        since = self._wanted.since
        first = max(0, int(since.timestamp())) if since else None
        return Step(self._names, first, ceil(self._wanted.until.timestamp()))

    def resume(self, token: str) -> Step:
        """The step of a token; the first one for a token that is not of these addresses."""
        step = _read(token)
        return step if step is not None and step.names == self._names else self.begin()

    def question(self, step: Step) -> Question | None:
        """What is to be asked at a step; None at the end of the walk."""
        step = self._settled(step)
        if step.window > self._last_round(step):
            return None
        is_last = step.window == self._last_round(step)
        left_out = self._left_out(step) if step.first < self._exact and not is_last else None
        if left_out is not None:
            step = replace(step, owed=True, left_out=left_out)
        group = self._group(step)
        doubts = query.doubts(group, step.left_out, self._never)
        if is_last:
            between = f" {doubts} {query.between(step.since, step.until)}"
        else:
            between = f"{'' if left_out is None else f' -{doubts}'} {query.between(*self._window(step))}"
        q = f"{query.parties(group)}{between}"
        asked = _digest(q)
        # Of another question there is no such page.
        page = step.page if step.asked == asked else ""
        return Question(q, left_out is not None, replace(step, count=len(group), page=page, asked=asked))

    def after(self, step: Step, page: str | None) -> Step | None:
        """The step after an answer with or without a next page, None at the end; ``step`` is that of the question."""
        if page:
            return replace(step, page=page)
        following = self._settled(replace(step, first=step.first + step.count, count=0, page=""))
        return following if following.window <= self._last_round(following) else None

    def progress(self, step: Step | None) -> float:
        """From 0 to 1, by addresses and windows."""
        if step is None:
            return 1.0
        done = step.window + step.first / max(1, len(self._addresses))
        return min(1.0, done / (self._last_round(step) + 1))

    def _left_out(self, step: Step) -> tuple[str, ...] | None:
        """What a query leaves out, now and before; None where that is more than fits, and nothing can be left out."""
        if self._excluded is None:
            return None
        wanted = tuple(sorted({*step.left_out, *self._excluded}))
        return wanted if query.length(query.doubts((), wanted, self._never)) <= _LONGEST_EXCLUDED else None

    def _settled(self, step: Step) -> Step:
        """The same step, or the beginning of the next round where this one has no more addresses."""
        while step.window <= self._last_round(step) and step.first >= self._end_of_round(step):
            step = replace(step, window=step.window + 1, first=0, count=0, page="")
        return step

    def _end_of_round(self, step: Step) -> int:
        if step.window == self._last_round(step):
            return self._exact if step.owed else 0
        return len(self._addresses)

    def _last_round(self, step: Step) -> int:
        return len(self._edges(step))

    def _window(self, step: Step) -> tuple[int | None, int]:
        edges = self._edges(step)
        newer = edges[step.window - 1] if step.window else None
        return edges[step.window], step.until if newer is None else newer

    def _edges(self, step: Step) -> list[int | None]:
        """Where each window begins, the newest first."""
        days = _MANY_WINDOWS if len(self._addresses) > _MANY_ADDRESSES else _WINDOWS
        inner = [step.until - day * _DAY for day in days]
        return [*(edge for edge in inner if edge > (step.since or 0)), step.since]

    def _group(self, step: Step) -> Sequence[str]:
        """The addresses of a query: as begun, or as many as it holds, and at least one."""
        if step.count:
            return self._addresses[step.first : step.first + step.count]
        following = self._addresses[step.first : self._exact if step.first < self._exact else None]
        room = LONGEST - query.length(query.between(step.until, step.until))
        room -= query.length(query.doubts((), step.left_out, self._never))
        taken = 0
        for address in following:
            room -= query.weight(address)
            if room < 0:
                break
            taken += 1
        return following[: max(1, taken)]


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _read(token: str) -> Step | None:
    try:
        read: Any = json.loads(token)
        names, since, until, window, first, count, page, owed, left_out, asked = read
        return Step(
            names=str(names),
            since=None if since is None else int(since),
            until=int(until),
            window=int(window),
            first=int(first),
            count=int(count),
            page=str(page),
            owed=bool(owed),
            left_out=tuple(map(str, left_out)),
            asked=str(asked),
        )
    except (ValueError, TypeError):
        return None
