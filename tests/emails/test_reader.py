"""One email on its page: what it says, who is in it, where it was seen, what can be done."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Door, Email, Party, Visibility
from tests.conftest import Northwind
from tests.emails.conftest import Make
from tests.emails.factory import make_email

FRAGMENT = {"HX-Request": "true"}


def text_of(page: str) -> str:
    """What a person reads of it."""
    return " ".join(re.sub(r"<[^>]*>", " ", re.sub(r"</?bdi[^>]*>", "", page)).split())


def read(client: Client, email: Email) -> str:
    return client.get(f"/email/{email.pk}/", headers=FRAGMENT).content.decode()


def test_it_says_what_who_and_where(bob: Client, email: Make, ines: Contact, northwind: Northwind) -> None:
    to = ["alice@northwind.example", "stranger@mail.example"]
    page = read(bob, email(ines, subject="Gate plan", text="Gate C.", to=to, seen_by=northwind.alice))
    for words in ("Gate plan", "Gate C.", "Ines Moreau", "to alice@northwind.example, stranger@mail.example"):
        assert words in text_of(page)
    assert "In Alice Lindqvist’s mailbox" in text_of(page)
    assert "Alice Lindqvist, of your team" in text_of(page)
    assert "no contact" in text_of(page)
    assert "/contact/?address=stranger%40mail.example" in page


def test_the_whole_page_has_the_list_beside_it(bob: Client, email: Make, ines: Contact) -> None:
    opened, other = email(ines, subject="Gate plan"), email(ines, subject="Invoice")
    page = bob.get(f"/email/{opened.pk}/").content.decode()
    assert f'href="/email/{other.pk}/"' in page
    [marked] = re.findall(r'href="(/email/\d+/)"[^>]*aria-current="true"', page)
    assert marked == f"/email/{opened.pk}/"
    assert "<html" not in read(bob, opened)


def test_browsers_keep_the_page_apart_from_its_reader(bob: Client, email: Make, ines: Contact) -> None:
    """Both have one address: without it Back shows the reader alone."""
    for url in (f"/email/{email(ines).pk}/", "/email/", f"/contacts/{ines.pk}/"):
        assert "HX-Request" in bob.get(url).headers["Vary"]


def test_names_that_run_the_other_way_turn_nothing_around_them(bob: Client, email: Make, ines: Contact) -> None:
    message = email(ines, subject="\u202egpj.exe", sender=("\u202eseni", "ines@atelier-lyon.example"))
    for page in (read(bob, message), bob.get("/email/").content.decode()):
        # An element with a direction of its own keeps it to itself, as <bdi> does.
        assert re.search(r'(<bdi|dir="auto"[^<]*)>\s*\u202egpj.exe</', page)
        assert "<bdi>\u202eseni</bdi>" in page


def test_text_is_text_and_its_links_tell_nothing(bob: Client, email: Make, ines: Contact) -> None:
    page = read(bob, email(ines, subject="<b>Hi</b>", text="<script>x</script> https://mail.example/a"))
    assert "<script>x" not in page
    assert "&lt;b&gt;Hi&lt;/b&gt;" in page
    assert '<a href="https://mail.example/a" rel="nofollow">' in page


def test_quoted_history_is_folded(bob: Client, email: Make, ines: Contact) -> None:
    text = "The 4th works.\n\nOn Mon, 2 Mar 2026 at 10:00, Alice <alice@northwind.example> wrote:\n> Which day?"
    page = read(bob, email(ines, text=text))
    said, _, history = page.partition('<details class="mail-quoted">')
    assert "The 4th works." in said
    assert "Which day?" in history
    assert "Which day?" not in said


def test_a_very_long_text_is_shown_in_part(bob: Client, email: Make, ines: Contact) -> None:
    page = read(bob, email(ines, text="word " * 100_000))
    assert "the rest is in the original" in page
    assert len(page) < 250_000


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("too-large", "This message is larger than 50 MB"),
        ("parser", "This message could not be read Its headers are here (parser)."),
    ],
)
def test_it_says_why_only_the_headers_are_here(
    bob: Client, email: Make, ines: Contact, problem: str, words: str
) -> None:
    assert words in text_of(read(bob, email(ines, problem=problem, text="")))


def test_the_conversation_is_around_it_as_far_as_one_sees_it(
    bob: Client, alice: Client, email: Make, ines: Contact, secret: Contact
) -> None:
    first = email(ines, snippet="Which day?")
    second = email(ines, thread=first.thread, text="The 4th.")
    email(secret, thread=first.thread, snippet="For Bob alone.")
    assert "Which day?" in read(alice, second)
    assert "For Bob alone." not in read(alice, second)
    assert "For Bob alone." in read(bob, second)


class TestWhoIsInIt:
    def test_each_contact_with_the_address_says_how_it_stands(
        self, bob: Client, alice: Client, email: Make, ines: Contact, secret: Contact
    ) -> None:
        """R15: the second contact with the same address is offered; another's private one is not even named."""
        message = email(ines)
        page = read(bob, message)
        assert "Ines Moreau From · ines@atelier-lyon.example Stored" in text_of(page)
        assert "Jo Berg From · ines@atelier-lyon.example Store here too for Jo Berg" in text_of(page)
        assert "Jo Berg" not in read(alice, message)

    def test_it_is_stored_and_removed_with_one_click(
        self, bob: Client, email: Make, ines: Contact, paul: Contact
    ) -> None:
        message = email(ines, to=["paul@atelier-lyon.example"])
        url = f"/email/{message.pk}/"
        page = bob.post(f"{url}store/", {"contact": paul.pk, "next": url}, follow=True).content.decode()
        assert "Stored for Paul Girard." in page
        page = bob.post(f"{url}unstore/", {"contact": ines.pk, "next": url}, follow=True).content.decode()
        assert "Removed “Offer” from Ines Moreau." in page
        assert "Gate" not in page

    def test_one_that_was_moved_elsewhere_is_shown_too(self, bob: Client, email: Make, paul: Contact) -> None:
        assert "not among the addresses any more" in read(bob, email(paul, to=[]))

    def test_a_form_without_a_contact_changes_nothing(self, bob: Client, email: Make, ines: Contact) -> None:
        url = f"/email/{email(ines).pk}/"
        assert "Choose a contact" in bob.post(f"{url}store/", {"next": url}, follow=True).content.decode()


