"""The label that keeps a message out, or takes a stored one away: put on in the mailbox, by its owner alone."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import AuditEntry
from accounts.undo import UnableToUndo, carry_out
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import operations as emails
from emails import originals
from emails.models import Decision, Email, Party, Source
from emailsync.engine.checking import check
from emailsync.models import Mailbox
from emailsync.operations import begin_daily_checks
from tests.conftest import Northwind
from tests.emailsync.conftest import Connect, Crm, Provider, World
from tests.emailsync.labels import Labels

ALICE, BOB, INES = "alice@northwind.example", "bob@northwind.example", "ines@atelier-lyon.example"
both_providers = pytest.mark.parametrize("provider", ["gmail", "graph"])


@pytest.fixture
def labels(world: World) -> Labels:
    return Labels(world)


@pytest.fixture
def ines(crm: Crm) -> Contact:
    return crm.contact(INES)


def decided(mailbox: Mailbox) -> list[str]:
    """What was decided about the messages of a mailbox, the newest last."""
    with tenant_scope(mailbox.tenant_id):
        return [str(each) for each in Decision.objects.filter(door=mailbox.door_id).order_by("received_at", "id")]


def bodies(world: World) -> list[str]:
    asked = [f"{each['path']}?{each.get('query', '')}" for each in world.requests()]
    return [each for each in asked if "format=raw" in each or "$value" in each]


def content_of(tenant_id: int) -> list[Any]:
    with tenant_scope(tenant_id):
        fields = ("subject", "text", "snippet", "from_address", "message_id", "original")
        parties = list(Party.objects.values_list("address", flat=True))
        return [*Email.objects.values_list(*fields), *parties, *Source.objects.values_list("key", flat=True)]


@both_providers
def test_it_keeps_a_message_out(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact, provider: Provider
) -> None:
    """Of the past and of what comes now, and its body is never asked for; without it the next sync lets it in."""
    past = world.put(ALICE, provider, From=INES, subject="Past")
    labels.put(ALICE, provider, past)
    mailbox = connected(northwind.alice, provider)
    live = world.put(ALICE, provider, From=INES, subject="Live")
    labels.put(ALICE, provider, live)
    crm.sync(mailbox)
    assert crm.subjects(ines) == []
    assert decided(mailbox) == ["skipped:never", "skipped:never"]
    with tenant_scope(northwind.tenant.pk):
        assert set(Decision.objects.values_list("detail", flat=True)) == {"labelled Postroom: never"}
    assert not bodies(world)
    labels.take_off(ALICE, provider, past)
    labels.take_off(ALICE, provider, live)
    crm.sync(mailbox)
    assert set(crm.subjects(ines)) == {"Live", "Past"}


@both_providers
def test_it_takes_a_stored_message_away(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact, provider: Provider
) -> None:
    """Its words, parties and original go; the audit log says so without the subject."""
    mailbox = connected(northwind.alice, provider)
    key = world.put(ALICE, provider, From=INES, subject="The secret matter")
    crm.sync(mailbox)
    with tenant_scope(northwind.tenant.pk):
        original = Email.objects.get().original
    labels.put(ALICE, provider, key)
    crm.sync(mailbox)
    assert crm.links() == set()
    assert decided(mailbox) == ["skipped:never"]
    assert content_of(northwind.tenant.pk) == [("", "", "", "", "", "")]
    with pytest.raises(originals.NoOriginal):
        originals.read(original, tenant_id=northwind.tenant.pk)
    with tenant_scope(northwind.tenant.pk):
        entry = AuditEntry.objects.get(action="email.withdrawn")
    assert entry.summary == f"took 1 email away by the label “Postroom: never” in {ALICE}"
    assert entry.actor_id == northwind.alice.pk
    assert "secret" not in f"{entry.summary} {entry.details}"


@both_providers
def test_nothing_brings_it_back_while_it_is_on(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact, provider: Provider
) -> None:
    """Neither a contact that is added later (E5), nor the daily check (E8), nor what else happens to it."""
    mailbox = connected(northwind.alice, provider)
    key = world.put(ALICE, provider, From=INES, Cc="luc@atelier-lyon.example", subject="Offer")
    crm.sync(mailbox)
    labels.put(ALICE, provider, key)
    crm.sync(mailbox)
    luc = crm.contact("luc@atelier-lyon.example")
    crm.sync(mailbox)
    with tenant_scope(northwind.tenant.pk):
        begin_daily_checks(crm.mailbox(mailbox))
    crm.sync(mailbox)
    world.post("expire-history", address=ALICE)
    labels.put(ALICE, provider, key, "Receipts")
    crm.sync(mailbox)
    assert (crm.subjects(ines), crm.subjects(luc)) == ([], [])
    labels.take_off(ALICE, provider, key)
    crm.sync(mailbox)
    assert (crm.subjects(ines), crm.subjects(luc)) == (["Offer"], ["Offer"])


@both_providers
def test_it_is_found_after_the_provider_has_forgotten_the_history(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact, provider: Provider
) -> None:
    """E8"""
    mailbox = connected(northwind.alice, provider)
    key = world.put(ALICE, provider, From=INES, subject="Offer")
    crm.sync(mailbox)
    labels.put(ALICE, provider, key)
    world.post("expire-history", address=ALICE)
    crm.sync(mailbox)
    assert crm.subjects(ines) == []


def test_a_label_that_is_renamed_to_it_takes_mail_away_with_the_daily_check(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact
) -> None:
    """Gmail tells of no message then: its label is the same, by id."""
    mailbox = connected(northwind.alice, "gmail")
    keys = [world.put(ALICE, "gmail", From=INES, subject=subject) for subject in ("Secret", "Offer")]
    labels.put(ALICE, "gmail", keys[0], "Doctor")
    crm.sync(mailbox)
    labels.rename(ALICE, "Doctor")
    crm.sync(mailbox)
    assert set(crm.subjects(ines)) == {"Offer", "Secret"}
    check(tenant_id=northwind.tenant.pk, mailbox_id=mailbox.pk)
    assert crm.subjects(ines) == ["Offer"]
    check(tenant_id=northwind.tenant.pk, mailbox_id=mailbox.pk)
    crm.sync(mailbox)
    assert decided(mailbox).count("skipped:never") == 1


@both_providers
def test_colleagues_who_have_it_too_keep_it(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact, provider: Provider
) -> None:
    """Only this sighting goes, with the links to what its owner alone sees (R37)."""
    own = crm.contact(INES, by=northwind.alice, owner_id=northwind.alice.pk, is_private=True)
    luc = crm.contact("luc@atelier-lyon.example", by=northwind.alice, owner_id=northwind.alice.pk, is_private=True)
    alices, bobs = connected(northwind.alice, provider), connected(northwind.bob, "gmail")
    headers: dict[str, Any] = {
        "From": INES,
        "To": f"{ALICE}, {BOB}",
        "Cc": "luc@atelier-lyon.example",
        "Message_ID": "<1@lyon.example>",
    }
    key = world.put(ALICE, provider, subject="Offer", **headers)
    world.put(BOB, "gmail", subject="Offer", **headers)
    crm.sync(alices, bobs)
    assert crm.links() == {("1@lyon.example", ines.pk), ("1@lyon.example", luc.pk)}
    labels.put(ALICE, provider, key)
    crm.sync(alices, bobs)
    assert crm.links() == {("1@lyon.example", ines.pk)}
    with tenant_scope(northwind.tenant.pk):
        assert list(Source.objects.values_list("door", flat=True)) == [bobs.door_id]
    assert decided(alices) == ["skipped:never"]
    labels.take_off(ALICE, provider, key)
    crm.sync(alices, bobs)
    assert crm.links() == {("1@lyon.example", ines.pk), ("1@lyon.example", luc.pk)}
    assert crm.subjects(own) == []


def test_a_colleague_s_label_is_for_their_copy_alone(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact
) -> None:
    """What one keeps out of their mailbox still comes by another's."""
    alices, bobs = connected(northwind.alice, "gmail"), connected(northwind.bob, "graph")
    headers: dict[str, Any] = {
        "From": INES,
        "To": f"{ALICE}, {BOB}",
        "Message_ID": "<1@lyon.example>",
        "subject": "Offer",
    }
    labels.put(BOB, "graph", world.put(BOB, "graph", **headers))
    key = world.put(ALICE, "gmail", **headers)
    crm.sync(alices, bobs)
    assert crm.subjects(ines) == ["Offer"]
    assert (decided(alices), decided(bobs)) == (["stored"], ["skipped:never"])
    labels.put(ALICE, "gmail", key)
    crm.sync(alices, bobs)
    assert crm.subjects(ines) == []


