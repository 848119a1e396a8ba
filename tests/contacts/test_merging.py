from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.undo import UnableToUndo
from contacts import operations, queries
from contacts.data import ContactData
from contacts.filters import Criteria
from contacts.models import Contact
from contacts.operations import UnableToMerge
from tests.conftest import Northwind
from tests.contacts.conftest import INES, TOMASZ, Make, emails_of, names_seen_by, only, take_back

pytestmark = pytest.mark.usefixtures("scope")
SHORT = ContactData(
    first_name="I.",
    emails=("ines@atelier-lyon.example", "ines@new.example"),
    phones=("+33 6 11 11 11",),
    title="Buyer",
    tags=("trial", "France"),
)


def data_now(northwind: Northwind, contact: Contact) -> ContactData:
    return queries.data_of(queries.get_contact(northwind.alice, contact.pk))


def test_one_keeps_what_it_says_and_gains_what_it_lacked(make: Make, northwind: Northwind) -> None:
    kept, other = make(replace(INES, title="", phones=())), make(replace(SHORT, owner_id=northwind.bob.pk))
    operations.merge_contacts(actor=northwind.alice, into=kept, others=[other])
    assert data_now(northwind, kept) == replace(
        INES,
        title="Buyer",
        emails=(*INES.emails, "ines@new.example"),
        phones=SHORT.phones,
        owner_id=northwind.bob.pk,
        tags=("france", "key account", "trial"),
    )
    assert names_seen_by(northwind.alice) == ["Ines Moreau"]
    assert queries.contact_page(northwind.alice, Criteria(q="new.example")).items == [kept]


def test_notes_move_along(make: Make, northwind: Northwind) -> None:
    kept, other = make(INES), make(SHORT)
    operations.create_note(actor=northwind.bob, contact=other, text="Met in Lyon.")
    operations.merge_contacts(actor=northwind.alice, into=kept, others=[other])
    assert [note.text for note in queries.notes_of(northwind.ada, kept)] == ["Met in Lyon."]


def test_taking_it_back_makes_them_what_they_were(make: Make, northwind: Northwind) -> None:
    kept, other, third = make(replace(INES, title="")), make(SHORT), make(TOMASZ)
    operations.create_note(actor=northwind.bob, contact=other, text="Met in Lyon.")
    before = [data_now(northwind, contact) for contact in (kept, other, third)]
    done = operations.merge_contacts(actor=northwind.alice, into=kept, others=[other, third])
    take_back(northwind.alice, done)
    assert [data_now(northwind, contact) for contact in (kept, other, third)] == before
    assert queries.notes_of(northwind.bob, other).count() == 1
    assert queries.contact_page(northwind.alice, Criteria(q="metal.example")).items == [third]


def test_taking_it_back_keeps_what_was_edited_since(make: Make, northwind: Northwind) -> None:
    kept, other = make(replace(INES, title="")), make(SHORT)
    done = operations.merge_contacts(actor=northwind.alice, into=kept, others=[other])
    edited = replace(data_now(northwind, kept), title="Chief buyer", company="Lyon SA")
    operations.update_contact(actor=northwind.bob, contact=kept, data=edited)
    take_back(northwind.alice, done)
    after = data_now(northwind, kept)
    assert (after.title, after.company) == ("Chief buyer", "Lyon SA")
    assert emails_of(kept) == list(INES.emails)


def test_the_merged_remember_where_they_went(make: Make, northwind: Northwind) -> None:
    kept, other = make(INES), make(SHORT)
    operations.merge_contacts(actor=northwind.alice, into=kept, others=[other])
    other.refresh_from_db()
    assert other.merged_into == kept


def test_everyone_concerned_is_announced(make: Make, northwind: Northwind, announced: list[int]) -> None:
    kept, other = make(INES), make(SHORT)
    announced.clear()
    operations.merge_contacts(actor=northwind.alice, into=kept, others=[other])
    assert announced == [kept.pk, other.pk]


def test_a_contact_cannot_be_merged_with_itself(make: Make, northwind: Northwind) -> None:
    contact = make(INES)
    with pytest.raises(UnableToMerge, match="two different"):
        operations.merge_contacts(actor=northwind.alice, into=contact, others=[contact])


