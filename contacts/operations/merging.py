"""Making one contact of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership
from accounts.undo import UnableToUndo
from contacts import queries
from contacts.data import EMAILS, PHONES, TAGS, ContactData
from contacts.models import Address, Contact, ContactTag, Note
from contacts.operations import storing
from contacts.operations.outcome import Done, named_for_all, plural
from contacts.signals import addresses_changed

#: What a merge fills in where it is empty, and what taking it back sets them to again.
FILLABLE: dict[str, Any] = {"first_name": "", "last_name": "", "company": "", "title": "", "owner_id": None}
#: At once; more than that are hardly one person.
MOST = 20


class UnableToMerge(Exception):
    """The contacts cannot become one; the text says why, for the reader."""


def merge_contacts(*, actor: Membership, into: Contact, others: Sequence[Contact]) -> Done:
    """Moves addresses, notes, phones and tags of ``others`` to ``into``, which keeps what it says itself.

    Fields that are empty there are filled from the others in turn. The others are deleted and remember
    where they went (``merged_into``). Can be undone. Raises `UnableToMerge`.
    """
    kept, gone = _locked(actor, into, others)
    before = queries.data_of(kept)
    after = _union(before, [queries.data_of(contact) for contact in gone])
    moved = _move(kept, gone)
    tagged = storing.attach_tags([(kept.pk, after.tags or ())])
    fresh = queries.get_contact(actor, kept.pk)
    storing.rewrite(fresh, queries.data_of(fresh), after)
    Contact.objects.filter(pk__in=moved["others"]).update(deleted_at=timezone.now(), merged_into=kept)
    addresses_changed.send(sender=Contact, contact_ids=[kept.pk, *moved["others"]])
    audit.record(
        actor,
        "contact.merged",
        f"merged {named_for_all(gone)} into {named_for_all([kept])}",
        on=kept,
        others=moved["others"],
    )
    label = f"Merged {plural(len(gone), 'contact')} into {fresh}."
    filled = {name: getattr(after, name) for name in FILLABLE if getattr(after, name) != getattr(before, name)}
    note = undo.offer(
        actor,
        "contacts.merge",
        label,
        into=kept.pk,
        filled=filled,
        phones=[phone for phone in after.phones if phone not in before.phones],
        tags=[tag_id for _, tag_id in tagged],
        **moved,
    )
    return Done(len(gone), label, note)


@undo.undoes("contacts.merge")
@transaction.atomic
def part_contacts(member: Membership, payload: dict[str, Any]) -> str:
    """Gives every merged contact back what was its own; what was edited since the merge stays as it is.

    Raises `UnableToUndo` where the member no longer sees the contact (R37), or one of them would be left empty.
    """
    kept = queries.visible_contacts(member).select_for_update().filter(pk=payload["into"]).first()
    if kept is None:
        raise UnableToUndo("The contact was merged, deleted or made private since: take that back first.")
    for kind, model in (("addresses", Address), ("notes", Note)):
        for contact_id, row_ids in payload[kind].items():
            model.objects.filter(pk__in=row_ids, contact=kept).update(contact=int(contact_id))
    ContactTag.objects.filter(contact=kept, tag__in=payload["tags"]).delete()
    _empty_again(kept, payload)
    Contact.objects.filter(pk__in=payload["others"], merged_into=kept).update(deleted_at=None, merged_into=None)
    ids = [kept.pk, *payload["others"]]
    if Contact.objects.filter(pk__in=ids, first_name="", last_name="", company="", addresses=None).exists():
        raise UnableToUndo(
            "One of the contacts would have no name, company or address left: fill one in, then take the merge back."
        )
    storing.rederive(ids)
    addresses_changed.send(sender=Contact, contact_ids=ids)
    audit.record(member, "contact.parted", f"took back the merge into {named_for_all([kept])}", on=kept)
    return f"Took {plural(len(payload['others']), 'contact')} out of {kept} again."


def _empty_again(kept: Contact, payload: dict[str, Any]) -> None:
    """Takes out what the merge filled in and nobody changed since."""
    for name, value in payload["filled"].items():
        # Somebody has made it private since: without its owner nobody would see it.
        needed = name == "owner_id" and kept.is_private
        if getattr(kept, name) == value and not needed:
            setattr(kept, name, FILLABLE[name])
    kept.phones = [phone for phone in kept.phones if phone not in payload["phones"]]
    kept.save(update_fields=["first_name", "last_name", "company", "title", "owner", "phones"])


def _locked(actor: Membership, into: Contact, others: Sequence[Contact]) -> tuple[Contact, list[Contact]]:
    """The contacts as they are now, their rows held in one order so that two merges cannot wait for each other."""
    wanted = {into.pk, *(contact.pk for contact in others)}
    if len(wanted) < 2:
        raise UnableToMerge("Choose at least two different contacts to merge.")
    if len(wanted) > MOST:
        raise UnableToMerge(f"These are {len(wanted)} contacts: merge at most {MOST} at once.")
    rows = queries.with_details(queries.visible_contacts(actor).filter(pk__in=wanted)).order_by("pk")
    found = {contact.pk: contact for contact in rows.select_for_update(of=("self",))}
    if found.keys() != wanted:
        raise UnableToMerge("One of these contacts was deleted or merged meanwhile: reload the page and choose again.")
    if len({(contact.is_private, contact.is_private and contact.owner_id) for contact in found.values()}) > 1:
        raise UnableToMerge(
            "Some of these contacts are private and some are not: merging would show what is private to everyone, "
            "or hide what the team relies on. Make them alike first."
        )
    return found[into.pk], [found[contact.pk] for contact in sorted(others, key=lambda one: one.created_at)]


def _union(kept: ContactData, others: Sequence[ContactData]) -> ContactData:
    merged = kept
    for other in others:
        merged = combined(merged, other)
    if len(merged.emails) > EMAILS.most or len(merged.phones) > PHONES.most:
        raise UnableToMerge(
            f"Together they have {len(merged.emails)} addresses and {len(merged.phones)} phone numbers: "
            f"a contact holds at most {EMAILS.most} of each. Remove some first."
        )
    tags = len(merged.tags or ())
    if tags > TAGS.most:
        raise UnableToMerge(
            f"Together they have {tags} tags: a contact holds at most {TAGS.most}. Take some off first."
        )
    return merged


def combined(kept: ContactData, other: ContactData) -> ContactData:
    """``kept`` with its gaps filled from ``other``, and with the addresses, phones and tags of both."""
    return replace(
        kept,
        # A name belongs together: half of one and half of another would be nobody's.
        **_names_of(kept if kept.first_name or kept.last_name else other),
        company=kept.company or other.company,
        title=kept.title or other.title,
        emails=_joined(kept.emails, other.emails),
        phones=_joined(kept.phones, other.phones),
        owner_id=kept.owner_id or other.owner_id,
        tags=_joined(kept.tags or (), other.tags or ()),
    )


def _names_of(data: ContactData) -> dict[str, Any]:
    return {"first_name": data.first_name, "last_name": data.last_name}


def _joined(some: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for text in [*some, *more]:
        found.setdefault(text.casefold(), text)
    return tuple(found.values())


def _move(kept: Contact, gone: Sequence[Contact]) -> dict[str, Any]:
    """Moves addresses and notes; answers, as the undo needs it, which rows came from whom."""
    there = {address.email for address in kept.addresses.all()}
    addresses: dict[int, list[int]] = {}
    for contact in gone:
        own = [address for address in contact.addresses.all() if address.email not in there]
        there |= {address.email for address in own}
        addresses[contact.pk] = [address.pk for address in own]
    notes = {contact.pk: list(contact.notes.values_list("pk", flat=True)) for contact in gone}
    Address.objects.filter(pk__in=[pk for row_ids in addresses.values() for pk in row_ids]).update(contact=kept)
    Note.objects.filter(pk__in=[pk for row_ids in notes.values() for pk in row_ids]).update(contact=kept)
    return {"others": [contact.pk for contact in gone], "addresses": addresses, "notes": notes}
