"""Who sees which email (R37): decided here, and only here. Pages, the API, counts, search and exports ask these.

Who sees a contact sees its emails, as far as those let them whose mail it is: for each sighting its owner has said
``everyone``, ``subject only`` or ``only me``, of the thread, of a contact, or of the mailbox (`Privacy`, `Door`), or
has granted a colleague to read the thread (`Access`). The best that any sighting grants counts. What was deleted is
seen by nobody.

All of it is decided as it is read: what is stored while somebody changes their mind is shown as they said last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.models import Membership
from contacts.queries import visible_contacts
from emails.models import Door, Email, Link, Source, Visibility
from emails.queries.shown import email_linked, email_shared, source_shared

#: What of an email its subject does not tell, and what is shown in its place. Left are subject, sender and recipients,
#: direction, time, thread and contacts.
HIDDEN: Final[Mapping[str, object]] = {
    **dict.fromkeys(("snippet", "text", "original", "problem", "message_id"), ""),
    **dict.fromkeys(("has_html", "has_attachments", "has_quote", "is_tracked"), False),
    **dict.fromkeys(("size", "opens"), 0),
    **dict.fromkeys(("first_opened_at", "last_opened_at")),
}
#: Gmail's label of what its owner sent.
SENT = "SENT"


def visible_links(member: Membership) -> QuerySet[Link]:
    """What is stored now for contacts that the member can see; those of deleted and hidden emails too."""
    return Link.objects.filter(removed_at=None, contact__in=visible_contacts(member))


def visible_emails(member: Membership, *, linked: Q | None = None) -> QuerySet[Email]:
    """The emails that the member can see, if only their subjects, in no order.

    Whoever shows them to the member passes them through `reveal`, or asks for `readable_emails`. ``linked`` is
    `shown.email_linked` said otherwise: in another way, or of certain contacts that the member can see.
    """
    return _emails(member, Visibility.SUBJECT, linked)


def readable_emails(member: Membership, *, linked: Q | None = None) -> QuerySet[Email]:
    """Of these, the emails that the member can see in full."""
    return _emails(member, Visibility.EVERYONE, linked)


def _emails(member: Membership, least: Visibility, linked: Q | None) -> QuerySet[Email]:
    return Email.objects.filter(linked or email_linked(member), email_shared(member, least), deleted_at=None)


def visible_entries(member: Membership) -> QuerySet[Link]:
    """`visible_links` of `visible_emails`: what a timeline is made of."""
    shared = email_shared(member, Visibility.SUBJECT, "email_id")
    return visible_links(member).filter(shared, email__deleted_at=None)


def visible_sources(member: Membership) -> QuerySet[Source]:
    """The sightings that the member may know of: those that show them something."""
    return Source.objects.filter(source_shared(member, Visibility.SUBJECT))


# --- What is shown of them ----------------------------------------------------------------------


def with_readable(member: Membership, emails: QuerySet[Email]) -> QuerySet[Email]:
    """The same, each with ``is_readable``: whether the member sees more than the subject."""
    return emails.annotate(is_readable=ExpressionWrapper(in_full(member), output_field=BooleanField()))


def in_full(member: Membership) -> Q:
    """Of an email that the member can see: that they see more than its subject."""
    return email_shared(member, Visibility.EVERYONE)


def is_readable(email: Email) -> bool:
    """Whether its reader sees more than the subject; wants one from `with_readable`."""
    return bool(email.is_readable)  # type: ignore[attr-defined]  # An annotation.


def reveal(email: Email) -> None:
    """Takes from the email what its reader may not see; wants one of `with_readable`."""
    if not is_readable(email):
        for name, nothing in HIDDEN.items():
            setattr(email, name, nothing)


def require_readable(email: Email) -> None:
    """Raises ``PermissionDenied``, with a sentence for the reader, where they see the subject alone."""
    if not is_readable(email):
        raise PermissionDenied("You see only the subject of this email. Ask the one whose mail it is for more.")


# --- One email ----------------------------------------------------------------------------------


def is_visible(member: Membership, email_id: int) -> bool:
    """Whether the member can see the email now."""
    return visible_emails(member).filter(pk=email_id).exists()


def ever_visible(member: Membership) -> QuerySet[Email]:
    """The emails that the member can see, and those that they could see before they were deleted or moved."""
    ever = Link.objects.filter(email=OuterRef("pk"), contact__in=visible_contacts(member))
    return Email.objects.filter(Exists(ever), email_shared(member, Visibility.SUBJECT))


def require_gone(member: Membership, email_id: int) -> None:
    """Raises ``Http404`` unless the member could see the email, and it was deleted or moved since."""
    if not ever_visible(member).filter(pk=email_id).exists() or is_visible(member, email_id):
        raise Http404


def may_see_bcc(member: Membership, email: Email) -> bool:
    """Whether the member sent it themselves: to whom they sent blind copies, nobody else is told (R1).

    Several may send as one alias, such as support@, and receive what another sent as it. Gmail labels the sender's own
    copy; elsewhere an alias of several members says nothing, since Graph's folders have names of their own.
    """
    if email.direction != Email.Direction.OUTGOING or not email.from_address:
        return False
    if email.from_address == member.user.email:
        return True
    own = Source.objects.filter(email=email, door__member=member)
    if own.filter(door__address=email.from_address).exists():
        return True
    as_alias = own.filter(door__aliases__contains=[email.from_address])
    shared = Door.objects.filter(Q(address=email.from_address) | Q(aliases__contains=[email.from_address]))
    is_sent = Q(door__kind=Door.Kind.GMAIL, labels__contains=[SENT])
    if not shared.exclude(member=member).exists():
        is_sent |= ~Q(door__kind=Door.Kind.GMAIL)
    return as_alias.filter(is_sent).exists()
