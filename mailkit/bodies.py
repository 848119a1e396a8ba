"""What of a message is its body, and what is a file (RFC 2046, RFC 2183, RFC 2387)."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from mailkit import charsets
from mailkit.flowed import unflow
from mailkit.headers import decode
from mailkit.parts import Part, with_guessed_boundary
from mailkit.text import clean, one_line

#: Of what people read, in characters.
LONGEST_TEXT = 1_000_000
LONGEST_HTML = 5_000_000
#: Of charsets in one message: each costs as much as ten messages.
MOST_GUESSES = 10
LONGEST_FILE_NAME = 255
#: RFC 6838, section 4.2: 127 characters for both names together.
LONGEST_TYPE = 127

_BODY_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
#: Other faces of the same text, for programs that know them; nobody wants them as files.
_PASSED_OVER = frozenset({"text/x-amp-html", "text/watch-html"})
_NAMES = {
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "receipt.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invitation.ics",
    "text/x-vcard": "contact.vcf",
    "text/vcard": "contact.vcf",
    "text/directory": "contact.vcf",
    "text/csv": "table.csv",
    "text/plain": "text.txt",
    "text/html": "page.html",
    "application/ms-tnef": "winmail.dat",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.asc",
    "application/pgp-keys": "key.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pdf": "document.pdf",
    "image/jpeg": "image.jpg",
    "image/png": "image.png",
    "image/gif": "image.gif",
}
_MARKUP = re.compile(r"<[a-z/][^<>]{0,200}>", re.IGNORECASE)
_PARAM = re.compile(r"<param>[^<>]{0,200}</param>", re.IGNORECASE)
_SUBJECT = re.compile(rb"^subject:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_LOOKS_LIKE_HTML = re.compile(r"\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)


@dataclass(slots=True)
class Body:
    """One stretch of what is to be read. ``text`` is None where there is only HTML, ``html`` where only text."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Contents:
    """The leaves of a message's tree, sorted."""

    bodies: list[Body] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    defects: set[str] = field(default_factory=set)
    #: How many bodies were not as their charset said.
    guesses: int = 0

    @property
    def text(self) -> str | None:
        """All plain text; None where there is none, or something has only HTML."""
        if not self.bodies or any(body.text is None for body in self.bodies):
            return None
        return "\n\n".join((body.text or "").strip("\n") for body in self.bodies)

    @property
    def html(self) -> str:
        """All HTML, with what is only text between it; empty where there is no HTML at all."""
        if all(body.html is None for body in self.bodies):
            return ""
        return "\n".join(body.html if body.html is not None else _as_html(body.text or "") for body in self.bodies)


def contents(root: Part) -> Contents:
    """The body and the files of the message whose tree has this root."""
    found = Contents()
    found.bodies = _collect(root, found, is_root=True)
    if not found.bodies:
        # Programs that give a name to everything: what can be read and is not called a file is read.
        found.bodies = [_body(part.media_type, part, found) for part in filter(_is_readable, found.files[:1])]
    return found


def name_of(part: Part) -> str:
    """What to call a file: as declared, without a path, or else by what it is."""
    declared = part.parsed("content-disposition")[1].get("filename") or part.parsed("content-type")[1].get("name") or ""
    name = re.split(r"[/\\]", one_line(declared, 10_000))[-1].strip(". ")
    if not name and part.media_type in {"message/rfc822", "message/global"}:
        name = f"{_subject_of(part.content) or 'message'}.eml"
    name = name or _NAMES.get(part.media_type, "attachment")
    if len(name) <= LONGEST_FILE_NAME:
        return name
    stem, dot, suffix = name.rpartition(".")
    return f"{stem[: LONGEST_FILE_NAME - 11]}.{suffix}" if dot and len(suffix) <= 10 else name[:LONGEST_FILE_NAME]


