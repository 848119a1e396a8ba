"""R37: what changes in the moment in which a page is brought is shown as it is then, and breaks nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import queries
from emails.models import Door, Email, Link, Source, Visibility
from emails.queries import Wanted, activity
from tests.conftest import Northwind
from tests.emails.factory import make_email

#: In the statement that fills the rows of a page, after the one that has found them.
FILLS = "jsonb_agg"
SAID = "The plan of the gate."


@contextmanager
def before(part: str, change: Callable[[], object]) -> Iterator[None]:
    """Somebody is quicker: changes something just before the first statement that has this part."""
    waiting = [change]

    def run(execute: Callable[..., Any], statement: str, *given: Any) -> Any:
        if waiting and part in statement:
            waiting.pop()()
        return execute(statement, *given)

    with connection.execute_wrapper(run):
        yield
    assert not waiting


@pytest.fixture
def many(northwind: Northwind, ines: Contact) -> None:
    """More than a page of them."""
    with tenant_scope(northwind.tenant.pk):
        for number in range(55):
            at = timezone.now() - timedelta(minutes=number)
            make_email(ines, subject="Gate", snippet=SAID, sent_at=at, seen_by=northwind.alice)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    "change",
    [
        lambda: Email.objects.update(deleted_at=timezone.now()),
        lambda: Link.objects.update(removed_at=timezone.now()),
        lambda: Door.objects.update(visibility=Visibility.ONLY_ME),
        lambda: Contact.objects.update(is_private=True, owner=Membership.objects.get(user__email__startswith="alice")),
    ],
    ids=["deleted", "taken off", "hidden", "private"],
)
@pytest.mark.parametrize("place", ["/email/", "/activity/", "timeline"])
def test_what_is_taken_away_in_this_moment_is_not_shown(
    bob: Client, ines: Contact, place: str, change: Callable[[], object]
) -> None:
    with before(FILLS, change):
        page = bob.get(f"/contacts/{ines.pk}/" if place == "timeline" else place)
    assert page.status_code == 200
    assert SAID not in page.content.decode()


@pytest.mark.usefixtures("scope")
def test_an_email_that_goes_while_its_conversation_is_brought_leaves_nothing(
    northwind: Northwind, ines: Contact
) -> None:
    email = make_email(ines, seen_by=northwind.alice)
    with before(FILLS, lambda: Email.objects.update(deleted_at=timezone.now())):
        assert queries.conversation(northwind.bob, email) == queries.Conversation(())


@pytest.mark.usefixtures("scope")
def test_a_mailbox_that_is_connected_while_sums_are_made_is_counted_or_not(northwind: Northwind, ines: Contact) -> None:
    email = make_email(ines, seen_by=northwind.alice)

    def connect() -> None:
        door = Door.objects.create(member=northwind.ada, kind=Door.Kind.GRAPH, address="ada@second.example")
        Source.objects.create(email=email, door=door, key="new")

    with before("DATE_TRUNC", connect):
        sums = activity.sums(northwind.bob, Wanted(), days=30)
    assert sums.whole.total == sums.members[northwind.alice.pk].total == 1


@pytest.mark.usefixtures("scope")
def test_who_is_asked_for_twice_is_told_twice(northwind: Northwind, ines: Contact) -> None:
    email = make_email(ines, seen_by=northwind.alice)
    once, again = queries.listed(northwind.bob, [email.pk, email.pk])
    assert once == again