def test_what_a_user_deleted_stays_deleted(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact
) -> None:
    """R18: the label and its end are no way round."""
    mailbox = connected(northwind.alice, "gmail")
    key = world.put(ALICE, "gmail", From=INES, subject="Offer")
    crm.sync(mailbox)
    with tenant_scope(northwind.tenant.pk):
        emails.delete_emails(actor=northwind.alice, ids=list(Email.objects.values_list("pk", flat=True)))
    labels.put(ALICE, "gmail", key)
    crm.sync(mailbox)
    assert decided(mailbox) == ["skipped:never"]
    labels.take_off(ALICE, "gmail", key)
    crm.sync(mailbox)
    assert decided(mailbox) == ["tombstone"]
    assert crm.subjects(ines) == []


def test_taking_back_that_it_was_deleted_brings_nothing(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact
) -> None:
    """Whoever deleted it before has a way back for an hour, or with an exclusion for 30 days: not past the label."""
    mailbox = connected(northwind.alice, "gmail")
    key = world.put(ALICE, "gmail", From=INES, subject="Offer")
    crm.sync(mailbox)
    with tenant_scope(northwind.tenant.pk):
        done = emails.delete_emails(actor=northwind.bob, ids=list(Email.objects.values_list("pk", flat=True)))
    labels.put(ALICE, "gmail", key)
    crm.sync(mailbox)
    assert content_of(northwind.tenant.pk) == [("", "", "", "", "", "")]
    assert done.undo is not None
    with tenant_scope(northwind.tenant.pk), pytest.raises(UnableToUndo):
        carry_out(done.undo)
    assert crm.subjects(ines) == []


