"""R15: how each party stands, whoever of many has a contact, and what can be done about it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.forms import guess
from emails.models import Door, Email, Link, Party, Source
from emails.queries import judging
from tests.conftest import ApiOf, Northwind
from tests.emails.conftest import Make
from tests.emails.factory import door_of
from tests.emails.test_reader import read, text_of


def to_many(northwind: Northwind, email: Email, *last: str) -> Email:
    """The same with 5,000 recipients more, these at the end."""
    addresses = [*(f"{number}@mail.example" for number in range(5_000 - len(last))), *last]
    with tenant_scope(northwind.tenant.pk):
        Party.objects.bulk_create(
            Party(tenant_id=northwind.tenant.pk, email=email, role=Party.Role.TO, address=address, position=place)
            for place, address in enumerate(addresses, start=1)
        )
    return email


def test_contacts_come_first_wherever_they_stand_and_the_others_are_cut(
    bob: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact
) -> None:
    message = email(paul, sender=("Zoe", "zoe@mail.example"), to=[], subject="Fair")
    many = to_many(northwind, message, "ines@atelier-lyon.example", "paul@atelier-lyon.example")
    _, _, listed = text_of(read(bob, many)).partition("Who is in it")
    assert "Paul Girard To · paul@atelier-lyon.example Stored" in listed
    assert listed.index("Paul Girard") < listed.index("Ines Moreau") < listed.index("Zoe")
    assert "Store here for Ines Moreau" in listed
    # Of 4,999 without a contact.
    assert listed.count("Create and store") == 48
    assert "and 4951 more, who have no contact" in listed


def test_the_head_names_the_first_hundred_says_how_many_more_and_brings_them_with_a_click(
    bob: Client, northwind: Northwind, email: Make, paul: Contact
) -> None:
    message = to_many(northwind, email(paul, to=[], subject="Fair"), "last@mail.example")
    page = read(bob, message)
    head, _, _ = page.partition("Who is in it")
    assert "Show 4901 more" in text_of(head)
    assert head.count("<dd>") == 101
    assert "last@mail.example" not in head
    [way] = re.findall(r'hx-get="([^"]+part=everybody)"', head)
    everybody = bob.get(way, headers={"HX-Request": "true"}).content.decode()
    assert everybody.count("<dd>") == 5_001
    assert "last@mail.example" in everybody
    assert "more</a>" not in everybody
    # And without scripts.
    [plain] = re.findall(r'href="([^"]+everybody=1)"', head)
    narrowed = bob.get(f"/email/{message.pk}/?box=incoming").content.decode()
    assert "?box=incoming&amp;everybody=1" in narrowed
    assert "last@mail.example" in bob.get(plain).content.decode()


def test_the_price_of_recipients_is_no_parameter_each(
    bob: Client, northwind: Northwind, email: Make, paul: Contact
) -> None:
    """They are 5,000 here: the ORM would write down each of them, and PostgreSQL read it."""
    message = to_many(northwind, email(paul, to=[], subject="Fair"))
    with CaptureQueriesContext(connection) as found:
        read(bob, message)
    statements = [query["sql"] for query in found.captured_queries]
    assert max(sql.count("@mail.example") for sql in statements) <= 5_000
    assert sum("4321@mail.example" in sql for sql in statements) == 2


def test_where_all_fit_nobody_is_left_out(bob: Client, email: Make, ines: Contact) -> None:
    assert "more, who" not in text_of(read(bob, email(ines, to=["zoe@mail.example"])))


class TestExcluded:
    """R9: an excluded contact never gets a link, though their address shows among the parties."""

    @pytest.fixture(autouse=True)
    def _ines_is_excluded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(judging, "_judges", [])
        judging.add_judge(
            lambda _member, addresses: {one: "atelier-lyon.example" for one in addresses if one.startswith("ines@")}
        )

    def test_it_says_by_what_and_offers_nothing(
        self, bob: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact
    ) -> None:
        message = email(paul, to=["paul@atelier-lyon.example"])
        page = read(bob, message)
        assert "ines@atelier-lyon.example · excluded by atelier-lyon.example Excluded" in text_of(page)
        assert "Store here" not in page
        body = bob.post(f"/email/{message.pk}/store/", {"contact": ines.pk}, follow=True).content.decode()
        assert "Ines Moreau is excluded by atelier-lyon.example" in body
        with tenant_scope(northwind.tenant.pk):
            assert not Link.objects.filter(contact=ines).exists()

    def test_nor_is_it_moved_there_or_by_the_api(
        self, bob: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact, api_of: ApiOf
    ) -> None:
        message = email(paul, to=["paul@atelier-lyon.example"])
        values = {"from": paul.pk, "contact": ines.pk}
        assert "is excluded by" in bob.post(f"/email/{message.pk}/move/", values, follow=True).content.decode()
        program = api_of(northwind.bob)
        url = f"/api/v1/emails/{message.pk}/"
        [sender, other] = program.get(url).json()["parties"]
        assert (sender["state"], other["state"]) == ("excluded", "stored")
        assert sender["contacts"][0]["excluded_by"] == "atelier-lyon.example"
        answer = program.post(f"{url}store/", {"contact": ines.pk})
        assert answer.status_code == 400
        assert "is excluded by" in answer.content.decode()

    def test_what_was_sent_from_here_is_stored_all_the_same(
        self, bob: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact
    ) -> None:
        """R10."""
        message = email(paul, sender=("Bob", "bob@northwind.example"), to=["ines@atelier-lyon.example"])
        with tenant_scope(northwind.tenant.pk):
            Source.objects.create(email=message, door=door_of(northwind.bob, Door.Kind.COMPOSE), key="sent")
        assert "Store here for Ines Moreau" in text_of(read(bob, message))
        page = bob.post(f"/email/{message.pk}/store/", {"contact": ines.pk}, follow=True).content.decode()
        assert "Stored for Ines Moreau." in page

    def test_what_was_stored_before_stays(self, bob: Client, email: Make, ines: Contact) -> None:
        """R12."""
        page = text_of(read(bob, email(ines)))
        assert "excluded by atelier-lyon.example Stored" in page

    def test_an_address_without_a_contact_is_not_offered_either(self, bob: Client, email: Make, paul: Contact) -> None:
        page = text_of(read(bob, email(paul)))
        assert "no contact, excluded by atelier-lyon.example" in page
        assert "Create and store for Ines" not in page


class TestNobodyYet:
    """R15: whoever has no contact gets one, and the email, in one go."""

    def test_a_contact_is_made_and_taken_back(
        self, bob: Client, northwind: Northwind, email: Make, ines: Contact
    ) -> None:
        message = email(ines, to=["zoe.lang@mail.example"])
        url = f"/email/{message.pk}/contact/?address=zoe.lang@mail.example"
        form = bob.get(url).content.decode()
        assert 'value="Zoe"' in form
        assert 'value="Lang"' in form
        values = {"first_name": "Zoe", "last_name": "Lang", "company": "Lang"}
        page = bob.post(url, values, follow=True).content.decode()
        assert "Added Zoe Lang, and stored the email for them." in page
        assert "Zoe Lang To · zoe.lang@mail.example Stored" in text_of(page)
        undo_id = re.findall(r'name="id"\s+value="(\d+)"', page)[-1]
        assert "Deleted Zoe Lang again." in bob.post("/undo/", {"id": undo_id}, follow=True).content.decode()
        with tenant_scope(northwind.tenant.pk):
            assert not Contact.objects.filter(first_name="Zoe", deleted_at=None).exists()
            assert not Link.objects.filter(email=message, contact__first_name="Zoe").exists()

    def test_it_goes_on_in_the_list_that_it_was_opened_in(self, bob: Client, email: Make, ines: Contact) -> None:
        message = email(ines, to=["zoe.lang@mail.example"])
        page = f"/email/{message.pk}/?q=lyon"
        url = f"/email/{message.pk}/contact/?address=zoe.lang@mail.example"
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
        form = bob.get(url, headers=headers).content.decode()
        assert f'name="next" value="{page}"' in form
        answer = bob.post(url, {"first_name": "Zoe", "last_name": "Lang", "company": "", "next": page})
        assert answer["Location"] == page

    def test_a_second_click_makes_no_second_one(
        self, bob: Client, northwind: Northwind, email: Make, ines: Contact
    ) -> None:
        message = email(ines, to=["zoe.lang@mail.example"])
        values = {"first_name": "Zoe", "last_name": "Lang"}
        url = f"/email/{message.pk}/contact/?address=zoe.lang@mail.example"
        bob.post(url, values)
        assert "It is stored for Zoe Lang already." in bob.post(url, values, follow=True).content.decode()
        with tenant_scope(northwind.tenant.pk):
            assert Contact.objects.filter(first_name="Zoe").count() == 1

    def test_of_what_cannot_be_a_contact_nothing_stays(
        self, bob: Client, northwind: Northwind, email: Make, ines: Contact
    ) -> None:
        message = email(ines, to=["zoe@mail.example"])
        url = f"/email/{message.pk}/contact/?address=zoe@mail.example"
        assert bob.post(url, {"first_name": "x" * 300}).status_code == 422
        with tenant_scope(northwind.tenant.pk):
            assert Contact.objects.count() == 1

    def test_an_existing_one_gets_the_address_and_the_email(
        self, bob: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact
    ) -> None:
        message = email(ines, to=["p.girard@mail.example"])
        url = f"/email/{message.pk}/contact/"
        values = {"address": "p.girard@mail.example", "contact": paul.pk}
        page = bob.post(url, values, follow=True).content.decode()
        assert "Paul Girard has the address p.girard@mail.example now" in page
        assert "p.girard@mail.example Stored" in text_of(page)
        undo_id = re.findall(r'name="id"\s+value="(\d+)"', page)[-1]
        page = bob.post("/undo/", {"id": undo_id}, follow=True).content.decode()
        assert "Paul Girard no longer has the address" in page
        with tenant_scope(northwind.tenant.pk):
            assert [one.email for one in paul.addresses.all()] == ["paul@atelier-lyon.example"]
            assert not Link.objects.filter(email=message, contact=paul).exists()

    def test_an_address_that_is_not_in_the_email_is_none(self, bob: Client, email: Make, ines: Contact) -> None:
        page = bob.get(f"/email/{email(ines).pk}/contact/?address=evil@mail.example").content.decode()
        assert "evil@mail.example" not in page

    @pytest.mark.parametrize(
        ("name", "address", "first", "last"),
        [
            ("Moreau, Ines", "x@mail.example", "Ines", "Moreau"),
            ("Ines de la Tour", "x@mail.example", "Ines de la", "Tour"),
            ("'Ines'", "x@mail.example", "Ines", ""),
            ("ines@mail.example", "ines.moreau@mail.example", "Ines", "Moreau"),
            ("", "info@mail.example", "Info", ""),
            ("", "4711@mail.example", "", ""),
            ("🦊 דנה", "x@mail.example", "🦊", "דנה"),
        ],
    )
    def test_names_are_guessed(self, name: str, address: str, first: str, last: str) -> None:
        assert guess(name, address) == {"first_name": first, "last_name": last}


def test_many_recipients_cost_as_much_as_few(bob: Client, northwind: Northwind, email: Make, ines: Contact) -> None:
    few, many = email(ines), to_many(northwind, email(ines, to=[], sender=("Zoe", "zoe@mail.example")))
    read(bob, few)
    counts = []
    for message in (few, many):
        with CaptureQueriesContext(connection) as queries:
            read(bob, message)
        counts.append(len(queries))
    assert counts[0] == counts[1]
