"""Exclusions, own addresses, shared and private contacts and the settings, at random, against section 5 in plain words.

The model below is written from the text of the rules alone: it shares no code with the product, not even for domains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Duplicates, ExcludedSender, Membership, Tenant
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Decision, Door, Email, Link
from exclusions.models import Exclusion
from exclusions.rules import Rule, values_covering
from intake.decide import judge
from intake.exclude import Exclusions
from intake.match import Candidate, in_order
from intake.page import Existing, Knowledge
from mailkit.message import Party, Role
from tests.intake.conftest import MORNING, Box, Office, message

ALICE, BOB = 1, 2
#: Log-ins, an alias, people of three companies of which one is below another, and somebody at a public provider.
USER, USER_2, ALIAS = "alice@northwind.example", "bob@northwind.example", "sales@northwind.example"
PEOPLE = (
    "carla@contoso.example",
    "dan@contoso.example",
    "eve@private.example",
    "fay@mail.private.example",
    "gus@notprivate.example",
    "hal@deep.mail.private.example",
)
ADDRESSES = (USER, USER_2, ALIAS, *PEOPLE, "sam@stranger.example")
ENTRIES = (
    "private.example",
    "mail.private.example",
    "eve@private.example",
    "carla@contoso.example",
    "example",
    "northwind.example",
    "alice@northwind.example",
)


# --- What there is --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """A contact; ``private_to`` is the member who alone sees it, 0 for everybody."""

    id: int
    minutes: int
    addresses: frozenset[str]
    private_to: int


@dataclass(frozen=True)
class Letter:
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]

    @property
    def parties(self) -> tuple[Party, ...]:
        named = [(Role.FROM, self.sender), *((Role.TO, one) for one in self.to), *((Role.CC, one) for one in self.cc)]
        return tuple(Party(role, address) for role, address in named)


@dataclass(frozen=True)
class Account:
    people: tuple[Person, ...]
    own: frozenset[str]
    entries: frozenset[str]
    first_only: bool
    keeps_others: bool


some = st.lists(st.sampled_from(ADDRESSES), max_size=3, unique=True).map(tuple)
letters = st.builds(Letter, st.sampled_from(ADDRESSES), some, some)
people = st.lists(
    st.builds(
        Person,
        st.integers(10, 15),
        st.integers(0, 2),
        st.frozensets(st.sampled_from((*PEOPLE, USER_2, ALIAS)), min_size=1, max_size=3),
        st.sampled_from([0, 0, ALICE, BOB]),
    ),
    unique_by=lambda person: person.id,
    max_size=5,
).map(tuple)
accounts = st.builds(
    Account,
    people,
    st.frozensets(st.sampled_from([USER, USER_2, ALIAS, "dan@contoso.example"])),
    st.frozensets(st.sampled_from(ENTRIES), max_size=4),
    st.booleans(),
    st.booleans(),
)


# --- What the rules say ---------------------------------------------------------------------------


def is_excluded(address: str, account: Account) -> bool:
    """R7, an address, or a domain with its subdomains; R3, nobody's own address."""
    if address in account.own:
        return False
    return any(
        address == entry if "@" in entry else address.endswith((f"@{entry}", f".{entry}")) for entry in account.entries
    )


def who_gets(address: str, account: Account, viewer: int, had: frozenset[int]) -> list[int]:
    """R5: of those who have the address, as far as the mailbox's user sees them, the first created, or all."""
    having = [one for one in account.people if address in one.addresses and one.private_to in {0, viewer}]
    having.sort(key=lambda one: (one.minutes, one.id))
    ids = [one.id for one in having]
    if account.first_only:
        return [one for one in ids if one in had] or ids[:1]
    return ids


def model(
    letter: Letter, account: Account, viewer: int, *, by_crm: bool = False, had: frozenset[int] = frozenset()
) -> tuple[set[int], str | None]:
    """R1 to R10: the contacts, or the reason."""
    recipients = {*letter.to, *letter.cc}
    everybody = recipients | {letter.sender}
    if everybody <= account.own:
        return set(), "own-only"
    counted = recipients if by_crm else everybody
    gets = {each: who_gets(each, account, viewer, had) for each in counted if each not in account.own}
    gets = {each: ids for each, ids in gets.items() if ids}
    if not gets:
        return set(), "no-contact"
    if by_crm:
        return {one for ids in gets.values() for one in ids}, None
    if is_excluded(letter.sender, account) and not account.keeps_others:
        return set(), "excluded-sender"
    left = {one for each, ids in gets.items() if not is_excluded(each, account) for one in ids}
    return left, None if left else "excluded"


# --- And what the product does --------------------------------------------------------------------


