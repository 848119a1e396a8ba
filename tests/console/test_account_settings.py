"""The account's name, and how it stores mail."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import operations
from accounts.models import Tenant
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.console.conftest import newest_entry


def name_of(northwind: Northwind) -> str:
    with tenant_scope(northwind.tenant.pk):
        return Tenant.objects.get(pk=northwind.tenant.pk).name


def test_everybody_sees_the_new_name(ada: Client, bob: Client) -> None:
    ada.post(reverse("account_settings"), {"name": "Northwind Trading"})
    assert "Northwind Trading" in bob.get(reverse("profile")).content.decode()


def test_the_audit_log_keeps_the_old_one(ada: Client, northwind: Northwind) -> None:
    ada.post(reverse("account_settings"), {"name": "Northwind Trading"})
    entry = newest_entry(northwind.alice)
    assert (entry.summary, entry.details) == (
        "renamed the account to Northwind Trading",
        {"before": "Northwind"},
    )


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_it_needs_a_name(ada: Client, northwind: Northwind, name: str) -> None:
    assert ada.post(reverse("account_settings"), {"name": name}).status_code == 422
    assert name_of(northwind) == "Northwind"


def test_a_name_cannot_carry_a_script(ada: Client) -> None:
    ada.post(reverse("account_settings"), {"name": "<script>alert(1)</script>"})
    assert "<script>alert" not in ada.get(reverse("account_settings")).content.decode()


def test_only_the_owner_is_offered_to_hand_over(alice: Client, ada: Client) -> None:
    assert reverse("hand_over") in alice.get(reverse("account_settings")).content.decode()
    assert reverse("hand_over") not in ada.get(reverse("account_settings")).content.decode()


def test_what_fails_midway_leaves_nothing_behind(
    northwind: Northwind, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = operations.rename_account

    def fail(**kwargs: object) -> None:
        rename(**kwargs)  # type: ignore[arg-type]
        raise ZeroDivisionError

    monkeypatch.setattr(operations, "rename_account", fail)
    ada.raise_request_exception = False
    assert ada.post(reverse("account_settings"), {"name": "Half"}).status_code == 500
    assert name_of(northwind) == "Northwind"


def rules_of(northwind: Northwind) -> tuple[str, str]:
    with tenant_scope(northwind.tenant.pk):
        tenant = Tenant.objects.get(pk=northwind.tenant.pk)
    return tenant.duplicates, tenant.excluded_sender


def test_admins_choose_how_mail_is_stored(ada: Client, northwind: Northwind) -> None:
    assert rules_of(northwind) == ("first", "nobody")
    ada.post(reverse("mail_rules"), {"duplicates": "all", "excluded_sender": "others"})
    assert rules_of(northwind) == ("all", "others")
    assert newest_entry(northwind.alice).action == "account.mail_rules"


def test_members_do_not(bob: Client, northwind: Northwind) -> None:
    assert bob.post(reverse("mail_rules"), {"duplicates": "all", "excluded_sender": "others"}).status_code == 403
    assert rules_of(northwind) == ("first", "nobody")


def test_a_rule_that_does_not_exist_is_refused(ada: Client, northwind: Northwind) -> None:
    answer = ada.post(reverse("mail_rules"), {"duplicates": "some", "excluded_sender": "nobody"})
    assert answer.status_code == 422
    assert rules_of(northwind) == ("first", "nobody")
