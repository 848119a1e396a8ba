"""Bytes to text, for files that do not say how they are written."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

LARGEST = 10 * 2**20
MOST_ROWS = 50_000
#: Byte order marks, the longer ones first: that of UTF-32 begins like that of UTF-16.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: Enough to tell Latin-1 from KOI8-R; guessing over the whole file would take seconds.
SAMPLE = 64 * 1024


class UnreadableFile(ValueError):
    """The file cannot be one of contacts; the message says why and what would be right, for the reader."""


def decode(content: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else the likeliest charset; newlines as they are.

    Raises `UnreadableFile` for what is too large, empty or no text.
    """
    if len(content) > LARGEST:
        size = len(content) / 2**20
        raise UnreadableFile(f"The file has {size:.1f} MB: split it into files of at most {LARGEST // 2**20} MB.")
    text = _by_mark(content) or _by_guess(content)
    if not text.strip():
        raise UnreadableFile("The file is empty: choose another one.")
    return text


def _by_mark(content: bytes) -> str | None:
    charset = next((charset for mark, charset in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(charset)
    except UnicodeDecodeError:
        return None


def _by_guess(content: bytes) -> str:
    matches = from_bytes(content[:SAMPLE], cp_exclusion=["utf_7"])
    best = matches.best()
    if best is None:
        raise UnreadableFile("This is not a text file: export your contacts as CSV or vCard (.vcf) and choose that.")
    # Names are too short to tell the charsets of Western and Central Europe apart; Excel writes the Western one.
    best = next((match for match in matches if match.encoding == "cp1252" and match.chaos <= best.chaos), best)
    # The sample may end within a character, and what follows it may hold bytes that the charset does not know.
    return content.decode(best.encoding, errors="replace")
