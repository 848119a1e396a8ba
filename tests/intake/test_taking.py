"""A page of messages on its way in: what is asked for, what is stored, what is decided."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from crm.lib.tenancy import ScopeError, tenant_scope
from emails import originals
from emails.models import Attachment, Decision, Party, Source
from intake.knowledge import ClosedTo
from intake.run import Order, Outcomes, take
from intake.verdict import Outcome, Reason
from providers.base import Missing, Place, Seen
from tests.intake.conftest import MORNING, Box, Office, headers_of, message

STRANGER = "Sam <sam@stranger.example>"


def test_a_message_of_a_contact_is_stored_with_all_that_it_says(office: Office, box: Box) -> None:
    carla = office.contact("Carla", "carla@contoso.example")
    content = message(1, body="Here is the offer.", Cc="Dan <dan@contoso.example>", Bcc="bob@northwind.example")
    box.add("a", content, thread_id="t", labels=("INBOX", "Label_7"))
    outcomes = office.take(box)
    assert (outcomes.seen, outcomes.stored, outcomes.sighted) == (1, 1, ("a",))
    assert office.timeline(carla) == ["Offer 1"]
    [email] = office.emails()
    assert (email.direction, email.from_address, email.from_name) == ("in", "carla@contoso.example", "Carla")
    assert (email.message_id, email.snippet, email.size) == ("1@contoso.example", "Here is the offer.", len(content))
    assert email.sent_at == MORNING
    assert originals.read(email.original, tenant_id=email.tenant_id) == content
    with tenant_scope(email.tenant_id):
        parties = list(Party.objects.order_by("position").values_list("role", "address"))
        source = Source.objects.get()
    assert parties == [
        ("from", "carla@contoso.example"),
        ("to", "alice@northwind.example"),
        ("cc", "dan@contoso.example"),
        ("bcc", "bob@northwind.example"),
    ]
    assert (source.key, source.thread_key, source.labels) == ("a", "t", ["INBOX", "Label_7"])


def test_the_body_of_a_message_of_no_contact_is_never_asked_for(office: Office, box: Box) -> None:
    box.add("a", message(1, sender=STRANGER))
    outcomes = office.take(box)
    assert outcomes.reasons == {Reason.NO_CONTACT: 1}
    assert box.asked == [("headers", "a")]
    assert office.emails() == []


def test_a_decision_keeps_no_word_and_no_address_of_what_is_not_stored(office: Office, box: Box) -> None:
    """R43"""
    box.add("a", message(1, sender=STRANGER))
    office.take(box)
    with tenant_scope(office.northwind.tenant.pk):
        row = Decision.objects.values().get()
    assert "sam" not in str(row).lower()
    assert "offer" not in str(row).lower()
    assert len(row["party_digests"]) == 2
    assert row["message_digest"]
    assert row["received_at"] == MORNING


def test_headers_that_come_with_a_message_are_not_asked_for_again(office: Office, box: Box) -> None:
    office.contact("Carla", "carla@contoso.example")
    for number, sender in enumerate(["carla@contoso.example", STRANGER]):
        content = message(number, sender=sender)
        box.add(str(number), content, headers=headers_of(content))
    office.take(box)
    assert box.asked == [("raw", "0")]


def test_what_the_provider_found_by_a_contact_goes_without_asking_for_headers(office: Office, box: Box) -> None:
    """E4"""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1), concerns=True)
    box.add("b", message(2, sender=STRANGER), concerns=True)
    outcomes = office.take(box)
    assert (outcomes.stored, outcomes.skipped) == (1, 1)
    assert box.asked == [("raw", "a"), ("raw", "b")]


def test_of_what_turns_out_to_concern_nobody_nothing_is_kept(office: Office, box: Box) -> None:
    """The provider found it, the contact was deleted meanwhile."""
    box.add("a", message(1), concerns=True)
    office.take(box)
    assert office.decisions() == {"a": "skipped:no-contact"}
    assert not default_storage.exists("mail")


@pytest.mark.parametrize("place", [Place.DRAFT, Place.SPAM, Place.TRASH, Place.CHAT])
def test_drafts_spam_trash_and_chats_are_skipped_unread(office: Office, box: Box, place: Place) -> None:
    """R20"""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1), place=place)
    office.take(box)
    assert box.asked == []
    assert office.decisions() == {"a": f"skipped:{place}"}


def test_what_moves_from_spam_to_the_mail_is_stored(office: Office, box: Box) -> None:
    """R20"""
    carla = office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1), place=Place.SPAM)
    office.take(box)
    box.add("a", message(1))
    assert office.take(box).stored == 1
    assert office.timeline(carla) == ["Offer 1"]
    assert office.decisions() == {"a": "stored"}


def test_what_was_deleted_meanwhile_is_skipped_as_gone(office: Office, box: Box) -> None:
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1))
    box.trouble["a"] = Missing("a")
    office.take(box)
    assert office.decisions() == {"a": "skipped:gone"}


def test_mail_from_before_since_is_skipped_unread(office: Office, box: Box) -> None:
    """R21"""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1), received_at=MORNING - timedelta(seconds=1))
    box.add("b", message(2), received_at=MORNING)
    office.take(box, since=MORNING)
    assert office.decisions() == {"a": "skipped:before", "b": "stored"}
    assert box.asked_for("headers") == ["b"]


def test_an_earlier_since_brings_what_was_from_before(office: Office, box: Box) -> None:
    """R21: history that is asked for later."""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1), received_at=MORNING - timedelta(days=1))
    office.take(box, since=MORNING)
    assert office.take(box, since=MORNING).known == 1
    assert office.take(box).stored == 1


def test_a_page_that_comes_twice_changes_nothing_and_asks_for_nothing(office: Office, box: Box) -> None:
    """E2"""
    carla = office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1))
    box.add("b", message(2, sender=STRANGER))
    office.take(box)
    box.asked.clear()
    outcomes = office.take(box)
    assert (outcomes.seen, outcomes.known) == (2, 2)
    assert box.asked == []
    assert office.timeline(carla) == ["Offer 1"]


def test_the_outcomes_of_a_page_add_up(office: Office, box: Box) -> None:
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1))
    box.add("b", message(1))
    box.add("c", message(2, sender=STRANGER))
    twice = [*box.seen.values(), box.seen["a"]]
    outcomes = office.take(box, twice)
    assert (outcomes.seen, outcomes.stored, outcomes.duplicates, outcomes.skipped) == (3, 1, 1, 1)
    with pytest.raises(ValueError, match="Of 2 messages 1 have an outcome"):
        Outcomes(seen=2, stored=1)


def test_settling_is_part_of_the_transaction_that_stores(office: Office, box: Box) -> None:
    """E2"""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1))
    box.add("b", message(2, sender=STRANGER))

    def settle(outcomes: Outcomes) -> None:
        assert Decision.objects.count() == 2
        raise LookupError("the lease is lost")

    with pytest.raises(LookupError):
        office.take(box, settle=settle)
    assert (office.decisions(), office.emails()) == ({}, [])
    assert office.take(box).stored == 1


def test_an_empty_page_is_settled_too(office: Office, box: Box) -> None:
    heard: list[Outcomes] = []
    office.take(box, settle=heard.append)
    assert heard == [Outcomes()]


def test_mail_is_taken_in_outside_of_every_scope(office: Office, box: Box) -> None:
    """E1"""
    with tenant_scope(office.northwind.tenant.pk), pytest.raises(ScopeError):
        office.take(box)


def test_a_message_among_colleagues_is_never_stored(office: Office, box: Box) -> None:
    """R3: by log-in addresses and by the aliases of open doors."""
    alice = office.door(office.northwind.alice)
    with tenant_scope(alice.tenant_id):
        alice.aliases = ["sales@northwind.example"]
        alice.save()
    office.contact("Bob", "bob@northwind.example")
    office.contact("Sales", "sales@northwind.example")
    box.add("a", message(1, sender="bob@northwind.example", to="Sales@Northwind.example, ada@northwind.example"))
    office.take(box)
    assert office.decisions() == {"a": "skipped:own-only"}


def test_what_we_wrote_goes_out(office: Office, box: Box) -> None:
    """R4"""
    carla = office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1, sender="Alice <ALICE@northwind.example>", to="carla@contoso.example"))
    office.take(box)
    assert office.timeline(carla) == ["Offer 1"]
    assert [email.direction for email in office.emails()] == ["out"]


def test_a_private_contact_of_another_gets_nothing(office: Office, box: Box) -> None:
    """R5"""
    of_bob = office.contact("Carla", "carla@contoso.example", owner=office.northwind.bob)
    box.add("a", message(1))
    assert office.take(box).reasons == {Reason.NO_CONTACT: 1}
    assert office.take(box, member=office.northwind.bob).stored == 1
    assert office.timeline(of_bob) == ["Offer 1"]


def test_files_are_listed_and_pictures_within_the_text_do_not_count(office: Office, box: Box) -> None:
    office.contact("Carla", "carla@contoso.example")
    part = "--x\r\nContent-Type: {}\r\nContent-Disposition: {}\r\n\r\n{}\r\n"
    body = part.format("text/plain", "inline", "See there.") + part.format(
        "application/pdf", 'attachment; filename="offer.pdf"', "%PDF"
    )
    box.add("a", message(1, body=body + "--x--", Content_Type='multipart/mixed; boundary="x"'))
    office.take(box)
    [email] = office.emails()
    assert email.has_attachments
    with tenant_scope(email.tenant_id):
        assert list(Attachment.objects.values_list("name", "content_type")) == [("offer.pdf", "application/pdf")]


def test_there_is_no_door_of_another_account(office: Office, box: Box) -> None:
    """S1"""
    order = Order(tenant_id=office.northwind.tenant.pk, door_id=0, since=None, settle=lambda _: None)
    with pytest.raises(ClosedTo):
        take(order, [Seen("a")], box)


def test_every_kept_outcome_is_one_of_a_decision() -> None:
    assert set(Decision.Outcome.values) == {outcome.value for outcome in Outcome} - {Outcome.KNOWN.value}
