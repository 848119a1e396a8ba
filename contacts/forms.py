"""Forms about contacts. What a value must be like is said in `contacts.data`: these only carry it there and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs

from django import forms
from django.core.files import File
from django.http import QueryDict
from django.urls import reverse_lazy

from accounts import queries as accounts
from contacts import queries
from contacts.data import LENGTHS, TAG_LENGTH, ContactData
from contacts.files.decoding import LARGEST
from contacts.files.options import EXISTING_LABELS, Existing, Options
from contacts.filters import DEFAULT_SORT, SORTS, Criteria, InvalidCriteria, Selection
from contacts.models import COLOURS, Contact, Import, SavedFilter
from contacts.operations import FilterData
from contacts.operations.filters import NAME_LENGTH

#: Rows that are shown beyond those that are filled, for people without script.
SPARE_ROWS = 2
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
YES_OR_NO = [("", "Any"), ("yes", "With an address"), ("no", "Without an address")]
#: Fields of `ContactData` that have another name in forms.
NAMES = {"owner_id": "owner", "contact": None}


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
        if item and isinstance(form, ContactForm):
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


class ContactForm(forms.Form):
    """All of a contact but its tags, which are put on where they are seen; a new one can have them at once."""

    first_name = line("First name", "first_name")
    last_name = line("Last name", "last_name")
    title = line("Job title", "title")
    company = line("Company", "company", SUGGEST_COMPANIES)
    emails = ListField(label="Email address", required=False)
    phones = ListField(label="Phone", required=False)
    owner = forms.ChoiceField(required=False)
    is_private = forms.BooleanField(
        label="Private", required=False, help_text="Only you see it, with all its notes and emails. Not even admins do."
    )
    tags = forms.CharField(
        label="Tags",
        required=False,
        help_text="Parted by commas; new ones are made.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "tags"}),
    )
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, contact: Contact | None = None, **kwargs: Any) -> None:
        if contact is not None:
            kwargs["initial"] = _initial(queries.data_of(contact)) | {"seen": contact.updated_at.isoformat()}
        super().__init__(*args, **kwargs)
        self.contact = contact
        self.item_errors: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        self.fields["owner"] = forms.ChoiceField(
            required=False, choices=self._owners(contact), help_text="Who looks after this contact."
        )
        if contact is not None:
            del self.fields["tags"]

    def contact_data(self) -> ContactData:
        """What was written, as operations take it."""
        found = self.cleaned_data
        return ContactData(
            first_name=found["first_name"],
            last_name=found["last_name"],
            company=found["company"],
            title=found["title"],
            emails=found["emails"],
            phones=found["phones"],
            owner_id=int(found["owner"]) if found["owner"] else None,
            is_private=found["is_private"],
            tags=tuple(found["tags"].split(",")) if "tags" in found else None,
        )

    def email_rows(self) -> list[Row]:
        """The inputs for addresses, with a few to spare."""
        return self._rows("emails", "Email address")

    def phone_rows(self) -> list[Row]:
        """The inputs for phone numbers, with a few to spare."""
        return self._rows("phones", "Phone")

    def renew(self, contact: Contact) -> None:
        """Takes note that the reader has been told of another's change: saving again replaces it."""
        data = cast("QueryDict", self.data).copy()
        data["seen"] = contact.updated_at.isoformat()
        self.data = data

    def _rows(self, name: str, label: str) -> list[Row]:
        values = [str(value) for value in self[name].value() or ()]
        while values and not values[-1].strip():
            values.pop()
        spare = max(SPARE_ROWS - len(values), 1)
        return [
            Row(
                id=f"id_{name}" if number == 0 else f"id_{name}_{number}",
                name=name,
                value=value,
                label=label if number == 0 else f"{label} {number + 1}",
                errors=self.item_errors.get((name, number), []),
            )
            for number, value in enumerate([*values, *[""] * spare])
        ]

    @staticmethod
    def _owners(contact: Contact | None) -> list[tuple[str, str]]:
        choices = owner_choices(nobody="Nobody")
        owner = contact.owner if contact else None
        if owner is not None and not owner.is_active:
            choices.append((str(owner.pk), f"{owner} (deactivated)"))
        return choices


