"""What real mail gets wrong, done to sound mail on purpose. Each oddity takes raw bytes and answers raw bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from emulator import rfc822

_CHARSET = re.compile(rb'charset="[^"]*"')
_ZONE = re.compile(rb"^(Date:.*) [+-]\d{4}(\r?)$", re.MULTILINE)
_SUBJECT = re.compile(rb"^Subject: [^\r\n]*(?:\r\n[ \t][^\r\n]*)*", re.MULTILINE)


def _without_message_id(raw: bytes) -> bytes:
    return rfc822.remove(raw, "Message-ID")


def _without_date(raw: bytes) -> bytes:
    return rfc822.remove(raw, "Date")


def _date_without_zone(raw: bytes) -> bytes:
    return _ZONE.sub(rb"\1\2", raw, count=1)


def _unknown_charset(raw: bytes) -> bytes:
    return _CHARSET.sub(b'charset="x-unknown"', raw)


def _raw_latin_subject(raw: bytes) -> bytes:
    """An 8-bit subject, neither UTF-8 nor declared."""
    text = rfc822.decode(dict(rfc822.fields(raw)).get("Subject", ""))
    line = f"Subject: {text} – résumé".encode("cp1252", "replace")
    return _SUBJECT.sub(lambda _: line, raw, count=1)


ODDITIES: dict[str, Callable[[bytes], bytes]] = {
    "no-message-id": _without_message_id,
    "no-date": _without_date,
    "date-without-zone": _date_without_zone,
    "unknown-charset": _unknown_charset,
    "raw-subject": _raw_latin_subject,
}
