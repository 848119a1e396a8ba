"""The rules of storing, R1 to R9 and R18 to R21, written plainly from their text: what the product has to agree with.

It knows no code of the product. It is told what is true (which messages lie where, whom the contacts are, what is
excluded) and when the mailboxes were looked at, and says who has which email.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import getaddresses
from typing import Any, Literal

#: The label, or category, by which people keep a message out.
NEVER = "Postroom: never"
#: What the product says of a message that was in the mail only between two looks: nobody else can know.
Word = Literal["stored", "skipped", ""]


@dataclass(frozen=True)
class Person:
    """A living contact."""

    id: int
    addresses: frozenset[str]
    #: The log-in address of the member who alone sees it.
    private_to: str = ""


@dataclass(frozen=True)
class Rules:
    """All that decides at one moment. ``people`` are those who live, the first created first."""

    people: tuple[Person, ...]
    own: frozenset[str]
    excluded: frozenset[str]
    first_only: bool = True
    #: R8, the tenant's ``excluded_sender = others``.
    keeps_others: bool = False

    def is_excluded(self, address: str) -> bool:
        """R7: by the address, by its domain, or by a domain above that. An own address never is (R3)."""
        domain = address.partition("@")[2]
        above = {domain[at + 1 :] for at, letter in enumerate(domain) if letter == "."}
        return address not in self.own and not self.excluded.isdisjoint({address, domain, *above})

    def having(self, address: str, viewer: str) -> list[Person]:
        """R5: who has the address and may be seen by the viewer, the first created first."""
        return [one for one in self.people if address in one.addresses and one.private_to in {"", viewer}]


@dataclass(frozen=True)
class Message:
    """One copy in one mailbox, as the world has it."""

    key: str
    message_id: str
    sender: str
    #: To and Cc: with the sender, the parties (R1).
    receivers: frozenset[str]
    bcc: frozenset[str]
    is_mail: bool
    #: Neither a draft nor a chat.
    is_letter: bool
    #: Carries the label that keeps it out.
    is_kept_out: bool
    received_ms: int

    @property
    def parties(self) -> frozenset[str]:
        return self.receivers | {self.sender}

    @property
    def letter(self) -> tuple[str, str]:
        """What makes it one email, however many saw it (R6)."""
        return self.message_id, self.sender


@dataclass(frozen=True)
class Box:
    """A synced mailbox: whose it is, and from when on mail is wanted (R21)."""

    address: str
    provider: str
    member: str
    wanted_since: datetime | None = None


@dataclass
class Link:
    """``origin`` is the contact that it was made for; a merge may have brought it to another."""

    origin: int
    is_live: bool = True


@dataclass
class Letter:
    """An email in the CRM: by contact, its link; a removed one is kept (R18)."""

    message: Message
    links: dict[int, Link] = field(default_factory=dict)
    is_deleted: bool = False

    @property
    def live(self) -> set[int]:
        return {contact for contact, link in self.links.items() if link.is_live}


def read(truth: Mapping[str, Any], provider: str) -> Message:
    """One message of the emulator's truth. R20: all is mail but drafts, spam, trash and chats."""
    people = {name: _addresses(truth[name]) for name in ("from", "to", "cc", "bcc")}
    labels, folder = set(truth["labels"]), truth["folder_key"]
    if provider == "gmail":
        is_mail = labels.isdisjoint({"DRAFT", "SPAM", "TRASH", "CHAT"})
    else:
        hidden = {"drafts", "junkemail", "deleteditems", "outbox", "conversationhistory"}
        is_mail = folder not in hidden and not truth["is_draft"]
    is_kept_out = NEVER in {*truth["label_names"], *truth["categories"]}
    return Message(
        key=truth["gmail_id"] if provider == "gmail" else truth["graph_immutable_id"],
        message_id=truth["message_id"].strip("<>"),
        sender=next(iter(people["from"]), ""),
        receivers=people["to"] | people["cc"],
        bcc=people["bcc"],
        is_mail=is_mail and not is_kept_out,
        is_letter=not truth["is_draft"] and labels.isdisjoint({"DRAFT", "CHAT"}) and folder != "conversationhistory",
        is_kept_out=is_kept_out,
        received_ms=truth["date_ms"],
    )


def entitled(message: Message, viewer: str, rules: Rules, letter: Letter | None = None) -> set[int]:
    """The contacts that get a message in the viewer's mailbox; ``letter`` is what is stored of it already."""
    if message.parties <= rules.own:
        return set()
    if rules.is_excluded(message.sender) and not rules.keeps_others:
        return set()
    found: set[int] = set()
    for address in message.parties - rules.own:
        having = [one.id for one in rules.having(address, viewer)]
        if not rules.is_excluded(address):
            found.update(_chosen(having, letter) if rules.first_only else having)
    return found


