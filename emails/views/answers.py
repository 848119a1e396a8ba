"""What the pages of emails have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import MemberRequest, is_fragment
from accounts.views import back
from contacts.operations import Done
from contacts.views.answers import say
from crm.lib.tenancy import tenant_scope
from emails import queries
from emails.forms import ListQuery
from emails.operations import ChangedMeanwhile, Excluded
from emails.views.side import list_url


def act(request: MemberRequest, deed: Callable[[], Done]) -> bool:
    """Does it and tells what was done; or why it could not be, because somebody else was quicker, say.

    Answers whether it was done.
    """
    try:
        say(request, deed())
    except (ChangedMeanwhile, Excluded) as problem:
        messages.warning(request, str(problem))
        return False
    return True


def gone(request: MemberRequest, email_id: int) -> HttpResponse:
    """For an email that was there: back to its list, with a word about it. Raises ``Http404`` for any other."""
    queries.require_gone(request.membership, email_id)
    messages.warning(request, "This email is no longer here: somebody has deleted it, or moved it out of your sight.")
    if is_fragment(request):
        # htmx follows a redirect unseen: its page would take the word, and lose it with all around the fragment.
        return HttpResponseClientRedirect(list_around(request))
    return redirect(list_around(request))


def list_around(request: MemberRequest) -> str:
    """The list that it is done in, with its filters: as the page that the link or the form stands on names it."""
    return list_url(ListQuery.read(QueryDict(urlsplit(back(request)).query)))


@contextmanager
def member_scope(request: MemberRequest) -> Iterator[None]:
    """The scope of the member's tenant, for a view that is marked ``between_scopes``."""
    with tenant_scope(request.membership.tenant_id):
        yield
