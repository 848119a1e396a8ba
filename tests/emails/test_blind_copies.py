"""R1: to whom a blind copy went, its sender alone is told: on the page, in the API, and in the original."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Membership
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import queries
from emails.models import Door, Email, Source
from tests.conftest import ApiOf, Northwind
from tests.emails.factory import WITH_A_FILE, door_of, make_email, make_message

#: Alice's own copy.
BCC = b"Bcc: secret@mail.example,\n quiet@mail.example\n"
SENT = BCC + WITH_A_FILE.replace(b"From: Ines Moreau <ines@atelier-lyon.example>", b"From: alice@northwind.example")
SHARED = "support@northwind.example"


@pytest.fixture
def sent(northwind: Northwind, ines: Contact) -> Email:
    with tenant_scope(northwind.tenant.pk):
        return make_message(SENT, ines, direction=Email.Direction.OUTGOING, sender=("Alice", "alice@northwind.example"))


def test_the_original_has_them_for_the_sender_alone(
    northwind: Northwind, sent: Email, client_of: Callable[[Membership], Client], api_of: ApiOf
) -> None:
    for member, expected in ((northwind.alice, SENT), (northwind.bob, SENT.removeprefix(BCC))):
        for client, url in ((client_of(member), "/email"), (api_of(member), "/api/v1/emails")):
            assert client.get(f"{url}/{sent.pk}/raw/").content == expected


def test_files_stay_in_their_places(bob: Client, sent: Email) -> None:
    assert bob.get(f"/email/{sent.pk}/attachments/0/").content == b"%PDF-1.4\n"


def door(member: Membership, kind: Door.Kind) -> Door:
    """A mailbox that sends as the shared address, too."""
    found = door_of(member, kind)
    found.aliases = [SHARED]
    found.save()
    return found


def may_see(email: Email, *members: Membership) -> list[bool]:
    return [queries.may_see_bcc(member, email) for member in members]


@pytest.mark.usefixtures("scope")
class TestOfAnAliasThatSeveralHave:
    @pytest.fixture
    def shared(self, ines: Contact) -> Email:
        return make_email(ines, direction=Email.Direction.OUTGOING, sender=("Support", SHARED))

    def test_gmail_tells_the_senders_copy_by_its_label(self, northwind: Northwind, shared: Email) -> None:
        for member, labels in ((northwind.alice, ["SENT"]), (northwind.bob, ["INBOX"])):
            Source.objects.create(email=shared, door=door(member, Door.Kind.GMAIL), key="1", labels=labels)
        assert may_see(shared, northwind.alice, northwind.bob, northwind.ada) == [True, False, False]

    def test_elsewhere_nobody_can_be_told_apart(self, northwind: Northwind, shared: Email) -> None:
        Source.objects.create(email=shared, door=door(northwind.alice, Door.Kind.GRAPH), key="1", labels=["AQ="])
        assert may_see(shared, northwind.alice) == [True]
        Source.objects.create(email=shared, door=door(northwind.bob, Door.Kind.GRAPH), key="1", labels=["SENT"])
        assert may_see(shared, northwind.alice, northwind.bob) == [False, False]

    def test_a_mailbox_of_that_very_address_is_the_senders(self, northwind: Northwind, shared: Email) -> None:
        own = Door.objects.create(member=northwind.bob, kind=Door.Kind.GRAPH, address=SHARED)
        Source.objects.create(email=shared, door=own, key="1")
        Source.objects.create(email=shared, door=door(northwind.alice, Door.Kind.GRAPH), key="1")
        assert may_see(shared, northwind.bob, northwind.alice) == [True, False]
