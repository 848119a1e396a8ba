from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Undo
from contacts import operations, queries
from contacts.data import InvalidContact
from contacts.filters import Criteria, Selection
from contacts.operations import Done
from tests.conftest import Northwind
from tests.contacts.conftest import INES, TOMASZ, Make, emails_of, names_seen_by, only, take_back

pytestmark = pytest.mark.usefixtures("scope")


class TestDeleting:
    def test_what_was_selected_is_gone_and_comes_back(
        self, make: Make, northwind: Northwind, announced: list[int]
    ) -> None:
        ines, tomasz = make(INES), make(TOMASZ)
        announced.clear()
        done = operations.delete_contacts(actor=northwind.bob, selection=only(ines))
        assert names_seen_by(northwind.alice) == ["Tomasz Kowal"]
        assert take_back(northwind.bob, done) == "Restored Ines Moreau."
        assert names_seen_by(northwind.alice) == ["Tomasz Kowal", "Ines Moreau"]
        assert emails_of(ines) == list(INES.emails)
        assert announced == [ines.pk, ines.pk]
        assert tomasz.pk not in announced

    def test_all_that_match_can_be_deleted(self, make: Make, northwind: Northwind) -> None:
        make(INES), make(TOMASZ)
        done = operations.delete_contacts(actor=northwind.bob, selection=Selection(criteria=Criteria(q="lyon")))
        assert (done.count, names_seen_by(northwind.bob)) == (1, ["Tomasz Kowal"])

    def test_an_empty_selection_is_told_and_leaves_no_undo(self, northwind: Northwind) -> None:
        done = operations.delete_contacts(actor=northwind.bob, selection=Selection())
        assert done == Done(0, "No contact was selected.")
        assert not Undo.objects.exists()

    def test_the_audit_log_says_who_and_what(self, make: Make, northwind: Northwind) -> None:
        operations.delete_contacts(actor=northwind.bob, selection=only(make(INES)))
        entry = AuditEntry.objects.get(action="contact.deleted")
        assert (entry.actor_name, entry.summary) == ("Bob Marsh", "deleted Ines Moreau")

    def test_undo_leaves_alone_what_was_deleted_before(self, make: Make, northwind: Northwind) -> None:
        ines, tomasz = make(INES), make(TOMASZ)
        operations.delete_contacts(actor=northwind.bob, selection=only(tomasz))
        done = operations.delete_contacts(actor=northwind.bob, selection=only(ines, tomasz))
        take_back(northwind.bob, done)
        assert names_seen_by(northwind.bob) == ["Ines Moreau"]


class TestTagging:
    def test_tags_go_on_and_come_off_where_they_were_not_before(self, make: Make, northwind: Northwind) -> None:
        ines, tomasz = make(INES), make(TOMASZ)
        done = operations.tag_contacts(actor=northwind.bob, selection=only(ines, tomasz), tags=["France", "new"])
        assert queries.data_of(queries.get_contact(northwind.bob, tomasz.pk)).tags == ("france", "new")
        take_back(northwind.bob, done)
        assert queries.data_of(queries.get_contact(northwind.bob, ines.pk)).tags == ("france", "key account")
        assert queries.data_of(queries.get_contact(northwind.bob, tomasz.pk)).tags == ()

    def test_a_tag_comes_off_and_goes_back_on(self, make: Make, northwind: Northwind) -> None:
        ines, tomasz = make(INES), make(TOMASZ)
        france = queries.tags().get(name="france")
        done = operations.untag_contacts(actor=northwind.bob, selection=only(ines, tomasz), tag=france)
        assert (done.count, done.message) == (1, "Took “france” off 1 contact.")
        take_back(northwind.bob, done)
        assert queries.data_of(queries.get_contact(northwind.bob, ines.pk)).tags == ("france", "key account")

    def test_tagging_twice_does_nothing(self, make: Make, northwind: Northwind) -> None:
        done = operations.tag_contacts(actor=northwind.bob, selection=only(make(INES)), tags=["FRANCE"])
        assert (done.count, done.undo) == (0, None)

    @pytest.mark.parametrize("tags", [[], ["  "], ["x" * 41], ["a\x00"]])
    def test_what_cannot_be_a_tag_is_refused(self, make: Make, northwind: Northwind, tags: list[str]) -> None:
        with pytest.raises(InvalidContact):
            operations.tag_contacts(actor=northwind.bob, selection=only(make(INES)), tags=tags)

    def test_a_tagged_contact_counts_as_changed(self, make: Make, northwind: Northwind) -> None:
        ines = make(INES)
        operations.tag_contacts(actor=northwind.bob, selection=only(ines), tags=["new"])
        assert queries.get_contact(northwind.bob, ines.pk).updated_at > ines.updated_at


def statements_to_delete(northwind: Northwind, make: Make, count: int) -> int:
    contacts = [make(last_name=f"Kowal {number}") for number in range(count)]
    with CaptureQueriesContext(connection) as statements:
        operations.delete_contacts(actor=northwind.bob, selection=only(*contacts))
    return len(statements)


def test_many_cost_no_more_statements_than_few(make: Make, northwind: Northwind) -> None:
    assert statements_to_delete(northwind, make, 2) == statements_to_delete(northwind, make, 12)
