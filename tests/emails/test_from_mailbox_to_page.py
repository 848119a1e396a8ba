"""The whole way: a message that mailboxes hold is on the right pages, once, and stays as users have left it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Membership
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from intake.run import Order, take
from tests.conftest import ApiOf, Northwind
from tests.emails.factory import door_of
from tests.functional.email_pages import RICH
from tests.intake.conftest import Box

Arrive = Callable[[Membership], None]


@pytest.fixture
def arrive(northwind: Northwind, ines: Contact) -> Arrive:
    """Lets the message come by a member's mailbox."""

    def come(member: Membership) -> None:
        with tenant_scope(member.tenant_id):
            door = door_of(member)
        box = Box()
        box.add(f"message-{member.pk}", RICH)
        take(Order(member.tenant_id, door.pk, since=None, settle=lambda _: None), list(box.seen.values()), box)

    return come


@pytest.fixture
def program(northwind: Northwind, api_of: ApiOf) -> APIClient:
    return api_of(northwind.bob)


def stored(program: APIClient) -> list[int]:
    return [email["id"] for email in program.get("/api/v1/emails/").json()["results"]]


def test_it_is_there_once_with_both_who_have_it(
    arrive: Arrive, program: APIClient, bob: Client, northwind: Northwind, ines: Contact
) -> None:
    """R6."""
    arrive(northwind.alice)
    arrive(northwind.ada)
    [email_id] = stored(program)
    page = bob.get(f"/email/{email_id}/").content.decode()
    assert "In Alice Lindqvist’s and Ada Okafor’s mailboxes" in " ".join(page.split())
    assert "gate-plan.pdf" in page
    assert "pallets.xlsx" in page
    assert "plan.png" not in page
    body = bob.get(f"/email/{email_id}/body/").content.decode()
    assert "the 4th works" in body
    picture = bob.get(f"/email/{email_id}/attachments/0/")
    assert picture.headers["Content-Type"] == "image/png"
    assert bob.get(f"/email/{email_id}/raw/").content == RICH
    assert "Re: Delivery dates" in bob.get(f"/contacts/{ines.pk}/").content.decode()


@pytest.mark.parametrize("deed", ["delete", "unstore", "move"])
def test_what_a_user_has_done_no_other_mailbox_undoes(
    arrive: Arrive, program: APIClient, northwind: Northwind, ines: Contact, secret: Contact, deed: str
) -> None:
    """R18."""
    arrive(northwind.alice)
    [email_id] = stored(program)
    url = f"/api/v1/emails/{email_id}/"
    if deed == "delete":
        program.delete(url)
    elif deed == "unstore":
        program.post(f"{url}unstore/", {"contact": ines.pk})
    else:
        program.post(f"{url}move/", {"from": ines.pk, "to": secret.pk})
    arrive(northwind.alice)
    arrive(northwind.ada)
    timeline = f"/api/v1/contacts/{ines.pk}/timeline/"
    assert program.get(timeline).json()["results"] == []
    assert stored(program) == ([email_id] if deed == "move" else [])
