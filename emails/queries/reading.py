"""One email with all that hangs on it, as far as its reader may see it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Membership
from crm.lib.compiled import compiled
from emails.models import Attachment, Door, Email, Link, Party, Source
from emails.queries.listed import Listed, listed
from emails.queries.parties import Who, who_is_who
from emails.queries.seeing import (
    is_readable,
    require_readable,
    reveal,
    visible_emails,
    visible_links,
    visible_sources,
    with_readable,
)

#: Of parties, where not all of them have contacts.
MOST_LISTED = 50
#: Of parties, in the head of a message.
MOST_NAMED = 100
#: Messages of a conversation that a page shows.
THREAD_LENGTH = 100
MAILBOXES = (Door.Kind.GMAIL, Door.Kind.GRAPH)


@dataclass(frozen=True)
class Opened:
    """An email as its reader opens it: ``links`` for contacts that they see, by name; ``sources`` oldest first."""

    email: Email
    parties: tuple[Who, ...]
    links: tuple[Link, ...]
    sources: tuple[Source, ...]
    attachments: tuple[Attachment, ...]

    @property
    def mailboxes(self) -> list[Membership]:
        """Whose mailboxes have it, each once."""
        return list(
            {one.door.member_id: one.door.member for one in self.sources if one.door.kind in MAILBOXES}.values()
        )

    @property
    def first(self) -> tuple[Who, ...]:
        """Those parties that the head of the message names; there is a way to the others."""
        return self.parties[:MOST_NAMED]

    @property
    def not_first(self) -> int:
        return len(self.parties) - len(self.first)

    @property
    def recipients(self) -> list[Who]:
        """Everybody but the sender, in their order."""
        return [who for who in self.parties if who.party.role != Party.Role.FROM]

    @property
    def known(self) -> list[Who]:
        """Those with contacts, which are listed however many they are (R15), the stored ones first."""
        return sorted((who for who in self.parties if who.contacts), key=lambda who: not who.is_stored)

    @property
    def others(self) -> list[Who]:
        """Those without a contact, as many of them as fit below."""
        found = [who for who in self.parties if not who.contacts]
        return found[: max(0, MOST_LISTED - (len(self.parties) - len(found)))]

    @property
    def left_out(self) -> int:
        """How many of those without a contact are not among `others`."""
        return len(self.parties) - len(self.known) - len(self.others)

    @property
    def elsewhere(self) -> list[Link]:
        """Links for contacts that none of the parties' addresses leads to: somebody stored or moved it there."""
        among = {standing.contact.pk for who in self.parties for standing in who.contacts}
        return [link for link in self.links if link.contact_id not in among]

    @property
    def files(self) -> list[Attachment]:
        """The attachments that the body does not show itself."""
        return [one for one in self.attachments if not one.is_inline]


def get_email(member: Membership, email_id: int) -> Email:
    """One email that the member can see, if only its subject (``is_readable`` tells), or 404."""
    for email in _emails(member, email_id):
        reveal(email)
        return email
    raise Http404


@compiled
def _emails(member: Membership, email_id: int) -> QuerySet[Email]:
    return with_readable(member, visible_emails(member).defer("search")).filter(pk=email_id)


def get_readable_email(member: Membership, email_id: int, *, lock: bool = False) -> Email:
    """One email that the member can see in full; or 404. ``lock`` holds its row against others who would change it.

    Not against what is linked to it meanwhile: intake never waits for a user, nor the other way round for long.
    Raises ``PermissionDenied``, with a sentence for the reader, where they see the subject alone.
    """
    found = with_readable(member, visible_emails(member).defer("search"))
    found = found.select_for_update(of=("self",), no_key=True) if lock else found
    email = get_object_or_404(found, pk=email_id)
    require_readable(email)
    return email


def open_email(member: Membership, email_id: int) -> Opened:
    """One email that the member can see, with all that hangs on it; or 404. A constant number of queries."""
    email = get_email(member, email_id)
    links = _links(member, email)
    return Opened(
        email=email,
        parties=who_is_who(member, email, {link.contact_id for link in links}),
        links=tuple(links),
        sources=tuple(_sources(member, email)),
        attachments=tuple(_attachments(email) if is_readable(email) else ()),
    )


@compiled
def _links(member: Membership, email: Email) -> QuerySet[Link]:
    found = visible_links(member).filter(email=email).select_related("contact", "stored_by__user")
    return found.order_by("contact__sort_name", "contact_id")


@compiled
def _sources(member: Membership, email: Email) -> QuerySet[Source]:
    found = visible_sources(member).filter(email=email).select_related("door__member__user")
    return found.order_by("seen_at", "id")


@compiled
def _attachments(email: Email) -> QuerySet[Attachment]:
    return Attachment.objects.filter(email=email).order_by("position")


def thread_of(member: Membership, thread_id: int) -> list[Listed]:
    """The emails of a conversation that the member can see, oldest first.

    Of a very long conversation, the latest `THREAD_LENGTH`.
    """
    found = visible_emails(member).filter(thread=thread_id).order_by("-sent_at", "-id").values_list("pk", flat=True)
    return listed(member, list(found[:THREAD_LENGTH])[::-1])


def attachment_of(member: Membership, email_id: int, position: int) -> Attachment:
    """One attachment, with its email, of those that the member can see; or 404.

    Raises ``PermissionDenied``, with a sentence for the reader, where they see the subject of the email alone.
    """
    email = get_readable_email(member, email_id)
    attachment = get_object_or_404(Attachment, email=email, position=position)
    attachment.email = email
    return attachment
