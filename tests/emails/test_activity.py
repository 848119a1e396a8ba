"""The Activity page and its API (R38): what the team wrote and got, counted and listed, within what one may see."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry, Membership
from contacts import operations as contacts
from contacts.filters import Selection
from contacts.models import Contact, Tag
from crm.lib.tenancy import tenant_scope
from emails import periods
from emails.models import Door, Email, Source, Visibility
from tests.conftest import ApiOf, Globex, Northwind
from tests.emails.conftest import Make
from tests.emails.factory import door_of

OUT = Email.Direction.OUTGOING
FRAGMENT = {"HX-Request": "true"}
days = st.dates(periods.EARLIEST, periods.LATEST)


@pytest.fixture
def team(northwind: Northwind, email: Make, ines: Contact, paul: Contact) -> dict[str, Email]:
    """Today: one that Alice got, one that Bob sent; last week: one that both have; last year: one of Alice's."""
    now = timezone.now()
    alice, bob = northwind.alice, northwind.bob
    mails = {
        "got": email(ines, subject="Got", sent_at=now, seen_by=alice),
        "sent": email(paul, subject="Sent", sent_at=now, seen_by=bob, direction=OUT),
        "both": email(ines, paul, subject="Both", sent_at=now - timedelta(days=7), seen_by=alice),
        "old": email(ines, subject="Old", sent_at=now - timedelta(days=400), seen_by=alice),
    }
    with tenant_scope(northwind.tenant.pk):
        Source.objects.create(email=mails["both"], door=door_of(bob), key="both")
    return mails


def sums_of(page: Any) -> Any:
    """What the page asks for once it is there."""
    return page.client.get(page.context["sums_url"], headers=FRAGMENT).context


def numbers(page: Any) -> tuple[int, int, dict[str, tuple[int, int]]]:
    """Incoming and sent, of all and of each member with some."""
    sums = sums_of(page)
    whole, lines = sums["sums"].whole, sums["member_sums"]
    members = {str(line.member): (line.sum.incoming, line.sum.outgoing) for line in lines if line.sum.total}
    return whole.incoming, whole.outgoing, members


def subjects(page: Any) -> list[str]:
    return [deed.email.subject for _, deed in page.context["days"]]


