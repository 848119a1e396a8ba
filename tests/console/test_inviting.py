"""Inviting people, and what can be done with an open invitation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import operations, queries
from accounts.models import Invitation, Role
from accounts.queries import InvitationRow
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.console.conftest import newest_entry, undo_in

NOA = {"email": "Noa@Northwind.example", "role": "member", "can_full_sync": "on"}


def invitations(northwind: Northwind) -> list[Invitation]:
    with tenant_scope(northwind.tenant.pk):
        return list(queries.invitations())


def rows(browser: Client) -> list[InvitationRow]:
    found: list[InvitationRow] = browser.get(reverse("members")).context["invitations"]
    return found


def path_in(row: InvitationRow) -> str:
    return reverse("accept_invitation", args=[queries.invitation_key(row.invitation)])


def age(northwind: Northwind, **by: int) -> None:
    """Lets time pass for every open invitation."""
    with tenant_scope(northwind.tenant.pk):
        for invitation in queries.invitations():
            invitation.expires_at -= timedelta(**by)
            invitation.save()


class TestInviting:
    def test_opens_an_invitation_with_the_rights_chosen(self, ada: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        (made,) = invitations(northwind)
        assert (made.email, made.role, made.can_full_sync, made.can_see_activity) == (
            "noa@northwind.example",
            Role.MEMBER,
            True,
            False,
        )

    @pytest.mark.parametrize("email", ["", "noa", "noa@", "@northwind.example", "noa@x", f"{'n' * 250}@x.example"])
    def test_says_what_is_wrong_with_an_address(self, ada: Client, northwind: Northwind, email: str) -> None:
        answer = ada.post(reverse("members"), NOA | {"email": email})
        assert answer.status_code == 422
        assert "email" in answer.context["form"].errors
        assert invitations(northwind) == []

    def test_says_who_is_a_member_already(self, ada: Client) -> None:
        answer = ada.post(reverse("members"), NOA | {"email": "bob@northwind.example"})
        assert "bob@northwind.example is already a member." in answer.content.decode()

    def test_points_to_who_was_deactivated(self, ada: Client, northwind: Northwind) -> None:
        ada.post(reverse("member_deactivate", args=[northwind.bob.pk]))
        answer = ada.post(reverse("members"), NOA | {"email": "bob@northwind.example"})
        assert "Reactivate them in the list below." in answer.content.decode()

    def test_makes_no_second_owner(self, alice: Client, northwind: Northwind) -> None:
        assert alice.post(reverse("members"), NOA | {"role": "owner"}).status_code == 422

    def test_twice_in_a_row_is_one_invitation_and_one_entry(self, ada: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        entry = newest_entry(northwind.alice).pk
        ada.post(reverse("members"), NOA)
        assert len(invitations(northwind)) == 1
        assert newest_entry(northwind.alice).pk == entry

    def test_again_with_another_role_renews_it_and_the_link_lives_on(self, ada: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        path = path_in(rows(ada)[0])
        ada.post(reverse("members"), NOA | {"role": "admin"})
        (row,) = rows(ada)
        assert (path_in(row), row.invitation.role) == (path, Role.ADMIN)

    def test_shows_the_link_to_nobody_but_its_reader(self, ada: Client) -> None:
        ada.post(reverse("members"), NOA)
        assert "/invitations/" not in ada.get(reverse("members")).content.decode().replace("/settings/invitations/", "")

    def test_has_a_bound(self, ada: Client, northwind: Northwind, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(operations, "OPEN_INVITATIONS", 1)
        ada.post(reverse("members"), NOA)
        answer = ada.post(reverse("members"), NOA | {"email": "next@northwind.example"})
        assert "1 invitations are open: withdraw some" in answer.content.decode()

    def test_works_from_a_page_of_its_own_without_script(self, ada: Client) -> None:
        assert "<dialog" in ada.get(reverse("members"), {"invite": "yes"}).content.decode()
        assert ada.get(reverse("members"), {"invite": "yes"}).context["is_inviting"]


class TestSendingAgain:
    def test_makes_an_expired_link_good_again(self, ada: Client, client: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        age(northwind, days=15)
        assert rows(ada)[0].is_expired
        ada.post(reverse("invitation_resend", args=[invitations(northwind)[0].pk]))
        (row,) = rows(ada)
        assert not row.is_expired
        assert client.get(path_in(row)).status_code == 200

    def test_lasts_two_weeks_from_then(self, ada: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        age(northwind, days=5)
        ada.post(reverse("invitation_resend", args=[invitations(northwind)[0].pk]))
        assert invitations(northwind)[0].expires_at > timezone.now() + timedelta(days=13)

    def test_at_once_sends_no_second_mail(self, ada: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        ada.post(reverse("invitation_resend", args=[invitations(northwind)[0].pk]))
        assert newest_entry(northwind.alice).action == "member.invited"


class TestWithdrawing:
    def test_closes_the_link(self, ada: Client, client: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        path = path_in(rows(ada)[0])
        ada.post(reverse("invitation_withdraw", args=[invitations(northwind)[0].pk]))
        assert client.get(path).status_code == 404

    def test_undone_opens_the_same_link(self, ada: Client, client: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        path = path_in(rows(ada)[0])
        page = ada.post(reverse("invitation_withdraw", args=[invitations(northwind)[0].pk]), follow=True)
        ada.post(reverse("undo"), {"id": undo_in(page)})
        assert client.get(path).status_code == 200

    def test_undone_after_a_new_one_leaves_the_new_one(self, ada: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        page = ada.post(reverse("invitation_withdraw", args=[invitations(northwind)[0].pk]), follow=True)
        ada.post(reverse("members"), NOA | {"role": "admin"})
        ada.post(reverse("undo"), {"id": undo_in(page)})
        assert [made.role for made in invitations(northwind)] == [Role.ADMIN]

    def test_twice_is_not_found(self, ada: Client, northwind: Northwind) -> None:
        ada.post(reverse("members"), NOA)
        url = reverse("invitation_withdraw", args=[invitations(northwind)[0].pk])
        ada.post(url)
        assert ada.post(url).status_code == 404
