from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import Http404

from contacts import operations, queries
from contacts.data import ContactData, InvalidContact
from contacts.models import Contact
from contacts.operations import StaleContact
from tests.conftest import Globex, Northwind
from tests.contacts.conftest import INES, Make, emails_of, only

pytestmark = pytest.mark.usefixtures("scope")


def problems_of(northwind: Northwind, data: ContactData) -> dict[str, list[str]]:
    with pytest.raises(InvalidContact) as caught:
        operations.create_contact(actor=northwind.alice, data=data)
    assert not Contact.objects.exists()
    return caught.value.problems


class TestCreating:
    def test_a_contact_keeps_all_that_was_written(self, make: Make, northwind: Northwind) -> None:
        contact = make(replace(INES, owner_id=northwind.bob.pk))
        written = queries.data_of(contact)
        assert written == replace(INES, owner_id=northwind.bob.pk, tags=("france", "key account"))

    def test_texts_are_trimmed_and_addresses_normalised_and_nothing_is_twice(self, make: Make) -> None:
        contact = make(
            first_name="  Ines \n Maria ",
            emails=("Ines <INES@Mail.Example>", "", "ines@mail.example"),
            phones=("+33  4", "+33 4 72 00", "+33 4  72 00")[1:],
            tags=("France", " france "),
        )
        assert (contact.first_name, emails_of(contact)) == ("Ines Maria", ["ines@mail.example"])
        assert contact.phones == ["+33 4 72 00"]
        assert [tag.name for tag in contact.tags.all()] == ["France"]

    @pytest.mark.parametrize("data", [ContactData(), ContactData(title="CEO", phones=("+33 4 72",)), ContactData("  ")])
    def test_nobody_in_particular_is_refused(self, northwind: Northwind, data: ContactData) -> None:
        assert "a name, a company or an email address" in problems_of(northwind, data)["contact"][0]

    def test_every_problem_is_told_at_once_and_where(self, northwind: Northwind) -> None:
        data = ContactData(
            first_name="x" * 101,
            last_name="a\x00b",
            emails=("ines@mail.example", "nonsense"),
            phones=("call me",),
            tags=("t" * 41,),
            owner_id=10**9,
        )
        problems = problems_of(northwind, data)
        assert set(problems) == {"first_name", "last_name", "emails.1", "phones.0", "tags.0", "owner_id"}
        assert problems["first_name"] == ["First name has 101 characters: shorten it to at most 100."]
        assert "Write it like name@company.example." in problems["emails.1"][0]

    def test_names_that_look_the_same_are_the_same(self, make: Make) -> None:
        contact = make(first_name="\ufeffI\u200bne\u0300s", last_name="\u202eMoreau\u2066", tags=("e\u0301lan",))
        assert (contact.first_name, contact.last_name) == ("Inès", "Moreau")
        assert [tag.name for tag in contact.tags.all()] == ["élan"]

    def test_the_joiners_of_emoji_and_scripts_stay(self, make: Make) -> None:
        assert make(first_name="می\u200cخواهم 👩\u200d🔧").first_name == "می\u200cخواهم 👩\u200d🔧"

    @pytest.mark.parametrize("name", ["\u200b", "\u200d", "\u2060\u3000", "\u00ad"])
    def test_a_name_that_nobody_can_see_is_none(self, northwind: Northwind, name: str) -> None:
        assert list(problems_of(northwind, ContactData(first_name=name))) == ["contact"]

    def test_the_number_of_addresses_is_bounded(self, northwind: Northwind) -> None:
        data = ContactData(emails=tuple(f"ines{number}@mail.example" for number in range(21)))
        assert problems_of(northwind, data)["emails"] == ["These are 21 addresses: keep at most 20."]

    def test_a_member_of_another_account_cannot_be_the_owner(self, northwind: Northwind, globex: Globex) -> None:
        data = replace(INES, owner_id=globex.charlie.pk)
        assert "not an active member" in problems_of(northwind, data)["owner_id"][0]

    def test_a_private_contact_belongs_to_whoever_makes_it(self, northwind: Northwind) -> None:
        data = replace(INES, is_private=True, owner_id=northwind.bob.pk)
        assert "make yourself the owner" in problems_of(northwind, data)["is_private"][0]

    def test_two_contacts_may_share_an_address(self, make: Make) -> None:
        first, second = make(INES), make(INES)
        assert emails_of(first) == emails_of(second)

    def test_a_tag_is_one_however_it_is_capitalised(self, make: Make) -> None:
        make(last_name="Kowal", tags=("Trial",))
        make(last_name="Moreau", tags=("TRIAL",))
        assert [tag.name for tag in queries.tags()] == ["Trial"]

    def test_it_is_announced(self, make: Make, announced: list[int]) -> None:
        assert announced == [make(INES).pk]