@pytest.mark.usefixtures("team")
class TestPage:
    def test_it_counts_an_email_once_and_for_each_who_has_it(self, alice: Client) -> None:
        page = alice.get("/activity/")
        assert subjects(page) == ["Sent", "Got", "Both"]
        assert numbers(page) == (2, 1, {"Alice Lindqvist": (2, 0), "Bob Marsh": (1, 1)})

    def test_without_htmx_the_sums_are_a_page_away(self, alice: Client) -> None:
        page = alice.get("/activity/")
        assert page.context["sums_url"] in page.content.decode()
        whole = alice.get(page.context["sums_url"])
        assert subjects(whole) == ["Sent", "Got", "Both"]
        assert "Emails of each team member" in whole.content.decode()

    def test_members_without_any_are_named_too(self, alice: Client) -> None:
        assert "Ada Okafor" in [str(line.member) for line in sums_of(alice.get("/activity/"))["member_sums"]]

    def test_it_asks_about_a_timeframe(self, alice: Client) -> None:
        assert subjects(alice.get("/activity/?period=today")) == ["Sent", "Got"]
        week_ago = timezone.localdate() - timedelta(days=7)
        both = alice.get(f"/activity/?since={week_ago}&until={week_ago}")
        assert (subjects(both), numbers(both)[:2]) == (["Both"], (1, 0))
        assert subjects(alice.get("/activity/?until=" + str(week_ago))) == ["Both", "Old"]
        assert subjects(alice.get("/activity/?since=1900-01-01&until=9999-12-31")) == ["Sent", "Got", "Both", "Old"]

    def test_nonsense_in_the_address_asks_for_the_last_thirty_days(self, alice: Client) -> None:
        page = alice.get("/activity/?period=%00&since=31.2.2026&until=x&member=x&tag=-1&filter=9&cursor=x")
        assert subjects(page) == ["Sent", "Got", "Both"]

    def test_members_tags_and_filters_narrow_it_down(self, alice: Client, northwind: Northwind, paul: Contact) -> None:
        with tenant_scope(northwind.tenant.pk):
            contacts.tag_contacts(actor=northwind.alice, selection=Selection(ids=(paul.pk,)), tags=["press"])
            tag = Tag.objects.get().pk
        bob = northwind.bob.pk
        assert numbers(alice.get(f"/activity/?member={bob}"))[2] == {"Bob Marsh": (1, 1)}
        assert subjects(alice.get(f"/activity/?tag={tag}")) == ["Sent", "Both"]
        page = alice.get(f"/activity/?tag={tag}&member={northwind.alice.pk}&period=7d")
        assert subjects(page) == []
        assert "Clear filters" in page.content.decode()

    def test_the_chart_has_a_column_for_each_day(self, alice: Client) -> None:
        columns = sums_of(alice.get("/activity/?period=30d"))["chart"].columns
        assert len(columns) == 30
        assert [(one.below, one.above) for one in columns if one.below or one.above] == [(1, 0), (1, 1)]

    def test_a_long_time_is_drawn_by_weeks_or_months(self, alice: Client) -> None:
        for first, most in (("2025-06-01", 106), ("1900-01-01", 20)):
            columns = sums_of(alice.get(f"/activity/?since={first}"))["chart"].columns
            assert 1 < len(columns) <= most
            assert sum(one.below + one.above for one in columns) >= 3

    def test_who_has_not_the_right_is_refused(self, bob: Client, northwind: Northwind, api_of: ApiOf) -> None:
        with tenant_scope(northwind.tenant.pk):
            Membership.objects.filter(pk=northwind.bob.pk).update(can_see_activity=False)
        assert bob.get("/activity/").status_code == 403
        assert bob.get("/activity/sums/").status_code == 403
        assert bob.get("/activity/export/").status_code == 403
        assert "/activity/" not in bob.get("/email/").content.decode()
        for path in ("activity/", "activity/sums/"):
            assert api_of(northwind.bob).get(f"/api/v1/{path}").status_code == 403

    def test_another_account_sees_nothing_of_it(self, globex: Globex, client_of: Callable[..., Client]) -> None:
        page = client_of(globex.charlie).get("/activity/?since=1990-01-01")
        assert (subjects(page), numbers(page)[:2]) == ([], (0, 0))
        assert "No emails" in page.content.decode()


def test_what_one_may_not_see_is_not_counted(
    bob: Client, northwind: Northwind, team: dict[str, Email], email: Make, secret: Contact, alice: Client
) -> None:
    """R37: Bob's private contact is his alone, and Alice has hidden her mailbox but for the subjects."""
    email(secret, subject="Secret", sent_at=timezone.now(), seen_by=northwind.bob)
    assert "Secret" not in subjects(alice.get("/activity/"))
    with tenant_scope(northwind.tenant.pk):
        Door.objects.filter(member=northwind.alice).update(visibility=Visibility.ONLY_ME)
    page = bob.get("/activity/")
    assert numbers(page) == (2, 1, {"Bob Marsh": (2, 1)})
    assert subjects(page) == ["Secret", "Sent", "Both"]
    with tenant_scope(northwind.tenant.pk):
        Door.objects.filter(member=northwind.alice).update(visibility=Visibility.SUBJECT)
        Email.objects.filter(pk=team["got"].pk).update(has_attachments=True)
    page = bob.get("/activity/")
    assert numbers(page)[2] == {"Alice Lindqvist": (2, 0), "Bob Marsh": (2, 1)}
    assert "Only the subject is shared with you" in page.content.decode()
    assert "With attachments" not in page.content.decode()


