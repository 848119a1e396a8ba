"""Content-Type and Content-Disposition taken apart (RFC 2045, RFC 2231), in linear time and whatever is wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from mailkit.charsets import decode as decode_bytes
from mailkit.headers import decode as decode_header

#: In characters; file names are the longest that has meaning there.
LONGEST = 8_000
_MOST_SECTIONS = 100
_SHORT = 100

_PARAMETER = re.compile(
    r""" ; [\s;]* ([^\s=;"*]+) ( (?: \* \d{1,3} )? \*? ) \s* = \s* (?: " ( (?: [^"\\] | \\. )* ) "? | ([^;]*) ) """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r'\\(["\\])')


def parse(header: str) -> tuple[str, dict[str, str]]:
    """The value before the first semicolon in small letters, and the parameters, their names in small letters.

    Of a parameter that comes twice the first counts. Charsets and pieces of RFC 2231 are put together; encoded
    words, which do not belong here, and raw bytes are decoded, for they are what mail programs write. Never raises.
    The dictionary is not to be changed: it may be given again.
    """
    if len(header) <= _SHORT:
        return _parse_short(header)
    return _parse(header)


def _parse(header: str) -> tuple[str, dict[str, str]]:
    value, semicolon, rest = header[:LONGEST].partition(";")
    value = value.strip().lower()
    if not semicolon:
        return value, {}
    plain: dict[str, str] = {}
    sections: defaultdict[str, dict[int, tuple[str, bool]]] = defaultdict(dict)
    for name, star, quoted, bare in _PARAMETER.findall(f";{rest}"):
        key = name.lower()
        text = _ESCAPE.sub(r"\1", quoted) if quoted else bare.strip()
        if not star:
            plain.setdefault(key, text)
        elif len(sections[key]) < _MOST_SECTIONS:
            sections[key].setdefault(int(star.strip("*") or 0), (text, star.endswith("*")))
    parameters = {key: decode_header(text) if _is_encoded(text) else text for key, text in plain.items()}
    return value, parameters | {key: _joined(pieces) for key, pieces in sections.items()}


#: Half of all mail says one of a dozen things here.
_parse_short = lru_cache(maxsize=1_000)(_parse)


def _is_encoded(text: str) -> bool:
    return "=?" in text or not text.isascii()


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """The pieces of one value in their order; only the first names the charset, and each says if it is encoded."""
    data, charset = b"", ""
    for number in sorted(pieces):
        text, is_encoded = pieces[number]
        if is_encoded and number == min(pieces) and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(raw) if is_encoded else raw
    return decode_bytes(data, charset, guess=False)[0]
