"""The change log that Gmail's history and Graph's delta are read from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.changes import ChangeExpiredError, ChangeKind
from emulator.mailbox import Mailbox
from emulator.world import World

Mail = Callable[..., bytes]


@pytest.fixture
def box(world: World) -> Mailbox:
    return world.mailbox("alice@northwind.example")


def test_nothing_happened_since_the_head(box: Mailbox, mail: Mail) -> None:
    box.add(mail(), folder="inbox")
    assert list(box.changes.since(box.changes.head)) == []


def test_ids_grow_with_gaps(box: Mailbox, mail: Mail) -> None:
    start = box.changes.head
    for _ in range(50):
        box.add(mail())
    ids = [change.id for change in box.changes.since(start)]
    assert ids == sorted(set(ids))
    assert ids[-1] - ids[0] > 50


def test_trashing_says_which_labels_came_and_went(box: Mailbox, mail: Mail) -> None:
    message = box.add(mail(), folder="inbox")
    change = box.relabel(message, add=["TRASH"], remove=["INBOX"])
    assert change is not None
    assert change.labels_added == {"TRASH"}
    assert change.labels_removed == {"INBOX"}
    assert (change.folder_before, change.folder) == ("inbox", "deleteditems")


def test_relabelling_to_the_same_is_no_change(box: Mailbox, mail: Mail) -> None:
    message = box.add(mail(), folder="inbox")
    assert box.relabel(message, add=["INBOX"]) is None


def test_a_move_shows_in_both_folders(box: Mailbox, mail: Mail) -> None:
    message = box.add(mail(), folder="inbox")
    start = box.changes.head
    box.move(message, "archive")
    (left,) = box.changes.since(start, folder="inbox")
    (came,) = box.changes.since(start, folder="archive")
    assert left is came
    assert left.moved


def test_a_deleted_message_keeps_its_ids_in_the_log(box: Mailbox, mail: Mail) -> None:
    message = box.add(mail(), folder="inbox")
    change = box.delete(message)
    assert (change.kind, change.gid, change.seq) == (ChangeKind.DELETED, message.gid, message.seq)
    assert (change.folder_before, change.folder) == ("inbox", None)


def test_every_cursor_is_too_old_after_expiry(box: Mailbox, mail: Mail) -> None:
    box.add(mail())
    cursor = box.changes.head
    box.changes.expire()
    with pytest.raises(ChangeExpiredError):
        box.changes.since(cursor)
    assert list(box.changes.since(box.changes.head)) == []


def test_a_cursor_from_the_future_is_refused(box: Mailbox) -> None:
    with pytest.raises(ChangeExpiredError):
        box.changes.since(box.changes.head + 1)


def test_listeners_hear_of_every_change(world: World, mail: Mail) -> None:
    heard: list[str] = []
    world.on_change(lambda box, change: heard.append(f"{box.address} {change.kind}"))
    box = world.mailbox("alice@northwind.example")
    box.delete(box.add(mail()))
    assert heard == ["alice@northwind.example added", "alice@northwind.example deleted"]