def test_days_are_the_readers(alice: Client, northwind: Northwind, email: Make, ines: Contact) -> None:
    """An email of 11 in the evening in Greenwich is of the next day in Auckland."""
    northwind.alice.user.timezone = "Pacific/Auckland"
    northwind.alice.user.save()
    email(ines, sent_at=datetime.fromisoformat("2026-03-02T23:00+00:00"), seen_by=northwind.alice)
    page = alice.get("/activity/?since=2026-03-03&until=2026-03-03")
    assert [day for day, _ in page.context["days"]] == ["Tuesday, 3 March 2026"]
    assert [column.name for column in sums_of(page)["chart"].columns] == ["Tue 3 Mar"]
    assert subjects(alice.get("/activity/?since=2026-03-02&until=2026-03-02")) == []


def test_older_rows_come_by_the_cursor(alice: Client, northwind: Northwind, email: Make, ines: Contact) -> None:
    for number in range(53):
        email(ines, subject=f"Nr {number:02}", sent_at=timezone.now(), seen_by=northwind.alice)
    page = alice.get("/activity/")
    more = alice.get(page.context["next_url"], headers=FRAGMENT)
    assert subjects(page) + subjects(more) == [f"Nr {number:02}" for number in reversed(range(53))]
    assert [day for day, _ in more.context["days"]] == ["", "", ""]
    assert more.context["next_url"] == ""


def test_the_page_costs_the_same_however_long_it_is(
    alice: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact
) -> None:
    counts = []
    # The first one signs in, too.
    for more in (1, 1, 40):
        for _ in range(more):
            email(ines, paul, sent_at=timezone.now(), seen_by=northwind.alice)
        with CaptureQueriesContext(connection) as queries:
            alice.get("/activity/")
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_the_file_has_every_row_and_harmless_cells(
    alice: Client, northwind: Northwind, email: Make, ines: Contact
) -> None:
    email(ines, subject="=HYPERLINK(1)", sent_at=timezone.now(), seen_by=northwind.alice)
    for _ in range(3):
        email(ines, sent_at=timezone.now() - timedelta(days=100), seen_by=northwind.alice)
    answer: Any = alice.get("/activity/export/?period=7d")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    head, *rows = csv.reader(StringIO(text))
    assert head[:3] == ["Sent", "Direction", "Subject"]
    assert [row[1:3] + row[6:] for row in rows] == [["Incoming", "'=HYPERLINK(1)", "Alice Lindqvist", "Ines Moreau"]]
    with tenant_scope(northwind.tenant.pk):
        assert AuditEntry.objects.filter(action="activity.exported").count() == 1


@pytest.mark.usefixtures("team")
def test_the_api_says_the_same(northwind: Northwind, api_of: ApiOf) -> None:
    since = (timezone.now() - timedelta(days=30)).isoformat()
    found = api_of(northwind.ada).get("/api/v1/activity/", {"since": since, "kind": "emails"}).json()["results"]
    assert [(one["subject"], [member["name"] for member in one["members"]]) for one in found] == [
        ("Sent", ["Bob Marsh"]),
        ("Got", ["Alice Lindqvist"]),
        ("Both", ["Alice Lindqvist", "Bob Marsh"]),
    ]
    sums = api_of(northwind.ada).get("/api/v1/activity/sums/", {"since": since}).json()
    assert (sums["incoming"], sums["outgoing"]) == (2, 1)
    assert sums["members"] == [
        {"member": northwind.alice.pk, "incoming": 2, "outgoing": 0},
        {"member": northwind.bob.pk, "incoming": 1, "outgoing": 1},
    ]
    assert api_of(northwind.ada).get("/api/v1/activity/", {"kind": "calls"}).status_code == 400


@given(today=days, first=days, last=days, name=st.sampled_from([*periods.NAMED, "", "nonsense"]))
def test_a_period_is_never_the_wrong_way_round(today: date, first: date, last: date, name: str) -> None:
    by_name = periods.named(name, today)
    assert by_name.first <= by_name.last <= today
    by_days = periods.read(name, str(first), str(last), today)
    assert (by_days.first, by_days.last, by_days.name) == (min(first, last), max(first, last), "")
    assert periods.read(name, "nonsense", "", today) == by_name