def _initial(data: ContactData) -> dict[str, Any]:
    return {
        "first_name": data.first_name,
        "last_name": data.last_name,
        "company": data.company,
        "title": data.title,
        "emails": data.emails,
        "phones": data.phones,
        "owner": data.owner_id or "",
        "is_private": data.is_private,
    }


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "What should the team remember?"}),
    )


class TagForm(forms.Form):
    name = forms.CharField(
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": TAG_LENGTH}),
        error_messages={"required": "A tag needs a name."},
    )
    colour = forms.ChoiceField(
        choices=[(colour, colour.capitalize()) for colour in COLOURS], initial=COLOURS[0], widget=forms.RadioSelect
    )


class TagMergeForm(forms.Form):
    into = forms.IntegerField(min_value=1)


class TaggingForm(forms.Form):
    """Tags to put on by name, or one to take off by id."""

    tag = forms.CharField(required=False, strip=False)
    remove = forms.IntegerField(required=False, min_value=1)


# --- The list -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListQuery:
    """What the URL of the list asks for."""

    criteria: Criteria
    sort: str = DEFAULT_SORT
    filter_id: int | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, Sequence[str]]) -> ListQuery:
        """Reads a URL's parameters; what cannot be read is left out and told in ``problems``."""
        problems: tuple[str, ...] = ()
        try:
            criteria = Criteria.from_query(query)
        except InvalidCriteria as error:
            criteria, problems = error.readable, tuple(error.problems.values())
        sort = next(iter(query.get("sort", ())), DEFAULT_SORT)
        filter_id = next(iter(query.get("filter", ())), "")
        return cls(
            criteria=criteria,
            sort=sort if sort in SORTS else DEFAULT_SORT,
            filter_id=int(filter_id) if filter_id.isdecimal() and len(filter_id) < 18 else None,
            problems=problems,
        )

    @classmethod
    def read_text(cls, text: str) -> ListQuery:
        """The same from ``q=lyon&sort=-name``."""
        return cls.read(parse_qs(text))

    @classmethod
    def read_saved(cls, saved: SavedFilter) -> ListQuery:
        """What a saved filter asks for, as far as it can be read."""
        try:
            return cls(Criteria.from_json(saved.criteria), filter_id=saved.pk)
        except InvalidCriteria as error:
            return cls(error.readable, filter_id=saved.pk)


class CriteriaForm(forms.Form):
    """The criteria that have no menu of their own. It is sent to the list's URL, and read there by `ListQuery`."""

    company = line("Company", "company", SUGGEST_COMPANIES)
    has_email = forms.ChoiceField(label="Email", required=False, choices=YES_OR_NO)
    created_from = forms.DateField(label="Added from", required=False, widget=DAY)
    created_until = forms.DateField(label="until", required=False, widget=DAY)
    updated_from = forms.DateField(label="Changed from", required=False, widget=DAY)
    updated_until = forms.DateField(label="until", required=False, widget=DAY)

    @classmethod
    def of(cls, criteria: Criteria) -> CriteriaForm:
        """The form filled with the criteria of the page."""
        return cls(initial=dict(criteria.to_pairs()))

    def hidden(self, query: ListQuery) -> list[tuple[str, str]]:
        """What the page asks for besides, to be sent along."""
        kept = [pair for pair in query.criteria.to_pairs() if pair[0] not in self.fields]
        return [*kept, ("sort", query.sort)]


