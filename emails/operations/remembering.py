"""What a member has said of a contact remembers its addresses (R37).

Else a colleague could open what comes from now on: they give the address to another contact, of which its owner has
said nothing. A word that hides closes what names an address that its contact has had since (`emails.functions`), for
whomever that is stored. It opens nothing, and ends when the member says otherwise of the contact, or says something of
another that has the address.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from contacts.models import Address
from emails.models import Privacy

Addresses = Mapping[int, frozenset[str]]


def addresses_of(contact_ids: Collection[int]) -> Addresses:
    """The addresses of these contacts, as they are now."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for contact_id, email in Address.objects.filter(contact__in=contact_ids).values_list("contact_id", "email"):
        found[contact_id].add(email)
    return {contact_id: frozenset(found[contact_id]) for contact_id in contact_ids}


def remember_addresses(contact_ids: Collection[int]) -> None:
    """Contacts got other addresses: what was said of them is said of these, too.

    In the transaction that gives them the addresses. One query where nobody has said anything of them, and three
    however many they are.
    """
    said = list(Privacy.objects.filter(contact__in=contact_ids))
    now = addresses_of([one.contact_id for one in said if one.contact_id]) if said else {}
    for one in said:
        one.addresses = sorted({*one.addresses, *now[one.contact_id or 0]})
    Privacy.objects.bulk_update(said, ["addresses"])


def forget_elsewhere(rows: Collection[Privacy], now: Addresses) -> dict[int, list[str]]:
    """The member has said something of other contacts, with the addresses ``now``: that holds for those from now on.

    Takes them from these rows, but for what their contacts still have; answers what it took, by contact.
    """
    taken = frozenset().union(*now.values())
    theirs = addresses_of([one.contact_id for one in rows if one.contact_id])
    forgotten: dict[int, list[str]] = {}
    for one in rows:
        contact_id = one.contact_id or 0
        gone = set(one.addresses) & (taken - theirs[contact_id])
        if gone:
            one.addresses = sorted(set(one.addresses) - gone)
            forgotten[contact_id] = sorted(gone)
    Privacy.objects.bulk_update(rows, ["addresses"])
    return forgotten
