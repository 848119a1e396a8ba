"""What the pages of emails send."""

from __future__ import annotations

from django import forms

from contacts.filters import LARGEST_ID


class ContactForm(forms.Form):
    """A button that names a contact."""

    contact = forms.IntegerField(min_value=1, max_value=LARGEST_ID)
