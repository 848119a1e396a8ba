"""Rows of contacts, made and filled: the one place that keeps a contact's derived columns true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import queries as accounts
from accounts.models import Membership
from contacts import names, queries
from contacts.data import TAGS, ContactData, InvalidContact, Problems
from contacts.models import Address, Contact, ContactTag, Tag
from crm.lib.lower import lowered

NOT_YOURS = "A private contact is seen by its owner alone: make yourself the owner, or let everyone see it."
TEXTS = ("first_name", "last_name", "company", "title")
COLUMNS = (
    *TEXTS,
    "phones",
    "owner",
    "is_private",
    "sort_name",
    "company_key",
    "search_text",
    "updated_at",
)


def cleaned(actor: Membership, data: ContactData, *, before: ContactData | None = None) -> ContactData:
    """The data cleaned, with an owner who is there and fits. Raises `InvalidContact` with all that is wrong."""
    problems: Problems = {}
    try:
        data = data.cleaned()
    except InvalidContact as error:
        problems = error.problems
    unchanged = before is not None and before.owner_id == data.owner_id
    if data.owner_id is not None and not unchanged and not _is_active(data.owner_id):
        problems["owner_id"] = ["The owner is not an active member of this account: choose another one."]
    elif data.is_private and data.owner_id != actor.pk:
        problems["is_private"] = [NOT_YOURS]
    if problems:
        raise InvalidContact(problems)
    return data


def insert(items: Sequence[ContactData]) -> list[Contact]:
    """Saves cleaned contacts, in a handful of statements however many they are."""
    now = timezone.now()
    contacts = Contact.objects.bulk_create(_filled(Contact(created_at=now, updated_at=now), data) for data in items)
    pairs = list(zip(contacts, items, strict=True))
    Address.objects.bulk_create(
        Address(contact=contact, email=email, position=position)
        for contact, data in pairs
        for position, email in enumerate(data.emails)
    )
    attach_tags([(contact.pk, data.tags or ()) for contact, data in pairs])
    return contacts


def rewrite(contact: Contact, before: ContactData, after: ContactData) -> None:
    """Makes a locked contact what ``after`` says; both are cleaned, and ``before`` is what it was."""
    if before.emails != after.emails:
        _rewrite_addresses(contact, after.emails)
    if after.tags is not None and before.tags != after.tags:
        there = {tag.name: tag.pk for tag in contact.tags.all()}
        keys = lowered([*after.tags, *there])
        kept = {keys[name] for name in after.tags}
        dropped = [tag_id for name, tag_id in there.items() if keys[name] not in kept]
        ContactTag.objects.filter(contact=contact, tag__in=dropped).delete()
        attach_tags([(contact.pk, after.tags)])
    _filled(contact, after)
    contact.updated_at = timezone.now()
    contact.save(update_fields=COLUMNS)


def rederive(contact_ids: Iterable[int]) -> None:
    """Brings the derived columns up to date after addresses were moved; marks the contacts as changed."""
    contacts = list(queries.with_details(Contact.objects.filter(pk__in=contact_ids)))
    for contact in contacts:
        _filled(contact, queries.data_of(contact))
        contact.updated_at = timezone.now()
    Contact.objects.bulk_update(contacts, ["sort_name", "company_key", "search_text", "updated_at"])


def touch(contact_ids: Iterable[int]) -> None:
    """Marks contacts as changed, for whoever holds an older version of what they say."""
    Contact.objects.filter(pk__in=list(contact_ids)).update(updated_at=timezone.now())


def require_room_for_tags(contact_ids: Iterable[int]) -> None:
    """Raises `InvalidContact` where one of these has more tags than could be read back in."""
    tagged = Contact.objects.filter(pk__in=list(contact_ids)).annotate(count=Count("taggings"))
    full = tagged.filter(count__gt=TAGS.most).order_by("pk").first()
    if full is not None:
        sentence = f"{full} would have {full.count} tags: a contact holds at most {TAGS.most}. Take some off first."
        raise InvalidContact({"tags": [sentence]})


def attach_tags(wanted: Sequence[tuple[int, Iterable[str]]]) -> list[tuple[int, int]]:
    """Tags contacts, given as (id, names of tags); answers the pairs (contact id, tag id) that are new."""
    tags = _tags_named({name for _, tag_names in wanted for name in tag_names})
    pairs = {(contact_id, tags[name].pk) for contact_id, tag_names in wanted for name in tag_names}
    if not pairs:
        return []
    there = set(
        ContactTag.objects.filter(
            contact__in={contact for contact, _ in pairs}, tag__in={tag for _, tag in pairs}
        ).values_list("contact_id", "tag_id")
    )
    new = sorted(pairs - there)
    ContactTag.objects.bulk_create(
        (ContactTag(contact_id=contact_id, tag_id=tag_id) for contact_id, tag_id in new),
        ignore_conflicts=True,
        batch_size=5_000,
    )
    return new


def _tags_named(tag_names: set[str]) -> dict[str, Tag]:
    """The tags with these names, however they are capitalised; new ones are made."""
    if not tag_names:
        return {}
    keys = lowered(tag_names)
    found = _tags_by_key(keys.values())
    # One spelling of each, and of several always the same one.
    missing = {keys[name]: name for name in sorted(tag_names, reverse=True) if keys[name] not in found}
    if missing:
        # Another request may be making the same one: whoever comes second takes that.
        Tag.objects.bulk_create((Tag(name=name) for name in missing.values()), ignore_conflicts=True)
        found |= _tags_by_key(missing)
    return {name: found[key] for name, key in keys.items()}


def _tags_by_key(keys: Iterable[str]) -> dict[str, Tag]:
    return {tag.key: tag for tag in Tag.objects.annotate(key=Lower("name")).filter(key__in=list(keys))}


def _rewrite_addresses(contact: Contact, emails: Sequence[str]) -> None:
    there = {address.email: address for address in contact.addresses.all()}
    contact.addresses.exclude(email__in=emails).delete()
    kept = [there[email] for email in emails if email in there]
    for address in kept:
        address.position = emails.index(address.email)
    Address.objects.bulk_update(kept, ["position"])
    Address.objects.bulk_create(
        Address(contact=contact, email=email, position=position)
        for position, email in enumerate(emails)
        if email not in there
    )


def _filled(contact: Contact, data: ContactData) -> Contact:
    texts = (data.first_name, data.last_name, data.company, data.title)
    contact.first_name, contact.last_name, contact.company, contact.title = texts
    contact.phones = list(data.phones)
    contact.owner_id = data.owner_id
    contact.is_private = data.is_private
    contact.sort_name = names.sort_name(data.first_name, data.last_name, data.company, data.emails)
    contact.company_key = names.company_key(data.company)
    contact.search_text = names.search_text(texts, data.phones, data.emails)
    return contact


def _is_active(member_id: int) -> bool:
    return accounts.members(active_only=True).filter(pk=member_id).exists()
