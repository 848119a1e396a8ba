"""A message as its sender's mail program writes it down: headers of its own, body parts, attachments."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import blake2b
from uuid import UUID

from emulator.generator import files, mime
from emulator.generator.files import File, Meeting
from emulator.generator.people import Client, Language, Person
from emulator.generator.quoting import Body, Original

_WIDTH = 72
_PROGRAMS = {
    "apple": ("X-Mailer", "Apple Mail (2.3826.700.81)"),
    "thunderbird": ("User-Agent", "Mozilla Thunderbird"),
}
_OUTLOOK_STYLE = (
    "<style><!--p.MsoNormal{margin:0cm;font-size:11.0pt;font-family:Aptos,sans-serif}"
    "div.WordSection1{page:WordSection1}--></style>"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message before it is bytes. `references` are ids without brackets, the one answered last.

    `headers` come on top of what the program itself writes; `logo` is a picture that the HTML shows;
    `enclosed` is a whole message, attached.
    """

    sender: Person
    address: str
    to: tuple[mime.Mailto, ...]
    cc: tuple[mime.Mailto, ...]
    bcc: tuple[mime.Mailto, ...]
    subject: str
    date: datetime
    message_id: str
    references: tuple[str, ...]
    language: Language
    body: Body
    files: tuple[File, ...] = ()
    meeting: Meeting | None = None
    logo: File | None = None
    enclosed: bytes = b""
    headers: tuple[mime.Field, ...] = ()

    def as_original(self) -> Original:
        """As an answer quotes it."""
        return Original(
            name=self.sender.name,
            address=self.address,
            to=tuple(_shown(who) for who in self.to),
            cc=tuple(_shown(who) for who in self.cc),
            subject=self.subject,
            date=self.date,
            body=self.body,
        )


def message_id(client: Client, domain: str, seed: str) -> str:
    """As the program makes them up, without brackets."""
    digest = blake2b(seed.encode(), digest_size=16).digest()
    match client:
        case "gmail":
            return f"CA{digest.hex()}@mail.{domain}"
        case "outlook" | "outlook-web":
            return f"{digest.hex().upper()}.{digest[0]}@prod.{domain}"
        case "apple":
            return f"{str(UUID(bytes=digest)).upper()}@{domain}"
        case "thunderbird":
            return f"{UUID(bytes=digest)}@{domain}"


def write(letter: Letter, *, bcc: bool = False) -> bytes:
    """The message as bytes with CRLF line ends; with `bcc` as the sender keeps it."""
    return _content(letter).as_bytes(_headers(letter, bcc=bcc))


def flowed(text: str, width: int = _WIDTH) -> str:
    """Long lines broken so that a reader can join them again (RFC 3676); quoted lines keep their marks."""
    return "\n".join(each for line in text.split("\n") for each in _flow(line, width))


def _headers(letter: Letter, *, bcc: bool) -> Iterator[mime.Field]:
    charset = letter.sender.charset
    yield from letter.headers
    yield mime.people("From", [(letter.sender.name, letter.address)], charset)
    yield mime.people("To", letter.to, charset)
    if letter.cc:
        yield mime.people("Cc", letter.cc, charset)
    if bcc and letter.bcc:
        yield mime.people("Bcc", letter.bcc, charset)
    yield mime.header("Subject", letter.subject, charset)
    yield "Date", format_datetime(letter.date)
    yield "Message-ID", f"<{letter.message_id}>"
    if letter.references:
        yield mime.ids("In-Reply-To", letter.references[-1:])
        yield mime.ids("References", letter.references)
    yield "MIME-Version", "1.0"
    yield from _program_headers(letter)


