"""Whole messages from their bytes (RFC 5322, MIME). What cannot be read is a value, never an exception."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailkit import envelopes, html, quoted
from mailkit.bodies import LONGEST_HTML, LONGEST_TEXT, LONGEST_TYPE, Contents, content_id_of, contents, name_of
from mailkit.message import Attachment, Envelope, Failed, Message
from mailkit.parts import HEAD, Part, read
from mailkit.text import snippet

#: Section 3 of the design: of what is larger, the headers and the reason are kept.
LARGEST = 50_000_000

_CID = re.compile(r"""cid:([^"'\s<>)]{1,255})""", re.IGNORECASE)


def parse(raw: bytes) -> Message | Failed:
    """The message that ``raw`` is, at most 50,000,000 bytes; any bytes are welcome.

    `Failed.reason` is ``empty``, ``headers`` (there are none), ``too-large``, or ``parser`` (a fault of ours).
    `Message.defects` has ``bounds`` where only the beginning was read, ``headers``, ``boundary``, ``charset``
    and ``long-text``.
    """
    if not raw.strip():
        return Failed("empty", "There is nothing in this message.")
    if len(raw) > LARGEST:
        return Failed("too-large", f"This message has {len(raw):,} bytes, more than {LARGEST:,}.", _head_of(raw))
    try:
        return _message(raw)
    except Exception as error:  # noqa: BLE001
        # No message stops a mailbox (section 3 of the design): what nobody thought of is told, and tried again
        # after a fix, because the original is kept.
        return Failed("parser", f"This message could not be read: {type(error).__name__}.", _head_of(raw))


def attachment(raw: bytes, position: int) -> tuple[Attachment, bytes] | None:
    """The attachment that `parse` gives at ``position``, with its content; None where there is none."""
    if len(raw) > LARGEST or position < 0:
        return None
    found = contents(read(raw)[0])
    if position >= len(found.files):
        return None
    part = found.files[position]
    content = part.content
    return _attachment(position, part, len(content), _shown(found)), content


def files(raw: bytes) -> Iterator[tuple[Attachment, bytes]]:
    """All the attachments that `parse` gives, each with its content."""
    found = contents(read(raw)[0]) if len(raw) <= LARGEST else None
    shown = _shown(found) if found else frozenset()
    for position, part in enumerate(found.files if found else ()):
        content = part.content
        yield _attachment(position, part, len(content), shown), content


def _message(raw: bytes) -> Message | Failed:
    root, defects = read(raw)
    if not len(root):
        return Failed("headers", "This is no message: it does not begin with headers.")
    found = contents(root)
    source = found.html[:LONGEST_HTML]
    text = found.text
    if text is None or not text.strip():
        text = html.to_text(source) if source else ""
    defects |= found.defects
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
        defects.add("long-text")
    said = quoted.said(text)
    shown = _shown(found)
    return Message(
        envelope=envelopes.read(root.raw_items()),
        text=text,
        html=source,
        said=said,
        snippet=snippet(said),
        attachments=tuple(
            _attachment(position, part, len(part.content), shown) for position, part in enumerate(found.files)
        ),
        size=len(raw),
        defects=tuple(sorted(defects)),
    )


def _attachment(position: int, part: Part, size: int, shown: frozenset[str]) -> Attachment:
    content_id = content_id_of(part)
    return Attachment(
        position=position,
        name=name_of(part),
        content_type=part.media_type[:LONGEST_TYPE],
        size=size,
        content_id=content_id,
        is_inline=content_id.lower() in shown,
    )


def _shown(found: Contents) -> frozenset[str]:
    """The Content-IDs that the HTML shows, in small letters."""
    return frozenset(each.lower() for each in _CID.findall(found.html)) if found.files else frozenset()


def _head_of(raw: bytes) -> Envelope | None:
    """What the first headers say, where the whole could not be read."""
    try:
        return envelopes.read(read(raw[:HEAD])[0].raw_items())
    except Exception:  # noqa: BLE001
        # This is the fallback of the one above: if it fails as well, there is no envelope.
        return None