class BulkForm(forms.Form):
    """Something to do with some of the contacts of a list: those ticked, or all that match."""

    ids = forms.TypedMultipleChoiceField(required=False, coerce=int)
    all = forms.BooleanField(required=False)
    query = forms.CharField(required=False, max_length=4_000)
    do = forms.CharField(required=False, max_length=20)
    tag = forms.CharField(required=False, strip=False)
    untag = forms.IntegerField(required=False, min_value=1)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        # Any number: which of them are contacts that the member can see is for the query to say.
        self.fields["ids"] = forms.TypedMultipleChoiceField(
            required=False, coerce=int, choices=[(value, value) for value in data.getlist("ids") if _is_id(value)]
        )

    @property
    def list_query(self) -> ListQuery:
        """The list that the selection was made on."""
        return ListQuery.read_text(self.cleaned_data.get("query", ""))

    def selection(self) -> Selection:
        """What was selected."""
        if self.cleaned_data["all"]:
            return Selection(criteria=self.list_query.criteria)
        return Selection(ids=tuple(self.cleaned_data["ids"]))


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


class SavedFilterForm(forms.Form):
    name = forms.CharField(
        strip=False,
        widget=forms.TextInput(attrs={"maxlength": NAME_LENGTH, "autocomplete": "off"}),
        error_messages={"required": "A filter needs a name."},
    )
    is_shared = forms.BooleanField(label="Share with the team", required=False)
    query = forms.CharField(required=False, max_length=4_000, widget=forms.HiddenInput)

    def filter_data(self) -> FilterData:
        """What was written, as operations take it."""
        found = self.cleaned_data
        return FilterData(
            name=found["name"],
            criteria=ListQuery.read_text(found["query"]).criteria,
            is_shared=found["is_shared"],
        )


class MergeForm(forms.Form):
    """Which contacts become one, and which of them it is."""

    ids = forms.TypedMultipleChoiceField(coerce=int)
    into = forms.IntegerField(min_value=1, required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["ids"] = forms.TypedMultipleChoiceField(
            coerce=int, choices=[(value, value) for value in data.getlist("ids") if _is_id(value)]
        )


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="CSV or vCard (.vcf), at most 10 MB and 50,000 contacts. Nothing is saved before you have seen it.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.vcf,.vcard,text/csv,text/vcard,text/x-vcard"}),
        error_messages={"required": "Choose a file first.", "empty": "The file is empty: choose another one."},
    )

    def clean_file(self) -> File[bytes]:
        """Refuses what is too large before it is read."""
        file: File[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            size = (file.size or 0) / 2**20
            raise forms.ValidationError(
                f"The file has {size:.1f} MB: split it into files of at most {LARGEST // 2**20} MB."
            )
        return file


class ImportForm(forms.Form):
    """What each column means, and what is to become of the rows."""

    existing = forms.ChoiceField(
        label="Contacts that are here already",
        choices=[(choice.value, label) for choice, label in EXISTING_LABELS.items()],
        widget=forms.RadioSelect,
        help_text="Known by their addresses.",
    )
    tags = forms.CharField(label="Tag all of them", required=False, help_text="Parted by commas; new ones are made.")
    owner = forms.ChoiceField(label="Owner of the new ones", required=False)

    def __init__(self, data: QueryDict | None, *, upload: Import) -> None:
        options = Options.from_json(upload.options)
        first = {"existing": options.existing, "tags": ", ".join(options.tags), "owner": options.owner_id or ""}
        super().__init__(data, initial=first)
        self.fields["owner"] = forms.ChoiceField(
            label="Owner of the new ones", required=False, choices=owner_choices(nobody="Nobody")
        )
        self.width = len(upload.mapping)

    def mapping(self) -> list[str]:
        """The field of each column."""
        return [self.data.get(f"column-{number}", "") for number in range(self.width)]

    def options(self) -> Options:
        """What was chosen, as operations take it."""
        found = self.cleaned_data
        return Options(
            existing=Existing(found["existing"]),
            tags=tuple(found["tags"].split(",")),
            owner_id=int(found["owner"]) if found["owner"] else None,
        )
