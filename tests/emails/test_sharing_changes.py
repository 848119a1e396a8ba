"""Who sees whose mail (R37), where links, contacts and conversations change: nothing is shown that was hidden."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from accounts.models import Undo
from accounts.undo import UnableToUndo, carry_out
from contacts import operations as contacts
from contacts.filters import Selection
from contacts.models import Contact
from contacts.queries import data_of, get_contact
from crm.lib.tenancy import tenant_scope
from emails.models import Access, Email, Link, Privacy, Visibility
from emails.operations.joining import join_sharing
from intake.merging import follow_merges, homes_of
from intake.operations import rematch
from tests.conftest import ApiOf
from tests.emails import test_sharing
from tests.emails.conftest import INES, PAUL, Make
from tests.emails.factory import make_email
from tests.emails.test_sharing import SECRET, World, bell, undo

#: A fixture is found by its name.
world = test_sharing.world

FROM_PAUL = ("Paul Girard", "paul@atelier-lyon.example")


def test_taking_an_email_off_a_contact_does_not_show_what_was_hidden(world: World, paul: Contact) -> None:
    with tenant_scope(world.cast.tenant.pk):
        Link.objects.create(email=world.email, contact=paul, sent_at=world.email.sent_at)
    world.share("contact", "only_me")
    world.bob.post(f"/email/{world.email.pk}/unstore/", {"contact": world.ines.pk})
    assert world.seen() == "nothing"
    assert world.seen(world.cast.bob) == "full"


def test_moving_an_email_ends_what_its_contact_opened(world: World, paul: Contact) -> None:
    world.share("door", "only_me")
    world.share("contact", "everyone")
    assert world.seen() == "full"
    world.bob.post(f"/email/{world.email.pk}/move/", {"from": world.ines.pk, "contact": paul.pk})
    assert world.seen() == "nothing"


def test_a_contact_that_is_open_opens_nothing_that_concerns_another_too(world: World, paul: Contact) -> None:
    """Else any colleague could read any email: they give its address to a contact that its owner has opened."""
    cast = world.cast
    world.share("door", "subject")
    world.bob.post(f"/email/contacts/{paul.pk}/sharing/", {"visibility": "everyone"})
    with tenant_scope(cast.tenant.pk):
        given = replace(data_of(get_contact(cast.ada, paul.pk)), emails=("ines@atelier-lyon.example",))
        taken = replace(data_of(get_contact(cast.ada, world.ines.pk)), emails=())
        contacts.update_contact(actor=cast.ada, contact=world.ines, data=taken)
        contacts.update_contact(actor=cast.ada, contact=paul, data=given)
        assert rematch([paul.pk, world.ines.pk]) == 1
    assert world.seen() == "subject"
    with tenant_scope(cast.tenant.pk):
        contacts.delete_contacts(actor=cast.ada, selection=Selection(ids=(world.ines.pk,)))
    assert world.seen() == "subject"


def test_merging_contacts_shows_nothing_that_was_hidden_and_parting_hides_nothing_more(
    world: World, paul: Contact
) -> None:
    world.share("contact", "only_me")
    cast = world.cast
    with tenant_scope(cast.tenant.pk):
        after = make_email(paul, subject="Paul's", sender=FROM_PAUL, seen_by=cast.bob)
        done = contacts.merge_contacts(actor=cast.alice, into=paul, others=[world.ines])
        follow_merges(homes_of([paul.pk, world.ines.pk]))
    assert world.seen() == "nothing"
    # What is stored for the one contact that there is now may be with either.
    assert world.ada.get(f"/email/{after.pk}/").status_code == 404
    card = world.bob.get(f"/contacts/{paul.pk}/").content.decode()
    assert re.search(r'value="only_me"\s+aria-current="true"', card)
    assert done.undo is not None
    with tenant_scope(cast.tenant.pk):
        carry_out(done.undo)
        follow_merges(homes_of([paul.pk, world.ines.pk]))
    assert world.seen() == "nothing"
    assert world.ada.get(f"/email/{after.pk}/").status_code == 200


def test_what_is_said_of_a_merged_contact_holds_for_both_when_they_are_parted(world: World, paul: Contact) -> None:
    world.share("contact", "only_me")
    cast = world.cast
    with tenant_scope(cast.tenant.pk):
        contacts.merge_contacts(actor=cast.alice, into=paul, others=[world.ines])
        follow_merges(homes_of([paul.pk, world.ines.pk]))
    world.bob.post(f"/email/contacts/{paul.pk}/sharing/", {"visibility": "subject"})
    assert world.seen() == "subject"
    undo(world.bob)
    assert world.seen() == "nothing"


def join(world: World, other: Email) -> None:
    """As intake does where a message ties two conversations."""
    with tenant_scope(world.cast.tenant.pk):
        first, then = sorted([world.email.thread_id, other.thread_id])
        join_sharing({then: first})
        Email.objects.filter(thread=then).update(thread=first)


@pytest.fixture
def other(world: World, email: Make) -> Email:
    """Another conversation of Bob's with Ines."""
    return email(world.ines, subject="Other", seen_by=world.cast.bob)