def test_one_that_was_deleted_meanwhile_is_not_merged(make: Make, northwind: Northwind) -> None:
    kept, other = make(INES), make(SHORT)
    operations.delete_contacts(actor=northwind.bob, selection=only(other))
    with pytest.raises(UnableToMerge, match="deleted or merged meanwhile"):
        operations.merge_contacts(actor=northwind.alice, into=kept, others=[other])


def test_more_addresses_than_a_contact_holds_are_refused(make: Make, northwind: Northwind) -> None:
    many = [make(emails=tuple(f"a{n}.{half}@mail.example" for n in range(15))) for half in range(2)]
    with pytest.raises(UnableToMerge, match="30 addresses"):
        operations.merge_contacts(actor=northwind.alice, into=many[0], others=[many[1]])


@pytest.mark.parametrize(
    "same", [{"emails": ("ines@atelier-lyon.example",)}, {"first_name": "INÈS", "last_name": "Moreau"}]
)
def test_contacts_with_the_same_address_or_name_are_suggested(
    make: Make, northwind: Northwind, same: dict[str, object]
) -> None:
    contact, twin = make(INES), make(**same)
    make(TOMASZ)
    assert queries.merge_suggestions(northwind.bob, contact) == [twin]


def test_merges_on_merges_are_taken_back_last_first(make: Make, northwind: Northwind) -> None:
    one, two, three = make(SHORT), make(INES), make(TOMASZ)
    first = operations.merge_contacts(actor=northwind.alice, into=two, others=[one])
    second = operations.merge_contacts(actor=northwind.alice, into=three, others=[two])
    with pytest.raises(UnableToUndo, match="take that back first"):
        take_back(northwind.alice, first)
    take_back(northwind.alice, second)
    take_back(northwind.alice, first)
    assert [emails_of(contact) for contact in (one, two)] == [list(SHORT.emails), list(INES.emails)]


def test_what_a_colleague_made_private_since_is_not_taken_apart(make: Make, northwind: Northwind) -> None:
    kept, other = make(INES), make(SHORT)
    done = operations.merge_contacts(actor=northwind.alice, into=kept, others=[other])
    hidden = replace(data_now(northwind, kept), owner_id=northwind.bob.pk, is_private=True)
    operations.update_contact(actor=northwind.bob, contact=kept, data=hidden)
    with pytest.raises(UnableToUndo, match="made private"):
        take_back(northwind.alice, done)


def test_what_is_private_now_keeps_the_owner_it_gained(make: Make, northwind: Northwind) -> None:
    kept, other = make(INES), make(replace(SHORT, owner_id=northwind.alice.pk))
    done = operations.merge_contacts(actor=northwind.alice, into=kept, others=[other])
    hidden = replace(data_now(northwind, kept), is_private=True)
    operations.update_contact(actor=northwind.alice, contact=kept, data=hidden)
    take_back(northwind.alice, done)
    assert data_now(northwind, kept).owner_id == northwind.alice.pk


def test_a_merge_stays_where_taking_it_back_would_leave_nothing(make: Make, northwind: Northwind) -> None:
    kept, other = make(emails=("ines@old.example",)), make(SHORT)
    done = operations.merge_contacts(actor=northwind.alice, into=kept, others=[other])
    moved_on = replace(data_now(northwind, kept), emails=("ines@new.example",))
    operations.update_contact(actor=northwind.alice, contact=kept, data=moved_on)
    with pytest.raises(UnableToUndo, match="no name, company or address left"):
        take_back(northwind.alice, done)
    assert data_now(northwind, kept) == moved_on


def test_more_tags_than_a_contact_holds_are_refused(make: Make, northwind: Northwind) -> None:
    many = [make(last_name="Kowal", tags=tuple(f"{half} {n}" for n in range(30))) for half in range(2)]
    with pytest.raises(UnableToMerge, match="60 tags"):
        operations.merge_contacts(actor=northwind.alice, into=many[0], others=[many[1]])
