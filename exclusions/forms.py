"""What the pages of the list are filled with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from hashlib import blake2b
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from exclusions.lists import LARGEST, Line, UnreadableList, as_csv, read_csv, read_listed, read_text
from exclusions.models import REASON_LENGTH, Exclusion
from exclusions.operations import Wish

DOORS = {Exclusion.Door.EMAIL.value, Exclusion.Door.SETTINGS.value}


class EndField(forms.DateField):
    """A last day, read as the moment when it is over for the reader."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value: Any) -> datetime | None:
        day = super().clean(value)
        if day is None:
            return None
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def last_day(ends_at: datetime | None) -> str:
    """The other way round, as the field shows it."""
    return f"{timezone.localtime(ends_at - timedelta(seconds=1)):%Y-%m-%d}" if ends_at else ""


class WhyForm(forms.Form):
    """Reason and end of an entry."""

    reason = forms.CharField(
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Such as: my doctor"}),
    )
    ends_at = EndField(label="Last day", required=False, help_text="Stored again after it. Empty: never.")


class ExcludeForm(WhyForm):
    """Addresses and domains, typed, pasted or uploaded, and what holds for all of them.

    ``seen`` is the `mark` of the list whose preview the reader has had before them: nothing else is written.
    """

    field_order = ("text", "listed", "file", "reason", "ends_at")

    text = forms.CharField(
        label="Addresses or domains",
        required=False,
        strip=False,
        max_length=LARGEST,
        widget=forms.Textarea(
            attrs={
                "rows": 1,
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "ines@lyon.example, or lyon.example with its subdomains",
            }
        ),
    )
    #: An uploaded list, on its way through the preview.
    listed = forms.CharField(required=False, strip=False, max_length=LARGEST, widget=forms.HiddenInput)
    file = forms.FileField(
        label="Or a CSV file",
        required=False,
        help_text="One address or domain a line, with or without a head; a second column is the reason.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    remove_stored = forms.BooleanField(required=False)
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    lines: Sequence[Line] = ()

    def clean_file(self) -> UploadedFile[Any] | None:
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > LARGEST:
            raise forms.ValidationError(f"The file is larger than {LARGEST // 1_000_000} MB: split it into several.")
        return file

    def clean(self) -> None:
        """Takes the list apart."""
        given = self.cleaned_data
        file = given.get("file")
        field = "file" if file else "text"
        try:
            uploaded = read_csv(file.read()) if file else read_listed(given.get("listed", ""))
            self.lines = [*read_text(given.get("text", "")), *uploaded]
        except UnreadableList as problem:
            self.add_error(field, str(problem))
            return
        given["listed"] = as_csv(uploaded)
        if not self.lines and not self.errors:
            self.add_error("text", "Write an address or a domain, such as ines@lyon.example or lyon.example.")

    @property
    def mark(self) -> str:
        """Stands for the list as it is written here."""
        text = "\n".join([self.cleaned_data.get("text", "").strip(), self.cleaned_data.get("listed", "")])
        return blake2b(text.encode(), digest_size=16).hexdigest()

    @property
    def was_seen(self) -> bool:
        """Whether the reader has seen what this list concerns."""
        return not self.cleaned_data.get("file") and self.cleaned_data["seen"] == self.mark

    def wish(self, door: Exclusion.Door) -> Wish:
        return Wish(
            reason=self.cleaned_data["reason"],
            ends_at=self.cleaned_data["ends_at"],
            door=door,
            confirmed=frozenset(self.data.getlist("confirmed")),  # type: ignore[attr-defined]  # A QueryDict.
            remove_stored=self.cleaned_data["remove_stored"],
        )

    def to_confirm(self) -> ExcludeForm:
        """The same list once more, its preview seen; an uploaded one by way of a field."""
        data = self.data.copy()  # type: ignore[attr-defined]  # A QueryDict.
        data["listed"], data["seen"] = self.cleaned_data["listed"], self.mark
        again = ExcludeForm(data)
        again.is_valid()
        return again

    def with_list(self, lines: Sequence[Line]) -> ExcludeForm:
        """A fresh form with these lines, an uploaded list's in a field that is not seen."""
        typed = [line.text for line in lines] if not self.cleaned_data.get("listed") else []
        listed = as_csv(lines) if self.cleaned_data.get("listed") else ""
        again = {name: self.data.get(name, "") for name in ("reason", "ends_at")}
        return ExcludeForm(initial={"text": "\n".join(typed), "listed": listed, **again})


def door_of(named: str) -> Exclusion.Door:
    """Which page of the two a form came from."""
    return Exclusion.Door(named) if named in DOORS else Exclusion.Door.SETTINGS
