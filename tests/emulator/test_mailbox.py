"""One mailbox under two faces: lists, ids, labels and folders."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest

from emulator.mailbox import Mailbox
from emulator.world import World, WrongProviderError

Mail = Callable[..., bytes]


@pytest.fixture
def box(world: World) -> Mailbox:
    return world.mailbox("alice@northwind.example")


def test_the_same_seed_gives_the_same_ids(mail: Mail) -> None:
    def first_id() -> str:
        return World(seed=3).mailbox("alice@northwind.example").add(mail(), date_ms=1).gmail_id

    assert first_id() == first_id()


def test_an_address_has_one_mailbox_however_it_is_written(world: World) -> None:
    assert world.mailbox(" Alice@Northwind.example") is world.mailbox("alice@northwind.example")


def test_a_mailbox_belongs_to_the_provider_that_named_it_first(world: World) -> None:
    world.open("alice@northwind.example", "google")
    with pytest.raises(WrongProviderError):
        world.open("alice@northwind.example", "microsoft")


def test_pages_by_key_show_everything_once_newest_first(box: Mailbox, mail: Mail) -> None:
    added = [box.add(mail(), date_ms=date) for date in (5, 1, 5, 3, 9)]
    page = list(islice(box.walk(), 2))
    rest = list(box.walk(below=page[-1].key))
    assert [each.date_ms for each in page + rest] == [9, 5, 5, 3, 1]
    assert {each.seq for each in page + rest} == {each.seq for each in added}


def test_labels_are_met_together(box: Mailbox, mail: Mail) -> None:
    both = box.add(mail(), labels=["INBOX", "STARRED"])
    box.add(mail(), labels=["INBOX"])
    assert list(box.walk(labels=["INBOX", "STARRED"])) == [both]


def test_reading_a_message_leaves_it_where_it_is(box: Mailbox, mail: Mail) -> None:
    message = box.add(mail(), folder="inbox", read=False)
    change = box.relabel(message, remove=["UNREAD"])
    assert change is not None
    assert (message.folder, message.is_read) == ("inbox", True)
    assert change.fields == {"isRead"}


def test_a_draft_in_deleted_items_is_still_a_draft(box: Mailbox, mail: Mail) -> None:
    message = box.add(mail(), folder="drafts")
    box.move(message, "deleteditems")
    assert message.labels == {"DRAFT", "TRASH"}


def test_starring_leaves_a_message_in_its_own_folder(box: Mailbox, mail: Mail) -> None:
    folder = box.folders.at("Projects/Acme")
    message = box.add(mail(), folder=folder.key)
    box.relabel(message, add=["STARRED"])
    assert message.folder == folder.key
    assert box.folders.path(folder) == "Projects/Acme"


def test_a_move_ends_the_classic_id_and_keeps_the_immutable_one(box: Mailbox, mail: Mail) -> None:
    message = box.add(mail(), folder="inbox")
    classic = box.graph_id(message, immutable=False)
    immutable = box.graph_id(message, immutable=True)
    box.move(message, "archive")
    assert box.by_graph_id(classic) is None
    assert box.by_graph_id(immutable) is message


def test_graph_ids_are_case_sensitive_and_of_one_mailbox(world: World, box: Mailbox, mail: Mail) -> None:
    graph_id = box.graph_id(box.add(mail()), immutable=True)
    other = world.mailbox("bob@northwind.example")
    other.add(mail())
    assert box.by_graph_id(graph_id.swapcase()) is None
    assert other.by_graph_id(graph_id) is None


@pytest.mark.parametrize("garbage", ["", "AAMk", "inbox", "ä", "AAMkAA==", "=" * 152])
def test_a_garbled_graph_id_is_nobody(box: Mailbox, garbage: str) -> None:
    assert box.by_graph_id(garbage) is None


def test_removing_a_label_takes_it_off_every_message(box: Mailbox, mail: Mail) -> None:
    label = box.labels.create("Customers")
    message = box.add(mail(), labels=["INBOX", label.id])
    box.remove_label(label)
    assert message.labels == {"INBOX"}
    assert box.labels.named("customers") is None


def test_removing_a_folder_deletes_what_lies_below_it(box: Mailbox, mail: Mail) -> None:
    message = box.add(mail(), folder=box.folders.at("Projects/Acme").key)
    box.remove_folder(box.folders.at("Projects"))
    assert box.get(message.seq) is None
    assert [folder.name for folder in box.folders if not folder.well_known] == []


def test_a_draft_written_on_is_found_by_its_new_message_id(box: Mailbox, mail: Mail) -> None:
    draft = box.add(mail(Message_ID="<1@northwind.example>"), folder="drafts")
    box.update(draft, {"body"}, raw=mail(Message_ID="<2@northwind.example>"))
    assert box.by_message_id("<1@northwind.example>") == []
    assert box.by_message_id("<2@northwind.example>") == [draft]


def test_a_new_date_moves_a_message_in_every_list(box: Mailbox, mail: Mail) -> None:
    old = box.add(mail(), folder="drafts", date_ms=1)
    box.add(mail(), folder="drafts", date_ms=5)
    box.update(old, {"receivedDateTime"}, date_ms=9)
    for messages in (box.walk(), box.walk(folder="drafts"), box.walk(labels=["DRAFT"])):
        assert [each.date_ms for each in messages] == [9, 5]


def test_sending_a_draft_is_one_change_of_place_and_flag(box: Mailbox, mail: Mail) -> None:
    draft = box.add(mail(), folder="drafts")
    change = box.relabel(draft, add=["SENT"], remove=["DRAFT"])
    assert change is not None
    assert change.fields == {"isDraft", "parentFolderId"}
    assert draft.folder == "sentitems"


def test_a_folder_cannot_lie_below_itself(box: Mailbox) -> None:
    inner = box.folders.at("Projects/Acme")
    outer = box.folders.at("Projects")
    with pytest.raises(ValueError, match="in itself"):
        box.folders.change(outer, name="Projects", parent=inner.key)


def test_changes_of_folders_can_be_told_by_cursor(box: Mailbox) -> None:
    folder = box.folders.at("Projects")
    cursor = box.changes.head
    other = box.folders.at("Customers")
    box.remove_folder(folder)
    assert [each.key for each in box.folders if each.change > cursor] == [other.key]
    assert [number for change, number in box.folders.removed if change > cursor] == [folder.number]
