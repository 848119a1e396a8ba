"""Hostile input breaks nothing: mail, JSON and queries that no client in its right mind would send."""

from __future__ import annotations

import json

import pytest

from tests.emulator.microsoft.conftest import Graph, Json, Put

DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1500))
MAILS = {
    "deep": b"Subject: Deep\r\n" + DEEP,
    "rfc822 in rfc822": b"Subject: Deep\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1500,
    "charset": b"Subject: x\r\nContent-Type: text/html; charset=nonsense\r\n\r\n<![ foo <p>a",
    "name": b"Subject: x\r\nContent-Type: application/x; name*=bogus''%ff\r\n\r\nabc",
    "base64": b"Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
    "headless": b"\r\n\xff\xfe",
    "ages ago": b"Subject: x\r\nDate: Mon, 1 Jan 0101 00:00:00 +0000\r\n\r\nx",
}


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_broken_mail_is_shown_as_well_as_can_be(graph: Graph, put: Put, raw: bytes) -> None:
    put(raw=raw, date="header")
    (message,) = graph.get("/me/messages?$expand=attachments")["value"]
    assert {"body", "bodyPreview", "sentDateTime"} <= message.keys()
    assert graph.ask("GET", f"/me/messages/{message['id']}/$value").status_code == 200
    assert graph.post(f"/me/messages/{message['id']}/createForward")["isDraft"]


@pytest.mark.parametrize(
    "written",
    [
        {"subject": "\ud800"},
        {"attachments": 5},
        {"attachments": [{"@odata.type": "#microsoft.graph.fileAttachment", "name": 5}]},
        {"toRecipients": [{"emailAddress": 5}]},
        {"body": {"contentType": "html", "content": None}},
    ],
)
def test_wrong_json_is_a_bad_request(graph: Graph, written: Json) -> None:
    headers = {"Content-Type": "application/json"}
    assert graph.ask("POST", "/me/messages", content=json.dumps(written), headers=headers).status_code == 400


def test_an_attachment_s_name_and_type_cannot_break_out(graph: Graph) -> None:
    file = {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": "a.txt\r\nX-Evil: 1",
        "contentType": "text/plain\r\nX-Evil: 1",
        "contentId": "<1>\r\nX-Evil: 1",
        "contentBytes": "aGk=",
    }
    draft = graph.post("/me/messages", {"subject": "x", "attachments": [file]})
    mime = graph.ask("GET", f"/me/messages/{draft['id']}/$value").content
    assert not [line for line in mime.splitlines() if line.startswith(b"X-Evil")]


@pytest.mark.parametrize("query", ["$top=" + "9" * 5000, "$filter=isRead eq " + "9" * 5000, "$top=٣٣٣٣٣٣٣٣٣٣"])
def test_numbers_have_an_end(graph: Graph, query: str) -> None:
    assert graph.ask("GET", f"/me/messages?{query}").status_code == 400


@pytest.mark.parametrize("size", ["²", "9" * 5000])
def test_a_preferred_page_size_that_is_no_number_is_ignored(graph: Graph, size: str) -> None:
    prefer = f"odata.maxpagesize={size}".encode("latin-1")
    assert graph.ask("GET", "/me/messages", headers={b"prefer": prefer}).status_code == 200
