"""What is suggested below the search box."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest, member_view
from emails import queries


@require_safe
@member_view()
def email_suggestions(request: MemberRequest) -> HttpResponse:
    """The lines for what stands before the cursor."""
    found = queries.suggest(request.membership, request.GET.get("q", "").replace("\x00", " "))
    return render(request, "emails/_suggestions.html", {"suggestions": found})
