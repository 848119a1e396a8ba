"""Hostile HTML made safe to look at (S3): an allow-list, and nothing that runs, posts, or asks for something remote.

The first of three walls: the page that shows it is sandboxed without scripts, and has a content policy that loads
nothing (`emails.views.content`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import nh3
from lxml import etree  # type: ignore[import-untyped]

from emails.nesting import is_deep
from emails.signing import mark_signature


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS: Final = _words(
    "a abbr address article b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div "
    "dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q s "
    "samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
#: Of these not even the words are for reading.
DROPPED: Final = _words(
    "script style title iframe object embed applet noscript noembed noframes template svg math textarea select "
    "button audio video canvas frameset"
)
ATTRIBUTES: Final = {
    "*": {"align", "background", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width"},
    "a": {"href", "name"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"color", "face", "size"},
    "img": {"alt", "border", "src", "srcset"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "nowrap", "rowspan"},
    "th": {"colspan", "nowrap", "rowspan"},
    "time": {"datetime"},
    "ul": {"type"},
}
#: How mail programs mark what they quote and how they sign, by which the page folds it: nothing else has a class, an
#: id or a type.
QUOTES: Final = {"gmail_quote", "yahoo_quoted", "protonmail_quote", "moz-cite-prefix"}
REPLIES: Final = {"divRplyFwdMsg", "appendonsend"}
SIGNATURES: Final = {
    *("gmail_signature", "moz-signature", "protonmail_signature_block", "yahoo_signature"),
    *("Signature", "ms-outlook-mobile-signature", "AppleMailSignature"),
}
#: How Word, which writes for Outlook, marks paragraphs without space around them: its style sheet, which says so, does
#: not get through.
PARAGRAPHS: Final = {"MsoNormal", "MsoPlainText", "MsoListParagraph"}
CLASSES: Final = {"div": QUOTES | SIGNATURES | PARAGRAPHS, "p": PARAGRAPHS, "li": PARAGRAPHS, "pre": {"moz-signature"}}
MARKS: Final = {"div": {"id": REPLIES | SIGNATURES}, "blockquote": {"type": {"cite"}}}
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "cid", "data"})
LINKS: Final = re.compile(r"https?://|mailto:|tel:", re.IGNORECASE)
PICTURE: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,[\w+/=\s]+", re.IGNORECASE)
REMOTE: Final = re.compile(r"(?:https?:)?//", re.IGNORECASE)
#: A declaration that may load something, or hide that it does. Escapes and comments are never needed in mail.
LOADS: Final = re.compile(r"url|image|expression|[\\@<]|/\*", re.IGNORECASE)
#: A length that follows the height of the window, which follows that of the message: together they grow without end.
GROWS: Final = re.compile(r"\d(?:[dls]?v|cq)(?:h|b|min|max)", re.IGNORECASE)
#: No message needs ten thousand of anything.
HUGE: Final = re.compile(r"(?<![#\w.])\d{5}|\de[+-]?\d", re.IGNORECASE)
#: A margin that may lay the message over what is not its own.
OVERLAYS: Final = re.compile(r"\s*margin[^:]*:.*(?:-\s*[\d.]|\()", re.IGNORECASE | re.DOTALL)
UNFIT: Final = (LOADS.search, GROWS.search, HUGE.search, OVERLAYS.match)
SIZES: Final = frozenset({"border", "cellpadding", "cellspacing", "height", "width"})
PROPERTIES: Final = _words(
    "background background-color border border-bottom border-bottom-color border-bottom-style border-bottom-width "
    "border-collapse border-color border-left border-left-color border-left-style border-left-width border-radius "
    "border-right border-right-color border-right-style border-right-width border-spacing border-style border-top "
    "border-top-color border-top-style border-top-width border-width clear color direction display float font "
    "font-family font-size font-style font-variant font-weight height letter-spacing line-height list-style "
    "list-style-position list-style-type margin margin-bottom margin-left margin-right margin-top max-height max-width "
    "min-height min-width mso-hide opacity overflow overflow-wrap padding padding-bottom padding-left padding-right "
    "padding-top table-layout text-align text-decoration text-indent text-transform unicode-bidi vertical-align "
    "visibility white-space width word-break word-spacing word-wrap"
)


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """What may be shown, and how many pictures from elsewhere it would have loaded."""

    html: str
    remote: int


class _Filter:
    """Decides on one attribute at a time, and counts what was remote."""

    def __init__(self, inline: Mapping[str, str], *, with_remote: bool) -> None:
        self.inline = inline
        self.with_remote = with_remote
        self.remote = 0

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        if name in {"background", "srcset"}:
            # Background pictures are decoration; src is there for those who know no srcset.
            self.remote += bool(REMOTE.search(value)) and name == "background"
            return None
        if name == "style":
            return self._style(value)
        if tag == "img" and name == "src":
            return self._picture(value.strip())
        if name == "href":
            return value if LINKS.match(value.strip()) else None
        return None if name in SIZES and HUGE.search(value) else value

    def _style(self, value: str) -> str | None:
        declarations = value.split(";")
        kept = [one for one in declarations if not any(unfit(one) for unfit in UNFIT)]
        self.remote += sum(1 for one in declarations if REMOTE.search(one) and LOADS.search(one))
        return ";".join(kept) or None

    def _picture(self, url: str) -> str | None:
        if url[:4].lower() == "cid:":
            return self.inline.get(url[4:].strip("<>").lower())
        if PICTURE.fullmatch(url):
            return url
        if not REMOTE.match(url):
            return None
        self.remote += 1
        return url if self.with_remote else None


def is_signed(clean: str, *, with_history: bool) -> bool:
    """Whether what `safe_html` has left has a signature that folds: without it the message must still say something.

    ``with_history`` says that what it quotes is shown, and counts.
    """
    if not any(mark in clean for mark in SIGNATURES):
        return False
    root = etree.fromstring(f"<div>{clean}</div>", etree.HTMLParser(huge_tree=True))
    if root is None:
        return False
    signatures = [one for one in root.iter("div", "pre") if _names(one) & SIGNATURES]
    folded = [] if with_history else [one for one in root.iter("div", "blockquote") if _is_history(one)]
    for one in [*signatures, *folded]:
        _empty(one)
    return bool(signatures) and (bool("".join(root.itertext()).strip()) or root.find(".//img") is not None)


def _names(element: Any) -> set[str]:
    return {*element.get("class", "").split(), element.get("id", "")}


def _is_history(element: Any) -> bool:
    return bool(_names(element) & (QUOTES | REPLIES)) or element.get("type") == "cite"


def _empty(element: Any) -> None:
    """Takes all that an element holds; with a mark of Outlook's, which stands before what it quotes, what follows."""
    if element.get("id") in REPLIES:
        for after in list(element.itersiblings()):
            after.clear(keep_tail=True)
    element.clear(keep_tail=True)


def safe_html(html: str, inline: Mapping[str, str], *, with_remote: bool = False) -> SafeHtml:
    """``html`` as it may be shown inside of a sandboxed page.

    ``inline`` has the address of each picture that the message brings along, by Content-ID in lower case. Pictures
    from elsewhere are left out unless ``with_remote``: whoever loads one tells the sender that they read. Nothing is
    left of what nests too deep to be taken apart (`is_deep`).
    """
    if is_deep(html):
        return SafeHtml("", remote=0)
    decide = _Filter(inline, with_remote=with_remote)
    clean = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=decide,
        allowed_classes=CLASSES,
        tag_attribute_values=MARKS,
        url_schemes=set(SCHEMES),
        filter_style_properties=set(PROPERTIES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}, "img": {"referrerpolicy": "no-referrer"}},
    )
    return SafeHtml(mark_signature(clean), decide.remote)