def _collect(part: Part, found: Contents, *, is_root: bool = False) -> list[Body]:
    """The bodies of a part in their order; its files go to ``found``."""
    media_type = part.media_type
    if media_type.startswith("multipart/"):
        return _multipart(media_type, part, found)
    if media_type in _PASSED_OVER:
        return []
    if media_type in _BODY_TYPES and not _is_file(part, is_root=is_root):
        return [_body(media_type, part, found)]
    found.files.append(part)
    return []


def _multipart(media_type: str, part: Part, found: Contents) -> list[Body]:
    children = part.children
    if not children:
        children = with_guessed_boundary(part)
        found.defects.add("boundary")
    if not children:
        content = part.content
        return [_body("text/plain", part, found)] if content.strip() else []
    if media_type == "multipart/alternative":
        return _one_of([_collect(child, found) for child in children])
    if media_type == "multipart/related":
        return _related(part, children, found)
    return [body for child in children for body in _collect(child, found)]


def _one_of(alternatives: list[list[Body]]) -> list[Body]:
    """Faces of the same text: the first plain one and the last HTML (RFC 2046, section 5.1.4)."""
    filled = [bodies for bodies in alternatives if bodies]
    plain = next((bodies for bodies in filled if all(body.html is None for body in bodies)), None)
    rich = next((bodies for bodies in reversed(filled) if any(body.html is not None for body in bodies)), None)
    if plain is None or rich is None:
        return rich or plain or []
    text = "\n\n".join(body.text or "" for body in plain)
    whole = Contents(bodies=rich)
    return [Body(text=text if text.strip() else whole.text, html=whole.html)]


def _related(part: Part, children: list[Part], found: Contents) -> list[Body]:
    """One page and what it shows (RFC 2387)."""
    start = part.parsed("content-type")[1].get("start", "").strip("<> ")
    page = next((each for each in children if start and content_id_of(each) == start), None)
    if page is None:
        page = next((each for each in children if each.media_type.startswith(("text/", "multipart/"))), children[0])
    bodies = []
    for child in children:
        if child is page or child.media_type.startswith("multipart/") or not content_id_of(child):
            bodies += _collect(child, found)
        else:
            found.files.append(child)
    return bodies


def content_id_of(part: Part) -> str:
    """The Content-ID without its brackets."""
    return one_line(decode(part.header("content-id")).strip().strip("<>"), LONGEST_FILE_NAME)


def _is_file(part: Part, *, is_root: bool) -> bool:
    """Whether text is a file rather than something to read: it says so, or it has a name."""
    disposition, parameters = part.parsed("content-disposition")
    if disposition == "attachment":
        return True
    return not is_root and bool(parameters.get("filename") or part.parsed("content-type")[1].get("name"))


def _is_readable(part: Part) -> bool:
    return part.media_type in _BODY_TYPES and part.parsed("content-disposition")[0] != "attachment"


def _body(media_type: str, part: Part, found: Contents) -> Body:
    _, parameters = part.parsed("content-type")
    text, as_declared = charsets.decode(part.content, parameters.get("charset", ""), guess=found.guesses < MOST_GUESSES)
    if not as_declared:
        found.guesses += 1
        found.defects.add("charset")
    text = clean(text)
    if len(text) > LONGEST_HTML:
        text = text[:LONGEST_HTML]
        found.defects.add("long-text")
    if media_type == "text/html" or _LOOKS_LIKE_HTML.match(text[:200]):
        return Body(html=text)
    if media_type != "text/plain":
        text = html.unescape(_MARKUP.sub("", _PARAM.sub("", text)))
    elif parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=parameters.get("delsp", "").lower() == "yes")
    return Body(text=text)


def _as_html(text: str) -> str:
    return f'<div style="white-space: pre-wrap">{html.escape(text)}</div>' if text.strip() else ""


def _subject_of(message: bytes) -> str:
    match = _SUBJECT.search(re.split(rb"\r?\n\r?\n", message[:100_000], maxsplit=1)[0])
    if match is None:
        return ""
    return " ".join(re.sub(r'[\\/:*?"<>|]', " ", decode(match[1])).split())[: LONGEST_FILE_NAME - 4].strip(". ")
