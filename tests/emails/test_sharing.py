"""Who sees whose mail (R37): owners say it, colleagues ask, owners answer, and all of it can be undone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Membership
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Access, Door, Email, Privacy, Source
from emails.operations.sharing import answer_access
from emails.queries.sharing import get_access
from tests.conftest import ApiOf, Northwind
from tests.emails.conftest import Make
from tests.emails.factory import door_of, make_email
from tests.emails.test_storing import somebody_waits

LOCKED = "Only the subject is shared with you"
SECRET = "The secret words."
ClientOf = Callable[[Membership], Client]


@dataclass
class World:
    """Bob's mail with Ines in one conversation, and who looks at it."""

    cast: Northwind
    ines: Contact
    email: Email
    bob: Client
    ada: Client
    api_of: ApiOf

    @property
    def door(self) -> Door:
        return Door.objects.get(member=self.cast.bob, kind=Door.Kind.GMAIL)

    def share(self, what: str, word: str) -> None:
        """As Bob, on the pages: door, contact, or thread."""
        with tenant_scope(self.cast.tenant.pk):
            number = {"door": self.door.pk, "contact": self.ines.pk, "thread": self.email.thread_id}[what]
        assert self.bob.post(f"/email/{what}s/{number}/sharing/", {"visibility": word}).status_code == 302

    def seen(self, member: Membership | None = None) -> str:
        """What Ada sees of it: full, subject or nothing; the email by itself and the list must agree."""
        program = self.api_of(member or self.cast.ada)
        answer = program.get(f"/api/v1/emails/{self.email.pk}/")
        listed = {one["id"]: one for one in program.get("/api/v1/emails/").json()["results"]}.get(self.email.pk)
        if listed is None:
            assert answer.status_code == 404
            return "nothing"
        opened = answer.json()
        words = {"full": SECRET, "subject": ""}[opened["access"]]
        assert (opened["text"], opened["snippet"]) == (listed["snippet"], listed["snippet"]) == (words, words)
        assert opened["subject"] == listed["subject"] == "Offer"
        return str(opened["access"])

    def ask(self) -> Access:
        """Ada asks, on the page."""
        self.ada.post(f"/email/{self.email.pk}/ask/")
        with tenant_scope(self.cast.tenant.pk):
            return Access.objects.get(asker=self.cast.ada, owner=self.cast.bob)

    def answer(self, access: Access, word: str) -> None:
        self.bob.post(f"/email/requests/{access.pk}/answer/", {"granted": word})


def undo(client: Client) -> None:
    """Takes back the last thing that a toast offers to."""
    found = re.findall(r'name="id"\s+value="(\d+)"', client.get("/settings/tokens/").content.decode())
    assert found, "no toast offers an undo"
    client.post("/undo/", {"id": found[-1]})


def bell(client: Client) -> str:
    page = client.get("/contacts/").content.decode()
    return page[page.index('class="menu bell"') : page.index("</details>", page.index('class="menu bell"'))]


@pytest.fixture
def world(northwind: Northwind, ines: Contact, client_of: ClientOf, api_of: ApiOf) -> World:
    with tenant_scope(northwind.tenant.pk):
        email = make_email(ines, seen_by=northwind.bob, text=SECRET, snippet=SECRET)
    return World(northwind, ines, email, client_of(northwind.bob), client_of(northwind.ada), api_of)


# --- Saying it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["door", "contact", "thread"])
def test_owners_say_who_sees_and_it_acts_at_once(world: World, what: str) -> None:
    assert world.seen() == "full"
    for word, seen in (("subject", "subject"), ("only_me", "nothing"), ("everyone", "full")):
        world.share(what, word)
        assert world.seen() == seen
        assert world.seen(world.cast.bob) == "full"
    undo(world.bob)
    assert world.seen() == "nothing"


def test_a_conversation_goes_before_a_contact_and_that_before_the_mailbox(world: World) -> None:
    world.share("door", "only_me")
    assert world.seen() == "nothing"
    world.share("contact", "everyone")
    assert world.seen() == "full"
    world.share("thread", "subject")
    assert world.seen() == "subject"
    world.share("thread", "")
    assert world.seen() == "full"
    world.share("contact", "")
    assert world.seen() == "nothing"


def test_what_comes_after_it_was_said_is_shown_as_it_was_said(world: World) -> None:
    """It is decided as it is read, so that no order of storing and saying matters."""
    world.share("contact", "only_me")
    with tenant_scope(world.cast.tenant.pk):
        world.email = make_email(world.ines, seen_by=world.cast.bob, text=SECRET, snippet=SECRET)
    assert world.seen() == "nothing"


