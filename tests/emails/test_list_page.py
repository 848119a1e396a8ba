"""The Email page: boxes, groups by day, more on request, deleting many."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts import operations as contacts
from contacts.filters import Criteria, Selection
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Door, Email, Visibility
from emails.queries import Box, counting, judging
from tests.conftest import Northwind
from tests.emails.conftest import INES, Make
from tests.emails.factory import BEGINNING

FRAGMENT = {"HX-Request": "true"}


def shown(page: str) -> list[str]:
    return re.findall(r'aria-label="Select ([^"]+)"', page)


def text_of(page: str) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split()).replace(" ,", ",")


def test_who_has_no_email_is_told_what_to_do(bob: Client) -> None:
    page = bob.get("/email/").content.decode()
    assert "No emails yet" in page
    assert "Connect a mailbox" in page
    for box, words in (
        ("sent", "Nothing in this box"),
        ("incoming", "Nothing in this box"),
        ("tracked", "Nothing is tracked yet"),
        ("quotes", "No quotes yet"),
        ("drafts", "No drafts"),
    ):
        assert words in bob.get(f"/email/?box={box}").content.decode()


def test_boxes_part_what_came_from_what_was_sent(bob: Client, email: Make, ines: Contact) -> None:
    email(ines, subject="Came")
    email(ines, subject="Went", direction=Email.Direction.OUTGOING)
    for box, subjects in (("", ["Went", "Came"]), ("?box=incoming", ["Came"]), ("?box=sent", ["Went"])):
        assert shown(bob.get(f"/email/{box}").content.decode()) == subjects
    assert shown(bob.get("/email/?box=nonsense").content.decode()) == ["Went", "Came"]


def test_a_row_says_who_what_when_and_for_whom(bob: Client, email: Make, ines: Contact, secret: Contact) -> None:
    email(ines, secret, subject="", snippet="About the gate.", has_attachments=True, sent_at=BEGINNING)
    page = bob.get("/email/").content.decode()
    for words in ("(no subject)", "About the gate.", "Ines Moreau", "Jo Berg", "With attachments", "2 Mar"):
        assert words in page


def test_days_part_the_rows(bob: Client, email: Make, ines: Contact) -> None:
    for ago in (0, 0, 1, 200, 201):
        email(ines, sent_at=timezone.now() - timedelta(days=ago))
    headings = re.findall(r'<li class="list-title"><h2>([^<]+)</h2>', bob.get("/email/").content.decode())
    assert headings[:2] == ["Today", "Yesterday"]
    assert len(headings) == len(set(headings)) <= 4


def test_below_a_day_rows_say_the_time_of_day(bob: Client, email: Make, ines: Contact) -> None:
    at = timezone.localtime() - timedelta(days=1)
    email(ines, sent_at=at)
    said = re.findall(r"<time[^>]*>([^<]+)</time>", bob.get("/email/").content.decode())
    assert said == [f"{at:%H:%M}"]


def test_more_rows_come_by_the_cursor_without_a_heading_again(bob: Client, email: Make, ines: Contact) -> None:
    for number in range(33):
        email(ines, subject=f"Nr {number:02}")
    page = bob.get("/email/").content.decode()
    url = re.search(r'hx-get="([^"]+cursor[^"]+)"', page)
    assert url is not None
    more = bob.get(url[1].replace("&amp;", "&"), headers=FRAGMENT).content.decode()
    assert shown(page) + shown(more) == [f"Nr {number:02}" for number in reversed(range(33))]
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


def test_deleting_a_row_deletes_its_conversation_and_undo_brings_back_just_that(
    bob: Client, email: Make, ines: Contact
) -> None:
    """R17, R18."""
    first = email(ines, subject="First")
    answer = email(ines, subject="Answer", thread=first.thread)
    alone = email(ines, subject="Alone")
    email(ines, subject="Kept")
    bob.post(f"/email/{first.pk}/delete/")
    again = email(ines, subject="Again", thread=first.thread)
    page = bob.post("/email/delete/", {"ids": [again.pk, alone.pk]}, follow=True).content.decode()
    assert "Deleted 3 emails in 2 conversations." in page
    assert shown(page) == ["Kept"]
    undo = re.findall(r'name="id"\s+value="(\d+)"', page)[-1]
    page = bob.post("/undo/", {"id": undo}, follow=True).content.decode()
    assert "Restored 3 emails." in page
    assert shown(bob.get("/email/").content.decode()) == ["Again", "Kept", "Alone"]
    assert bob.get(f"/email/{answer.pk}/").status_code == 200
    assert bob.get(f"/email/{first.pk}/", follow=True).redirect_chain


def test_the_second_who_deletes_a_row_is_told_and_deletes_nothing(
    bob: Client, alice: Client, email: Make, ines: Contact
) -> None:
    older = email(ines, subject="Older")
    newest = email(ines, subject="Newest", thread=older.thread)
    bob.post(f"/email/{newest.pk}/delete/")
    page = alice.post("/email/delete/", {"ids": [newest.pk]}, follow=True).content.decode()
    assert "Somebody else has deleted it already." in page
    assert shown(page) == ["Older"]


def test_what_one_cannot_read_stays_when_its_conversation_is_deleted(
    bob: Client, northwind: Northwind, email: Make, ines: Contact
) -> None:
    """R37."""
    closed = email(ines, subject="Closed", seen_by=northwind.alice)
    open_to_all = email(ines, subject="Open", thread=closed.thread, seen_by=northwind.bob)
    with tenant_scope(northwind.tenant.pk):
        Door.objects.filter(member=northwind.alice).update(visibility=Visibility.SUBJECT)
    page = bob.post("/email/delete/", {"ids": [open_to_all.pk]}, follow=True).content.decode()
    assert "1 email that you cannot read in full stayed." in page
    assert shown(page) == ["Closed"]
    assert "Only the subject is shared with you" in page
    assert "About Closed." not in page


# --- What a row says ----------------------------------------------------------------------------


def test_a_conversation_is_one_row_with_who_wrote_in_it(bob: Client, email: Make, ines: Contact) -> None:
    first = email(ines, subject="Offer")
    email(
        ines,
        subject="Re: Offer",
        thread=first.thread,
        sender=("Bob", "bob@northwind.example"),
        direction=Email.Direction.OUTGOING,
    )
    page = bob.get("/email/").content.decode()
    assert shown(page) == ["Re: Offer"]
    assert "Ines, you" in text_of(page)
    assert "2 emails" in text_of(page)
    assert shown(bob.get("/email/?box=incoming").content.decode()) == ["Offer"]


def test_a_row_says_how_often_it_was_opened(bob: Client, email: Make, ines: Contact) -> None:
    eight = timezone.now() - timedelta(minutes=8)
    email(ines, is_tracked=True, opens=3, first_opened_at=eight, last_opened_at=eight, has_quote=True)
    email(ines, subject="Unread", is_tracked=True)
    words = text_of(bob.get("/email/?box=tracked").content.decode())
    for said in ("Opened 3×, 8 min ago", "Not opened", "Quote"):
        assert said in words


def test_a_row_names_who_is_excluded_and_who_shares_an_address(
    bob: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R5, R9, R15."""
    excluded = {"paul@atelier-lyon.example": "atelier-lyon.example"}
    judge = lambda _member, addresses: {one: excluded[one] for one in addresses if one in excluded}  # noqa: E731
    monkeypatch.setattr(judging, "_judges", [judge])
    with tenant_scope(northwind.tenant.pk):
        contacts.create_contact(actor=northwind.alice, data=replace(INES, first_name="I."))
    email(ines, to=["paul@atelier-lyon.example"])
    page = bob.get("/email/").content.decode()
    assert "Paul Girard excluded" in text_of(page)
    assert "Not stored for I. Moreau" in page


