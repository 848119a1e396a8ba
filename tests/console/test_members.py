"""The list of members, and what owner and admins change in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import operations
from accounts.models import Membership, Role
from accounts.queries import MemberRow
from crm.lib.tenancy import tenant_scope
from tests.accounts.conftest import log_in
from tests.conftest import Northwind, make_member, token_of
from tests.console.conftest import newest_entry, now, undo_in

TO_ADMIN = {"role": "admin", "can_full_sync": "on", "can_see_activity": "on"}


def row_of(browser: Client, member: Membership) -> MemberRow:
    rows: list[MemberRow] = browser.get(reverse("members")).context["rows"]
    return next(row for row in rows if row.member == member)


def change(browser: Client, member: Membership, form: dict[str, str], **more: object) -> int:
    return browser.post(reverse("member_change", args=[member.pk]), form, **more).status_code  # type: ignore[arg-type]


class TestTheList:
    def test_shows_everybody_with_role(self, alice: Client, northwind: Northwind) -> None:
        page = alice.get(reverse("members")).content.decode()
        for words in ("Alice Lindqvist", "ada@northwind.example", "Bob Marsh", "Owner"):
            assert words in page

    def test_shows_who_was_seen(self, alice: Client, bob: Client, northwind: Northwind) -> None:
        assert row_of(alice, northwind.bob).member.last_seen_at is None
        bob.get(reverse("profile"))
        assert row_of(alice, northwind.bob).member.last_seen_at is not None

    def test_puts_the_deactivated_last(self, alice: Client, northwind: Northwind) -> None:
        alice.post(reverse("member_deactivate", args=[northwind.ada.pk]))
        rows = alice.get(reverse("members")).context["rows"]
        assert [row.member.user.name for row in rows] == ["Alice Lindqvist", "Bob Marsh", "Ada Okafor"]

    def test_takes_as_many_queries_for_many_members_as_for_three(
        self,
        alice: Client,
        northwind: Northwind,
        django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
    ) -> None:
        alice.get(reverse("members"))
        with CaptureQueriesContext(connection) as for_three:
            alice.get(reverse("members"))
        for number in range(10):
            make_member(northwind.tenant, f"more{number}@northwind.example", f"More {number}")
        with django_assert_num_queries(len(for_three)):
            alice.get(reverse("members"))


class TestChangingAMember:
    def test_sets_role_and_rights(self, ada: Client, northwind: Northwind) -> None:
        change(ada, northwind.bob, {"role": "admin", "can_full_sync": "on"})
        bob = now(northwind.bob)
        assert (bob.role, bob.can_full_sync, bob.can_see_activity) == (Role.ADMIN, True, False)

    def test_is_in_the_audit_log_with_what_was_before(self, ada: Client, northwind: Northwind) -> None:
        change(ada, northwind.bob, TO_ADMIN)
        entry = newest_entry(northwind.alice)
        assert (entry.action, entry.actor_name, entry.object_id) == ("member.changed", "Ada Okafor", northwind.bob.pk)
        assert (entry.details["before"]["role"], entry.details["after"]["role"]) == ("member", "admin")

    def test_twice_is_told_once(self, ada: Client, northwind: Northwind) -> None:
        change(ada, northwind.bob, TO_ADMIN)
        first = newest_entry(northwind.alice).pk
        change(ada, northwind.bob, TO_ADMIN)
        assert newest_entry(northwind.alice).pk == first

    def test_answers_htmx_with_the_row_and_a_toast(self, ada: Client, northwind: Northwind) -> None:
        answer = ada.post(reverse("member_change", args=[northwind.bob.pk]), TO_ADMIN, headers={"hx-request": "true"})
        body = answer.content.decode()
        assert body.lstrip().startswith("<tr>")
        assert "Bob Marsh is admin now" in body
        assert "<html" not in body

    @pytest.mark.parametrize("role", ["owner", "", "king"])
    def test_takes_no_other_role(self, alice: Client, northwind: Northwind, role: str) -> None:
        assert change(alice, northwind.bob, {"role": role}) == 400
        assert now(northwind.bob).role == Role.MEMBER

    def test_is_not_for_oneself(self, ada: Client, northwind: Northwind) -> None:
        assert change(ada, northwind.ada, {"role": "member"}) == 403

    def test_is_not_for_the_owner(self, ada: Client, northwind: Northwind) -> None:
        assert change(ada, northwind.alice, {"role": "member"}) == 403
        assert now(northwind.alice).role == Role.OWNER


class TestDeactivating:
    def test_locks_out_at_once(self, ada: Client, bob: Client, northwind: Northwind) -> None:
        assert bob.get(reverse("profile")).status_code == 200
        ada.post(reverse("member_deactivate", args=[northwind.bob.pk]))
        assert bob.get(reverse("profile")).headers["Location"] == reverse("no_account")

    def test_stops_the_members_tokens(self, ada: Client, client: Client, northwind: Northwind) -> None:
        key = token_of(northwind.bob)
        ada.post(reverse("member_deactivate", args=[northwind.bob.pk]))
        assert client.get("/api/v1/me/", headers={"authorization": f"Bearer {key}"}).status_code == 401

    def test_can_be_undone_tokens_and_all(self, ada: Client, client: Client, northwind: Northwind) -> None:
        key = token_of(northwind.bob)
        page = ada.post(reverse("member_deactivate", args=[northwind.bob.pk]), follow=True)
        ada.post(reverse("undo"), {"id": undo_in(page)})
        assert now(northwind.bob).is_active
        assert client.get("/api/v1/me/", headers={"authorization": f"Bearer {key}"}).status_code == 200

    def test_twice_does_no_harm(self, ada: Client, northwind: Northwind) -> None:
        for _ in range(2):
            ada.post(reverse("member_deactivate", args=[northwind.bob.pk]))
        since = now(northwind.bob).deactivated_at
        assert since is not None
        assert newest_entry(northwind.alice).action == "member.deactivated"

    @pytest.mark.parametrize("whom", ["alice", "ada"])
    def test_is_not_for_the_owner_nor_oneself(self, ada: Client, northwind: Northwind, whom: str) -> None:
        member: Membership = getattr(northwind, whom)
        assert ada.post(reverse("member_deactivate", args=[member.pk])).status_code == 403
        assert now(member).is_active

    def test_leaves_the_person_their_log_in(self, ada: Client, client: Client, northwind: Northwind) -> None:
        ada.post(reverse("member_deactivate", args=[northwind.bob.pk]))
        log_in(client, "bob@northwind.example")
        assert "You are in no account yet" in client.get(reverse("no_account")).content.decode()


class TestReactivating:
    @pytest.fixture(autouse=True)
    def _deactivated(self, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            operations.deactivate_member(actor=northwind.alice, member=northwind.bob)

    def test_lets_in_again_with_the_old_role(self, ada: Client, bob: Client, northwind: Northwind) -> None:
        ada.post(reverse("member_reactivate", args=[northwind.bob.pk]))
        assert bob.get(reverse("profile")).status_code == 200

    def test_is_not_for_the_one_concerned(self, bob: Client, northwind: Northwind) -> None:
        bob.post(reverse("member_reactivate", args=[northwind.bob.pk]))
        assert not now(northwind.bob).is_active
