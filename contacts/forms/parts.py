"""What several forms are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from django import forms
from django.http import QueryDict
from django.urls import reverse_lazy

from accounts import queries as accounts
from contacts.data import LENGTHS

#: Fields of `ContactData` that have another name in forms.
NAMES = {"owner_id": "owner", "contact": None}


@runtime_checkable
class HasItems(Protocol):
    """A form with several inputs of one name, which keeps the problems of each: (field, number) -> sentences."""

    item_errors: defaultdict[tuple[str, int], list[str]]


def owner_choices(*, nobody: str) -> list[tuple[str, str]]:
    """The active members for a select, after an empty choice."""
    return [("", nobody), *((str(member.pk), str(member)) for member in accounts.members(active_only=True))]


def take(form: forms.Form, problems: Mapping[str, Sequence[str]]) -> None:
    """Puts the problems that an operation found beside their fields; those of items beside the items."""
    for key, sentences in problems.items():
        field, _, item = key.partition(".")
        name = NAMES.get(field, field)
        for sentence in sentences:
            form.add_error(name, sentence)
        if item and isinstance(form, HasItems):
            form.item_errors[field, int(item)].extend(sentences)


class ListInput(forms.TextInput):
    """As many inputs of one name as there are values."""

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> list[str]:
        return data.getlist(name) if isinstance(data, QueryDict) else list(data.get(name, ()))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        return name not in data


class ListField(forms.Field):
    """Several texts; blank ones stay, so that problems can name the row."""

    widget = ListInput

    def to_python(self, value: Iterable[str] | None) -> tuple[str, ...]:
        return tuple(value or ())


class IdsField(forms.Field):
    """Any number of ids; a field of choices would compare each of them with all."""

    widget = ListInput

    def to_python(self, value: Iterable[str] | None) -> tuple[int, ...]:
        texts = tuple(value or ())
        if not all(text.isdecimal() and len(text) < 19 for text in texts):
            raise forms.ValidationError("What was selected cannot be read: select it again.")
        return tuple(map(int, texts))


@dataclass(frozen=True)
class Row:
    """One input of a `ListField`."""

    id: str
    name: str
    value: str
    label: str
    errors: list[str]


#: Companies that begin like what is typed, from the server, into the list that the field names.
SUGGEST_COMPANIES = {
    "list": "companies",
    "hx-get": reverse_lazy("company_options"),
    "hx-trigger": "input changed delay:200ms",
    "hx-target": "#companies",
    "hx-sync": "this:replace",
}


def line(label: str, name: str, attrs: Mapping[str, object] | None = None) -> forms.CharField:
    """A text of one line; its length is judged by `contacts.data`, the browser only holds it back."""
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"maxlength": LENGTHS[name], "autocomplete": "off", **(attrs or {})}),
    )
