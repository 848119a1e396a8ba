"""Any message can be read: text, HTML, attachments, the source; and treated as its owner could."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.emulator.conftest import Mail
from tests.emulator.outside.conftest import ALICE, BOB, Put

Newest = Callable[[str], dict[str, Any]]
MIXED = (
    b"From: Carla <carla@contoso.example>\r\nTo: alice@northwind.example\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n'
    b"--B\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<p>Caf\xe9</p><img src='cid:mark@x'>\r\n"
    b"--B\r\nContent-Type: image/png\r\nContent-ID: <mark@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n"
    b"--B\r\nContent-Type: text/csv; name*=UTF-8''pr%C3%AFs.csv\r\nContent-Disposition: attachment\r\n\r\na;b\r\n"
    b"--B--\r\n"
)


def test_text_is_shown_as_it_was_written(page: httpx.Client, put: Put, mail: Mail) -> None:
    text = page.get(put(ALICE, mail("Two lines,\r\n<b>not bold</b>."))).text
    assert "Two lines,\n&lt;b&gt;not bold&lt;/b&gt;." in text


def test_html_is_shown_in_a_frame_in_its_own_charset(page: httpx.Client, put: Put) -> None:
    path = put(ALICE, MIXED)
    assert f'src="{path.replace("@", "%40")}/body"' in page.get(path).text.replace(ALICE, ALICE.replace("@", "%40"))
    assert "<p>Café</p>" in page.get(f"{path}/body").text


def test_inline_pictures_come_with_the_text(page: httpx.Client, put: Put) -> None:
    assert "src='data:image/png;base64,iVBORw=='" in page.get(f"{put(ALICE, MIXED)}/body").text


def test_html_can_be_read_as_text(page: httpx.Client, put: Put) -> None:
    assert '<pre class="text">Café' in page.get(put(ALICE, MIXED), params={"text": "1"}).text


def test_attachments_are_listed_and_saved(page: httpx.Client, put: Put) -> None:
    path = put(ALICE, MIXED)
    shown = page.get(path).text
    assert "prïs.csv" in shown
    assert "part-1" not in shown
    file = page.get(f"{path}/files/2")
    assert file.content.strip() == b"a;b"
    assert file.headers["content-disposition"].startswith("attachment; filename=")


def test_the_source_is_shown_and_saved_to_the_byte(page: httpx.Client, put: Put) -> None:
    path = put(ALICE, MIXED)
    assert "Content-ID: &lt;mark@x&gt;" in page.get(f"{path}/original").text
    assert page.get(f"{path}/original", params={"download": "1"}).content.endswith(MIXED[-200:])


def test_the_whole_conversation_is_at_hand(page: httpx.Client, put: Put, mail: Mail) -> None:
    put(ALICE, mail(Message_ID="<first@contoso.example>"))
    answer = put(ALICE, mail(subject="Re: Offer", References="<first@contoso.example>"))
    assert "1 more in this conversation" in page.get(answer).text


def test_opening_reads_a_message(page: httpx.Client, put: Put, mail: Mail, newest: Newest) -> None:
    page.get(put(ALICE, mail()))
    assert newest(ALICE)["is_read"]


def test_a_frame_inside_a_mail_cannot_read_another(page: httpx.Client, put: Put, mail: Mail, newest: Newest) -> None:
    page.get(put(ALICE, mail()), headers={"Sec-Fetch-Dest": "iframe"})
    assert not newest(ALICE)["is_read"]


@pytest.mark.parametrize("address", [ALICE, BOB])
@pytest.mark.parametrize(
    ("act", "folder"), [("archive", "archive"), ("spam", "junkemail"), ("trash", "deleteditems"), ("unread", "inbox")]
)
def test_its_owner_can_treat_a_message(
    page: httpx.Client, put: Put, mail: Mail, newest: Newest, address: str, act: str, folder: str
) -> None:
    assert page.post(f"{put(address, mail())}/act", data={"act": act}).status_code == 200
    assert newest(address)["folder_key"] == folder


def test_archiving_in_gmail_takes_the_inbox_label_alone(
    page: httpx.Client, put: Put, mail: Mail, newest: Newest
) -> None:
    page.post(f"{put(ALICE, mail(), labels='INBOX,STARRED')}/act", data={"act": "archive"})
    assert newest(ALICE)["labels"] == ["STARRED"]


def test_a_label_can_be_taken_off(page: httpx.Client, put: Put, mail: Mail, newest: Newest) -> None:
    path = put(ALICE, mail(), labels="INBOX,Postroom")
    page.post(f"{path}/act", data={"act": "unlabel:Label_1"})
    assert newest(ALICE)["label_names"] == ["INBOX"]


def test_a_deleted_message_is_gone(page: httpx.Client, put: Put, mail: Mail) -> None:
    path = put(ALICE, mail())
    page.post(f"{path}/act", data={"act": "delete"})
    assert page.get(path).status_code == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"\xff\xfe\x00 no mail at all",
        b"Content-Type: text/plain; charset=_iso-2022-jp$ESC\r\n\r\n\x1b$B\xff\r\n",
        b"Content-Type: multipart/mixed; boundary=never\r\n\r\nNo part.\r\n",
        b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n'
        + b'--B\r\nContent-Type: multipart/mixed; boundary="B"\r\n\r\n' * 3_000,
        b"Subject: =?utf-8?q?a=0D=0Ab?=\r\nFrom: =?x?q?=?= <@>\r\nTo: unlisted-recipients:;\r\n\r\nText.\r\n",
    ],
    ids=["empty", "no-header", "binary", "charset", "no-boundary", "nested", "headers"],
)
def test_bad_mail_is_shown_as_well_as_it_goes(emulator: httpx.Client, page: httpx.Client, put: Put, raw: bytes) -> None:
    path = put(ALICE, b"From: a@b.example\r\n" + raw)
    for each in (path, f"{path}/body", f"{path}/original", f"/mail/{ALICE}"):
        assert page.get(each).status_code == 200
