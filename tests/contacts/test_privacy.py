"""R37: private contacts are their owner's alone, not even the admins'; other accounts see nothing at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import Http404

from accounts.models import AuditEntry
from contacts import operations, queries
from contacts.filters import Criteria, Selection
from contacts.models import Contact
from tests.conftest import Northwind
from tests.contacts.conftest import INES, TOMASZ, Make, names_seen_by, only, take_back

pytestmark = pytest.mark.usefixtures("scope")


@pytest.fixture
def secret(make: Make, northwind: Northwind) -> Contact:
    """Bob's private contact."""
    return make(replace(INES, owner_id=northwind.bob.pk, is_private=True), by=northwind.bob)


def test_only_its_owner_lists_and_opens_it(secret: Contact, northwind: Northwind) -> None:
    assert names_seen_by(northwind.bob) == ["Ines Moreau"]
    assert queries.get_contact(northwind.bob, secret.pk) == secret
    for other in (northwind.alice, northwind.ada):
        assert names_seen_by(other) == []
        with pytest.raises(Http404):
            queries.get_contact(other, secret.pk)


def test_others_cannot_change_delete_or_tag_it(secret: Contact, northwind: Northwind) -> None:
    with pytest.raises(Http404):
        operations.update_contact(actor=northwind.alice, contact=secret, data=INES)
    everything = Selection(criteria=Criteria())
    assert operations.delete_contacts(actor=northwind.alice, selection=only(secret)).count == 0
    assert operations.delete_contacts(actor=northwind.alice, selection=everything).count == 0
    assert operations.tag_contacts(actor=northwind.alice, selection=everything, tags=["seen"]).count == 0


def test_its_notes_are_as_private(secret: Contact, northwind: Northwind) -> None:
    note = operations.create_note(actor=northwind.bob, contact=secret, text="Old friend.")
    assert list(queries.visible_notes(northwind.alice)) == []
    with pytest.raises(Http404):
        queries.get_note(northwind.alice, note.pk)


def test_it_is_no_duplicate_in_others_eyes(secret: Contact, make: Make, northwind: Northwind) -> None:
    twin = make(INES)
    assert queries.merge_suggestions(northwind.alice, twin) == []
    assert queries.merge_suggestions(northwind.bob, twin) == [secret]
    assert list(queries.sharing_an_address(northwind.alice, INES.emails, other_than=twin)) == []


def test_it_does_not_count_on_its_tags(secret: Contact, northwind: Northwind) -> None:
    assert [one.uses for one in queries.tags_with_counts(northwind.alice)] == [0, 0]
    assert [one.uses for one in queries.tags_with_counts(northwind.bob)] == [1, 1]


def test_its_company_is_not_suggested_to_others(secret: Contact, northwind: Northwind) -> None:
    assert queries.companies(northwind.alice, "atel") == []
    assert queries.companies(northwind.bob, "ATEL") == ["Atelier Lyon"]


def test_the_audit_log_does_not_tell_its_name(secret: Contact, northwind: Northwind) -> None:
    note = operations.create_note(actor=northwind.bob, contact=secret, text="Old friend.")
    operations.delete_note(actor=northwind.bob, note=note)
    operations.delete_contacts(actor=northwind.bob, selection=only(secret))
    summaries = list(AuditEntry.objects.order_by("id").values_list("summary", flat=True))
    assert summaries[-2:] == ["deleted a note on a private contact", "deleted a private contact"]


def test_making_it_private_and_public_is_audited(make: Make, northwind: Northwind) -> None:
    mine = replace(INES, owner_id=northwind.alice.pk)
    contact = make(mine)
    for private in (True, False):
        operations.update_contact(actor=northwind.alice, contact=contact, data=replace(mine, is_private=private))
    summaries = AuditEntry.objects.filter(action="contact.privacy").order_by("id").values_list("summary", flat=True)
    assert list(summaries) == ["made a contact private", "let everyone see Ines Moreau"]


def test_a_private_and_a_shared_contact_are_not_merged(secret: Contact, make: Make, northwind: Northwind) -> None:
    with pytest.raises(operations.UnableToMerge, match="private"):
        operations.merge_contacts(actor=northwind.bob, into=make(TOMASZ), others=[secret])


def test_taking_tags_back_leaves_what_was_made_private_since(make: Make, northwind: Northwind) -> None:
    contact = make(INES)
    put_on = operations.tag_contacts(actor=northwind.alice, selection=only(contact), tags=["fair"])
    france = queries.tags().get(name="france")
    taken_off = operations.untag_contacts(actor=northwind.alice, selection=only(contact), tag=france)
    now = queries.data_of(queries.get_contact(northwind.bob, contact.pk))
    hidden = replace(now, owner_id=northwind.bob.pk, is_private=True)
    operations.update_contact(actor=northwind.bob, contact=contact, data=hidden)
    told = [take_back(northwind.alice, done) for done in (put_on, taken_off)]
    assert told == ["Took the tag off 0 contacts again.", "Put “france” back on 0 contacts."]
    assert queries.data_of(queries.get_contact(northwind.bob, contact.pk)) == hidden


def test_taking_bulk_tags_back_is_audited(make: Make, northwind: Northwind) -> None:
    selection = only(make(INES), make(TOMASZ))
    take_back(northwind.alice, operations.tag_contacts(actor=northwind.alice, selection=selection, tags=["fair"]))
    assert [entry.action for entry in AuditEntry.objects.order_by("id")][-2:] == ["contact.tagged", "contact.untagged"]
