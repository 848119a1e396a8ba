"""Three ways to upload a message: alone, with its resource, and in pieces."""

from __future__ import annotations

import io
import json

import httpx
import pytest
from googleapiclient.http import MediaIoBaseUpload

from tests.emulator.conftest import Mail
from tests.emulator.google.conftest import ALICE, CARLA, Gmail, Put, read_refusal

SEND = "/upload/gmail/v1/users/me/messages/send"
RFC822 = {"content-type": "message/rfc822"}
CHUNK = 256 * 1024


@pytest.fixture
def letter(mail: Mail) -> bytes:
    return mail(From=ALICE, To=CARLA, body="x" * 700_000)


def media(raw: bytes, **options: object) -> MediaIoBaseUpload:
    return MediaIoBaseUpload(io.BytesIO(raw), mimetype="message/rfc822", **options)


def received(emulator: httpx.Client) -> int:
    return int(emulator.get(f"mailboxes/{CARLA}").json()["messages"])


def begin(alice: Gmail, length: int) -> str:
    """Open a resumable session; its address."""
    headers = {"x-upload-content-type": "message/rfc822", "x-upload-content-length": str(length)}
    answer = alice.http.post(f"{SEND}?uploadType=resumable", headers=headers, json={})
    assert answer.status_code == 200
    return answer.headers["location"]


def piece(raw: bytes, first: int, last: int) -> dict[str, object]:
    headers = {"content-range": f"bytes {first}-{last - 1}/{len(raw)}"}
    return {"headers": headers, "content": raw[first:last]}


def test_a_message_alone(alice: Gmail, letter: bytes, emulator: httpx.Client) -> None:
    answer = alice.api.messages().send(userId="me", media_body=media(letter)).execute()
    assert answer["labelIds"] == ["SENT"]
    assert received(emulator) == 1


def test_a_message_with_its_thread(alice: Gmail, put: Put, mail: Mail) -> None:
    thread = put(Message_ID="<1@contoso.example>")
    raw = mail(From=ALICE, To=CARLA, subject="Re: Offer", References="<1@contoso.example>")
    sent = alice.api.messages().send(userId="me", body={"threadId": thread}, media_body=media(raw)).execute()
    assert sent["threadId"] == thread


def test_a_multipart_upload_keeps_the_bytes(alice: Gmail, mail: Mail, emulator: httpx.Client) -> None:
    raw = mail(From=ALICE, To=CARLA, body="--b\r\nnot a boundary\r\n")
    body = (
        b"--B\r\nContent-Type: application/json\r\n\r\n{}\r\n--B\r\nContent-Type: message/rfc822\r\n\r\n"
        + raw
        + b"\r\n--B--"
    )
    headers = {"content-type": "multipart/related; boundary=B"}
    sent = alice.http.post(f"{SEND}?uploadType=multipart", headers=headers, content=body).json()
    stored = emulator.get(f"mailboxes/{ALICE}/messages/{sent['id']}/raw").content
    assert stored.endswith(raw.partition(b"\r\n\r\n")[2])


def test_a_message_in_pieces(alice: Gmail, letter: bytes, emulator: httpx.Client) -> None:
    request = alice.api.messages().send(userId="me", media_body=media(letter, chunksize=CHUNK, resumable=True))
    progress, answer = request.next_chunk()
    assert progress.resumable_progress == CHUNK
    assert received(emulator) == 0
    while answer is None:
        _, answer = request.next_chunk()
    assert answer["labelIds"] == ["SENT"]
    assert received(emulator) == 1


def test_a_draft_in_pieces(alice: Gmail, letter: bytes) -> None:
    upload = media(letter, chunksize=CHUNK, resumable=True)
    draft = alice.api.drafts().create(userId="me", body={"message": {}}, media_body=upload).execute()
    again = alice.api.drafts().update(userId="me", id=draft["id"], body={}, media_body=media(letter, resumable=True))
    assert again.execute()["id"] == draft["id"]
    sent = alice.api.drafts().send(userId="me", body={"id": draft["id"]}, media_body=media(letter, resumable=True))
    assert sent.execute()["labelIds"] == ["SENT"]


