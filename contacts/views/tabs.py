"""The tabs of a contact's page. Apps above add theirs: what happened with a contact is more than contacts know of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.http import MemberRequest
from contacts.models import Contact


@dataclass(frozen=True)
class Tab:
    """One way to look at what happened; the first by ``order`` is shown where the URL names none (``?tab=key``).

    ``context`` answers what ``template`` shows, and in ``keep`` what else the URLs of the tabs are to name. ``more`` is
    the fragment of further entries that htmx asks for with a cursor. ``takes_notes``: a note written above them is
    seen among them.
    """

    key: str
    label: str
    #: What its entries are called, many of them.
    noun: str
    order: int
    template: str
    more: str
    context: Callable[[MemberRequest, Contact], dict[str, Any]]
    takes_notes: bool = True


_tabs: dict[str, Tab] = {}


def add_tab(tab: Tab) -> None:
    """Puts a tab on every contact's page; for when the apps are loaded."""
    _tabs[tab.key] = tab


def current_tab(request: MemberRequest) -> Tab:
    """The tab that the URL names, or else the first."""
    return _tabs.get(request.GET.get("tab", ""), _in_order()[0])


def _in_order() -> list[Tab]:
    return sorted(_tabs.values(), key=lambda tab: tab.order)


def query_of(tab: Tab) -> str:
    """How a URL names a tab."""
    return f"?tab={tab.key}"


def timeline_context(request: MemberRequest, contact: Contact) -> dict[str, Any]:
    """The tab that the URL names with what it shows, and the way to the others."""
    tab = current_tab(request)
    url = reverse("contact_detail", args=[contact.pk])
    context = tab.context(request, contact)
    keep = context.get("keep", "")
    return {
        "contact": contact,
        "tab": tab,
        "tabs": [(one.label, f"{url}{query_of(one)}{keep}", one == tab) for one in _in_order()],
        "tab_query": query_of(tab) + keep,
        **context,
    }
