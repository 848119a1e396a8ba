"""What happens to a person's log-in is in the audit log of each of their accounts, and of no other."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from accounts import operations, queries
from accounts.models import AuditEntry, Membership
from crm.lib.tenancy import tenant_scope
from tests.accounts.conftest import NEW_PASSWORD, Worker, actions_of, confirm, last_code, log_in, turn_on_totp
from tests.conftest import PASSWORD, Globex, Northwind

BOB = "bob@northwind.example"


def newest(member: Membership) -> AuditEntry:
    with tenant_scope(member.tenant_id):
        return queries.audit_entries()[0]


@pytest.fixture
def bob(client: Client, northwind: Northwind) -> Client:
    """A browser in which Bob has just signed in."""
    log_in(client, BOB)
    return client


def test_a_log_in_says_who_and_from_where(worker: Worker, northwind: Northwind) -> None:
    with worker():
        log_in(Client(REMOTE_ADDR="192.0.2.7"), BOB)
    entry = newest(northwind.alice)
    assert (entry.action, entry.actor_name, entry.summary) == ("session.started", "Bob Marsh", "signed in")
    assert entry.details == {"ip": "192.0.2.7"}


def test_a_log_in_shows_in_each_of_the_persons_accounts(worker: Worker, northwind: Northwind, globex: Globex) -> None:
    consultancy = operations.create_account(user=northwind.bob.user, name="Marsh Consulting")
    with worker():
        log_in(Client(), BOB)
    assert actions_of(northwind.alice)[0] == "session.started"
    assert actions_of(consultancy)[0] == "session.started"
    assert "session.started" not in actions_of(globex.charlie)


def test_a_log_in_needs_both_factors_before_it_counts(worker: Worker, northwind: Northwind) -> None:
    with worker():
        log_in(Client(), BOB, "a-guess")
    entry = newest(northwind.alice)
    assert (entry.action, entry.actor_name) == ("session.refused", "Postroom")
    assert entry.summary == "refused a wrong password for bob@northwind.example"


def test_a_guess_at_a_strangers_address_is_nobodys_business(worker: Worker, northwind: Northwind) -> None:
    before = actions_of(northwind.alice)
    with worker():
        log_in(Client(), "nobody@northwind.example", "a-guess")
    assert actions_of(northwind.alice) == before


def test_a_sign_out_is_told(bob: Client, worker: Worker, northwind: Northwind) -> None:
    with worker():
        bob.post(reverse("account_logout"))
    assert newest(northwind.alice).action == "session.ended"


def test_a_new_password_is_told(bob: Client, worker: Worker, northwind: Northwind) -> None:
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    with worker():
        bob.post(reverse("account_change_password"), form)
    assert "password.changed" in actions_of(northwind.alice)


def test_a_new_address_is_told(bob: Client, worker: Worker, northwind: Northwind) -> None:
    confirm(bob)
    with worker():
        bob.post(reverse("account_email"), {"email": "robert@northwind.example", "action_add": ""})
        bob.post(reverse("account_email_verification_sent"), {"code": last_code()})
    entry = newest(northwind.alice)
    assert entry.summary == "changed their address from bob@northwind.example to robert@northwind.example"


# allauth mails after commit, while the request lasts; here commits come later.
@override_settings(ACCOUNT_EMAIL_NOTIFICATIONS=False)
def test_second_factors_are_told(bob: Client, worker: Worker, northwind: Northwind) -> None:
    with worker():
        turn_on_totp(bob)
    assert "mfa.added" in actions_of(northwind.alice)
    with worker():
        bob.post(reverse("mfa_deactivate_totp"))
    assert "mfa.removed" in actions_of(northwind.alice)


def test_an_entry_has_the_time_of_the_deed(worker: Worker, northwind: Northwind) -> None:
    """However late the worker tells it."""
    operations.record_sign_in(
        user_id=northwind.bob.user_id,
        action="session.started",
        summary="signed in",
        by_user=True,
        at=northwind.bob.created_at,
        ip="192.0.2.7",
    )
    with tenant_scope(northwind.tenant.pk):
        assert queries.audit_entries().get(action="session.started").at == northwind.bob.created_at
