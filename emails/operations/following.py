"""What a member has said of a contact follows its addresses (R37).

Else a colleague could open what comes from now on: they give the address to another contact, of which its owner has
said nothing. So each word remembers the addresses that its contact has had, and whoever gets one of them gets the word
too, unless theirs is stricter. It never opens anything, and holds until the member says otherwise of that contact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Min, Q
from django.utils import timezone

from accounts import audit
from accounts.models import Membership
from contacts.models import Address, Contact
from contacts.operations.outcome import named_for_all
from emails.models import Door, Privacy, Visibility
from emails.queries import sharing

Addresses = Mapping[int, frozenset[str]]


def addresses_of(contact_ids: Collection[int]) -> Addresses:
    """The addresses of these contacts, as they are now."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for contact_id, email in Address.objects.filter(contact__in=contact_ids).values_list("contact_id", "email"):
        found[contact_id].add(email)
    return {contact_id: frozenset(found[contact_id]) for contact_id in contact_ids}


def forget_elsewhere(member: Membership, contact_ids: Collection[int], now: Addresses) -> None:
    """The member has said something of these contacts: it holds for addresses that others only have had."""
    taken = frozenset().union(*now.values())
    others = Privacy.objects.filter(member=member, contact__isnull=False, addresses__overlap=sorted(taken))
    found = list(others.exclude(contact__in=contact_ids))
    theirs = addresses_of([one.contact_id for one in found if one.contact_id])
    for one in found:
        one.addresses = sorted(set(one.addresses) - (taken - theirs[one.contact_id or 0]))
    Privacy.objects.bulk_update(found, ["addresses"])


def follow_addresses(contact_ids: Collection[int]) -> None:
    """Contacts got other addresses: what was said of whoever had these before holds for them too.

    In the transaction that gives them the addresses, so that no mail is shown in between. Two queries where nobody
    has said anything of such an address.
    """
    now = addresses_of(contact_ids)
    emails = sorted(frozenset().union(*now.values()))
    said = Privacy.objects.filter(contact__isnull=False)
    concerned = said.filter(Q(addresses__overlap=emails, visibility__lt=Visibility.EVERYONE) | Q(contact__in=now))
    by_member: defaultdict[int, list[Privacy]] = defaultdict(list)
    for one in concerned.select_related("member__user"):
        by_member[one.member_id].append(one)
    for rows in by_member.values():
        for contact_id, addresses in now.items():
            _follow(rows, contact_id, addresses)


def _follow(rows: Iterable[Privacy], contact_id: int, addresses: frozenset[str]) -> None:
    """One contact, by what one member has said."""
    own = next((one for one in rows if one.contact_id == contact_id), None)
    others = [one for one in rows if one is not own and _hides_any(one, addresses)]
    # What was said of those merged into the contact holds already, and goes with them when they are parted.
    family = set(sharing.family_of(contact_id)) if others else set()
    with_them = _addresses_of(one for one in others if one.contact_id in family)
    new = addresses - with_them - frozenset(own.addresses if own else ())
    before = [one for one in others if one.contact_id not in family and not new.isdisjoint(one.addresses)]
    if before:
        _tighten(before, own, contact_id, sorted(addresses - with_them))
    elif own is not None:
        _widen(own, new)


def _hides_any(one: Privacy, addresses: frozenset[str]) -> bool:
    return one.visibility < Visibility.EVERYONE and not addresses.isdisjoint(one.addresses)


def _addresses_of(said: Iterable[Privacy]) -> frozenset[str]:
    return frozenset(address for one in said for address in one.addresses)


def _widen(own: Privacy, new: frozenset[str]) -> None:
    if new:
        own.addresses = sorted({*own.addresses, *new})
        own.save(update_fields=["addresses"])


def _tighten(before: Collection[Privacy], own: Privacy | None, contact_id: int, addresses: list[str]) -> None:
    member = next(iter(before)).member
    strictest = min(one.visibility for one in before)
    if own is None:
        contact = Contact.objects.get(pk=contact_id)
        if contact.is_private and contact.owner_id != member.pk:
            return
        # Where a mailbox says less, nothing is opened by saying something of the contact.
        of_doors = Door.objects.filter(member=member).aggregate(least=Min("visibility"))["least"]
        visibility = min(strictest, strictest if of_doors is None else of_doors)
        own = Privacy.objects.create(member=member, contact=contact, visibility=visibility, addresses=addresses)
    else:
        own.addresses = sorted({*own.addresses, *addresses})
        if own.visibility <= strictest:
            own.save(update_fields=["addresses"])
            return
        own.visibility, own.set_at = Visibility(strictest), timezone.now()
        own.save(update_fields=["visibility", "set_at", "addresses"])
        contact = Contact.objects.get(pk=contact_id)
    label = sharing.label_of(Visibility(own.visibility))
    summary = f"keeps the emails of {member} with {named_for_all([contact])} as said of its address before: {label}"
    # Nobody has said it now: the member did, of whoever had the address before.
    audit.record(None, "sharing.contact", summary, on=contact, visibility=sharing.WORDS[Visibility(own.visibility)])
