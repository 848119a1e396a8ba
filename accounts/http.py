"""Requests that know whose they are: a view that lacks its decorator does not type-check."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django_htmx.middleware import HtmxDetails

from accounts.models import ApiToken, Membership, User
from accounts.permissions import Right, require

P = ParamSpec("P")


class TenantRequest(HttpRequest):
    """Any request behind `accounts.middleware.TenantMiddleware`, of a member or of nobody."""

    membership: Membership | None
    other_memberships: list[Membership]
    #: Set where a program came with a token instead of a session.
    api_token: ApiToken | None
    #: Set where an exception became an answer: what was written is undone.
    failed: bool


class MemberRequest(TenantRequest):
    """A request of an active member, inside the scope of the member's tenant."""

    user: User
    membership: Membership
    htmx: HtmxDetails


View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
PlainView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def member_view(right: Right | None = None) -> Callable[[View[P]], PlainView[P]]:
    """Lets members in, and only those with ``right`` where one is named.

    Strangers go to the log-in page, people without any account to the page that says so; a missing
    right raises `PermissionDenied`.
    """

    def decorate(view: View[P]) -> PlainView[P]:
        @login_required
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            membership: Membership | None = getattr(request, "membership", None)
            if membership is None:
                return redirect("no_account")
            if right is not None:
                require(membership, right)
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # The checks above make it one.

        functools.update_wrapper(guarded, view)
        return guarded

    return decorate


def is_fragment(request: MemberRequest) -> bool:
    """Whether htmx asks for a part of the page, rather than for the page or its restored history."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request
