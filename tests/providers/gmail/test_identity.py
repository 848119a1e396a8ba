"""Whose mailbox it is, and which other addresses are theirs."""

from __future__ import annotations

import httpx
import pytest

from providers.base import Identity
from tests.providers.gmail.conftest import ALICE, MODIFY, READONLY, SEND, Log, Open, Opened, refused


def describe(emulator: httpx.Client, *aliases: dict[str, object]) -> None:
    emulator.put(f"google/accounts/{ALICE}", json={"name": "Alice", "sendAs": list(aliases)}).raise_for_status()


@pytest.mark.parametrize("scope", [READONLY, MODIFY])
def test_addresses_that_one_may_send_as_are_ones_own(open_as: Open, emulator: httpx.Client, scope: str) -> None:
    """R3."""
    describe(
        emulator,
        {"sendAsEmail": "Sales@Northwind.example", "verificationStatus": "accepted"},
        {"sendAsEmail": "pending@northwind.example", "verificationStatus": "pending"},
    )
    assert open_as(scope).provider.identity() == Identity(ALICE, ("sales@northwind.example",))


def test_a_mailbox_without_others_has_none(alice: Opened) -> None:
    assert alice.provider.identity() == Identity(ALICE)
    assert alice.spent == 2


def test_who_may_only_send_is_asked_for_by_openid(open_as: Open, log: Log) -> None:
    """R22: nothing of the mailbox is read, not even its profile."""
    manual = open_as(SEND, "openid", "https://www.googleapis.com/auth/userinfo.email")
    assert manual.provider.identity() == Identity(ALICE)
    assert log.asked("") == ["GET /v1/userinfo"]
    assert manual.paid == []


def test_a_token_that_says_nothing_of_its_owner_is_not_enough(open_as: Open) -> None:
    error = refused(open_as(SEND).provider.identity)
    assert error.status == 403
    assert error.needs_reconnect
