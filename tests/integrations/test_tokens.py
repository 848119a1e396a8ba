"""Coming in: by a token alone, and what is said to one that opens nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import operations, queries
from accounts.models import ApiToken, Membership, TokenScope
from crm.lib.tenancy import tenant_scope
from tests.conftest import ApiOf, Northwind, token_of
from tests.integrations.conftest import problem

ME = "/api/v1/me/"
TAGS = "/api/v1/tags/"


def call(authorization: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=authorization)
    return client


def change(member: Membership, **values: object) -> None:
    """Makes the member's tokens something else."""
    with tenant_scope(member.tenant_id):
        ApiToken.objects.filter(membership=member).update(**values)


def last_use(member: Membership) -> object:
    with tenant_scope(member.tenant_id):
        return ApiToken.objects.get(membership=member).last_used_at


def test_a_token_tells_who_it_acts_as_and_what_they_may(northwind: Northwind, api_of: ApiOf) -> None:
    me = api_of(northwind.bob, TokenScope.READ).get(ME).json()
    assert me["member"] == northwind.bob.pk
    assert me["user"] == {"name": "Bob Marsh", "email": "bob@northwind.example", "timezone": "UTC"}
    assert me["tenant"] == {"id": northwind.tenant.pk, "name": "Northwind"}
    assert (me["role"], me["rights"]) == ("member", ["full_sync", "see_activity"])
    assert (me["token"]["name"], me["token"]["scope"], me["token"]["expires_at"]) == ("Script", "read", None)


def test_the_key_of_a_token_is_never_shown_again(northwind: Northwind) -> None:
    key = token_of(northwind.bob)
    assert key not in call(f"Bearer {key}").get(ME).content.decode()


def test_without_a_token_nobody_comes_in(northwind: Northwind) -> None:
    response = APIClient().get(ME)
    assert "Settings, API tokens" in problem(response, 401, "token-missing")["detail"]
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Postroom"'


def test_a_browsers_session_opens_nothing(northwind: Northwind, client_of: Callable[[Membership], Client]) -> None:
    problem(client_of(northwind.alice).get(ME), 401, "token-missing")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Token prm_x", "Basic YWxpY2U6eA==", "Bearer prm_ü", "prm_x"]
)
def test_an_odd_authorization_header_is_explained(northwind: Northwind, header: str) -> None:
    response = call(header).get(ME)
    assert "Bearer TOKEN" in problem(response, 401, "token-malformed")["detail"]
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_made_up_token_is_unknown(northwind: Northwind) -> None:
    problem(call(f"Bearer prm_{'x' * 43}").get(ME), 401, "token-unknown")


def test_a_revoked_token_says_since_when(northwind: Northwind) -> None:
    client = call(f"Bearer {token_of(northwind.bob)}")
    change(northwind.bob, revoked_at=timezone.now())
    assert f"{timezone.now():%Y-%m-%d}" in problem(client.get(ME), 401, "token-revoked")["detail"]


def test_an_expired_token_says_since_when(northwind: Northwind) -> None:
    client = call(f"Bearer {token_of(northwind.bob)}")
    change(northwind.bob, expires_at=timezone.now())
    assert f"{timezone.now():%Y-%m-%d}" in problem(client.get(ME), 401, "token-expired")["detail"]


def test_a_token_works_until_it_expires(northwind: Northwind) -> None:
    client = call(f"Bearer {token_of(northwind.bob)}")
    change(northwind.bob, expires_at=timezone.now() + timedelta(minutes=1))
    assert client.get(ME).status_code == 200


def test_deactivating_a_member_ends_their_tokens(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    with tenant_scope(northwind.tenant.pk):
        operations.deactivate_member(actor=northwind.alice, member=queries.get_member(northwind.bob.pk))
    problem(program.get(ME), 401, "token-revoked")


def test_a_locked_user_is_told_whom_to_ask(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    northwind.bob.user.is_active = False
    northwind.bob.user.save()
    assert "owner or an admin" in problem(program.get(ME), 401, "member-deactivated")["detail"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_read_token_may_not_write(northwind: Northwind, api_of: ApiOf, method: str) -> None:
    response = getattr(api_of(northwind.alice, TokenScope.READ), method)(TAGS, {"name": "france"})
    problem(response, 403, "read-only-token")
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]


def test_a_write_token_may_read_and_write(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.alice)
    assert program.post(TAGS, {"name": "france"}).status_code == 201
    assert [tag["name"] for tag in program.get(TAGS).json()["results"]] == ["france"]


def test_the_last_use_is_noted_to_the_minute(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    program.get(ME)
    first = last_use(northwind.bob)
    program.get(ME)
    assert first is not None
    assert last_use(northwind.bob) == first
    change(northwind.bob, last_used_at=timezone.now() - timedelta(minutes=2))
    program.get(ME)
    assert last_use(northwind.bob) > first  # type: ignore[operator]


def test_a_read_that_finds_nothing_counts_as_use(northwind: Northwind, api_of: ApiOf) -> None:
    api_of(northwind.bob).get("/api/v1/contacts/1/")
    assert last_use(northwind.bob) is not None


def test_no_cache_shows_an_answer_again_without_asking(northwind: Northwind, api_of: ApiOf) -> None:
    for client in (api_of(northwind.bob), APIClient()):
        assert client.get(ME).headers["Cache-Control"] == "private, no-cache"
