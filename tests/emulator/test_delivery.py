"""Mail from anybody to everybody named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.delivery import UndeliverableError, deliver
from emulator.rfc822 import fields
from emulator.world import World

Mail = Callable[..., bytes]
ALICE = "alice@northwind.example"
BOB = "bob@northwind.example"
CARLA = "carla@contoso.example"


def test_every_recipient_gets_an_unread_copy_in_the_inbox(world: World, mail: Mail) -> None:
    outcome = deliver(world, mail(To=ALICE, Cc=BOB))
    assert set(outcome.copies) == {ALICE, BOB}
    assert all(copy.labels == {"INBOX", "UNREAD"} for copy in outcome.copies.values())


def test_the_sender_keeps_a_copy_among_the_sent(world: World, mail: Mail) -> None:
    deliver(world, mail())
    (sent,) = world.mailbox(CARLA).walk()
    assert sent.labels == {"SENT"}
    assert sent.folder == "sentitems"


def test_bcc_is_delivered_and_seen_by_the_sender_alone(world: World, mail: Mail) -> None:
    outcome = deliver(world, mail(Bcc=BOB))
    assert outcome.sent is not None
    assert outcome.sent.head.bcc == BOB
    assert {copy.head.bcc for copy in outcome.copies.values()} == {""}
    assert BOB in outcome.copies


def test_copies_tell_the_way_they_came(world: World, mail: Mail) -> None:
    copy = deliver(world, mail()).copies[ALICE]
    names = [name for name, _ in fields(copy.raw)]
    assert names[:2] == ["Return-Path", "Received"]
    assert dict(fields(copy.raw))["Return-Path"] == f"<{CARLA}>"


def test_a_missing_date_and_message_id_are_added_once_for_all(world: World, mail: Mail) -> None:
    outcome = deliver(world, mail(To=f"{ALICE}, {BOB}"))
    heads = [message.head for message in (*outcome.copies.values(), outcome.sent) if message]
    assert {head.message_id for head in heads} == {outcome.message_id}
    assert {head.date_ms for head in heads} == {world.clock.now_ms() // 1000 * 1000}


def test_date_and_message_id_are_kept_where_they_are(world: World, mail: Mail) -> None:
    raw = mail(Message_ID="<mine@contoso.example>", Date="Mon, 02 Nov 2026 10:00:00 +0100")
    copy = deliver(world, raw).copies[ALICE]
    assert copy.raw.endswith(raw)


def test_a_note_to_self_is_one_message_in_gmail(world: World, mail: Mail) -> None:
    world.open(ALICE, "google")
    deliver(world, mail(From=ALICE))
    (message,) = world.mailbox(ALICE).walk()
    assert message.labels == {"SENT", "INBOX", "UNREAD"}


def test_a_note_to_self_is_two_messages_in_outlook(world: World, mail: Mail) -> None:
    world.open(ALICE, "microsoft")
    deliver(world, mail(From=ALICE))
    assert {message.folder for message in world.mailbox(ALICE).walk()} == {"inbox", "sentitems"}


@pytest.mark.parametrize("to", [None, "undisclosed-recipients:;", "nobody"])
def test_mail_for_nobody_is_refused_and_not_stored(world: World, mail: Mail, to: str | None) -> None:
    with pytest.raises(UndeliverableError):
        deliver(world, mail(To=to))
    assert world.mailboxes == {}
