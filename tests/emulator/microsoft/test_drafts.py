"""Messages being written."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import httpx
import pytest

from tests.emulator.microsoft.conftest import BOB, IMMUTABLE, Graph, Json

CARLA = {"emailAddress": {"name": "Carla Ünal", "address": "carla@contoso.example"}}
MIME = b"From: wrong@elsewhere.example\r\nTo: carla@contoso.example\r\nSubject: By MIME\r\nX-Mark: 7\r\n\r\nHello.\r\n"
TEXT = {"Content-Type": "text/plain"}


def test_a_draft_is_written_from_json(graph: Graph) -> None:
    written = {
        "subject": "Grüße\r\naus Köln",
        "body": {"contentType": "html", "content": "<p>Hallo</p>"},
        "toRecipients": [CARLA],
        "ccRecipients": [{"emailAddress": {"address": "d.fox@hale.example"}}],
        "bccRecipients": [{"emailAddress": {"address": "ada@northwind.example"}}],
        "replyTo": [{"emailAddress": {"address": "office@northwind.example"}}],
        "importance": "low",
        "categories": ["Postroom"],
        "internetMessageHeaders": [{"name": "x-postroom", "value": "42"}],
    }
    draft = graph.post("/me/messages", written, headers=IMMUTABLE)
    assert (draft["isDraft"], draft["isRead"], draft["subject"]) == (True, True, "Grüße aus Köln")
    assert draft["toRecipients"] == [CARLA]
    assert draft["from"] == {"emailAddress": {"name": "Bob", "address": BOB}}
    assert draft["parentFolderId"] == graph.get("/me/mailFolders/drafts")["id"]
    assert (draft["importance"], draft["categories"]) == ("low", ["Postroom"])
    found = graph.get(f"/me/messages/{draft['id']}?$select=internetMessageHeaders,body,bccRecipients")
    assert {"name": "x-postroom", "value": "42"} in found["internetMessageHeaders"]
    assert "<p>Hallo</p>" in found["body"]["content"]
    assert len(found["bccRecipients"]) == 1


def test_a_draft_is_written_from_mime_with_one_s_own_address(graph: Graph) -> None:
    answer = graph.ask("POST", "/me/messages", content=b64encode(MIME), headers=TEXT)
    assert answer.status_code == 201
    draft = answer.json()
    assert (draft["subject"], draft["from"]["emailAddress"]["address"]) == ("By MIME", BOB)
    assert b"X-Mark: 7" in graph.ask("GET", f"/me/messages/{draft['id']}/$value").content


def test_mime_has_to_be_base64(graph: Graph) -> None:
    for path in ("/me/messages", "/me/sendMail"):
        refusal = graph.refusal("POST", path, content=b"From: plain", headers=TEXT)
        assert refusal == (400, "ErrorMimeContentInvalidBase64String")


def test_a_draft_may_lie_in_any_folder(graph: Graph) -> None:
    draft = graph.post("/me/mailFolders/archive/messages", {"subject": "Kept"})
    assert draft["isDraft"]
    assert draft["parentFolderId"] == graph.get("/me/mailFolders/archive")["id"]


def test_everything_of_a_draft_can_be_rewritten(graph: Graph) -> None:
    draft = graph.post("/me/messages", {"subject": "One", "body": {"contentType": "text", "content": "First"}})
    path = f"/me/messages/{draft['id']}"
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGk="}
    graph.post(f"{path}/attachments", file)
    changes = {
        "subject": "Two",
        "body": {"contentType": "html", "content": "<p>Second</p>"},
        "toRecipients": [CARLA],
        "internetMessageId": "<chosen@northwind.example>",
    }
    changed = graph.patch(path, changes)
    assert (changed["id"], changed["subject"], changed["toRecipients"]) == (draft["id"], "Two", [CARLA])
    assert changed["internetMessageId"] == "<chosen@northwind.example>"
    assert "<p>Second</p>" in changed["body"]["content"]
    assert changed["hasAttachments"]
    (found,) = graph.get("/me/messages?$filter=internetMessageId eq '<chosen@northwind.example>'")["value"]
    assert found["id"] == draft["id"]


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ({"nothing": 1}, (400, "RequestBodyRead")),
        ({"toRecipients": "carla"}, (400, "RequestBodyRead")),
        ({"toRecipients": [{"emailAddress": {"address": "nobody"}}]}, (400, "ErrorInvalidRecipients")),
        ({"from": CARLA}, (403, "ErrorSendAsDenied")),
        ({"internetMessageId": "no brackets"}, (400, "ErrorInvalidArgument")),
        ({"internetMessageHeaders": [{"name": "Received", "value": "x"}]}, (400, "InvalidInternetMessageHeader")),
        (
            {"internetMessageHeaders": [{"name": f"x-{number}", "value": "x"} for number in range(6)]},
            (400, "InvalidInternetMessageHeaderCollection"),
        ),
        ({"body": "text"}, (400, "RequestBodyRead")),
        ({"categories": [1]}, (400, "RequestBodyRead")),
        ({"attachments": [{"name": "a"}]}, (400, "RequestBodyRead")),
    ],
)
def test_a_wrong_draft_is_refused_and_nothing_kept(graph: Graph, written: Json, refusal: tuple[int, str]) -> None:
    assert graph.refusal("POST", "/me/messages", json=written) == refusal
    assert graph.get("/me/messages")["value"] == []


def test_an_alias_may_be_the_sender(graph: Graph, knobs: Callable[..., None]) -> None:
    knobs(graph_aliases={BOB: ["sales@northwind.example"]})
    sender = {"emailAddress": {"name": "Sales", "address": "sales@northwind.example"}}
    assert graph.post("/me/messages", {"from": sender})["from"] == sender


def test_headers_cannot_be_broken_out_of(graph: Graph, emulator: httpx.Client) -> None:
    name = {"emailAddress": {"name": "Eve\r\nX-Evil: 1", "address": "eve@contoso.example"}}
    draft = graph.post("/me/messages", {"subject": "a\r\nX-Evil: 1", "toRecipients": [name]})
    found = graph.get(f"/me/messages/{draft['id']}?$select=internetMessageHeaders")
    assert "x-evil" not in {each["name"].lower() for each in found["internetMessageHeaders"]}
