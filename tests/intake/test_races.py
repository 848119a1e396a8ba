"""What changes while a page is being read, and several workers at once (E2, S7)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import operations, originals
from emails.models import Decision, Email, Link, Source
from exclusions.models import Exclusion
from intake.operations import rematch
from intake.run import ROUNDS
from providers.base import Missing, Raw, Unfetched
from tests.conftest import Northwind
from tests.emails.test_storing import somebody_waits
from tests.intake.conftest import Box, Office, headers_of, make_office, message

BOTH = "alice@northwind.example, bob@northwind.example"


@dataclass
class Busy(Box):
    """A box with deeds: each time bodies were read from it, the next of them is done."""

    deeds: list[Callable[[], Any]] = field(default_factory=list)

    def raw(self, ids: Sequence[str]) -> Iterator[Raw | Missing | Unfetched]:
        yield from super().raw(ids)
        if self.deeds:
            self.deeds.pop(0)()


def with_headers(box: Box, key: str, content: bytes) -> None:
    box.add(key, content, headers=headers_of(content))


def test_a_contact_made_while_others_were_read_gets_its_mail_in_the_same_page(office: Office) -> None:
    """The page is decided once more where it is stored, and what wants a body only then goes round again."""
    office.contact("Carla", "carla@contoso.example")
    box = Busy(deeds=[lambda: office.contact("Sam", "sam@stranger.example")])
    with_headers(box, "a", message(1))
    with_headers(box, "b", message(2, sender="sam@stranger.example"))
    assert office.take(box).stored == 2
    assert box.asked == [("raw", "a"), ("raw", "b")]


def test_an_exclusion_made_while_the_body_was_read_keeps_it_out(office: Office) -> None:
    office.contact("Carla", "carla@contoso.example")

    def exclude() -> None:
        with tenant_scope(office.northwind.tenant.pk):
            Exclusion.objects.create(kind="domain", value="contoso.example", created_by=office.northwind.bob)

    box = Busy(deeds=[exclude])
    box.add("a", message(1))
    office.take(box)
    assert office.decisions() == {"a": "skipped:excluded-sender"}
    assert not default_storage.exists("mail")


def test_a_page_around_which_everything_changes_is_not_read_for_ever(office: Office) -> None:
    """At last what is still wanted waits for the next time, and all else is stored."""
    box = Busy()
    for number in range(ROUNDS + 3):
        address = f"sam{number}@stranger.example"
        with_headers(box, str(number), message(number, sender=address))
        box.deeds.append(lambda address=address: office.contact(address, address))  # type: ignore[misc]
    box.deeds.pop(0)()
    outcomes = office.take(box)
    assert (outcomes.stored, outcomes.waiting, outcomes.skipped) == (ROUNDS, 1, 2)
    assert outcomes.held_up is not None
    assert office.take(box, again=True).stored == 3


# --- Several workers -----------------------------------------------------------------------------


def conversation(count: int) -> list[bytes]:
    """Messages to both, in threads of five, a reply naming only the one before."""
    return [
        message(number, to=BOTH, In_Reply_To=f"<{number - 1}@contoso.example>" if number % 5 else None)
        for number in range(count)
    ]


def boxed(contents: list[bytes], prefix: str) -> Box:
    box = Box()
    for number, content in enumerate(contents):
        box.add(f"{prefix}{number}", content)
    return box


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    def done(deed: Callable[[], Any]) -> Any:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(done, deeds))


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_mail_store_it_once_and_never_wait_in_a_circle(northwind: Northwind) -> None:
    """R6: two mailboxes, one of them by two workers, in opposite orders, and a rematch in between."""
    office = make_office(northwind)
    carla = office.contact("Carla", "carla@contoso.example")
    contents = conversation(60)
    pages = [contents[start : start + 15] for start in range(0, 60, 15)]

    def worker(member: Any, prefix: str, order: int) -> list[int]:
        found = []
        for number, page in list(enumerate(pages))[::order]:
            outcomes = office.take(boxed(page[::order], f"{prefix}{number}-"), member=member)
            found.append(outcomes.stored)
        return found

    def matcher() -> list[int]:
        with tenant_scope(northwind.tenant.pk):
            rematch([carla.pk])
        return []

    stored = at_once(
        [
            lambda: worker(northwind.alice, "a", 1),
            lambda: worker(northwind.bob, "b", -1),
            lambda: worker(northwind.bob, "b", -1),
            matcher,
        ]
    )
    assert sum(sum(one) for one in stored) == 60
    with tenant_scope(northwind.tenant.pk):
        assert (Email.objects.count(), Source.objects.count(), Link.objects.count()) == (60, 120, 60)
        assert Decision.objects.filter(outcome="stored").count() == 60
        assert Email.objects.values("thread").distinct().count() == 12


@dataclass
class Contested:
    """An email of Carla's that Alice has, and Bob's copy of it: also Dan's, whom Bob alone may see."""

    office: Office
    carla: Contact
    dan: Contact
    copy: Box

    def take_off(self) -> None:
        """Alice takes it off Carla, the last whom it is stored for (R17)."""
        [email] = self.office.emails()
        with tenant_scope(self.office.northwind.tenant.pk):
            operations.unstore(actor=self.office.northwind.alice, email=email, contact=self.carla)

    def is_shown(self) -> bool:
        """Whether Bob finds it at Dan; and no link is there that is hidden with its email."""
        with tenant_scope(self.office.northwind.tenant.pk):
            assert not Link.objects.filter(removed_at=None, email__deleted_at__isnull=False).exists()
        return self.office.timeline(self.dan) == ["Offer 1"]