class TestConversation:
    def test_a_message_opens_in_its_place(self, bob: Client, email: Make, ines: Contact, northwind: Northwind) -> None:
        first = email(ines, text="Which day?", seen_by=northwind.ada)
        second = email(ines, thread=first.thread)
        page = read(bob, second)
        assert f'hx-get="/email/{first.pk}/message/"' in page
        assert "in Ada Okafor’s mailbox" in page
        message = bob.get(f"/email/{first.pk}/message/", headers=FRAGMENT).content.decode()
        assert "Which day?" in message
        assert "<html" not in message
        assert bob.get(f"/email/{first.pk}/message/").headers["Location"] == f"/email/{first.pk}/"

    def test_of_a_long_one_the_rest_comes_on_both_sides(self, bob: Client, email: Make, ines: Contact) -> None:
        first = email(ines)
        emails = [first, *(email(ines, thread=first.thread) for _ in range(99))]
        page = text_of(read(bob, emails[50]))
        assert "30 earlier emails" in page
        assert "29 later emails" in page
        for side, edge, count in (("earlier", 30, 30), ("later", 70, 29)):
            url = f"/email/{emails[edge].pk}/thread/?side={side}"
            more = bob.get(url, headers=FRAGMENT).content.decode()
            assert more.count("data-unfold") == count
            assert f"{side} email" not in text_of(more)

    def test_a_hundred_cost_as_much_as_two(self, bob: Client, email: Make, ines: Contact, northwind: Northwind) -> None:
        counts = []
        for length in (1, 99):
            first = email(ines, seen_by=northwind.ada)
            for _ in range(length):
                email(ines, thread=first.thread, seen_by=northwind.bob)
            read(bob, first)
            for path in ("", "message/", "thread/", "print/?all"):
                with CaptureQueriesContext(connection) as queries:
                    bob.get(f"/email/{first.pk}/{path}", headers=FRAGMENT)
                counts.append(len(queries))
        assert counts[:4] == counts[4:]

    def test_who_sees_the_subject_alone_sees_whom_to_ask(
        self, bob: Client, ines: Contact, northwind: Northwind
    ) -> None:
        """R37: and can do nothing with it, nor read it in any other way."""
        with tenant_scope(northwind.tenant.pk):
            email = make_email(ines, text="A secret.", seen_by=northwind.alice)
            Door.objects.update(visibility=Visibility.SUBJECT)
        page = read(bob, email)
        assert "Only the subject is shared with you" in page
        assert "A secret." not in page
        for words in ("Move to another contact", "Store here", "Delete"):
            assert words not in page
        for path in ("body/", "raw/", "original/", "print/", "attachments/", "attachments/0/view/"):
            assert bob.get(f"/email/{email.pk}/{path}").status_code == 403
        for deed in ("store/", "unstore/", "move/"):
            values = {"contact": ines.pk, "from": ines.pk}
            assert bob.post(f"/email/{email.pk}/{deed}", values).status_code == 403


