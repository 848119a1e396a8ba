"""What the pages of emails are asked for and told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import Http404, QueryDict
from django.utils import timezone

from accounts.models import Membership
from contacts import queries as contacts
from contacts.data import LENGTHS, ContactData
from contacts.filters import LARGEST_ID, Criteria, InvalidCriteria
from contacts.forms.parts import line
from emails import searching
from emails.queries import Box, Wanted
from emails.searching import Search

#: Of each kind, in one URL.
MOST: Final = 20


@dataclass(frozen=True)
class ListQuery:
    """What the URL of a list of emails asks for (R38): ``?box=sent&member=3&member=5&tag=2&filter=7&q=lyon``."""

    box: Box = Box.ALL
    members: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    filter_id: int | None = None
    #: What was typed to search, for `emails.searching`.
    q: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> ListQuery:
        """Reads a URL's parameters; what cannot be read is left out."""
        box = query.get("box", "")
        return cls(
            box=Box(box) if box in set(Box) else Box.ALL,
            members=_ids(query.getlist("member")),
            tags=_ids(query.getlist("tag")),
            filter_id=next(iter(_ids(query.getlist("filter"))), None),
            q=query.get("q", "").replace("\x00", " ").strip()[: searching.LONGEST + 1],
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of a URL, in a stable order."""
        return [
            *([("box", str(self.box))] if self.box is not Box.ALL else []),
            *(("member", str(one)) for one in self.members),
            *(("tag", str(one)) for one in self.tags),
            *([("filter", str(self.filter_id))] if self.filter_id else []),
            *([("q", self.q)] if self.q else []),
        ]

    def text(self) -> str:
        """``?box=sent&member=3``, or nothing."""
        pairs = self.pairs()
        return f"?{urlencode(pairs)}" if pairs else ""

    def but(self, **changes: Any) -> ListQuery:
        """The same with other values for some fields."""
        return replace(self, **changes)

    def toggled(self, name: str, value: int) -> ListQuery:
        """With one more, or one less, of ``members`` or ``tags``."""
        values: tuple[int, ...] = getattr(self, name)
        rest = tuple(one for one in values if one != value)
        return self.but(**{name: rest if rest != values else (*values, value)})

    def wanted(self, reader: Membership) -> Wanted:
        """The emails that it asks for; a saved filter that is gone asks for nothing."""
        criteria = self._of_filter(reader)
        return Wanted(
            box=self.box,
            members=self.members,
            criteria=criteria.but(tags=tuple(dict.fromkeys([*criteria.tags, *self.tags]))),
            search=self.search,
        )

    @cached_property
    def search(self) -> Search:
        """What is looked for; `queries.search_problems` says what of it is not."""
        return searching.parse(self.q, today=timezone.localdate())

    def _of_filter(self, reader: Membership) -> Criteria:
        if self.filter_id is None:
            return Criteria()
        try:
            return Criteria.from_json(contacts.get_filter(reader, self.filter_id).criteria)
        except Http404:
            return Criteria()
        except InvalidCriteria as error:
            return error.readable


def ids_of(texts: Sequence[str], most: int) -> tuple[int, ...]:
    """The ids among these texts, each once, at most so many."""
    numbers = (int(text) for text in texts[:most] if text.isdecimal() and len(text) < len(str(LARGEST_ID)))
    return tuple(dict.fromkeys(number for number in numbers if number))


def _ids(texts: Iterable[str]) -> tuple[int, ...]:
    return ids_of(list(texts), MOST)


class ContactForm(forms.Form):
    """Names a contact."""

    contact = forms.IntegerField(min_value=1, max_value=LARGEST_ID)


class NewContactForm(forms.Form):
    """A contact made of somebody whom an email names; the address comes from there."""

    first_name = line("First name", "first_name")
    last_name = line("Last name", "last_name")
    company = line("Company", "company")

    def contact_data(self) -> ContactData:
        """What was written, as operations take it."""
        return ContactData(**{name: self.cleaned_data[name] for name in self.fields})


def guess(name: str, address: str) -> dict[str, str]:
    """First and last name by what a header says: "Moreau, Ines", "Ines Moreau", or nothing but ines.moreau@…."""
    if not name or "@" in name:
        name = " ".join(word.capitalize() for word in re.split(r"[._+-]+", address.partition("@")[0]) if word.isalpha())
    last, comma, first = name.strip("\"' ").partition(",")
    if not comma:
        first, _, last = last.strip().rpartition(" ")
        first, last = (first, last) if first else (last, "")
    longest = LENGTHS["first_name"]
    return {"first_name": first.strip()[:longest], "last_name": last.strip()[:longest]}
