"""API tokens: made by their owner, shown once, ended at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.console.conftest import newest_entry, undo_in

FORM = {"name": "Nightly export", "scope": "read", "lifetime": "90"}


def make(browser: Client, **changed: str) -> str:
    """Makes a token by the page, and answers its key."""
    page = browser.post(reverse("api_tokens"), FORM | changed)
    assert page.status_code == 200, page.context["form"].errors
    key: str = page.context["made"][1]
    return key


def tokens(northwind: Northwind) -> list[ApiToken]:
    with tenant_scope(northwind.tenant.pk):
        return list(ApiToken.objects.order_by("id"))


def works(key: str) -> bool:
    return Client().get("/api/v1/me/", headers={"authorization": f"Bearer {key}"}).status_code == 200


class TestMakingOne:
    def test_gives_a_key_that_works(self, bob: Client) -> None:
        assert works(make(bob))

    def test_shows_the_key_once(self, bob: Client) -> None:
        answer = bob.post(reverse("api_tokens"), FORM)
        key = answer.context["made"][1]
        assert key in answer.content.decode()
        assert key not in bob.get(reverse("api_tokens")).content.decode()

    def test_leaves_the_key_in_no_cache(self, bob: Client) -> None:
        assert "no-store" in bob.post(reverse("api_tokens"), FORM).headers["Cache-Control"]

    def test_keeps_no_copy_of_the_key(self, bob: Client, northwind: Northwind) -> None:
        key = make(bob)
        (token,) = tokens(northwind)
        assert key not in repr(vars(token))
        assert key not in repr(vars(newest_entry(northwind.alice)))

    @pytest.mark.parametrize(("lifetime", "days"), [("30", 30), ("365", 365)])
    def test_ends_when_it_was_told_to(self, bob: Client, northwind: Northwind, lifetime: str, days: int) -> None:
        make(bob, lifetime=lifetime)
        ends = tokens(northwind)[0].expires_at
        assert ends is not None
        assert abs(ends - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)

    def test_may_go_on_until_revoked(self, bob: Client, northwind: Northwind) -> None:
        make(bob, lifetime="never")
        assert tokens(northwind)[0].expires_at is None

    def test_twice_by_a_double_click_makes_one(self, bob: Client, northwind: Northwind) -> None:
        make(bob)
        answer = bob.post(reverse("api_tokens"), FORM)
        assert "You have a token named Nightly export already" in answer.content.decode()
        assert len(tokens(northwind)) == 1

    @pytest.mark.parametrize(
        ("field", "value"), [("name", ""), ("name", "x" * 61), ("scope", "admin"), ("lifetime", "7000")]
    )
    def test_says_what_is_wrong(self, bob: Client, northwind: Northwind, field: str, value: str) -> None:
        answer = bob.post(reverse("api_tokens"), FORM | {field: value})
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        assert tokens(northwind) == []


class TestAToken:
    def test_stops_when_its_time_is_over(self, bob: Client, northwind: Northwind) -> None:
        key = make(bob)
        with tenant_scope(northwind.tenant.pk):
            ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert not works(key)
        assert "Expired" in bob.get(reverse("api_tokens")).content.decode()

    def test_shows_when_it_was_used_last(self, bob: Client, northwind: Northwind) -> None:
        key = make(bob)
        assert "Never" in bob.get(reverse("api_tokens")).content.decode()
        works(key)
        assert tokens(northwind)[0].last_used_at is not None


class TestRevoking:
    def test_stops_it_at_once(self, bob: Client, northwind: Northwind) -> None:
        key = make(bob)
        bob.post(reverse("token_revoke", args=[tokens(northwind)[0].pk]))
        assert not works(key)
        assert "Nightly export</strong>" not in bob.get(reverse("api_tokens")).content.decode()

    def test_can_be_undone(self, bob: Client, northwind: Northwind) -> None:
        key = make(bob)
        page = bob.post(reverse("token_revoke", args=[tokens(northwind)[0].pk]), follow=True)
        bob.post(reverse("undo"), {"id": undo_in(page)})
        assert works(key)

    def test_twice_is_not_found(self, bob: Client, northwind: Northwind) -> None:
        make(bob)
        url = reverse("token_revoke", args=[tokens(northwind)[0].pk])
        bob.post(url)
        assert bob.post(url).status_code == 404

    def test_frees_its_name(self, bob: Client, northwind: Northwind) -> None:
        make(bob)
        bob.post(reverse("token_revoke", args=[tokens(northwind)[0].pk]))
        assert works(make(bob))


class TestTokensOfTheTeam:
    def test_are_seen_by_admins_with_their_owner(self, ada: Client, bob: Client) -> None:
        make(bob)
        page = ada.get(reverse("api_tokens")).content.decode()
        assert "Tokens of the team" in page
        assert "Bob Marsh" in page

    def test_can_be_revoked_by_admins(self, ada: Client, bob: Client, northwind: Northwind) -> None:
        key = make(bob)
        ada.post(reverse("token_revoke", args=[tokens(northwind)[0].pk]))
        assert not works(key)

    def test_are_not_seen_by_members(self, alice: Client, bob: Client) -> None:
        make(alice, name="Payroll")
        assert "Payroll" not in bob.get(reverse("api_tokens")).content.decode()
