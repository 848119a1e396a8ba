"""What the settings pages ask in their URLs."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.utils import timezone

from accounts import queries
from accounts.forms import MemberField

#: The first words of actions, as people call them; a whole action such as ``member.invited`` filters as well.
AREAS = {
    "account": "Account",
    "member": "Members",
    "session": "Log-ins",
    "password": "Passwords",
    "mfa": "Second factors",
    "token": "API tokens",
    "audit": "Audit log",
    "contact": "Contacts",
    "note": "Notes",
    "tag": "Tags",
    "filter": "Saved filters",
    "import": "Imports",
    "mailbox": "Mailboxes",
    "email": "Emails and addresses",
    "exclusion": "Exclusions",
}
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


#: Far from the ends of the calendar, where adding a day fails.
SENSIBLE = [
    MinValueValidator(date(1970, 1, 1), "There is nothing that old: choose a later day."),
    MaxValueValidator(date(2999, 12, 31), "There is nothing that late: choose an earlier day."),
]


class AuditForm(forms.Form):
    """Filters of the audit log, as its URL says them."""

    actor = MemberField(None, label="Who", required=False, empty_label="Everybody")
    action = forms.CharField(
        label="What",
        max_length=60,
        required=False,
        validators=[RegexValidator(r"^[a-z_.]+$", "There is no such action.")],
    )
    since = forms.DateField(label="From", required=False, widget=DAY, validators=SENSIBLE)
    until = forms.DateField(label="Until", required=False, widget=DAY, validators=SENSIBLE)

    def __init__(self, data: object) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # A QueryDict: the stubs want it spelt out by every caller.
        self.fields["actor"].queryset = queries.members()  # type: ignore[attr-defined]  # Made a ModelChoiceField above.
        chosen = self["action"].value() or ""
        extra = [] if chosen in AREAS or not chosen else [(chosen, chosen)]
        self.fields["action"].widget = forms.Select(choices=[("", "Everything"), *AREAS.items(), *extra])

    def clean(self) -> dict[str, object]:
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and since > until:
            self.add_error("until", "This is before the first day: choose the same day or a later one.")
        return found

    def criteria(self) -> queries.AuditCriteria:
        """What a valid form asks for: whole days, in the reader's time zone."""
        found = self.cleaned_data
        return queries.AuditCriteria(
            actor_id=found["actor"].pk if found["actor"] else None,
            action=found["action"],
            since=_start(found["since"]) if found["since"] else None,
            until=_start(found["until"] + timedelta(days=1)) if found["until"] else None,
        )


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
