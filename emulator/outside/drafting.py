"""A written form made into a message: addresses checked, the history quoted as the writer's program would, MIME."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone
from email.utils import getaddresses
from functools import cache
from html import escape

from emulator import rfc822
from emulator.clock import from_ms
from emulator.delivery import complete
from emulator.generator import mime, people, quoting
from emulator.generator.files import File
from emulator.generator.people import Client, Language, Person
from emulator.generator.quoting import Body, Original
from emulator.message import Message
from emulator.outside import reading
from emulator.world import World, normal_address

MAX_ATTACHED = 25_000_000
MAX_PEOPLE = 500
HOW = {"": "Write", "reply": "Reply", "all": "Reply to all", "forward": "Forward", "attach": "Forward as attachment"}
STYLES: dict[str, tuple[str, Client, Language]] = {
    "gmail": ("Gmail", "gmail", "en"),
    "gmail-de": ("Gmail, deutsch", "gmail", "de"),
    "outlook": ("Outlook", "outlook", "en"),
    "outlook-de": ("Outlook, deutsch", "outlook", "de"),
    "outlook-fr": ("Outlook, français", "outlook", "fr"),
    "outlook-web": ("Outlook on the web", "outlook-web", "en"),
    "apple": ("Apple Mail", "apple", "en"),
    "apple-fr": ("Apple Mail, français", "apple", "fr"),
    "thunderbird": ("Thunderbird", "thunderbird", "en"),
}
_PREFIX = re.compile(r"^\s*(?:re|aw|wg|fwd?|tr)\s*:\s*", re.IGNORECASE)
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as written. `of` is "address/id" of the message that is answered or forwarded, `how` a key
    of HOW, `style` one of STYLES.
    """

    sender: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    rich: bool = True
    how: str = ""
    of: str = ""
    style: str = "gmail"

    def __getitem__(self, name: str) -> object:
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked form: `errors` by field, or else the raw message and whom it goes to."""

    errors: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    sender: str = ""
    recipients: tuple[str, ...] = ()


def begin(form: Form, original: Message | None, own: str) -> Form:
    """The form as it first appears: To, subject and history of a reply or forward filled in by `own`'s side."""
    style = form.style if form.style in STYLES else style_of(own)
    form = replace(form, style=style, sender=form.sender or shown(own), rich=style != "thunderbird")
    if original is None or form.how not in {"reply", "all", "forward", "attach"}:
        return replace(form, how="", of="")
    to, cc = _answered(original, own, to_all=form.how == "all") if form.how in {"reply", "all"} else ("", "")
    history = _history(form, original).plain
    return replace(form, to=to, cc=cc, subject=_subject(form, original), text=f"\n\n{history}" if history else "")


def draft(world: World, form: Form, original: Message | None, files: list[File]) -> Draft:
    """The message, or what is wrong with the form, a sentence for each field."""
    errors: dict[str, str] = {}
    people_of = {name: _people(name, str(form[name]), errors) for name in ("sender", "to", "cc", "bcc")}
    recipients = tuple(dict.fromkeys(address for name in ("to", "cc", "bcc") for _, address in people_of[name]))
    if len(people_of["sender"]) > 1:
        errors["sender"] = "Mail comes from one address."
    elif not people_of["sender"]:
        errors.setdefault("sender", "Say who writes: any address will do, also a new one.")
    if not recipients and not errors.keys() & {"to", "cc", "bcc"}:
        errors["to"] = "Name at least one person to send this to."
    if len(recipients) > MAX_PEOPLE:
        errors["to"] = f"At most {MAX_PEOPLE} people at a time."
    if sum(len(each.content) for each in files) > MAX_ATTACHED:
        errors["files"] = "These files are larger than 25 MB together. Choose them again, fewer or smaller ones."
    if errors:
        return Draft(errors)
    raw = complete(world, _content(form, original, files).as_bytes(_headers(form, original, people_of)))
    return Draft(raw=raw, sender=people_of["sender"][0][1], recipients=recipients)


def file_of(name: str, content_type: str, content: bytes) -> File:
    """An uploaded file, its name and type made safe for headers."""
    # Browsers send a quotation mark as %22 (HTML, multipart/form-data encoding algorithm).
    last = name.replace("\\", "/").rpartition("/")[2].replace("%22", '"')
    clean = "".join(sign for sign in last if sign.isprintable()).replace('"', "'")[:120]
    known = content_type if _CONTENT_TYPE.fullmatch(content_type) else "application/octet-stream"
    return File(clean or "file", known, content)


def shown(address: str) -> str:
    """As the form names somebody."""
    known = _everybody().get(address)
    return f"{known.name} <{address}>" if known else address


def style_of(address: str) -> str:
    """How the person's mail program quotes."""
    known = _everybody().get(address)
    if known is None:
        return "gmail"
    name = f"{known.client}-{known.language}"
    return name if name in STYLES else known.client


@cache
def _everybody() -> dict[str, Person]:
    everybody = (*people.TEAM, *people.CONTACTS, *people.STRANGERS)
    return {address: each for each in everybody for address in (each.address, each.other) if address}