def test_pages_show_what_was_said_and_offer_the_rest(world: World) -> None:
    world.share("contact", "subject")
    card = world.bob.get(f"/contacts/{world.ines.pk}/").content.decode()
    assert "Who sees your emails with Ines Moreau" in card
    assert re.search(r'value="subject"\s+aria-current="true"', card)
    world.share("door", "only_me")
    settings = world.bob.get("/settings/email/").content.decode()
    assert "Your other emails" in settings  # Its mailbox is not connected any more.
    assert re.search(r'value="only_me"\s+aria-current="true"', settings)


def test_only_the_owner_says_it_whatever_the_role_of_others(world: World, client_of: ClientOf) -> None:
    with tenant_scope(world.cast.tenant.pk):
        door = world.door.pk
    for member in (world.cast.alice, world.cast.ada):
        other = client_of(member)
        assert other.post(f"/email/doors/{door}/sharing/", {"visibility": "only_me"}).status_code == 404
        answer = other.post(f"/email/threads/{world.email.thread_id}/sharing/", {"visibility": "only_me"})
        assert answer.status_code == 403
        assert "only who has it can share it" in answer.content.decode()
        # Of a contact everybody speaks for their own mail.
        other.post(f"/email/contacts/{world.ines.pk}/sharing/", {"visibility": "only_me"})
    assert world.seen() == "full"


def test_nonsense_changes_nothing(world: World) -> None:
    for body in ({}, {"visibility": "all"}):
        world.bob.post(f"/email/contacts/{world.ines.pk}/sharing/", body)
    assert world.seen() == "full"
    assert "nothing was changed" in world.bob.get("/contacts/").content.decode()
    with tenant_scope(world.cast.tenant.pk):
        assert not Privacy.objects.exists()


def test_what_was_said_since_is_not_undone(world: World) -> None:
    world.share("contact", "subject")
    page = world.bob.get("/settings/tokens/").content.decode()
    world.share("contact", "only_me")
    world.bob.post("/undo/", {"id": re.findall(r'name="id"\s+value="(\d+)"', page)[-1]})
    assert world.seen() == "nothing"


def test_the_log_names_no_subject(world: World) -> None:
    world.share("thread", "subject")
    world.answer(world.ask(), "yes")
    with tenant_scope(world.cast.tenant.pk):
        said = [f"{entry.summary} {entry.details}" for entry in AuditEntry.objects.filter(object_type__contains="")]
    assert any("let Ada" in one for one in said)
    assert not [one for one in said if "Offer" in one]


# --- A reader of the subject ----------------------------------------------------------------------


def test_who_sees_the_subject_finds_no_more_by_any_door(world: World, api_of: ApiOf) -> None:
    world.share("door", "subject")
    page = world.ada.get(f"/email/{world.email.pk}/").content.decode()
    for words in ("Offer", "Ines Moreau", LOCKED, "has this email, and can let you read it", "Ask for access"):
        assert words in page
    url = f"/email/{world.email.pk}/"
    for part in ("body/", "body/remote/", "raw/", "attachments/0/"):
        assert world.ada.get(url + part).status_code == 403
    for part in ("store/", "unstore/", "delete/"):
        refused = world.ada.post(url + part, {"contact": world.ines.pk})
        assert refused.status_code == 403
        assert "only the subject" in refused.content.decode()
    program = api_of(world.cast.ada)
    shown = program.get(f"/api/v1/emails/{world.email.pk}/").json()
    assert (shown["access"], shown["subject"]) == ("subject", "Offer")
    assert not any(shown[name] for name in ("snippet", "text", "message_id", "size", "attachments", "has_html"))
    listed = program.get("/api/v1/emails/").json()["results"]
    assert [(one["access"], one["snippet"]) for one in listed] == [("subject", "")]
    contact = {"contact": world.ines.pk}
    for answer in (
        program.delete(f"/api/v1/emails/{world.email.pk}/"),
        program.post(f"/api/v1/emails/{world.email.pk}/store/", contact, format="json"),
        program.post(f"/api/v1/emails/{world.email.pk}/unstore/", contact, format="json"),
        program.get(f"/api/v1/emails/{world.email.pk}/raw/"),
    ):
        assert answer.status_code == 403
        assert "only the subject" in answer.json()["detail"]