def status(world: World, email: Email) -> int:
    return world.ada.get(f"/email/{email.pk}/").status_code


def test_the_strictest_holds_for_conversations_that_become_one(world: World, other: Email) -> None:
    world.share("thread", "only_me")
    join(world, other)
    assert world.seen() == "nothing"
    assert status(world, other) == 404


def test_joining_opens_nothing_that_contact_or_mailbox_hid(world: World, other: Email) -> None:
    world.share("door", "only_me")
    world.share("thread", "everyone")
    assert (world.seen(), status(world, other)) == ("full", 404)
    join(world, other)
    assert (world.seen(), status(world, other)) == ("nothing", 404)


def test_a_grant_reaches_no_part_that_it_was_not_given_for(world: World, other: Email, api_of: ApiOf) -> None:
    """Else whoever may read one conversation could open another by a message that ties the two."""
    world.share("door", "subject")
    world.answer(world.ask(), "yes")
    join(world, other)
    assert world.seen() == "subject"
    assert api_of(world.cast.ada).get(f"/api/v1/emails/{other.pk}/").json()["access"] == "subject"
    # Bob decides anew, on the whole.
    assert "asks to read" in bell(world.bob)
    with tenant_scope(world.cast.tenant.pk):
        access = Access.objects.get()
    world.answer(access, "yes")
    assert world.seen() == "full"


def test_a_grant_stays_where_the_other_part_hides_nothing(world: World, email: Make, paul: Contact) -> None:
    world.share("contact", "subject")
    world.answer(world.ask(), "yes")
    join(world, email(paul, subject="Open", sender=FROM_PAUL, seen_by=world.cast.bob))
    assert world.seen() == "full"


# --- Taking back what was said of a part ---------------------------------------------------------


def test_taking_back_what_was_said_of_a_part_does_not_open_the_whole(world: World, other: Email) -> None:
    """Bob has hidden the other conversation; then a message ties the two."""
    world.share("thread", "only_me")
    with tenant_scope(world.cast.tenant.pk):
        Privacy.objects.create(member=world.cast.bob, thread_id=other.thread_id, visibility=Visibility.ONLY_ME)
    join(world, other)
    undo(world.bob)
    assert (world.seen(), status(world, other)) == ("nothing", 404)


def test_nor_does_it_open_what_contact_or_mailbox_hides_of_the_other_part(world: World, other: Email) -> None:
    world.share("thread", "everyone")
    world.share("thread", "")
    world.share("door", "only_me")
    join(world, other)
    with tenant_scope(world.cast.tenant.pk):
        said = Undo.objects.filter(kind="sharing.thread").latest("pk")
        with pytest.raises(UnableToUndo, match="Another conversation has become part of this one since"):
            carry_out(said)
    assert (world.seen(), status(world, other)) == ("nothing", 404)


def refuse_join_undo(world: World, other: Email) -> None:
    """Bob lets Ada read, then no more; the conversation becomes one with another; he takes the refusal back."""
    world.share("door", "subject")
    access = world.ask()
    world.answer(access, "yes")
    world.answer(access, "no")
    join(world, other)
    undo(world.bob)


def test_a_refusal_that_is_taken_back_lets_nobody_read_what_came_to_the_conversation(
    world: World, other: Email
) -> None:
    refuse_join_undo(world, other)
    assert world.seen() == "subject"


def test_whom_bob_has_refused_since_does_not_read_again_when_he_opens_the_conversation_again(world: World) -> None:
    world.share("door", "subject")
    world.answer(world.ask(), "yes")
    world.share("thread", "only_me")
    with tenant_scope(world.cast.tenant.pk):
        said = Undo.objects.filter(kind="sharing.thread").latest("pk")
        again = Access.objects.get()
        again.is_granted = again.answered_at = None
        again.save()
    world.answer(again, "no")
    with tenant_scope(world.cast.tenant.pk):
        carry_out(said)
    assert world.seen() == "subject"


# --- Addresses that go from one contact to another -----------------------------------------------


def move_address(world: World, to: Contact) -> None:
    """As Ada: takes the address of Ines, and gives it to another contact."""
    ada, email = world.cast.ada, "ines@atelier-lyon.example"
    with tenant_scope(world.cast.tenant.pk):
        for contact, change in ((world.ines, ()), (to, (email,))):
            data = data_of(get_contact(ada, contact.pk))
            emails = (*(one for one in data.emails if one != email), *change)
            contacts.update_contact(actor=ada, contact=contact, data=replace(data, emails=emails))


