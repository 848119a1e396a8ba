"""A message as Graph shapes it, under either id."""

from __future__ import annotations

import base64
from collections.abc import Callable

import httpx
import pytest

from tests.emulator.microsoft.conftest import BOB, IMMUTABLE, Graph, Put

HTML = (
    b"From: Carla <carla@contoso.example>\r\nTo: Bob <bob@northwind.example>, ada@northwind.example\r\n"
    b"Cc: Dana Fox <d.fox@hale.example>\r\nReply-To: office@contoso.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Message-ID: <one@contoso.example>\r\nDate: Tue, 03 Nov 2026 09:00:00 +0100\r\nImportance: High\r\n"
    b"X-Mailer: Mill 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Hello <b>Bob</b></p><script>alert(1)</script><blockquote>Earlier words</blockquote>\r\n"
)


def test_a_message_has_the_usual_properties(graph: Graph, put: Put) -> None:
    put(raw=HTML, read=False)
    (message,) = graph.get("/me/messages")["value"]
    assert message["subject"] == "Grüße"
    assert message["from"] == {"emailAddress": {"name": "Carla", "address": "carla@contoso.example"}}
    people = [each["emailAddress"]["address"] for each in message["toRecipients"] + message["ccRecipients"]]
    assert people == [BOB, "ada@northwind.example", "d.fox@hale.example"]
    assert message["replyTo"][0]["emailAddress"]["address"] == "office@contoso.example"
    assert message["internetMessageId"] == "<one@contoso.example>"
    assert message["sentDateTime"] == "2026-11-03T08:00:00Z"
    assert (message["importance"], message["isRead"], message["isDraft"]) == ("high", False, False)
    assert message["parentFolderId"] == graph.get("/me/mailFolders/inbox")["id"]
    assert message["@odata.etag"] == f'W/"{message["changeKey"]}"'
    assert not {"uniqueBody", "internetMessageHeaders"} & message.keys()


def test_headers_and_the_unique_body_come_when_selected(graph: Graph, put: Put) -> None:
    put(raw=HTML)
    (message,) = graph.get("/me/messages?$select=internetMessageHeaders,uniqueBody")["value"]
    assert set(message) == {"@odata.etag", "id", "internetMessageHeaders", "uniqueBody"}
    assert {"name": "X-Mailer", "value": "Mill 1.0"} in message["internetMessageHeaders"]
    assert "Earlier words" not in message["uniqueBody"]["content"]


def test_the_body_comes_as_html_or_as_text(graph: Graph, put: Put) -> None:
    put(raw=HTML)
    path = "/me/messages?$select=body"
    assert graph.get(path)["value"][0]["body"]["contentType"] == "html"
    answer = graph.ask("GET", path, headers={"Prefer": 'outlook.body-content-type="text"'})
    assert answer.headers["preference-applied"] == 'outlook.body-content-type="text"'
    body = answer.json()["value"][0]["body"]
    assert body["contentType"] == "text"
    assert body["content"].startswith("Hello Bob")


def test_scripts_are_taken_out_unless_they_are_wanted(graph: Graph, put: Put) -> None:
    put(raw=HTML)
    path = "/me/messages?$select=body"
    assert "<script" not in graph.get(path)["value"][0]["body"]["content"]
    unsafe = graph.get(path, headers={"Prefer": "outlook.allow-unsafe-html"})
    assert "<script" in unsafe["value"][0]["body"]["content"]


def test_plain_mail_stays_plain_until_html_is_wanted(graph: Graph, put: Put) -> None:
    put("Offer")
    path = "/me/messages?$select=body,bodyPreview"
    (message,) = graph.get(path)["value"]
    assert (message["body"]["contentType"], message["bodyPreview"]) == ("text", "Hello.")
    wanted = graph.get(path, headers={"Prefer": 'outlook.body-content-type="html"'})
    assert wanted["value"][0]["body"]["contentType"] == "html"


def test_the_preview_is_short(graph: Graph, put: Put) -> None:
    put(raw=b"From: a@b.example\r\nTo: bob@northwind.example\r\n\r\n" + b"word " * 500)
    (message,) = graph.get("/me/messages?$select=bodyPreview")["value"]
    assert len(message["bodyPreview"]) == 255


def test_mime_is_the_message_written_anew(graph: Graph, put: Put) -> None:
    ids = put(raw=HTML.replace(b"\r\n", b"\n"))
    answer = graph.ask("GET", f"/me/messages/{ids['graph_immutable_id']}/$value")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.content != HTML
    assert b"Message-ID: <one@contoso.example>\r\n" in answer.content
    assert b"Thread-Index: " in answer.content
    assert b"\n" not in answer.content.replace(b"\r\n", b"")


