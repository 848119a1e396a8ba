"""Whatever people do in a mailbox, and whatever Graph leaves unsaid: all mail of R20 is told in the end."""

from __future__ import annotations

import random

import pytest

from providers.base import Changes, Place, Provider, Seen
from tests.providers.graph.conftest import BOB, LONG_AGO, Outlook, begun

NO_MAIL = ["drafts", "junkemail", "deleteditems", "outbox", "conversationhistory"]
PLACES = [
    "inbox",
    "archive",
    "sentitems",
    "Projects",
    "Projects/Below",
    "junkemail",
    "deleteditems",
    "Deleted Items/Old",
]


class Engine:
    """What the sync engine does with pages, as far as this matters: it knows messages, and asks for what it does not.

    It gives each page to another worker at times, as after a crash, and then gets it twice (E2).
    """

    def __init__(self, outlook: Outlook, chance: random.Random) -> None:
        self.outlook, self.chance = outlook, chance
        self.provider: Provider = outlook.open()
        self.cursor = begun(self.provider)
        self.mail: set[str] = set()

    def step(self) -> bool:
        page = self.provider.changes(self.cursor, since=LONG_AGO)
        if self.chance.random() < 0.2:
            return True
        self._take(page)
        self.cursor = page.cursor
        return page.more

    def finish_cycle(self) -> None:
        for _ in range(300):
            if not self.step():
                return
        pytest.fail("this never ends")

    def _take(self, page: Changes) -> None:
        unknown = [item.id for item in page.items if item.headers is None and item.id not in self.mail]
        answers = [each for each in self.provider.headers(unknown) if isinstance(each, Seen)]
        told = [item for item in page.items if item.headers is not None]
        self.mail |= {item.id for item in (*told, *answers) if item.place is Place.MAIL}


def lie_in_mail(outlook: Outlook) -> set[str]:
    return {
        each["graph_immutable_id"]
        for each in outlook.truth()
        if not each["is_draft"] and each["folder_key"] not in NO_MAIL and not each["folder"].startswith("Deleted Items")
    }


def act(outlook: Outlook, chance: random.Random, names: list[str]) -> None:
    """Something that somebody does."""
    there = [each["graph_immutable_id"] for each in outlook.truth()]
    deed = chance.choice(["put", "put", "move", "move", "move", "delete", "read", "folder"])
    if deed == "put" or not there:
        names.append(outlook.put(f"{len(names)}", folder=chance.choice(PLACES)))
    elif deed == "move":
        outlook.move(chance.choice(there), chance.choice(PLACES))
    elif deed == "delete":
        outlook.delete(chance.choice(there))
    elif deed == "read":
        outlook.hand("PATCH", f"/me/messages/{chance.choice(there)}", json={"isRead": True})
    else:
        names.append(outlook.put(f"{len(names)}", folder=f"New {len(names)}"))


@pytest.mark.parametrize("seed", [0, 1, 14])
def test_all_mail_is_told_in_the_end(outlook: Outlook, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr("providers.graph.delta.PAGE", 3)
    monkeypatch.setattr("providers.graph.delta.MOST_GONE", 4)
    outlook.act(
        "knobs",
        delta_destination_silent=seed % 2 == 0,
        delta_repeats=chance.choice([0, 2]),
        delta_empty_pages=chance.choice([0, 1]),
        delta_partial_updates=chance.choice([True, False]),
    )
    names = [outlook.put(f"before {place}", folder=place) for place in PLACES]
    before = lie_in_mail(outlook)
    engine = Engine(outlook, chance)
    for number in range(30):
        act(outlook, chance, names)
        if chance.random() < 0.5:
            engine.step()
        if number == 20:
            outlook.act("expire-history", address=BOB)
    # The cycle that is under way has asked some folders already; the next one asks all.
    engine.finish_cycle()
    engine.finish_cycle()
    assert lie_in_mail(outlook) - before <= engine.mail
