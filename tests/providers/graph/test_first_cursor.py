"""Taking the first cursor, step by step (E3), and what becomes of one that the provider forgot (E8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from providers.base import Kind, Provider, ProviderError
from tests.providers.graph.conftest import BOB, Outlook, begun, cycle, subjects

CODES = ["SyncStateNotFound", "syncStateNotFound", "resyncRequired"]


def test_a_big_mailbox_is_begun_in_steps(outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.graph.delta.MOST_CALLS", 2)
    monkeypatch.setattr("providers.graph.delta.FIRST_PAGE", 2)
    for number in range(9):
        outlook.put(f"{number}")
    step = bob.begin()
    steps = 1
    while not step.done:
        # Another worker goes on.
        step = outlook.open().begin(step.cursor)
        steps += 1
    assert steps > 5
    assert cycle(bob, step.cursor)[0] == []


def test_mail_that_comes_meanwhile_is_not_lost(
    outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.graph.delta.MOST_CALLS", 1)
    step = bob.begin()
    number = 0
    while not step.done:
        outlook.put(f"{number}")
        outlook.put(f"new {number}", folder=f"Folder {number}")
        step, number = bob.begin(step.cursor), number + 1
    items = cycle(bob, step.cursor)[0]
    wanted = {f"new {each}" for each in range(number)} | {f"{each}" for each in range(number)}
    # The very first may have come before the inbox was begun.
    assert wanted - {"0"} <= set(subjects(items))


def test_a_step_costs_what_it_asks(outlook: Outlook, bob: Provider) -> None:
    outlook.forget_asked()
    outlook.spent.clear()
    begun(bob)
    assert sum(outlook.spent) == len([each for each in outlook.asked() if each["units"]])


@pytest.mark.parametrize("code", CODES)
def test_a_forgotten_cursor_re_reads_from_the_last_good_day(outlook: Outlook, bob: Provider, code: str) -> None:
    """E8."""
    outlook.act("knobs", delta_expired_code=code)
    now = datetime.now(UTC)
    outlook.put("old", date=(now - timedelta(days=9)).isoformat())
    cursor = begun(bob)
    outlook.put("recent", date=(now - timedelta(hours=2)).isoformat())
    outlook.put("recent too", folder="Projects")
    outlook.act("expire-history", address=BOB)
    items, cursor, pages = cycle(bob, cursor, since=now - timedelta(days=1))
    assert subjects(items) == ["recent", "recent too"]
    assert any(page.recovered for page in pages)
    outlook.put("next")
    items, _, pages = cycle(bob, cursor, since=now - timedelta(days=1))
    assert subjects(items) == ["next"]
    assert not any(page.recovered for page in pages)


def test_only_the_folder_that_was_forgotten_is_re_read(outlook: Outlook, bob: Provider) -> None:
    outlook.put("one")
    outlook.put("two", folder="Projects")
    cursor = begun(bob)
    body = {"error": {"code": "SyncStateInvalid", "message": "No."}}
    inbox = outlook.hand("GET", "/me/mailFolders/inbox")["id"]
    outlook.act("faults", path=f"/graph/v1.0/me/mailfolders('{inbox}')/messages/delta", status=400, body=body)
    assert subjects(cycle(bob, cursor)[0]) == ["one"]


def test_a_link_forgotten_while_beginning_starts_its_folder_again(
    outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.graph.delta.MOST_CALLS", 1)
    monkeypatch.setattr("providers.graph.delta.FIRST_PAGE", 1)
    for number in range(3):
        outlook.put(f"{number}")
    step = bob.begin(bob.begin().cursor)
    outlook.act("expire-history", address=BOB)
    while not step.done:
        step = bob.begin(step.cursor)
    outlook.put("after")
    assert subjects(cycle(bob, step.cursor)[0]) == ["after"]


@pytest.mark.parametrize(
    "cursor", ["nonsense", "{}", "[]", '{"tree": 1, "chains": {}}', '{"v":1,"tree":{"parents":{}}}']
)
def test_what_is_no_cursor_is_refused(bob: Provider, cursor: str) -> None:
    with pytest.raises(ProviderError) as failed:
        bob.changes(cursor, since=datetime.now(UTC))
    assert failed.value.kind is Kind.CODE


def test_an_idle_look_is_one_page_and_one_call_a_folder(outlook: Outlook, bob: Provider) -> None:
    cursor = begun(bob)
    outlook.spent.clear()
    page = bob.changes(cursor, since=datetime.now(UTC))
    assert (page.more, page.items) == (False, ())
    folders = outlook.hand("GET", "/me/mailFolders?$top=100")["value"]
    chats = [each for each in folders if each["displayName"] == "Conversation History"]
    assert sum(outlook.spent) == len(folders) - len(chats) + 1
