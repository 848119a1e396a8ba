"""How the member's own mailboxes do, at the foot of the Email page's side column (R39)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import Membership
from emails.ago import ago
from emails.views.side import FootLine, add_foot
from emailsync import queries
from emailsync.models import Mailbox
from emailsync.overview import Card
from emailsync.views.words import PROVIDERS

State = Mailbox.State
#: As short as the column; the settings page says the rest.
STOPPED = {
    State.WAITING: "waits for your go",
    State.RECONNECT: "needs a new log-in",
    State.DISABLED: "is not synced",
    State.FAILED: "has stopped",
}


def lines(member: Membership) -> Iterator[FootLine]:
    """One a mailbox, oldest first; or the way to the first one. One query."""
    url = reverse("email_settings")
    mailboxes = queries.list_mailboxes(member)
    for mailbox in mailboxes:
        card = Card(mailbox)
        name = PROVIDERS[mailbox.provider].name.removesuffix(" 365")
        yield FootLine(f"{name} {_state(mailbox)}", url, card.tone, f"{mailbox}: {card.words}")
    if not mailboxes:
        yield FootLine("Connect a mailbox", url, detail="Yours is not connected: what you write and get is not filed.")


def _state(mailbox: Mailbox) -> str:
    if mailbox.state in STOPPED:
        return STOPPED[State(mailbox.state)]
    if mailbox.mode != Mailbox.Mode.FULL:
        return "for sending"
    if mailbox.problem:
        return "is held up"
    return f"synced {ago(mailbox.polled_at)}" if mailbox.polled_at else "connected"


add_foot(lines)
