"""Random accounts, and a plain model of who sees what in them (R37): written from the words of the rule alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from hypothesis import strategies as st

from accounts.models import Membership
from contacts.models import Contact, Note
from emails.models import Access, Door, Email, Link, Privacy, Source, Thread
from emails.queries import Listed
from tests.conftest import Northwind
from tests.emails.factory import BEGINNING, make_message

MEMBERS = ("alice", "ada", "bob")
NOTHING, SUBJECT, FULL = 0, 1, 2
#: Contacts, conversations, and doors, of which the last one is Bob's second.
CONTACTS, THREADS, DOORS = 4, 3, ("alice", "ada", "bob", "bob")


@dataclass(frozen=True)
class OneLink:
    """Whether it is live, and whose it was before contacts were merged."""

    is_live: bool
    merged_from: int | None


@dataclass(frozen=True)
class Mail:
    """An email: by contact the links, by number the doors that it came through, and the minute it was sent in."""

    links: dict[int, OneLink]
    doors: frozenset[int]
    thread: int
    is_deleted: bool
    is_sent: bool
    is_tracked: bool
    at: int


@dataclass(frozen=True)
class OneContact:
    """Its owner where it is private; whether it was deleted; into which, of those after it, it was merged."""

    owner: str | None
    is_deleted: bool
    merged_into: int | None


@dataclass(frozen=True)
class World:
    """An account, and what its members have said of their mail: by door, by (member, contact), by (member, thread).

    ``answers``: what (thread, asker, owner) was answered, None while it waits.
    """

    contacts: list[OneContact]
    mails: list[Mail]
    doors: list[int]
    of_contacts: dict[tuple[str, int], int]
    of_threads: dict[tuple[str, int], int]
    answers: dict[tuple[int, str, str], bool | None]
    notes: list[tuple[int, int]] = field(default_factory=list)

    def sees(self, member: str, contact: int) -> bool:
        """Who can see a contact: all of them, or of a private one its owner; of a deleted one nobody."""
        one = self.contacts[contact]
        return not one.is_deleted and one.merged_into is None and one.owner in {None, member}

    def family(self, contact: int) -> set[int]:
        """A contact and all that were merged into it."""
        merged = [number for number, one in enumerate(self.contacts) if one.merged_into == contact]
        return {contact}.union(*(self.family(one) for one in merged))

    def shown_by(self, door: int, mail: Mail) -> int:
        """What the owner of a door shows of an email that came through it."""
        owner = DOORS[door]
        if (owner, mail.thread) in self.of_threads:
            return self.of_threads[owner, mail.thread]
        # Stored for these contacts, which for those that were merged is as it was.
        own = {
            link.merged_from if link.merged_from is not None else one
            for one, link in mail.links.items()
            if link.is_live
        }
        # The strictest of them; where nothing is said of one, that is the mailbox's.
        opened = [self.of_contacts.get((owner, one), self.doors[door]) for one in own]
        # Ever stored for these, or they became one with them.
        ever = {
            one
            for contact, link in mail.links.items()
            for named in (contact, link.merged_from)
            if named is not None
            for one in self.family(named)
        }
        closed = [said for (who, one), said in self.of_contacts.items() if who == owner and one in ever]
        return min([min(opened, default=self.doors[door]), *closed])

    def access(self, member: str, mail: Mail) -> int:
        """What a member sees of an email, whoever's it is: the best that any sighting grants."""
        if mail.is_deleted or not any(link.is_live and self.sees(member, one) for one, link in mail.links.items()):
            return NOTHING
        return max(self.through(member, door, mail) for door in mail.doors)

    def through(self, member: str, door: int, mail: Mail) -> int:
        """What one sighting of an email shows a member who sees its contact."""
        owner = DOORS[door]
        if owner == member or self.answers.get((mail.thread, member, owner)):
            return FULL
        return self.shown_by(door, mail)

    def shown(
        self,
        member: str,
        *,
        sent: bool | None = None,
        contact: int | None = None,
        by: str | None = None,
        tracked: bool = False,
    ) -> list[int]:
        """The numbers of the emails that a list shows the member, newest first. Search has its place here, too."""
        found = [
            number
            for number, mail in enumerate(self.mails)
            if self.access(member, mail) > NOTHING
            and sent in {None, mail.is_sent}
            # That it is tracked, its subject does not tell.
            and (not tracked or (mail.is_tracked and self.access(member, mail) == FULL))
            and (contact is None or (self.is_stored(mail, contact) and self.sees(member, contact)))
            and (by is None or any(DOORS[door] == by and self.through(member, door, mail) for door in mail.doors))
        ]
        return sorted(found, key=self.place, reverse=True)

    def folded(self, numbers: list[int]) -> list[int]:
        """Of these, newest first, the last of each conversation."""
        last: dict[int, int] = {}
        for number in numbers:
            last.setdefault(self.mails[number].thread, number)
        return list(last.values())

    def in_thread(self, member: str, number: int) -> int:
        thread = self.mails[number].thread
        return sum(mail.thread == thread and self.access(member, mail) > NOTHING for mail in self.mails)

    def counts(self, member: str, numbers: list[int], by: str | None = None) -> dict[str | None, tuple[int, int]]:
        """How many of these came in and went out: all, and of each colleague who has some, as far as one may know."""
        found: dict[str | None, list[int]] = {None: numbers}
        for name in MEMBERS if by is None else (by,):
            mails = [(number, self.mails[number]) for number in numbers]
            own = {door for door, owner in enumerate(DOORS) if owner == name}
            found[name] = [
                number for number, mail in mails if any(self.through(member, door, mail) for door in mail.doors & own)
            ]
        sent = {name: sum(self.mails[number].is_sent for number in mine) for name, mine in found.items()}
        return {name: (len(mine) - sent[name], sent[name]) for name, mine in found.items() if mine or name is None}

    def is_stored(self, mail: Mail, contact: int) -> bool:
        return contact in mail.links and mail.links[contact].is_live

    def stored_for(self, member: str, number: int) -> set[int]:
        """The contacts that have an email and that a member can see."""
        mail = self.mails[number]
        return {contact for contact in mail.links if self.is_stored(mail, contact) and self.sees(member, contact)}

    def place(self, number: int) -> tuple[int, int]:
        return self.mails[number].at, number


