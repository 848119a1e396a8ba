"""The operators of `q`: each turns its value into a Filter for one mailbox at one moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from emulator.google.content import filenames, may_contain, searchable_text
from emulator.google.search import dates
from emulator.google.search.filter import EVERYTHING, NOTHING, Filter, all_of, any_of, none_of
from emulator.google.search.grammar import And, Node, Not, Or, Term
from emulator.google.search.index import Postings
from emulator.google.search.words import addresses, contains, header_words, words
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.rfc822 import Head, fields

_SIZE = re.compile(r"(\d+)\s*([kmg]?)b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_SYSTEM = {
    "inbox": "INBOX",
    "sent": "SENT",
    "draft": "DRAFT",
    "drafts": "DRAFT",
    "trash": "TRASH",
    "bin": "TRASH",
    "spam": "SPAM",
    "chat": "CHAT",
    "chats": "CHAT",
    "unread": "UNREAD",
    "starred": "STARRED",
    "important": "IMPORTANT",
}
_CATEGORIES = {"primary": "personal", "personal": "personal", "reservations": "updates", "purchases": "updates"}
_HIDDEN = frozenset({"SPAM", "TRASH"})
_PLACED = frozenset({"INBOX", "SENT", "DRAFT", "CHAT"}) | _HIDDEN


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a query is read: `own` are the mailbox's addresses, which "me" stands for."""

    mailbox: Mailbox
    postings: Postings
    own: frozenset[str]
    now_ms: int


def compile_query(node: Node, scene: Scene) -> Filter:
    match node:
        case Term():
            return _OPERATORS.get(node.operator, _text)(node, scene)
        case And():
            return all_of([compile_query(part, scene) for part in node.parts])
        case Or():
            return any_of([compile_query(part, scene) for part in node.parts])
        case Not():
            return none_of(compile_query(node.part, scene))


def _text(term: Term, _scene: Scene) -> Filter:
    """Plain words: the one search without an index, so what cannot have them is passed over unread."""
    wanted = words(term.value)
    if not wanted:
        return EVERYTHING
    spelt = [word.encode() for word in wanted if word.isascii()]
    return Filter(lambda message: may_contain(message, spelt) and contains(wanted, words(searchable_text(message))))


def _party(headers: Callable[[Head], tuple[str, ...]], term: Term, scene: Scene) -> Filter:
    """People by whole address, by name, or by any run of words of either ("contoso.example")."""
    value = term.value.strip().strip("<>").lower()
    if value == "me":
        return any_of([_address(headers, each, scene) for each in sorted(scene.own)])
    if addresses(value) == [value] and not value.startswith(("*", "@")):
        return _address(headers, value, scene)
    wanted = words(value)
    if not wanted:
        return NOTHING
    return Filter(
        lambda message: any(contains(wanted, header_words(each)) for each in headers(message.head) if each),
        seqs=scene.postings.naming(wanted),
    )


def _address(headers: Callable[[Head], tuple[str, ...]], address: str, scene: Scene) -> Filter:
    return Filter(
        lambda message: any(address in addresses(each) for each in headers(message.head)),
        seqs=scene.postings.naming([address]),
    )


def _subject(term: Term, scene: Scene) -> Filter:
    wanted = words(term.value)
    if not wanted:
        return EVERYTHING
    return Filter(
        lambda message: contains(wanted, header_words(message.head.subject)), seqs=scene.postings.titled(wanted)
    )


def _message_id(term: Term, scene: Scene) -> Filter:
    found = scene.mailbox.by_message_id(term.value)
    return Filter(lambda message: message in found, seqs=[message.seq for message in found])


def _delivered_to(term: Term, scene: Scene) -> Filter:
    """By Delivered-To; mail that came without one was delivered to the mailbox's own address."""
    wanted = term.value.strip("<>").lower()

    def test(message: Message) -> bool:
        named = [value.lower() for name, value in fields(message.raw) if name.lower() == "delivered-to"]
        return wanted in named if named else wanted == scene.mailbox.address and "SENT" not in message.labels

    return Filter(test)


def _list(term: Term, _scene: Scene) -> Filter:
    wanted = words(term.value)
    return Filter(
        lambda message: any(
            contains(wanted, words(value)) for name, value in fields(message.raw) if name.lower() == "list-id"
        )
    )


