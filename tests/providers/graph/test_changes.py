"""What happened since a cursor: one delta chain a folder, with all its oddities."""

from __future__ import annotations

import pytest

from providers.base import Missing, Place, Provider, Seen
from tests.providers.graph.conftest import LONG_AGO, Outlook, begun, cycle, subject, subjects


def test_only_what_came_after_the_first_cursor_is_told(outlook: Outlook, bob: Provider) -> None:
    outlook.put("before")
    cursor = begun(bob)
    outlook.put("after")
    items, _, pages = cycle(bob, cursor)
    assert subjects(items) == ["after"]
    assert not any(page.recovered for page in pages)


def test_a_second_look_tells_nothing(outlook: Outlook, bob: Provider) -> None:
    cursor = begun(bob)
    outlook.put("one")
    _, cursor, _ = cycle(bob, cursor)
    assert cycle(bob, cursor)[0] == []


def test_an_item_comes_with_all_that_deciding_needs(outlook: Outlook, bob: Provider) -> None:
    cursor = begun(bob)
    name = outlook.put(
        "Offer", From="Carla Ruiz <carla@contoso.example>", Cc="x@y.example", Message_ID="<1@contoso.example>"
    )
    (item,) = cycle(bob, cursor)[0]
    headers = dict(item.headers or ())
    assert (item.id, item.place, item.received_at is not None) == (name, Place.MAIL, True)
    assert headers["From"] == '"Carla Ruiz" <carla@contoso.example>'
    assert (headers["To"], headers["Cc"], headers["Message-ID"]) == (
        "bob@northwind.example",
        "x@y.example",
        "<1@contoso.example>",
    )


@pytest.mark.parametrize("folder", ["archive", "sentitems", "Projects", "inbox"])
def test_mail_in_every_other_folder_is_told(outlook: Outlook, bob: Provider, folder: str) -> None:
    """R20."""
    cursor = begun(bob)
    outlook.put("one", folder=folder)
    assert subjects(cycle(bob, cursor)[0]) == ["one"]


@pytest.mark.parametrize("folder", ["drafts", "junkemail", "deleteditems", "outbox", "conversationhistory"])
def test_drafts_junk_trash_and_chats_are_skipped(outlook: Outlook, bob: Provider, folder: str) -> None:
    """R20."""
    cursor = begun(bob)
    outlook.put("one", folder=folder)
    assert cycle(bob, cursor)[0] == []


@pytest.mark.parametrize("repeats", [0, 3])
@pytest.mark.parametrize("empty", [0, 2])
def test_empty_pages_and_repeats_lose_nothing(outlook: Outlook, bob: Provider, empty: int, repeats: int) -> None:
    outlook.act("knobs", delta_empty_pages=empty, delta_repeats=repeats)
    cursor = begun(bob)
    names = {outlook.put(f"{number}") for number in range(5)}
    assert {item.id for item in cycle(bob, cursor)[0]} == names