class TestMoving:
    """R16."""

    def test_what_one_types_finds_the_contact(self, bob: Client, email: Make, ines: Contact, paul: Contact) -> None:
        message = email(ines)
        url = f"/email/{message.pk}/choose/?from={ines.pk}"
        found = bob.get(f"{url}&q=gira", headers=FRAGMENT).content.decode()
        assert re.findall(r'name="contact"\s+value="(\d+)"', found) == [str(paul.pk)]
        assert "<dialog" not in found
        assert "<dialog" in bob.get(url, headers=FRAGMENT).content.decode()
        assert "<html" in bob.get(f"{url}&q=gira").content.decode()
        assert "No contact is called “nobody”" in bob.get(f"{url}&q=nobody", headers=FRAGMENT).content.decode()

    def test_nobody_finds_anothers_private_contact(
        self, alice: Client, bob: Client, email: Make, ines: Contact, secret: Contact
    ) -> None:
        message = email(ines)
        url = f"/email/{message.pk}/choose/?q=berg"
        assert "Jo Berg" in bob.get(url).content.decode()
        assert "Jo Berg" not in alice.get(url).content.decode()
        values = {"from": ines.pk, "contact": secret.pk}
        assert alice.post(f"/email/{message.pk}/move/", values).status_code == 404

    def test_one_click_moves_and_another_takes_it_back(
        self, bob: Client, email: Make, ines: Contact, paul: Contact
    ) -> None:
        message = email(ines)
        values = {"from": ines.pk, "contact": paul.pk, "next": f"/email/{message.pk}/"}
        page = bob.post(f"/email/{message.pk}/move/", values, follow=True).content.decode()
        assert "Moved from Ines Moreau to Paul Girard." in page
        assert "Paul Girard put here by Bob Marsh Stored" in text_of(page)
        undo_id = re.findall(r'name="id"\s+value="(\d+)"', page)[-1]
        page = bob.post("/undo/", {"id": undo_id}, follow=True).content.decode()
        assert "Moved back to Ines Moreau." in page

    def test_without_a_contact_nothing_is_moved(self, bob: Client, email: Make, ines: Contact) -> None:
        url = f"/email/{email(ines).pk}/"
        for values in ({}, {"from": ines.pk}, {"from": ines.pk, "contact": "x" * 99}):
            page = bob.post(f"{url}move/", {**values, "next": url}, follow=True).content.decode()
            assert "Choose a contact" in page


class TestOddMail:
    """Bad input is shown sensibly."""

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"subject": ""}, "(no subject)"),
            ({"sender": ("", "")}, "?"),
            ({"to": []}, "to nobody named"),
            ({"text": "", "snippet": ""}, "This message has no text."),
            ({"sent_at": datetime(1, 1, 2, tzinfo=UTC)}, "Offer"),
            ({"sent_at": datetime(9999, 12, 30, tzinfo=UTC)}, "Offer"),
            ({"subject": "🦊" * 400, "text": "w" * 1_000_000, "snippet": ""}, "the rest is in the original"),
            ({"sender": ("דנה\u202e", "dana@mail.example"), "subject": "\u202egpj"}, "דנה"),
        ],
    )
    def test_it_says_what_there_is(
        self, bob: Client, email: Make, ines: Contact, fields: dict[str, Any], words: str
    ) -> None:
        message = email(ines, **fields)
        assert words in text_of(read(bob, message))
        for url in (f"/email/{message.pk}/", f"/contacts/{ines.pk}/", f"/email/{message.pk}/print/?all"):
            assert bob.get(url).status_code == 200


