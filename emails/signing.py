"""A signature that only its dashes tell: they stand alone in a line, and what follows is how one signs."""

from __future__ import annotations

import re
from typing import Final

#: As the mail programs that mark signatures do (`emails.html.SIGNATURES`).
OPENS, CLOSES = '<div class="moz-signature">', "</div>"
#: In letters, tags and all: what is longer is no signature.
LONGEST: Final = 8_000
#: In `nh3`'s spelling: each tag is closed, each value quoted, and no ``<`` stands for itself.
_TAG: Final = r'<(/?)([a-z][a-z0-9]*)((?: [^\s=>"]+(?:="[^"]*")?)*)>'
_TAGS: Final = re.compile(_TAG)
#: No two of these begin alike, so that nothing is tried twice. (Before 3.11.5 Python forgets where possessive groups
#: began: https://github.com/python/cpython/issues/106052.)
_BLANK: Final = r"(?:\s|&nbsp;|<br>|</?(?:span|font|b|i)(?: [^<>]*)?>)*"
#: In a paragraph of their own, or in the first or another line of one.
_DASHES: Final = re.compile(rf"(?:<(p|div)(?: [^<>]*)?>{_BLANK}|(?<=<br>)\s*)--(?:(?:\s|&nbsp;)*<br>|{_BLANK}</\1>)")
#: What was quoted, and the lines that lead to it, are no part of the signature.
_QUOTES: Final = re.compile(
    r'<(?:blockquote|div)(?: [^<>]*)?(?: class="[^"]*(?:_quote|_quoted|moz-cite-prefix)'
    r'| id="(?:divRplyFwdMsg|appendonsend)"| type="cite")'
)
_VOID: Final = frozenset({"br", "col", "hr", "img", "wbr"})


def mark_signature(clean: str) -> str:
    """What `nh3.clean` left, with the mark of a signature around what begins with the last such dashes.

    The last ones above what is quoted; where there are none, the last of all.
    """
    quoted = _QUOTES.search(clean)
    places = list(_DASHES.finditer(clean))
    above = [one for one in places if quoted is None or one.start() < quoted.start()]
    if not places:
        return clean
    found = (above or places)[-1]
    end = _end_of_siblings(clean, found.start())
    if end - found.start() > LONGEST:
        return clean
    return "".join((clean[: found.start()], OPENS, clean[found.start() : end], CLOSES, clean[end:]))


def _end_of_siblings(clean: str, start: int) -> int:
    """Where the element around ``start`` ends, or what is quoted begins."""
    depth = 0
    for tag in _TAGS.finditer(clean, start, start + LONGEST):
        closes, name, _ = tag.groups()
        if closes:
            depth -= 1
        elif depth == 0 and (name == "blockquote" or _QUOTES.match(tag[0])):
            return tag.start()
        elif name not in _VOID:
            depth += 1
        if depth < 0:
            return tag.start()
    return len(clean)
