"""history.list: everything that happened, in order, since a cursor that is still good."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.google.conftest import ALICE, Gmail, Json, Put, refused


@pytest.fixture
def start(alice: Gmail) -> str:
    return head(alice)


def head(gmail: Gmail) -> str:
    return str(gmail.api.getProfile(userId="me").execute()["historyId"])


def history(gmail: Gmail, start: str, **query: Any) -> list[Json]:
    answer = gmail.api.history().list(userId="me", startHistoryId=start, **query).execute()
    records: list[Json] = answer.get("history", [])
    return records


def kinds(records: list[Json]) -> list[str]:
    return [key for record in records for key in record if key not in {"id", "messages"}]


def test_nothing_happened_no_key_but_the_head(alice: Gmail, start: str) -> None:
    answer = alice.api.history().list(userId="me", startHistoryId=start).execute()
    assert answer == {"historyId": start}


def test_new_mail_is_an_added_message_with_its_labels(alice: Gmail, start: str, put: Put) -> None:
    gid = put(labels="INBOX,UNREAD")
    (record,) = history(alice, start)
    message = record["messagesAdded"][0]["message"]
    assert (message["id"], message["labelIds"]) == (gid, ["INBOX", "UNREAD"])
    assert record["messages"] == [{"id": gid, "threadId": message["threadId"]}]
    assert "labelsAdded" not in record


def test_ids_grow_with_gaps_and_the_head_is_on_every_page(alice: Gmail, start: str, put: Put) -> None:
    for _ in range(20):
        put()
    answer = alice.api.history().list(userId="me", startHistoryId=start, maxResults=15).execute()
    ids = [int(record["id"]) for record in answer["history"]]
    assert ids == sorted(set(ids))
    assert ids[0] > int(start)
    assert ids[-1] - ids[0] > len(ids)
    assert answer["historyId"] == head(alice) != str(ids[-1])


def test_pages_end_with_the_last_record(alice: Gmail, start: str, put: Put) -> None:
    gids = [put() for _ in range(5)]
    found: list[str] = []
    request = alice.api.history().list(userId="me", startHistoryId=start, maxResults=2)
    while request is not None:
        answer = request.execute()
        found += [record["messagesAdded"][0]["message"]["id"] for record in answer["history"]]
        request = alice.api.history().list_next(request, answer)
    assert found == gids
    assert history(alice, answer["historyId"]) == []


def test_own_changes_come_back_as_records(alice: Gmail, put: Put) -> None:
    gid = put(labels="INBOX,UNREAD")
    start = head(alice)
    body = {"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}
    alice.api.messages().modify(userId="me", id=gid, body=body).execute()
    (record,) = history(alice, start)
    assert record["labelsAdded"][0]["labelIds"] == ["STARRED"]
    assert record["labelsRemoved"][0]["labelIds"] == ["UNREAD"]
    assert record["labelsAdded"][0]["message"]["labelIds"] == ["INBOX", "STARRED"]


def test_a_change_raises_the_history_id_of_its_message(alice: Gmail, put: Put) -> None:
    gid = put()
    alice.api.messages().modify(userId="me", id=gid, body={"addLabelIds": ["STARRED"]}).execute()
    assert alice.api.messages().get(userId="me", id=gid, format="minimal").execute()["historyId"] == head(alice)


@pytest.mark.parametrize(("knob", "records"), [(False, []), (True, ["labelsAdded"])])
def test_adding_a_label_that_is_there(
    alice: Gmail, put: Put, emulator: httpx.Client, knob: bool, records: list[str]
) -> None:
    emulator.post("knobs", json={"history_for_present_labels": knob}).raise_for_status()
    gid = put(labels="INBOX")
    start = head(alice)
    alice.api.messages().modify(userId="me", id=gid, body={"addLabelIds": ["INBOX"]}).execute()
    assert kinds(history(alice, start)) == records


def test_the_trash_is_a_label_and_no_deletion(alice: Gmail, put: Put) -> None:
    gid = put(labels="INBOX")
    start = head(alice)
    alice.api.messages().trash(userId="me", id=gid).execute()
    (record,) = history(alice, start)
    assert record["labelsAdded"][0]["labelIds"] == ["TRASH"]
    assert record["labelsRemoved"][0]["labelIds"] == ["INBOX"]


def test_a_deletion_names_the_message_that_is_gone(alice: Gmail, put: Put) -> None:
    gid = put()
    start = head(alice)
    alice.api.messages().delete(userId="me", id=gid).execute()
    (record,) = history(alice, start)
    assert record["messagesDeleted"][0]["message"]["id"] == gid


def test_what_came_and_went_tells_both(alice: Gmail, start: str, put: Put) -> None:
    alice.api.messages().delete(userId="me", id=put()).execute()
    assert kinds(history(alice, start)) == ["messagesAdded", "messagesDeleted"]


@pytest.mark.parametrize(
    ("types", "found"),
    [
        (["messageAdded"], ["messagesAdded"]),
        (["labelRemoved"], ["labelsRemoved"]),
        (["messageAdded", "labelAdded"], ["messagesAdded", "labelsAdded"]),
        (["messageDeleted"], []),
    ],
)
def test_history_is_narrowed_by_type(alice: Gmail, start: str, put: Put, types: list[str], found: list[str]) -> None:
    body = {"addLabelIds": ["STARRED"], "removeLabelIds": ["INBOX"]}
    alice.api.messages().modify(userId="me", id=put(), body=body).execute()
    assert kinds(history(alice, start, historyTypes=types)) == found


def test_history_is_narrowed_by_label(alice: Gmail, start: str, put: Put) -> None:
    put(labels="INBOX")
    starred = put(labels="STARRED")
    (record,) = history(alice, start, labelId="STARRED")
    assert record["messages"][0]["id"] == starred


def test_a_page_may_be_empty_and_not_the_last(alice: Gmail, start: str, put: Put) -> None:
    for label in ("INBOX", "INBOX", "STARRED"):
        put(labels=label)
    page = alice.api.history().list(userId="me", startHistoryId=start, labelId="STARRED", maxResults=2).execute()
    assert "history" not in page
    assert "nextPageToken" in page


@pytest.mark.parametrize("cursor", ["1", "99999999999999", "garbage", "-1", "18446744073709551616"])
def test_a_cursor_that_is_old_unknown_or_garbage_is_not_found(alice: Gmail, cursor: str) -> None:
    refusal = refused(alice.api.history().list(userId="me", startHistoryId=cursor))
    assert (refusal.status, refusal.reason) == (404, "notFound")


def test_history_ends_on_command(alice: Gmail, start: str, put: Put, emulator: httpx.Client) -> None:
    put()
    emulator.post("expire-history", json={"address": ALICE}).raise_for_status()
    assert refused(alice.api.history().list(userId="me", startHistoryId=start)).status == 404
    assert history(alice, head(alice)) == []


def test_history_ends_after_a_week(alice: Gmail, start: str, put: Put, emulator: httpx.Client) -> None:
    put()
    emulator.post("clock", json={"advance_ms": 6 * 86_400_000}).raise_for_status()
    emulator.post("knobs", json={"access_token_lifetime_s": 10_000_000}).raise_for_status()
    assert len(history(alice, start)) == 1
    emulator.post("clock", json={"advance_ms": 2 * 86_400_000}).raise_for_status()
    assert refused(alice.api.history().list(userId="me", startHistoryId=start)).status == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("startHistoryId=1&historyTypes=nonsense", 400),
        ("startHistoryId=1&labelId=Label_99", 400),
        ("startHistoryId=1&maxResults=0", 400),
        ("startHistoryId=1&pageToken=x", 400),
    ],
)
def test_history_refuses_what_it_cannot_read(alice: Gmail, query: str, status: int) -> None:
    assert alice.http.get(f"/gmail/v1/users/me/history?{query}").status_code == status
