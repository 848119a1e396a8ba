"""`manage.py apitoken` gives a person at the server a token."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from tests.conftest import Globex, Northwind


def apitoken(*arguments: str) -> str:
    out = StringIO()
    call_command("apitoken", *arguments, stdout=out)
    return out.getvalue().strip()


def get(key: str) -> Any:
    return APIClient().get("/api/v1/me/", headers={"Authorization": f"Bearer {key}"})


def join(member: Membership, other: Membership) -> None:
    """Makes ``member``'s user a member of ``other``'s account too."""
    with tenant_scope(other.tenant_id):
        Membership.objects.create(user=member.user)


def test_the_token_acts_as_the_member_and_may_write(northwind: Northwind) -> None:
    me = get(apitoken("Bob@Northwind.example")).json()
    assert (me["user"]["email"], me["tenant"]["name"]) == ("bob@northwind.example", "Northwind")
    assert me["token"] | {"hint": "", "created_at": ""} == {
        "name": "Command line",
        "scope": "write",
        "expires_at": None,
        "hint": "",
        "created_at": "",
    }


def test_name_scope_and_end_can_be_chosen(northwind: Northwind) -> None:
    token = get(apitoken("bob@northwind.example", "--name=Export", "--scope=read", "--days=7")).json()["token"]
    assert (token["name"], token["scope"]) == ("Export", "read")
    assert token["expires_at"][:10] == f"{timezone.now() + timedelta(days=7):%Y-%m-%d}"


def test_a_person_in_several_accounts_has_to_choose(northwind: Northwind, globex: Globex) -> None:
    join(northwind.bob, globex.charlie)
    with pytest.raises(CommandError, match=r"choose one with --tenant\. They are: Northwind, Globex"):
        apitoken("bob@northwind.example")
    assert get(apitoken("bob@northwind.example", "--tenant=globex")).json()["tenant"]["name"] == "Globex"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nobody@northwind.example"], "No active member logs in with nobody@northwind.example"),
        (["bob@northwind.example", "--tenant=Globex"], "no account named 'Globex', but in: Northwind"),
        (["bob@northwind.example", "--days=0"], "--days is 0"),
        (["bob@northwind.example", "--name= "], "--name needs 1 to 60"),
        (["bob@northwind.example", "--scope=all"], "invalid choice: 'all'"),
    ],
)
def test_what_cannot_be_is_explained(northwind: Northwind, arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        apitoken(*arguments)


def test_a_locked_user_gets_none(northwind: Northwind) -> None:
    northwind.bob.user.is_active = False
    northwind.bob.user.save()
    with pytest.raises(CommandError, match="No active member"):
        apitoken("bob@northwind.example")
