"""A year of mail as a stream, oldest first: conversations start one after the other and go on side by side.

Only the conversations that are open are held, so memory stays flat however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import heappop, heappush
from math import ceil
from random import Random

from emulator.generator.conversation import Sent, tell
from emulator.generator.people import ALICE, BOB, TEAM, Person
from emulator.generator.placing import Copy, Placing
from emulator.generator.plans import Plan, draw, timetable
from emulator.generator.worktime import WorkTime
from emulator.mailbox import Provider

DEMO: Mapping[str, Provider] = {ALICE.address: "google", BOB.address: "microsoft"}
_SAMPLE = 400
_GROWTH = 0.65


def stream(
    seed: int,
    count: int,
    *,
    end: datetime,
    mailboxes: Mapping[str, Provider] = DEMO,
    outside: bool = False,
) -> Iterator[Copy]:
    """Exactly `count` messages in the connected mailboxes together, over the year that ends at `end`.

    With `outside` the copies of everybody else come too, uncounted. The same arguments give the same bytes.
    """
    if count < 1 or not mailboxes:
        return
    year = _Year(seed, WorkTime(end), mailboxes)
    conversations, surplus = year.size(count)
    placing = Placing(mailboxes, year.time.end, outside=outside)
    for copy in year.copies(conversations, placing):
        if surplus > 0:
            surplus -= copy.address in mailboxes
        else:
            yield copy


class _Year:
    def __init__(self, seed: int, time: WorkTime, mailboxes: Mapping[str, Provider]) -> None:
        self.time = time
        # In every Message-ID: the years of two mailboxes share none.
        self._key = f"{seed}/{','.join(mailboxes)}"
        self._mailboxes = mailboxes
        self._owners = tuple(_person(address) for address in mailboxes)

    def size(self, count: int) -> tuple[int, int]:
        """How many conversations hold `count` messages or a little more, and how many more.

        Counting needs the plans alone, which cost a tenth of the words.
        """
        number = ceil(count * _SAMPLE / max(1, self._count(_SAMPLE)))
        while True:
            found = self._count(number)
            if found >= count:
                return number, found - count
            number += max(3, ceil((count - found) * number / max(1, found)))

    def copies(self, conversations: int, placing: Placing) -> Iterator[Copy]:
        waiting: list[tuple[datetime, int, Sent, Iterator[Sent]]] = []
        plans: dict[int, tuple[Plan, Random]] = {}
        for number in range(conversations + 1):
            until = self._earliest(number, conversations)
            while waiting and (number == conversations or waiting[0][0] < until):
                _, which, sent, rest = heappop(waiting)
                yield from placing.place(plans[which][0], sent, plans[which][1])
                if (following := next(rest, None)) is not None:
                    heappush(waiting, (following.date, which, following, rest))
                else:
                    del plans[which]
            if number < conversations:
                plan, dice = plans[number] = self._plan(number)
                table = timetable(plan, self._part(number, conversations), self.time)
                rest = tell(plan, table, f"{self._key}/{number}", dice)
                if (first := next(rest, None)) is not None:
                    heappush(waiting, (first.date, number, first, rest))
                else:
                    del plans[number]

    def _plan(self, number: int) -> tuple[Plan, Random]:
        dice = Random(f"{self._key}/{number}")  # noqa: S311  # Repeatable, and no secret.
        return draw(dice, self._owners), dice

    def _part(self, number: int, conversations: int) -> float:
        # Business grows, so mail grows denser towards the end.
        return float(((number + 0.5) / conversations) ** _GROWTH)

    def _earliest(self, number: int, conversations: int) -> datetime:
        """Nothing of this conversation or a later one is older."""
        part = self._part(min(number, conversations - 1), conversations)
        return min(self.time.working(part), self.time.anywhere(part))

    def _count(self, conversations: int) -> int:
        return sum(self._copies_of(number, conversations) for number in range(conversations))

    def _copies_of(self, number: int, conversations: int) -> int:
        plan, _ = self._plan(number)
        found = 0
        for leg, _ in timetable(plan, self._part(number, conversations), self.time):
            readers = set() if plan.kind == "draft" else {reader.address for reader in leg.readers}
            found += sum(address in self._mailboxes for address in readers)
            found += leg.sender.address in self._mailboxes
        return found


def _person(address: str) -> Person:
    known = {person.address: person for person in TEAM}
    local = address.partition("@")[0]
    name = local.replace(".", " ").title()
    return known.get(address) or Person(name, name.split(maxsplit=1)[0], address, company="Northwind", city="Bristol")
