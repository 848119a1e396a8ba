"""Messages without their blind copies: whom the sender's own copy names, its recipients were never told."""

from __future__ import annotations

import re
from typing import Final

#: What `mailkit.parts.read` takes for the end of a line: two carriage returns come of programs that mended too much.
_END: Final = rb"(?>\r{0,2}\n|\r)"
#: What may stand before a message: white space, and the line ``From …`` of an mbox file.
_BEFORE: Final = re.compile(rb"(?:\xef\xbb\xbf|\s)*(?:>?From [^\r\n]*" + _END + rb")?")
_BLANK: Final = re.compile(_END + _END)
#: With its folded lines, and with those that somebody folded and did not indent: they go on with its addresses.
_BCC: Final = re.compile(
    rb"(?:\A|(?<=[\r\n]))(?:resent-|x-)?bcc[ \t]*:[^\r\n]*"
    rb"(?:" + _END + rb"(?!" + _END + rb"|\Z|[!-9;-~]+[ \t]*:)[^\r\n]*)*(?:" + _END + rb"|\Z)",
    re.IGNORECASE,
)


def without_bcc(raw: bytes) -> bytes:
    """A message without the fields Bcc, Resent-Bcc (RFC 5322, section 3.6) and X-Bcc at its top; else as it came.

    Messages within it stay as they are: whoever sent them along has shown what they say.
    """
    start = _BEFORE.match(raw).end()  # type: ignore[union-attr]  # It matches nothing, too.
    blank = _BLANK.search(raw, start)
    end = blank.start() if blank else len(raw)
    # The end of the last field's line goes with it, so that the empty line stays one.
    end += len(_first_end(raw[end : end + 3]))
    return raw[:start] + _BCC.sub(b"", raw[start:end]) + raw[end:]


def _first_end(raw: bytes) -> bytes:
    found = re.match(_END, raw)
    return found.group() if found else b""
