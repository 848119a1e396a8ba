"""The table of DESIGN.md section 5 through a mailbox: by poll, history, retro-match and daily check, at both providers.

Links, reasons, and that the bodies of what is stored for nobody were never asked for.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ExcludedSender, Membership, Tenant
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Decision, Email
from emails.models import Source as Sighting
from emailsync.models import Mailbox
from exclusions.models import Exclusion
from intake.run import Order, Outcomes, Source, take
from providers.base import Seen
from tests.conftest import Northwind
from tests.emailsync.conftest import Connect, Crm, Provider, World
from tests.emailsync.history.privacy import asked
from tests.intake.table import EXCLUDED, RECEIVED, SPELLINGS, STRANGER, TABLE, USER, C, E, Row, Spelling

both_providers = pytest.mark.parametrize("provider", ["gmail", "graph"])


def excluded(member: Membership, *values: str, ends_in: timedelta | None = None) -> None:
    with tenant_scope(member.tenant_id):
        for value in values:
            kind = Exclusion.Kind.ADDRESS if "@" in value else Exclusion.Kind.DOMAIN
            ends_at = None if ends_in is None else timezone.now() + ends_in
            Exclusion.objects.create(kind=kind, value=value, created_by=member, ends_at=ends_at)


def lay(world: World, provider: str, rows: Iterable[Row] = RECEIVED) -> dict[str, str]:
    """Puts the rows into the mailbox; their letters by the ids that requests name."""
    for row in rows:
        folder = "sent" if row.sender == USER else "inbox"
        world.put(USER, provider, world.mail(**row.headers), folder=folder)
    name = "gmail_id" if provider == "gmail" else "graph_immutable_id"
    return {each[name]: each["subject"] for each in world.truth(USER)}


class Table:
    """What the product made of the rows."""

    def __init__(self, crm: Crm, world: World, mailbox: Mailbox, letters: dict[str, str]) -> None:
        self._crm = crm
        self._world = world
        self._mailbox = mailbox
        self._letters = letters

    def check(self, people: dict[str, Contact], *, unseen: Callable[[Row], bool] = lambda _: False) -> None:
        """``unseen`` are rows that no search finds, and so nobody decides about."""
        links = {(row.headers["Message_ID"], address) for row in RECEIVED for address in row.stored_for}
        expected = {(str(message).strip("<>"), people[address].pk) for message, address in links}
        assert self._crm.links() == expected
        assert self.read() == {row.letter for row in RECEIVED if row.stored_for}
        seen = {row.letter: row.decision for row in RECEIVED if not unseen(row)}
        assert self.decided() == seen

    def decided(self) -> dict[str, str]:
        with tenant_scope(self._mailbox.tenant_id):
            found = Decision.objects.filter(door=self._mailbox.door_id)
            return {self._letters[each.key]: str(each) for each in found}

    def read(self) -> set[str]:
        """Whose bodies were asked for."""
        return {self._letters[key] for key in asked(self._world.requests())}


def of_no_search(provider: str) -> Callable[[Row], bool]:
    """Rows that name nobody whose mail is looked for; Gmail also finds blind copies."""
    return lambda row: C not in row.addresses | (frozenset(row.bcc) if provider == "gmail" else frozenset())


@both_providers
def test_by_poll(world: World, crm: Crm, connected: Connect, northwind: Northwind, provider: Provider) -> None:
    people = {address: crm.contact(address) for address in (C, E)}
    excluded(northwind.bob, EXCLUDED)
    mailbox = connected(northwind.alice, provider)
    letters = lay(world, provider)
    crm.sync(mailbox)
    Table(crm, world, mailbox, letters).check(people)


@both_providers
def test_by_history(world: World, crm: Crm, connected: Connect, northwind: Northwind, provider: Provider) -> None:
    people = {address: crm.contact(address) for address in (C, E)}
    excluded(northwind.bob, EXCLUDED)
    letters = lay(world, provider)
    mailbox = connected(northwind.alice, provider)
    Table(crm, world, mailbox, letters).check(people, unseen=of_no_search(provider))


def test_more_entries_than_a_query_can_name_lose_nothing_and_read_nothing_more(
    world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    """E4: Gmail is told of none of them then, and headers come before bodies."""
    people = {address: crm.contact(address) for address in (C, E)}
    excluded(northwind.bob, EXCLUDED, *(f"other{number}.example" for number in range(150)))
    letters = lay(world, "gmail")
    mailbox = connected(northwind.alice, "gmail")
    Table(crm, world, mailbox, letters).check(people, unseen=of_no_search("gmail"))


@both_providers
def test_by_retro_match(world: World, crm: Crm, connected: Connect, northwind: Northwind, provider: Provider) -> None:
    """E5: what was seen when nobody was a contact is judged anew for who becomes one; E is not even looked for."""
    excluded(northwind.bob, EXCLUDED)
    mailbox = connected(northwind.alice, provider)
    letters = lay(world, provider)
    crm.sync(mailbox)
    table = Table(crm, world, mailbox, letters)
    assert table.read() == set()
    assert set(table.decided().values()) == {"skipped:no-contact", "skipped:own-only"}
    people = {address: crm.contact(address) for address in (C, E)}
    crm.sync(mailbox)
    unseen = of_no_search(provider)
    decided = {row.letter: row.decision for row in RECEIVED if not unseen(row) and row.reason}
    assert table.decided().items() >= decided.items()
    assert {letter for letter, each in table.decided().items() if each == "stored"} == table.read()
    assert table.read() == {row.letter for row in RECEIVED if row.stored_for}
    assert len(crm.links()) == len(table.read())
    assert {contact for _, contact in crm.links()} == {people[C].pk}


@both_providers
def test_by_the_daily_check(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, provider: Provider
) -> None:
    """E3, E8: what came before the cursor was taken is found by the check alone."""
    people = {address: crm.contact(address) for address in (C, E)}
    excluded(northwind.bob, EXCLUDED)
    mailbox = connected(northwind.alice, provider)
    letters = lay(world, provider)
    with tenant_scope(northwind.tenant.pk):
        Mailbox.objects.filter(pk=mailbox.pk).update(cursor="", is_primed=False)
    crm.sync(mailbox)
    Table(crm, world, mailbox, letters).check(people, unseen=of_no_search(provider))


@both_providers
def test_spellings_lead_to_the_entry(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, provider: Provider
) -> None:
    """R2, R7"""
    for spelling in SPELLINGS:
        crm.contact(spelling.address)
        excluded(northwind.alice, spelling.entry)
    past, live = SPELLINGS[::2], SPELLINGS[1::2]

    def put(some: Iterable[Spelling]) -> None:
        for each in some:
            world.put(USER, provider, world.mail(From=each.sender, subject=each.letter))

    put(past)
    mailbox = connected(northwind.alice, provider)
    put(live)
    crm.sync(mailbox)
    with tenant_scope(northwind.tenant.pk):
        stored = set(Email.objects.values_list("subject", flat=True))
    assert stored == {each.letter for each in SPELLINGS if not each.is_excluded}
    assert len(asked(world.requests())) == len(stored)


@both_providers
def test_the_others_of_an_excluded_sender_where_the_account_wants_it_so(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, provider: Provider
) -> None:
    """R8 with ``excluded_sender = others``, past and live: the excluded one still gets nothing."""
    carla = crm.contact(C)
    crm.contact(E)
    excluded(northwind.alice, E)
    with tenant_scope(northwind.tenant.pk):
        Tenant.objects.filter(pk=northwind.tenant.pk).update(excluded_sender=ExcludedSender.OTHERS)
    world.put(USER, provider, From=E, Cc=C, subject="Past")
    mailbox = connected(northwind.alice, provider)
    world.put(USER, provider, From=E, Cc=C, subject="Live")
    world.put(USER, provider, From=E, subject="Alone")
    crm.sync(mailbox)
    assert set(crm.subjects(carla)) == {"Live", "Past"}
    assert len(crm.links()) == 2


@both_providers
def test_whoever_else_has_the_excluded_address_gets_nothing_either(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, provider: Provider
) -> None:
    """R5, R9: the address is excluded, whoever has it; another address of the same contact is not."""
    crm.contact(E, "eve@elsewhere.example")
    crm.contact(E, "eve@elsewhere.example")
    crm.contact(E, "eve@elsewhere.example", owner_id=northwind.alice.pk, is_private=True)
    excluded(northwind.bob, E)
    mailbox = connected(northwind.alice, provider)
    world.put(USER, provider, From=E, subject="By the excluded address")
    world.put(USER, provider, From="eve@elsewhere.example", subject="By the other")
    crm.sync(mailbox)
    with tenant_scope(northwind.tenant.pk):
        assert list(Email.objects.values_list("subject", flat=True)) == ["By the other"]
    assert len(crm.links()) == 1


@both_providers
def test_own_addresses_are_excluded_by_themselves(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, provider: Provider
) -> None:
    """R3: a colleague's log-in and an alias of the mailbox, though both are contacts; an entry does not change it."""
    people = [crm.contact(address) for address in ("bob@northwind.example", "sales@northwind.example", C)]
    excluded(northwind.bob, "northwind.example")
    mailbox = connected(northwind.alice, provider)
    with tenant_scope(northwind.tenant.pk):
        mailbox.door.aliases = ["sales@northwind.example"]
        mailbox.door.save()
    world.put(USER, provider, From="bob@northwind.example", To=f"{USER}, sales@northwind.example", subject="Among us")
    world.put(USER, provider, From="sales@northwind.example", To=C, subject="To Carla", folder="sent")
    crm.sync(mailbox)
    assert [crm.subjects(one) for one in people] == [[], [], ["To Carla"]]


