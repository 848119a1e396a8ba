"""HTML to the text that a person reads.

Mail lays out by tables and hides by styles, and whoever writes it may be hostile. So this goes once through the
parser's events and keeps no tree: time and text are linear in the HTML, whatever nests in it. Quotations
(``blockquote``) become lines that begin with ``>``, as in plain mail, so that `mailkit.quoted` finds them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types.

from mailkit.text import clean

#: In characters; what comes after is not turned into text.
LONGEST = 2_000_000
LONGEST_CRUDE = 200_000
DEEPEST_QUOTE = 9

_SPACE = re.compile(r"[ \t\n\r\f\v\u00a0]+")
_TAG = re.compile(r"<(?:br|/p|/div|/tr|/li)\b[^<>]{0,1000}>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-z!?][^<>]{0,1000}>", re.IGNORECASE)
_XML = re.compile(r"\s*<\?xml[^<>]{0,1000}\?>")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
#: Gmail's and Outlook's way to indent, which quotes nobody.
_INDENT = re.compile(r"border(-left)?\s*:\s*(none|0)", re.IGNORECASE)

_UNSEEN = frozenset(
    {"head", "script", "style", "title", "template", "object", "applet", "select", "textarea"},
)
_LINES = frozenset(
    {"address", "article", "aside", "body", "center", "dd", "div", "dt", "fieldset", "figcaption", "figure", "footer"}
    | {"form", "header", "hr", "html", "li", "main", "nav", "option", "section", "tbody", "tfoot", "thead", "tr"}
)
_PARAGRAPHS = frozenset({"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"})
_CELLS = frozenset({"td", "th"})


def to_text(source: str) -> str:
    """``source`` as plain text: paragraphs parted by an empty line, cells by a space, list items begun by ``*``.

    Never raises; of more than 2,000,000 characters only the first are read.
    """
    source = clean(source[:LONGEST])
    if declaration := _XML.match(source):
        source = source[declaration.end() :]
    if not source.strip():
        return ""
    reader = _Reader()
    parser = etree.HTMLParser(target=reader, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        parser.feed(source)
        parser.close()
    except (etree.LxmlError, ValueError, AssertionError):
        # What was read so far may be all, or nothing: tags that nest thousandfold end the parser.
        pass
    text = reader.text()
    return text if text or reader.was_hidden else _crude(source)


class _Reader:
    """Gathers lines from the events of a parser."""

    def __init__(self) -> None:
        self.was_hidden = False
        self._lines: list[str] = []
        self._line: list[str] = []
        self._wants_space = False
        self._depth = 0
        self._unseen_from = 0
        self._preformatted = 0
        self._quotes: list[int] = []
        self._level = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._unseen_from:
            return
        if _is_unseen(tag, attributes):
            self._unseen_from = self._depth
            return
        self._break(tag)
        if tag == "br":
            self._end_line()
        elif tag == "li":
            self._line.append("* ")
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "blockquote":
            self._quotes.append(self._level)
            if self._level < DEEPEST_QUOTE and not _INDENT.search(attributes.get("style", "")):
                self._level += 1

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._unseen_from:
            if self._depth < self._unseen_from:
                self._unseen_from = 0
            return
        if tag == "blockquote" and self._quotes:
            if any(self._line):
                self._end_line()
            self._level = self._quotes.pop()
        self._break(tag)
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)

    def data(self, data: str) -> None:
        if self._unseen_from:
            self.was_hidden = self.was_hidden or bool(data.strip())
        elif self._preformatted:
            first, *rest = data.split("\n")
            self._write(first)
            for line in rest:
                self._end_line()
                self._write(line)
        else:
            self._flow(data)

    def close(self) -> None:
        """Asked for by lxml; there is nothing to give."""

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def _break(self, tag: str) -> None:
        if tag in _LINES or tag in _PARAGRAPHS:
            if any(self._line):
                self._end_line()
            if tag in _PARAGRAPHS and self._lines:
                self._part_paragraphs()
        elif tag in _CELLS:
            self._wants_space = True

    def _part_paragraphs(self) -> None:
        """Ends the lines with an empty one, which belongs to the outer one of two quotations beside it."""
        if self._lines[-1].strip("> "):
            self._lines.append(">" * self._level)
        elif len(self._lines[-1]) > self._level:
            self._lines[-1] = ">" * self._level

    def _flow(self, data: str) -> None:
        flowed = _SPACE.sub(" ", data)
        word = flowed.strip(" ")
        if not word:
            self._wants_space = True
            return
        if flowed[0] == " ":
            self._wants_space = True
        self._write(word)
        self._wants_space = flowed[-1] == " "

    def _write(self, text: str) -> None:
        if self._wants_space and self._line and not self._line[-1].endswith(" "):
            self._line.append(" ")
        self._wants_space = False
        if text:
            self._line.append(text)

    def _end_line(self) -> None:
        line = "".join(self._line).rstrip()
        self._line.clear()
        self._wants_space = False
        if self._level:
            line = f"{'>' * self._level} {line}".rstrip()
        if line.strip(">") or not self._lines or self._lines[-1].strip("> "):
            self._lines.append(line)


def _is_unseen(tag: str, attributes: Mapping[str, str]) -> bool:
    return tag in _UNSEEN or "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")) is not None


def _crude(source: str) -> str:
    """What stands between tags, for HTML that no parser gets through."""
    first, *others = source[:LONGEST_CRUDE].split("<!--")
    source = first + "".join(other.partition("-->")[2] for other in others)
    text = html.unescape(_ANY_TAG.sub(" ", _TAG.sub("\n", source)))
    return clean("\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip()))
