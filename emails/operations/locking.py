"""Two users at one email: its row is held by the first, and the second decides on what the first has left."""

from __future__ import annotations

from django.http import Http404

from accounts.models import Membership
from accounts.undo import UnableToUndo
from contacts.models import Contact
from contacts.queries import visible_contacts
from emails import queries
from emails.models import Email, Link


class ChangedMeanwhile(Exception):
    """Somebody else was quicker, and nothing was done; the text says how it stands now, for the reader."""


class Excluded(Exception):
    """The contact gets no link to this email, because its address is excluded (R9); the text says so."""


def held(actor: Membership, email: Email) -> Email:
    """The email as it is now, its row held until the transaction ends. Raises `ChangedMeanwhile` where it is gone.

    Raises ``PermissionDenied`` where the actor sees its subject alone: who may not read it may not file it either.
    """
    try:
        return queries.get_readable_email(actor, email.pk, lock=True)
    except Http404 as error:
        raise ChangedMeanwhile("Somebody else has deleted or moved this email meanwhile.") from error


def held_contact(actor: Membership, contact: Contact) -> Contact:
    """The contact that gets an email, its row held until then: it cannot be merged into another meanwhile.

    Hold it before the email. Raises `ChangedMeanwhile` where it is gone.
    """
    found = visible_contacts(actor).filter(pk=contact.pk).select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise ChangedMeanwhile(f"{contact} was deleted, merged or made private meanwhile.")
    return found


def require_included(actor: Membership, email: Email, contact: Contact) -> None:
    """Raises `Excluded` where an entry of the exclusion list keeps the email from the contact (R9)."""
    entry = queries.why_excluded(actor, email, contact)
    if entry:
        raise Excluded(f"{contact} is excluded by {entry}: nothing is stored for them while it is on the list.")


def held_for_undo(email_id: int) -> Email:
    """The same for taking something back, of an email that may be deleted. Raises `UnableToUndo`."""
    email = Email.objects.filter(pk=email_id).defer("text", "search").select_for_update(no_key=True).first()
    if email is None:
        raise UnableToUndo("The email is no longer there.")
    return email


def link_between(email: Email, contact: Contact) -> Link | None:
    """The live link of an email whose row is held."""
    return Link.objects.filter(email=email, contact=contact, removed_at=None).first()


def missing_link(email: Email, contact: Contact) -> ChangedMeanwhile:
    """Why the email is not stored for the contact any more, as far as is known."""
    removed = Link.objects.filter(email=email, contact=contact).select_related("removed_by__user").first()
    if removed is None:
        return ChangedMeanwhile(f"This email is not stored for {contact}.")
    who = removed.removed_by or "Somebody"
    return ChangedMeanwhile(f"This email is no longer stored for {contact}: {who} has removed or moved it.")


def contact_for_undo(member: Membership, contact_id: int) -> Contact:
    """A contact that the member can still see. Raises `UnableToUndo`."""
    contact = visible_contacts(member).filter(pk=contact_id).first()
    if contact is None:
        raise UnableToUndo("The contact was merged, deleted or made private since: take that back first.")
    return contact
