"""Quota: what each method costs in both tables, and how Gmail says that it is spent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.google.conftest import ALICE, Gmail, Put, Sign, refused

COSTS = {
    "getProfile": (1, 1),
    "messages.list": (5, 5),
    "messages.get": (20, 5),
    "threads.get": (40, 10),
    "threads.list": (10, 10),
    "history.list": (2, 2),
    "messages.modify": (5, 5),
    "messages.batchModify": (50, 50),
    "messages.trash": (20, 5),
    "labels.list": (1, 1),
    "labels.create": (5, 5),
    "drafts.create": (10, 10),
    "drafts.get": (20, 5),
    "drafts.update": (15, 15),
    "drafts.delete": (10, 10),
    "drafts.send": (100, 100),
    "messages.send": (100, 100),
    "messages.attachments.get": (20, 5),
    "watch": (100, 100),
    "stop": (50, 50),
}


def request(gmail: Gmail, name: str, gid: str) -> Any:
    """A call of the method with whatever it needs; it may well be refused after it was paid."""
    resource = gmail.api
    *parents, verb = name.split(".")
    for parent in parents:
        resource = getattr(resource, parent)()
    named = {
        "history": {"startHistoryId": "1"},
        "attachments": {"messageId": gid, "id": "x"},
    }.get(parents[-1] if parents else "", {})
    takes_id = verb in {"get", "modify", "trash", "update", "delete"} and "attachments" not in parents
    body: dict[str, Any] = (
        {"body": {}} if verb in {"modify", "batchModify", "create", "update", "send", "watch"} else {}
    )
    return getattr(resource, verb)(userId="me", **named, **({"id": gid} if takes_id else {}), **body)


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("profile", ["google-new", "google-old"])
def test_a_method_costs(alice: Gmail, put: Put, emulator: httpx.Client, name: str, profile: str) -> None:
    emulator.post("quota", json={"profile": profile, "provider": "google"}).raise_for_status()
    call = request(alice, name, put())
    alice.http.request(call.method, call.uri, content=call.body)
    meter = emulator.get("quota", params={"address": ALICE}).json()["meter"]
    assert meter["spent"] == COSTS[name][profile == "google-old"]


@pytest.mark.parametrize(("profile", "all_but_one_get"), [("google-new", 6_000 - 20), ("google-old", 15_000 - 5)])
def test_a_minute_holds_no_more_than_its_units(
    alice: Gmail, put: Put, emulator: httpx.Client, profile: str, all_but_one_get: int
) -> None:
    emulator.post("clock", json={"frozen": True}).raise_for_status()
    emulator.post("quota", json={"profile": profile, "provider": "google"}).raise_for_status()
    emulator.post("knobs", json={"google_units": {"getProfile": all_but_one_get}}).raise_for_status()
    gid = put()
    alice.api.getProfile(userId="me").execute()
    alice.api.messages().get(userId="me", id=gid).execute()
    assert refused(alice.api.messages().get(userId="me", id=gid)).reason == "rateLimitExceeded"
    emulator.post("clock", json={"advance_ms": 60_000}).raise_for_status()
    alice.api.messages().get(userId="me", id=gid).execute()


@pytest.mark.parametrize(
    ("knob", "status", "reason", "text"),
    [
        ("metric", 403, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute"),
        ("exhausted", 429, "rateLimitExceeded", "Resource has been exhausted (e.g. check quota)."),
        (
            "retry-after",
            429,
            "userRateLimitExceeded",
            "User-rate limit exceeded.  Retry after 2023-11-14T22:14:20",
        ),
    ],
)
def test_a_spent_budget_is_refused_in_three_texts(
    alice: Gmail, emulator: httpx.Client, knob: str, status: int, reason: str, text: str
) -> None:
    emulator.post("clock", json={"frozen": True, "now": 1_700_000_000_000}).raise_for_status()
    emulator.post("quota", json={"units": 1, "window_ms": 60_000, "address": ALICE}).raise_for_status()
    emulator.post("knobs", json={"google_refusal": knob}).raise_for_status()
    refusal = refused(alice.api.messages().list(userId="me"))
    assert (refusal.status, refusal.reason) == (status, reason)
    assert refusal.message.startswith(text)
    assert refusal.error["errors"][0]["domain"] == "usageLimits"


def test_gmail_sends_no_retry_after(alice: Gmail, emulator: httpx.Client) -> None:
    emulator.post("quota", json={"units": 1, "address": ALICE}).raise_for_status()
    assert "retry-after" not in alice.http.get("/gmail/v1/users/me/messages").headers


def test_one_mailbox_does_not_spend_for_another(sign_in: Sign, alice: Gmail, emulator: httpx.Client) -> None:
    emulator.post("quota", json={"units": 5, "provider": "google"}).raise_for_status()
    alice.api.messages().list(userId="me").execute()
    assert refused(alice.api.messages().list(userId="me")).status == 403
    sign_in("dana@northwind.example").api.messages().list(userId="me").execute()


def test_a_call_that_is_refused_before_the_work_costs_nothing(alice: Gmail, emulator: httpx.Client) -> None:
    emulator.post("quota", json={"profile": "google-new", "provider": "google"}).raise_for_status()
    alice.http.get("/gmail/v1/users/me/messages?nonsense=1")
    assert emulator.get("quota", params={"address": ALICE}).json()["meter"]["spent"] == 0
