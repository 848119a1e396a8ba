"""How mail programs answer and forward: the history below, under the line or block that each one writes.

Used by the seeded year and by the page where people write as the outside world. Plain text and the inside of
an HTML body are made side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from emulator.generator import dates
from emulator.generator.people import Client, Language

# From, date, To, Cc, Subject as a header block names them.
_OUTLOOK_WORDS = {
    "en": ("From:", "Sent:", "To:", "Cc:", "Subject:"),
    "de": ("Von:", "Gesendet:", "An:", "Cc:", "Betreff:"),
    "fr": ("De :", "Envoyé :", "À :", "Cc :", "Objet :"),
    "ja": ("差出人:", "送信日時:", "宛先:", "CC:", "件名:"),
}
_APPLE_WORDS = {
    "en": ("From:", "Subject:", "Date:", "To:", "Cc:"),
    "de": ("Von:", "Betreff:", "Datum:", "An:", "Kopie:"),
    "fr": ("De:", "Objet:", "Date:", "À:", "Cc:"),
    "ja": ("差出人:", "件名:", "日付:", "宛先:", "Cc:"),
}
_APPLE_FORWARD = {
    "en": "Begin forwarded message:",
    "de": "Anfang der weitergeleiteten Nachricht:",
    "fr": "Début du message réexpédié :",
    "ja": "転送されたメッセージ:",
}
_GMAIL_FROM = {"en": "From:", "de": "Von:", "fr": "De :", "ja": "From:"}
_GMAIL_TO = {"en": "To:", "de": "An:", "fr": "À :", "ja": "To:"}
_THUNDERBIRD_FORWARD = {
    "en": "-------- Forwarded Message --------",
    "de": "-------- Weitergeleitete Nachricht --------",
    "fr": "-------- Message transféré --------",
    "ja": "-------- 転送されたメッセージ --------",
}
_GMAIL_BLOCKQUOTE = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"
_OUTLOOK_GAP = '<p class="MsoNormal">&nbsp;</p>'
_OUTLOOK_RULE = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"


@dataclass(frozen=True, slots=True)
class Body:
    """The same in plain text and as the inside of an HTML body."""

    plain: str
    html: str


@dataclass(frozen=True, slots=True)
class Original:
    """The message that is answered or forwarded. `to` and `cc` are "Name <address>" each."""

    name: str
    address: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    date: datetime
    body: Body


def own_words(text: str, client: Client) -> Body:
    """Paragraphs parted by empty lines, as the program sets them."""
    match client:
        case "gmail":
            inner = "<div><br></div>".join(f"<div>{_lines(each)}</div>" for each in text.split("\n\n"))
            html = f'<div dir="ltr">{inner}</div>'
        case "outlook" | "outlook-web":
            html = _OUTLOOK_GAP.join(f'<p class="MsoNormal">{_lines(each)}</p>' for each in text.split("\n\n"))
        case "apple" | "thunderbird":
            html = "<div><br></div>".join(f"<div>{_lines(each)}</div>" for each in text.split("\n\n"))
    return Body(text, html)


def reply(words: Body, original: Original, client: Client, language: Language) -> Body:
    """The answer with the history below it."""
    match client:
        case "outlook" | "outlook-web":
            return _outlook(words, original, client, language)
        case _:
            line = _attribution(original, client, language)
            # Apple Mail quotes its own line as well.
            history = _quoted(f"{line}\n\n{original.body.plain}") if client == "apple" else ""
            history = history or f"{line}\n{_quoted(original.body.plain)}"
            return Body(f"{words.plain}\n\n{history}", words.html + _reply_html(line, original, client))


def forward(words: Body, original: Original, client: Client, language: Language) -> Body:
    """The message forwarded inline."""
    match client:
        case "outlook" | "outlook-web":
            return _outlook(words, original, client, language)
        case "gmail":
            return _gmail_forward(words, original, language)
        case "apple":
            return _apple_forward(words, original, language)
        case "thunderbird":
            rows = _rows(_APPLE_WORDS[language], original, dates.outlook(original.date, language), apple=True)
            block = "\n".join([_THUNDERBIRD_FORWARD[language], *(f"{name} \t{value}" for name, value in rows)])
            html = f"<br>{_block_html(_THUNDERBIRD_FORWARD[language], rows)}<br>{original.body.html}"
            return Body(f"{words.plain}\n\n{block}\n\n{original.body.plain}", words.html + html)


def reply_prefix(client: Client, language: Language) -> str:
    if client in {"outlook", "outlook-web"}:
        return "AW: " if language == "de" else "RE: "
    return "AW: " if client == "thunderbird" and language == "de" else "Re: "


def forward_prefix(client: Client, language: Language) -> str:
    if client in {"outlook", "outlook-web"}:
        return {"de": "WG: ", "fr": "TR: "}.get(language, "FW: ")
    return "Fwd: "


def _attribution(original: Original, client: Client, language: Language) -> str:
    who = f"{original.name} <{original.address}>"
    match client:
        case "gmail":
            when = dates.gmail(original.date, language)
        case "apple":
            when = dates.apple(original.date, language)
        case _:
            when, who = dates.thunderbird(original.date, language), original.name
    match language:
        case "de":
            return f"Am {when} schrieb {who}:"
        case "fr":
            return f"Le {when}, {who} a écrit :"
        case "ja":
            return f"{when} {who}:" if client != "apple" else f"{when}、{who}のメール:"
        case "en":
            return f"On {when}{',' if client != 'gmail' else ''} {who} wrote:"


def _reply_html(line: str, original: Original, client: Client) -> str:
    shown = escape(line)
    if client == "gmail":
        return (
            '<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
            f'{shown}<br></div><blockquote class="gmail_quote" style="{_GMAIL_BLOCKQUOTE}">'
            f"{original.body.html}</blockquote></div>"
        )
    if client == "apple":
        return (
            f'<div><br><blockquote type="cite"><div>{shown}</div><br class="Apple-interchange-newline">'
            f"<div>{original.body.html}</div></blockquote></div><br>"
        )
    return f'<div class="moz-cite-prefix">{shown}<br></div><blockquote type="cite">{original.body.html}</blockquote>'


def _outlook(words: Body, original: Original, client: Client, language: Language) -> Body:
    rows = _rows(_OUTLOOK_WORDS[language], original, dates.outlook(original.date, language), apple=False)
    block = "\n".join(f"{name} {value}" for name, value in rows)
    shown = "<br>".join(f"<b>{escape(name)}</b> {escape(value)}" for name, value in rows)
    if client == "outlook-web":
        line = f"{'_' * 32}\n"
        html = (
            f'<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">{shown}</div>'
        )
    else:
        line = ""
        block_html = f'<div style="{_OUTLOOK_RULE}"><p class="MsoNormal">{shown}</p></div>'
        html = f"{_OUTLOOK_GAP}<div>{block_html}</div>{_OUTLOOK_GAP}"
    return Body(f"{words.plain}\n\n{line}{block}\n\n{original.body.plain}", words.html + html + original.body.html)


def _gmail_forward(words: Body, original: Original, language: Language) -> Body:
    rows = [
        (_GMAIL_FROM[language], f"{original.name} <{original.address}>"),
        ("Date:", dates.gmail(original.date, language)),
        ("Subject:", original.subject),
        (_GMAIL_TO[language], ", ".join(original.to)),
        *([("Cc:", ", ".join(original.cc))] if original.cc else []),
    ]
    title = "---------- Forwarded message ---------"
    block = "\n".join([title, *(f"{name} {value}" for name, value in rows)])
    html = (
        '<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f"{_block_html(title, rows)}</div><br><br>{original.body.html}</div>"
    )
    return Body(f"{words.plain}\n\n{block}\n\n\n{original.body.plain}", words.html + html)


def _apple_forward(words: Body, original: Original, language: Language) -> Body:
    rows = _rows(_APPLE_WORDS[language], original, dates.apple_header(original.date, language), apple=True)
    title = _APPLE_FORWARD[language]
    block = "\n".join([f"> {title}", "> ", *(f"> {name} {value}" for name, value in rows)])
    html = (
        f'<div><br><blockquote type="cite"><div>{escape(title)}</div><br class="Apple-interchange-newline">'
        f"{_block_html('', rows)}<br><div>{original.body.html}</div></blockquote></div><br>"
    )
    return Body(f"{words.plain}\n\n{block}\n> \n{_quoted(original.body.plain)}", words.html + html)


def _rows(words: Iterable[str], original: Original, when: str, *, apple: bool) -> list[tuple[str, str]]:
    who = f"{original.name} <{original.address}>"
    to, cc, subject = "; ".join(original.to), "; ".join(original.cc), original.subject
    if apple:
        to, cc = ", ".join(original.to), ", ".join(original.cc)
    values = (who, subject, when, to, cc) if apple else (who, when, to, cc, subject)
    return [(name, value) for name, value in zip(words, values, strict=True) if value]


def _block_html(title: str, rows: Iterable[tuple[str, str]]) -> str:
    shown = [f"<b>{escape(name)}</b> {escape(value)}<br>" for name, value in rows]
    return (f"{escape(title)}<br>" if title else "") + "".join(shown)


def _lines(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _quoted(text: str) -> str:
    """RFC 3676 section 4.5: quote marks stand together, and a blank follows them only before text."""
    return "\n".join(f">{line}" if line.startswith(">") or not line else f"> {line}" for line in text.split("\n"))
