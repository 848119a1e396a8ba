"""Notes and tags."""

from __future__ import annotations

from django import forms

from contacts.data import TAG_LENGTH
from contacts.models import COLOURS


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
