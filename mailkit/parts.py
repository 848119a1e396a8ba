"""Bytes to a tree of parts, with a bound on all that is done for it.

A message in good order is cut at its boundaries. All others go through Python's parser for damaged mail
(``compat32``), which takes several times as long: it goes line by line, and keeps what it read when it is stopped,
so that a message that is too much of something gives its beginning.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from email.errors import MissingHeaderBodySeparatorDefect
from email.message import Message as StandardMessage
from email.parser import BytesFeedParser
from email.policy import compat32
from typing import Any

from mailkit import parameters

DEEPEST = 50
MOST_PARTS = 1_000
#: How deep a lost boundary is looked for: each time reads all that is in the part again.
DEEPEST_GUESS = 3
#: Of one part; and of one header, in characters.
MOST_HEADERS = 5_000
LONGEST_HEADER = 1_000_000
#: 50 MB of base64 have two thirds of it. Every line costs time and memory, an empty one too.
MOST_LINES = 1_000_000
#: The parser holds each line against the boundaries of all parts around it: how often it may in all.
MOST_LOOKS = 15_000_000
#: Where a damaged header block is looked at, and how long a good one may be, in bytes.
HEAD = 1_000_000
_CHUNK = 65_536

_BEFORE = re.compile(rb"(?:\xef\xbb\xbf|\s)*(?:>?From [^\r\n]*(?:\r\n|\n|\r))?")
_BLANK = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
#: RFC 6838, section 4.2; a parameter may follow without its semicolon.
_MEDIA_TYPE = re.compile(r"([a-z0-9!#$&^_.+*'-]+/[a-z0-9!#$&^_.+*'-]+)(?:[\s,]|\Z)")
_EMPTY = re.compile(rb"\r?\n")
#: Where lines end as they should, headers end here.
_HEADERS_END = re.compile(rb"\n\r?\n")
#: Behind a boundary; with the hyphens it is the last.
_AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
#: A header with the lines that continue it; and the beginning of a line that is none.
_FIELD = re.compile(r"([!-9;-~]+):[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)\n")
_NO_FIELD = re.compile(r"\n(?![!-9;-~]+:|[ \t]|\r?(?:\n|\Z))")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_HEADER = re.compile(rb"[!-9;-~]+:|[ \t]+[^ \t\r\n]")
_SPACED = re.compile(rb"([!-9;-~]+)[ \t]+:")
_KNOWN = re.compile(
    rb"(?:from|sender|to|cc|bcc|subject|date|message-id|in-reply-to|references|reply-to|mime-version|content-[a-z-]+|"
    rb"received|return-path|delivered-to|x-[!-9;-~]+)[ \t]*:",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(rb"(?m)^--([A-Za-z0-9'()+_,./:=?-]{1,100})[ \t]*(?:\r\n|\n|\r)(?=[Cc]ontent-[A-Za-z-]+:)")


class _TooMuch(Exception):
    """The message goes beyond a bound."""


class _Disorder(Exception):
    """There is something that only the parser gets over."""


@dataclass(slots=True)
class _Reading:
    """What has been met so far of one message."""

    parts: int = 0
    deepest: int = 0
    lines: int = 0
    looks: int = 0
    is_cut: bool = False

    def count_part(self, depth: int) -> None:
        self.parts += 1
        self.deepest = max(self.deepest, depth)
        if self.parts > MOST_PARTS or depth > DEEPEST:
            raise _TooMuch

    def count_lines(self, chunk: bytes) -> None:
        lines = max(chunk.count(b"\n"), chunk.count(b"\r"))
        self.lines += lines
        self.looks += lines * self.deepest
        self.is_cut = self.is_cut or self.lines > MOST_LINES or self.looks > MOST_LOOKS


class Part(StandardMessage):
    """A part of a message, with bounded headers; a message inside of a message is a leaf, kept as it came."""

    #: Where `Message` keeps text or parts; `get_payload` would decode the text by a charset that may not be meant.
    _payload: Any
    _headers: list[tuple[str, str]]

    def __init__(self, policy: Any = compat32) -> None:
        super().__init__(policy)
        self.depth = 0
        self.reading = _Reading()
        #: The content as it came, where the parser was spared it.
        self.body: bytes | None = None
        self._firsts: dict[str, str] | None = None
        self._parsed: dict[str, tuple[str, dict[str, str]]] = {}
        self._media_type = ""

    def set_raw(self, name: str, value: str) -> None:
        """The parser's way to add a header."""
        if len(self._headers) < MOST_HEADERS:
            super().set_raw(name, value[:LONGEST_HEADER])
            self._firsts = None

    def attach(self, payload: Any) -> None:
        """The parser's way to add a part, before it reads it."""
        payload.depth, payload.reading = self.depth + 1, self.reading
        self.reading.count_part(payload.depth)
        super().attach(payload)

    def get_content_type(self) -> str:
        """For the parser, which would take messages in messages apart: they cannot always be put together again."""
        return "application/octet-stream" if self.media_type.startswith("message/") else self.media_type

    def get_content_maintype(self) -> str:
        """For the parser, as above."""
        return self.get_content_type().partition("/")[0]

    def get_boundary(self, failobj: Any = None) -> Any:
        """The boundary between the parts of a multipart, or ``failobj``."""
        return self.parsed("content-type")[1].get("boundary", "").rstrip() or failobj

    def header(self, name: str) -> str:
        """The first header of that name (in small letters) as it came; empty where there is none."""
        if self._firsts is None:
            self._firsts = {key.lower(): value for key, value in reversed(self._headers)}
        return self._firsts.get(name, "")

    def parsed(self, name: str) -> tuple[str, dict[str, str]]:
        """The first header of that name, taken apart by `parameters.parse`."""
        if name not in self._parsed:
            self._parsed[name] = parameters.parse(self.header(name))
        return self._parsed[name]

    @property
    def media_type(self) -> str:
        """Such as ``text/plain``, which is also what a type without sense means (RFC 2045, section 5.2)."""
        if not self._media_type:
            declared = _MEDIA_TYPE.match(self.parsed("content-type")[0])
            self._media_type = declared[1] if declared else self.get_default_type()
        return self._media_type

    @property
    def children(self) -> list[Part]:
        """The parts of a multipart; none where it is no multipart, or none was found."""
        return [each for each in self._payload if isinstance(each, Part)] if isinstance(self._payload, list) else []

    @property
    def encoded(self) -> bytes:
        """The content as it came."""
        if self.body is not None:
            return self.body
        return self._payload.encode("ascii", "surrogateescape") if isinstance(self._payload, str) else b""

    @property
    def content(self) -> bytes:
        """The content without its transfer encoding; where that is damaged, as much as can be had."""
        encoding = self.header("content-transfer-encoding").strip().lower()
        if encoding.startswith("base64"):
            return _from_base64(self.encoded)
        if encoding.startswith("quoted-printable"):
            return binascii.a2b_qp(self.encoded)
        if encoding.startswith(("x-uu", "uu")):
            return _from_uuencode(self.encoded)
        return self.encoded