def test_a_long_page_is_followed_to_its_end(outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.graph.delta.PAGE", 2)
    cursor = begun(bob)
    for number in range(5):
        outlook.put(f"{number}")
        outlook.put(f"s{number}", folder="sentitems")
    items, _, pages = cycle(bob, cursor)
    assert len({item.id for item in items}) == 10
    assert len(pages) == 3


def test_a_flag_comes_without_headers(outlook: Outlook, bob: Provider) -> None:
    """A partial update of a message that the engine knows, or else asks for."""
    name = outlook.put("one")
    cursor = begun(bob)
    outlook.hand("PATCH", f"/me/messages/{name}", json={"isRead": True})
    (item,) = cycle(bob, cursor)[0]
    assert (item.id, item.headers, item.place) == (name, None, Place.MAIL)


def test_full_updates_do_no_harm(outlook: Outlook, bob: Provider) -> None:
    outlook.act("knobs", delta_partial_updates=False)
    name = outlook.put("one")
    cursor = begun(bob)
    outlook.hand("PATCH", f"/me/messages/{name}", json={"isRead": True})
    assert [item.id for item in cycle(bob, cursor)[0]] == [name]


def settled(provider: Provider, items: list[Seen]) -> dict[str, Place]:
    """As the engine does: what comes without headers is asked for."""
    found = {item.id: item.place for item in items if item.headers is not None}
    for answer in provider.headers([item.id for item in items if item.id not in found]):
        if isinstance(answer, Seen):
            found[answer.id] = answer.place
        else:
            assert isinstance(answer, Missing)
    return found


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("origin", ["junkemail", "deleteditems", "Deleted Items/Old"])
def test_what_is_moved_out_of_the_junk_or_trash_is_mail(
    outlook: Outlook, bob: Provider, origin: str, silent: bool
) -> None:
    """Whether or not the folder that it moves to says so."""
    if "/" in origin:
        above = outlook.hand("GET", "/me/mailFolders/deleteditems")["id"]
        outlook.hand("POST", f"/me/mailFolders/{above}/childFolders", json={"displayName": "Old"})
    outlook.act("knobs", delta_destination_silent=silent)
    name = outlook.put("one", folder=origin)
    cursor = begun(bob)
    assert cycle(bob, cursor)[0] == []
    outlook.move(name, "inbox")
    assert settled(bob, cycle(bob, cursor)[0]) == {name: Place.MAIL}


@pytest.mark.parametrize("silent", [False, True])
def test_what_came_and_was_filed_between_two_looks_is_mail(outlook: Outlook, bob: Provider, silent: bool) -> None:
    outlook.act("knobs", delta_destination_silent=silent)
    outlook.put("old", folder="Projects")
    cursor = begun(bob)
    name = outlook.put("one")
    outlook.move(name, "Projects")
    assert settled(bob, cycle(bob, cursor)[0]) == {name: Place.MAIL}


def test_what_was_deleted_for_good_is_missing(outlook: Outlook, bob: Provider) -> None:
    name = outlook.put("one")
    cursor = begun(bob)
    outlook.delete(name)
    items = cycle(bob, cursor)[0]
    assert [(item.id, item.headers) for item in items] == [(name, None)]
    assert list(bob.headers([name])) == [Missing(name)]


@pytest.mark.parametrize("silent", [False, True])
def test_a_draft_that_is_sent_is_told(outlook: Outlook, bob: Provider, silent: bool) -> None:
    outlook.act("knobs", delta_destination_silent=silent)
    cursor = begun(bob)
    recipient = {"emailAddress": {"address": "carla@contoso.example"}}
    draft = outlook.hand("POST", "/me/messages", json={"subject": "Hi", "toRecipients": [recipient]})["id"]
    assert cycle(bob, cursor)[0] == []
    cursor = cycle(bob, cursor)[1]
    outlook.hand("POST", f"/me/messages/{draft}/send", content=b"")
    assert settled(bob, cycle(bob, cursor)[0]) == {draft: Place.MAIL}


def test_a_new_folder_is_read(outlook: Outlook, bob: Provider) -> None:
    cursor = begun(bob)
    outlook.put("one", folder="Brand new")
    items, cursor, _ = cycle(bob, cursor)
    outlook.put("two", folder="Brand new")
    assert (subjects(items), subjects(cycle(bob, cursor)[0])) == (["one"], ["two"])


def test_a_folder_in_a_folder_is_read(outlook: Outlook, bob: Provider) -> None:
    cursor = begun(bob)
    outlook.hand("POST", "/me/mailFolders/inbox/childFolders", json={"displayName": "Below"})
    outlook.put("one", folder="Below")
    assert subjects(cycle(bob, cursor)[0]) == ["one"]


def test_a_folder_in_the_trash_is_trash_until_it_is_put_back(outlook: Outlook, bob: Provider) -> None:
    folder = outlook.hand("POST", "/me/mailFolders/deleteditems/childFolders", json={"displayName": "Old"})["id"]
    cursor = begun(bob)
    outlook.put("one", folder="Deleted Items/Old")
    items, cursor, _ = cycle(bob, cursor)
    assert items == []
    outlook.hand("POST", f"/me/mailFolders/{folder}/move", json={"destinationId": "msgfolderroot"})
    items, cursor, _ = cycle(bob, cursor)
    assert subjects(items) == ["one"]
    outlook.hand("POST", f"/me/mailFolders/{folder}/move", json={"destinationId": "deleteditems"})
    _, cursor, _ = cycle(bob, cursor)
    outlook.put("two", folder="Deleted Items/Old")
    assert cycle(bob, cursor)[0] == []


def test_a_folder_that_is_gone_is_forgotten(outlook: Outlook, bob: Provider) -> None:
    outlook.put("one", folder="Projects")
    cursor = begun(bob)
    folders = outlook.hand("GET", "/me/mailFolders")["value"]
    (gone,) = [each["id"] for each in folders if each["displayName"] == "Projects"]
    assert gone in cursor
    outlook.hand("DELETE", f"/me/mailFolders/{gone}")
    outlook.put("two")
    items, cursor, _ = cycle(bob, cursor)
    assert "two" in {subject(item) for item in items}
    assert gone not in cursor


def test_a_folder_that_goes_in_the_middle_of_a_cycle_stops_nothing(outlook: Outlook, bob: Provider) -> None:
    cursor = begun(bob)
    outlook.put("one")
    page = bob.changes(cursor, since=LONG_AGO)
    outlook.act(
        "faults",
        path="/graph/v1.0/me/mailfolders('*')/messages/delta",
        status=404,
        body={"error": {"code": "ErrorItemNotFound", "message": "Gone."}},
    )
    items, _, _ = cycle(bob, page.cursor)
    assert len(items) <= 1


@pytest.mark.parametrize("target", ["deleteditems", "junkemail", "archive"])
def test_what_another_folder_shows_need_not_be_asked_for(outlook: Outlook, bob: Provider, target: str) -> None:
    """Tidying up a thousand old messages costs no thousand calls."""
    names = {outlook.put(f"{number}") for number in range(4)}
    cursor = begun(bob)
    for name in names:
        outlook.move(name, target)
    items = cycle(bob, cursor)[0]
    assert [item for item in items if item.headers is None] == []
    assert {item.id for item in items} == (names if target == "archive" else set())


def test_much_that_is_gone_is_told_in_pages(outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.graph.delta.PAGE", 3)
    monkeypatch.setattr("providers.graph.delta.MOST_GONE", 4)
    names = {outlook.put(f"{number}") for number in range(11)}
    cursor = begun(bob)
    for name in names:
        outlook.delete(name)
    items, cursor, pages = cycle(bob, cursor)
    assert {item.id for item in items} == names
    assert max(len(page.items) for page in pages) <= 3
    assert cycle(bob, cursor)[0] == []


def test_a_replay_does_not_put_mail_where_it_is_no_longer(
    outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.graph.delta.PAGE", 2)
    outlook.act("knobs", delta_repeats=2)
    names = [outlook.put(f"{number}") for number in range(6)]
    cursor = begun(bob)
    for name in names:
        outlook.move(name, "deleteditems")
    assert settled(bob, cycle(bob, cursor)[0]) == {}
