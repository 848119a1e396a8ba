"""Reading messages: four formats, the list and its pages."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from email.message import EmailMessage

import httpx
import pytest

from tests.emulator.conftest import Mail
from tests.emulator.google.conftest import ALICE, AUTH, Gmail, Put, Sign, listed, refused


@pytest.fixture
def letter() -> bytes:
    """Text in Latin-1, HTML and a file."""
    message = EmailMessage()
    message["From"] = "Carla Müller <carla@contoso.example>"
    message["To"] = ALICE
    message["Subject"] = "Größe"
    message["Message-ID"] = "<letter@contoso.example>"
    message["Date"] = "Mon, 01 Jan 2024 10:00:00 +0000"
    message.set_content("Schöne Grüße & bis bald\n", charset="iso-8859-1")
    message.add_alternative("<p>Schöne <b>Grüße</b></p>", subtype="html")
    message.add_attachment(b"%PDF-1.7 offer", maintype="application", subtype="pdf", filename="Angebot.pdf")
    return message.as_bytes()


def test_minimal_has_ids_labels_and_dates_but_no_payload(alice: Gmail, put: Put) -> None:
    found = alice.api.messages().get(
        userId="me", id=put(labels="INBOX,STARRED", date=1_700_000_000_123), format="minimal"
    )
    message = found.execute()
    assert message["labelIds"] == ["INBOX", "STARRED"]
    assert message["internalDate"] == "1700000000123"
    assert message["snippet"] == "Hello."
    assert "payload" not in message
    assert "raw" not in message


def test_ids_are_hexadecimal_and_fit_into_63_bits(alice: Gmail, put: Put) -> None:
    assert 0 < int(put(), 16) < 1 << 63


def test_raw_is_the_message_byte_for_byte_with_ids_and_labels(alice: Gmail, put: Put, letter: bytes) -> None:
    message = alice.api.messages().get(userId="me", id=put(letter), format="raw").execute()
    assert urlsafe_b64decode(message["raw"]) == letter
    assert {"threadId", "labelIds", "historyId"} <= message.keys()


def test_metadata_has_the_headers_asked_for_decoded(alice: Gmail, put: Put, letter: bytes) -> None:
    get = alice.api.messages().get(userId="me", id=put(letter), format="metadata", metadataHeaders=["subject", "From"])
    payload = get.execute()["payload"]
    assert payload.keys() == {"mimeType", "headers"}
    assert {each["name"]: each["value"] for each in payload["headers"]} == {
        "From": "Carla Müller <carla@contoso.example>",
        "Subject": "Größe",
    }


def test_full_is_a_tree_of_parts_with_text_in_utf8(alice: Gmail, put: Put, letter: bytes) -> None:
    payload = alice.api.messages().get(userId="me", id=put(letter)).execute()["payload"]
    texts, file = payload["parts"]
    assert payload["partId"] == ""
    assert [part["partId"] for part in texts["parts"]] == ["0.0", "0.1"]
    assert urlsafe_b64decode(texts["parts"][0]["body"]["data"]).decode() == "Schöne Grüße & bis bald\n"
    assert (file["partId"], file["filename"], file["mimeType"]) == ("1", "Angebot.pdf", "application/pdf")
    assert "data" not in file["body"]


def test_the_snippet_is_escaped_for_html(alice: Gmail, put: Put, letter: bytes) -> None:
    message = alice.api.messages().get(userId="me", id=put(letter), format="minimal").execute()
    assert message["snippet"] == "Schöne Grüße &amp; bis bald"


def test_a_file_comes_by_a_call_of_its_own(alice: Gmail, put: Put, letter: bytes) -> None:
    gid = put(letter)
    body = alice.api.messages().get(userId="me", id=gid).execute()["payload"]["parts"][1]["body"]
    file = alice.api.messages().attachments().get(userId="me", messageId=gid, id=body["attachmentId"]).execute()
    assert urlsafe_b64decode(file["data"]) == b"%PDF-1.7 offer"
    assert file["size"] == body["size"] == 14


def test_an_attachment_is_named_anew_in_every_answer(alice: Gmail, put: Put, letter: bytes) -> None:
    gid = put(letter)
    get = alice.api.messages().get(userId="me", id=gid)
    names = {get.execute()["payload"]["parts"][1]["body"]["attachmentId"] for _ in range(2)}
    assert len(names) == 2


def test_an_attachment_of_another_message_is_refused(alice: Gmail, put: Put, letter: bytes) -> None:
    gid, other = put(letter), put(letter)
    body = alice.api.messages().get(userId="me", id=gid).execute()["payload"]["parts"][1]["body"]
    get = alice.api.messages().attachments().get(userId="me", messageId=other, id=body["attachmentId"])
    assert refused(get).status == 400


def test_text_above_a_size_comes_as_an_attachment(alice: Gmail, put: Put, emulator: httpx.Client) -> None:
    emulator.post("knobs", json={"google_inline_bytes": 10}).raise_for_status()
    body = alice.api.messages().get(userId="me", id=put(body="x" * 11)).execute()["payload"]["body"]
    assert "attachmentId" in body
    assert "data" not in body


def test_mail_inside_mail_is_a_part_with_parts(alice: Gmail, put: Put, mail: Mail) -> None:
    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"] = "carla@contoso.example", ALICE, "Fwd"
    outer.set_content("See below.")
    inner = EmailMessage()
    inner["Subject"] = "Inner"
    inner.set_content("The first one.")
    outer.add_attachment(inner)
    attached = alice.api.messages().get(userId="me", id=put(outer.as_bytes())).execute()["payload"]["parts"][1]
    assert attached["mimeType"] == "message/rfc822"
    assert urlsafe_b64decode(attached["parts"][0]["body"]["data"]) == b"The first one.\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\xff\xfe",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
        b"Content-Type: text/plain; charset=no-such\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n",
        b"Content-Type: text/plain; name*0*=%%%\r\nContent-Disposition: attachment; filename*=x''%ff\r\n\r\nx",
        b"Subject: =?utf-8?b?////?=\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
        + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 300,
    ],
)
def test_broken_mail_is_answered_all_the_same(alice: Gmail, put: Put, raw: bytes) -> None:
    message = alice.api.messages().get(userId="me", id=put(raw)).execute()
    assert message["payload"]["partId"] == ""


def test_the_list_has_ids_alone_newest_first(alice: Gmail, put: Put) -> None:
    old, new = put(date=1_700_000_000_000), put(date=1_700_000_001_000)
    answer = alice.api.messages().list(userId="me").execute()
    assert [message["id"] for message in answer["messages"]] == [new, old]
    assert all(message.keys() == {"id", "threadId"} for message in answer["messages"])


def test_an_empty_list_has_no_messages_key(alice: Gmail) -> None:
    assert alice.api.messages().list(userId="me").execute() == {"resultSizeEstimate": 0}


def test_pages_follow_one_another_without_loss_or_repeat(alice: Gmail, put: Put) -> None:
    gids = [put(date=1_700_000_000_000 + number) for number in range(5)]
    found: list[str] = []
    request = alice.api.messages().list(userId="me", maxResults=2)
    while request is not None:
        answer = request.execute()
        found += [message["id"] for message in answer["messages"]]
        request = alice.api.messages().list_next(request, answer)
    assert found == gids[::-1]


def test_mail_that_comes_between_pages_moves_nothing(alice: Gmail, put: Put) -> None:
    gids = [put(date=1_700_000_000_000 + number) for number in range(3)]
    first = alice.api.messages().list(userId="me", maxResults=2).execute()
    put()
    assert listed(alice, pageToken=first["nextPageToken"]) == [gids[0]]


def test_a_page_token_is_bound_to_no_query(alice: Gmail, put: Put) -> None:
    first = put(date=1_700_000_000_000)
    put(date=1_700_000_001_000)
    token = alice.api.messages().list(userId="me", maxResults=1).execute()["nextPageToken"]
    assert listed(alice, pageToken=token, labelIds=["INBOX"]) == [first]


def test_label_ids_must_all_be_there(alice: Gmail, put: Put) -> None:
    put(labels="INBOX")
    both = put(labels="INBOX,STARRED")
    assert listed(alice, labelIds=["INBOX", "STARRED"]) == [both]


def test_spam_and_trash_are_left_out_unless_asked_for(alice: Gmail, put: Put) -> None:
    inbox, spam, trash = put(), put(folder="junkemail"), put(folder="deleteditems")
    assert listed(alice) == [inbox]
    assert listed(alice, includeSpamTrash=True) == [trash, spam, inbox]
    assert listed(alice, labelIds=["TRASH"]) == [trash]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"maxResults": 0}, "Invalid maxResults"),
        ({"pageToken": "garbage"}, "Invalid pageToken"),
        ({"labelIds": ["Label_99"]}, "Invalid label: Label_99"),
    ],
)
def test_a_list_refuses_what_it_cannot_read(alice: Gmail, query: dict[str, object], message: str) -> None:
    refusal = refused(alice.api.messages().list(userId="me", **query))
    assert (refusal.status, refusal.reason, refusal.message) == (400, "invalidArgument", message)


def test_more_than_500_are_cut_to_500(alice: Gmail, emulator: httpx.Client, mail: Mail) -> None:
    one = mail(Date="Mon, 01 Jan 2024 10:00:00 +0000")
    box = b"".join(b"From x\n" + one.replace(b"\r\n", b"\n") + b"\n" for _ in range(501))
    emulator.post("load", params={"format": "mbox", "address": ALICE, "provider": "google"}, content=box)
    assert len(listed(alice, maxResults=501)) == 500


@pytest.mark.parametrize(("gid", "status"), [("xyz", 400), ("8000000000000000", 400), ("18c0000000000000", 404)])
def test_an_id_is_malformed_or_unknown(alice: Gmail, gid: str, status: int) -> None:
    refusal = refused(alice.api.messages().get(userId="me", id=gid))
    expected = (400, "Invalid id value") if status == 400 else (404, "Requested entity was not found.")
    assert (refusal.status, refusal.message) == expected


def test_a_deleted_message_is_not_found(alice: Gmail, put: Put, emulator: httpx.Client) -> None:
    gid = put()
    emulator.post("delete", json={"address": ALICE, "id": gid}).raise_for_status()
    assert refused(alice.api.messages().get(userId="me", id=gid)).reason == "notFound"


def test_an_archived_and_read_message_has_no_labels(alice: Gmail, put: Put) -> None:
    gid = put(folder="archive", read="true")
    assert "labelIds" not in alice.api.messages().get(userId="me", id=gid, format="minimal").execute()


@pytest.mark.parametrize("form", ["full", "raw"])
def test_the_metadata_scope_sees_no_bodies(sign_in: Sign, put: Put, form: str) -> None:
    gmail = sign_in(ALICE, f"{AUTH}gmail.metadata", f"{AUTH}gmail.readonly")
    refusal = refused(gmail.api.messages().get(userId="me", id=put(), format=form))
    assert (refusal.status, refusal.message) == (403, f"Metadata scope doesn't allow format {form.upper()}")


def test_the_metadata_scope_sees_headers(sign_in: Sign, put: Put) -> None:
    gmail = sign_in(ALICE, f"{AUTH}gmail.metadata")
    message = gmail.api.messages().get(userId="me", id=put(), format="metadata").execute()
    assert {"name": "Subject", "value": "Offer"} in message["payload"]["headers"]
    assert "snippet" not in message


def test_the_metadata_scope_cannot_search(sign_in: Sign) -> None:
    gmail = sign_in(ALICE, f"{AUTH}gmail.metadata")
    refusal = refused(gmail.api.messages().list(userId="me", q="from:carla"))
    assert (refusal.status, refusal.message) == (403, "Metadata scope does not support 'q' parameter")


def test_a_fields_mask_leaves_what_it_names(alice: Gmail, put: Put) -> None:
    gid = put()
    get = alice.api.messages().get(userId="me", id=gid, fields="id,payload(mimeType,headers/name)")
    message = get.execute()
    assert message.keys() == {"id", "payload"}
    assert message["payload"].keys() == {"mimeType", "headers"}
    assert message["payload"]["headers"][0] == {"name": "From"}


def test_a_fields_mask_reaches_into_lists(alice: Gmail, put: Put) -> None:
    put()
    put()
    answer = alice.api.messages().list(userId="me", fields="messages/id,nextPageToken", maxResults=1).execute()
    assert [message.keys() for message in answer["messages"]] == [{"id"}]
    assert answer.keys() == {"messages", "nextPageToken"}


@pytest.mark.parametrize("fields", ["nonsense", "messages(id", "messages/nonsense", "id/", ",", "resultSizeEstimate/x"])
def test_a_fields_mask_that_names_nothing_is_refused(alice: Gmail, fields: str) -> None:
    refusal = refused(alice.api.messages().list(userId="me", fields=fields))
    assert (refusal.status, refusal.error["status"]) == (400, "INVALID_ARGUMENT")
    assert "Cannot find matching fields" in refusal.error["details"][0]["fieldViolations"][0]["description"]


def test_the_profile_counts_messages_and_threads(alice: Gmail, put: Put) -> None:
    put(Message_ID="<a@contoso.example>")
    put(subject="Re: Offer", References="<a@contoso.example>")
    profile = alice.api.getProfile(userId="me").execute()
    assert (profile["emailAddress"], profile["messagesTotal"], profile["threadsTotal"]) == (ALICE, 2, 1)
