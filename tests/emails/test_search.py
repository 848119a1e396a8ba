"""The search of emails, through pages and API: what it finds, what it must not tell (R37), and how fast it may."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Membership
from contacts.data import ContactData
from contacts.models import Contact, ContactTag, Tag
from contacts.operations import create_contact
from crm.lib.tenancy import tenant_scope
from emails import queries
from emails.forms import ListQuery
from emails.models import Attachment, Door, Email, Party, Visibility
from emails.queries import Wanted
from emails.searching import parse
from emails.words import words
from tests.conftest import ApiOf, Globex, Northwind
from tests.emails.conftest import Make
from tests.emails.factory import BEGINNING, door_of, index_words, make_email
from tests.emails.worlds import undone

TODAY = datetime(2026, 11, 26, tzinfo=UTC).date()
FEW = settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))

Found = Callable[..., list[str]]


@pytest.fixture
def found(northwind: Northwind) -> Found:
    """The subjects of what a member finds, in order of the alphabet."""

    def ask(text: str, member: Membership | None = None) -> list[str]:
        with tenant_scope(northwind.tenant.pk):
            index_words()
            wanted = Wanted(search=parse(text, today=TODAY))
            return sorted(email.subject for email in queries.matching(member or northwind.bob, wanted))

    return ask


def with_file(email: Email, name: str) -> None:
    with tenant_scope(email.tenant_id):
        Attachment.objects.create(email=email, position=0, name=name, content_type="application/pdf", size=1)
        Email.objects.filter(pk=email.pk).update(has_attachments=True)


def with_copy(email: Email, name: str, address: str) -> None:
    with tenant_scope(email.tenant_id):
        Party.objects.create(email=email, role=Party.Role.CC, name=name, address=address, position=9)


class TestFinding:
    @pytest.fixture(autouse=True)
    def _mail(self, email: Make, ines: Contact, paul: Contact, northwind: Northwind) -> None:
        offer = email(ines, subject="Offer for Lyón", text="The last pallet is late.", seen_by=northwind.bob)
        with_file(offer, "gate-plan.pdf")
        email(
            paul,
            subject="Delivery",
            text="A pallet, and the last one of 東京タワー.",
            sender=("Paul Girard", "paul@atelier-lyon.example"),
            to=["ines@atelier-lyon.example"],
            direction=Email.Direction.OUTGOING,
            seen_by=northwind.alice,
            is_tracked=True,
            sent_at=datetime(2026, 5, 1, tzinfo=UTC),
        )
        with_copy(
            email(ines, subject="Copied", text="Nothing.", sender=("Ada", "ada@x.example")), "Zoe", "zoe@x.example"
        )
        with tenant_scope(northwind.tenant.pk):
            ContactTag.objects.create(contact=paul, tag=Tag.objects.create(name="Key account"))

    @pytest.mark.parametrize(
        ("text", "subjects"),
        [
            ("LYON", ["Delivery", "Offer for Lyón"]),
            ("subject:lyon", ["Offer for Lyón"]),
            ("offer PALLET", ["Offer for Lyón"]),
            ("pallet", ["Delivery", "Offer for Lyón"]),
            ('"last pallet"', ["Offer for Lyón"]),
            ("pallet -offer", ["Delivery"]),
            ('pallet -"last pallet"', ["Delivery"]),
            ("京タ", ["Delivery"]),
            ("京ワ", []),
            ("pall", []),
            ("pall*", ["Delivery", "Offer for Lyón"]),
            ("from:ines", ["Offer for Lyón"]),
            ("from:ines@atelier-lyon.example", ["Offer for Lyón"]),
            ("from:atelier-lyon.example", ["Delivery", "Offer for Lyón"]),
            ("-from:ines@atelier-lyon.example", ["Copied", "Delivery"]),
            ("to:ines", ["Delivery"]),
            ("to:zoe@x.example", ["Copied"]),
            ("cc:zoe", ["Copied"]),
            ("cc:zoe@x.example", ["Copied"]),
            ("cc:alice", []),
            ("has:attachment", ["Offer for Lyón"]),
            ("-has:attachment", ["Copied", "Delivery"]),
            ('filename:"gate plan"', ["Offer for Lyón"]),
            ("filename:pallet", []),
            ("gate-plan.pdf", ["Offer for Lyón"]),
            ("is:tracked", ["Delivery"]),
            ("is:sent", ["Delivery"]),
            ("in:inbox", ["Copied", "Offer for Lyón"]),
            ("in:drafts", []),
            ("after:2026-05-01", ["Delivery"]),
            ("before:2026-05", ["Copied", "Offer for Lyón"]),
            ("member:alice", ["Delivery"]),
            ("-member:alice", ["Copied", "Offer for Lyón"]),
            ('tag:"key account"', ["Delivery"]),
            ("-tag:key*", ["Copied", "Offer for Lyón"]),
            ('"late gate"', []),
            ("form:ines delivery", ["Delivery"]),
        ],
    )
    def test_finds_what_has_all_that_is_asked(self, found: Found, text: str, subjects: list[str]) -> None:
        assert found(text) == subjects

    def test_the_page_marks_the_hits_and_says_what_it_did_not_understand(
        self, bob: Client, northwind: Northwind
    ) -> None:
        with tenant_scope(northwind.tenant.pk):
            index_words()
        page = bob.get(reverse("email_list"), {"q": "lyon subject:offer tag:vip form:x"}).content.decode()
        assert "<mark>Lyón</mark>" in page
        assert "There is no tag vip." in page
        assert "Nothing can be searched by form:." in page

    def test_a_page_costs_the_same_number_of_queries_whatever_it_finds(
        self, bob: Client, email: Make, ines: Contact, northwind: Northwind
    ) -> None:
        def statements() -> int:
            with tenant_scope(northwind.tenant.pk):
                index_words()
            with CaptureQueriesContext(connection) as made:
                assert bob.get(reverse("email_list"), {"q": "zebra"}).status_code == 200
            return len(made)

        email(ines, subject="One", text="A zebra.", snippet="")
        statements()  # The first one notes the session.
        few = statements()
        for number in range(12):
            email(ines, subject=f"Nr {number}", text=f"{number} and a zebra.", snippet="")
        assert statements() == few

    @pytest.mark.parametrize("before", ["Nothing here. ", "Čistá nula. "])
    def test_the_row_shows_the_text_around_a_hit(
        self, bob: Client, email: Make, ines: Contact, northwind: Northwind, before: str
    ) -> None:
        email(ines, subject="Long", text=f"{before * 80}The zebra is late.{before * 9}", snippet=before)
        with tenant_scope(northwind.tenant.pk):
            index_words()
        page = bob.get(reverse("email_list"), {"q": "zebra"}).content.decode()
        assert "The <mark>zebra</mark> is late." in page
        assert re.search(r"…\w+", page)

    @pytest.mark.parametrize("text", ["before:foo", "!!!", "member:nobody", "tag:vip -member:nobody", "form:x"])
    def test_nothing_is_found_by_what_cannot_be_understood_at_all(self, bob: Client, text: str) -> None:
        """Rather than everything, as if that were it."""
        page = bob.get(reverse("email_list"), {"q": text})
        assert page.context["rows"] == []
        assert "search-problems" in page.content.decode()

    def test_what_only_the_subject_was_asked_for_is_marked_there_alone(
        self, bob: Client, email: Make, ines: Contact, northwind: Northwind
    ) -> None:
        email(ines, subject="The zebra", text="A zebra.", snippet="A zebra.")
        with tenant_scope(northwind.tenant.pk):
            index_words()
        for text, marks in (("subject:zebra", 1), ("zebra", 2)):
            page = bob.get(reverse("email_list"), {"q": text}).content.decode()
            assert page.count("<mark>zebra</mark>") == marks

    def test_the_api_refuses_what_it_does_not_understand(self, api_of: ApiOf, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            index_words()
        api = api_of(northwind.bob)
        answer = api.get("/api/v1/emails/", {"q": "offer"})
        assert [one["subject"] for one in answer.json()["results"]] == ["Offer for Lyón"]
        refused = api.get("/api/v1/emails/", {"q": "member:nobody"})
        assert refused.status_code == 400
        assert "Nobody in the team is called nobody. Try member:" in json.dumps(refused.json())

    def test_a_search_stays_in_the_address_of_further_pages(self, rf: Any) -> None:
        query = ListQuery.read(rf.get("/", {"q": ' lyon "last pallet" ', "box": "sent"}).GET)
        assert query.text() == "?box=sent&q=lyon+%22last+pallet%22"


class TestOnlyTheSubject:
    """Who sees only the subject must not learn from a search what the text says."""

    @pytest.fixture(autouse=True)
    def _mail(self, email: Make, ines: Contact, northwind: Northwind) -> None:
        one = email(ines, subject="Offer", text="The price is secret.", seen_by=northwind.alice, is_tracked=True)
        with_file(one, "plan.pdf")
        with tenant_scope(northwind.tenant.pk):
            Door.objects.filter(pk=door_of(northwind.alice).pk).update(visibility=Visibility.SUBJECT)

    @pytest.mark.parametrize(
        "text",
        [
            "secret",
            "plan",
            "offer secret",
            "has:attachment",
            "-has:attachment",
            "filename:plan",
            "is:tracked",
            "in:tracked",
            "-is:tracked",
            "has:quote",
            "-has:quote",
            "-filename:plan",
        ],
    )
    def test_it_is_not_found_by_what_it_says(self, found: Found, northwind: Northwind, text: str) -> None:
        assert found(text, northwind.bob) == []

    @pytest.mark.parametrize("text", ["offer", "from:ines", "to:alice", "ines offer", "-secret", "offer -plan"])
    def test_it_is_found_by_what_they_see(self, found: Found, northwind: Northwind, text: str) -> None:
        assert found(text, northwind.bob) == ["Offer"]

    def test_its_owner_finds_it_by_all(self, found: Found, northwind: Northwind) -> None:
        assert found("secret filename:plan is:tracked", northwind.alice) == ["Offer"]
        assert found("-secret", northwind.alice) == []


def test_nobody_finds_mail_of_private_contacts_or_of_another_account(
    found: Found, email: Make, secret: Contact, northwind: Northwind, globex: Globex
) -> None:
    email(secret, subject="Between us")
    assert found("between", northwind.bob) == ["Between us"]
    assert found("between", northwind.ada) == []
    with tenant_scope(globex.tenant.pk):
        assert not queries.matching(globex.charlie, Wanted(search=parse("between", today=TODAY))).exists()


def test_a_blind_copy_is_not_found(found: Found, email: Make, ines: Contact) -> None:
    one = email(ines, subject="Offer")
    with tenant_scope(one.tenant_id):
        Party.objects.create(email=one, role=Party.Role.BCC, name="Zoe", address="zoe@x.example", position=9)
    assert found("zoe") == found("to:zoe@x.example") == []


# --- Beside a plain model -----------------------------------------------------------------------

WORDS = ("pallet", "Lyón", "late", "offer")
texts = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)


@dataclass(frozen=True)
class Mail:
    """An email of the model, and whose mail it is; that member lets others see so much of it."""

    subject: str
    sender: str
    said: str
    owner: str


@dataclass(frozen=True)
class Ask:
    """One term of a search."""

    operator: str
    value: str
    is_excluded: bool

    def typed(self) -> str:
        return f'{"-" if self.is_excluded else ""}{self.operator}"{self.value}"'


mails = st.builds(Mail, texts, st.sampled_from(WORDS), texts, st.sampled_from(["alice", "ada", "bob"]))
asks = st.builds(
    Ask,
    st.sampled_from(["", "", "subject:", "from:"]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join),
    st.booleans(),
)


def has(mail: Mail, ask: Ask, *, in_full: bool) -> bool:
    fields = {"subject:": [mail.subject], "from:": [mail.sender]}.get(
        ask.operator, [mail.subject, mail.sender, *([mail.said] if in_full else [])]
    )
    wanted = f" {' '.join(words(ask.value).split())} "
    return any(wanted in f" {' '.join(words(text).split())} " for text in fields) is not ask.is_excluded


@FEW
@given(
    given_mails=st.lists(mails, max_size=8),
    given_asks=st.lists(st.lists(asks, min_size=1, max_size=3), min_size=4, max_size=4),
    said=st.fixed_dictionaries(dict.fromkeys(("alice", "ada", "bob"), st.sampled_from(list(Visibility)))),
)
def test_search_finds_what_a_plain_model_says(
    given_mails: list[Mail],
    given_asks: list[list[Ask]],
    said: dict[str, Visibility],
    northwind: Northwind,
    ines: Contact,
) -> None:
    members = {"alice": northwind.alice, "ada": northwind.ada, "bob": northwind.bob}
    with tenant_scope(northwind.tenant.pk), undone():
        for name, visibility in said.items():
            Door.objects.filter(pk=door_of(members[name]).pk).update(visibility=visibility)
        rows = [
            make_email(
                ines,
                subject=mail.subject,
                sender=(mail.sender, ""),
                text=mail.said,
                to=(),
                seen_by=members[mail.owner],
                sent_at=BEGINNING + timedelta(minutes=number),
            )
            for number, mail in enumerate(given_mails)
        ]
        index_words()
        for name, member in members.items():
            for terms in given_asks:
                search = parse(" ".join(term.typed() for term in terms), today=TODAY)
                found = set(queries.matching(member, Wanted(search=search)).values_list("pk", flat=True))
                assert found == {
                    row.pk
                    for row, mail in zip(rows, given_mails, strict=True)
                    if (name == mail.owner or said[mail.owner] > Visibility.ONLY_ME)
                    and all(
                        has(mail, term, in_full=name == mail.owner or said[mail.owner] == Visibility.EVERYONE)
                        for term in terms
                    )
                }


# --- Suggestions --------------------------------------------------------------------------------


@pytest.mark.usefixtures("scope")
def test_people_whose_name_begins_so_are_suggested_first(northwind: Northwind) -> None:
    for first, last, address in (
        ("Anton", "Lund", "anton@mail.example"),
        ("Eva", "Alund", "eva@mail.example"),
        ("Lucia", "Marino", "m@mail.example"),
        ("Zoe", "Zander", "luna@mail.example"),
    ):
        data = ContactData(first_name=first, last_name=last, emails=(address,))
        create_contact(actor=northwind.alice, data=data)
    found = [one.label for one in queries.suggest(northwind.alice, "from:lu")]
    assert found == ["Anton Lund", "Lucia Marino", "Zoe Zander", "Eva Alund"]


class TestSuggestions:
    @pytest.fixture(autouse=True)
    def _people(self, ines: Contact, secret: Contact, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            Tag.objects.create(name="Key account")

    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("", "from:"),
            ("lyon ha", "lyon has:"),
            ("lyon has:", "lyon has:attachment "),
            ("mor", "from:ines@atelier-lyon.example "),
            ("offer -from:Inès", "offer -from:ines@atelier-lyon.example "),
            ("tag:acc", "tag:&quot;Key account&quot; "),
            ("member:ali", "member:&quot;Alice Lindqvist&quot; "),
        ],
    )
    def test_completes_the_last_word(self, bob: Client, typed: str, text: str) -> None:
        page = bob.get(reverse("email_suggestions"), {"q": typed}).content.decode()
        assert f'data-text="{text}"' in page

    def test_offers_to_open_a_contact(self, bob: Client, ines: Contact) -> None:
        page = bob.get(reverse("email_suggestions"), {"q": "ines"}).content.decode()
        assert reverse("contact_detail", args=[ines.pk]) in page

    def test_says_nothing_of_contacts_that_the_reader_cannot_see(self, bob: Client, alice: Client) -> None:
        url = reverse("email_suggestions")
        assert "Jo Berg" in bob.get(url, {"q": "berg"}).content.decode()
        assert "Jo Berg" not in alice.get(url, {"q": "berg"}).content.decode()

    def test_says_nothing_of_another_account(
        self, globex: Globex, client_of: Callable[[Membership], Client], ines: Contact
    ) -> None:
        """S1."""
        charlie = client_of(globex.charlie)
        for typed in ("ines", "from:ines", "member:alice", "tag:key"):
            page = charlie.get(reverse("email_suggestions"), {"q": typed}).content.decode()
            assert "option" not in page


def test_a_hostile_subject_is_shown_and_marked_as_text(bob: Client, email: Make, ines: Contact) -> None:
    one = email(ines, subject="<script>alert(1)</script> <mark>Lyon")
    with tenant_scope(one.tenant_id):
        index_words()
    page = bob.get(reverse("email_list"), {"q": "lyon script"}).content.decode()
    assert "&lt;<mark>script</mark>&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_what_was_found_is_marked_in_the_reader_too(bob: Client, email: Make, ines: Contact) -> None:
    one = email(ines, subject="<b>Lyon")
    url = reverse("email_detail", args=[one.pk])
    reader = bob.get(url, {"q": "lyon"}, headers={"HX-Request": "true"}).content.decode()
    assert "&lt;b&gt;<mark>Lyon</mark>" in reader
    assert "<mark>" not in bob.get(url, headers={"HX-Request": "true"}).content.decode()