def test_an_upload_tells_how_far_it_got(alice: Gmail, letter: bytes) -> None:
    place = begin(alice, len(letter))
    asked = alice.http.put(place, headers={"content-range": f"bytes */{len(letter)}"})
    assert asked.status_code == 308
    assert "range" not in asked.headers
    assert alice.http.put(place, **piece(letter, 0, CHUNK)).headers["range"] == f"bytes=0-{CHUNK - 1}"  # type: ignore[arg-type]  # As httpx.put takes them.


def test_an_upload_goes_on_after_a_break(alice: Gmail, letter: bytes, emulator: httpx.Client) -> None:
    place = begin(alice, len(letter))
    alice.http.put(place, **piece(letter, 0, CHUNK))  # type: ignore[arg-type]  # As httpx.put takes them.
    emulator.post("faults", json={"path": SEND, "method": "PUT", "status": 503}).raise_for_status()
    last = piece(letter, CHUNK, len(letter))
    assert alice.http.put(place, **last).status_code == 503  # type: ignore[arg-type]  # As httpx.put takes them.
    assert alice.http.put(place, **last).json()["labelIds"] == ["SENT"]  # type: ignore[arg-type]  # As httpx.put takes them.


@pytest.mark.parametrize("content_range", ["bytes 0-9/700000", "bytes 5-262148/700000", "bytes 0-5/700000", "nonsense"])
def test_a_piece_of_the_wrong_size_is_refused(alice: Gmail, content_range: str) -> None:
    place = begin(alice, 700_000)
    answer = alice.http.put(place, headers={"content-range": content_range}, content=b"x" * 10)
    assert answer.status_code == 400


def test_an_upload_can_be_called_off(alice: Gmail) -> None:
    place = begin(alice, 100)
    assert alice.http.delete(place).status_code == 499
    assert alice.http.put(place, content=b"x").status_code == 404


def test_an_upload_id_is_not_for_another_method(alice: Gmail) -> None:
    place = begin(alice, 100).replace("messages/send", "drafts/send")
    assert alice.http.put(place, content=b"x").status_code == 404


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/mixed; boundary=x"])
@pytest.mark.parametrize("way", ["media", "multipart"])
def test_only_messages_are_taken(alice: Gmail, kind: str, way: str) -> None:
    answer = alice.http.post(f"{SEND}?uploadType={way}", headers={"content-type": kind}, content=b"x")
    assert read_refusal(answer.status_code, answer.content).reason == "badContent"


def test_an_unknown_way_is_refused(alice: Gmail) -> None:
    assert alice.http.post(f"{SEND}?uploadType=pigeon", headers=RFC822, content=b"x").status_code == 400


@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
def test_other_verbs_lead_nowhere(alice: Gmail, verb: str) -> None:
    assert alice.http.request(verb, SEND).status_code == 404


def test_more_than_35_megabytes_are_refused_before_they_come(alice: Gmail) -> None:
    headers = {"x-upload-content-length": str(36_700_161), "x-upload-content-type": "message/rfc822"}
    answer = alice.http.post(f"{SEND}?uploadType=resumable", headers=headers, content=json.dumps({}))
    assert read_refusal(answer.status_code, answer.content).reason == "uploadTooLarge"


@pytest.mark.parametrize("length", ["²".encode("latin-1"), b"9" * 5000, b"many"])
def test_a_length_that_is_no_number_is_refused(alice: Gmail, length: bytes) -> None:
    headers = {b"x-upload-content-type": b"message/rfc822", b"x-upload-content-length": length}
    answer = alice.http.post(f"{SEND}?uploadType=resumable", headers=headers, json={})
    assert read_refusal(answer.status_code, answer.content).reason == "badRequest"


@pytest.mark.parametrize("content_range", ["bytes 0-9/5", "bytes 0-9/" + "9" * 5000, "bytes */" + "9" * 5000])
def test_a_piece_beyond_the_end_is_refused(alice: Gmail, content_range: str) -> None:
    place = begin(alice, 5)
    answer = alice.http.put(place, headers={"content-range": content_range}, content=b"To: a@b.tt")
    assert read_refusal(answer.status_code, answer.content).reason == "badRequest"
