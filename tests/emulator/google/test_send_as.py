"""The addresses that a mailbox sends as: control sets them, the API reads them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.google.conftest import ALICE, Gmail, Json, refused

SALES = {"sendAsEmail": "Sales@Northwind.example", "displayName": "Sales", "isDefault": True}


def aliases(gmail: Gmail) -> list[Json]:
    found: list[Json] = gmail.api.settings().sendAs().list(userId="me").execute()["sendAs"]
    return found


def test_everybody_has_the_primary_address(alice: Gmail) -> None:
    (primary,) = aliases(alice)
    assert (primary["sendAsEmail"], primary["isPrimary"], primary["isDefault"]) == (ALICE, True, True)


def test_aliases_follow_with_their_state(alice: Gmail, emulator: httpx.Client) -> None:
    pending = {"sendAsEmail": "old@northwind.example", "verificationStatus": "pending"}
    emulator.put(f"google/accounts/{ALICE}", json={"name": "Alice", "sendAs": [SALES, pending]}).raise_for_status()
    primary, sales, old = aliases(alice)
    assert (primary["displayName"], primary["isDefault"]) == ("Alice", False)
    assert (sales["sendAsEmail"], sales["displayName"], sales["isDefault"]) == (
        "sales@northwind.example",
        "Sales",
        True,
    )
    assert [each["verificationStatus"] for each in (sales, old)] == ["accepted", "pending"]


def test_one_alias_can_be_read(alice: Gmail, emulator: httpx.Client) -> None:
    emulator.put(f"google/accounts/{ALICE}", json={"sendAs": [SALES]}).raise_for_status()
    send_as = alice.api.settings().sendAs()
    assert send_as.get(userId="me", sendAsEmail="SALES@northwind.example").execute()["displayName"] == "Sales"
    assert refused(send_as.get(userId="me", sendAsEmail="nobody@northwind.example")).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sendAs": "sales"}, "sendAs"),
        ({"sendAs": [{"nonsense": 1}]}, "sendAs"),
        ({"sendAs": [{"sendAsEmail": "nobody"}]}, "sendAsEmail"),
        ({"sendAs": [{}]}, "sendAsEmail"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_control_says_what_is_wrong(emulator: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = emulator.put(f"google/accounts/{ALICE}", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("google/topics", {"topic": "gmail", "endpoint": "http://127.0.0.1/"}, "topic"),
        ("google/topics", {"topic": "projects/p/topics/t"}, "endpoint"),
        ("google/clients", {"client_id": "web"}, "secret"),
    ],
)
def test_clients_and_topics_need_their_parts(
    emulator: httpx.Client, path: str, body: dict[str, Any], field: str
) -> None:
    answer = emulator.post(path, json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_clients_and_topics_are_listed_and_forgotten_by_a_reset(emulator: httpx.Client) -> None:
    topic = {"topic": "projects/p/topics/t", "endpoint": "http://127.0.0.1/"}
    emulator.post("google/topics", json=topic).raise_for_status()
    emulator.post("google/clients", json={"client_id": "web", "secret": "s"}).raise_for_status()
    assert "web" in [client["client_id"] for client in emulator.get("google/clients").json()["clients"]]
    assert len(emulator.get("google/topics").json()["topics"]) == 1
    emulator.post("reset").raise_for_status()
    assert "web" not in [client["client_id"] for client in emulator.get("google/clients").json()["clients"]]
    assert emulator.get("google/topics").json()["topics"] == []