def test_who_sees_nothing_is_not_told_that_there_is_something(world: World, api_of: ApiOf) -> None:
    world.share("door", "only_me")
    program = api_of(world.cast.ada)
    thread = world.email.thread_id
    for url in (f"emails/{world.email.pk}/", f"threads/{thread}/", f"threads/{thread}/visibility/"):
        assert program.get(f"/api/v1/{url}").status_code == 404
    assert world.ada.post(f"/email/{world.email.pk}/ask/").status_code == 404
    assert program.post(f"/api/v1/emails/{world.email.pk}/request-access/").status_code == 404


def test_a_colleague_who_hides_it_is_not_named(world: World, api_of: ApiOf) -> None:
    """Alice has it too, for nobody else: Ada learns of Bob's copy alone."""
    with tenant_scope(world.cast.tenant.pk):
        Source.objects.create(email=world.email, door=door_of(world.cast.alice), key="hers")
        Door.objects.filter(member=world.cast.alice).update(visibility=0)
    world.share("door", "subject")
    page = world.ada.get(f"/email/{world.email.pk}/").content.decode()
    assert f"{world.cast.bob} has this email" in page
    assert f"{world.cast.alice} has" not in page
    shown = api_of(world.cast.ada).get(f"/api/v1/emails/{world.email.pk}/").json()
    assert [one["member"] for one in shown["sources"]] == [world.cast.bob.pk]
    world.ada.post(f"/email/{world.email.pk}/ask/")
    with tenant_scope(world.cast.tenant.pk):
        assert [one.owner_id for one in Access.objects.all()] == [world.cast.bob.pk]
    # She can read what her own copy shows.
    assert world.seen(world.cast.alice) == "full"


def test_the_mail_of_who_has_left_stays_as_they_had_set_it(world: World) -> None:
    world.share("door", "subject")
    with tenant_scope(world.cast.tenant.pk):
        Membership.objects.filter(pk=world.cast.bob.pk).update(deactivated_at=timezone.now())
    page = world.ada.get(f"/email/{world.email.pk}/").content.decode()
    assert "no longer in the team to share it" in page
    assert "Ask for access" not in page
    world.ada.post(f"/email/{world.email.pk}/ask/")
    with tenant_scope(world.cast.tenant.pk):
        assert not Access.objects.exists()


# --- Asking and answering -----------------------------------------------------------------------


def test_asking_is_answered_from_the_bell(world: World) -> None:
    world.share("door", "subject")
    access = world.ask()
    assert "Asked Bob" in world.ada.get(f"/email/{world.email.pk}/").content.decode()
    waiting = bell(world.bob)
    assert "Notifications, 1 new" in waiting
    assert "Ada" in waiting
    assert "Offer" in waiting
    assert "asks to read this conversation" in world.bob.get(f"/email/{world.email.pk}/").content.decode()
    world.answer(access, "yes")
    assert world.seen() == "full"
    assert "Nothing waits for you" in bell(world.bob)
    assert "lets you read" in bell(world.ada)
    world.ada.post(f"/email/requests/{access.pk}/put-away/")
    assert "Nothing waits for you" in bell(world.ada)


def test_an_answer_is_taken_back_and_a_grant_withdrawn_without_a_word(world: World) -> None:
    world.share("door", "subject")
    access = world.ask()
    world.answer(access, "yes")
    undo(world.bob)
    assert world.seen() == "subject"
    assert "asks to read" in bell(world.bob)
    world.answer(access, "yes")
    assert "Remove" in world.bob.get(f"/email/{world.email.pk}/").content.decode()
    world.answer(access, "no")
    assert world.seen() == "subject"
    assert "Nothing waits for you" in bell(world.ada)


def test_nobody_is_asked_twice_nor_soon_after_they_refused(world: World) -> None:
    world.share("door", "subject")
    access = world.ask()
    world.ask()
    assert "You have asked Bob" in world.ada.get("/contacts/").content.decode()
    world.answer(access, "no")
    assert "not now" in bell(world.ada)
    world.ask()
    assert "Nothing waits for you" in bell(world.bob)
    assert "you can ask again from" in world.ada.get("/contacts/").content.decode()
    with tenant_scope(world.cast.tenant.pk):
        Access.objects.update(answered_at=timezone.now() - timedelta(days=8))
    assert world.ask().is_granted is None
    assert "asks to read" in bell(world.bob)


