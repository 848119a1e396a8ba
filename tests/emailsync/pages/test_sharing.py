"""Who sees the emails of a mailbox (R37): on its card and in the API, by its owner alone."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emails.models import Door
from tests.conftest import ApiOf, Northwind
from tests.emails.factory import door_of
from tests.emailsync.pages.rows import make_mailbox


def test_the_card_of_a_mailbox_says_it_and_changes_it(
    northwind: Northwind, client_of: Callable[[Membership], Client]
) -> None:
    with tenant_scope(northwind.tenant.pk):
        mailbox = make_mailbox(northwind.bob, "bob@northwind.example")
        door_of(northwind.bob, Door.Kind.IMPORT)
    bob = client_of(northwind.bob)
    page = bob.get("/settings/email/").content.decode()
    assert "Who sees its emails" in page
    bob.post(f"/email/doors/{mailbox.door_id}/sharing/", {"visibility": "only_me"})
    page = bob.get("/settings/email/").content.decode()
    assert "bob@northwind.example: only me from now on." in page
    assert "Imported from files" in page


def test_a_program_reads_and_changes_it_of_its_own_mailboxes(northwind: Northwind, api_of: ApiOf) -> None:
    with tenant_scope(northwind.tenant.pk):
        mailbox = make_mailbox(northwind.bob, "bob@northwind.example")
    url = f"/api/v1/mailboxes/{mailbox.pk}/"
    bob = api_of(northwind.bob)
    assert bob.get(url).json()["visibility"] == "everyone"
    assert bob.patch(url, {"visibility": "subject"}, format="json").json()["visibility"] == "subject"
    assert bob.get("/api/v1/mailboxes/").json()["results"][0]["visibility"] == "subject"
    assert bob.patch(url, {"visibility": "nobody"}, format="json").status_code == 400
    assert api_of(northwind.ada).patch(url, {"visibility": "everyone"}, format="json").status_code == 404
