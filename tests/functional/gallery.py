"""One page with every part of docs/ui.md on it, so that the parts are tested where no page uses them yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path
from django.utils import timezone

from accounts import undo
from accounts.http import MemberRequest, member_view
from accounts.models import Membership

PAGE = Path(__file__).with_name("gallery.html").read_text(encoding="utf-8")


class PartsForm(forms.Form):
    """A field of every kind; sent empty it shows what errors look like."""

    name = forms.CharField(help_text="As it should stand on <b>letters</b>.")
    email = forms.EmailField(required=False)
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), required=False)
    role = forms.ChoiceField(choices=[("admin", "Admin"), ("member", "Member")])
    notes = forms.CharField(widget=forms.Textarea, required=False)
    upload = forms.FileField(required=False)
    agreed = forms.BooleanField(label="May connect a mailbox", help_text="In full mode.")


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(
        choices=[("system", "As the system"), ("light", "Light"), ("dark", "Dark")],
        widget=forms.RadioSelect,
    )


@undo.undoes("gallery")
def put_back(membership: Membership, payload: dict[str, Any]) -> str:
    return f"{payload['what']} is back"


@member_view()
def gallery(request: MemberRequest) -> HttpResponse:
    """GET shows everything, with ``?errors`` a form that was refused; POST deletes nothing, and offers to undo it."""
    if request.method == "POST":
        entry = undo.offer(request.membership, "gallery", "Deleted", what="Ines Moreau")
        messages.success(request, "Deleted Ines Moreau", extra_tags=f"undo:{entry.pk}")
        return redirect("gallery")
    rows = ["Ines Moreau", "Tomasz Kowal", "Yuki Tanaka"]
    form = PartsForm({"email": "no address"} if "errors" in request.GET else None)
    context = {"form": form, "theme": ThemeForm(), "rows": rows, "now": timezone.now()}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


@member_view()
def fragment(request: MemberRequest) -> HttpResponse:
    """What htmx gets: a row, and a toast beside it."""
    messages.info(request, "One more")
    part = '<p id="more">Lena Sommer</p>{% include "ui/toasts.html" with messages=messages oob=True only %}'
    return HttpResponse(engines["django"].from_string(part).render({}, request))


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)


def gone(request: HttpRequest) -> HttpResponse:
    """What the log-in does to htmx when the session is over: another whole page."""
    return redirect("account_email")


urlpatterns = [
    path("gallery/", gallery, name="gallery"),
    path("gallery/fragment/", fragment, name="gallery_fragment"),
    path("gallery/broken/", broken, name="gallery_broken"),
    path("gallery/gone/", gone, name="gallery_gone"),
    path("", include("crm.urls")),
]
