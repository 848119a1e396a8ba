"""Attachments of received mail and of drafts; large ones by upload session."""

from __future__ import annotations

from base64 import b64decode, b64encode
from email.message import EmailMessage

import httpx
import pytest

from tests.emulator.microsoft.conftest import BOB, IMMUTABLE, Graph, Json, Put

MEGABYTE = 1024 * 1024
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "notes.txt", "contentBytes": "aGVsbG8="}
LINK = {
    "@odata.type": "#microsoft.graph.referenceAttachment",
    "name": "Plan",
    "sourceUrl": "https://files.contoso.example/plan",
}


@pytest.fixture
def received(graph: Graph, put: Put) -> str:
    """The path of a message with a file, an inline picture and an attached message."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "carla@contoso.example", BOB, "With parts"
    mail.set_content("See the picture.")
    mail.add_alternative('<img src="cid:logo@contoso">', subtype="html")
    body = mail.get_payload(1)
    assert isinstance(body, EmailMessage)
    body.add_related(b"\x89PNG", "image", "png", cid="<logo@contoso>", filename="logo.png", disposition="inline")
    mail.add_attachment(b"a;b\r\n", maintype="text", subtype="csv", filename="Zahlen für Köln.csv")
    inner = EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = "d.fox@hale.example", "carla@contoso.example", "Inner"
    inner.set_content("Inside.")
    mail.add_attachment(inner)
    return f"/me/messages/{put(raw=mail.as_bytes())['graph_id']}"


@pytest.fixture
def draft(graph: Graph) -> str:
    """The path of a draft."""
    return f"/me/messages/{graph.post('/me/messages', {'subject': 'Draft'})['id']}"


def test_attachments_are_listed_by_kind(graph: Graph, received: str) -> None:
    picture, table, message = graph.get(f"{received}/attachments")["value"]
    assert (picture["name"], picture["isInline"], picture["contentId"]) == ("logo.png", True, "logo@contoso")
    assert (table["name"], table["contentType"], table["isInline"]) == ("Zahlen für Köln.csv", "text/csv", False)
    assert b64decode(table["contentBytes"]) == b"a;b\r\n"
    assert (message["@odata.type"], message["name"]) == ("#microsoft.graph.itemAttachment", "Inner")
    assert "contentBytes" not in message


def test_one_attachment_is_read_with_its_bytes(graph: Graph, received: str) -> None:
    for each in graph.get(f"{received}/attachments?$select=name,size")["value"]:
        assert set(each) <= {"@odata.type", "@odata.mediaContentType", "id", "name", "size"}
        assert graph.get(f"{received}/attachments/{each['id']}")["name"] == each["name"]
    picture, table, message = graph.get(f"{received}/attachments", headers=IMMUTABLE)["value"]
    answer = graph.ask("GET", f"{received}/attachments('{table['id']}')/$value")
    assert (answer.headers["content-type"].partition(";")[0], answer.content) == ("text/csv", b"a;b\r\n")
    assert b"Subject: Inner" in graph.ask("GET", f"{received}/attachments/{message['id']}/$value").content
    assert graph.ask("GET", f"{received}/attachments/{picture['id']}/$value").content == b"\x89PNG"


def test_an_attached_message_expands(graph: Graph, received: str) -> None:
    message = graph.get(f"{received}/attachments")["value"][2]
    expand = "?$expand=microsoft.graph.itemattachment/item"
    item = graph.get(f"{received}/attachments/{message['id']}{expand}")["item"]
    assert (item["subject"], item["body"]["content"].strip()) == ("Inner", "Inside.")
    table = graph.get(f"{received}/attachments")["value"][1]
    assert graph.refusal("GET", f"{received}/attachments/{table['id']}{expand}") == (400, "BadRequest")


def test_inline_pictures_alone_are_no_attachments(graph: Graph, received: str, put: Put) -> None:
    assert graph.get(received)["hasAttachments"]
    raw = (
        b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
        b'--x\r\nContent-Type: text/html\r\n\r\n<img src="cid:1">\r\n'
        b"--x\r\nContent-Type: image/png\r\nContent-ID: <1>\r\n\r\nabc\r\n--x--\r\n"
    )
    path = f"/me/messages/{put(raw=raw)['graph_id']}"
    assert not graph.get(path)["hasAttachments"]
    assert len(graph.get(f"{path}/attachments")["value"]) == 1


def test_drafts_take_and_lose_attachments(graph: Graph, draft: str) -> None:
    file = graph.post(f"{draft}/attachments", FILE)
    assert (file["name"], file["contentType"], file["size"]) == ("notes.txt", "text/plain", 5)
    inner = b64encode(b"From: a@b.example\r\nSubject: Inner\r\n\r\nHi\r\n").decode()
    graph.post(
        f"{draft}/attachments", {**FILE, "@odata.type": "#microsoft.graph.itemAttachment", "contentBytes": inner}
    )
    graph.post(f"{draft}/attachments", FILE)
    assert graph.get(draft)["hasAttachments"]
    first, item, twin = graph.get(f"{draft}/attachments")["value"]
    assert item["@odata.type"] == "#microsoft.graph.itemAttachment"
    assert len({first["id"], item["id"], twin["id"]}) == 3
    for each in (twin, item, first):
        assert graph.ask("DELETE", f"{draft}/attachments/{each['id']}").status_code == 204
    assert not graph.get(draft)["hasAttachments"]


def test_a_reference_is_a_link_without_bytes(graph: Graph, draft: str) -> None:
    link = graph.post(f"{draft}/attachments", LINK)
    assert (link["@odata.type"], link["name"]) == ("#microsoft.graph.referenceAttachment", "Plan")
    assert graph.get(draft)["hasAttachments"]
    answer = graph.refusal("GET", f"{draft}/attachments/{link['id']}/$value")
    assert answer == (405, "ErrorInvalidRequest")
    graph.ask("DELETE", f"{draft}/attachments/{link['id']}")
    assert graph.get(f"{draft}/attachments")["value"] == []


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"name": "a"}, (400, "RequestBodyRead")),
        ({**FILE, "nothing": 1}, (400, "RequestBodyRead")),
        ({**FILE, "contentBytes": "%%%"}, (400, "RequestBodyRead")),
        ({**FILE, "name": ""}, (400, "ErrorRequiredPropertyMissing")),
        ({**FILE, "contentBytes": b64encode(bytes(3 * MEGABYTE + 1)).decode()}, (413, "BadRequest")),
    ],
    ids=["untyped", "unknown", "base64", "nameless", "large"],
)
def test_a_wrong_attachment_is_refused(graph: Graph, draft: str, given: Json, refusal: tuple[int, str]) -> None:
    assert graph.refusal("POST", f"{draft}/attachments", json=given) == refusal


def test_received_mail_takes_no_attachments(graph: Graph, received: str) -> None:
    assert graph.refusal("POST", f"{received}/attachments", json=FILE) == (403, "ErrorAccessDenied")
    session = {"AttachmentItem": {"attachmentType": "file", "name": "x", "size": 4 * MEGABYTE}}
    answer = graph.refusal("POST", f"{received}/attachments/createUploadSession", json=session)
    assert answer == (403, "ErrorAccessDenied")


def test_unknown_attachments_are_not_found(graph: Graph, received: str, draft: str) -> None:
    file = graph.post(f"{draft}/attachments", FILE)
    assert graph.refusal("GET", f"{received}/attachments/{file['id']}") == (404, "ErrorItemNotFound")
    assert graph.refusal("GET", f"{received}/attachments/nonsense") == (400, "ErrorInvalidIdMalformed")


SIZE = 5 * MEGABYTE


def open_session(graph: Graph, draft: str, **item: object) -> Json:
    values = {"attachmentType": "file", "name": "film.bin", "size": SIZE, **item}
    return graph.post(f"{draft}/attachments/createUploadSession", {"AttachmentItem": values})


def send_range(url: str, first: int, data: bytes, **headers: str) -> httpx.Response:
    asked = {"Content-Range": f"bytes {first}-{first + len(data) - 1}/{SIZE}", **headers}
    return httpx.put(url, content=data, headers=asked, timeout=30)


def test_a_large_file_is_uploaded_in_ranges(graph: Graph, draft: str) -> None:
    session = open_session(graph, draft)
    assert session["nextExpectedRanges"] == ["0-"]
    data = bytes(range(256)) * (SIZE // 256)
    first = send_range(session["uploadUrl"], 0, data[: 3 * MEGABYTE])
    assert (first.status_code, first.json()["nextExpectedRanges"]) == (200, [str(3 * MEGABYTE)])
    last = send_range(session["uploadUrl"], 3 * MEGABYTE, data[3 * MEGABYTE :])
    assert (last.status_code, last.content) == (201, b"")
    attachment = graph.get(last.headers["location"])
    assert (attachment["name"], attachment["size"]) == ("film.bin", SIZE)
    assert b64decode(attachment["contentBytes"]) == data
    assert send_range(session["uploadUrl"], 0, b"x").status_code == 404


def test_an_upload_goes_on_where_it_broke_off(graph: Graph, draft: str) -> None:
    url = open_session(graph, draft)["uploadUrl"]
    send_range(url, 0, bytes(MEGABYTE))
    assert httpx.get(url).json()["nextExpectedRanges"] == [str(MEGABYTE)]
    assert send_range(url, 0, bytes(MEGABYTE)).status_code == 416
    assert send_range(url, MEGABYTE, bytes(MEGABYTE)).status_code == 200


def test_an_upload_needs_no_token_and_bears_none(graph: Graph, draft: str) -> None:
    url = open_session(graph, draft)["uploadUrl"]
    assert send_range(url, 0, b"x", Authorization=f"Bearer {graph.token}").status_code == 401
    assert send_range(f"{url}x", 0, b"x").status_code == 404


def test_an_upload_can_be_given_up_and_runs_out(graph: Graph, draft: str, emulator: httpx.Client) -> None:
    url = open_session(graph, draft)["uploadUrl"]
    assert httpx.delete(url).status_code == 204
    assert httpx.get(url).status_code == 404
    url = open_session(graph, draft)["uploadUrl"]
    emulator.post("clock", json={"advance_ms": 25 * 3600 * 1000})
    assert httpx.get(url).status_code == 404


def test_ranges_have_to_fit(graph: Graph, draft: str) -> None:
    url = open_session(graph, draft)["uploadUrl"]
    for content_range in ("", "bytes 0-9/10", f"bytes 0-5/{SIZE}", "bytes 0-0/" + "9" * 5000, "0-1"):
        answer = httpx.put(url, content=b"x", headers={"Content-Range": content_range})
        assert answer.status_code == 400
    assert send_range(url, 0, bytes(4 * MEGABYTE + 1)).status_code == 413


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"size": 3 * MEGABYTE - 1}, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"),
        ({"size": 151 * MEGABYTE}, "ErrorAttachmentSizeLimitExceeded"),
        ({"size": "5"}, "RequestBodyRead"),
        ({"attachmentType": "stone"}, "RequestBodyRead"),
        ({"nothing": 1}, "RequestBodyRead"),
    ],
)
def test_only_what_is_large_is_uploaded(graph: Graph, draft: str, item: Json, code: str) -> None:
    values = {"attachmentType": "file", "name": "film.bin", "size": SIZE, **item}
    path = f"{draft}/attachments/createUploadSession"
    assert graph.refusal("POST", path, json={"AttachmentItem": values}) == (400, code)
