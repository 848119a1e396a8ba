"""How deep HTML nests, told before anything takes it apart.

What reads HTML as browsers do pays for each tag with all those that are open around it: some hundred kilobytes of
nothing but ``<div>`` are minutes of work. This looks at each letter once, and never takes HTML for flatter than it is
but for the few elements that a table adds by itself. Where browsers read by rules of their own (in a picture of
lines, a list to choose from, a frame), it does not follow: there it says of all that is not short that it is deep.
The rules are those of https://html.spec.whatwg.org/multipage/parsing.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: Tags that are open at once. Long conversations have some hundred.
DEEPEST: Final = 500
#: With so few tags no way of nesting them costs much.
FEW: Final = 500
#: How often, in all, a format is still open at a tag: in each new paragraph it is opened anew.
MOST_FORMATS: Final = 400_000
#: How far back an end tag looks for its start: so no tag costs more than another.
LOOKS_BACK: Final = 24


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOID: Final = _words("area base br col embed hr img input link meta param source track wbr")
RAW: Final = _words("script style title")
ODD: Final = _words("svg math select template frameset noscript noembed noframes iframe textarea xmp plaintext listing")
FORMATS: Final = _words("a b big code em font i nobr s small strike strong tt u")
#: What ends with whatever is around it, even with a format.
ORDINARY: Final = _words("o:p span")
ENDS_BY_ITSELF: Final = _words("p li dd dt")
BLOCKS: Final = _words(
    "address article aside blockquote center details div dl figcaption figure footer h1 h2 h3 h4 h5 h6 header main nav "
    "ol pre section summary ul"
)
CELLS: Final = _words("td th")
GROUPS: Final = _words("tbody thead tfoot")
NOTHING: Final = _words("")
#: What a start tag ends, and what it ends together with that.
STARTS: Final = {
    **dict.fromkeys(BLOCKS | {"p"}, (_words("p"), NOTHING)),
    "a": (_words("a"), NOTHING),
    "li": (_words("li"), _words("p")),
    "dd": (_words("dd dt"), _words("p")),
    "dt": (_words("dd dt"), _words("p")),
    **dict.fromkeys(CELLS, (CELLS, ENDS_BY_ITSELF)),
    "tr": (_words("tr"), ENDS_BY_ITSELF | CELLS),
    **dict.fromkeys(GROUPS, (GROUPS, ENDS_BY_ITSELF | CELLS | {"tr"})),
}
#: What an end tag ends together with its own start.
ENDS: Final = {
    **dict.fromkeys(BLOCKS | CELLS, ENDS_BY_ITSELF),
    **{name: ENDS_BY_ITSELF - {name} for name in ("li", "dd", "dt")},
    "tr": ENDS_BY_ITSELF | CELLS,
    **dict.fromkeys(GROUPS, ENDS_BY_ITSELF | CELLS | {"tr"}),
    "table": ENDS_BY_ITSELF | CELLS | GROUPS | {"tr"},
}
_SPACE: Final = r"[\t\n\f\r ]"
_VALUE: Final = r"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >"'][^\t\n\f\r >]*+|(?=>|\Z))"""
#: A comment, what is read like one, or a tag with its attributes. Each runs to the end where nothing closes it.
TOKEN: Final = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/[^a-z>])[^>]*+(?:>|\Z)"
    r"|<(?P<end>/?)(?P<name>[a-z][^\t\n\f\r />]*+)"
    rf"(?:(?:{_SPACE}|/)++|(?:=[^\t\n\f\r />=]*+|[^\t\n\f\r />=]++)(?:{_SPACE}*+={_SPACE}*+{_VALUE})?+)*+(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
#: What holds no other tags.
LEAVES: Final = VOID | RAW
RAW_END: Final = {name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE) for name in RAW}


class _Open:
    """The tags that are open, or may be."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.formats = 0

    def start(self, name: str) -> None:
        self._close(*STARTS.get(name, (NOTHING, NOTHING)))
        if name not in LEAVES:
            self.names.append(name)
            self.formats += name in FORMATS

    def end(self, name: str) -> None:
        self._close(frozenset({name}), ENDS.get(name, NOTHING))

    def _close(self, wanted: frozenset[str], passed: frozenset[str]) -> None:
        """Takes the last of ``wanted`` away with all ``passed`` above it; formats live on, others are in the way."""
        first = max(0, len(self.names) - LOOKS_BACK)
        for at in range(len(self.names) - 1, first - 1, -1):
            name = self.names[at]
            if name in wanted:
                self.formats -= name in FORMATS
                self.names[at:] = [one for one in self.names[at + 1 :] if one in FORMATS]
                return
            if name not in passed | FORMATS | ORDINARY:
                return


def is_deep(html: str) -> bool:
    """Whether ``html`` nests, or may nest, beyond what is worth taking apart."""
    if html.count("<") <= FEW:
        return False
    opened = _Open()
    formats = 0
    try:
        for name, is_end in _tags(html):
            (opened.end if is_end else opened.start)(name)
            formats += opened.formats
            if len(opened.names) > DEEPEST or formats > MOST_FORMATS:
                return True
    except _NotFollowed:
        return True
    return False


class _NotFollowed(Exception):
    """From here on browsers read by rules of their own."""


def _tags(html: str) -> Iterator[tuple[str, bool]]:
    """The name of each tag, and whether it is an end tag. Raises `_NotFollowed`."""
    at = 0
    while token := TOKEN.search(html, at):
        at, name, is_end = token.end(), (token["name"] or "").lower(), bool(token["end"])
        if name in ODD:
            raise _NotFollowed
        if name in RAW and not is_end:
            at = _end_of_raw(name, html, at)
        if name:
            yield name, is_end


def _end_of_raw(name: str, html: str, at: int) -> int:
    """Where the end tag stands that ends the raw text which begins at ``at``. Raises `_NotFollowed`."""
    found = RAW_END[name].search(html, at)
    end = found.start() if found else len(html)
    if name == "script" and html.find("<!--", at, end) != -1:
        raise _NotFollowed
    return end
