"""Text that a database takes and a person reads: no NUL, no lone surrogate, one kind of line end."""

from __future__ import annotations

import re

SNIPPET_LENGTH = 200

_SURROGATE = re.compile("[\ud800-\udfff]")
#: What separates nothing and shows nothing; newsletters fill their previews with it.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u2060\ufeff"))
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
#: They turn the rest of a line around, so that a name reads as another (Unicode TR 36, section 3.3).
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """``text`` as PostgreSQL takes it: no NUL, U+FFFD for each lone surrogate, lines ended by ``\\n``."""
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    if "\x00" in text:
        text = text.replace("\x00", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def one_line(text: str, longest: int) -> str:
    """``text`` clean, on one line, with single spaces and no control characters, at most ``longest`` characters."""
    text = " ".join(text.split())
    if not (text.isascii() and text.isprintable()):
        text = _TURNING.sub("", _CONTROL.sub(" ", _SURROGATE.sub("\ufffd", text.replace("\x00", ""))))
        text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def snippet(said: str) -> str:
    """The beginning of a message on one line, at most 200 characters."""
    head = said[: SNIPPET_LENGTH * 3]
    return one_line(head if head.isascii() else head.translate(_INVISIBLE), SNIPPET_LENGTH)
