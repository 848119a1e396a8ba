"""Forms about accounts and the people in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts import operations, queries
from accounts.adapter import INVITATION_KEY
from accounts.models import Role, TokenScope, User

LIFETIMES = {"30": "30 days", "90": "90 days", "365": "A year", "": "Until revoked"}
INVITABLE = [(Role.MEMBER.value, Role.MEMBER.label), (Role.ADMIN.value, Role.ADMIN.label)]


class SignupForm(forms.Form):
    """What sign-up asks besides address and password; allauth's own form inherits from it."""

    name = forms.CharField(label="Your name", max_length=100)
    account = forms.CharField(label="Company", max_length=100, required=False)

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user is saved: joins the inviting account, or opens a new one."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        invitation = queries.open_invitation(request.session.pop(INVITATION_KEY, ""))
        if invitation is not None and invitation.email.lower() == user.email.lower():
            operations.accept_invitation(invitation=invitation, user=user)
        else:
            operations.create_account(user=user, name=self.cleaned_data["account"] or f"{user.name}'s account")


class AccountNameForm(forms.Form):
    name = forms.CharField(label="Company", max_length=100)


class InvitationForm(forms.Form):
    email = forms.EmailField(label="Email address", max_length=254)
    role = forms.ChoiceField(choices=INVITABLE)
    can_full_sync = forms.BooleanField(label="May connect a mailbox in full mode", required=False, initial=True)
    can_see_activity = forms.BooleanField(label="May see the activity page", required=False, initial=True)


class MemberForm(forms.Form):
    role = forms.ChoiceField(choices=INVITABLE)
    can_full_sync = forms.BooleanField(label="Full sync", required=False)
    can_see_activity = forms.BooleanField(label="Activity page", required=False)


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("name", "timezone", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"] = forms.ChoiceField(choices=[(name, name) for name in queries.timezones()])


class TokenForm(forms.Form):
    name = forms.CharField(max_length=60, help_text="What will use it, so that you know later what to revoke.")
    scope = forms.ChoiceField(choices=TokenScope.choices)
    lifetime = forms.ChoiceField(choices=list(LIFETIMES.items()), required=False, initial="90")

    def expires_at(self) -> datetime | None:
        """When the token ends, from now on; None for never."""
        days = self.cleaned_data["lifetime"]
        return timezone.now() + timedelta(days=int(days)) if days else None
