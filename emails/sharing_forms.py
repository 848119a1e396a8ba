"""What the pages are told of who sees one's emails."""

from __future__ import annotations

from django import forms

from emails.models import Visibility
from emails.queries import sharing


class VisibilityForm(forms.Form):
    """Names what is shown; the empty value, which must be there, says nothing."""

    visibility = forms.ChoiceField(
        choices=[("", "As before"), *((word, word) for word in sharing.BY_WORD)], required=False
    )

    def clean(self) -> None:
        """A form without the field has said nothing at all."""
        if "visibility" not in self.data:
            raise forms.ValidationError("Choose who sees them.")

    def said(self) -> Visibility | None:
        """What a valid form says."""
        return sharing.BY_WORD.get(self.cleaned_data["visibility"])


class AnswerForm(forms.Form):
    """Yes or no."""

    granted = forms.ChoiceField(choices=[("yes", "Allow"), ("no", "Not now")])