@both_providers
def test_an_ended_entry_acts_no_more(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, provider: Provider
) -> None:
    """In the past and live; one that is still to end does."""
    ended, lasting = "ended@private.example", "lasting@private.example"
    for address in (ended, lasting):
        crm.contact(address)
    excluded(northwind.alice, ended, ends_in=-timedelta(seconds=1))
    excluded(northwind.alice, lasting, ends_in=timedelta(hours=1))

    def put(when: str) -> None:
        for address in (ended, lasting):
            world.put(USER, provider, From=address, subject=f"{when} of {address}")

    put("Past")
    mailbox = connected(northwind.alice, provider)
    put("Live")
    crm.sync(mailbox)
    with tenant_scope(northwind.tenant.pk):
        stored = set(Email.objects.values_list("subject", flat=True))
    assert stored == {f"Past of {ended}", f"Live of {ended}"}


# --- In the middle of a backfill -------------------------------------------------------------------

MANY, PAGE = 130, 100


def load(world: World, provider: str) -> None:
    """E writes to the user and to C, again and again, some weeks ago."""
    newest = timezone.now() - timedelta(days=20)
    whose = {"gmail": "google", "graph": "microsoft"}[provider]

    def line(number: int) -> bytes:
        raw = world.mail(From=E, Cc=C, subject=f"Letter {number}", Message_ID=f"<{number}@private.example>")
        date = (newest - timedelta(hours=number)).isoformat()
        given = {"address": USER, "raw": b64encode(raw).decode(), "date": date, "provider": whose}
        return json.dumps(given).encode() + b"\n"

    content = b"".join(map(line, range(MANY)))
    world.http.post("load", params={"format": "ndjson"}, content=content, timeout=60).raise_for_status()


