"""Making, changing, deleting and tagging contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership
from contacts import queries
from contacts.data import ContactData, InvalidContact, tag_name
from contacts.filters import Selection
from contacts.models import Contact, ContactTag, Tag
from contacts.operations import storing
from contacts.operations.outcome import Done, named, named_for_all, plural
from contacts.signals import addresses_changed
from crm.lib.lower import lowered


class StaleContact(Exception):
    """Somebody else changed the contact since it was read; nothing was saved.

    ``contact`` is as it is now, and ``fields`` names what the rejected data would have changed.
    """

    def __init__(self, contact: Contact, fields: list[str]) -> None:
        super().__init__(
            f"{contact} was changed while you were editing, so nothing was saved. "
            "Look at what it says now, and save again to replace it."
        )
        self.contact = contact
        self.fields = fields


def create_contact(*, actor: Membership, data: ContactData) -> Contact:
    """Makes a contact, with the details that `queries.get_contact` brings. Raises `InvalidContact`."""
    [contact] = storing.insert([storing.cleaned(actor, data)])
    _announce([contact.pk])
    return queries.get_contact(actor, contact.pk)


def update_contact(*, actor: Membership, contact: Contact, data: ContactData, seen: datetime | None = None) -> Contact:
    """Makes a contact what ``data`` says, all of it, and answers it with its details.

    ``seen`` is the ``updated_at`` of the contact that was edited; without it the last writer wins.
    Raises `InvalidContact`; `StaleContact` when it was changed since; ``Http404`` when it was deleted.
    """
    current = queries.get_contact(actor, contact.pk, lock=True)
    before = queries.data_of(current)
    after = storing.cleaned(actor, data, before=before)
    if after.tags is None or _same_tags(before.tags, after.tags):
        after = replace(after, tags=before.tags)
    changed = before.differences(after)
    if not changed:
        return current
    if seen is not None and seen != current.updated_at:
        raise StaleContact(current, changed)
    storing.rewrite(current, before, after)
    if before.is_private != after.is_private:
        _record_privacy(actor, current)
    # Whose mailboxes are looked through depends on who sees the contact.
    if before.emails != after.emails or _seen_by(before) != _seen_by(after):
        _announce([current.pk])
    return queries.get_contact(actor, current.pk)


def _seen_by(data: ContactData) -> int | None:
    """The member who alone sees a contact, None where everybody does (R37)."""
    return data.owner_id if data.is_private else None


# --- Deleting -----------------------------------------------------------------------------------


def delete_contacts(*, actor: Membership, selection: Selection) -> Done:
    """Deletes the selected contacts that the actor can see; can be undone."""
    # In one order, so that two who delete some of the same cannot wait for each other.
    contacts = list(queries.selected(actor, selection).order_by("pk").select_for_update(of=("self",)))
    if not contacts:
        return Done(0, "No contact was selected.")
    ids = [contact.pk for contact in contacts]
    Contact.objects.filter(pk__in=ids).update(deleted_at=timezone.now())
    audit.record(
        actor,
        "contact.deleted",
        f"deleted {named_for_all(contacts)}",
        on=contacts[0] if len(contacts) == 1 else None,
        count=len(contacts),
    )
    _announce(ids)
    label = f"Deleted {named(contacts)}."
    return Done(len(ids), label, undo.offer(actor, "contacts.delete", label, ids=ids))


@undo.undoes("contacts.delete")
def restore_contacts(member: Membership, payload: dict[str, Any]) -> str:
    """Brings back what `delete_contacts` took away."""
    gone = Contact.objects.filter(pk__in=payload["ids"], merged_into=None).exclude(deleted_at=None)
    contacts = list(gone.order_by("pk").select_for_update())
    ids = [contact.pk for contact in contacts]
    Contact.objects.filter(pk__in=ids).update(deleted_at=None, updated_at=timezone.now())
    audit.record(member, "contact.restored", f"restored {named_for_all(contacts)}", count=len(ids))
    _announce(ids)
    return f"Restored {named(contacts)}."


# --- Tagging ------------------------------------------------------------------------------------


def tag_contacts(*, actor: Membership, selection: Selection, tags: Iterable[str]) -> Done:
    """Puts tags, given by name and made where they are new, on the selected contacts; can be undone.

    Raises `InvalidContact` where a name cannot be a tag's, or a contact would have too many.
    """
    tag_names = _tag_names(tags)
    ids = list(queries.selected(actor, selection).values_list("pk", flat=True))
    with transaction.atomic():
        new = storing.attach_tags([(contact_id, tag_names) for contact_id in ids])
        storing.require_room_for_tags(contact_id for contact_id, _ in new)
    if not new:
        return Done(0, "Nothing to tag: they have it already." if ids else "No contact was selected.")
    touched = {contact_id for contact_id, _ in new}
    storing.touch(touched)
    by_tag: defaultdict[int, list[int]] = defaultdict(list)
    for contact_id, tag_id in new:
        by_tag[tag_id].append(contact_id)
    label = f"Tagged {plural(len(touched), 'contact')} “{'”, “'.join(tag_names)}”."
    _record_bulk(actor, "contact.tagged", label, len(touched))
    return Done(len(touched), label, undo.offer(actor, "contacts.tag", label, added=by_tag))


@undo.undoes("contacts.tag")
def take_tags_off_again(member: Membership, payload: dict[str, Any]) -> str:
    """Takes off the tags that `tag_contacts` put on, and no others."""
    touched = _seen(member, {contact_id for ids in payload["added"].values() for contact_id in ids})
    for tag_id, contact_ids in payload["added"].items():
        ContactTag.objects.filter(tag_id=int(tag_id), contact__in=touched.intersection(contact_ids)).delete()
    storing.touch(touched)
    label = f"Took the tag off {plural(len(touched), 'contact')} again."
    _record_bulk(member, "contact.untagged", label, len(touched))
    return label


def untag_contacts(*, actor: Membership, selection: Selection, tag: Tag) -> Done:
    """Takes a tag off the selected contacts; can be undone."""
    ids = queries.selected(actor, selection).values("pk")
    taggings = ContactTag.objects.filter(tag=tag, contact__in=ids)
    touched = list(taggings.values_list("contact_id", flat=True))
    if not touched:
        return Done(0, f"None of them is tagged “{tag}”.")
    ContactTag.objects.filter(tag=tag, contact__in=touched).delete()
    storing.touch(touched)
    label = f"Took “{tag}” off {plural(len(touched), 'contact')}."
    _record_bulk(actor, "contact.untagged", label, len(touched))
    return Done(len(touched), label, undo.offer(actor, "contacts.untag", label, tag=tag.pk, ids=touched))


@undo.undoes("contacts.untag")
def put_tag_on_again(member: Membership, payload: dict[str, Any]) -> str:
    """Puts the tag back on, unless it was deleted meanwhile."""
    tag = queries.tags().filter(pk=payload["tag"]).first()
    if tag is None:
        return "The tag was deleted meanwhile: nothing to put back."
    ids = _seen(member, payload["ids"])
    storing.attach_tags([(contact_id, [tag.name]) for contact_id in ids])
    storing.touch(ids)
    label = f"Put “{tag}” back on {plural(len(ids), 'contact')}."
    _record_bulk(member, "contact.tagged", label, len(ids))
    return label


# --- What they share ----------------------------------------------------------------------------


def _tag_names(tags: Iterable[str]) -> list[str]:
    clean = ContactData(last_name="-", tags=tuple(tags)).cleaned().tags
    if not clean:
        raise InvalidContact({"tags": ["Name the tag to put on: nothing was written."]})
    return [tag_name(tag) for tag in clean]


def _same_tags(before: tuple[str, ...] | None, after: tuple[str, ...]) -> bool:
    keys = lowered([*(before or ()), *after])
    return {keys[tag] for tag in before or ()} == {keys[tag] for tag in after}


def _seen(member: Membership, contact_ids: Iterable[int]) -> set[int]:
    """Those that the member can still see: somebody may have made one private since (R37)."""
    return set(queries.visible_contacts(member).filter(pk__in=list(contact_ids)).values_list("pk", flat=True))


def _record_bulk(actor: Membership, action: str, label: str, count: int) -> None:
    """Tagging one contact is everyday work; many at once can be regretted."""
    if count > 1:
        audit.record(actor, action, label[0].lower() + label[1:].rstrip("."), count=count)


def _record_privacy(actor: Membership, contact: Contact) -> None:
    summary = "made a contact private" if contact.is_private else f"let everyone see {contact}"
    audit.record(actor, "contact.privacy", summary, on=contact, is_private=contact.is_private)


def _announce(contact_ids: Sequence[int]) -> None:
    addresses_changed.send(sender=Contact, contact_ids=list(contact_ids))
