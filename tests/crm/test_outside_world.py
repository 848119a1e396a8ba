"""The demo's pages lead to the world that its mail comes from; elsewhere there is no such link."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import Membership
from tests.conftest import Northwind

LINK = 'href="http://127.0.0.1:8025"'


@override_settings(OUTSIDE_WORLD_URL="http://127.0.0.1:8025")
def test_the_demo_leads_there_before_and_after_signing_in(
    client: Client, northwind: Northwind, client_of: Callable[[Membership], Client]
) -> None:
    assert LINK in client.get(reverse("account_login")).text
    assert LINK in client_of(northwind.bob).get(reverse("profile")).text


@pytest.mark.usefixtures("db")
def test_nothing_else_does(client: Client) -> None:
    assert "outside world" not in client.get(reverse("account_login")).text
