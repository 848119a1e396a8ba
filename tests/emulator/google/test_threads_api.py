"""Threads: what belongs together, read and changed together."""

from __future__ import annotations

import pytest

from tests.emulator.google.conftest import Gmail, Put, refused


@pytest.fixture
def thread(put: Put) -> tuple[str, list[str]]:
    """Two messages of one thread, and a later one of another: the thread's id and its messages."""
    first = put(Message_ID="<1@contoso.example>", date=1_700_000_000_000)
    answer = put(subject="Re: Offer", References="<1@contoso.example>", labels="SENT", date=1_700_000_001_000)
    put(subject="Another", body="More.", date=1_700_000_002_000)
    return first, [first, answer]


def test_a_thread_has_its_messages_oldest_first(alice: Gmail, thread: tuple[str, list[str]]) -> None:
    found = alice.api.threads().get(userId="me", id=thread[0]).execute()
    assert [message["id"] for message in found["messages"]] == thread[1]
    assert found["historyId"] == max(message["historyId"] for message in found["messages"])


def test_threads_are_listed_once_by_their_newest_message(alice: Gmail, thread: tuple[str, list[str]]) -> None:
    found = alice.api.threads().list(userId="me").execute()["threads"]
    assert [each["snippet"] for each in found] == ["More.", "Hello."]
    assert found[1]["id"] == thread[0]


def test_a_thread_does_not_come_again_on_the_next_page(alice: Gmail, thread: tuple[str, list[str]]) -> None:
    ids: list[str] = []
    request = alice.api.threads().list(userId="me", maxResults=1)
    while request is not None:
        answer = request.execute()
        ids += [each["id"] for each in answer.get("threads", [])]
        request = alice.api.threads().list_next(request, answer)
    assert len(ids) == len(set(ids)) == 2


def test_a_thread_is_found_by_any_of_its_messages(alice: Gmail, thread: tuple[str, list[str]]) -> None:
    found = alice.api.threads().list(userId="me", q="in:inbox subject:offer").execute()
    assert [each["id"] for each in found["threads"]] == [thread[0]]


def test_no_thread_no_key(alice: Gmail) -> None:
    assert "threads" not in alice.api.threads().list(userId="me").execute()


def test_a_thread_comes_in_three_formats_but_not_raw(alice: Gmail, thread: tuple[str, list[str]]) -> None:
    for form in ("full", "metadata", "minimal"):
        found = alice.api.threads().get(userId="me", id=thread[0], format=form).execute()
        assert ("payload" in found["messages"][0]) == (form != "minimal")
    answer = alice.http.get(f"/gmail/v1/users/me/threads/{thread[0]}?format=raw")
    assert answer.status_code == 400


def test_labels_go_on_every_message_of_a_thread(alice: Gmail, thread: tuple[str, list[str]]) -> None:
    answer = alice.api.threads().modify(userId="me", id=thread[0], body={"addLabelIds": ["STARRED"]}).execute()
    assert all("STARRED" in message["labelIds"] for message in answer["messages"])


def test_a_thread_goes_to_the_trash_and_comes_back(alice: Gmail, thread: tuple[str, list[str]]) -> None:
    trashed = alice.api.threads().trash(userId="me", id=thread[0]).execute()
    assert all("TRASH" in message["labelIds"] for message in trashed["messages"])
    back = alice.api.threads().untrash(userId="me", id=thread[0]).execute()
    assert not any("TRASH" in message.get("labelIds", []) for message in back["messages"])


def test_a_deleted_thread_is_gone_with_its_messages(alice: Gmail, thread: tuple[str, list[str]]) -> None:
    alice.api.threads().delete(userId="me", id=thread[0]).execute()
    assert refused(alice.api.threads().get(userId="me", id=thread[0])).status == 404
    assert refused(alice.api.messages().get(userId="me", id=thread[1][1])).status == 404
