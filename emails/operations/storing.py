"""Storing an email for a contact, taking it off, and moving it from one to another, by a user's hand (R15 to R18).

Links are never deleted but by taking back what made them: a removed one keeps sync, imports and teammates' copies
from making it again, and only a user's act revives it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership
from accounts.undo import UnableToUndo
from contacts.models import Contact
from contacts.operations import Done
from contacts.operations.outcome import named_for_all
from emails.models import Email, Link
from emails.operations.locking import (
    contact_for_undo,
    held,
    held_contact,
    held_for_undo,
    link_between,
    missing_link,
    require_included,
)
from emails.queries import visible_links


def store(*, actor: Membership, email: Email, contact: Contact) -> Done:
    """Stores an email for a contact, both of which the actor can see; can be undone.

    Nothing happens where it is stored already. Raises `ChangedMeanwhile` where the email or the contact is gone,
    and `Excluded`.
    """
    contact = held_contact(actor, contact)
    current = held(actor, email)
    if link_between(current, contact):
        return Done(0, f"It is stored for {contact} already.")
    require_included(actor, current, contact)
    before = _tie(actor, current, contact)
    audit.record(actor, "email.stored", f"stored an email for {named_for_all([contact])}", on=current)
    label = f"Stored for {contact}."
    return Done(
        1, label, undo.offer(actor, "emails.store", label[:200], email=current.pk, contact=contact.pk, before=before)
    )


def unstore(*, actor: Membership, email: Email, contact: Contact) -> Done:
    """Takes an email off a contact; where it was the last one, the email goes too (R17). Can be undone.

    Raises `ChangedMeanwhile` where somebody else was quicker.
    """
    current = held(actor, email)
    link = link_between(current, contact)
    if link is None:
        raise missing_link(current, contact)
    now = timezone.now()
    _untie(actor, link, now)
    is_last = _go_with_the_last(current, now)
    audit.record(actor, "email.unstored", f"removed an email from {named_for_all([contact])}", on=current)
    label = f"Removed “{current}” from {contact}."
    # As far as they can see: who else's private contact may have it, nobody is told (R37).
    is_gone = not visible_links(actor).filter(email=current).exists()
    message = f"{label} It was stored for nobody else: it is deleted." if is_gone else label
    offered = undo.offer(
        actor,
        "emails.unstore",
        label[:200],
        email=current.pk,
        contact=contact.pk,
        deleted_at=now.isoformat() if is_last else None,
    )
    return Done(1, message, offered)


def move(*, actor: Membership, email: Email, source: Contact, target: Contact) -> Done:
    """Takes an email off one contact and gives it to another, both of which the actor can see (R16); can be undone.

    Raises `ChangedMeanwhile` where somebody else was quicker: of two who move it at once, one wins. Raises `Excluded`.
    """
    target = held_contact(actor, target)
    current = held(actor, email)
    link = link_between(current, source)
    if link is None:
        raise missing_link(current, source)
    if source.pk == target.pk:
        return Done(0, f"It is stored for {target} already.")
    had_it = link_between(current, target) is not None
    if not had_it:
        require_included(actor, current, target)
    before = None if had_it else _tie(actor, current, target)
    _untie(actor, link, timezone.now())
    names = [named_for_all([contact]) for contact in (source, target)]
    audit.record(actor, "email.moved", f"moved an email from {names[0]} to {names[1]}", on=current)
    label = f"Moved from {source} to {target}."
    offered = undo.offer(
        actor,
        "emails.move",
        label[:200],
        email=current.pk,
        source=source.pk,
        target=target.pk,
        had_it=had_it,
        before=before,
    )
    return Done(1, label, offered)


# --- Taking it back -----------------------------------------------------------------------------


@undo.undoes("emails.store")
def take_off_again(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `store`: the link is as it was before, removed or not there at all."""
    email = held_for_undo(payload["email"])
    contact = contact_for_undo(member, payload["contact"])
    _loosen(email, contact, payload["before"])
    _go_with_the_last(email, timezone.now())
    audit.record(member, "email.unstored", f"removed an email from {named_for_all([contact])}", on=email)
    return f"It is no longer stored for {contact}."


@undo.undoes("emails.unstore")
def put_on_again(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `unstore`, and brings the email back where it went with its last link."""
    email = held_for_undo(payload["email"])
    contact = contact_for_undo(member, payload["contact"])
    went_at = payload["deleted_at"] and datetime.fromisoformat(payload["deleted_at"])
    if email.deleted_at not in {None, went_at}:
        raise UnableToUndo("Somebody has deleted the email since.")
    _revive(email, contact)
    Email.objects.filter(pk=email.pk).update(deleted_at=None)
    audit.record(member, "email.stored", f"stored an email for {named_for_all([contact])} again", on=email)
    return f"It is stored for {contact} again."


@undo.undoes("emails.move")
def move_back(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `move`."""
    email = held_for_undo(payload["email"])
    source = contact_for_undo(member, payload["source"])
    target = contact_for_undo(member, payload["target"])
    if email.deleted_at is not None:
        raise UnableToUndo("The email was deleted since: take that back first.")
    _revive(email, source)
    if not payload["had_it"]:
        _loosen(email, target, payload["before"])
    audit.record(member, "email.moved", f"moved an email back to {named_for_all([source])}", on=email)
    return f"Moved back to {source}."


# --- Links --------------------------------------------------------------------------------------


def _tie(actor: Membership, email: Email, contact: Contact) -> dict[str, Any] | None:
    """Makes or revives the link; answers what it was, for `_loosen`, or None for a new one."""
    link, is_new = Link.objects.get_or_create(
        email=email, contact=contact, defaults={"by": Link.By.USER, "stored_by": actor, "sent_at": email.sent_at}
    )
    if is_new:
        return None
    before = {
        "by": link.by,
        "stored_by": link.stored_by_id,
        "removed_at": link.removed_at and link.removed_at.isoformat(),
        "removed_by": link.removed_by_id,
    }
    link.by, link.stored_by, link.stored_at = Link.By.USER, actor, timezone.now()
    link.removed_at = link.removed_by = None
    link.save(update_fields=["by", "stored_by", "stored_at", "removed_at", "removed_by"])
    return before


def _untie(actor: Membership, link: Link, now: datetime) -> None:
    link.removed_at, link.removed_by = now, actor
    link.save(update_fields=["removed_at", "removed_by"])


def _revive(email: Email, contact: Contact) -> None:
    """Brings back a link that was removed. Raises `UnableToUndo` where storing it was taken back since."""
    if not Link.objects.filter(email=email, contact=contact).update(removed_at=None, removed_by=None):
        raise UnableToUndo(f"Storing it for {contact} was taken back since: there is nothing to bring back.")


def _go_with_the_last(email: Email, now: datetime) -> bool:
    """Deletes an email that is stored for nobody any more (R17), and says whether it did."""
    if Link.objects.filter(email=email, removed_at=None).exists():
        return False
    Email.objects.filter(pk=email.pk, deleted_at=None).update(deleted_at=now)
    return True


def _loosen(email: Email, contact: Contact, before: dict[str, Any] | None) -> None:
    """Makes the link again what it was."""
    links = Link.objects.filter(email=email, contact=contact)
    if before is None:
        links.delete()
    else:
        links.update(
            by=before["by"],
            stored_by=before["stored_by"],
            removed_at=before["removed_at"] and datetime.fromisoformat(before["removed_at"]),
            removed_by=before["removed_by"],
        )
