"""Tags are the whole team's: anyone may make one, and those who may change what is shared may change them."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Lower

from accounts import audit, undo
from accounts.models import Membership
from accounts.permissions import Right, require
from contacts import queries
from contacts.data import tag_name
from contacts.models import COLOURS, ContactTag, SavedFilter, Tag
from contacts.operations import storing
from contacts.operations.outcome import Done, plural


class InvalidTag(ValueError):
    """A tag cannot be so; ``problems`` has a list of sentences for each field at fault."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.problems = {field: [sentence]}


def create_tag(*, actor: Membership, name: str, colour: str = COLOURS[0]) -> Tag:
    """Makes a tag. Raises `InvalidTag`, also when there is one of that name."""
    return _save(Tag(), name, colour)


def update_tag(*, actor: Membership, tag: Tag, name: str, colour: str) -> Tag:
    """Renames and recolours a tag. Raises `InvalidTag`, and ``PermissionDenied`` for members."""
    require(actor, Right.SHARE_FILTERS)
    before = tag.name
    _save(tag, name, colour)
    if tag.name != before:
        storing.touch(tag.taggings.values_list("contact_id", flat=True))
        audit.record(actor, "tag.renamed", f"renamed the tag “{before}” to “{tag}”", on=tag)
    return tag


def delete_tag(*, actor: Membership, tag: Tag) -> Done:
    """Deletes a tag and takes it off every contact; can be undone. Raises ``PermissionDenied`` for members."""
    require(actor, Right.SHARE_FILTERS)
    contact_ids = list(tag.taggings.values_list("contact_id", flat=True))
    audit.record(actor, "tag.deleted", f"deleted the tag “{tag}”", on=tag)
    label = f"Deleted the tag “{tag}”."
    note = undo.offer(actor, "tags.delete", label, id=tag.pk, name=tag.name, colour=tag.colour, contacts=contact_ids)
    tag.delete()
    storing.touch(contact_ids)
    return Done(_seen(actor, contact_ids), label, note)


@undo.undoes("tags.delete")
def restore_tag(member: Membership, payload: dict[str, Any]) -> str:
    """Makes the tag again, with the id that saved filters know it by, and puts it on its contacts.

    Raises ``PermissionDenied`` for one who may no longer change what all share.
    """
    tag = _made_again(member, payload)
    audit.record(member, "tag.restored", f"restored the tag “{tag}”", on=tag)
    return f"Restored the tag “{tag}”."


def merge_tags(*, actor: Membership, into: Tag, other: Tag) -> Done:
    """Turns ``other`` into ``into`` on every contact and in every saved filter; can be undone.

    Raises `InvalidTag` for a tag with itself, and ``PermissionDenied`` for members.
    """
    require(actor, Right.SHARE_FILTERS)
    if into.pk == other.pk:
        raise InvalidTag("into", f"“{into}” is the same tag: choose another one to merge it into.")
    contact_ids = list(other.taggings.values_list("contact_id", flat=True))
    new = set(contact_ids) - set(into.taggings.values_list("contact_id", flat=True))
    _put_on(into, sorted(new))
    _replace_in_filters(other.pk, into.pk)
    audit.record(actor, "tag.merged", f"merged the tag “{other}” into “{into}”", on=into)
    seen = _seen(actor, contact_ids)
    label = f"Merged “{other}” into “{into}”: {plural(seen, 'contact')}."
    note = undo.offer(
        actor,
        "tags.merge",
        label,
        id=other.pk,
        name=other.name,
        colour=other.colour,
        contacts=contact_ids,
        into=into.pk,
        new=sorted(new),
    )
    other.delete()
    storing.touch(contact_ids)
    return Done(seen, label, note)


@undo.undoes("tags.merge")
def part_tags(member: Membership, payload: dict[str, Any]) -> str:
    """Makes the merged tag again and takes the other off where the merge had put it; filters keep the other."""
    ContactTag.objects.filter(tag_id=payload["into"], contact__in=payload["new"]).delete()
    tag = _made_again(member, payload)
    audit.record(member, "tag.parted", f"took back the merge of the tag “{tag}”", on=tag)
    return f"Restored the tag “{tag}”."


def _save(tag: Tag, name: str, colour: str) -> Tag:
    if colour not in COLOURS:
        raise InvalidTag("colour", f"The colour {colour[:20]!r} is none of {', '.join(COLOURS)}.")
    try:
        tag.name, tag.colour = tag_name(name), colour
        with transaction.atomic():
            tag.save()
    except IntegrityError as error:
        raise InvalidTag("name", f"There is a tag “{tag.name}” already: use that one, or another name.") from error
    except ValueError as error:
        raise InvalidTag("name", str(error)) from error
    return tag


def _made_again(member: Membership, payload: dict[str, Any]) -> Tag:
    require(member, Right.SHARE_FILTERS)
    same = queries.tags().annotate(key=Lower("name")).filter(key=Lower(Value(payload["name"])))
    tag = same.first() or Tag.objects.create(pk=payload["id"], name=payload["name"], colour=payload["colour"])
    _put_on(tag, payload["contacts"])
    storing.touch(payload["contacts"])
    return tag


def _seen(actor: Membership, contact_ids: list[int]) -> int:
    """How many of these the actor can see; of others' private ones not even the number is told (R37)."""
    return queries.visible_contacts(actor).filter(pk__in=contact_ids).count()


def _put_on(tag: Tag, contact_ids: list[int]) -> None:
    taggings = (ContactTag(tag=tag, contact_id=contact_id) for contact_id in contact_ids)
    ContactTag.objects.bulk_create(taggings, ignore_conflicts=True, batch_size=5_000)


def _replace_in_filters(old: int, new: int) -> None:
    for saved in SavedFilter.objects.filter(criteria__tags__contains=old):
        tags = [new if tag == old else tag for tag in saved.criteria["tags"]]
        saved.criteria["tags"] = list(dict.fromkeys(tags))
        saved.save(update_fields=["criteria"])
