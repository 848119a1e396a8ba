"""A member at a browser: what they choose here, what they allow at the provider, and how they come back."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emailsync.models import Mailbox, Run
from tests.emulator.microsoft.person import Person, came_back

#: What Django's test client answers: a response with more to it than its class says.
Answer = Any
CALLBACK = "http://localhost/settings/email/callback/"


@dataclass
class Browser:
    """One member's, with all that a session remembers."""

    client: Client

    def choose(self, provider: str, **fields: Any) -> Answer:
        """Sends the form of the connect page: full mode and 90 days, unless said otherwise."""
        chosen = {"mode": "full", "history": "90"} | fields
        return self.client.post(reverse("mailbox_connect", args=[provider]), chosen)

    def leave(self, provider: str, **fields: Any) -> str:
        """The same, and the address at the provider that the page goes on to."""
        return leads_to(self.choose(provider, **fields))

    def connect(self, provider: str, address: str, **fields: Any) -> Answer:
        """All the way: the page after the callback is answered, with its toasts."""
        return self.come_back(consent(self.leave(provider, **fields), address))

    def come_back(self, answer: dict[str, str]) -> Answer:
        return self.client.get(reverse("mailbox_callback"), answer, follow=True)


def leads_to(page: Answer) -> str:
    """Where a page on the way to the provider goes on to by itself."""
    assert page.status_code == 200, page.content
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())
    assert found is not None, page.content
    return unescape(found[1])


def consent(url: str, address: str, *, allow: bool = True, untick: Collection[str] = ()) -> dict[str, str]:
    """Answers the provider's page as a person would; what comes back with the browser."""
    if "/o/oauth2/" not in url:
        return came_back(Person(address).submit(url, accept=allow))
    page = httpx.get(url)
    assert page.status_code == 200, page.text
    scopes = [unescape(each) for each in re.findall(r'name="scope" value="([^"]+)"', page.text)]
    ticked = [each for each in scopes if each.rpartition("/")[2] not in untick]
    form = {"decision": "allow" if allow else "deny", "account": "other", "address": address, "scope": ticked}
    answer = httpx.post(url, data=form)
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["location"])
    assert urlunsplit(parts._replace(query="")) == CALLBACK
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


@pytest.fixture
def browser_of(emulator: httpx.Client, client_of: Callable[[Membership], Client]) -> Callable[[Membership], Browser]:
    """``browser_of(alice)``: at an address that the providers know, in an empty outside world."""

    def open_browser(member: Membership) -> Browser:
        client = client_of(member)
        # Providers send browsers back to registered addresses, and to loopback.
        client.defaults["SERVER_NAME"] = "localhost"
        return Browser(client)

    return open_browser


def toasts(response: Answer) -> str:
    """All that the page says at its top."""
    return " ".join(re.findall(r'<span class="grow">(.*?)</span>', unescape(response.content.decode()), re.DOTALL))


def mailboxes_of(member: Membership) -> list[Mailbox]:
    with tenant_scope(member.tenant_id):
        return list(Mailbox.objects.filter(member=member).order_by("id"))


def runs_of(mailbox: Mailbox) -> list[Run]:
    with tenant_scope(mailbox.tenant_id):
        return list(Run.objects.filter(mailbox=mailbox).order_by("id"))
