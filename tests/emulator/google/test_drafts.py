"""Drafts: one id for good, a new message at each update, and gone when sent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.conftest import Mail
from tests.emulator.google.conftest import ALICE, CARLA, Gmail, Json, Put, encoded, listed, refused


def create(gmail: Gmail, raw: bytes, **message: Any) -> Json:
    body = {"message": {"raw": encoded(raw), **message}}
    answer: Json = gmail.api.drafts().create(userId="me", body=body).execute()
    return answer


@pytest.fixture
def letter(mail: Mail) -> bytes:
    return mail(From=ALICE, To=CARLA)


def test_a_draft_has_an_id_and_a_message(alice: Gmail, letter: bytes) -> None:
    draft = create(alice, letter)
    assert draft["id"].startswith("r")
    assert draft["message"]["labelIds"] == ["DRAFT"]
    got = alice.api.drafts().get(userId="me", id=draft["id"], format="metadata").execute()
    assert got["message"]["id"] == draft["message"]["id"]


def test_a_draft_needs_no_recipient(alice: Gmail) -> None:
    assert create(alice, b"Subject: not yet\r\n\r\n")["message"]["labelIds"] == ["DRAFT"]


def test_drafts_are_listed_with_their_messages(alice: Gmail, letter: bytes) -> None:
    draft = create(alice, letter)
    (found,) = alice.api.drafts().list(userId="me", q="to:carla").execute()["drafts"]
    assert found == {"id": draft["id"], "message": {key: draft["message"][key] for key in ("id", "threadId")}}
    assert "drafts" not in alice.api.drafts().list(userId="me", q="to:dave").execute()


def test_a_draft_made_elsewhere_is_listed_too(alice: Gmail, put: Put) -> None:
    gid = put(folder="drafts")
    (found,) = alice.api.drafts().list(userId="me").execute()["drafts"]
    assert found["message"]["id"] == gid
    assert alice.api.drafts().get(userId="me", id=found["id"]).execute()["message"]["id"] == gid


def test_an_update_is_a_new_message_under_the_same_draft(alice: Gmail, letter: bytes, mail: Mail) -> None:
    draft = create(alice, letter)
    start = alice.api.getProfile(userId="me").execute()["historyId"]
    body = {"message": {"raw": encoded(mail(From=ALICE, To=CARLA, subject="Better offer"))}}
    changed = alice.api.drafts().update(userId="me", id=draft["id"], body=body).execute()
    assert changed["id"] == draft["id"]
    assert changed["message"]["id"] != draft["message"]["id"]
    assert changed["message"]["threadId"] == draft["message"]["threadId"]
    assert refused(alice.api.messages().get(userId="me", id=draft["message"]["id"])).status == 404
    history = alice.api.history().list(userId="me", startHistoryId=start).execute()["history"]
    assert [key for record in history for key in record if key.startswith("messages")] == [
        *("messages", "messagesAdded"),
        *("messages", "messagesDeleted"),
    ]


def test_a_sent_draft_is_delivered_and_gone(alice: Gmail, letter: bytes, emulator: httpx.Client) -> None:
    draft = create(alice, letter)
    sent = alice.api.drafts().send(userId="me", body={"id": draft["id"]}).execute()
    assert sent["labelIds"] == ["SENT"]
    assert sent["id"] != draft["message"]["id"]
    assert sent["threadId"] == draft["message"]["threadId"]
    assert refused(alice.api.drafts().get(userId="me", id=draft["id"])).status == 404
    assert emulator.get(f"mailboxes/{CARLA}").json()["messages"] == 1
    assert listed(alice) == [sent["id"]]


def test_a_draft_can_be_changed_in_the_act_of_sending(alice: Gmail, letter: bytes, mail: Mail) -> None:
    draft = create(alice, letter)
    raw = encoded(mail(From=ALICE, To=CARLA, subject="Last word"))
    sent = alice.api.drafts().send(userId="me", body={"id": draft["id"], "message": {"raw": raw}}).execute()
    payload = alice.api.messages().get(userId="me", id=sent["id"]).execute()["payload"]
    assert {"name": "Subject", "value": "Last word"} in payload["headers"]


def test_a_draft_without_recipient_is_not_sent_and_stays(alice: Gmail) -> None:
    draft = create(alice, b"Subject: not yet\r\n\r\n")
    refusal = refused(alice.api.drafts().send(userId="me", body={"id": draft["id"]}))
    assert refusal.message == "Recipient address required"
    assert alice.api.drafts().get(userId="me", id=draft["id"]).execute()["id"] == draft["id"]


def test_a_reply_is_drafted_in_its_thread(alice: Gmail, put: Put, mail: Mail) -> None:
    thread = put(Message_ID="<1@contoso.example>")
    raw = mail(From=ALICE, To=CARLA, subject="Re: Offer", References="<1@contoso.example>")
    draft = create(alice, raw, threadId=thread)
    assert draft["message"]["threadId"] == thread
    assert alice.api.drafts().send(userId="me", body={"id": draft["id"]}).execute()["threadId"] == thread


def test_a_deleted_draft_is_gone_with_its_message(alice: Gmail, letter: bytes) -> None:
    draft = create(alice, letter)
    alice.api.drafts().delete(userId="me", id=draft["id"]).execute()
    assert listed(alice) == []


@pytest.mark.parametrize("body", [{"id": "r-1"}, {"id": "nonsense"}])
def test_an_unknown_draft_is_not_found(alice: Gmail, body: Json) -> None:
    drafts = alice.api.drafts()
    for request in (
        drafts.send(userId="me", body=body),
        drafts.get(userId="me", id=body["id"]),
        drafts.delete(userId="me", id=body["id"]),
        drafts.update(userId="me", id=body["id"], body={"message": {"raw": "eA=="}}),
    ):
        assert refused(request).status == 404


@pytest.mark.parametrize("body", [{}, {"message": {}}, {"message": {"raw": "%"}}, {"message": "text"}])
def test_a_draft_that_cannot_be_is_refused(alice: Gmail, body: Json) -> None:
    assert refused(alice.api.drafts().create(userId="me", body=body)).status == 400
