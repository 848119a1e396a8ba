"""R37: pages and API show exactly what a plain model of the rule says, for random accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import Membership
from contacts.models import Contact, Note
from crm.lib.tenancy import tenant_scope
from emails import queries
from emails.models import Email, Link, Party
from emails.queries import Box, Kind, Wanted
from tests.conftest import ApiOf, Globex, Northwind
from tests.emails.factory import BEGINNING, make_email

FEW = settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
#: Who owns a contact that is private; None for one that all see.
owners = st.sampled_from([None, None, "alice", "ada", "bob"])
links = st.dictionaries(st.integers(0, 4), st.booleans(), max_size=3)


@dataclass(frozen=True)
class Mail:
    """An email of the model: for which contacts there is a link, and whether it is live."""

    links: dict[int, bool]
    is_deleted: bool
    is_sent: bool
    #: In minutes; many are of one moment.
    at: int


@dataclass(frozen=True)
class World:
    """An account: contacts by (owner if private, deleted), emails, and notes by (contact, minute)."""

    contacts: list[tuple[str | None, bool]]
    mails: list[Mail]
    notes: list[tuple[int, int]] = field(default_factory=list)

    def sees(self, member: str, contact: int) -> bool:
        owner, is_deleted = self.contacts[contact]
        return not is_deleted and owner in {None, member}

    def shown(self, member: str, *, sent: bool | None = None, contact: int | None = None) -> list[int]:
        """The numbers of the emails that the member sees, newest first."""
        found = [
            number
            for number, mail in enumerate(self.mails)
            if not mail.is_deleted
            and sent in {None, mail.is_sent}
            and any(
                is_live and self.sees(member, one) and contact in {None, one} for one, is_live in mail.links.items()
            )
        ]
        return sorted(found, key=lambda number: (self.mails[number].at, number), reverse=True)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    contacts = draw(st.lists(st.tuples(owners, st.sampled_from([False, False, False, True])), min_size=5, max_size=5))
    mail = st.builds(Mail, links, st.sampled_from([False, False, True]), st.booleans(), st.integers(0, 3))
    notes = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=6))
    return World(contacts, draw(st.lists(mail, max_size=9)), notes)


@dataclass(frozen=True)
class Built:
    """The rows of a world, in the model's order."""

    contacts: list[Contact]
    emails: list[Email]
    notes: list[Note]


def build(world: World, cast: Northwind) -> Built:
    members = {"alice": cast.alice, "ada": cast.ada, "bob": cast.bob}
    contacts = [
        Contact.objects.create(
            last_name=f"C{number}",
            sort_name=f"c{number}",
            owner=members[owner] if owner else None,
            is_private=owner is not None,
            deleted_at=BEGINNING if is_deleted else None,
        )
        for number, (owner, is_deleted) in enumerate(world.contacts)
    ]
    emails = []
    for mail in world.mails:
        at = BEGINNING + timedelta(minutes=mail.at)
        direction = Email.Direction.OUTGOING if mail.is_sent else Email.Direction.INCOMING
        email = make_email(sent_at=at, direction=direction, deleted_at=at if mail.is_deleted else None)
        for contact, is_live in mail.links.items():
            removed_at = None if is_live else at
            Link.objects.create(email=email, contact=contacts[contact], sent_at=at, removed_at=removed_at)
        emails.append(email)
    notes = [
        Note.objects.create(contact=contacts[number], text="Called.", created_at=BEGINNING + timedelta(minutes=at))
        for number, at in world.notes
    ]
    return Built(contacts, emails, notes)


@pytest.fixture
def walk() -> Callable[[Callable[..., Any]], list[Any]]:
    """All items of a list that is asked for in pages of two, forward; and back again, which must be the same."""

    def take(page_of: Callable[..., Any]) -> list[Any]:
        pages = [page_of(cursor=None, limit=2)]
        while pages[-1].next:
            pages.append(page_of(cursor=pages[-1].next, limit=2))
        back = [pages[-1]]
        while back[-1].previous:
            back.append(page_of(cursor=back[-1].previous, limit=2))
        items = [item for page in pages for item in page.items]
        assert [item for page in reversed(back) for item in page.items] == items
        return items

    return take


def numbers(items: list[Any], rows: list[Any]) -> list[int]:
    """The model's numbers of rows."""
    place = {row.pk: number for number, row in enumerate(rows)}
    return [place[item if isinstance(item, int) else item.pk] for item in items]


@FEW
@given(world=worlds())
def test_queries_show_what_the_model_says(
    world: World, northwind: Northwind, walk: Callable[[Callable[..., Any]], list[Any]]
) -> None:
    with tenant_scope(northwind.tenant.pk), undone():
        built = build(world, northwind)
        for name, member in named(northwind):
            for box, sent in ((Box.ALL, None), (Box.INCOMING, False), (Box.SENT, True)):
                shown = walk(lambda **at: queries.email_page(member, Wanted(box), **at))  # noqa: B023  # Used at once.
                assert numbers(shown, built.emails) == world.shown(name, sent=sent)
            for number, contact in enumerate(built.contacts):
                wanted = Wanted(contact=contact.pk)
                shown = walk(lambda **at: queries.email_page(member, wanted, **at))  # noqa: B023
                assert numbers(shown, built.emails) == world.shown(name, contact=number)
            for number, email in enumerate(built.emails):
                assert queries.is_visible(member, email.pk) == (number in world.shown(name))


