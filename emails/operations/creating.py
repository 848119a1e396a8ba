"""Making a contact of somebody whom an email names, and storing the email for it, as one deed (R15)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction

from accounts import audit, undo
from accounts.models import Membership
from accounts.undo import UnableToUndo
from contacts import operations as contacts
from contacts import queries as contact_queries
from contacts.data import ContactData
from contacts.filters import Selection
from contacts.models import Contact
from contacts.operations import Done
from contacts.operations.outcome import named_for_all
from emails.models import Email, Link
from emails.operations.locking import contact_for_undo, held, held_contact
from emails.operations.storing import store, take_off_again


def create_and_store(*, actor: Membership, email: Email, data: ContactData) -> Done:
    """Makes a contact and stores an email for it; both can be undone at once. A second click makes no second one.

    Raises `contacts.data.InvalidContact`, `ChangedMeanwhile` and `Excluded`; then nothing of it stays.
    """
    with transaction.atomic():
        # Before the contact, unlike elsewhere: nobody else knows of that one yet.
        there = _made_already(actor, held(actor, email), data)
        if there is not None:
            return Done(0, f"It is stored for {there} already.")
        contact = contacts.create_contact(actor=actor, data=data)
        stored = store(actor=actor, email=email, contact=contact)
    audit.record(actor, "contact.created", f"made {named_for_all([contact])} of an email", on=contact)
    label = f"Added {contact}, and stored the email for them."
    return _done(actor, "emails.create", label, stored, contact=contact.pk)


def _made_already(actor: Membership, email: Email, data: ContactData) -> Contact | None:
    """The contact of these very words that has the email."""
    same = contact_queries.visible_contacts(actor).filter(
        first_name=data.first_name, last_name=data.last_name, company=data.company
    )
    if data.emails:
        same = same.filter(addresses__email__in=data.emails)
    return same.filter(links__in=Link.objects.filter(email=email, removed_at=None)).first()


def give_address_and_store(*, actor: Membership, email: Email, contact: Contact, address: str) -> Done:
    """Gives a contact one more address and stores an email for it; both can be undone at once.

    Raises as `create_and_store` does.
    """
    contact = contact_queries.get_contact(actor, held_contact(actor, contact).pk)
    data = contact_queries.data_of(contact)
    if address in data.emails:
        return store(actor=actor, email=email, contact=contact)
    with transaction.atomic():
        given = replace(data, emails=(*data.emails, address))
        contacts.update_contact(actor=actor, contact=contact, data=given)
        stored = store(actor=actor, email=email, contact=contact)
    label = f"{contact} has the address {address} now, and the email is stored for them."
    return _done(actor, "emails.give_address", label, stored, contact=contact.pk, address=address)


def _done(actor: Membership, kind: str, label: str, stored: Done, **payload: Any) -> Done:
    """One undo for both, which has what is needed for taking back the storing, where there was any."""
    storing = stored.undo.payload if stored.undo else None
    if stored.undo:
        stored.undo.delete()
    return Done(1, label, undo.offer(actor, kind, label[:200], stored=storing, **payload))


# --- Taking it back -----------------------------------------------------------------------------


@undo.undoes("emails.create")
def take_contact_away_again(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `create_and_store`."""
    contact = _held_for_undo(member, payload["contact"])
    if payload["stored"]:
        take_off_again(member, payload["stored"])
    contacts.delete_contacts(actor=member, selection=Selection(ids=(contact.pk,)))
    return f"Deleted {contact} again."


@undo.undoes("emails.give_address")
def take_address_again(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `give_address_and_store`."""
    contact = _held_for_undo(member, payload["contact"])
    data = contact_queries.data_of(contact)
    if payload["address"] not in data.emails:
        raise UnableToUndo(f"{contact} no longer has the address.")
    if payload["stored"]:
        take_off_again(member, payload["stored"])
    left = tuple(address for address in data.emails if address != payload["address"])
    contacts.update_contact(actor=member, contact=contact, data=replace(data, emails=left))
    return f"{contact} no longer has the address {payload['address']}."


def _held_for_undo(member: Membership, contact_id: int) -> Contact:
    """The contact before the email, as everywhere: who held them the other way round would wait for ever."""
    return contact_queries.get_contact(member, contact_for_undo(member, contact_id).pk, lock=True)
