"""Settings under S1: another account's ids are not found, a lesser role is refused with a sentence."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import operations
from accounts.models import Role, TokenScope
from console.urls import urlpatterns
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind

OF_ADMINS = ["account_settings", "members", "audit_log", "audit_export"]


@pytest.fixture
def ids(northwind: Northwind) -> dict[str, int]:
    """One object of Northwind's for each kind of id in the URLs."""
    with tenant_scope(northwind.tenant.pk):
        invitation = operations.invite(actor=northwind.alice, email="new@northwind.example", role=Role.MEMBER)
        token, _ = operations.create_token(
            member=northwind.alice, name="Export", scope=TokenScope.READ, expires_at=None
        )
    return {"member_id": northwind.bob.pk, "invitation_id": invitation.pk, "token_id": token.pk}


def urls_with_ids(ids: dict[str, int]) -> list[str]:
    """Every URL of Settings that names an object."""
    found = []
    for pattern in urlpatterns:
        names = list(pattern.pattern.converters)
        if names:
            found.append(reverse(str(pattern.name), kwargs={name: ids[name] for name in names}))
    return found


def test_another_accounts_objects_are_not_found(charlie: Client, ids: dict[str, int]) -> None:
    answers = {url: charlie.post(url).status_code for url in urls_with_ids(ids)}
    assert len(answers) >= 6
    assert set(answers.values()) == {404}


def test_a_members_requests_about_others_are_refused(bob: Client, ids: dict[str, int]) -> None:
    answers = {url: bob.post(url).status_code for url in urls_with_ids(ids)}
    # Somebody else's token is not there for a member; to know of it is no right of theirs.
    assert answers.pop(reverse("token_revoke", args=[ids["token_id"]])) == 404
    assert set(answers.values()) == {403}


@pytest.mark.parametrize("name", [*OF_ADMINS, "hand_over"])
def test_a_member_reads_why_a_page_is_not_theirs(bob: Client, name: str) -> None:
    answer = bob.get(reverse(name))
    assert answer.status_code == 403
    assert "You may not" in answer.content.decode()


@pytest.mark.parametrize("name", ["account_settings", "members", "hand_over"])
def test_a_member_cannot_post_there_either(bob: Client, name: str) -> None:
    assert bob.post(reverse(name), {"name": "Bobwind"}).status_code == 403


def test_an_admin_cannot_hand_over_the_account(ada: Client) -> None:
    assert ada.get(reverse("hand_over")).status_code == 403


@pytest.mark.parametrize("name", OF_ADMINS)
def test_an_admin_opens_the_pages_of_the_account(ada: Client, name: str) -> None:
    assert ada.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["profile", "api_tokens", *OF_ADMINS, "hand_over"])
def test_a_stranger_comes_to_the_log_in(db: None, client: Client, name: str) -> None:
    assert client.get(reverse(name)).headers["Location"] == f"{reverse('account_login')}?next={reverse(name)}"


def test_what_changes_something_needs_a_post(alice: Client, ids: dict[str, int]) -> None:
    assert {alice.get(url).status_code for url in urls_with_ids(ids)} == {405}


def test_what_changes_something_needs_the_forms_token(northwind: Northwind, ids: dict[str, int]) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(northwind.alice.user)
    assert {browser.post(url).status_code for url in urls_with_ids(ids)} == {403}


@pytest.mark.parametrize("name", ["profile", "api_tokens", *OF_ADMINS])
def test_no_page_shows_anything_of_another_account(
    charlie: Client, northwind: Northwind, ids: dict[str, int], name: str
) -> None:
    answer = charlie.get(reverse(name))
    body = (b"".join(answer) if answer.streaming else answer.content).decode()
    for secret in ("Northwind", "northwind.example", "Alice", "Export</strong>"):
        assert secret not in body


@pytest.mark.parametrize("role", ["alice", "ada"])
def test_a_huge_id_is_simply_not_found(request: pytest.FixtureRequest, role: str) -> None:
    browser: Client = request.getfixturevalue(role)
    assert browser.post(f"/settings/members/{'9' * 30}/").status_code == 404