def comes(world: World, contact: Contact) -> str:
    """What Ada sees of an email that Bob gets now, and that is stored for the contact."""
    with tenant_scope(world.cast.tenant.pk):
        world.email = make_email(contact, seen_by=world.cast.bob, text=SECRET, snippet=SECRET)
    return world.seen()


def said_of(world: World, contact: Contact, word: str) -> None:
    world.bob.post(f"/email/contacts/{contact.pk}/sharing/", {"visibility": word})


@pytest.mark.parametrize("before", ["", "everyone"])
def test_what_was_said_of_a_contact_holds_for_whoever_gets_its_address(
    world: World, paul: Contact, before: str
) -> None:
    """Else a colleague decides what new mail to that address shows, by giving it to a contact that is open."""
    said_of(world, paul, before)
    world.share("contact", "only_me")
    move_address(world, paul)
    assert comes(world, paul) == "nothing"


def test_a_contact_made_with_the_address_later_is_no_more_open(world: World) -> None:
    world.share("contact", "subject")
    with tenant_scope(world.cast.tenant.pk):
        contacts.delete_contacts(actor=world.cast.ada, selection=Selection(ids=(world.ines.pk,)))
        new = contacts.create_contact(actor=world.cast.ada, data=INES)
    assert comes(world, new) == "subject"


def test_moving_opens_nothing_where_the_mailbox_says_less(world: World, paul: Contact) -> None:
    world.share("door", "only_me")
    world.share("contact", "subject")
    move_address(world, paul)
    assert comes(world, paul) == "nothing"


def test_an_address_that_is_taken_and_given_back_stays_as_it_was_said(world: World, paul: Contact) -> None:
    world.share("contact", "only_me")
    move_address(world, paul)
    with tenant_scope(world.cast.tenant.pk):
        for contact, data in ((paul, PAUL), (world.ines, INES)):
            contacts.update_contact(actor=world.cast.ada, contact=contact, data=data)
    assert comes(world, world.ines) == "nothing"


def test_the_owner_says_otherwise_and_that_goes_with_the_address_from_then_on(
    world: World, paul: Contact, secret: Contact
) -> None:
    world.share("contact", "only_me")
    move_address(world, paul)
    said_of(world, paul, "everyone")
    assert comes(world, paul) == "full"
    with tenant_scope(world.cast.tenant.pk):
        given = replace(PAUL, emails=("ines@atelier-lyon.example", "paul@girard.example"))
        contacts.update_contact(actor=world.cast.ada, contact=paul, data=given)
        new = contacts.create_contact(actor=world.cast.ada, data=INES)
    assert comes(world, paul) == comes(world, new) == "full"


def give(world: World, to: Contact, *emails: str) -> None:
    """As Ada: these are the contact's addresses."""
    ada = world.cast.ada
    with tenant_scope(world.cast.tenant.pk):
        data = data_of(get_contact(ada, to.pk))
        contacts.update_contact(actor=ada, contact=to, data=replace(data, emails=emails))


def test_who_had_the_address_as_well_is_no_more_open_when_the_other_goes(world: World, paul: Contact) -> None:
    give(world, paul, *PAUL.emails, *INES.emails)
    world.share("contact", "only_me")
    with tenant_scope(world.cast.tenant.pk):
        contacts.delete_contacts(actor=world.cast.ada, selection=Selection(ids=(world.ines.pk,)))
    assert comes(world, paul) == "nothing"


def test_an_address_lent_for_a_while_opens_nothing_later(world: World, paul: Contact) -> None:
    """What is said of one contact never says anything of another, of whom its owner said nothing."""
    world.share("contact", "subject")
    give(world, paul, *PAUL.emails, *INES.emails)
    give(world, paul, *PAUL.emails)
    world.share("door", "only_me")
    assert comes(world, paul) == "nothing"


def test_an_undo_remembers_the_addresses_again(world: World, paul: Contact) -> None:
    world.share("contact", "only_me")
    give(world, world.ines)
    world.share("contact", "subject")
    undo(world.bob)
    give(world, paul, *INES.emails)
    assert comes(world, paul) == "nothing"
    said_of(world, paul, "everyone")
    assert comes(world, paul) == "full"
    undo(world.bob)
    assert comes(world, paul) == "nothing"


def test_taking_a_refusal_back_opens_nothing_that_the_conversation_was_joined_to(
    world: World, email: Make, ines: Contact
) -> None:
    older = email(ines, subject="Older", seen_by=world.cast.bob)
    with tenant_scope(world.cast.tenant.pk):
        world.email = make_email(ines, text=SECRET, seen_by=world.cast.bob)
    refuse_join_undo(world, older)
    assert world.api_of(world.cast.ada).get(f"/api/v1/emails/{older.pk}/").json()["access"] == "subject"