class TestChanging:
    def test_addresses_are_added_taken_away_and_reordered(
        self, make: Make, northwind: Northwind, announced: list[int]
    ) -> None:
        contact = make(INES)
        emails = ("new@mail.example", "i.moreau@mail.example")
        operations.update_contact(actor=northwind.bob, contact=contact, data=replace(INES, emails=emails))
        assert emails_of(contact) == list(emails)
        assert announced == [contact.pk, contact.pk]

    def test_other_changes_are_not_announced(self, make: Make, northwind: Northwind, announced: list[int]) -> None:
        contact = make(INES)
        operations.update_contact(actor=northwind.bob, contact=contact, data=replace(INES, title="CEO"))
        assert announced == [contact.pk]

    def test_search_and_order_follow(self, make: Make, northwind: Northwind) -> None:
        contact = make(INES)
        data = replace(INES, last_name="Östlund", company="")
        after = operations.update_contact(actor=northwind.bob, contact=contact, data=data)
        assert after.sort_name == "ostlund ines"
        assert "moreau\n" not in after.search_text

    def test_tags_are_replaced_or_left_alone(self, make: Make, northwind: Northwind) -> None:
        contact = make(INES)
        left = operations.update_contact(actor=northwind.bob, contact=contact, data=replace(INES, title="", tags=None))
        assert queries.data_of(left).tags == ("france", "key account")
        replaced = operations.update_contact(
            actor=northwind.bob, contact=contact, data=replace(INES, tags=("FRANCE", "trial"))
        )
        assert queries.data_of(replaced).tags == ("france", "trial")

    def test_saving_without_a_change_changes_nothing(self, make: Make, northwind: Northwind) -> None:
        contact = make(INES)
        after = operations.update_contact(actor=northwind.bob, contact=contact, data=queries.data_of(contact))
        assert after.updated_at == contact.updated_at

    def test_a_deactivated_owner_may_stay_but_not_become_one(self, make: Make, northwind: Northwind) -> None:
        contact = make(replace(INES, owner_id=northwind.bob.pk))
        northwind.bob.deactivated_at = contact.created_at
        northwind.bob.save()
        data = replace(queries.data_of(contact), title="CEO")
        assert operations.update_contact(actor=northwind.alice, contact=contact, data=data).title == "CEO"
        other = make(last_name="Kowal")
        with pytest.raises(InvalidContact, match="not an active member"):
            operations.update_contact(actor=northwind.alice, contact=other, data=data)

    def test_a_deleted_contact_cannot_be_changed(self, make: Make, northwind: Northwind) -> None:
        contact = make(INES)
        operations.delete_contacts(actor=northwind.alice, selection=only(contact))
        with pytest.raises(Http404):
            operations.update_contact(actor=northwind.alice, contact=contact, data=INES)


class TestTwoAtOnce:
    def test_the_second_is_told_and_nothing_is_lost(self, make: Make, northwind: Northwind) -> None:
        contact = make(INES)
        operations.update_contact(
            actor=northwind.bob, contact=contact, data=replace(INES, title="CEO"), seen=contact.updated_at
        )
        with pytest.raises(StaleContact, match="nothing was saved") as caught:
            operations.update_contact(
                actor=northwind.ada, contact=contact, data=replace(INES, company="Lyon SA"), seen=contact.updated_at
            )
        assert (caught.value.contact.title, caught.value.fields) == ("CEO", ["company", "title"])
        assert queries.get_contact(northwind.ada, contact.pk).company == "Atelier Lyon"

    def test_saving_again_replaces_it(self, make: Make, northwind: Northwind) -> None:
        contact = make(INES)
        now = operations.update_contact(actor=northwind.bob, contact=contact, data=replace(INES, title="CEO"))
        data = replace(INES, company="Lyon SA")
        after = operations.update_contact(actor=northwind.ada, contact=contact, data=data, seen=now.updated_at)
        assert (after.company, after.title) == ("Lyon SA", INES.title)