@both_providers
def test_other_labels_mean_nothing(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact, provider: Provider
) -> None:
    mailbox = connected(northwind.alice, provider)
    key = world.put(ALICE, provider, From=INES, subject="Offer")
    for name in ("Postroom", "never", "Postroom never again"):
        labels.put(ALICE, provider, key, name)
    crm.sync(mailbox)
    assert crm.subjects(ines) == ["Offer"]


@both_providers
def test_its_name_is_read_without_case(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, labels: Labels, ines: Contact, provider: Provider
) -> None:
    mailbox = connected(northwind.alice, provider)
    labels.put(ALICE, provider, world.put(ALICE, provider, From=INES), "postroom: NEVER")
    crm.sync(mailbox)
    assert decided(mailbox) == ["skipped:never"]


def test_labels_are_not_asked_for_while_nobody_uses_any(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, ines: Contact
) -> None:
    """A poll that finds nothing is one call, and one that finds plain mail asks for no label."""
    mailbox = connected(northwind.alice, "gmail")
    world.forget_requests()
    crm.sync(mailbox)
    assert [each["path"].rpartition("/")[2] for each in world.requests(mailbox=ALICE)] == ["history"]
    world.put(ALICE, "gmail", From=INES)
    crm.sync(mailbox)
    assert not [each for each in world.requests(mailbox=ALICE) if each["path"].endswith("/labels")]
