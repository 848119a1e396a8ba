"""What may be meant by what is typed into the search box: operators, contacts, members and tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from accounts import queries as accounts
from accounts.models import Membership
from contacts import queries as contacts
from contacts.models import Contact
from emails.searching import BOXES, HAS, HELP, LONGEST, STATES, Operator, written
from emails.words import words

MOST: Final = 8
#: Contacts that are offered to be opened.
OPENED: Final = 2
_LAST: Final = re.compile(r'(?P<minus>-?)(?:(?P<name>[A-Za-z]{2,}):)?(?P<value>"[^"]*|[^\s"]*)$')
_PARTIES: Final = {Operator.FROM, Operator.TO, Operator.CC}
_CHOICES: Final = {Operator.HAS: HAS, Operator.IN: BOXES, Operator.IS: STATES}


@dataclass(frozen=True)
class Suggestion:
    """One line below the search box. ``text`` is the whole search with it, or ``contact`` is opened instead."""

    label: str
    meaning: str = ""
    text: str = ""
    contact: int | None = None


def suggest(member: Membership, typed: str) -> list[Suggestion]:
    """For the last word of ``typed``, which ends where the cursor is. At most four queries."""
    match = _LAST.search(typed[:LONGEST])
    if match is None:
        return []
    before, name = typed[: match.start()] + match["minus"], (match["name"] or "").lower()
    value = match["value"].strip('"')
    if name and name not in set(Operator):
        return []
    found = _values(member, Operator(name), value) if name else _anything(member, value)
    return [_within(before, one) for one in islice(found, MOST)]


def _within(before: str, one: Suggestion) -> Suggestion:
    return Suggestion(one.label, one.meaning, before + one.text if one.text else "", one.contact)


def _anything(member: Membership, value: str) -> Iterator[Suggestion]:
    spelled = words(value).strip()
    if spelled or not value:
        yield from (
            Suggestion(f"{one.operator}:", f"{one.meaning}: {one.example}", f"{one.operator}:")
            for one in HELP
            if one.operator.startswith(spelled)
        )
    if len(value) < 2:
        return
    people = _people(member, value)
    for contact in people:
        for address in _addresses(contact)[:1]:
            yield Suggestion(contact.name, f"mail from {address}", f"from:{address} ")
    for contact in people[:OPENED]:
        yield Suggestion(contact.name, "open the contact", contact=contact.pk)


def _values(member: Membership, operator: Operator, value: str) -> Iterator[Suggestion]:
    if operator in _PARTIES:
        for contact in _people(member, value):
            for address in _addresses(contact):
                yield Suggestion(contact.name, address, f"{operator}:{address} ")
    elif operator is Operator.MEMBER:
        for one in accounts.members(active_only=True):
            yield from _named(operator, value, str(one), one.user.email)
    elif operator is Operator.TAG:
        for tag in contacts.list_tags():
            yield from _named(operator, value, tag.name)
    else:
        for name in dict.fromkeys(_CHOICES.get(operator, {}).values()):
            if name.startswith(value.lower()):
                yield Suggestion(f"{operator}:{name}", "", f"{operator}:{name} ")


def _named(operator: Operator, value: str, name: str, more: str = "") -> Iterator[Suggestion]:
    if _begins(value, f"{name} {more}"):
        yield Suggestion(name, more, f"{written(operator, name)} ")


def _people(member: Membership, value: str) -> list[Contact]:
    if not words(value).strip():
        return []
    return contacts.contacts_like(member, value, most=MOST)


def _addresses(contact: Contact) -> list[str]:
    return [address.email for address in contact.addresses.all()]


def _begins(value: str, text: str) -> bool:
    own = words(text).split()
    return all(any(word.startswith(typed) for word in own) for typed in words(value).split())
