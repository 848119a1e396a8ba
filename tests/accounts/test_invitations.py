"""An invitation lets in whom it was mailed to, once; whoever else holds its link stays outside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import operations, queries
from accounts.models import Invitation, Membership, Role, User
from crm.lib.tenancy import tenant_scope
from tests.accounts.conftest import NEW_PASSWORD, Worker, actions_of, log_in, path_of, who_is_in
from tests.conftest import Globex, Northwind, make_user

Invite = Callable[..., str]
JOINING = {"name": "Noa Brandt", "password": NEW_PASSWORD}


def bodies_of(letter: EmailMessage) -> tuple[str, str]:
    """The plain and the HTML version of a mail."""
    assert isinstance(letter, EmailMultiAlternatives)
    return str(letter.body), str(letter.alternatives[0][0])


def membership_of(email: str) -> Membership | None:
    found = queries.memberships_of(User.objects.get(email=email))
    return found[0] if found else None


class TestSomebodyNew:
    def test_sees_who_invites_where_and_as_what(self, browser: Client, invite: Invite) -> None:
        page = browser.get(invite(role=Role.ADMIN))
        for words in ("Join Northwind", "Alice Lindqvist", "new@northwind.example", "as admin"):
            assert words in page.content.decode()

    def test_joins_with_a_name_and_a_password_and_is_in(self, browser: Client, invite: Invite) -> None:
        assert browser.post(invite(), JOINING).headers["Location"] == reverse("home")
        assert who_is_in(browser) == "Noa Brandt"

    def test_needs_no_second_proof_of_the_address(self, browser: Client, invite: Invite) -> None:
        browser.post(invite(), JOINING)
        assert EmailAddress.objects.get(email="new@northwind.example").verified
        assert mail.outbox == []

    def test_gets_the_role_and_rights_of_the_invitation(self, browser: Client, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            invitation = operations.invite(
                actor=northwind.ada, email="new@northwind.example", role=Role.ADMIN, can_full_sync=False
            )
        browser.post(path_of(invitation), JOINING)
        member = membership_of("new@northwind.example")
        assert member is not None
        assert (member.tenant, member.role, member.can_full_sync) == (northwind.tenant, Role.ADMIN, False)

    def test_cannot_choose_another_address(self, browser: Client, invite: Invite) -> None:
        browser.post(invite(), JOINING | {"email": "else@northwind.example"})
        assert not User.objects.filter(email="else@northwind.example").exists()

    @pytest.mark.parametrize(
        "password", ["short", "password123", "1234567890123", "new@northwind.example", "Noa Brandt"]
    )
    def test_needs_a_password_that_is_not_weak(self, browser: Client, invite: Invite, password: str) -> None:
        answer = browser.post(invite(), JOINING | {"password": password})
        assert answer.status_code == 422
        assert "password" in answer.context["form"].errors
        assert not queries.has_signed_up("new@northwind.example")

    def test_that_clicks_twice_joins_once(self, browser: Client, invite: Invite) -> None:
        path = invite()
        browser.post(path, JOINING)
        again = Client().post(path, JOINING)
        assert again.status_code == 404
        assert User.objects.filter(email="new@northwind.example").count() == 1


class TestSomebodyWithALogIn:
    @pytest.fixture(autouse=True)
    def _person(self, northwind: Northwind) -> None:
        make_user("new@northwind.example", "Noa Brandt")

    def test_is_asked_to_sign_in_and_comes_back(self, browser: Client, invite: Invite) -> None:
        path = invite()
        assert f"{reverse('account_login')}?next={quote(path)}" in browser.get(path).content.decode()
        assert log_in(browser, "new@northwind.example", next=path).headers["Location"] == path

    def test_cannot_set_a_new_password_by_the_link(self, browser: Client, invite: Invite) -> None:
        browser.post(invite(), JOINING)
        assert who_is_in(browser) == ""
        assert not User.objects.get(email="new@northwind.example").check_password(NEW_PASSWORD)

    def test_accepts_with_one_button_and_is_in_that_account(self, browser: Client, invite: Invite) -> None:
        path = invite()
        log_in(browser, "new@northwind.example")
        browser.post(path)
        page = browser.get(reverse("profile"))
        assert page.context["membership"].tenant.name == "Northwind"
        assert "Welcome to Northwind" in page.content.decode()

    def test_that_accepts_twice_is_simply_in(self, browser: Client, invite: Invite) -> None:
        path = invite()
        log_in(browser, "new@northwind.example")
        browser.post(path)
        assert browser.post(path).headers["Location"] == reverse("home")
        assert browser.get(path).headers["Location"] == reverse("home")

    def test_leaves_a_trace_in_the_audit_log(self, browser: Client, invite: Invite, northwind: Northwind) -> None:
        path = invite()
        log_in(browser, "new@northwind.example")
        browser.post(path)
        assert actions_of(northwind.alice)[:2] == ["member.joined", "member.invited"]


class TestAnotherPerson:
    def test_is_told_whose_invitation_it_is(
        self, client_of: Callable[[Membership], Client], globex: Globex, invite: Invite
    ) -> None:
        page = client_of(globex.charlie).get(invite()).content.decode()
        assert "You are signed in as charlie@globex.example" in page
        assert "Sign out and go on" in page

    def test_cannot_accept_it(
        self, client_of: Callable[[Membership], Client], globex: Globex, invite: Invite, northwind: Northwind
    ) -> None:
        assert client_of(globex.charlie).post(invite()).status_code == 403
        assert [found.tenant for found in queries.memberships_of(globex.charlie.user)] == [globex.tenant]

    def test_comes_back_to_it_after_signing_out(
        self, client_of: Callable[[Membership], Client], globex: Globex, invite: Invite
    ) -> None:
        path = invite()
        browser = client_of(globex.charlie)
        assert browser.post(reverse("account_logout"), {"next": path}).headers["Location"] == path
        assert browser.get(path).context["state"] == "join"


class TestAClosedInvitation:
    def test_that_was_withdrawn_lets_nobody_in(self, browser: Client, invite: Invite, northwind: Northwind) -> None:
        path = invite()
        with tenant_scope(northwind.tenant.pk):
            operations.withdraw_invitation(actor=northwind.ada, invitation=queries.invitations()[0])
        assert browser.post(path, JOINING).status_code == 404
        assert not queries.has_signed_up("new@northwind.example")

    def test_that_has_expired_lets_nobody_in(self, browser: Client, invite: Invite, northwind: Northwind) -> None:
        path = invite()
        with tenant_scope(northwind.tenant.pk):
            Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        answer = browser.post(path, JOINING)
        assert answer.status_code == 404
        assert "This invitation is not open" in answer.content.decode()

    @pytest.mark.parametrize("key", ["x", "WzEsMV0:1rXyz:forged", "WzEsMV0", "%00", "a" * 2000])
    def test_with_a_forged_key_is_a_friendly_page(self, db: None, browser: Client, key: str) -> None:
        answer = browser.get(f"/invitations/{key}/")
        assert answer.status_code == 404
        assert "This invitation is not open" in answer.content.decode()

    def test_says_nothing_of_the_account(self, browser: Client, invite: Invite, northwind: Northwind) -> None:
        path = invite()
        with tenant_scope(northwind.tenant.pk):
            Invitation.objects.all().delete()
        assert "Northwind" not in browser.get(path).content.decode()


def test_the_mail_says_who_invites_where_and_until_when(northwind: Northwind, worker: Worker) -> None:
    with worker(), tenant_scope(northwind.tenant.pk):
        invitation = operations.invite(actor=northwind.alice, email="new@northwind.example", role=Role.MEMBER)
    letter = mail.outbox[0]
    assert letter.to == ["new@northwind.example"]
    assert letter.subject == "Alice Lindqvist invites you to Northwind on Postroom"
    for body in bodies_of(letter):
        assert path_of(invitation) in body
        assert timezone.localtime(invitation.expires_at).strftime("%B %Y") in body


def test_a_company_name_cannot_break_out_of_the_mail(northwind: Northwind, worker: Worker) -> None:
    with worker(), tenant_scope(northwind.tenant.pk):
        operations.rename_account(actor=northwind.alice, name="<b>R&D</b>\nBcc: x@evil.example")
        operations.invite(actor=northwind.alice, email="new@northwind.example", role=Role.MEMBER)
    letter = mail.outbox[0]
    text, html = bodies_of(letter)
    assert "<b>R&D" in text
    assert "<b>R&D" not in html
    assert "\n" not in letter.subject
