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
from emails.models import Door, Visibility
from tests.conftest import Northwind
from tests.emails.conftest import Make
from tests.emails.factory import WITH_A_FILE, make_email, make_message
from tests.emails.test_reader import text_of

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


@pytest.mark.parametrize("query", ["", "?tab=emails&view=conversations"])
def test_it_costs_the_same_with_many_entries(
    bob: Client, email: Make, noted: Contact, paul: Contact, query: str
) -> None:
    email(noted)
    url = f"/contacts/{noted.pk}/{query}"
    bob.get(url)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            bob.get(url)
        counts.append(len(queries))
        for _ in range(10):
            email(noted, paul, to=["a@mail.example", "b@mail.example"])
    assert counts[0] == counts[1]


class TestConversations:
    def test_each_is_one_entry_with_its_count(self, bob: Client, email: Make, ines: Contact, paul: Contact) -> None:
        first = email(ines, subject="Which day?")
        email(ines, subject="Re: Which day?", thread=first.thread)
        email(paul, subject="Re: Re: Which day?", thread=first.thread)
        email(ines, subject="Invoice")
        page = bob.get(f"/contacts/{ines.pk}/?tab=emails&view=conversations").content.decode()
        assert re.findall(r"<bdi>([^<]*Which day\?|Invoice)</bdi>", page) == ["Invoice", "Re: Which day?"]
        assert '3<span class="visually-hidden"> emails</span>' in page
        assert "?tab=all&amp;view=conversations" in page

    def test_older_ones_come_by_the_cursor_and_none_twice(self, bob: Client, email: Make, ines: Contact) -> None:
        for _ in range(22):
            email(ines, thread=email(ines).thread)
        page = bob.get(f"/contacts/{ines.pk}/?tab=emails&view=conversations").content.decode()
        url = re.search(r'hx-get="([^"]+cursor[^"]+)"', page)
        assert url is not None
        more = bob.get(url[1].replace("&amp;", "&"), headers=FRAGMENT).content.decode()
        found = re.findall(r'<li id="email-(\d+)"', page + more)
        assert len(found) == len(set(found)) == 22

    def test_it_opens_in_place_with_all_that_one_sees(
        self, alice: Client, email: Make, ines: Contact, paul: Contact, secret: Contact
    ) -> None:
        last = email(ines, snippet="The 4th.", thread=email(paul, snippet="Which day?").thread)
        email(secret, snippet="For Bob alone.", thread=last.thread)
        url = f"/email/{last.pk}/thread/?tab=emails&contact={ines.pk}"
        page = alice.get(url, headers=FRAGMENT).content.decode()
        assert page.index("Which day?") < page.index("The 4th.")
        assert "For Bob alone." not in page
        assert alice.get(url).headers["Location"] == f"/email/{last.pk}/"


class TestInPlace:
    def test_a_message_comes_with_its_files_and_what_can_be_done(
        self, bob: Client, northwind: Northwind, ines: Contact, paul: Contact
    ) -> None:
        with tenant_scope(northwind.tenant.pk):
            message = make_message(WITH_A_FILE, ines, to=["paul@atelier-lyon.example"])
        page = bob.get(f"/email/{message.pk}/message/?tab=emails&contact={ines.pk}", headers=FRAGMENT).content.decode()
        assert "<html" not in page
        for words in ("Here is the plan.", "gate-plan.pdf", "Stored for Ines Moreau", "Store here for Paul Girard"):
            assert words in text_of(page)
        assert 'aria-label="Remove from this contact"' in page
        assert f'value="/contacts/{ines.pk}/?contact={ines.pk}&amp;tab=emails"' in page

    def test_htmx_takes_it_off_and_the_timeline_stays(self, bob: Client, email: Make, ines: Contact) -> None:
        """R17: the word about it says that with its last contact it is gone."""
        message = email(ines)
        answer = bob.post(f"/email/{message.pk}/unstore/", {"contact": ines.pk}, headers=FRAGMENT)
        page = answer.content.decode()
        assert "Removed “Offer” from Ines Moreau. It was stored for nobody else: it is deleted." in page
        assert 'hx-swap-oob="beforeend:#toasts"' in page
        assert entries(page) == []


def test_it_says_who_else_has_the_address_and_the_email(
    bob: Client, alice: Client, email: Make, ines: Contact, paul: Contact, secret: Contact
) -> None:
    """R5; nobody is told of another's private contact."""
    email(ines, paul)
    url = f"/contacts/{ines.pk}/"
    page = text_of(bob.get(url).content.decode())
    assert "Jo Berg has ines@atelier-lyon.example too" in page
    assert "also for Paul Girard" in page
    assert "Jo Berg" not in alice.get(url).content.decode()


def test_of_an_email_that_is_not_shared_the_timeline_shows_the_subject(
    bob: Client, northwind: Northwind, ines: Contact
) -> None:
    """R37."""
    with tenant_scope(northwind.tenant.pk):
        hidden = make_email(ines, subject="Salary", snippet="A secret.", text="A secret.", seen_by=northwind.alice)
        Door.objects.update(visibility=Visibility.SUBJECT)
    page = bob.get(f"/contacts/{ines.pk}/").content.decode()
    opened = bob.get(f"/email/{hidden.pk}/message/?contact={ines.pk}", headers=FRAGMENT).content.decode()
    assert "Subject only" in page
    for shown in (page, opened):
        assert "A secret." not in shown
    assert "Only the subject is shared with you" in opened
    assert "Remove from this contact" not in opened
