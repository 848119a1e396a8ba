"""What the pages say of each provider, and of what is no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.http import HttpResponse

from crm.lib import product


@dataclass(frozen=True)
class ProviderWords:
    """A provider as people know it, and the rights by the names that its consent page uses."""

    key: Literal["gmail", "graph"]
    name: str
    company: str
    #: What our label is called there (R42).
    label: str
    #: The name of the one that keeps mail out.
    never: str
    read: str
    send: str
    mark: str
    #: The page of the docs that says how an operator sets it up.
    manual: str


PROVIDERS: Mapping[str, ProviderWords] = {
    "gmail": ProviderWords(
        key="gmail",
        name="Gmail",
        company="Google",
        label="label",
        never=product.NEVER,
        read="gmail.readonly",
        send="gmail.send",
        mark="gmail.modify",
        manual="docs/google.md",
    ),
    "graph": ProviderWords(
        key="graph",
        name="Microsoft 365",
        company="Microsoft",
        label="category",
        never=product.NEVER,
        read="Mail.Read",
        send="Mail.Send",
        mark="Mail.ReadWrite, MailboxSettings.ReadWrite",
        manual="docs/microsoft.md",
    ),
}


def gone() -> HttpResponse:
    """For a fragment that asks by itself after something that was ended in another window: the page anew."""
    return HttpResponse(status=404, headers={"HX-Refresh": "true"})