@pytest.mark.django_db(transaction=True)
def test_asking_again_takes_no_answer_away_that_is_given_at_the_same_moment(world: World) -> None:
    """Bob has thought better of his refusal while Ada asks once more."""
    world.share("door", "subject")
    access = world.ask()
    world.answer(access, "no")
    with tenant_scope(world.cast.tenant.pk):
        Access.objects.update(answered_at=timezone.now() - timedelta(days=8))

    def ask() -> None:
        try:
            world.ada.post(f"/email/{world.email.pk}/ask/")
        finally:
            connection.close()

    thread = threading.Thread(target=ask)
    with tenant_scope(world.cast.tenant.pk):
        current = get_access(world.cast.bob, access.pk)
        answer_access(actor=world.cast.bob, access=current, is_granted=True)
        thread.start()
        somebody_waits()
    thread.join(20)
    assert world.seen() == "full"


def test_a_question_is_taken_back(world: World) -> None:
    world.share("door", "subject")
    world.ask()
    undo(world.ada)
    assert "Nothing waits for you" in bell(world.bob)


def test_only_whose_mail_it_is_answers(world: World, client_of: ClientOf) -> None:
    world.share("door", "subject")
    access = world.ask()
    assert world.ada.post(f"/email/requests/{access.pk}/answer/", {"granted": "yes"}).status_code == 403
    assert world.bob.post(f"/email/requests/{access.pk}/put-away/").status_code == 403
    alice = client_of(world.cast.alice)
    assert alice.post(f"/email/requests/{access.pk}/answer/", {"granted": "yes"}).status_code == 404
    assert world.seen() == "subject"


def test_only_me_takes_back_what_single_colleagues_may_read(world: World) -> None:
    world.share("door", "subject")
    world.answer(world.ask(), "yes")
    world.share("thread", "only_me")
    assert world.seen() == "nothing"
    undo(world.bob)
    assert world.seen() == "full"


def test_a_grant_opens_no_contact_that_its_reader_cannot_see(world: World) -> None:
    world.share("door", "subject")
    world.answer(world.ask(), "yes")
    with tenant_scope(world.cast.tenant.pk):
        Contact.objects.filter(pk=world.ines.pk).update(is_private=True, owner=world.cast.bob)
    assert world.seen() == "nothing"


def test_programs_say_ask_and_answer(world: World, api_of: ApiOf) -> None:
    bob, ada = api_of(world.cast.bob), api_of(world.cast.ada)
    for url in (f"contacts/{world.ines.pk}/visibility/", f"threads/{world.email.thread_id}/visibility/"):
        assert bob.get(f"/api/v1/{url}").json() == {"visibility": None}
        assert bob.put(f"/api/v1/{url}", {"visibility": "subject"}, format="json").json() == {"visibility": "subject"}
        assert bob.put(f"/api/v1/{url}", {"visibility": "all"}, format="json").status_code == 400
    assert world.seen() == "subject"
    asked = ada.post(f"/api/v1/emails/{world.email.pk}/request-access/").json()
    assert asked["asked"] == 1
    [request] = bob.get("/api/v1/access-requests/").json()["results"]
    assert (request["subject"], request["granted"], request["asker"]["id"]) == ("Offer", None, world.cast.ada.pk)
    url = f"/api/v1/access-requests/{request['id']}/"
    assert ada.patch(url, {"granted": True}, format="json").status_code == 403
    assert bob.patch(url, {"granted": True}, format="json").json()["granted"] is True
    assert world.seen() == "full"
    assert api_of(world.cast.alice).get(url).status_code == 404


# --- What it costs ------------------------------------------------------------------------------


def test_the_bell_and_the_reader_cost_the_same_however_much_is_asked(world: World, email: Make) -> None:
    world.share("door", "subject")

    def cost(url: str, client: Client) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    world.ask()
    urls = [
        ("/contacts/", world.bob),
        (f"/email/{world.email.pk}/", world.bob),
        (f"/email/{world.email.pk}/", world.ada),
    ]
    before = [cost(url, client) for url, client in urls]
    with tenant_scope(world.cast.tenant.pk):
        for _ in range(4):
            more = email(world.ines, subject="More", seen_by=world.cast.bob)
            Access.objects.create(thread=more.thread, asker=world.cast.ada, owner=world.cast.bob)
        Access.objects.create(thread=world.email.thread, asker=world.cast.alice, owner=world.cast.bob)
    assert [cost(url, client) for url, client in urls] == before


def test_what_only_its_subject_is_shared_of_is_not_said_to_be_deleted(world: World) -> None:
    world.share("thread", "subject")
    page = world.ada.post("/email/delete/", {"ids": [world.email.pk]}, follow=True).content.decode()
    assert "Nothing was deleted: only the subject is shared with you." in page
    assert world.seen() == "subject"
