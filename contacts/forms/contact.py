"""The form of one contact."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, cast

from django import forms
from django.http import QueryDict

from contacts import queries
from contacts.data import ContactData
from contacts.forms.parts import SUGGEST_COMPANIES, ListField, Row, line, owner_choices
from contacts.models import Contact

#: Rows that are shown beyond those that are filled, for people without script.
SPARE_ROWS = 2


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
