"""A file of contacts, and what is to become of it."""

from __future__ import annotations

from django import forms
from django.core.files import File
from django.http import QueryDict

from contacts.files.decoding import LARGEST
from contacts.files.options import EXISTING_LABELS, Existing, Options
from contacts.forms.parts import owner_choices
from contacts.models import Import


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