class TestGone:
    def test_after_deleting_the_next_of_the_list_opens(self, bob: Client, email: Make, ines: Contact) -> None:
        below = email(ines, subject="Below")
        email(ines, subject="In another box", direction=Email.Direction.OUTGOING)
        first = email(ines)
        email(ines, thread=first.thread)
        page = bob.post(f"/email/{first.pk}/delete/?box=incoming", follow=True)
        assert page.redirect_chain[0][0] == f"/email/{below.pk}/?box=incoming"
        assert "Deleted “Offer”." in page.content.decode()

    def test_with_the_last_contact_that_one_sees_it_leads_to_the_list(
        self, bob: Client, email: Make, ines: Contact
    ) -> None:
        url = f"/email/{email(ines).pk}/"
        answer = bob.post(f"{url}unstore/", {"contact": ines.pk, "next": url})
        assert answer.headers["Location"] == "/email/"

    def test_deleting_tells_and_offers_to_undo(self, bob: Client, email: Make, ines: Contact) -> None:
        message = email(ines)
        page = bob.post(f"/email/{message.pk}/delete/?box=incoming", follow=True)
        assert page.redirect_chain[0][0] == "/email/?box=incoming"
        text = page.content.decode()
        assert "Deleted “Offer”." in text
        undo_id = re.search(r'name="id"\s+value="(\d+)"', text)
        assert undo_id is not None
        bob.post("/undo/", {"id": undo_id[1]})
        assert bob.get(f"/email/{message.pk}/").status_code == 200

    @pytest.mark.parametrize("deed", ["", "delete/", "store/", "unstore/"])
    def test_who_comes_too_late_is_told(
        self, bob: Client, alice: Client, email: Make, ines: Contact, deed: str
    ) -> None:
        message = email(ines)
        alice.post(f"/email/{message.pk}/delete/")
        url = f"/email/{message.pk}/{deed}"
        page = bob.post(url, {"contact": ines.pk}, follow=True) if deed else bob.get(url, follow=True)
        assert page.redirect_chain[0][0] == "/email/"
        assert "somebody has deleted it" in page.content.decode()

    def test_the_word_about_it_is_not_lost_on_htmx(
        self, bob: Client, alice: Client, email: Make, ines: Contact
    ) -> None:
        """htmx would follow a redirect unseen, and put a whole page where the reader is."""
        message = email(ines)
        alice.post(f"/email/{message.pk}/delete/")
        answer = bob.get(f"/email/{message.pk}/", headers=FRAGMENT)
        assert (answer.status_code, answer.headers["HX-Redirect"], answer.content) == (200, "/email/", b"")
        assert "somebody has deleted it" in bob.get("/email/").content.decode()

    def test_who_never_saw_it_is_told_nothing(self, alice: Client, email: Make, secret: Contact) -> None:
        message = email(secret)
        assert alice.get(f"/email/{message.pk}/").status_code == 404
        assert alice.post(f"/email/{message.pk}/delete/").status_code == 404


def test_bcc_is_shown_to_the_sender_alone(
    northwind: Northwind, ines: Contact, client_of: Callable[[Membership], Client]
) -> None:
    """R1."""
    with tenant_scope(northwind.tenant.pk):
        sent = make_email(ines, direction=Email.Direction.OUTGOING, sender=("Bob", "bob@northwind.example"))
        Party.objects.create(email=sent, role=Party.Role.BCC, address="quiet@mail.example", position=7)
    assert "quiet@mail.example" in read(client_of(northwind.bob), sent)
    assert "quiet@mail.example" not in read(client_of(northwind.alice), sent)


def test_it_costs_the_same_whoever_is_in_it(bob: Client, northwind: Northwind, ines: Contact, paul: Contact) -> None:
    with tenant_scope(northwind.tenant.pk):
        small = make_email(ines, seen_by=northwind.alice)
        to = [f"{number}@mail.example" for number in range(40)] + ["paul@atelier-lyon.example"]
        large = make_email(ines, paul, to=to, seen_by=northwind.alice)
        for _ in range(4):
            make_email(ines, paul, thread=large.thread)
    read(bob, small)
    counts = []
    for message in (small, large):
        with CaptureQueriesContext(connection) as queries:
            bob.get(f"/email/{message.pk}/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
