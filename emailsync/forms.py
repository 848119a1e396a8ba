"""What a member chooses for a mailbox."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Membership
from accounts.permissions import Right, can
from emailsync.operations import Choices

#: As the form says them -> days of history, None for all of it (R21).
HISTORY: dict[str, int | None] = {"0": 0, "30": 30, "90": 90, "365": 365, "all": None}
HISTORY_LABELS = [
    ("0", "None: only what comes from now on"),
    ("30", "The last 30 days"),
    ("90", "The last 90 days"),
    ("365", "The last year"),
    ("all", "Everything there is"),
]
RIGHT_MISSING = "An admin of the account has switched off full sync for you. Ask the owner or an admin to allow it."


class HistoryForm(forms.Form):
    """How much of the past is read."""

    history = forms.ChoiceField(
        label="How much history",
        choices=HISTORY_LABELS,
        initial="90",
        error_messages={"invalid_choice": "Choose one of: none, 30, 90 or 365 days, or all."},
    )

    def history_days(self) -> int | None:
        """What a valid form says, in days; None is all of it."""
        return HISTORY[self.cleaned_data["history"]]


class ConnectForm(HistoryForm):
    """Mode, history and label, before the log-in at the provider."""

    mode = forms.ChoiceField(
        label="Mode",
        choices=[("full", "Full"), ("manual", "Manual")],
        error_messages={"required": "Choose full or manual.", "invalid_choice": "Choose full or manual."},
    )
    label = forms.BooleanField(label="Mark what is stored", required=False)

    def __init__(self, data: QueryDict | None, *, member: Membership) -> None:
        self.may_full = can(member, Right.FULL_SYNC)
        super().__init__(data, initial={"mode": "full" if self.may_full else "manual"})
        # Manual mode has no history: its choice may be missing.
        self.fields["history"].required = self["mode"].value() == "full"

    def clean_mode(self) -> str:
        mode: str = self.cleaned_data["mode"]
        if mode == "full" and not self.may_full:
            raise forms.ValidationError(RIGHT_MISSING)
        return mode

    def choices(self) -> Choices:
        """What a valid form says, as operations take it."""
        found: dict[str, Any] = self.cleaned_data
        if found["mode"] == "manual":
            return Choices(mode="manual", history_days=0, wants_label=False)
        return Choices(mode="full", history_days=self.history_days(), wants_label=found["label"])


def history_word(days: int | None) -> str:
    """Days of history as `HistoryForm` says them."""
    return "all" if days is None else str(days)