@pytest.fixture
def contested(transactional_db: None, northwind: Northwind) -> Contested:
    office = make_office(northwind)
    carla = office.contact("Carla", "carla@contoso.example")
    first, copy = Box(), Box()
    for box in (first, copy):
        box.add("a", message(1, to=BOTH, Cc="dan@contoso.example"))
    office.take(first)
    return Contested(office, carla, office.contact("Dan", "dan@contoso.example", owner=northwind.bob), copy)


def behind(deed: Callable[[], Any]) -> threading.Thread:
    """Does a deed in another connection, and comes back once it waits for the transaction that is open here."""
    thread = threading.Thread(target=lambda: at_once([deed]))
    thread.start()
    somebody_waits()
    return thread


def test_who_takes_an_email_off_its_last_contact_waits_for_a_copy_that_brings_another(contested: Contested) -> None:
    """R17: it is stored for somebody now, and stays."""
    waiting = []
    outcomes = contested.office.take(
        contested.copy,
        member=contested.office.northwind.bob,
        settle=lambda _: waiting.append(behind(contested.take_off)),
    )
    waiting[0].join(10)
    assert outcomes.duplicates == 1
    assert contested.office.timeline(contested.carla) == []
    assert contested.is_shown()


def test_a_copy_waits_for_who_takes_the_email_off_its_last_contact(contested: Contested) -> None:
    """R18: a user was first, and it does not come back by a teammate's copy."""
    found = []
    bob = contested.office.northwind.bob
    with tenant_scope(contested.office.northwind.tenant.pk):
        contested.take_off()
        page = behind(lambda: found.append(contested.office.take(contested.copy, member=bob)))
    page.join(10)
    assert found[0].tombstones == 1
    assert not contested.is_shown()


def test_links_that_a_walk_completes_wait_too(contested: Contested) -> None:
    """E5: the copy was stored before, and Dan became a contact since."""
    office, bob = contested.office, contested.office.northwind.bob
    with tenant_scope(office.northwind.tenant.pk):
        Contact.objects.filter(pk=contested.dan.pk).update(deleted_at=timezone.now())
    office.take(contested.copy, member=bob)
    with tenant_scope(office.northwind.tenant.pk):
        Contact.objects.filter(pk=contested.dan.pk).update(deleted_at=None)
    with tenant_scope(office.northwind.tenant.pk):
        contested.take_off()
        walk = behind(lambda: office.take(contested.copy, member=bob, again=True))
    walk.join(10)
    assert not contested.is_shown()


@pytest.mark.parametrize("is_first", [True, False])
def test_who_takes_it_off_and_who_matches_it_with_a_new_contact_wait_for_each_other(
    contested: Contested, is_first: bool
) -> None:
    """E5, R17"""
    erin = contested.office.contact("Erin", "dan@contoso.example")

    def match() -> None:
        with tenant_scope(contested.office.northwind.tenant.pk):
            rematch([erin.pk])

    with tenant_scope(contested.office.northwind.tenant.pk):
        (match if is_first else contested.take_off)()
        other = behind(contested.take_off if is_first else match)
    other.join(10)
    contested.is_shown()
    assert contested.office.timeline(erin) == (["Offer 1"] if is_first else [])


def test_an_original_is_whole_or_not_there(tmp_path: Any) -> None:
    """S7: and the same message is kept once, whoever keeps it."""
    content = message(1, body="x" * 100_000)
    digest = originals.keep(content, tenant_id=7)
    assert originals.keep(content, tenant_id=7) == digest
    assert originals.read(digest, tenant_id=7) == content
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.relative_to(tmp_path).as_posix() == f"mail/7/{digest[:2]}/{digest}.eml.zst"
    with pytest.raises(originals.NoOriginal):
        originals.read(digest, tenant_id=8)
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(originals.NoOriginal, match="damaged"):
        originals.read(digest, tenant_id=7)
    originals.forget(digest, tenant_id=7)
    originals.forget(digest, tenant_id=7)


def test_a_storage_without_files_keeps_originals_too(settings: Any) -> None:
    """As S3 is: it knows names, and no paths."""
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}
    content = message(1)
    digest = originals.keep(content, tenant_id=7)
    assert originals.keep(content, tenant_id=7) == digest
    assert originals.read(digest, tenant_id=7) == content
    assert default_storage.listdir(f"mail/7/{digest[:2]}")[1] == [f"{digest}.eml.zst"]


def test_what_a_killed_writer_left_is_replaced(tmp_path: Any) -> None:
    """S7"""
    content = message(1)
    digest = originals.keep(content, tenant_id=7)
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    file.write_bytes(file.read_bytes()[:20])
    originals.keep(content, tenant_id=7)
    assert originals.read(digest, tenant_id=7) == content
