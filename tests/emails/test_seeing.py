"""R37: pages and API show exactly what a plain model of the rule says, for random accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.test import APIClient

from accounts.models import Membership
from contacts.models import Contact, Note
from crm.lib.pagination import Page
from crm.lib.tenancy import tenant_scope
from emails import queries
from emails.functions import FUNCTIONS, body
from emails.models import Email, Party
from emails.queries import Box, Kind, Wanted
from emails.queries.activity import Sum, sums
from tests.conftest import ApiOf, Globex, Northwind
from tests.emails.factory import make_email
from tests.emails.worlds import FULL, MEMBERS, NOTHING, SUBJECT, Built, World, build, members, undone, worlds

# Not made smaller where one fails: that takes minutes, and the model says which email it is.
FEW = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DOORS_OF_CONTENT = ("body/", "raw/", "original/", "print/", "attachments/", "attachments/0/")
LOCKED = "Only the subject is shared with you"


def walk(page_of: Callable[..., Page[Any]]) -> list[Any]:
    """All items of a list that is asked for in pages of three, forward; and back again, which must be the same."""
    pages = [page_of(cursor=None, limit=3)]
    while pages[-1].next:
        pages.append(page_of(cursor=pages[-1].next, limit=3))
    back = [pages[-1]]
    while back[-1].previous:
        back.append(page_of(cursor=back[-1].previous, limit=3))
    items = [item for page in pages for item in page.items]
    assert [item for page in reversed(back) for item in page.items] == items
    return items


def lists(world: World, built: Built) -> Iterator[tuple[Wanted, dict[str, Any]]]:
    """What a list can be asked for, and how the model says it."""
    yield Wanted(), {}
    yield Wanted(Box.INCOMING), {"sent": False}
    yield Wanted(Box.SENT), {"sent": True}
    yield Wanted(Box.TRACKED), {"tracked": True}
    for name in MEMBERS:
        yield Wanted(members=(built.members[name].pk,)), {"by": name}
    for number, contact in enumerate(built.contacts):
        yield Wanted(contact=contact.pk), {"contact": number}


def counted(reader: Membership, wanted: Wanted, built: Built) -> dict[str | None, tuple[int, int]]:
    """What the Activity page counts: all, and what each colleague has."""
    found = sums(reader, wanted, days=1)
    counts: dict[str | None, Sum] = {None: found.whole}
    counts |= {name: found.members[one.pk] for name, one in built.members.items() if one.pk in found.members}
    return {name: (one.incoming, one.outgoing) for name, one in counts.items()}


@settings(FEW, max_examples=8)
@given(world=worlds(), member=members)
def test_lists_show_what_the_model_says(world: World, member: str, northwind: Northwind) -> None:
    with tenant_scope(northwind.tenant.pk), undone():
        built = build(world, northwind)
        reader = built.members[member]
        for wanted, words in lists(world, built):
            expected = world.shown(member, **words)
            flat = queries.email_page(reader, wanted).items
            assert built.numbers(flat) == expected
            assert [one.is_readable for one in flat] == [
                world.access(member, world.mails[number]) == FULL for number in expected
            ]
            assert all(one.is_readable or not (one.snippet or one.files) for one in flat)
            assert [{contact.id for contact in one.contacts} for one in flat] == [
                {built.contacts[contact].pk for contact in world.stored_for(member, number)} for number in expected
            ]
            rows = queries.conversation_page(reader, wanted).items
            assert built.numbers(rows) == world.folded(expected)
            assert [one.in_thread for one in rows] == [
                world.in_thread(member, number) for number in world.folded(expected)
            ]
            assert counted(reader, wanted, built) == world.counts(member, expected, words.get("by"))


@settings(FEW, max_examples=3)
@given(world=worlds(), member=members)
def test_pages_of_a_list_leave_nothing_out(world: World, member: str, northwind: Northwind) -> None:
    with tenant_scope(northwind.tenant.pk), undone():
        built = build(world, northwind)
        reader = built.members[member]
        flat = walk(lambda **at: queries.email_page(reader, Wanted(), **at))
        assert built.numbers(flat) == world.shown(member)
        rows = walk(lambda **at: queries.conversation_page(reader, Wanted(), **at))
        assert built.numbers(rows) == world.folded(world.shown(member))


@settings(FEW, max_examples=8)
@given(world=worlds(), member=members)
def test_one_email_opens_as_far_as_the_model_says(world: World, member: str, northwind: Northwind) -> None:
    with tenant_scope(northwind.tenant.pk), undone():
        built = build(world, northwind)
        reader = built.members[member]
        for mail, email in zip(world.mails, built.emails, strict=True):
            level = world.access(member, mail)
            assert queries.is_visible(reader, email.pk) == (level > NOTHING)
            if level == NOTHING:
                with pytest.raises(Http404):
                    queries.open_email(reader, email.pk)
                continue
            opened = queries.open_email(reader, email.pk)
            assert queries.is_readable(opened.email) == (level == FULL)
            assert bool(opened.email.text) == bool(opened.attachments) == (level == FULL)
            shown = [door for door in sorted(mail.doors) if world.through(member, door, mail) >= SUBJECT]
            assert sorted(one.door.address for one in opened.sources) == [f"{door}@door.example" for door in shown]
            if level == SUBJECT:
                with pytest.raises(PermissionDenied):
                    queries.get_readable_email(reader, email.pk)
            around = queries.conversation(reader, opened.email).emails
            of_thread = [one for one in world.shown(member) if world.mails[one].thread == mail.thread]
            assert built.numbers(one for one, _ in around) == of_thread[::-1]


@settings(FEW, max_examples=4)
@given(world=worlds(), member=members)
def test_timelines_weave_emails_and_notes_by_time(world: World, member: str, northwind: Northwind) -> None:
    with tenant_scope(northwind.tenant.pk), undone():
        built = build(world, northwind)
        reader = built.members[member]
        for number, contact in enumerate(built.contacts):
            if not world.sees(member, number):
                continue
            mails = [(world.mails[one].at, 1, built.emails[one].pk) for one in world.shown(member, contact=number)]
            notes = [(at, 0, note.pk) for (of, at), note in zip(world.notes, built.notes, strict=True) if of == number]
            for kind, expected in ((Kind.ALL, mails + notes), (Kind.EMAILS, mails)):
                shown = walk(lambda **at: queries.timeline_page(reader, contact, kind, **at))  # noqa: B023
                keys = [(0, one.pk) if isinstance(one, Note) else (1, one.id) for one in shown]
                assert keys == [key[1:] for key in sorted(expected, reverse=True)]


@settings(FEW, max_examples=3)
@given(world=worlds(), member=members)
def test_pages_and_the_api_show_the_same(
    world: World, member: str, northwind: Northwind, api_of: ApiOf, client_of: Callable[[Membership], Client]
) -> None:
    with undone():
        with tenant_scope(northwind.tenant.pk):
            built = build(world, northwind)
        program, person = api_of(built.members[member]), client_of(built.members[member])
        levels = [world.access(member, mail) for mail in world.mails]
        listed = world.shown(member)
        expected = [(built.emails[number].pk, "full" if levels[number] == FULL else "subject") for number in listed]
        assert of_api(program) == expected
        rows = world.folded(listed)
        page = person.get("/email/").content.decode()
        ids = [int(one) for one in re.findall(r'name="ids"\s+value="(\d+)"', page)]
        assert ids == [built.emails[number].pk for number in rows]
        assert page.count(LOCKED) == sum(levels[number] == SUBJECT for number in rows)
        # Of each level one by itself.
        for level in set(levels):
            number = levels.index(level)
            opens(world, member, number, level, built.emails[number].pk, program, person)


def opens(
    world: World, member: str, number: int, level: int, email_id: int, program: APIClient, person: Client
) -> None:
    """The reader, the API and the content show so much of it."""
    answer, page = program.get(f"/api/v1/emails/{email_id}/"), person.get(f"/email/{email_id}/")
    for part in DOORS_OF_CONTENT:
        status = {NOTHING: 404, SUBJECT: 403, FULL: 200}[level]
        assert person.get(f"/email/{email_id}/{part}").status_code == status
    if level == NOTHING:
        # Who could see it once is told that it is gone, and nobody else.
        mail = world.mails[number]
        could = any(world.sees(member, one) for one in mail.links)
        shown = could and any(world.through(member, door, mail) for door in mail.doors)
        assert (answer.status_code, page.status_code) == (404, 302 if shown else 404)
        return
    words = page.content.decode().split('id="reader"')[1]
    assert answer.json()["access"] == ("full" if level == FULL else "subject")
    assert bool(answer.json()["text"]) == bool(answer.json()["attachments"]) == (level == FULL)
    assert (f"/email/{email_id}/original/" in words) == ("secret.csv" in words) == (level == FULL)
    assert level == FULL or LOCKED in words


def test_another_account_sees_nothing_of_it(northwind: Northwind, globex: Globex, api_of: ApiOf) -> None:
    with tenant_scope(northwind.tenant.pk):
        make_email(Contact.objects.create(last_name="Moreau", sort_name="moreau"))
    assert api_of(globex.charlie).get("/api/v1/emails/").json()["results"] == []
    assert len(api_of(northwind.bob).get("/api/v1/emails/").json()["results"]) == 1


def of_api(program: APIClient) -> list[tuple[int, str]]:
    """The ids of a list, with how much is shown of each."""
    return [(one["id"], one["access"]) for one in program.get("/api/v1/emails/").json()["results"]]


@pytest.mark.usefixtures("scope")
def test_bcc_is_shown_to_who_sent_it_alone(northwind: Northwind, ines: Contact) -> None:
    """R1."""
    email = make_email(
        ines,
        direction=Email.Direction.OUTGOING,
        sender=("Alice", "alice@northwind.example"),
        to=["ines@atelier-lyon.example"],
        seen_by=northwind.alice,
    )
    Party.objects.create(email=email, role=Party.Role.BCC, address="secret@mail.example", position=9)
    seen = {
        member: "secret@mail.example" in [who.party.address for who in queries.open_email(member, email.pk).parties]
        for member in (northwind.alice, northwind.ada, northwind.bob)
    }
    assert seen == {northwind.alice: True, northwind.ada: False, northwind.bob: False}


@pytest.mark.django_db
def test_postgresql_has_the_functions_as_they_are_written_here() -> None:
    """Whoever changes one without a migration hears of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(%s)", [list(FUNCTIONS)])
        assert dict(cursor.fetchall()) == {name: body(name) for name in FUNCTIONS}
