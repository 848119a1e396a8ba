"""The demo's mailboxes: connected to the emulated outside world as a script would, without a browser."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal
from urllib.request import Request, urlopen

from django.conf import settings

from accounts import queries as accounts
from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emailsync import connections, engine, operations, queries
from emailsync.models import Mailbox
from emailsync.operations import Choices, UnableToConnect
from providers import gmail, graph
from providers.base import Granted
from providers.gmail.scopes import asked as gmail_scopes
from providers.graph.oauth import wanted_scopes as graph_scopes

Provider = Literal["gmail", "graph"]


@dataclass(frozen=True)
class DemoMailbox:
    """A mailbox of the cast; Ada's is left for the newcomer to connect."""

    address: str
    provider: Provider
    choices: Choices


MAILBOXES = (
    DemoMailbox("alice@northwind.example", "gmail", Choices(history_days=None, wants_label=True)),
    DemoMailbox("bob@northwind.example", "graph", Choices(history_days=None)),
)


def connect(member: Membership, provider: Provider, address: str, choices: Choices) -> Mailbox:
    """Connects a mailbox of the emulated world and starts it. Call it outside of every scope.

    Raises `UnableToConnect`, also where there is no such world.
    """
    if not settings.OUTSIDE_WORLD_URL:
        raise UnableToConnect(
            "There is no emulated outside world here: set OUTSIDE_WORLD_URL, or connect on the page "
            "Settings > Email, where the provider asks the mailbox's owner."
        )
    granted = _granted(provider, address, choices)
    aliases = connections.aliases(provider, granted.grant) if choices.mode == "full" else ()
    with tenant_scope(member.tenant_id):
        mailbox = operations.connect(
            member=member, provider=provider, granted=granted, choices=choices, aliases=aliases
        )
        operations.start(member=member, mailbox=mailbox)
    return mailbox


def connect_and_sync(member: Membership, provider: Provider, address: str, choices: Choices) -> Mailbox:
    """The same, and reads all that there is, so that the first look at the pages finds it."""
    mailbox = connect(member, provider, address, choices)
    engine.bring_up_to_date(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
    return mailbox


def connect_cast() -> list[Mailbox]:
    """Connects the mailboxes that the demo shows, reads a year of mail, and answers those that are new."""
    made = []
    for mailbox in MAILBOXES:
        member = accounts.memberships_of(accounts.user_id_of(mailbox.address) or 0)[0]
        with tenant_scope(member.tenant_id):
            is_there = queries.has_mailbox(member)
        if not is_there:
            made.append(connect_and_sync(member, mailbox.provider, mailbox.address, mailbox.choices))
    return made


def _granted(provider: Provider, address: str, choices: Choices) -> Granted:
    scopes = gmail_scopes(choices.rights) if provider == "gmail" else graph_scopes(choices.rights)
    asked: dict[str, object] = {
        "address": address,
        "provider": "google" if provider == "gmail" else "microsoft",
        "scopes": list(scopes),
        "client_id": settings.GOOGLE_CLIENT_ID if provider == "gmail" else settings.MICROSOFT_CLIENT_ID,
    }
    tokens = _post("tokens", asked)
    if provider == "gmail":
        grant = gmail.grant_of(connections.gmail_app(), tokens)
    else:
        grant = graph.grant_of(connections.graph_app(), tokens)
    return Granted(grant=grant, address=address, name="", rights=choices.rights)


def _post(route: str, asked: dict[str, object]) -> dict[str, object]:
    """Asks the emulator's control door. Raises `UnableToConnect` where nobody answers."""
    request = Request(  # noqa: S310  # The address is the operator's own setting.
        f"{settings.OUTSIDE_WORLD_URL}/_control/{route}",
        data=json.dumps(asked).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310  # As above.
            tokens: dict[str, object] = json.load(answer)
    except OSError as error:
        raise UnableToConnect(f"The outside world at {settings.OUTSIDE_WORLD_URL} does not answer: {error}") from error
    return tokens