def read(raw: bytes) -> tuple[Part, set[str]]:
    """The root of a message's tree, and the names of what was wrong with it and got over.

    A line ``From …`` of an mbox file and white space before the message are passed over.
    """
    raw = raw[_BEFORE.match(raw).end() :]  # type: ignore[union-attr]  # It matches nothing, too.
    if b"\r\r\n" in raw[:HEAD]:
        raw = raw.replace(b"\r\r\n", b"\r\n")
    root, defects = parse(raw), set()
    if any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in root.defects):
        defects.add("headers")
        mended = _mended(raw)
        if mended != raw:
            root = parse(mended)
    if root.reading.is_cut:
        defects.add("bounds")
    return root, defects


def with_guessed_boundary(part: Part) -> list[Part]:
    """The parts of a multipart whose boundary is missing or never occurs: by the first line that looks like one."""
    content = part.encoded
    match = _BOUNDARY.search(content)
    if match is None or part.depth >= DEEPEST_GUESS:
        return []
    head = b'Content-Type: multipart/mixed; boundary="%s"\n\n' % match[1]
    return _parsed(head + content, part.reading, part.depth).children


def parse(raw: bytes) -> Part:
    """As `read`, and nothing mended: at once where the message is in good order, else patiently."""
    try:
        return _cut(raw, 0, len(raw), None)
    except (_Disorder, _TooMuch):
        return parse_patiently(raw)


def parse_patiently(raw: bytes) -> Part:
    """As `parse`, by the parser alone. Only a multipart goes through it whole: line by line takes its time."""
    if blank := _BLANK.search(raw):
        root = _parsed(raw[: blank.end()], _Reading())
        if not root.defects and not root.media_type.startswith("multipart/"):
            root.body = raw[blank.end() :]
            return root
    return _parsed(raw, _Reading())


def _cut(raw: bytes, start: int, end: int, parent: Part | None) -> Part:
    """The part at a place in ``raw``, with all parts in it, just as the parser would give them.

    Raises `_Disorder` where it might give something else, `_TooMuch` where it would stop.
    """
    blank = _EMPTY.match(raw, start, end) or _HEADERS_END.search(raw, start, end)
    if blank is None or blank.end() - start > HEAD:
        raise _Disorder
    part = _with_headers(raw[start : blank.end()])
    if parent is not None:
        if parent.media_type == "multipart/digest":
            part.set_default_type("message/rfc822")
        parent.attach(part)
    if not part.media_type.startswith("multipart/"):
        part.body = raw[blank.end() : end]
        return part
    if parent is None:
        _require_lines(raw)
    for place in _places(raw, blank.end(), end, part.get_boundary("")):
        _cut(raw, *place, part)
    return part


