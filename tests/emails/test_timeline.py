"""R38: a contact's page has All, Emails and Notes."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts import operations as contacts
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.emails.conftest import Make

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def noted(northwind: Northwind, ines: Contact) -> Contact:
    """Ines, with a note."""
    with tenant_scope(northwind.tenant.pk):
        contacts.create_note(actor=northwind.bob, contact=ines, text="Likes tea.")
    return ines


def entries(page: str) -> list[str]:
    return re.findall(r'<li id="(email|note)-\d+"', page)


def test_each_tab_shows_its_own(bob: Client, email: Make, noted: Contact) -> None:
    email(noted)
    url = f"/contacts/{noted.pk}/"
    for query, shown in (("", ["note", "email"]), ("?tab=emails", ["email"]), ("?tab=notes", ["note"])):
        page = bob.get(f"{url}{query}").content.decode()
        assert entries(page) == shown
        assert ('name="text"' in page) == (query != "?tab=emails")
    assert entries(bob.get(f"{url}?tab=nonsense").content.decode()) == ["note", "email"]


def test_what_is_empty_says_what_would_be_there(bob: Client, ines: Contact) -> None:
    url = f"/contacts/{ines.pk}/"
    for query, words in (("", "Nothing yet"), ("?tab=emails", "No emails yet"), ("?tab=notes", "No notes yet")):
        assert words in bob.get(f"{url}{query}").content.decode()


def test_a_note_written_above_all_is_seen_among_all(bob: Client, email: Make, ines: Contact) -> None:
    email(ines)
    url = f"/contacts/{ines.pk}/notes/?tab=all"
    fragment = bob.post(url, {"text": "Likes tea."}, headers=FRAGMENT).content.decode()
    assert entries(fragment) == ["note", "email"]
    page = bob.post(url, {"text": "Not coffee."}, follow=True)
    assert page.redirect_chain[0][0] == f"/contacts/{ines.pk}/?tab=all"
    assert entries(page.content.decode()) == ["note", "note", "email"]


def test_older_entries_come_by_the_cursor(bob: Client, email: Make, noted: Contact) -> None:
    for _ in range(22):
        email(noted)
    page = bob.get(f"/contacts/{noted.pk}/?tab=all").content.decode()
    url = re.search(r'hx-get="([^"]+cursor[^"]+)"', page)
    assert url is not None
    more = bob.get(url[1].replace("&amp;", "&"), headers=FRAGMENT).content.decode()
    assert len(entries(page)) == 20
    assert len(entries(more)) == 3
    assert "<html" not in more


def test_an_email_is_removed_from_this_contact_alone(bob: Client, email: Make, ines: Contact, paul: Contact) -> None:
    """R17."""
    message = email(ines, paul)
    url = f"/contacts/{ines.pk}/?tab=emails"
    page = bob.post(f"/email/{message.pk}/unstore/", {"contact": ines.pk, "next": url}, follow=True)
    assert page.redirect_chain[0][0] == url
    assert "Removed “Offer” from Ines Moreau." in page.content.decode()
    assert entries(page.content.decode()) == []
    assert entries(bob.get(f"/contacts/{paul.pk}/").content.decode()) == ["email"]


def test_it_costs_the_same_with_many_entries(bob: Client, email: Make, noted: Contact, paul: Contact) -> None:
    email(noted)
    url = f"/contacts/{noted.pk}/"
    bob.get(url)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            bob.get(url)
        counts.append(len(queries))
        for _ in range(10):
            email(noted, paul, to=["a@mail.example", "b@mail.example"])
    assert counts[0] == counts[1]
