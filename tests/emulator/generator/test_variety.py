"""Languages, encodings, quoting styles and places: what a parser and a filing rule have to cope with."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest

from emulator.generator import Copy


@pytest.fixture(scope="module")
def texts(mails: list[EmailMessage]) -> str:
    """All that is said, one text after the other."""
    found = [body.get_content() for mail in mails if (body := mail.get_body(("plain",)))]
    return "\n".join(found).replace("\r\n", "\n")


@pytest.mark.parametrize("words", ["Kind regards,", "Mit freundlichen Grüßen", "Cordialement,", "よろしくお願い"])
def test_four_languages_are_spoken(texts: str, words: str) -> None:
    assert words in texts


@pytest.mark.parametrize(
    "mark",
    [
        r"(?m)^On \w+, \w+ \d+, \d{4} at \d+:\d\d [AP]M .+ <.+> wrote:$",
        r"(?m)^On \d\d/\d\d/\d{4} \d\d:\d\d, .+ wrote:$",
        r"(?m)^> On \d+ \w+ \d{4}, at \d\d:\d\d, .+ <.+> wrote:$",
        r"(?m)^From: .+\nSent: .+\nTo: .+\n(Cc: .+\n)?Subject: ",
        r"(?m)^Von: .+\nGesendet: .+\nAn: .+\n(Cc: .+\n)?Betreff: ",
        r"(?m)^De : .+\nEnvoyé : .+\nÀ : .+\n(Cc : .+\n)?Objet : ",
        r"(?m)^Am .+ schrieb .+:$",
        r"(?m)^Le .+ a écrit :$",
        r"(?m)^---------- Forwarded message ---------$",
        r"(?m)^_{32}$",
    ],
)
def test_history_is_quoted_as_each_program_does(texts: str, mark: str) -> None:
    assert re.search(mark, texts)


@pytest.mark.parametrize(
    "mark",
    [
        b'charset="iso-8859-1"',
        b'charset="iso-8859-15"',
        b'charset="windows-1252"',
        b'charset="iso-2022-jp"',
        b'charset="shift_jis"',
        b"format=flowed",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: 8bit",
        b"multipart/related",
        b"multipart/alternative",
        b"multipart/report",
        b"message/rfc822",
        b"text/calendar",
        b"List-Unsubscribe:",
        b"Auto-Submitted: auto-replied",
        b"Content-ID:",
    ],
)
def test_the_forms_of_real_mail_occur(year: list[Copy], mark: bytes) -> None:
    assert any(mark in copy.raw for copy in year)


def test_html_comes_with_plain_text(mails: list[EmailMessage]) -> None:
    shown = [mail for mail in mails if mail.get_body(("html",))]
    assert len(shown) > len(mails) / 2
    assert all(mail.get_body(("plain",)) for mail in shown)


@pytest.mark.parametrize("label", ["INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "CHAT", "STARRED"])
def test_gmail_has_its_labels(year: list[Copy], label: str) -> None:
    assert any(label in copy.labels for copy in year if copy.provider == "google")


def test_gmail_has_archived_and_labelled_mail(year: list[Copy]) -> None:
    labels = {copy.labels for copy in year if copy.provider == "google"}
    assert () in labels
    assert any(label.startswith("Customers/") for each in labels for label in each)


@pytest.mark.parametrize("folder", ["inbox", "archive", "sentitems", "deleteditems", "junkemail", "drafts"])
def test_outlook_has_its_folders(year: list[Copy], folder: str) -> None:
    assert any(copy.folder == folder for copy in year if copy.provider == "microsoft")


def test_old_mail_is_read_and_new_mail_not_all(year: list[Copy]) -> None:
    assert sum(copy.read for copy in year[:800]) > 760
    assert not all(copy.read for copy in year[-60:])