def _with_headers(block: bytes) -> Part:
    """A part by its headers and the empty line behind them. Raises `_Disorder`."""
    _require_line_ends(block)
    text = block.decode("ascii", "surrogateescape")
    if text[:1] in {" ", "\t"} or _NO_FIELD.search(f"\n{text}"):
        raise _Disorder
    part = Part()
    # As `Part.set_raw` would keep them, and no header is longer than the block.
    part._headers = [_header(name, value) for name, value in _FIELD.findall(text)[:MOST_HEADERS]]
    return part


def _header(name: str, value: str) -> tuple[str, str]:
    if value[:1] in {"\r", "\n"}:
        # Of a header that begins on its second line, Python's releases keep different blanks.
        return compat32.header_source_parse([f"{name}:{value}"])
    return name, value.rstrip("\r\n")


def _require_line_ends(data: bytes) -> None:
    """A carriage return alone ends a line for the parser, and not here. Raises `_Disorder`."""
    if data.count(b"\r") != data.count(b"\r\n"):
        raise _Disorder


def _require_lines(raw: bytes) -> None:
    """Of a multipart: that the parser would read all of it, however deep. Raises `_Disorder`.

    This bounds the work here too: what a level searches for begins with the end of a line.
    """
    _require_line_ends(raw)
    if raw.count(b"\n") * DEEPEST > MOST_LOOKS:
        raise _Disorder


def _places(raw: bytes, start: int, end: int, boundary: str) -> list[tuple[int, int]]:
    """Where the parts of a multipart begin and end (RFC 2046, section 5.1.1). Raises `_Disorder`.

    A line that only begins like the boundary is disorder too, or each level could stop at every line.
    """
    if not boundary or not boundary.isascii() or not boundary.isprintable():
        raise _Disorder
    delimiter = b"\n--" + boundary.encode("ascii")
    found: list[tuple[int, int]] = []
    begin = None
    position = raw.find(delimiter, start - 1, end)
    while position >= 0:
        after = _AFTER_BOUNDARY.match(raw, position + len(delimiter), end)
        if after is None:
            break
        if begin is not None:
            # The end of the line before belongs to the boundary.
            found.append((begin, position - (raw[position - 1 : position] == b"\r")))
        if after[1] and not found:
            break
        if after[1]:
            return found
        begin = after.end()
        position = raw.find(delimiter, begin - 1, end)
    raise _Disorder


def _parsed(raw: bytes, reading: _Reading, depth: int = 0) -> Part:
    roots: list[Part] = []

    def make(policy: Any = compat32) -> Part:
        part = Part(policy)
        if len(roots) < 2:
            part.depth, part.reading = depth, reading
            roots.append(part)
        return part

    parser = BytesFeedParser(make, policy=compat32)  # It makes one at once, to see how that is done.
    try:
        for start in range(0, len(raw), _CHUNK):
            chunk = raw[start : start + _CHUNK]
            reading.count_lines(chunk)
            if reading.is_cut:
                break
            parser.feed(chunk)
        parser.close()
    except _TooMuch:
        reading.is_cut = True  # The parser cannot go on from here, but the tree has all that it read.
    return roots[-1]


def _mended(raw: bytes) -> bytes:
    """``raw`` with a header block that the parser reads to its end.

    A line that is no header is left out if known headers follow: joined to the one before, it could make up an
    address. Where none follow, the body begins there.
    """
    lines: list[bytes] = []
    position = keep = end = 0
    while position < min(len(raw), HEAD):
        match = _LINE.match(raw, position)
        line = match.group() if match else b""
        if not line.strip(b"\r\n"):
            break
        position += len(line)
        line = _SPACED.sub(rb"\1:", line, count=1) if _SPACED.match(line) else line
        if _HEADER.match(line):
            lines.append(line)
        if _KNOWN.match(line):
            keep, end = len(lines), position
    if not keep:
        return raw
    rest = raw[end:]
    return b"".join(lines[:keep]) + (b"" if rest[:1] in {b"\r", b"\n", b" ", b"\t"} else b"\n") + rest


def _from_base64(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:  # Cut off, or padded wrongly.
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _from_uuencode(data: bytes) -> bytes:
    """POSIX uuencode: the lines between ``begin`` and ``end``, up to the first that is none."""
    content = bytearray()
    for line in re.split(rb"\r\n|\n|\r", data.partition(b"begin ")[2])[1:]:
        if line in {b"", b"end", b"`"}:
            break
        # Some programs pad lines: the first byte says how much of one counts.
        length = (line[0] - 32) & 63
        try:
            content += binascii.a2b_uu(line[: 1 + (length + 2) // 3 * 4])
        except binascii.Error:
            break
    return bytes(content)
