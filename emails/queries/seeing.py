"""Who sees which email (R37): decided here, and only here. Pages, the API, counts and search ask these functions.

Who sees a contact sees its emails. An email is seen by whoever sees one of the contacts that it is stored for; what was
deleted is seen by nobody.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.models import Membership
from contacts.queries import visible_contacts
from emails.models import Door, Email, Link, Source

#: Gmail's label of what its owner sent.
SENT = "SENT"


def visible_links(member: Membership) -> QuerySet[Link]:
    """What is stored now for contacts that the member can see; those of deleted emails too."""
    return Link.objects.filter(removed_at=None, contact__in=visible_contacts(member))


def visible_emails(member: Membership) -> QuerySet[Email]:
    """The emails that the member can see, in no order."""
    return Email.objects.filter(Exists(visible_links(member).filter(email=OuterRef("pk"))), deleted_at=None)


def is_visible(member: Membership, email_id: int) -> bool:
    """Whether the member can see the email now."""
    return visible_emails(member).filter(pk=email_id).exists()


def require_gone(member: Membership, email_id: int) -> None:
    """Raises ``Http404`` unless the member could see the email, and it was deleted or moved since."""
    ever = Link.objects.filter(email=email_id, contact__in=visible_contacts(member))
    if not ever.exists() or is_visible(member, email_id):
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
