"""R38: a list that is narrowed down leaves nothing out, whether it is found by ids or by a walk."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import Membership
from contacts.filters import Criteria
from contacts.models import Contact, ContactTag, Tag
from emails import queries
from emails.models import Door, Email, Privacy, Source, Visibility
from emails.queries import Wanted, having
from emails.searching import parse
from tests.conftest import Northwind
from tests.emails.factory import BEGINNING, door_of, make_email

MANY = 6


@pytest.fixture(params=[2, 3, 5, 9, 5_000])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many are asked for by their ids; each email has two rows that name it."""
    monkeypatch.setattr(having, "FEW", request.param)


@pytest.fixture
def stored(northwind: Northwind, scope: None) -> list[Email]:
    """For two contacts with one tag each, in two mailboxes of one member each; the newest first."""
    tag = Tag.objects.create(name="customer")
    contacts = [Contact.objects.create(last_name=name, sort_name=name) for name in ("ines", "paul")]
    ContactTag.objects.bulk_create(ContactTag(contact=one, tag=tag) for one in contacts)
    second = Door.objects.create(member=northwind.alice, kind=Door.Kind.GRAPH, address="alice@second.example")
    emails = []
    for number in range(MANY):
        email = make_email(
            *contacts,
            sender=("Ines", "ines@mail.example"),
            to=["ines@mail.example", "paul@mail.example"],
            seen_by=northwind.alice,
            sent_at=BEGINNING + timedelta(minutes=number),
        )
        Source.objects.create(email=email, door=second, key=f"again-{number}")
        emails.append(email)
    return emails[::-1]


def found(member: Membership, wanted: Wanted) -> list[int]:
    return [one.id for one in queries.email_page(member, wanted).items]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("ask", ["tag", "member", "from:ines@mail.example", "tag:customer", "member:alice"])
def test_nothing_is_left_out(stored: list[Email], ask: str, northwind: Northwind) -> None:
    wanted = {
        "tag": Wanted(criteria=Criteria(tags=tuple(Tag.objects.values_list("pk", flat=True)))),
        "member": Wanted(members=(northwind.alice.pk,)),
    }.get(ask) or Wanted(search=parse(ask, today=date(2026, 3, 2)))
    for find in (queries.email_page, queries.conversation_page):
        page = find(northwind.bob, wanted, limit=4)
        rest = find(northwind.bob, wanted, limit=4, cursor=page.next)
        assert [one.id for one in page.items + rest.items] == [email.pk for email in stored]


@pytest.mark.usefixtures("few", "stored")
@pytest.mark.parametrize("ask", ["-from:ines@mail.example", "-tag:customer", "-member:alice", "member:bob"])
def test_nothing_else_is_found(ask: str, northwind: Northwind) -> None:
    assert found(northwind.bob, Wanted(search=parse(ask, today=date(2026, 3, 2)))) == []


@pytest.mark.usefixtures("few", "stored")
def test_a_member_who_has_brought_nothing_has_an_empty_list(northwind: Northwind) -> None:
    door_of(northwind.bob)
    assert found(northwind.alice, Wanted(members=(northwind.bob.pk,))) == []


@pytest.mark.usefixtures("few")
def test_of_a_mailbox_that_hides_its_mail_what_is_shown_is_found(stored: list[Email], northwind: Northwind) -> None:
    """R37: asked by the few emails that its owner has shared one by one."""
    Door.objects.update(visibility=Visibility.ONLY_ME)
    for email in stored[1::3]:
        Privacy.objects.create(member=northwind.alice, thread=email.thread, visibility=Visibility.EVERYONE)
    assert found(northwind.bob, Wanted(members=(northwind.alice.pk,))) == [email.pk for email in stored[1::3]]
    assert found(northwind.alice, Wanted(members=(northwind.alice.pk,))) == [email.pk for email in stored]
