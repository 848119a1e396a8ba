"""Labels on messages, trash and deletion, one by one and in bulk."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.google.conftest import ALICE, AUTH, Gmail, Put, Sign, listed, refused


def labels_of(gmail: Gmail, gid: str) -> list[str]:
    found = gmail.api.messages().get(userId="me", id=gid, format="minimal").execute()
    return list(found.get("labelIds", []))


def test_modify_answers_ids_and_the_labels_there_are_now(alice: Gmail, put: Put) -> None:
    gid = put(labels="INBOX,UNREAD")
    body = {"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD", "IMPORTANT"]}
    answer = alice.api.messages().modify(userId="me", id=gid, body=body).execute()
    assert answer.keys() == {"id", "threadId", "labelIds"}
    assert answer["labelIds"] == ["INBOX", "STARRED"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"addLabelIds": ["Label_99"]}, "Invalid label: Label_99"),
        ({"addLabelIds": ["SENT"]}, "Invalid label: SENT"),
        ({"removeLabelIds": ["DRAFT"]}, "Invalid label: DRAFT"),
        ({"addLabelIds": ["CHAT"]}, "Invalid label: CHAT"),
        ({}, "No label add or removes specified"),
        ({"addLabelIds": ["INBOX"], "removeLabelIds": ["INBOX"]}, "Cannot both add and remove the same label"),
        ({"addLabelIds": ["INBOX"] * 101}, "Too many labels: at most 100 can be added or removed"),
    ],
)
def test_modify_refuses(alice: Gmail, put: Put, body: dict[str, Any], message: str) -> None:
    gid = put()
    for method in (alice.api.messages(), alice.api.threads()):
        refusal = refused(method.modify(userId="me", id=gid, body=body))
        assert (refusal.status, refusal.reason, refusal.message) == (400, "invalidArgument", message)


@pytest.mark.parametrize("label", ["INBOX", "UNREAD", "STARRED", "IMPORTANT", "SPAM", "TRASH", "CATEGORY_UPDATES"])
def test_these_system_labels_can_be_set(alice: Gmail, put: Put, label: str) -> None:
    gid = put(labels="CATEGORY_SOCIAL")
    alice.api.messages().modify(userId="me", id=gid, body={"addLabelIds": [label]}).execute()
    assert label in labels_of(alice, gid)


def test_batch_modify_answers_nothing_and_passes_over_unknown_ids(alice: Gmail, put: Put) -> None:
    gids = [put(), put()]
    body = {"ids": [*gids, "18c0000000000000"], "addLabelIds": ["STARRED"]}
    assert alice.http.post("/gmail/v1/users/me/messages/batchModify", json=body).status_code == 204
    assert all("STARRED" in labels_of(alice, gid) for gid in gids)


@pytest.mark.parametrize(
    "body",
    [
        {"addLabelIds": ["STARRED"]},
        {"ids": ["18c0000000000000"] * 1001, "addLabelIds": ["STARRED"]},
        {"ids": ["18c0000000000000"]},
        {"ids": ["xyz"], "addLabelIds": ["STARRED"]},
    ],
)
def test_batch_modify_refuses(alice: Gmail, body: dict[str, Any]) -> None:
    assert refused(alice.api.messages().batchModify(userId="me", body=body)).status == 400


def test_trash_takes_a_message_out_of_the_inbox_and_keeps_it(alice: Gmail, put: Put) -> None:
    gid = put(labels="INBOX,STARRED")
    assert alice.api.messages().trash(userId="me", id=gid).execute()["labelIds"] == ["STARRED", "TRASH"]
    assert listed(alice) == []
    assert alice.api.messages().untrash(userId="me", id=gid).execute()["labelIds"] == ["STARRED"]


def test_delete_is_for_good(alice: Gmail, put: Put) -> None:
    gid = put()
    assert alice.http.delete(f"/gmail/v1/users/me/messages/{gid}").status_code == 204
    assert refused(alice.api.messages().delete(userId="me", id=gid)).status == 404


def test_batch_delete_takes_many(alice: Gmail, put: Put) -> None:
    gids = [put(), put()]
    alice.api.messages().batchDelete(userId="me", body={"ids": [*gids, "18c0000000000000"]}).execute()
    assert listed(alice) == []


def test_modify_does_not_delete_for_good(sign_in: Sign, put: Put) -> None:
    gmail = sign_in(ALICE, f"{AUTH}gmail.modify")
    refusal = refused(gmail.api.messages().delete(userId="me", id=put()))
    assert (refusal.status, refusal.reason) == (403, "insufficientPermissions")


def test_what_alice_does_is_seen_by_control(alice: Gmail, put: Put, emulator: httpx.Client) -> None:
    gid = put()
    alice.api.messages().modify(userId="me", id=gid, body={"removeLabelIds": ["INBOX"]}).execute()
    assert emulator.get(f"mailboxes/{ALICE}/messages/{gid}").json()["folder_key"] == "archive"