def _chosen(having: list[int], letter: Letter | None) -> list[int]:
    """R5, ``first``: what one of them has got, and be it that a user took it away again, goes to no other."""
    got = [contact for contact in having if letter and contact in letter.links]
    return got or having[:1]


def _addresses(text: str) -> frozenset[str]:
    return frozenset(address.lower() for _, address in getaddresses([text]) if address)


@dataclass(frozen=True)
class Decision:
    """What was decided of one copy; ``letter`` is the email's name."""

    outcome: Literal["stored", "skipped", "tombstone", "kept out"]
    letter: tuple[str, str]


Place = tuple[str, str]
Placed = tuple[Box, Message]


class Model:
    """What the CRM has to have. Tell it what happens in the order in which it happens."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self.boxes = {box.address: box for box in boxes}
        #: By mailbox and key.
        self.decisions: dict[Place, Decision] = {}
        self.letters: dict[tuple[str, str], Letter] = {}
        #: Contacts that changed since the last look, and whom each was merged into.
        self.changed: set[int] = set()
        self.merged: dict[int, int] = {}

    def links(self, rules: Rules) -> set[tuple[str, int]]:
        """Who has which email, by Message-ID and contact."""
        living = {one.id for one in rules.people}
        letters = [letter for letter in self.letters.values() if not letter.is_deleted]
        return {(each.message.message_id, contact) for each in letters for contact in each.live & living}

    def sightings(self) -> set[Place]:
        """The copies that an email comes from."""
        return {place for place, decision in self.decisions.items() if decision.outcome == "stored"}

    # --- What sync does ---

    def settle(
        self,
        lying: Mapping[str, Collection[Message]],
        glimpsed: Mapping[str, Collection[Message]],
        rules: Rules,
        *,
        word: Callable[[str, str], Word],
        order: Callable[[str], list[str]],
    ) -> None:
        """Everything was looked at until nothing was due.

        ``lying`` is what lies in each mailbox; ``glimpsed`` what was in the mail at some look since the last time and
        is so no more. Which mailbox saw an email first is chance: ``order`` tells, by Message-ID.
        """
        for letter in self.letters.values():
            self._follow_merges(letter)
        changed = [one for one in rules.people if one.id in self.changed]
        self._relink(changed, rules)
        waiting: list[Placed] = []
        for box in self.boxes.values():
            again = _searched(changed, box, rules)
            found = [one for one in lying.get(box.address, ()) if one.is_mail and self._is_open(box, one, again)]
            found += [one for one in glimpsed.get(box.address, ()) if self._believes(box, one, word)]
            waiting += [(box, message) for message in found]
        orders = {one.message_id: order(one.message_id) for _, one in waiting}
        for box, message in sorted(waiting, key=lambda each: _rank(each[0].address, orders[each[1].message_id])):
            self._decide(box, message, rules)
        self.changed.clear()

    def _believes(self, box: Box, message: Message, word: Callable[[str, str], Word]) -> bool:
        """Whether a message that was in the mail only for a while was stored, as the product says."""
        place = box.address, message.key
        if place in self.decisions and self.decisions[place].outcome != "skipped":
            return False
        said = word(*place)
        if said == "skipped":
            self.decisions[place] = Decision("skipped", message.letter)
        return said == "stored"

    def _is_open(self, box: Box, message: Message, again: frozenset[str]) -> bool:
        """What was not decided yet (R20, R21); and what names a contact that changed (E5)."""
        if box.wanted_since and message.received_ms < box.wanted_since.timestamp() * 1000:
            return False
        decision = self.decisions.get((box.address, message.key))
        if decision is None or decision.outcome == "kept out":
            return decision is None
        # Who looks for an address in Gmail also finds blind copies: they are looked at again, though R1 counts no Bcc.
        named = message.parties | (message.bcc if box.provider == "gmail" else frozenset())
        return not named.isdisjoint(again)

    def _decide(self, box: Box, message: Message, rules: Rules) -> None:
        place = box.address, message.key
        before = self.decisions[place].outcome if place in self.decisions else "skipped"
        letter = self.letters.get(message.letter)
        contacts = entitled(message, box.member, rules, letter)
        if before == "stored" or (contacts and not (letter and letter.is_deleted)):
            self.decisions[place] = Decision("stored", message.letter)
            letter = self.letters.setdefault(message.letter, Letter(message))
            for contact in () if letter.is_deleted else contacts:
                letter.links.setdefault(contact, Link(contact))
        else:
            self.decisions[place] = Decision("tombstone" if contacts else before, message.letter)

    def _relink(self, changed: Collection[Person], rules: Rules) -> None:
        """What is stored already goes to the contacts that changed, by each mailbox that saw it (R6, E5)."""
        ids = {one.id for one in changed}
        viewers: dict[tuple[str, str], set[str]] = {}
        for (address, _), decision in self.decisions.items():
            if decision.outcome == "stored":
                viewers.setdefault(decision.letter, set()).add(self.boxes[address].member)
        for name, letter in self.letters.items():
            seen_by = () if letter.is_deleted else viewers.get(name, ())
            granted = {one for viewer in seen_by for one in entitled(letter.message, viewer, rules, letter)}
            for contact in granted & ids:
                letter.links.setdefault(contact, Link(contact))

    # --- What users do ---

    def merge(self, kept: int, others: Iterable[int]) -> None:
        """R6: the others' emails become the kept one's, once it was looked at."""
        self.merged |= dict.fromkeys(others, kept)

    def part(self, others: Iterable[int]) -> None:
        """The merge is taken back."""
        for other in others:
            del self.merged[other]

    def _follow_merges(self, letter: Letter) -> None:
        """Each link goes where its contact went; where the other has one of its own for the email, that one stays.

        On its way back it brings along that a user removed it meanwhile (R18).
        """
        for holder, link in list(letter.links.items()):
            home = self._home(link.origin)
            if holder != home == link.origin and home in letter.links:
                letter.links[home].is_live &= link.is_live
                del letter.links[holder]
        while moving := self._moving(letter):
            holder, home = moving[0]
            letter.links[home] = letter.links.pop(holder)

    def _moving(self, letter: Letter) -> list[tuple[int, int]]:
        """Links that may move to a free place: live ones first."""
        found = [
            (not link.is_live, link.origin, holder, home)
            for holder, link in letter.links.items()
            if (home := self._home(link.origin)) != holder and home not in letter.links
        ]
        return [(holder, home) for _, _, holder, home in sorted(found)]

    def _home(self, contact: int) -> int:
        while contact in self.merged:
            contact = self.merged[contact]
        return contact

    def of(self, message_id: str) -> Letter:
        """The email with this Message-ID."""
        return next(each for each in self.letters.values() if each.message.message_id == message_id)

    def keep_out(self, box: Box, message: Message, private: Collection[int]) -> None:
        """The label was put on: the email goes, unless colleagues have it too; ``private`` are its owner's contacts.

        Another copy in the same mailbox stays out for good.
        """
        del self.decisions[box.address, message.key]
        letter = self.letters[message.letter]
        copies = [
            place for place, each in self.decisions.items() if (each.outcome, each.letter) == ("stored", message.letter)
        ]
        own = [place for place in copies if place[0] == box.address]
        if len(own) == len(copies):
            del self.letters[message.letter]
            self.decisions.update(dict.fromkeys(own, Decision("kept out", message.letter)))
            return
        for contact in () if own else set(private) & letter.links.keys():
            del letter.links[contact]
        letter.is_deleted = not letter.live

    def delete(self, message_id: str) -> None:
        """R17: for every contact."""
        self.of(message_id).is_deleted = True

    def restore(self, message_id: str) -> None:
        """The deletion is taken back."""
        self.of(message_id).is_deleted = False

    def store(self, message_id: str, contact: int) -> None:
        """R15: by a user's hand."""
        self.of(message_id).links.setdefault(contact, Link(contact)).is_live = True

    def unstore(self, message_id: str, contact: int) -> None:
        """R17: the email goes when no link is left."""
        letter = self.of(message_id)
        letter.links[contact].is_live = False
        letter.is_deleted = not letter.live

    def move(self, message_id: str, source: int, target: int) -> None:
        """R16."""
        self.store(message_id, target)
        self.of(message_id).links[source].is_live = False


def _searched(changed: Iterable[Person], box: Box, rules: Rules) -> frozenset[str]:
    """The addresses that a mailbox is looked through for."""
    seen = (one for one in changed if one.private_to in {"", box.member})
    addresses = {address for one in seen for address in one.addresses}
    return frozenset(each for each in addresses - rules.own if not rules.is_excluded(each))


def _rank(address: str, order: list[str]) -> int:
    return order.index(address) if address in order else len(order)