def _filename(term: Term, _scene: Scene) -> Filter:
    """A whole name, words of it, or its ending."""
    wanted = words(term.value)
    return Filter(lambda message: any(contains(wanted, words(name)) for name in filenames(message)))


def _label(term: Term, scene: Scene) -> Filter:
    wanted = _hyphened(term.value)
    system = _SYSTEM.get(wanted)
    if system:
        return _with(system)
    for label in scene.mailbox.labels:
        if _hyphened(label.name) == wanted:
            return _with(label.id)
    return NOTHING


def _in(term: Term, scene: Scene) -> Filter:
    match term.value.lower():
        case "anywhere":
            return Filter(EVERYTHING.test, anywhere=True)
        case "archive":
            return Filter(lambda message: not message.labels & _PLACED)
        case "all":
            return EVERYTHING
        case _:
            return _label(term, scene)


def _is(term: Term, scene: Scene) -> Filter:
    if term.value.lower() == "read":
        return Filter(lambda message: "UNREAD" not in message.labels)
    return _label(term, scene) if term.value.lower() in _SYSTEM else NOTHING


def _category(term: Term, _scene: Scene) -> Filter:
    name = term.value.lower()
    return _with(f"CATEGORY_{_CATEGORIES.get(name, name).upper()}")


def _has(term: Term, scene: Scene) -> Filter:
    match term.value.lower():
        case "attachment":
            return Filter(lambda message: bool(filenames(message)))
        case "userlabels":
            return Filter(lambda message: any(each.startswith("Label_") for each in message.labels))
        case "nouserlabels":
            return Filter(lambda message: not any(each.startswith("Label_") for each in message.labels))
        case "yellow-star":
            return _label(Term("is", "starred"), scene)
        case _:
            return NOTHING


def _after(term: Term, _scene: Scene) -> Filter:
    moment = dates.after(term.value)
    return NOTHING if moment is None else Filter(EVERYTHING.test, from_ms=moment)


def _before(term: Term, _scene: Scene) -> Filter:
    moment = dates.before(term.value)
    return NOTHING if moment is None else Filter(EVERYTHING.test, until_ms=moment)


def _newer_than(term: Term, scene: Scene) -> Filter:
    age = dates.age_ms(term.value)
    return NOTHING if age is None else Filter(EVERYTHING.test, from_ms=scene.now_ms - age)


def _older_than(term: Term, scene: Scene) -> Filter:
    age = dates.age_ms(term.value)
    return NOTHING if age is None else Filter(EVERYTHING.test, until_ms=scene.now_ms - age)


def _size(term: Term, _scene: Scene, *, larger: bool) -> Filter:
    found = _SIZE.fullmatch(term.value.strip())
    if found is None:
        return NOTHING
    bound = int(found[1]) * _UNITS[found[2].lower()]
    return Filter(lambda message: message.size > bound if larger else message.size < bound)


def _with(label_id: str) -> Filter:
    return Filter(EVERYTHING.test, labels=frozenset({label_id}), anywhere=label_id in _HIDDEN)


def _hyphened(name: str) -> str:
    """Labels are named in queries with hyphens for blanks and slashes."""
    return re.sub(r"[\s/&()\"]+", "-", name.strip().casefold())


_OPERATORS: Mapping[str, Callable[[Term, Scene], Filter]] = {
    "from": partial(_party, lambda head: (head.sender,)),
    "to": partial(_party, lambda head: (head.to, head.cc, head.bcc)),
    "cc": partial(_party, lambda head: (head.cc,)),
    "bcc": partial(_party, lambda head: (head.bcc,)),
    "subject": _subject,
    "rfc822msgid": _message_id,
    "deliveredto": _delivered_to,
    "list": _list,
    "filename": _filename,
    "label": _label,
    "in": _in,
    "is": _is,
    "category": _category,
    "has": _has,
    "after": _after,
    "newer": _after,
    "before": _before,
    "older": _before,
    "newer_than": _newer_than,
    "older_than": _older_than,
    "larger": partial(_size, larger=True),
    "size": partial(_size, larger=True),
    "smaller": partial(_size, larger=False),
}
