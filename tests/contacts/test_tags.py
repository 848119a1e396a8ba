from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry, Role
from contacts import operations, queries
from contacts.data import InvalidContact
from contacts.filters import Criteria
from contacts.models import Tag
from contacts.operations import FilterData, InvalidTag
from tests.conftest import Northwind
from tests.contacts.conftest import INES, TOMASZ, Make, names_seen_by, only, take_back

pytestmark = pytest.mark.usefixtures("scope")


def tag(name: str) -> Tag:
    return queries.tags().get(name=name)


def uses(northwind: Northwind) -> list[tuple[str, int]]:
    return [(str(one.tag), one.uses) for one in queries.tags_with_counts(northwind.bob)]


def test_anyone_can_make_one(northwind: Northwind) -> None:
    made = operations.create_tag(actor=northwind.bob, name=" trial ", colour="amber")
    assert (made.name, made.colour) == ("trial", "amber")


@pytest.mark.parametrize(
    ("name", "colour", "field"),
    [("", "grey", "name"), ("x" * 41, "grey", "name"), ("TRIAL", "grey", "name"), ("new", "pink", "colour")],
)
def test_a_bad_one_is_refused_with_the_reason(northwind: Northwind, name: str, colour: str, field: str) -> None:
    operations.create_tag(actor=northwind.bob, name="trial")
    with pytest.raises(InvalidTag) as caught:
        operations.create_tag(actor=northwind.bob, name=name, colour=colour)
    assert list(caught.value.problems) == [field]


def test_a_member_cannot_change_what_all_share(make: Make, northwind: Northwind) -> None:
    make(INES)
    with pytest.raises(PermissionDenied):
        operations.update_tag(actor=northwind.bob, tag=tag("france"), name="France", colour="blue")
    with pytest.raises(PermissionDenied):
        operations.delete_tag(actor=northwind.bob, tag=tag("france"))
    with pytest.raises(PermissionDenied):
        operations.merge_tags(actor=northwind.bob, into=tag("france"), other=tag("key account"))


def test_an_admin_renames_and_recolours(make: Make, northwind: Northwind) -> None:
    make(INES)
    operations.update_tag(actor=northwind.ada, tag=tag("france"), name="France", colour="blue")
    assert tag("France").colour == "blue"


def test_a_deleted_tag_comes_back_on_its_contacts_and_in_filters(make: Make, northwind: Northwind) -> None:
    make(INES)
    wanted = Criteria(tags=(tag("france").pk,))
    done = operations.delete_tag(actor=northwind.ada, tag=tag("france"))
    assert names_seen_by(northwind.bob, wanted) == []
    take_back(northwind.ada, done)
    assert names_seen_by(northwind.bob, wanted) == ["Ines Moreau"]


def test_merging_moves_contacts_and_filters(make: Make, northwind: Northwind) -> None:
    make(INES), make(TOMASZ)
    france, key = tag("france"), tag("key account")
    data = FilterData(name="French", criteria=Criteria(tags=(france.pk, key.pk)))
    saved = operations.create_filter(actor=northwind.bob, data=data)
    operations.merge_tags(actor=northwind.ada, into=key, other=france)
    saved.refresh_from_db()
    assert Criteria.from_json(saved.criteria).tags == (key.pk,)
    assert uses(northwind) == [("key account", 1)]


def test_a_merge_of_tags_is_taken_back(make: Make, northwind: Northwind) -> None:
    make(INES), make(last_name="Kowal", tags=("france",))
    done = operations.merge_tags(actor=northwind.ada, into=tag("key account"), other=tag("france"))
    take_back(northwind.ada, done)
    assert uses(northwind) == [("france", 2), ("key account", 1)]


def test_a_tag_is_not_merged_into_itself(make: Make, northwind: Northwind) -> None:
    make(INES)
    with pytest.raises(InvalidTag, match="the same tag"):
        operations.merge_tags(actor=northwind.ada, into=tag("france"), other=tag("france"))


@pytest.mark.parametrize(
    ("first", "second"), [("İstanbul", "i̇stanbul"), ("İstanbul", "istanbul"), ("ΟΔΟΣ", "οδοσ"), ("ΟΔΟΣ", "οδος")]
)
def test_two_spellings_are_told_apart_as_the_database_does(
    make: Make, northwind: Northwind, first: str, second: str
) -> None:
    make(last_name="Kowal", tags=(first,))
    contact = make(last_name="Rossi", tags=(second,))
    operations.tag_contacts(actor=northwind.bob, selection=only(contact), tags=[first, second])
    tags = queries.data_of(queries.get_contact(northwind.bob, contact.pk)).tags
    assert set(tags or ()) == set(queries.tags().values_list("name", flat=True))


def test_a_contact_takes_no_more_tags_than_it_holds(make: Make, northwind: Northwind) -> None:
    contact = make(last_name="Kowal", tags=tuple(f"tag {number}" for number in range(50)))
    with pytest.raises(InvalidContact, match="Kowal would have 51 tags"):
        operations.tag_contacts(actor=northwind.bob, selection=only(contact), tags=["one more"])
    assert queries.tags().count() == 50


def test_a_contact_changes_when_its_tag_does(make: Make, northwind: Northwind) -> None:
    contact, versions = make(INES), []

    def look() -> None:
        versions.append(queries.get_contact(northwind.bob, contact.pk).updated_at)

    look()
    operations.update_tag(actor=northwind.ada, tag=tag("france"), name="France", colour="blue")
    look()
    deleted = operations.delete_tag(actor=northwind.ada, tag=tag("France"))
    look()
    take_back(northwind.ada, deleted)
    look()
    merged = operations.merge_tags(actor=northwind.ada, into=tag("key account"), other=tag("France"))
    look()
    take_back(northwind.ada, merged)
    look()
    assert versions == sorted(set(versions))


def test_others_private_contacts_are_not_counted(make: Make, northwind: Northwind) -> None:
    make(replace(INES, owner_id=northwind.bob.pk, is_private=True), by=northwind.bob)
    done = operations.merge_tags(actor=northwind.ada, into=tag("key account"), other=tag("france"))
    assert (done.count, done.message) == (0, "Merged “france” into “key account”: 0 contacts.")
    assert AuditEntry.objects.get(action="tag.merged").details == {}


def test_one_who_is_a_member_now_takes_nothing_back(make: Make, northwind: Northwind) -> None:
    make(INES)
    done = operations.delete_tag(actor=northwind.ada, tag=tag("france"))
    northwind.ada.role = Role.MEMBER
    northwind.ada.save()
    with pytest.raises(PermissionDenied):
        take_back(northwind.ada, done)


def test_taking_back_is_audited(make: Make, northwind: Northwind) -> None:
    make(INES)
    take_back(northwind.ada, operations.delete_tag(actor=northwind.ada, tag=tag("france")))
    merged = operations.merge_tags(actor=northwind.ada, into=tag("key account"), other=tag("france"))
    take_back(northwind.ada, merged)
    actions = AuditEntry.objects.filter(action__startswith="tag.").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["tag.deleted", "tag.restored", "tag.merged", "tag.parted"]
