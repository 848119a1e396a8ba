"""R1 to R10 beside the table (`tests.intake.test_table`), and by properties against a plainly written model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake.exclude import Exclusions, exclude
from intake.match import Candidate, addresses_of, in_order, match
from intake.verdict import Reason, Verdict
from mailkit.message import Party, Role

MORNING = datetime(2026, 11, 2, 8, tzinfo=UTC)
ME = 1
MY_COLLEAGUE = 2

USER, USER_2 = "alice@northwind.example", "bob@northwind.example"
C, E, STRANGER = "carla@contoso.example", "eve@private.example", "sam@stranger.example"
#: C and E are contacts, and E is excluded.
CONTACTS = {C: 10, E: 11}
LIST = Exclusions(own={USER, USER_2}, excluded={E})


def parties(sender: str, to: list[str], cc: list[str] = [], bcc: list[str] = []) -> tuple[Party, ...]:  # noqa: B006
    named = [(Role.FROM, [sender]), (Role.TO, to), (Role.CC, cc), (Role.BCC, bcc)]
    return tuple(Party(role, address) for role, addresses in named for address in addresses)


def judged(named: tuple[Party, ...], exclusions: Exclusions = LIST, *, by_crm: bool = False) -> Verdict:
    candidates = {address: (Candidate(contact, MORNING),) for address, contact in CONTACTS.items()}
    matches = match(addresses_of(named), candidates, viewer=ME, first_only=True)
    return exclude(named, matches, exclusions, by_crm=by_crm)


def test_an_excluded_sender_may_leave_the_others_if_the_account_wants_it_so() -> None:
    """R8 with ``excluded_sender = others``."""
    others = Exclusions(own={USER}, excluded={E}, others_of_excluded=True)
    assert judged(parties(E, [USER], [C]), others).contacts == (CONTACTS[C],)
    assert judged(parties(E, [USER]), others).reason is Reason.EXCLUDED


def test_what_the_crm_sent_is_stored_for_its_recipients_and_not_for_its_sender() -> None:
    """R10, where the sender's mailbox is no longer connected and they are a contact."""
    assert judged(parties(C, [E]), Exclusions(own=(), excluded={E}), by_crm=True).contacts == (CONTACTS[E],)


def test_who_excludes_their_own_domain_still_has_their_mail_to_customers() -> None:
    """R3 before R8: an own address is not on the list, whatever the list says."""
    own = Exclusions(own={USER}, excluded={USER})
    assert judged(parties(USER, [C]), own).contacts == (CONTACTS[C],)


def test_a_colleague_who_is_also_a_contact_gets_nothing() -> None:
    """R3"""
    own = Exclusions(own={USER, C}, excluded=())
    assert judged(parties(USER, [C], [STRANGER]), own).reason is Reason.NO_CONTACT


# --- R5 ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """A contact that has the address, as the model sees them."""

    id: int
    minutes: int
    owner: int | None

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.id, MORNING + timedelta(minutes=self.minutes), self.owner)


people = st.lists(
    st.builds(Person, st.integers(1, 9), st.integers(0, 3), st.sampled_from([None, ME, MY_COLLEAGUE])),
    unique_by=lambda person: person.id,
    max_size=6,
)


def first_of(having: list[Person], viewer: int) -> list[int]:
    seen = [person for person in having if person.owner in {None, viewer}]
    seen.sort(key=lambda person: (person.minutes, person.id))
    return [person.id for person in seen]


@given(people)
def test_the_first_created_whom_the_viewer_may_see_gets_it(having: list[Person]) -> None:
    """R5"""
    candidates = {C: in_order(person.candidate for person in having)}
    found = match([C], candidates, viewer=ME, first_only=True).get(C, ())
    assert list(found) == first_of(having, ME)[:1]


@given(people)
def test_all_whom_the_viewer_may_see_get_it_where_the_account_wants_it_so(having: list[Person]) -> None:
    """R5 with ``duplicates = all``."""
    candidates = {C: in_order(person.candidate for person in having)}
    assert list(match([C], candidates, viewer=ME, first_only=False).get(C, ())) == first_of(having, ME)


@given(people, st.sets(st.integers(1, 9)))
def test_who_has_the_email_already_keeps_it_alone(having: list[Person], holders: set[int]) -> None:
    """R5, R6: another mailbox's copy does not store it a second time."""
    candidates = {C: in_order(person.candidate for person in having)}
    found = match([C], candidates, viewer=ME, first_only=True, holders=holders).get(C, ())
    seen = first_of(having, ME)
    assert list(found) == ([one for one in seen if one in holders] or seen[:1])


# --- All of it -----------------------------------------------------------------------------------

ADDRESSES = [USER, USER_2, C, E, STRANGER, "dan@contoso.example", "fay@private.example"]
some = st.lists(st.sampled_from(ADDRESSES), max_size=4, unique=True)
messages = st.builds(
    parties, st.sampled_from(ADDRESSES), some, some, st.lists(st.sampled_from(ADDRESSES), max_size=2, unique=True)
)
lists = st.builds(
    Exclusions,
    own=st.frozensets(st.sampled_from(ADDRESSES)),
    excluded=st.frozensets(st.sampled_from(ADDRESSES)),
    others_of_excluded=st.booleans(),
)
contacts = st.dictionaries(st.sampled_from(ADDRESSES), st.integers(10, 14))


def model(named: tuple[Party, ...], having: dict[str, int], exclusions: Exclusions, by_crm: bool) -> set[int]:
    """Section 5, said plainly: which contacts get it."""
    senders = {party.address for party in named if party.role is Role.FROM}
    recipients = {party.address for party in named if party.role in {Role.TO, Role.CC}}
    own, excluded = set(exclusions.own), set(exclusions.excluded) - set(exclusions.own)
    if by_crm:
        return {having[address] for address in recipients - own if address in having}
    if senders & excluded and not exclusions.others_of_excluded:
        return set()
    return {having[address] for address in (senders | recipients) - own - excluded if address in having}


@given(messages, contacts, lists, st.booleans())
def test_the_rules_agree_with_a_plain_model(
    named: tuple[Party, ...], having: dict[str, int], exclusions: Exclusions, by_crm: bool
) -> None:
    """R1, R3, R8 to R10."""
    candidates = {address: (Candidate(contact, MORNING),) for address, contact in having.items()}
    matches = match(addresses_of(named), candidates, viewer=ME, first_only=True)
    verdict = exclude(named, matches, exclusions, by_crm=by_crm)
    assert set(verdict.contacts) == model(named, having, exclusions, by_crm)
    assert len(set(verdict.contacts)) == len(verdict.contacts)
    assert verdict.is_stored == bool(verdict.contacts)


@given(messages, contacts, lists, st.booleans())
def test_nothing_among_own_people_and_nothing_for_bcc_is_stored(
    named: tuple[Party, ...], having: dict[str, int], exclusions: Exclusions, by_crm: bool
) -> None:
    """R1, R3"""
    candidates = {address: (Candidate(contact, MORNING),) for address, contact in having.items()}
    verdict = exclude(named, match(ADDRESSES, candidates, viewer=ME, first_only=True), exclusions, by_crm=by_crm)
    addresses = set(addresses_of(named))
    if addresses <= set(exclusions.own):
        assert verdict.reason is Reason.OWN_ONLY
    assert set(verdict.contacts) <= {having[address] for address in addresses if address in having}