def _people(name: str, value: str, errors: dict[str, str]) -> list[mime.Mailto]:
    """The people of a field; what is no address is an error of the field."""
    written = " ".join(value.replace(";", ",").split()).strip(" ,")
    found: list[mime.Mailto] = []
    for label, address in getaddresses([written]) if written else ():
        try:
            found.append((label, _ascii(normal_address(address))))
        except ValueError:
            wrong = (address or label or written)[:80]
            errors[name] = f"“{wrong}” is not an email address; one looks like name@company.example."
    return found


def _ascii(address: str) -> str:
    """With the domain as IDNA has it; the local part has to be ASCII, since nobody here speaks SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    local.encode("ascii")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def _answered(original: Message, own: str, *, to_all: bool) -> tuple[str, str]:
    """To and Cc of an answer; whoever answers their own message writes to the same people again."""
    head = original.head
    reply_to = dict(rfc822.fields(original.raw)).get("Reply-To", "")
    writers = rfc822.addresses(reply_to or head.sender)
    if all(each.address == own for each in writers):
        writers = rfc822.addresses(head.to)
    to = list(writers)
    cc: list[rfc822.Address] = []
    if to_all:
        taken = {own, *(each.address for each in to)}
        to += [each for each in rfc822.addresses(head.to) if each.address not in taken]
        taken |= {each.address for each in to}
        cc = [each for each in rfc822.addresses(head.cc) if each.address not in taken]
    return _list(to), _list(cc)


def _list(found: list[rfc822.Address]) -> str:
    return ", ".join(_named(each) for each in found)


def _named(person: rfc822.Address) -> str:
    return f"{person.name.replace(',', '')} <{person.address}>" if person.name else person.address


def _subject(form: Form, original: Message) -> str:
    _, client, language = STYLES[form.style]
    subject = rfc822.decode(original.head.subject)
    if form.how in {"reply", "all"}:
        return quoting.reply_prefix(client, language) + _PREFIX.sub("", subject)
    return quoting.forward_prefix(client, language) + subject


def _history(form: Form, original: Message, words: Body | None = None) -> Body:
    """What the program puts below the words; with `words` all of it."""
    if form.how not in {"reply", "all", "forward"}:
        return words or Body("", "")
    _, client, language = STYLES[form.style]
    quote = quoting.forward if form.how == "forward" else quoting.reply
    body = quote(words or Body("", ""), _as_original(original), client, language)
    return body if words else Body(body.plain.strip("\n"), body.html)


def _as_original(message: Message) -> Original:
    head, content = message.head, reading.read(message.raw)
    sender = next(iter(rfc822.addresses(head.sender)), rfc822.Address(rfc822.decode(head.sender), ""))
    text = content.text.rstrip("\n")
    return Original(
        name=sender.name or sender.address,
        address=sender.address,
        to=tuple(_named(each) for each in rfc822.addresses(head.to)),
        cc=tuple(_named(each) for each in rfc822.addresses(head.cc)),
        subject=rfc822.decode(head.subject),
        date=from_ms(message.date_ms).astimezone(timezone(timedelta())),
        body=Body(text, content.html or _as_html(text)),
    )


def _headers(form: Form, original: Message | None, named: dict[str, list[mime.Mailto]]) -> list[mime.Field]:
    headers = [mime.people("From", named["sender"]), mime.people("To", named["to"])]
    if not named["to"]:
        headers.pop()
    headers += [mime.people(name.title(), named[name]) for name in ("cc", "bcc") if named[name]]
    headers.append(mime.header("Subject", " ".join(form.subject.split())))
    if original is not None and original.head.message_id and form.how:
        cited = [*original.head.references, original.head.message_id]
        if form.how in {"reply", "all"}:
            headers.append(mime.ids("In-Reply-To", cited[-1:]))
        headers.append(mime.ids("References", dict.fromkeys(cited)))
    return [*headers, ("MIME-Version", "1.0")]


def _content(form: Form, original: Message | None, files: list[File]) -> mime.Part:
    part = mime.text(form.text)
    html = form.html or (_rich(form, original) if form.rich else "")
    if html:
        part = mime.multipart("alternative", [part, mime.text(html, subtype="html")])
    attached = [mime.file(each.name, each.content_type, each.content) for each in files]
    if original is not None and form.how == "attach":
        attached.append(mime.enclosed(original.raw))
    if original is not None and form.how == "forward":
        kept = reading.read(original.raw).files
        attached += [mime.file(file_of(each.name, "", b"").name, each.content_type, each.content) for each in kept]
    return mime.multipart("mixed", [part, *attached]) if attached else part


def _rich(form: Form, original: Message | None) -> str:
    """HTML as the program makes it, if the history still stands below the words; else the text as HTML."""
    if original is not None:
        history = _history(form, original).plain
        own, found, rest = form.text.rstrip().rpartition(history) if history else ("", "", "")
        if found and not rest.strip():
            client = STYLES[form.style][1]
            return _history(form, original, quoting.own_words(own.strip("\n"), client)).html
    return _as_html(form.text)


def _as_html(text: str) -> str:
    return "".join(f"<p>{escape(each).replace(chr(10), '<br>')}</p>" for each in text.split("\n\n") if each.strip())