@pytest.fixture
def first_page(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], set[str]]:
    """Does something once a walk has taken its first page; the ids of that page's messages, as soon as it is."""

    def then(act: Callable[[], None]) -> set[str]:
        seen: set[str] = set()

        def taking(order: Order, items: Sequence[Seen], source: Source) -> Outcomes:
            outcomes = take(order, items, source)
            if not seen:
                seen.update(item.id for item in items)
                act()
            return outcomes

        monkeypatch.setattr("emailsync.engine.walking.take", taking)
        return seen

    return then


@both_providers
def test_an_entry_made_in_the_middle_of_a_backfill_holds_from_the_next_message_on(
    world: World,
    crm: Crm,
    connected: Connect,
    northwind: Northwind,
    provider: Provider,
    first_page: Callable[[Callable[[], None]], set[str]],
) -> None:
    """R12: what was stored before it stays."""
    load(world, provider)
    crm.contact(C)
    crm.contact(E)
    crm.sync()
    seen = first_page(lambda: excluded(northwind.alice, E))
    connected(northwind.alice, provider)
    with tenant_scope(northwind.tenant.pk):
        assert set(Sighting.objects.values_list("key", flat=True)) == seen
    assert len(seen) == PAGE
    assert asked(world.requests()) == seen


@both_providers
def test_an_entry_removed_in_the_middle_of_a_backfill_acts_no_more_from_that_moment(
    world: World,
    crm: Crm,
    connected: Connect,
    northwind: Northwind,
    provider: Provider,
    first_page: Callable[[Callable[[], None]], set[str]],
) -> None:
    """R12: what it has kept out before is not imported in silence."""
    load(world, provider)
    carla = crm.contact(C)
    crm.contact(E)
    crm.sync()
    excluded(northwind.alice, E)
    world.put(USER, provider, From=C, subject="The newest", date=(timezone.now() - timedelta(days=19)).isoformat())

    def include() -> None:
        with tenant_scope(northwind.tenant.pk):
            Exclusion.objects.all().delete()

    seen = first_page(include)
    mailbox = connected(northwind.alice, provider)
    with tenant_scope(northwind.tenant.pk):
        skipped = Decision.objects.filter(door=mailbox.door_id, reason="excluded-sender")
        kept_out = set(skipped.values_list("key", flat=True))
    assert (len(kept_out), kept_out <= seen) == (PAGE - 1, True)
    assert len(crm.subjects(carla)) == MANY + 1 - len(kept_out)


def test_the_table_s_data_speak_of_all_its_rows() -> None:
    assert len(TABLE) == 12
    assert any(STRANGER in row.addresses for row in TABLE)
