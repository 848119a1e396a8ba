"""Every message is sound, but for those that are odd on purpose; every attachment opens."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from email.message import EmailMessage

import pytest

from emulator.generator import Copy
from emulator.generator.odd import ODDITIES

FEW = 60


def attachments(mails: list[EmailMessage], ending: str) -> list[bytes]:
    """The distinct contents of the attachments whose names end so."""
    found = {
        part.get_payload(decode=True)
        for mail in mails
        for part in mail.walk()
        if (part.get_filename() or "").endswith(ending)
    }
    return sorted(content for content in found if isinstance(content, bytes))[:FEW]


def test_messages_have_no_defects(mails: list[EmailMessage]) -> None:
    defects = [
        (mail["Message-ID"], part.defects, [value.defects for value in part.values() if value.defects])
        for mail in mails
        for part in mail.walk()
        if part.defects or any(value.defects for value in part.values())
    ]
    assert defects == []


def test_texts_decode_in_the_charset_that_they_declare(mails: list[EmailMessage]) -> None:
    for mail in mails:
        body = mail.get_body(("plain", "html"))
        assert body is not None
        assert "\ufffd" not in body.get_content()


def test_no_template_is_left_unfilled(mails: list[EmailMessage]) -> None:
    texts = [body.get_content() for mail in mails if (body := mail.get_body(("plain",)))]
    assert [text for text in texts if "{" in text or "[" in text] == []


def test_lines_end_and_fit_as_mail_wants_it(year: list[Copy]) -> None:
    for copy in year:
        lines = copy.raw.split(b"\r\n")
        assert max(map(len, lines)) <= 998
        assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_some_mail_is_odd_and_says_how(year: list[Copy]) -> None:
    odd = {copy.odd for copy in year} - {""}
    assert odd == set(ODDITIES)
    assert sum(bool(copy.odd) for copy in year) < len(year) / 20


def test_some_mail_has_no_message_id_and_some_no_date(year: list[Copy]) -> None:
    heads = [copy.raw.partition(b"\r\n\r\n")[0] for copy in year]
    assert any(b"\r\nMessage-ID:" not in head for head in heads)
    assert any(b"\r\nDate:" not in head for head in heads)


def test_pdf_files_point_to_their_own_tables(mails: list[EmailMessage]) -> None:
    files = attachments(mails, ".pdf")
    assert files
    for content in files:
        start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
        assert content[start:].startswith(b"xref\n")
        assert content.endswith(b"%%EOF\n")


def test_pictures_are_whole(mails: list[EmailMessage]) -> None:
    files = attachments(mails, ".png")
    assert files
    for content in files:
        at = content.index(b"IDAT")
        size = int.from_bytes(content[at - 4 : at], "big")
        assert len(zlib.decompress(content[at + 4 : at + 4 + size])) == 100 * (1 + 3 * 160)


@pytest.mark.parametrize(("ending", "inside"), [(".xlsx", "xl/workbook.xml"), (".docx", "word/document.xml")])
def test_office_files_unpack(mails: list[EmailMessage], ending: str, inside: str) -> None:
    files = attachments(mails, ending)
    assert files
    for content in files:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            assert inside in archive.namelist()


def test_tables_as_csv_have_even_rows(mails: list[EmailMessage]) -> None:
    files = attachments(mails, ".csv")
    assert files
    for content in files:
        assert {len(row) for row in csv.reader(io.StringIO(content.decode()), delimiter=";")} == {3}
