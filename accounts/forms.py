"""Forms about accounts and the people in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts import operations, queries
from accounts.models import Duplicates, ExcludedSender, Membership, Role, TokenScope, User

NEVER = "never"
LIFETIMES = {"30": "30 days", "90": "90 days", "365": "A year", NEVER: "Until revoked"}
INVITABLE = [(Role.MEMBER.value, Role.MEMBER.label), (Role.ADMIN.value, Role.ADMIN.label)]
NEW_PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class LineField(forms.CharField):
    """A name: one line, without spaces that nobody sees."""

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())


class SignupForm(forms.Form):
    """What sign-up asks besides address and password; allauth's own form inherits from it."""

    field_order = ("name", "email", "account", "password1")

    name = LineField(
        label="Your name", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    account = LineField(
        label="Company",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user is saved: opens their account."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        operations.create_account(user=user, name=self.cleaned_data["account"] or f"{user.name}'s account")


class JoinForm(forms.Form):
    """What is asked of somebody new whom an invitation brought here: their address is known."""

    name = LineField(
        label="Your name", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    password = forms.CharField(
        label="Password",
        max_length=128,
        strip=False,
        widget=NEW_PASSWORD,
        help_text="Ten characters or more; a few words in a row are good.",
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Refuses passwords that are weak, also because they resemble name or address (S5)."""
        found = super().clean() or {}
        if "password" in found:
            try:
                get_adapter().clean_password(found["password"], User(email=self.email, name=found.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return found


class AccountNameForm(forms.Form):
    name = LineField(label="Company", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "organization"}))


class MailRulesForm(forms.Form):
    duplicates = forms.ChoiceField(
        label="When several contacts have the same address, an email goes to",
        choices=Duplicates.choices,
        help_text="The others can still be given it by hand.",
    )
    excluded_sender = forms.ChoiceField(
        label="Mail from an excluded address is stored",
        choices=ExcludedSender.choices,
        help_text="The excluded contact never gets it.",
    )


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label="Email address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(choices=INVITABLE)
    can_full_sync = forms.BooleanField(label="May connect a mailbox in full mode", required=False, initial=True)
    can_see_activity = forms.BooleanField(label="May see the activity page", required=False, initial=True)


class MemberForm(forms.Form):
    role = forms.ChoiceField(choices=INVITABLE)
    can_full_sync = forms.BooleanField(label="Full sync", required=False)
    can_see_activity = forms.BooleanField(label="Activity page", required=False)


class MemberField(forms.ModelChoiceField[Membership]):
    """A member to choose, told from a namesake by the address; its form sets the queryset, inside the scope."""

    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj} ({obj.user.email})"


class HandOverForm(forms.Form):
    """To whom, and their name typed out: this cannot be undone by the one who does it."""

    field_order = ("to", "confirmation")
    confirmation = LineField(
        label="Their name, typed out", max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = MemberField(queries.possible_owners(), label="New owner", empty_label="Choose a member")
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        to, typed = found.get("to"), found.get("confirmation", "")
        if to is not None and typed and typed.casefold() != str(to).casefold():
            self.add_error("confirmation", f"This is not the name of the new owner: type {to}.")
        return found


class ProfileForm(forms.ModelForm[User]):
    name = LineField(label="Your name", max_length=100)

    class Meta:
        model = User
        fields = ("name", "timezone", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"] = forms.ChoiceField(label="Time zone", choices=zones_by_region())
        self.fields["theme"].widget.attrs["data-theme-choice"] = ""


def zones_by_region() -> list[tuple[str, Any]]:
    """The time zones as a select groups them: UTC, then Africa with its cities, …"""
    grouped = groupby(queries.timezones(), key=lambda name: name.partition("/")[0])
    regions = [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in names]) for region, names in grouped
    ]
    return [("UTC", "UTC"), *((region, cities) for region, cities in regions if region != "UTC")]


class TokenForm(forms.Form):
    name = LineField(
        max_length=60,
        help_text="What will use it, so that you know later what to revoke.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(label="It may", choices=TokenScope.choices)
    lifetime = forms.ChoiceField(label="It works for", choices=list(LIFETIMES.items()), initial="90")

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member

    def clean_name(self) -> str:
        """One name, one token: it also keeps a form that is sent twice from making two."""
        name: str = self.cleaned_data["name"]
        if queries.tokens_of(self.member).filter(name__iexact=name).exists():
            raise forms.ValidationError(
                f"You have a token named {name} already: choose another name, or revoke that one."
            )
        return name

    def expires_at(self) -> datetime | None:
        """When the token ends, from now on; None for never."""
        days = self.cleaned_data["lifetime"]
        return None if days == NEVER else timezone.now() + timedelta(days=int(days))


class TenantChoiceForm(forms.Form):
    """Which account to go to."""

    tenant = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class UndoForm(forms.Form):
    """What to take back."""

    id = forms.IntegerField(min_value=1, max_value=2**63 - 1)
