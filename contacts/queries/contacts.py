"""Readers of contacts. Whoever asks is always named: what they may see (R37) is decided here, and only here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Membership
from contacts.data import ContactData
from contacts.filters import DEFAULT_SORT, NOBODY, SORTS, Criteria, Selection
from contacts.models import Address, Contact, ContactTag, Tag
from contacts.names import company_key, fold, search_words
from crm.lib.bulk import among
from crm.lib.compiled import compiled
from crm.lib.pagination import Page, keyset_page
from mailkit.addresses import InvalidAddress, normalise

#: "Select all" counts no further than this for the page; acting on them counts exactly.
COUNT_LIMIT = 1_000
#: `visible_contacts` in SQL, of ``contact`` and the member whose id is ``reader``: for conditions of the apps above
#: that are asked too often for the ORM to write them down each time.
VISIBLE: Final = "contact.deleted_at IS NULL AND (NOT contact.is_private OR contact.owner_id = %(reader)s)"


def visible_contacts(member: Membership) -> QuerySet[Contact]:
    """The contacts a member can see: private ones only their owner, not even admins (R37); deleted ones nobody."""
    return Contact.objects.filter(Q(is_private=False) | Q(owner=member), deleted_at=None)


def get_contact(member: Membership, contact_id: int, *, lock: bool = False) -> Contact:
    """One contact the member can see, with addresses, tags and owner; or 404. ``lock`` holds its row."""
    if lock:
        return get_object_or_404(with_details(visible_contacts(member)).select_for_update(of=("self",)), pk=contact_id)
    for contact in _contacts(member, contact_id):
        prefetch_related_objects([contact], *_details_prefetched())
        return contact
    raise Http404


@compiled
def _contacts(member: Membership, contact_id: int) -> QuerySet[Contact]:
    return visible_contacts(member).filter(pk=contact_id).select_related("owner__user")


def with_details(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """The same with addresses in their order, tags by name and owner: three queries, however many rows."""
    return contacts.select_related("owner__user").prefetch_related(*_details_prefetched())


def _details_prefetched() -> tuple[Prefetch[Any], ...]:
    return (
        Prefetch("addresses", Address.objects.order_by("position", "id")),
        Prefetch("tags", Tag.objects.order_by("name")),
    )


def matching(member: Membership, criteria: Criteria) -> QuerySet[Contact]:
    """The contacts a member can see that meet the criteria, in no order."""
    found = visible_contacts(member).filter(_texts(criteria) & _dates(criteria))
    for tag in criteria.tags:
        found = found.filter(Exists(ContactTag.objects.filter(contact=OuterRef("pk"), tag_id=tag)))
    if criteria.owner is not None:
        found = found.filter(owner=None if criteria.owner == NOBODY else criteria.owner)
    if criteria.address:
        found = found.filter(Exists(Address.objects.filter(contact=OuterRef("pk"), email=_spelling(criteria.address))))
    if criteria.has_email is not None:
        has = Exists(Address.objects.filter(contact=OuterRef("pk")))
        found = found.filter(has if criteria.has_email else ~has)
    return found


def contact_page(
    member: Membership,
    criteria: Criteria,
    *,
    sort: str = DEFAULT_SORT,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Contact]:
    """A page of contacts with details, in an order of `filters.SORTS`. Three queries. Raises `BadCursor`."""
    return keyset_page(with_details(matching(member, criteria)), order=SORTS[sort], cursor=cursor, limit=limit)


def contacts_like(member: Membership, text: str, *, most: int) -> list[Contact]:
    """Contacts with details, by name, in which all words of the text occur: first those in which words begin so."""
    asked = search_words(text)
    begins = Q()
    for word in asked:
        first_in_line = Q(search_text__startswith=word) | Q(search_text__contains=f"\n{word}")
        begins &= first_in_line | Q(search_text__contains=f" {word}")
    found = with_details(matching(member, Criteria(q=text))).order_by("sort_name", "id")
    first = list(found.filter(begins)[:most])
    if len(first) == most:
        return first
    return [*first, *found.exclude(pk__in=[contact.pk for contact in first])[: most - len(first)]]


def selected(member: Membership, selection: Selection) -> QuerySet[Contact]:
    """The contacts of a selection that the member can see; others are left out without a word."""
    if selection.criteria is not None:
        return matching(member, selection.criteria)
    return visible_contacts(member).filter(pk__in=selection.ids)


def count_up_to(contacts: QuerySet[Contact], most: int = COUNT_LIMIT) -> int:
    """How many there are, counted no further than one more than ``most``."""
    return contacts[: most + 1].count()


def data_of(contact: Contact) -> ContactData:
    """The contact as a form or a program edits it; wants one from `with_details`."""
    return ContactData(
        first_name=contact.first_name,
        last_name=contact.last_name,
        company=contact.company,
        title=contact.title,
        emails=tuple(address.email for address in contact.addresses.all()),
        phones=tuple(contact.phones),
        owner_id=contact.owner_id,
        is_private=contact.is_private,
        tags=tuple(tag.name for tag in contact.tags.all()),
    )


def sharing_an_address(
    member: Membership, emails: Sequence[str], *, other_than: Contact | None = None
) -> QuerySet[Contact]:
    """The contacts a member can see that have one of these normalised addresses, first created first (R5).

    Two queries on purpose: in one, PostgreSQL likes to look at every contact while its statistics are behind,
    as they are in the middle of an import.
    """
    found = visible_contacts(member).filter(pk__in=_sharing(emails)).order_by("created_at", "id")
    return found.exclude(pk=other_than.pk) if other_than else found


def merge_suggestions(member: Membership, contact: Contact, *, most: int = 5) -> list[Contact]:
    """Contacts that may be the same person: they share an address, or first and last name."""
    emails = [address.email for address in contact.addresses.all()]
    if contact.first_name and contact.last_name:
        same = set(_sharing_or_called(member, emails, contact.sort_name, most=most + 1))
    else:
        same = set(_sharing(emails))
    found = visible_contacts(member).filter(pk__in=same - {contact.pk}).order_by("created_at", "id")
    return list(with_details(found)[:most])


def _with_address(emails: Collection[str]) -> QuerySet[Address, int]:
    return Address.objects.filter(email__in=among(emails)).values_list("contact_id", flat=True)


#: The ids of all contacts that have one of these addresses, whoever sees them.
_sharing = compiled(_with_address)


@compiled
def _sharing_or_called(
    member: Membership, emails: Collection[str], sort_name: str, *, most: int
) -> QuerySet[Address, int]:
    # By themselves: in one condition with the others, PostgreSQL looks at every contact.
    named = visible_contacts(member).filter(sort_name=sort_name).order_by("sort_name", "id")
    return _with_address(emails).union(named.values_list("pk", flat=True)[:most])


def contacts_to_merge(member: Membership, ids: Sequence[int]) -> list[Contact]:
    """Of these contacts those that the member can see, with details; first the one that says most, then the oldest."""
    contacts = with_details(visible_contacts(member).filter(pk__in=ids)).order_by("created_at", "id")
    return sorted(contacts, key=lambda contact: _details(data_of(contact)), reverse=True)


def _details(data: ContactData) -> int:
    texts = (data.first_name, data.last_name, data.company, data.title)
    return sum(map(bool, texts)) + len(data.emails) + len(data.phones)


def companies(member: Membership, text: str, *, most: int = 10) -> list[str]:
    """Names of companies that begin so, for a form to suggest."""
    beginning = fold(text.replace("\x00", " "))
    found = visible_contacts(member).exclude(company="").filter(company_key__startswith=beginning)
    return list(found.order_by("company_key").values_list("company", flat=True).distinct()[:most])


# --- Criteria as SQL ----------------------------------------------------------------------------


def _texts(criteria: Criteria) -> Q:
    found = Q()
    for word in search_words(criteria.q):
        found &= Q(search_text__contains=word)
    if criteria.company:
        found &= Q(company_key=company_key(criteria.company))
    return found


def _dates(criteria: Criteria) -> Q:
    bounds = [
        ("created_at__gte", _beginning_of(criteria.created_from)),
        ("created_at__lt", _beginning_of(criteria.created_until, days_later=1)),
        ("updated_at__gte", _beginning_of(criteria.updated_from)),
        ("updated_at__lt", _beginning_of(criteria.updated_until, days_later=1)),
        ("updated_at__gte", criteria.updated_since),
    ]
    return Q(*((lookup, moment) for lookup, moment in bounds if moment is not None))


def _beginning_of(day: date | None, *, days_later: int = 0) -> datetime | None:
    if day is None:
        return None
    # The days at the ends of the calendar have no neighbours.
    day = min(max(day, date(1900, 1, 1)), date(2999, 12, 31))
    return datetime.combine(day + timedelta(days=days_later), time(), timezone.get_current_timezone())


def _spelling(address: str) -> str:
    try:
        return normalise(address)
    except InvalidAddress:
        return address
