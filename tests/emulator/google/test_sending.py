"""messages.send: who gets what, in which thread, under whose name."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from emulator.rfc822 import fields
from tests.emulator.conftest import Mail
from tests.emulator.google.conftest import ALICE, AUTH, BOB, CARLA, Gmail, Json, Put, Sign, encoded, refused


@pytest.fixture
def letter(mail: Mail) -> bytes:
    return mail(From=f"Alice <{ALICE}>", To=CARLA, Bcc=BOB, Message_ID="<mine@northwind.example>")


def send(gmail: Gmail, raw: bytes, **body: Any) -> Json:
    answer: Json = gmail.api.messages().send(userId="me", body={"raw": encoded(raw), **body}).execute()
    return answer


def headers(emulator: httpx.Client, address: str, gid: str = "") -> dict[str, str]:
    """Of one message, or of the only one of a mailbox."""
    gid = gid or emulator.get(f"mailboxes/{address}/messages").json()["messages"][0]["gmail_id"]
    return dict(reversed(fields(emulator.get(f"mailboxes/{address}/messages/{gid}/raw").content)))


def test_a_send_answers_the_copy_in_sent(alice: Gmail, letter: bytes) -> None:
    answer = send(alice, letter)
    assert answer.keys() == {"id", "threadId", "labelIds"}
    assert answer["labelIds"] == ["SENT"]
    assert alice.api.messages().get(userId="me", id=answer["id"]).execute()["threadId"] == answer["threadId"]


def test_everybody_named_gets_it_and_nobody_sees_the_bcc(alice: Gmail, letter: bytes, emulator: httpx.Client) -> None:
    own = send(alice, letter)["id"]
    for address in (CARLA, BOB):
        received = headers(emulator, address)
        assert "Bcc" not in received
        assert received["Message-ID"] == "<mine@northwind.example>"
        assert received["Return-Path"] == f"<{ALICE}>"
    assert headers(emulator, ALICE, own)["Bcc"] == BOB


def test_a_letter_to_oneself_is_one_message_sent_and_received(alice: Gmail, mail: Mail) -> None:
    assert send(alice, mail(From=ALICE, To=ALICE))["labelIds"] == ["INBOX", "SENT", "UNREAD"]


def test_date_and_message_id_are_added(alice: Gmail, mail: Mail, emulator: httpx.Client) -> None:
    own = headers(emulator, ALICE, send(alice, mail(From=ALICE, To=CARLA))["id"])
    assert own["Message-ID"].endswith("@northwind.example>")
    assert "Date" in own


def test_the_message_id_may_be_replaced(alice: Gmail, letter: bytes, emulator: httpx.Client) -> None:
    emulator.post("knobs", json={"message_id": "rewrite"}).raise_for_status()
    own = headers(emulator, ALICE, send(alice, letter)["id"])
    assert own["X-Google-Original-Message-ID"] == "<mine@northwind.example>"
    assert own["Message-ID"] == headers(emulator, CARLA)["Message-ID"] != "<mine@northwind.example>"


def test_a_stranger_as_sender_becomes_oneself(alice: Gmail, mail: Mail, emulator: httpx.Client) -> None:
    own = headers(emulator, ALICE, send(alice, mail(From="Boss <boss@fabrikam.example>", To=CARLA))["id"])
    assert own["From"] == f"Boss <{ALICE}>"
    assert own["X-Google-Original-From"] == "Boss <boss@fabrikam.example>"


@pytest.mark.parametrize(("status", "kept"), [("accepted", True), ("pending", False)])
def test_a_verified_alias_may_send(alice: Gmail, mail: Mail, emulator: httpx.Client, status: str, kept: bool) -> None:
    alias = {"sendAsEmail": "sales@northwind.example", "verificationStatus": status}
    emulator.put(f"google/accounts/{ALICE}", json={"sendAs": [alias]}).raise_for_status()
    own = headers(emulator, ALICE, send(alice, mail(From="sales@northwind.example", To=CARLA))["id"])
    assert (own["From"] == "sales@northwind.example") == kept


@pytest.mark.parametrize(
    ("named", "joins"),
    [
        ({"subject": "Re: Offer", "References": "<1@contoso.example>"}, True),
        ({"subject": "Re: Offer", "In_Reply_To": "<1@contoso.example>"}, True),
        ({"subject": "Something else", "References": "<1@contoso.example>"}, False),
        ({"subject": "Re: Offer"}, False),
    ],
)
def test_a_thread_takes_replies_with_its_subject_and_reference(
    alice: Gmail, put: Put, mail: Mail, named: dict[str, str], joins: bool
) -> None:
    thread = put(Message_ID="<1@contoso.example>")
    answer = send(alice, mail(From=ALICE, To=CARLA, **named), threadId=thread)
    assert (answer["threadId"] == thread) == joins


def test_without_a_thread_id_a_reply_is_a_thread_of_its_own(alice: Gmail, put: Put, mail: Mail) -> None:
    thread = put(Message_ID="<1@contoso.example>")
    answer = send(alice, mail(From=ALICE, To=CARLA, subject="Re: Offer", References="<1@contoso.example>"))
    assert answer["threadId"] not in {thread, None}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "'raw' RFC822 payload message string or uploading message via /upload/* URL required"),
        ({"raw": ""}, "'raw' RFC822 payload message string or uploading message via /upload/* URL required"),
        ({"raw": "%%%"}, "Invalid value at 'raw' (TYPE_BYTES), Base64 decoding failed for \"%%%\""),
        ({"raw": encoded(b"Subject: x\r\n\r\nx")}, "Recipient address required"),
        ({"raw": encoded(b"To: nobody\r\n\r\nx")}, "Invalid To header"),
        ({"raw": encoded(b"To: a@contoso.example\r\nCc: nobody\r\n\r\nx")}, "Invalid Cc header"),
        ({"raw": encoded(b"To: a@contoso.example\r\n\r\nx"), "threadId": "xyz"}, "Invalid thread_id value"),
    ],
)
def test_a_send_that_cannot_be_is_refused(alice: Gmail, body: Json, message: str) -> None:
    refusal = refused(alice.api.messages().send(userId="me", body=body))
    assert (refusal.status, refusal.message) == (400, message)


def test_a_thread_that_is_not_there_is_not_found(alice: Gmail, letter: bytes) -> None:
    body = {"raw": encoded(letter), "threadId": "18c0000000000000"}
    assert refused(alice.api.messages().send(userId="me", body=body)).status == 404


@pytest.mark.parametrize("alphabet", ["+/", "-_"])
def test_raw_comes_in_either_alphabet_with_or_without_padding(alice: Gmail, mail: Mail, alphabet: str) -> None:
    text = encoded(mail(From=ALICE, To=CARLA, body="\u00ff\u00fb?>~~")).rstrip("=")
    raw = text.replace("-", alphabet[0]).replace("_", alphabet[1])
    assert alice.api.messages().send(userId="me", body={"raw": raw}).execute()["labelIds"] == ["SENT"]


def test_a_body_above_five_megabytes_must_be_uploaded(alice: Gmail, mail: Mail) -> None:
    raw = mail(From=ALICE, To=CARLA, body="x" * 4_000_000)
    refusal = refused(alice.api.messages().send(userId="me", body={"raw": encoded(raw)}))
    assert (refusal.status, refusal.reason) == (413, "uploadTooLarge")


def test_an_account_sends_so_many_a_day(alice: Gmail, letter: bytes, emulator: httpx.Client) -> None:
    emulator.post("knobs", json={"google_daily_sends": 1}).raise_for_status()
    send(alice, letter)
    refusal = refused(alice.api.messages().send(userId="me", body={"raw": encoded(letter)}))
    assert refusal.status == 429
    assert refusal.message.endswith("(Mail sending)")


def test_the_send_scope_sends_and_reads_nothing(sign_in: Sign, letter: bytes) -> None:
    gmail = sign_in(ALICE, f"{AUTH}gmail.send")
    gid = send(gmail, letter)["id"]
    assert refused(gmail.api.messages().get(userId="me", id=gid)).reason == "insufficientPermissions"


def test_a_send_may_be_done_and_yet_fail(alice: Gmail, letter: bytes, emulator: httpx.Client) -> None:
    fault = {"path": "/gmail/v1/users/me/messages/send", "status": 503, "commit": True}
    emulator.post("faults", json=fault).raise_for_status()
    assert alice.http.post("/gmail/v1/users/me/messages/send", json={"raw": encoded(letter)}).status_code == 503
    found = alice.api.messages().list(userId="me", q="rfc822msgid:mine@northwind.example in:sent").execute()
    assert len(found["messages"]) == 1