def test_ids_are_of_the_kind_preferred_and_either_is_accepted(graph: Graph, put: Put) -> None:
    put("Offer")
    (classic,) = graph.get("/me/messages?$select=id")["value"]
    (immutable,) = graph.get("/me/messages?$select=id", headers=IMMUTABLE)["value"]
    assert classic["id"] != immutable["id"]
    for given in (classic["id"], immutable["id"]):
        assert graph.get(f"/me/messages/{given}")["id"] == classic["id"]
        assert graph.get(f"/me/messages/{given}", headers=IMMUTABLE)["id"] == immutable["id"]


def test_ids_heed_their_case(graph: Graph, put: Put) -> None:
    put("Offer")
    (message,) = graph.get("/me/messages")["value"]
    assert graph.refusal("GET", f"/me/messages/{message['id'].swapcase()}") == (400, "ErrorInvalidIdMalformed")


def test_garbage_is_malformed_and_what_is_gone_is_not_found(graph: Graph, put: Put) -> None:
    put("Offer")
    (message,) = graph.get("/me/messages")["value"]
    assert graph.refusal("GET", "/me/messages/nonsense") == (400, "ErrorInvalidIdMalformed")
    graph.ask("POST", f"/me/messages/{message['id']}/permanentDelete")
    assert graph.refusal("GET", f"/me/messages/{message['id']}") == (404, "ErrorItemNotFound")


def test_a_message_is_found_through_its_folder_alone(graph: Graph, put: Put) -> None:
    put("Offer")
    (message,) = graph.get("/me/messages")["value"]
    assert graph.get(f"/me/mailFolders/inbox/messages/{message['id']}")["subject"] == "Offer"
    assert graph.refusal("GET", f"/me/mailFolders/archive/messages/{message['id']}") == (404, "ErrorItemNotFound")


@pytest.mark.parametrize(
    "spelling",
    ["/me/messages/{id}", "/me/messages('{id}')", "/me/MESSAGES/{id}", "/Me/mailFolders('Inbox')/messages('{id}')"],
)
def test_every_spelling_of_a_path_is_the_same(graph: Graph, put: Put, spelling: str) -> None:
    put("Offer")
    (message,) = graph.get("/me/messages")["value"]
    assert graph.get(spelling.replace("{id}", message["id"]))["subject"] == "Offer"


def test_ids_are_translated_both_ways(graph: Graph, put: Put) -> None:
    ids = put("Offer")
    asked = {"inputIds": [ids["graph_id"], "junk"], "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}
    found, failed = graph.post("/me/translateExchangeIds", asked)["value"]
    assert found == {"sourceId": ids["graph_id"], "targetId": ids["graph_immutable_id"]}
    assert failed["errorDetails"]["code"] == "ErrorInvalidIdMalformed"
    asked = {"inputIds": ["x"] * 1001, "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}
    assert graph.refusal("POST", "/me/translateExchangeIds", json=asked) == (400, "BadRequest")


def test_a_conversation_shares_its_id(graph: Graph, put: Put) -> None:
    put("Offer", Message_ID="<a@contoso.example>")
    put("Re: Offer", References="<a@contoso.example>")
    put("Other")
    found = graph.get("/me/messages?$select=subject,conversationId,conversationIndex&$orderby=receivedDateTime asc")
    first, reply, other = found["value"]
    assert first["conversationId"] == reply["conversationId"] != other["conversationId"]
    parent, child = (base64.b64decode(each["conversationIndex"]) for each in (first, reply))
    assert (len(parent), child[:22], len(child)) == (22, parent, 27)


def test_the_person_behind_the_token(graph: Graph, knobs: Callable[..., None]) -> None:
    knobs(graph_aliases={BOB: ["sales@northwind.example"]})
    assert graph.get("/me")["userPrincipalName"] == BOB
    chosen = graph.get("/me?$select=id,mail,proxyAddresses")
    assert chosen["proxyAddresses"] == [f"SMTP:{BOB}", "smtp:sales@northwind.example"]
    assert "displayName" not in chosen
    assert graph.refusal("GET", "/me?$select=nothing") == (400, "BadRequest")
    assert graph.get("/me/mailboxSettings")["timeZone"] == "UTC"


def test_chats_and_deleted_items_are_among_all_messages(graph: Graph, emulator: httpx.Client, put: Put) -> None:
    for folder in ("inbox", "deleteditems", "conversationhistory"):
        put(folder, folder=folder)
    found = {each["subject"] for each in graph.get("/me/messages?$select=subject")["value"]}
    assert found == {"inbox", "deleteditems", "conversationhistory"}