# --- Drawing one --------------------------------------------------------------------------------

visibilities = st.sampled_from([2, 1, 0])
members = st.sampled_from(MEMBERS)
contacts = st.integers(0, CONTACTS - 1)
threads = st.integers(0, THREADS - 1)


def seldom(chance: int) -> st.SearchStrategy[bool]:
    return st.sampled_from([False] * chance + [True])


@st.composite
def worlds(draw: st.DrawFn, mails: int = 8) -> World:
    link = st.builds(OneLink, st.sampled_from([True, True, False]), st.one_of(st.none(), st.none(), contacts))
    mail = st.builds(
        Mail,
        links=st.dictionaries(contacts, link, min_size=1, max_size=3),
        doors=st.frozensets(st.integers(0, len(DOORS) - 1), min_size=1, max_size=3),
        thread=threads,
        is_deleted=seldom(5),
        is_sent=st.booleans(),
        is_tracked=seldom(2),
        at=st.integers(0, 3),
    )
    people = []
    for number in range(CONTACTS):
        later = st.integers(number + 1, CONTACTS - 1) if number < CONTACTS - 1 else st.none()
        owner = st.sampled_from([None, None, None, *MEMBERS])
        people.append(draw(st.builds(OneContact, owner, seldom(4), st.one_of(st.none(), st.none(), later))))
    pairs = st.tuples(threads, members, members).filter(lambda asked: asked[1] != asked[2])
    return World(
        contacts=people,
        mails=draw(st.lists(mail, min_size=mails // 2, max_size=mails)),
        doors=[draw(visibilities) for _ in DOORS],
        of_contacts=draw(st.dictionaries(st.tuples(members, contacts), visibilities, max_size=3)),
        of_threads=draw(st.dictionaries(st.tuples(members, threads), visibilities, max_size=2)),
        answers=draw(st.dictionaries(pairs, st.sampled_from([True, True, False, None]), max_size=4)),
        notes=draw(st.lists(st.tuples(contacts, st.integers(0, 3)), max_size=5)),
    )


# --- Making it ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """The rows of a world, in the model's order, and who is who."""

    members: dict[str, Membership]
    contacts: list[Contact]
    emails: list[Email]
    notes: list[Note]

    def numbers(self, found: Iterable[Listed]) -> list[int]:
        place = {email.pk: number for number, email in enumerate(self.emails)}
        return [place[email.id] for email in found]


def build(world: World, cast: Northwind) -> Built:
    """Writes a world, in the scope that is open."""
    who = {"alice": cast.alice, "ada": cast.ada, "bob": cast.bob}
    people = [
        Contact.objects.create(
            last_name=f"C{number}",
            sort_name=f"c{number}",
            owner=who[one.owner] if one.owner else None,
            is_private=one.owner is not None,
            deleted_at=BEGINNING if one.is_deleted or one.merged_into is not None else None,
        )
        for number, one in enumerate(world.contacts)
    ]
    for contact, one in zip(people, world.contacts, strict=True):
        if one.merged_into is not None:
            Contact.objects.filter(pk=contact.pk).update(merged_into=people[one.merged_into])
    doors = [
        Door.objects.create(member=who[owner], kind=Door.Kind.GMAIL, address=f"{number}@door.example", visibility=said)
        for number, (owner, said) in enumerate(zip(DOORS, world.doors, strict=True))
    ]
    conversations = [Thread.objects.create() for _ in range(THREADS)]
    Privacy.objects.bulk_create(
        [
            *(Privacy(member=who[m], contact=people[c], visibility=v) for (m, c), v in world.of_contacts.items()),
            *(Privacy(member=who[m], thread=conversations[t], visibility=v) for (m, t), v in world.of_threads.items()),
        ]
    )
    Access.objects.bulk_create(
        Access(thread=conversations[thread], asker=who[asker], owner=who[owner], is_granted=answer)
        for (thread, asker, owner), answer in world.answers.items()
    )
    emails = [_mail(number, mail, people, doors, conversations) for number, mail in enumerate(world.mails)]
    notes = [
        Note.objects.create(contact=people[number], text="Called.", created_at=BEGINNING + timedelta(minutes=at))
        for number, at in world.notes
    ]
    return Built(who, people, emails, notes)


def _mail(number: int, mail: Mail, people: list[Contact], doors: list[Door], conversations: list[Thread]) -> Email:
    at = BEGINNING + timedelta(minutes=mail.at)
    email = make_message(
        f"{RAW}{number}".encode(),
        sent_at=at,
        thread=conversations[mail.thread],
        direction=Email.Direction.OUTGOING if mail.is_sent else Email.Direction.INCOMING,
        is_tracked=mail.is_tracked,
        deleted_at=at if mail.is_deleted else None,
    )
    Link.objects.bulk_create(
        Link(
            email=email,
            contact=people[one],
            sent_at=at,
            removed_at=None if link.is_live else at,
            merged_from=None if link.merged_from is None else people[link.merged_from],
        )
        for one, link in mail.links.items()
    )
    Source.objects.bulk_create(Source(email=email, door=doors[door], key=f"{number}") for door in mail.doors)
    return email


RAW = """From: Ines Moreau <ines@atelier-lyon.example>
To: alice@northwind.example
Subject: Gate plan
Date: Mon, 02 Mar 2026 09:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/html

<p>The secret words.</p>
--b
Content-Type: text/csv
Content-Disposition: attachment; filename="secret.csv"

gate
--b--
"""


@contextmanager
def undone() -> Iterator[None]:
    """Takes back what one example has written."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
