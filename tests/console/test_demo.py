"""The demo is whole after `manage.py demo`, however often it runs, and believable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts import queries as people
from accounts.models import AuditEntry, Membership, Role, User
from console.demo import world
from contacts import queries
from contacts.filters import Criteria
from contacts.models import Contact, Note
from crm.lib.tenancy import tenant_scope
from emulator.generator import people as emulated
from tests.accounts.conftest import log_in, who_is_in

RESERVED = (".example", ".test")


def run() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def first_run(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """What the first run prints. It takes a while: the tests below share what it made, and it is gone after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield run()
        transaction.set_rollback(True)


@pytest.fixture
def said(first_run: str, db: None) -> str:
    return first_run


def member(email: str) -> Membership:
    return people.memberships_of(User.objects.get(email=email))[0]


@pytest.mark.usefixtures("said")
class TestTheCast:
    @pytest.mark.parametrize(
        ("email", "name", "tenant", "role"),
        [
            ("alice@northwind.example", "Alice Lindqvist", "Northwind", Role.OWNER),
            ("ada@northwind.example", "Ada Okafor", "Northwind", Role.ADMIN),
            ("bob@northwind.example", "Bob Marsh", "Northwind", Role.MEMBER),
            ("charlie@globex.example", "Charlie Duarte", "Globex", Role.OWNER),
        ],
    )
    def test_can_log_in(self, client: Client, email: str, name: str, tenant: str, role: Role) -> None:
        log_in(client, email)
        assert who_is_in(client) == name
        assert (member(email).tenant.name, member(email).role) == (tenant, role)

    def test_comes_by_invitation_and_leaves_traces(self) -> None:
        with tenant_scope(member("alice@northwind.example").tenant_id):
            actions = Counter(AuditEntry.objects.values_list("action", flat=True))
        assert actions["member.joined"] == 2
        assert {"account.created", "member.invited", "member.changed", "contact.merged", "contact.deleted"} <= set(
            actions
        )

    def test_waits_for_one_more(self, client: Client) -> None:
        log_in(client, "ada@northwind.example")
        (row,) = client.get(reverse("members")).context["invitations"]
        assert row.invitation.email == "noor.haddad@northwind.example"


@pytest.mark.usefixtures("said")
class TestNorthwind:
    @pytest.fixture(autouse=True)
    def _in_its_scope(self, said: str) -> Iterator[None]:
        self.alice = member("alice@northwind.example")
        self.bob = member("bob@northwind.example")
        with tenant_scope(self.alice.tenant_id):
            yield

    def test_has_about_a_hundred_and_twenty_contacts(self) -> None:
        assert 115 <= Contact.objects.filter(deleted_at=None).count() <= 130

    def test_knows_everybody_whom_the_emulated_world_writes_as(self) -> None:
        known = set(queries.visible_contacts(self.alice).values_list("addresses__email", flat=True))
        assert emulated.contact_addresses() <= known

    def test_knows_nobody_who_is_to_be_a_stranger_or_private_there(self) -> None:
        known = set(Contact.objects.values_list("addresses__email", flat=True))
        private = {person.address for circle in emulated.PRIVATE.values() for person in circle}
        assert not known & (private | {person.address for person in emulated.STRANGERS})

    def test_has_private_contacts_of_alice_and_of_bob(self) -> None:
        private = Contact.objects.filter(is_private=True)
        assert {contact.owner_id for contact in private} == {self.alice.pk, self.bob.pk}

    def test_has_contacts_that_share_an_address(self) -> None:
        sharing = queries.matching(self.alice, Criteria(address="paul@atelier-lyon.example"))
        assert sharing.count() == 2

    def test_has_contacts_with_two_addresses(self) -> None:
        emails = Counter(Contact.objects.values_list("pk", "addresses__email").values_list("pk", flat=True))
        assert sum(count > 1 for count in emails.values()) >= 4

    def test_has_notes_spread_over_the_year(self) -> None:
        ages = [(timezone.now() - at).days for at in Note.objects.values_list("created_at", flat=True)]
        assert len(ages) >= 100
        assert min(ages) < 15
        assert max(ages) > 300
        assert not any(at.weekday() > 4 for at in Note.objects.values_list("created_at", flat=True))

    def test_has_no_note_older_than_its_contact(self) -> None:
        assert not Note.objects.filter(created_at__lt=F("contact__created_at")).exists()

    def test_has_saved_filters_that_find_something(self) -> None:
        saved = {found.name: found for found in queries.saved_filters(self.bob)}
        assert {"Key accounts", "Trial, no reply yet"} <= set(saved)
        for found in saved.values():
            assert queries.matching(self.bob, Criteria.from_json(found.criteria)).exists()


def test_every_address_is_on_a_reserved_domain() -> None:
    addresses = [
        email for account in world.ACCOUNTS for item in world.contacts_of(account) for email in item.data.emails
    ]
    assert addresses
    assert [email for email in addresses if not email.endswith(RESERVED)] == []


def test_every_note_has_its_contact() -> None:
    known = {email for item in world.contacts_of(world.NORTHWIND) for email in item.data.emails}
    assert [note.address for note in world.notes() if note.address not in known] == []


def test_globex_shares_nothing_with_northwind(said: str) -> None:
    charlie = member("charlie@globex.example")
    with tenant_scope(charlie.tenant_id):
        assert 10 <= queries.visible_contacts(charlie).count() <= 14
        assert not queries.matching(charlie, Criteria(q="Moreau")).exists()


def test_a_second_run_changes_nothing(said: str) -> None:
    assert "Northwind: made" in said
    before = User.objects.get(email="alice@northwind.example").password
    assert run().count("there already") == 2
    assert User.objects.get(email="alice@northwind.example").password == before


def test_it_says_how_to_log_in(said: str) -> None:
    assert "alice@northwind.example" in said
    assert "password postroom-demo" in said


@override_settings(PRODUCTION=True)
def test_it_is_not_for_production(db: None) -> None:
    with pytest.raises(CommandError, match="known to everybody"):
        run()