def known(account: Account, viewer: int) -> Knowledge:
    """As `intake.knowledge` would answer it."""
    covered = {address for address in ADDRESSES if account.entries.intersection(values_covering(address))}
    candidates = {
        address: in_order(
            Candidate(one.id, MORNING + timedelta(minutes=one.minutes), one.private_to or None)
            for one in account.people
            if address in one.addresses
        )
        for address in ADDRESSES
    }
    return Knowledge(
        viewer=viewer,
        first_only=account.first_only,
        exclusions=Exclusions(account.own, frozenset(covered), account.keeps_others),
        candidates={address: found for address, found in candidates.items() if found},
    )


@given(letters, accounts, st.sampled_from([ALICE, BOB]), st.booleans(), st.frozensets(st.integers(10, 15), max_size=2))
@settings(max_examples=400)
def test_links_and_reasons_are_those_of_the_rules(
    letter: Letter, account: Account, viewer: int, by_crm: bool, had: frozenset[int]
) -> None:
    existing = Existing(1, MORNING, is_deleted=False, by_crm=by_crm, holders=had) if by_crm or had else None
    verdict = judge(letter.parties, known(account, viewer), existing)
    assert (set(verdict.contacts), verdict.reason) == model(letter, account, viewer, by_crm=by_crm, had=had)


@given(st.sampled_from(ADDRESSES), st.sampled_from(ENTRIES))
def test_an_entry_covers_what_it_says(address: str, entry: str) -> None:
    nobody = Account((), frozenset(), frozenset({entry}), first_only=True, keeps_others=False)
    kind = "address" if "@" in entry else "domain"
    assert Rule(kind=kind, value=entry).covers(address) == is_excluded(address, nobody)  # type: ignore[arg-type]


@given(st.data())
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_stored_is_what_the_rules_say(office: Office, data: st.DataObject) -> None:
    """Through `intake.run.take`: two mailboxes, a page each; what one has stored, the other finds."""
    account = data.draw(accounts)
    pages = [data.draw(st.lists(letters, min_size=1, max_size=6)) for _ in (ALICE, BOB)]
    members = {ALICE: office.northwind.alice, BOB: office.northwind.bob}
    ids = set_up(office, account, members)
    # Log-ins are own addresses, whatever was drawn, and nothing else is but the alias.
    own = frozenset({USER, USER_2, "ada@northwind.example"} | account.own.intersection({ALIAS}))
    truth = Account(account.people, own, account.entries, account.first_only, account.keeps_others)
    for viewer, page in zip(members, pages, strict=True):
        box = take(office, page, members[viewer])
        with tenant_scope(office.northwind.tenant.pk):
            decided = {each.key: each for each in Decision.objects.filter(key__in=box.seen)}
            for key, letter in zip(box.seen, page, strict=True):
                contacts, reason = model(letter, truth, viewer)
                got = Link.objects.filter(email=decided[key].email_id).values_list("contact_id", flat=True)
                assert set(got) == {ids[one] for one in contacts}
                assert (decided[key].reason or None) == reason


def set_up(office: Office, account: Account, members: dict[int, Membership]) -> dict[int, int]:
    """An account as drawn, in place of the last one; contacts by the model's ids."""
    with tenant_scope(office.northwind.tenant.pk):
        for model_ in (Link, Decision, Email, Exclusion, Contact):
            model_.objects.all().delete()
        Tenant.objects.filter(pk=office.northwind.tenant.pk).update(
            duplicates=Duplicates.FIRST if account.first_only else Duplicates.ALL,
            excluded_sender=ExcludedSender.OTHERS if account.keeps_others else ExcludedSender.NOBODY,
        )
        Door.objects.filter(member=members[ALICE]).update(aliases=[ALIAS] if ALIAS in account.own else [])
        for entry in account.entries:
            kind = Exclusion.Kind.ADDRESS if "@" in entry else Exclusion.Kind.DOMAIN
            Exclusion.objects.create(kind=kind, value=entry, created_by=members[BOB])
    ids = {}
    for one in sorted(account.people, key=lambda one: one.id):
        owner = members.get(one.private_to)
        contact = office.contact(str(one.id), *sorted(one.addresses), owner=owner)
        with tenant_scope(office.northwind.tenant.pk):
            made_at = MORNING + timedelta(minutes=one.minutes)
            Contact.objects.filter(pk=contact.pk).update(created_at=made_at)
        ids[one.id] = contact.pk
    return ids


def take(office: Office, page: Sequence[Letter], member: Membership) -> Box:
    box = Box()
    for number, letter in enumerate(page):
        content = message(
            number,
            sender=letter.sender,
            to=", ".join(letter.to) or "undisclosed-recipients:;",
            Cc=", ".join(letter.cc) or None,
            Message_ID=f"<{number}.{member.pk}@letters.example>",
        )
        box.add(f"{member.pk}-{number}", content)
    office.take(box, member=member)
    return box
