"""Messages as they should be: bodies, files, and what belongs to which."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit.message import Attachment, Failed, Message
from mailkit.mime import attachment, parse

HEAD = (
    b"From: Ann Ray <ann@mail.example>\r\nTo: bob@mail.example\r\nSubject: Offer\r\n"
    b"Date: Tue, 2 Jan 2024 10:00:00 +0100\r\nMessage-ID: <1@mail.example>\r\n"
)


def read(raw: bytes) -> Message:
    message = parse(raw)
    assert isinstance(message, Message)
    return message


def multipart(kind: str, *parts: bytes) -> bytes:
    """A part, or after `HEAD` a message."""
    body = b"".join(b"--=_%s\r\n%s\r\n" % (kind.encode(), part) for part in parts)
    declared = f'Content-Type: multipart/{kind}; boundary="=_{kind}"\r\n\r\n'.encode()
    return declared + body + b"--=_%s--\r\n" % kind.encode()


PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello Bob"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <b>Bob</b></p>"
PDF = b"Content-Type: application/pdf; name=offer.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n"
LOGO = b"Content-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n"


def test_a_plain_message_is_its_headers_and_its_text() -> None:
    message = read(HEAD + b"\r\nHello Bob\r\n")
    assert message.envelope.sender is not None
    assert message.envelope.sender.address == "ann@mail.example"
    assert message.envelope.sent_at == datetime(2024, 1, 2, 9, tzinfo=UTC)
    assert message.envelope.message_id == "1@mail.example"
    assert (message.text.strip(), message.html, message.attachments, message.defects) == ("Hello Bob", "", (), ())
    assert message.size == len(HEAD) + 13


def test_of_alternatives_both_faces_are_kept() -> None:
    message = read(HEAD + multipart("alternative", PLAIN, HTML))
    assert message.text == "Hello Bob"
    assert "<b>Bob</b>" in message.html
    assert message.attachments == ()


def test_html_alone_is_read_as_text() -> None:
    message = read(HEAD + HTML)
    assert message.text == message.said == "Hello Bob"


def test_an_empty_plain_part_does_not_hide_the_html() -> None:
    message = read(HEAD + multipart("alternative", b"Content-Type: text/plain\r\n\r\n \r\n", HTML))
    assert message.text == "Hello Bob"


def test_files_are_numbered_and_given_by_their_number() -> None:
    raw = HEAD + multipart("mixed", multipart("alternative", PLAIN, HTML), PDF, LOGO)
    message = read(raw)
    assert message.attachments == (
        Attachment(0, "offer.pdf", "application/pdf", 5),
        Attachment(1, "image.png", "image/png", 4, "logo@x"),
    )
    assert attachment(raw, 0) == (message.attachments[0], b"%PDF-")
    assert attachment(raw, 1) == (message.attachments[1], b"\x89PNG")
    assert attachment(raw, 2) is None
    assert attachment(raw, -1) is None


def test_what_the_page_shows_is_inline() -> None:
    page = b'Content-Type: text/html\r\n\r\n<p>Hello<img src="cid:LOGO@x"></p>'
    raw = HEAD + multipart("mixed", multipart("related", page, LOGO), PDF)
    assert [(each.name, each.is_inline) for each in read(raw).attachments] == [
        ("image.png", True),
        ("offer.pdf", False),
    ]


def test_related_may_name_its_page() -> None:
    page = b"Content-Type: text/html\r\nContent-ID: <page@x>\r\n\r\n<p>Hello</p>"
    style = b"Content-Type: text/html\r\nContent-ID: <frame@x>\r\n\r\n<p>Frame</p>"
    raw = HEAD + multipart("related", style, page).replace(b"related;", b'related; start="<page@x>";')
    message = read(raw)
    assert message.text == "Hello"
    assert [each.content_id for each in message.attachments] == ["frame@x"]


def test_text_after_a_file_belongs_to_the_body() -> None:
    footer = b"Content-Type: text/plain\r\n\r\nSent to the list"
    assert read(HEAD + multipart("mixed", PLAIN, PDF, footer)).text == "Hello Bob\n\nSent to the list"


def test_html_with_a_plain_footer_is_one_page_and_one_text() -> None:
    footer = b"Content-Type: text/plain\r\n\r\n<the list>"
    message = read(HEAD + multipart("mixed", HTML, footer))
    assert "Hello Bob" in message.text
    assert "<the list>" in message.text
    assert "&lt;the list&gt;" in message.html


def test_text_with_a_name_is_a_file_unless_it_is_all_there_is() -> None:
    notes = b"Content-Type: text/plain; name=notes.txt\r\n\r\nMy notes"
    assert [each.name for each in read(HEAD + multipart("mixed", PLAIN, notes)).attachments] == ["notes.txt"]
    assert read(HEAD + multipart("mixed", notes)).text == "My notes"
    assert read(HEAD + notes).text == "My notes"


def test_a_message_in_a_message_is_one_file_and_stays_byte_by_byte() -> None:
    inner = (
        b"Subject: =?utf-8?q?Old/_offer?=\r\nFrom: x\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nx"
    )
    raw = HEAD + multipart("mixed", PLAIN, b"Content-Type: message/rfc822\r\n\r\n" + inner)
    message = read(raw)
    assert [(each.name, each.content_type) for each in message.attachments] == [("Old offer.eml", "message/rfc822")]
    found = attachment(raw, 0)
    assert found is not None
    assert found[1] == inner


def test_a_bounce_is_its_explanation_with_the_report_and_the_original_as_files() -> None:
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\nAction: failed"
    original = b"Content-Type: text/rfc822-headers\r\n\r\nSubject: Offer"
    message = read(HEAD + multipart("report", PLAIN, status, original))
    assert message.text == "Hello Bob"
    assert [each.name for each in message.attachments] == ["delivery-status.txt", "headers.txt"]


def test_a_digest_is_its_messages() -> None:
    message = read(HEAD + multipart("digest", b"\r\nSubject: One\r\n\r\nx", b"\r\nSubject: Two\r\n\r\ny"))
    assert [each.name for each in message.attachments] == ["One.eml", "Two.eml"]


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (b"Content-Type: application/ms-tnef\r\n\r\nx", "winmail.dat"),
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx", "smime.p7m"),
        (b"Content-Type: application/pkcs7-signature\r\n\r\nx", "smime.p7s"),
        (b"Content-Type: application/pgp-signature\r\n\r\nx", "signature.asc"),
        (b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR", "invitation.ics"),
        (b"Content-Type: application/x-odd\r\n\r\nx", "attachment"),
        (b'Content-Type: a/b; name="C:\\\\temp\\\\plan.pdf"\r\n\r\nx', "plan.pdf"),
        (b'Content-Disposition: attachment; filename="../../etc/passwd"\r\nContent-Type: a/b\r\n\r\nx', "passwd"),
        (b"Content-Disposition: attachment; filename*=utf-8''Pl%C3%A4ne.pdf\r\n\r\nx", "Pläne.pdf"),
        (b'Content-Disposition: attachment; filename*0="Pl"; filename*1*=%C3%A4ne.pdf\r\n\r\nx', "Pläne.pdf"),
        (b"Content-Disposition: attachment; filename*0*=iso-8859-1''Pl%E4; filename*1=ne.pdf\r\n\r\nx", "Pläne.pdf"),
        (b'Content-Disposition: attachment; filename="=?utf-8?q?Pl=C3=A4ne=2Epdf?="\r\n\r\nx', "Pläne.pdf"),
        (b'Content-Disposition: attachment; filename="Pl\xc3\xa4ne.pdf"\r\n\r\nx', "Pläne.pdf"),
        (b"Content-Disposition: attachment; filename=my plan.pdf; size=1\r\n\r\nx", "my plan.pdf"),
        (b'Content-Disposition: attachment; filename="exe.\xe2\x80\xaefdp"\r\n\r\nx', "exe.fdp"),
        (b"Content-Disposition: attachment; filename=%s.pdf\r\n\r\nx" % (b"x" * 500), "x" * 244 + ".pdf"),
    ],
)
def test_files_have_names_without_paths(part: bytes, name: str) -> None:
    (found,) = read(HEAD + multipart("mixed", PLAIN, part)).attachments
    assert found.name == name


def test_encrypted_mail_is_its_files() -> None:
    version = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1"
    secret = b"Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----"
    message = read(HEAD + multipart("encrypted", version, secret))
    assert [each.name for each in message.attachments] == ["version.asc", "encrypted.asc"]
    assert message.text == ""


def test_signed_mail_is_its_text_and_the_signature_a_file() -> None:
    signature = b"Content-Type: application/pgp-signature; name=signature.asc\r\n\r\n-----BEGIN PGP SIGNATURE-----"
    message = read(HEAD + multipart("signed", PLAIN, signature))
    assert (message.text, [each.name for each in message.attachments]) == ("Hello Bob", ["signature.asc"])


def test_flowed_text_becomes_paragraphs() -> None:
    """RFC 3676."""
    flowed = (
        b"Content-Type: text/plain; format=flowed\r\n\r\nHello \r\nBob.\r\n>> I \r\n>> said\r\n> so\r\n-- \r\nAnn\r\n"
    )
    assert read(HEAD + flowed).text.strip() == "Hello Bob.\n>> I said\n> so\n-- \nAnn"
    deleted = b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\nHel \r\nlo\r\n"
    assert read(HEAD + deleted).text.strip() == "Hello"


def test_said_and_snippet_leave_quoted_history_out() -> None:
    message = read(
        HEAD + b"\r\nYes,\r\nplease.\r\n\r\nOn Mon, Jan 1, 2024 Bob <bob@mail.example> wrote:\r\n> Offer?\r\n"
    )
    assert message.said == "Yes,\nplease."
    assert message.snippet == "Yes, please."
    assert "> Offer?" in message.text


@pytest.mark.parametrize(("raw", "reason"), [(b"", "empty"), (b" \r\n\r\n", "empty"), (b"Hello\nBob\n", "headers")])
def test_what_is_no_message_says_so(raw: bytes, reason: str) -> None:
    failed = parse(raw)
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.envelope) == (reason, None)


texts = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=200)
files = st.lists(
    st.tuples(st.from_regex(r"[a-z]{1,20}\.[a-z]{3}", fullmatch=True), st.binary(max_size=200)), max_size=3
)


@settings(deadline=None, max_examples=40)
@given(texts, texts, files)
def test_what_a_mail_program_writes_is_read(subject: str, body: str, attached: list[tuple[str, bytes]]) -> None:
    written = EmailMessage()
    written["From"] = "Ann Ray <ann@mail.example>"
    written["To"] = "bob@mail.example"
    written["Subject"] = " ".join(subject.split()).replace("=?", "")
    written.set_content(body, cte="base64")
    for name, content in attached:
        written.add_attachment(content, maintype="application", subtype="x-odd", filename=name)
    raw = written.as_bytes()
    message = read(raw)
    assert message.envelope.subject.split() == " ".join(subject.split()).replace("=?", "")[:998].split()
    assert message.text.strip().split() == body.split()
    assert [(each.name, each.size) for each in message.attachments] == [(name, len(data)) for name, data in attached]
    for position, (_, content) in enumerate(attached):
        assert attachment(raw, position) == (message.attachments[position], content)


@settings(deadline=None, max_examples=50)
@given(st.binary() | st.binary().map(HEAD.__add__) | st.binary().map(multipart("mixed", PLAIN, PDF).__add__))
def test_any_bytes_are_a_value_that_a_database_takes(raw: bytes) -> None:
    message = parse(raw)
    if isinstance(message, Failed):
        assert message.reason != "parser"
        return
    attached = [text for each in message.attachments for text in (each.name, each.content_type, each.content_id)]
    for text in (message.text, message.html, message.said, message.snippet, message.envelope.subject, *attached):
        assert "\x00" not in text
        text.encode()
    assert len(message.snippet) <= 200


def test_base64_that_is_damaged_gives_what_can_be_had() -> None:
    def body(encoded: bytes) -> str:
        return read(HEAD + b"Content-Transfer-Encoding: BASE64 \r\n\r\n" + encoded).text.strip()

    whole = base64.b64encode(b"Hello Bob")
    assert body(whole) == "Hello Bob"
    assert body(whole[:-2]) == "Hello B"
    assert body(b"!" + whole[:4] + b"\r\n\x00" + whole[4:]) == "Hello Bob"
    assert body(whole[:9]) == "Hello"


def test_uuencoded_text_is_read() -> None:
    raw = HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n)2&5L;&\\@0F]B\r\n`\r\nend\r\n"
    assert read(raw).text.strip() == "Hello Bob"
