"""One's own name, time zone and theme."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts import audit
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind

BOB = {"name": "Robert Marsh", "timezone": "Europe/Paris", "theme": "dark"}


def test_colleagues_see_the_new_name(alice: Client, bob: Client) -> None:
    bob.post(reverse("profile"), BOB)
    assert "Robert Marsh" in alice.get(reverse("members")).content.decode()


def test_the_theme_applies_at_once(bob: Client) -> None:
    page = bob.post(reverse("profile"), BOB, follow=True).content.decode()
    assert 'data-theme="dark"' in page


def test_times_are_shown_in_ones_own_zone(alice: Client, northwind: Northwind) -> None:
    alice.post(reverse("profile"), BOB | {"timezone": "Asia/Tokyo"})
    with tenant_scope(northwind.tenant.pk):
        audit.record(northwind.bob, "test.done", "did it", at=datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    assert "3 Mar 2026, 08:30" in alice.get(reverse("audit_log")).content.decode()


def test_a_name_is_one_line(bob: Client, northwind: Northwind) -> None:
    bob.post(reverse("profile"), BOB | {"name": "  Robert\r\nBcc:  x  "})
    northwind.bob.user.refresh_from_db()
    assert northwind.bob.user.name == "Robert Bcc: x"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 101),
        ("name", "Bob\0"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("theme", "pink"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_saved(bob: Client, northwind: Northwind, field: str, value: str) -> None:
    answer = bob.post(reverse("profile"), BOB | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    northwind.bob.user.refresh_from_db()
    assert (northwind.bob.user.name, northwind.bob.user.timezone) == ("Bob Marsh", "UTC")
