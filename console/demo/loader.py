"""Loads the demo through the operations that people use, and then spreads what came of it over the past year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import operations as accounts
from accounts import queries as people
from accounts.models import Membership, Role, User
from console.demo import world
from console.demo.world import Account, Colleague, DemoContact, DemoNote
from contacts import operations as contacts
from contacts import queries
from contacts.filters import Criteria, Selection
from contacts.models import Contact, Note
from contacts.operations import FilterData
from crm.lib.tenancy import tenant_scope

INVITED = "noor.haddad@northwind.example"
Team = Mapping[str, Membership]


@dataclass(frozen=True)
class Loaded:
    """What an account holds now; ``is_new`` when it was made just now."""

    account: Account
    is_new: bool
    contacts: int
    notes: int


def load() -> list[Loaded]:
    """Makes the accounts that are not there yet, each whole or not at all; those that are stay as they are.

    Call it outside of every scope. Raises IntegrityError where one of the cast has signed up elsewhere.
    """
    return [_load(account) for account in world.ACCOUNTS]


def _load(account: Account) -> Loaded:
    owner_id = people.user_id_of(account.team[0].email)
    with transaction.atomic():
        team = _team(account) if owner_id is None else {}
        owner = team[account.team[0].key] if team else people.memberships_of(owner_id or 0)[0]
        with tenant_scope(owner.tenant_id):
            if team:
                _fill(account, team)
            found = Contact.objects.filter(deleted_at=None).count(), Note.objects.count()
    return Loaded(account, bool(team), *found)


def _team(account: Account) -> dict[str, Membership]:
    """The account with its people; all but the owner come by invitation, as they do in life."""
    first, *others = account.team
    owner = accounts.create_account(user=_user(first, account), name=account.name)
    return {first.key: owner} | {colleague.key: _invited(owner, colleague, account) for colleague in others}


def _user(colleague: Colleague, account: Account) -> User:
    user = accounts.create_user(email=colleague.email, name=colleague.name, password=world.PASSWORD)
    user.timezone = account.timezone
    user.save(update_fields=["timezone"])
    return user


def _invited(owner: Membership, colleague: Colleague, account: Account) -> Membership:
    with tenant_scope(owner.tenant_id):
        invitation = accounts.invite(actor=owner, email=colleague.email, role=Role.MEMBER)
    member = accounts.accept_invitation(invitation=invitation, user=_user(colleague, account))
    with tenant_scope(owner.tenant_id):
        accounts.change_member(
            actor=owner, member=member, role=colleague.role, can_full_sync=True, can_see_activity=True
        )
    return member


def _fill(account: Account, team: Team) -> None:
    owner = next(iter(team.values()))
    for name, colour in account.colours.items():
        contacts.create_tag(actor=owner, name=name, colour=colour)
    made = [_contact(team, owner, item) for item in world.contacts_of(account)]
    written = []
    if account is world.NORTHWIND:
        written = _notes(team, made)
        _finish_northwind(team)
    _spread(made, written)


def _contact(team: Team, owner: Membership, item: DemoContact) -> Contact:
    mine = team.get(item.owner)
    data = replace(item.data, owner_id=mine.pk if mine else None)
    return contacts.create_contact(actor=mine or owner, data=data)


def _notes(team: Team, made: list[Contact]) -> list[tuple[Note, DemoNote]]:
    # Of two contacts with one address, the first has the notes.
    by_address = {address.email: contact for contact in reversed(made) for address in contact.addresses.all()}
    return [
        (contacts.create_note(actor=team[item.author], contact=by_address[item.address], text=item.text), item)
        for item in world.notes()
    ]


def _finish_northwind(team: Team) -> None:
    """What a team leaves behind: filters, an open invitation, a merge, a deletion, many tagged at once."""
    alice, ada, bob = team["alice"], team["ada"], team["bob"]
    tags = {tag.name: tag.pk for tag in queries.list_tags()}
    _filter(alice, "Key accounts", Criteria(tags=(tags["key account"],)), is_shared=True)
    _filter(alice, "Trial, no reply yet", Criteria(tags=(tags["trial"], tags["no reply yet"])), is_shared=True)
    _filter(bob, "My hotels", Criteria(tags=(tags["hospitality"],), owner=bob.pk))
    accounts.invite(actor=ada, email=INVITED, role=Role.MEMBER)
    twice = queries.matching(ada, Criteria(address="o.pritchard@hale.example")).order_by("pk")
    contacts.merge_contacts(actor=ada, into=twice[0], others=[twice[1]])
    gone = queries.matching(bob, Criteria(q="Sheila Tull")).values_list("pk", flat=True)
    contacts.delete_contacts(actor=bob, selection=Selection(ids=tuple(gone)))
    contacts.tag_contacts(actor=bob, selection=Selection(criteria=Criteria(company="Fernhill Hotels")), tags=["cork"])


def _filter(member: Membership, name: str, criteria: Criteria, *, is_shared: bool = False) -> None:
    contacts.create_filter(actor=member, data=FilterData(name=name, criteria=criteria, is_shared=is_shared))


def _spread(made: list[Contact], written: list[tuple[Note, DemoNote]]) -> None:
    """Gives everything the day it would have had: operations know no other time than now."""
    now = timezone.now()
    first: dict[int, datetime] = {}
    last: dict[int, datetime] = {}
    for number, (note, item) in enumerate(written):
        note.created_at = _moment(now, item.days_ago, number)
        first[note.contact_id] = min(note.created_at, first.get(note.contact_id, note.created_at))
        last[note.contact_id] = max(note.created_at, last.get(note.contact_id, note.created_at))
    for number, contact in enumerate(made):
        contact.created_at = _moment(now, 7 + number * 37 % 330, number)
        if contact.pk in first:
            contact.created_at = first[contact.pk] - timedelta(minutes=20)
        contact.updated_at = max(contact.created_at, last.get(contact.pk, contact.created_at))
    Note.objects.bulk_update([note for note, _ in written], ["created_at"])
    Contact.objects.bulk_update(made, ["created_at", "updated_at"])


def _moment(now: datetime, days_ago: int, number: int) -> datetime:
    """In office hours of that day, the same for the same row each time, and not at a weekend."""
    day = now - timedelta(days=days_ago)
    day -= timedelta(days=max(0, day.weekday() - 4))
    return day.replace(hour=8 + number % 9, minute=number * 17 % 60, second=0, microsecond=0)
