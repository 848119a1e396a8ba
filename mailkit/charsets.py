"""Bytes to text by a ladder that never fails: the declared charset, UTF-8, a guess, and at last Latin-1."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

#: What is declared, in small letters and without punctuation, and the codec that reads it. Where a charset has a
#: superset that mail programs write under its name, the superset (as https://encoding.spec.whatwg.org/ does).
_ALIASES = {
    "usascii": "cp1252",
    "ascii": "cp1252",
    "ansix341968": "cp1252",
    "iso646us": "cp1252",
    "iso88591": "cp1252",
    "88591": "cp1252",
    "latin1": "cp1252",
    "l1": "cp1252",
    "windows1252": "cp1252",
    "ansi": "cp1252",
    "iso88598i": "iso8859_8",
    "iso88598e": "iso8859_8",
    "iso88599": "cp1254",
    "latin5": "cp1254",
    "tis620": "cp874",
    "iso885911": "cp874",
    "windows874": "cp874",
    "gb2312": "gb18030",
    "gb231280": "gb18030",
    "isogb2312": "gb18030",
    "chinesegb2312": "gb18030",
    "chinesegb": "gb18030",
    "gbk": "gb18030",
    "xgbk": "gb18030",
    "xgb": "gb18030",
    "big5": "big5hkscs",
    "chinesebig5": "big5hkscs",
    "xbig5": "big5hkscs",
    "cnbig5": "big5hkscs",
    "koi8": "koi8_r",
    "koi8r": "koi8_r",
    "koi8ru": "koi8_u",
    "xmaccyrillic": "mac_cyrillic",
    "xmacroman": "mac_roman",
    "macintosh": "mac_roman",
    "xsjis": "cp932",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "mskanji": "cp932",
    "windows31j": "cp932",
    "xeucjp": "euc_jp",
    "iso2022jp": "iso2022_jp_ext",
    "iso2022jpesc": "iso2022_jp_ext",
    "iso2022jp1": "iso2022_jp_ext",
    "csiso2022jp": "iso2022_jp_ext",
    "ksc56011987": "cp949",
    "ksc5601": "cp949",
    "euckr": "cp949",
    "windows949": "cp949",
    "utf8mb4": "utf_8",
    "unicode11utf8": "utf_8",
    "unicode11utf7": "utf_7",
    "xunicode20utf8": "utf_8",
}
#: Python decodes these from bytes too, but they are no charsets, and some need more than linear time.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
#: In these every byte, or nearly, is a letter: that decoding succeeds says nothing.
_SINGLE_BYTE = re.compile(r"cp(125\d|874|8[56]\d|437)|iso8859|latin|koi8|mac_|ascii|tis")
_HIGH = re.compile(rb"[\x80-\xff][^\n]{0,200}")
#: What a guess is made from, in bytes: more adds time but no certainty.
_SAMPLE = 2_000
#: Fewer bytes than this beyond ASCII are as likely guessed wrong.
_ENOUGH = 12


def decode(data: bytes, declared: str = "", *, guess: bool = True) -> tuple[str, bool]:
    """``data`` as text, and whether that was done as declared (or without need of it).

    NULs and lone surrogates may be in it: `text.clean` takes them out. ``guess`` allows the costly step.
    """
    codec = codec_of(declared)
    if data.isascii() and not any(mark in data for mark in _marks(codec)):
        return data.decode("ascii"), bool(codec) or not declared
    if codec and (not _SINGLE_BYTE.match(codec) or not _is_utf8(data)):
        text = _declared(data, codec)
        if text is not None:
            return text, True
    return _undeclared(data, guess=guess), not declared and data.isascii()


@lru_cache(maxsize=512)
def codec_of(declared: str) -> str:
    """The name of the codec that a declared charset means; empty for one that is unknown or none."""
    name = declared.strip().strip("\"'").lower()[:100]
    name = name.rpartition("charset=")[2]
    key = re.sub(r"[^a-z0-9]", "", name)
    if not key or not name.isascii():
        return ""
    if key in _ALIASES:
        return _ALIASES[key]
    try:
        codec = codecs.lookup(re.sub(r"[^a-z0-9_.:-]", "", name)).name.replace("-", "_")
        b"".decode(codec)
    except (LookupError, ValueError):
        return ""
    return "" if codec in _NO_CHARSETS else _ALIASES.get(codec.replace("_", ""), codec)


@lru_cache(maxsize=512)
def _marks(codec: str) -> tuple[bytes, ...]:
    """The bytes of which one must be there for ASCII to mean anything else in this codec."""
    if codec.startswith(("iso2022", "utf_16", "utf_32")):
        return (b"\x1b", b"\x0e") if codec.startswith("iso") else (b"\x00",)
    return {"utf_7": (b"+",), "hz": (b"~",), "": (b"\x1b$",)}.get(codec, ())


def _is_utf8(data: bytes) -> bool:
    """Text in a single-byte charset is never UTF-8 by chance, but UTF-8 is often declared as such."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not data.isascii()


def _declared(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        pass
    if codec == "cp1252":
        return None if _looks_double_byte(data) else data.decode("latin-1")
    # A few bytes cut off or added, rather than another charset: most of it reads well.
    text = data.decode(codec, "replace")
    beyond = sum(not letter.isascii() for letter in text)
    return text if text.count("\ufffd") * 4 <= beyond else None


def _looks_double_byte(data: bytes) -> bool:
    """Of cp1252 only five bytes are unused, so a text that has many of them is something else."""
    return sum(map(data.count, (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))) > len(data) // 50


def _undeclared(data: bytes, *, guess: bool) -> str:
    if b"\x1b$" in data and data.isascii():
        return data.decode("iso2022_jp_ext", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    codec = _guessed(data) if guess else ""
    for candidate in filter(None, (codec, "cp1252")):
        try:
            return data.decode(candidate)
        except (UnicodeError, LookupError):
            continue
    return data.decode("latin-1")


def _guessed(data: bytes) -> str:
    sample = _sample(data)
    if sum(byte > 0x7F for byte in sample) < _ENOUGH:
        return ""
    # Imported here because it takes longer than a hundred messages, and most mail never needs it.
    from charset_normalizer import from_bytes

    best = from_bytes(sample, steps=5, chunk_size=400).best()
    return best.encoding if best is not None else ""


def _sample(data: bytes) -> bytes:
    """The first stretches that have anything beyond ASCII, with what stands before them."""
    found, end = bytearray(), 0
    for match in _HIGH.finditer(data):
        found += data[max(end, match.start() - 30) : match.end()]
        end = match.end()
        if len(found) >= _SAMPLE:
            break
    return bytes(found[:_SAMPLE])