def _program_headers(letter: Letter) -> Iterator[mime.Field]:
    client = letter.sender.client
    if client in _PROGRAMS:
        yield _PROGRAMS[client]
    if client in {"outlook", "outlook-web"}:
        root = (letter.references or (letter.message_id,))[0]
        index = b"\x01" + blake2b(root.encode(), digest_size=21).digest() + b"\0\0\0\0\x10" * len(letter.references)
        topic = letter.subject.partition(": ")[2] if letter.references else letter.subject
        yield mime.header("Thread-Topic", topic or letter.subject)
        yield "Thread-Index", binascii.b2a_base64(index[:42], newline=False).decode("ascii")
        yield "X-MS-Has-Attach", "yes" if letter.files else ""
        yield "Content-Language", {"en": "en-GB", "de": "de-DE", "fr": "fr-FR", "ja": "ja-JP"}[letter.language]


def _content(letter: Letter) -> mime.Part:
    part = _text(letter)
    if not letter.files and letter.meeting is None and not letter.enclosed:
        return part
    attached = [mime.file(each.name, each.content_type, each.content) for each in letter.files]
    if letter.meeting is not None:
        attached.append(mime.file("invite.ics", "application/ics", _calendar(letter.meeting)))
    if letter.enclosed:
        attached.append(mime.enclosed(letter.enclosed))
    return mime.multipart("mixed", [part, *attached])


def _text(letter: Letter) -> mime.Part:
    charset, client = letter.sender.charset, letter.sender.client
    if client == "thunderbird":
        is_flowed = letter.language != "ja"
        plain = flowed(letter.body.plain) if is_flowed else letter.body.plain
        return mime.text(plain, charset=charset, flowed=is_flowed)
    versions = [
        mime.text(letter.body.plain, charset=charset),
        mime.text(_page(letter), subtype="html", charset=charset),
    ]
    if letter.meeting is not None:
        calendar = mime.text(files.invitation(letter.meeting))
        versions.append(mime.retyped(calendar, 'text/calendar; charset="utf-8"; method=REQUEST'))
    part = mime.multipart("alternative", versions)
    if letter.logo is None:
        return part
    picture = mime.file(letter.logo.name, letter.logo.content_type, letter.logo.content, content_id=_logo_id(letter))
    return mime.multipart("related", [part, picture], more=' type="multipart/alternative";')


def _page(letter: Letter) -> str:
    inner = letter.body.html
    if letter.logo is not None:
        inner += f'<p class="MsoNormal"><img width="160" height="100" alt="Logo" src="cid:{_logo_id(letter)}"></p>'
    if letter.sender.client in {"outlook", "outlook-web"}:
        charset = mime.fitting(inner, letter.sender.charset)
        meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
        return (
            f"<html><head>{meta}{_OUTLOOK_STYLE}</head>"
            f'<body lang="{letter.language}"><div class="WordSection1">{inner}</div></body></html>'
        )
    if letter.sender.client == "apple":
        return f'<html><body style="overflow-wrap: break-word; line-break: after-white-space;">{inner}</body></html>'
    return inner


def _logo_id(letter: Letter) -> str:
    return f"image001.png@01DC.{letter.message_id[2:10].upper()}"


def _calendar(meeting: Meeting) -> bytes:
    return files.invitation(meeting).replace("\n", "\r\n").encode()


def _shown(who: mime.Mailto) -> str:
    name, address = who
    return f"{name} <{address}>" if name else address


def _flow(line: str, width: int) -> Iterator[str]:
    text = line.lstrip(">")
    marks = line[: len(line) - len(text)]
    lead = f"{marks} " if marks else ""
    text = text.removeprefix(" ") if marks else text
    if text == "-- ":
        yield f"{lead}{text}"
        return
    # A trailing blank would join this line with the next one.
    text = text.rstrip(" ")
    while len(text) > width and (cut := text.rfind(" ", 0, width)) > 0:
        yield f"{lead}{_stuffed(text[:cut], lead)} "
        text = text[cut + 1 :]
    yield f"{lead}{_stuffed(text, lead)}" if text else marks


def _stuffed(text: str, lead: str) -> str:
    """RFC 3676 section 4.4."""
    return f" {text}" if not lead and text.startswith((" ", "From ")) else text
