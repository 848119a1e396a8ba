"""The Email page: boxes, groups by day, more on request, deleting many."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact
from emails.models import Email
from tests.emails.conftest import Make

FRAGMENT = {"HX-Request": "true"}


def shown(page: str) -> list[str]:
    return re.findall(r'aria-label="Select ([^"]+)"', page)


def test_who_has_no_email_is_told_what_to_do(bob: Client) -> None:
    page = bob.get("/email/").content.decode()
    assert "No emails yet" in page
    assert "Connect a mailbox" in page
    assert "Nothing in this box" in bob.get("/email/?box=sent").content.decode()


def test_boxes_part_what_came_from_what_was_sent(bob: Client, email: Make, ines: Contact) -> None:
    email(ines, subject="Came")
    email(ines, subject="Went", direction=Email.Direction.OUTGOING)
    for box, subjects in (("", ["Went", "Came"]), ("?box=incoming", ["Came"]), ("?box=sent", ["Went"])):
        assert shown(bob.get(f"/email/{box}").content.decode()) == subjects
    assert shown(bob.get("/email/?box=nonsense").content.decode()) == ["Went", "Came"]


def test_a_row_says_who_what_when_and_for_whom(bob: Client, email: Make, ines: Contact, secret: Contact) -> None:
    email(ines, secret, subject="", snippet="About the gate.", has_attachments=True)
    page = bob.get("/email/").content.decode()
    for words in ("(no subject)", "About the gate.", "Ines Moreau", "Jo Berg", "With attachments", "2 Mar"):
        assert words in page


def test_days_part_the_rows(bob: Client, email: Make, ines: Contact) -> None:
    for ago in (0, 0, 1, 200, 201):
        email(ines, sent_at=timezone.now() - timedelta(days=ago))
    headings = re.findall(r'<li class="list-title"><h2>([^<]+)</h2>', bob.get("/email/").content.decode())
    assert headings[:2] == ["Today", "Yesterday"]
    assert len(headings) == len(set(headings)) <= 4


def test_more_rows_come_by_the_cursor_without_a_heading_again(bob: Client, email: Make, ines: Contact) -> None:
    for number in range(53):
        email(ines, subject=f"Nr {number:02}")
    page = bob.get("/email/").content.decode()
    url = re.search(r'hx-get="([^"]+cursor[^"]+)"', page)
    assert url is not None
    more = bob.get(url[1].replace("&amp;", "&"), headers=FRAGMENT).content.decode()
    assert shown(page) + shown(more) == [f"Nr {number:02}" for number in reversed(range(53))]
    assert "<h2>" not in more
    assert "Show more" not in more


@pytest.mark.parametrize("query", ["?cursor=nonsense", "?cursor=", "?group=%00&cursor=x"])
def test_a_bad_cursor_shows_the_first_page(bob: Client, email: Make, ines: Contact, query: str) -> None:
    email(ines)
    assert shown(bob.get(f"/email/{query}").content.decode()) == ["Offer"]


def test_many_are_deleted_at_once(bob: Client, email: Make, ines: Contact) -> None:
    ids = [email(ines, subject=subject).pk for subject in ("One", "Two", "Three")]
    page = bob.post("/email/delete/", {"ids": [*ids[:2], "nonsense", "9" * 40]}, follow=True).content.decode()
    assert "Deleted 2 emails." in page
    assert shown(page) == ["Three"]
    assert "No email was selected." in bob.post("/email/delete/", follow=True).content.decode()


def test_it_costs_the_same_with_many_rows(bob: Client, email: Make, ines: Contact, paul: Contact) -> None:
    email(ines)
    bob.get("/email/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            bob.get("/email/")
        counts.append(len(queries))
        for _ in range(12):
            email(ines, paul, to=["a@mail.example", "b@mail.example"])
    assert counts[0] == counts[1]