@FEW
@given(world=worlds())
def test_timelines_weave_emails_and_notes_by_time(
    world: World, northwind: Northwind, walk: Callable[[Callable[..., Any]], list[Any]]
) -> None:
    with tenant_scope(northwind.tenant.pk), undone():
        built = build(world, northwind)
        for name, member in named(northwind):
            for number, contact in enumerate(built.contacts):
                if not world.sees(name, number):
                    continue
                mails = [(world.mails[one].at, 1, built.emails[one].pk) for one in world.shown(name, contact=number)]
                notes = [
                    (at, 0, note.pk) for (of, at), note in zip(world.notes, built.notes, strict=True) if of == number
                ]
                for kind, expected in ((Kind.ALL, mails + notes), (Kind.EMAILS, mails), (Kind.NOTES, notes)):
                    shown = walk(lambda **at: queries.timeline_page(member, contact, kind, **at))  # noqa: B023
                    keys = [(0, one.pk) if isinstance(one, Note) else (1, one.email_id) for one in shown]
                    assert keys == [key[1:] for key in sorted(expected, reverse=True)]


@settings(FEW, max_examples=2)
@given(world=worlds())
def test_pages_and_the_api_show_the_same(
    world: World, northwind: Northwind, api_of: ApiOf, client_of: Callable[[Membership], Client]
) -> None:
    with undone():
        with tenant_scope(northwind.tenant.pk):
            built = build(world, northwind)
        for name, member in named(northwind):
            program, person = api_of(member), client_of(member)
            for box, sent in (("all", None), ("incoming", False), ("sent", True)):
                expected = [built.emails[one].pk for one in world.shown(name, sent=sent)]
                assert ids_of_api(program, f"/api/v1/emails/?box={box}&limit=3") == expected
                assert ids_of_page(person, f"/email/?box={box}") == expected
            for number, contact in enumerate(built.contacts[:3]):
                timeline = program.get(f"/api/v1/contacts/{contact.pk}/timeline/?kind=emails&limit=200")
                page = person.get(f"/contacts/{contact.pk}/?tab=emails")
                assert (timeline.status_code == 200) == (page.status_code == 200) == world.sees(name, number)
                if page.status_code == 200:
                    expected = [built.emails[one].pk for one in world.shown(name, contact=number)]
                    assert [one["email"]["id"] for one in timeline.json()["results"]] == expected
                    assert [int(one) for one in re.findall(r'<li id="email-(\d+)"', page.content.decode())] == expected
            for number, email in enumerate(built.emails):
                status = 200 if number in world.shown(name) else 404
                assert program.get(f"/api/v1/emails/{email.pk}/").status_code == status


def test_another_account_sees_nothing_of_it(northwind: Northwind, globex: Globex, api_of: ApiOf) -> None:
    with tenant_scope(northwind.tenant.pk):
        make_email(Contact.objects.create(last_name="Moreau", sort_name="moreau"))
    assert api_of(globex.charlie).get("/api/v1/emails/").json()["results"] == []
    assert len(api_of(northwind.bob).get("/api/v1/emails/").json()["results"]) == 1


def named(cast: Northwind) -> list[tuple[str, Membership]]:
    return [("alice", cast.alice), ("ada", cast.ada), ("bob", cast.bob)]


@contextmanager
def undone() -> Iterator[None]:
    """Takes back what one example has written."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ids_of_api(program: APIClient, url: str) -> list[int]:
    ids: list[int] = []
    while url:
        page = program.get(url).json()
        ids += [one["id"] for one in page["results"]]
        url = page["next"]
    return ids


def ids_of_page(person: Client, url: str) -> list[int]:
    page = person.get(url).content.decode()
    return [int(one) for one in re.findall(r'name="ids"\s+value="(\d+)"', page)]


@pytest.mark.usefixtures("scope")
def test_bcc_is_shown_to_who_sent_it_alone(northwind: Northwind, ines: Contact) -> None:
    """R1."""
    email = make_email(
        ines,
        direction=Email.Direction.OUTGOING,
        sender=("Alice", "alice@northwind.example"),
        to=["ines@atelier-lyon.example"],
        seen_by=northwind.alice,
    )
    Party.objects.create(email=email, role=Party.Role.BCC, address="secret@mail.example", position=9)
    seen = {
        member: "secret@mail.example" in [who.party.address for who in queries.open_email(member, email.pk).parties]
        for member in (northwind.alice, northwind.ada, northwind.bob)
    }
    assert seen == {northwind.alice: True, northwind.ada: False, northwind.bob: False}