def test_odd_words_are_shown_as_they_are(bob: Client, email: Make, ines: Contact) -> None:
    email(ines, subject="א" * 998, snippet="", sender=("<b>דנה 🦊</b>", ""), to=[])
    email(ines, subject="", sender=("", ""), direction=Email.Direction.OUTGOING, to=[])
    page = bob.get("/email/").content.decode()
    assert "<bdi>&lt;b&gt;דנה 🦊&lt;/b&gt;</bdi>" in page
    assert "א" * 998 in page
    assert "(no subject)" in page


# --- Filters ------------------------------------------------------------------------------------


def test_filters_combine_show_as_chips_and_stay_in_every_link(
    bob: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact
) -> None:
    """R38."""
    with tenant_scope(northwind.tenant.pk):
        tag = contacts.create_tag(actor=northwind.alice, name="key account", colour="green")
        contacts.tag_contacts(actor=northwind.alice, selection=Selection(ids=(ines.pk,)), tags=["key account"])
        saved = contacts.create_filter(
            actor=northwind.bob, data=contacts.FilterData("Atelier", Criteria(company="Atelier Lyon"))
        )
    email(ines, subject="Both", seen_by=northwind.alice)
    email(ines, subject="Of Bob", seen_by=northwind.bob)
    email(paul, subject="Untagged", seen_by=northwind.alice)
    query = f"?box=incoming&member={northwind.alice.pk}&tag={tag.pk}&filter={saved.pk}"
    page = bob.get(f"/email/{query}").content.decode()
    assert shown(page) == ["Both"]
    words = text_of(page)
    for chip in ("Tag: key account", "Filter: Atelier", "Clear all"):
        assert chip in words
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/email/\?[^"]*)"', page)]
    assert f"/email/?box=sent&member={northwind.alice.pk}&tag={tag.pk}&filter={saved.pk}" in links
    assert f"/email/?box=incoming&tag={tag.pk}&filter={saved.pk}" in links
    assert f"/email/?box=incoming&member={northwind.alice.pk}&filter={saved.pk}" in links
    assert f"/email/?box=incoming&member={northwind.alice.pk}&tag={tag.pk}" in links
    none = bob.get(f"/email/?tag={tag.pk}&box=sent").content.decode()
    assert "Nothing matches" in none
    assert "Clear filters" in none
    assert "deleted" in text_of(bob.get("/email/?tag=987654&filter=987654").content.decode())


def test_the_list_alone_comes_to_its_place_with_the_pages_that_were_there(
    bob: Client, email: Make, ines: Contact
) -> None:
    for number in range(65):
        email(ines, subject=f"Nr {number}")
    page = bob.get("/email/?rows=55", headers=FRAGMENT | {"HX-Target": "mail-list"}).content.decode()
    assert len(shown(page)) == 60
    assert "<html" not in page
    assert 'id="mail-side"' in page
    assert len(shown(bob.get("/email/?rows=-1").content.decode())) == 30
    assert len(shown(bob.get(f"/email/?rows={10**20}").content.decode())) == 30


# --- Numbers, and what is new -------------------------------------------------------------------


def counted(client: Client) -> dict[str, str]:
    """What stands beside the boxes, which the page asks for once it is there."""
    page = client.get("/email/").content.decode()
    url = re.search(r'hx-get="(/email/counts/)"', page)
    assert url is not None
    said = client.get(url[1], headers=FRAGMENT).content.decode()
    spans = re.findall(r'id="count-(\w+)"(?:(?!title)[^>])*(?:title="([^"]+)")?[^>]*>', said)
    assert set(re.findall(r'id="count-(\w+)"', page)) == {box for box, _ in spans}
    return {box: words for box, words in spans if words}


def test_boxes_say_what_is_worth_a_look(bob: Client, northwind: Northwind, email: Make, ines: Contact) -> None:
    now = timezone.now()
    email(ines, sent_at=timezone.localtime().replace(hour=0, minute=0, second=1))
    email(ines, sent_at=now - timedelta(days=3))
    email(ines, is_tracked=True, opens=1, last_opened_at=now, direction=Email.Direction.OUTGOING)
    email(ines, is_tracked=True, opens=1, last_opened_at=now - timedelta(days=9), direction=Email.Direction.OUTGOING)
    for _ in range(101):
        email(ines, has_quote=True, direction=Email.Direction.OUTGOING)
    assert counted(bob) == {
        "incoming": "1 today",
        "tracked": "1 opened in the last 7 days",
        "quotes": "99+ with a quote",
    }
    with tenant_scope(northwind.tenant.pk), CaptureQueriesContext(connection) as queries:
        counting.box_counts(northwind.bob)
    assert len(queries) == 1


def test_an_app_above_counts_the_drafts(bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_counts", {Box.DRAFTS: lambda _member: 2})
    assert counted(bob) == {"drafts": "2 not sent yet"}


def news(client: Client, page: str) -> str:
    url = re.search(r'hx-get="(/email/news/[^"]+)"', page)
    assert url is not None
    return text_of(client.get(url[1].replace("&amp;", "&"), headers=FRAGMENT).content.decode())


def test_new_mail_is_told_where_the_list_would_show_it(bob: Client, email: Make, ines: Contact) -> None:
    now = timezone.now()
    first, *_ = [email(ines, subject=f"Nr {ago}", sent_at=now - timedelta(minutes=ago)) for ago in (9, 8, 7)]
    page = bob.get("/email/").content.decode()
    assert "new email" not in news(bob, page)
    # Later than the lowest that is shown: a slower mailbox has brought it.
    email(ines, subject="Late", sent_at=first.sent_at + timedelta(seconds=1))
    email(ines, subject="Sent", sent_at=now, direction=Email.Direction.OUTGOING)
    email(ines, subject="Old", sent_at=first.sent_at - timedelta(seconds=1))
    assert "2 new emails" in news(bob, page)
    incoming = page.replace("news/?", "news/?box=incoming&amp;")
    assert "1 new email" in news(bob, incoming)
    bob.post("/email/delete/", {"ids": [first.pk]})
    assert "2 new emails" in news(bob, page)


def test_new_mail_is_told_to_an_empty_list_and_to_nobody_who_cannot_see_it(
    bob: Client, alice: Client, email: Make, secret: Contact
) -> None:
    page = bob.get("/email/").content.decode()
    email(secret, sent_at=timezone.now() - timedelta(days=400))
    assert "new email" not in news(bob, page)
    email(secret, sent_at=timezone.now())
    assert "1 new email" in news(bob, page)
    assert "new email" not in news(alice, page)


def test_the_news_do_not_tell_when_what_one_cannot_see_was_sent(
    alice: Client, email: Make, ines: Contact, secret: Contact
) -> None:
    now = timezone.now()
    email(ines, sent_at=now - timedelta(minutes=9))
    hidden = email(secret, sent_at=now)
    answers = [alice.get(f"/email/news/?known={known}", headers=FRAGMENT).content for known in (hidden.pk, 10**9)]
    assert answers[0].replace(str(hidden.pk).encode(), str(10**9).encode()) == answers[1]


def test_looking_for_news_costs_the_same_with_many(bob: Client, email: Make, ines: Contact) -> None:
    page = bob.get("/email/").content.decode()
    counts = []
    for _ in range(2):
        email(ines)
        with CaptureQueriesContext(connection) as queries:
            news(bob, page)
        counts.append(len(queries))
        for _ in range(12):
            email(ines)
    assert counts[0] == counts[1] <= 14


# --- Costs --------------------------------------------------------------------------------------


def test_it_costs_the_same_with_many_rows(bob: Client, email: Make, ines: Contact, paul: Contact) -> None:
    email(ines, has_attachments=True)
    bob.get("/email/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            bob.get("/email/")
        counts.append(len(queries))
        for _ in range(50):
            one = email(ines, paul, to=["a@mail.example", "b@mail.example"], has_attachments=True)
        email(ines, thread=one.thread)
    assert counts[0] == counts[1] <= 26
