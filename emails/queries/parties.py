"""Who is in an email, who that is here, and how each contact stands to it (R15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from accounts import queries as accounts
from accounts.models import Membership
from contacts.models import Address, Contact
from contacts.queries import visible_contacts
from crm.lib.bulk import among
from crm.lib.compiled import compiled
from emails.models import Door, Email, Party, Source
from emails.queries.judging import excluded_among
from emails.queries.seeing import may_see_bcc


class State(StrEnum):
    """How a party stands to an email (R15)."""

    STORED = "stored"
    NOT_STORED = "not_stored"
    EXCLUDED = "excluded"
    NO_CONTACT = "no_contact"


@dataclass(frozen=True)
class Standing:
    """A contact whose address is among the parties, and whether the email is stored for it.

    ``excluded_by`` is the entry of the exclusion list that covers the address, if one does: what was stored before
    stays stored (R12).
    """

    contact: Contact
    state: State
    excluded_by: str = ""

    @property
    def is_stored(self) -> bool:
        return self.state is State.STORED


@dataclass(frozen=True)
class Who:
    """A party, and who that is here: a member by an address of the account's own, or contacts that have it.

    Several contacts may share an address (R5), and most addresses belong to nobody here.
    """

    party: Party
    member: Membership | None
    contacts: tuple[Standing, ...]
    excluded_by: str = ""

    @property
    def is_stored(self) -> bool:
        return any(standing.is_stored for standing in self.contacts)

    @property
    def state(self) -> State:
        """The best of its contacts."""
        states = {standing.state for standing in self.contacts}
        return next((state for state in State if state in states), State.NO_CONTACT)


def who_is_who(member: Membership, email: Email, stored: set[int]) -> tuple[Who, ...]:
    """The parties in their order, as far as the member may see them; ``stored`` are the contacts that have it.

    A constant number of queries, however many they are.
    """
    shown = _parties(email, with_bcc=may_see_bcc(member, email))
    addresses = {party.address for party in shown if party.address}
    contacts = _contacts_by_address(member, addresses)
    members = _members_by_address(addresses)
    # An own address is not on the list, whatever the list says (R3).
    excluded = excluded_in(member, email, addresses - members.keys())
    return tuple(
        Who(
            party=party,
            member=members.get(party.address),
            contacts=tuple(
                _standing(contact, excluded.get(party.address, ""), stored)
                for contact in contacts.get(party.address, ())
            ),
            excluded_by=excluded.get(party.address, ""),
        )
        for party in shown
    )


@compiled
def _parties(email: Email, *, with_bcc: bool) -> QuerySet[Party]:
    found = Party.objects.filter(email=email).order_by("position")
    return found if with_bcc else found.exclude(role=Party.Role.BCC)


def party_of(member: Membership, email: Email, address: str) -> Party | None:
    """The party that has this address, if the member may see it in the email."""
    parties = email.parties.filter(address=address.replace("\x00", ""))
    if not may_see_bcc(member, email):
        parties = parties.exclude(role=Party.Role.BCC)
    return parties.order_by("position").first()


def excluded_in(member: Membership, email: Email, addresses: Collection[str]) -> Mapping[str, str]:
    """Of these addresses those whose contacts get no link to this email, each with the entry that covers it.

    None where it was sent from here: the list does not concern that (R10).
    """
    excluded = excluded_among(member, addresses)
    composed = excluded and Source.objects.filter(email=email, door__kind=Door.Kind.COMPOSE).exists()
    return {} if composed else excluded


def why_excluded(member: Membership, email: Email, contact: Contact) -> str:
    """The entry that keeps this email from a contact (R9); empty where nothing does.

    What counts are the contact's addresses in the email, or all of them where none is.
    """
    own = {address.email for address in Address.objects.filter(contact=contact)}
    among = (
        set(email.parties.filter(address__in=own).exclude(role=Party.Role.BCC).values_list("address", flat=True)) or own
    )
    excluded = excluded_in(member, email, among)
    return next(iter(excluded.values())) if among and among <= excluded.keys() else ""


def _standing(contact: Contact, excluded_by: str, stored: set[int]) -> Standing:
    if contact.pk in stored:
        return Standing(contact, State.STORED, excluded_by)
    return Standing(contact, State.EXCLUDED if excluded_by else State.NOT_STORED, excluded_by)


def _contacts_by_address(member: Membership, addresses: Collection[str]) -> Mapping[str, list[Contact]]:
    by_address: defaultdict[str, list[Contact]] = defaultdict(list)
    for address in _addresses(member, addresses):
        by_address[address.email].append(address.contact)
    return by_address


@compiled
def _addresses(member: Membership, addresses: Collection[str]) -> QuerySet[Address]:
    found = Address.objects.filter(email__in=among(addresses), contact__in=visible_contacts(member))
    return found.select_related("contact").order_by("contact__created_at", "contact_id")


def _members_by_address(addresses: Collection[str]) -> Mapping[str, Membership]:
    """Whose own addresses these are (R3): those of open doors, and the log-in addresses of active members.

    Asked by what the account has: an email may name thousands.
    """
    own = {one: member for member, address, aliases in _doors() for one in (*aliases, address)}
    own.update(_log_ins())
    named = {address: own[address] for address in addresses if address in own}
    members = {one.pk: one for one in accounts.members_with(set(named.values()))}
    return {address: members[member] for address, member in named.items()}


@compiled
def _doors() -> QuerySet[Door, tuple[int, str, list[str]]]:
    return Door.objects.filter(closed_at=None).order_by("-id").values_list("member", "address", "aliases")


@compiled
def _log_ins() -> QuerySet[Membership, tuple[str, int]]:
    return Membership.objects.filter(deactivated_at=None).values_list("user__email", "pk")
