"""Mail leaves, arrives, and shows in Sent Items."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import httpx
import pytest

from tests.emulator.microsoft.conftest import ALICE, BOB, IMMUTABLE, Graph, Json, subjects

TO_ALICE = [{"emailAddress": {"address": ALICE}}]
LETTER = {"subject": "Offer", "toRecipients": TO_ALICE, "body": {"contentType": "text", "content": "Hello."}}
MIME = (
    b"To: alice@northwind.example\r\nBcc: ada@northwind.example\r\nSubject: By MIME\r\n"
    b"Message-ID: <m@n.example>\r\n\r\nHi\r\n"
)
Turn = Callable[..., None]


def mail_of(emulator: httpx.Client, address: str) -> list[Json]:
    found: list[Json] = emulator.get("truth", params={"address": address}).json()["messages"]
    return found


def test_a_draft_that_is_sent_becomes_the_copy_in_sent_items(graph: Graph, emulator: httpx.Client) -> None:
    draft = graph.post("/me/messages", {**LETTER, "internetMessageId": "<ours@northwind.example>"}, headers=IMMUTABLE)
    answer = graph.ask("POST", f"/me/messages/{draft['id']}/send")
    assert (answer.status_code, answer.content) == (202, b"")
    sent = graph.get(f"/me/messages/{draft['id']}", headers=IMMUTABLE)
    assert (sent["id"], sent["isDraft"], sent["internetMessageId"]) == (
        draft["id"],
        False,
        "<ours@northwind.example>",
    )
    assert sent["parentFolderId"] == graph.get("/me/mailFolders/sentitems")["id"]
    (received,) = mail_of(emulator, ALICE)
    assert (received["message_id"], received["is_read"]) == ("ours@northwind.example", False)


def test_the_classic_id_of_a_sent_draft_is_gone(graph: Graph) -> None:
    draft = graph.post("/me/messages", LETTER)
    graph.ask("POST", f"/me/messages/{draft['id']}/send")
    assert graph.refusal("GET", f"/me/messages/{draft['id']}") == (404, "ErrorItemNotFound")


def test_the_copy_may_take_its_time(graph: Graph, emulator: httpx.Client, knobs: Turn) -> None:
    emulator.post("clock", json={"frozen": True})
    knobs(send_delay_ms=60_000)
    draft = graph.post("/me/messages", LETTER, headers=IMMUTABLE)
    graph.ask("POST", f"/me/messages/{draft['id']}/send")
    assert len(mail_of(emulator, ALICE)) == 1
    assert graph.get("/me/mailFolders/sentitems/messages")["value"] == []
    assert subjects(graph.get("/me/mailFolders/outbox/messages")) == ["Offer"]
    emulator.post("clock", json={"advance_ms": 60_000})
    (sent,) = graph.get("/me/mailFolders/sentitems/messages", headers=IMMUTABLE)["value"]
    assert sent["id"] == draft["id"]


def test_the_copy_may_be_another_message(graph: Graph, emulator: httpx.Client, knobs: Turn) -> None:
    emulator.post("clock", json={"frozen": True})
    knobs(immutable_id_survives_send=False, send_delay_ms=1_000)
    mark = {"id": "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Mark", "value": "7"}
    draft = graph.post("/me/messages", {**LETTER, "singleValueExtendedProperties": [mark]}, headers=IMMUTABLE)
    graph.ask("POST", f"/me/messages/{draft['id']}/send")
    assert graph.refusal("GET", f"/me/messages/{draft['id']}") == (404, "ErrorItemNotFound")
    emulator.post("clock", json={"advance_ms": 1_000})
    where = f"internetMessageId eq '{draft['internetMessageId']}'"
    (sent,) = graph.get("/me/messages", params={"$filter": where}, headers=IMMUTABLE)["value"]
    assert sent["id"] != draft["id"]
    where = f"singleValueExtendedProperties/any(e:e/id eq '{mark['id']}' and e/value eq '7')"
    assert len(graph.get("/me/messages", params={"$filter": where})["value"]) == 1


def test_mail_is_sent_without_a_draft(graph: Graph, emulator: httpx.Client) -> None:
    answer = graph.ask("POST", "/me/sendMail", json={"message": LETTER, "saveToSentItems": True})
    assert (answer.status_code, answer.content) == (202, b"")
    assert subjects(graph.get("/me/mailFolders/sentitems/messages")) == ["Offer"]
    assert [each["subject"] for each in mail_of(emulator, ALICE)] == ["Offer"]


def test_no_copy_is_kept_where_none_is_wanted(graph: Graph, emulator: httpx.Client) -> None:
    graph.post("/me/sendMail", {"Message": LETTER, "SaveToSentItems": False})
    assert graph.get("/me/messages")["value"] == []
    assert len(mail_of(emulator, ALICE)) == 1


def test_mime_is_sent_as_it_is_and_bcc_stays_hidden(graph: Graph, emulator: httpx.Client) -> None:
    headers = {"Content-Type": "text/plain"}
    assert graph.ask("POST", "/me/sendMail", content=b64encode(MIME), headers=headers).status_code == 202
    for address in (ALICE, "ada@northwind.example"):
        (received,) = mail_of(emulator, address)
        assert (received["message_id"], received["bcc"]) == ("m@n.example", "")
        assert BOB in received["from"]
    (sent,) = graph.get("/me/mailFolders/sentitems/messages")["value"]
    assert sent["bccRecipients"][0]["emailAddress"]["address"] == "ada@northwind.example"


def test_a_letter_to_nobody_is_not_sent(graph: Graph) -> None:
    draft = graph.post("/me/messages", {"subject": "Nobody"})
    refusal = graph.refusal("POST", f"/me/messages/{draft['id']}/send")
    assert refusal == (400, "ErrorInvalidRecipients")
    assert graph.get(f"/me/messages/{draft['id']}")["isDraft"]
    assert graph.refusal("POST", "/me/sendMail", json={"message": {"subject": "x"}}) == refusal


def test_what_was_sent_is_not_sent_again(graph: Graph, emulator: httpx.Client) -> None:
    draft = graph.post("/me/messages", LETTER, headers=IMMUTABLE)
    graph.ask("POST", f"/me/messages/{draft['id']}/send")
    assert graph.refusal("POST", f"/me/messages/{draft['id']}/send") == (400, "ErrorInvalidRequest")
    assert len(mail_of(emulator, ALICE)) == 1


def test_sending_says_how_long_its_empty_body_is(graph: Graph) -> None:
    draft = graph.post("/me/messages", LETTER)
    request = graph.http.build_request("POST", f"/graph/v1.0/me/messages/{draft['id']}/send")
    del request.headers["content-length"]
    assert graph.http.send(request).status_code == 411


def test_send_mail_wants_a_message(graph: Graph) -> None:
    assert graph.refusal("POST", "/me/sendMail", json={}) == (400, "BadRequest")
    assert graph.refusal("POST", "/me/sendMail", json={"letter": {}}) == (400, "RequestBodyRead")


def test_a_failure_after_the_work_leaves_the_mail_sent(graph: Graph, emulator: httpx.Client) -> None:
    emulator.post("faults", json={"path": "*/sendMail", "status": 504, "commit": True})
    assert graph.ask("POST", "/me/sendMail", json={"message": LETTER}).status_code == 504
    assert len(mail_of(emulator, ALICE)) == 1


@pytest.mark.parametrize(
    ("action", "subject", "to"),
    [
        ("createReply", "RE: Offer", ["office@contoso.example"]),
        ("createReplyAll", "RE: Offer", ["office@contoso.example", "ada@northwind.example"]),
        ("createForward", "FW: Offer", []),
    ],
)
def test_answers_begin_as_drafts_that_cite_and_quote(
    graph: Graph, put: Callable[..., Json], action: str, subject: str, to: list[str]
) -> None:
    ids = put(
        "Offer",
        To=f"{BOB}, ada@northwind.example",
        Cc="d.fox@hale.example",
        Reply_To="office@contoso.example",
        Message_ID="<one@contoso.example>",
        References="<zero@contoso.example>",
    )
    draft = graph.post(f"/me/messages/{ids['graph_id']}/{action}", {"comment": "Thanks & regards"})
    found = graph.get(f"/me/messages/{draft['id']}?$select=internetMessageHeaders,body,subject,toRecipients,isDraft")
    headers = {each["name"]: each["value"] for each in found["internetMessageHeaders"]}
    assert (found["subject"], found["isDraft"]) == (subject, True)
    assert [each["emailAddress"]["address"] for each in found["toRecipients"]] == to
    assert headers["In-Reply-To"] == "<one@contoso.example>"
    assert headers["References"] == "<zero@contoso.example> <one@contoso.example>"
    assert "Thanks &amp; regards" in found["body"]["content"]
    assert "Hello." in found["body"]["content"]


def test_an_answer_stays_in_its_conversation(graph: Graph, put: Callable[..., Json]) -> None:
    ids = put("Offer", Message_ID="<one@contoso.example>")
    draft = graph.post(f"/me/messages/{ids['graph_id']}/createReply")
    assert draft["conversationId"] == ids["graph_conversation_id"]


def test_an_answer_is_sent_at_once(graph: Graph, put: Callable[..., Json], emulator: httpx.Client) -> None:
    ids = put("Offer")
    path = f"/me/messages/{ids['graph_id']}"
    assert graph.ask("POST", f"{path}/reply", json={"comment": "Yes"}).status_code == 202
    graph.post(f"{path}/replyAll", {"message": {"ccRecipients": TO_ALICE}})
    graph.post(f"{path}/forward", {"toRecipients": TO_ALICE, "comment": "See below"})
    assert sorted(each["subject"] for each in mail_of(emulator, ALICE)) == ["FW: Offer", "RE: Offer"]
    assert len(mail_of(emulator, "carla@contoso.example")) == 2
    assert len(graph.get("/me/mailFolders/sentitems/messages")["value"]) == 3


def test_a_forward_takes_the_attachments_along(graph: Graph, put: Callable[..., Json]) -> None:
    raw = (
        b"From: a@b.example\r\nTo: bob@northwind.example\r\nSubject: With\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\na;b\r\n"
    )
    path = f"/me/messages/{put(raw=raw)['graph_id']}"
    more = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "b.txt", "contentBytes": "aGk="}
    draft = graph.post(f"{path}/createForward", {"message": {"attachments": [more]}})
    found = graph.get(f"/me/messages/{draft['id']}/attachments")["value"]
    assert [each["name"] for each in found] == ["a.csv", "b.txt"]
    assert not graph.post(f"{path}/createReply")["hasAttachments"]


def test_a_comment_and_a_body_exclude_each_other(graph: Graph, put: Callable[..., Json]) -> None:
    path = f"/me/messages/{put('Offer')['graph_id']}/createReply"
    both = {"comment": "Yes", "message": {"body": {"contentType": "text", "content": "No"}}}
    assert graph.refusal("POST", path, json=both) == (400, "ErrorInvalidRequest")
    assert graph.refusal("POST", path, json={"toRecipients": TO_ALICE}) == (400, "BadRequest")
    only = graph.post(path, {"message": {"body": {"contentType": "text", "content": "No"}, "subject": "Mine"}})
    assert (only["subject"], only["body"]["content"].strip()) == ("Mine", "No")
