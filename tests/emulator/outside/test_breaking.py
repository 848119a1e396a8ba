"""Levers that break things, seen by a client of the broken service."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.outside.conftest import ALICE, BOB

GMAIL = "/gmail/v1/users/me/profile"
GRAPH = "/graph/v1.0/me/mailFolders"


@pytest.fixture
def tokens(page: httpx.Client, emulator: httpx.Client) -> dict[str, dict[str, Any]]:
    """A token pair for Alice's Gmail and for Bob's Graph."""
    wanted = {
        ALICE: {"provider": "google", "scopes": "https://www.googleapis.com/auth/gmail.modify"},
        BOB: {"provider": "microsoft", "scopes": "User.Read Mail.ReadWrite"},
    }
    return {
        address: emulator.post("tokens", json={"address": address, **more}).json() for address, more in wanted.items()
    }


def pull(page: httpx.Client, lever: str, address: str = ALICE, times: str = "2") -> httpx.Response:
    return page.post("/break/lever", data={"lever": lever, "mailbox": address, "times": times})


def call(page: httpx.Client, tokens: dict[str, dict[str, Any]], address: str = ALICE) -> httpx.Response:
    path = GMAIL if address == ALICE else GRAPH
    return page.get(path, headers={"Authorization": f"Bearer {tokens[address]['access_token']}"})


@pytest.mark.parametrize("address", [ALICE, BOB])
@pytest.mark.parametrize("lever", ["expire", "expire-all", "revoke"])
def test_tokens_end(page: httpx.Client, tokens: dict[str, dict[str, Any]], address: str, lever: str) -> None:
    assert call(page, tokens, address).status_code == 200
    assert pull(page, lever, address).status_code == 200
    assert call(page, tokens, address).status_code == 401


@pytest.mark.parametrize("address", [ALICE, BOB])
@pytest.mark.parametrize(("lever", "status"), [("storm", 429), ("unavailable", 503)])
def test_the_next_calls_are_refused(
    page: httpx.Client, tokens: dict[str, dict[str, Any]], address: str, lever: str, status: int
) -> None:
    pull(page, lever, address, times="2")
    assert [call(page, tokens, address).status_code for _ in range(3)] == [status, status, 200]


def test_an_answer_breaks_off(page: httpx.Client, tokens: dict[str, dict[str, Any]]) -> None:
    pull(page, "cut", times="1")
    with pytest.raises(httpx.RemoteProtocolError):
        call(page, tokens)
    assert call(page, tokens).status_code == 200


def test_history_is_forgotten(page: httpx.Client, tokens: dict[str, dict[str, Any]]) -> None:
    cursor = call(page, tokens).json()["historyId"]
    pull(page, "history")
    bearer = {"Authorization": f"Bearer {tokens[ALICE]['access_token']}"}
    answer = page.get("/gmail/v1/users/me/history", params={"startHistoryId": cursor}, headers=bearer)
    assert answer.status_code == 404


def test_a_sent_mail_goes_out_though_its_answer_is_lost(
    page: httpx.Client, emulator: httpx.Client, tokens: dict[str, dict[str, Any]]
) -> None:
    pull(page, "lost")
    bearer = {"Authorization": f"Bearer {tokens[ALICE]['access_token']}", "Content-Type": "message/rfc822"}
    raw = b"From: alice@northwind.example\r\nTo: a@b.example\r\nSubject: Offer\r\n\r\nHi.\r\n"
    with pytest.raises(httpx.RemoteProtocolError):
        page.post("/upload/gmail/v1/users/me/messages/send?uploadType=media", content=raw, headers=bearer)
    assert emulator.get("mailboxes/a@b.example").json()["messages"] == 1


def test_faults_can_be_taken_back(page: httpx.Client, tokens: dict[str, dict[str, Any]]) -> None:
    assert "429, 5 more" in pull(page, "storm", times="5").text
    page.post("/break/faults")
    assert call(page, tokens).status_code == 200


@pytest.mark.parametrize("times", ["0", "many", "1001", "²", "9" * 5000])
def test_a_count_that_is_none_is_told(page: httpx.Client, tokens: dict[str, dict[str, Any]], times: str) -> None:
    assert "A number from 1 to 1000" in pull(page, "storm", times=times).text
    assert call(page, tokens).status_code == 200


def test_a_mailbox_gets_the_real_quota_and_loses_it(page: httpx.Client, emulator: httpx.Client) -> None:
    pull(page, "quota")
    assert emulator.get("quota", params={"address": ALICE}).json()["profile"]["units"] == 6_000
    pull(page, "no-quota")
    assert emulator.get("quota", params={"address": ALICE}).json()["profile"]["units"] == 0


def test_the_clock_is_moved_and_stopped(page: httpx.Client, emulator: httpx.Client) -> None:
    page.post("/break/clock", data={"clock": "freeze"})
    before = emulator.get("clock").json()["now_ms"]
    page.post("/break/clock", data={"clock": "week"})
    after = emulator.get("clock").json()
    assert after["now_ms"] - before == 8 * 24 * 3_600_000
    assert after["frozen"]


def test_knobs_are_set_all_at_once(page: httpx.Client, emulator: httpx.Client) -> None:
    page.post("/break/knobs", data={"message_id": "rewrite", "push_copies": "2", "push_automatic": "false"})
    knobs = emulator.get("knobs").json()
    assert (knobs["message_id"], knobs["push_copies"], knobs["push_automatic"]) == ("rewrite", 2, False)


@pytest.mark.parametrize("value", ["many", "-1", "{"])
def test_a_knob_of_the_wrong_kind_is_told_and_sets_nothing(
    page: httpx.Client, emulator: httpx.Client, value: str
) -> None:
    answer = page.post("/break/knobs", data={"message_id": "rewrite", "push_copies": value})
    assert answer.status_code == 422
    assert 'id="note-push_copies" class="error"' in answer.text
    assert emulator.get("knobs").json()["message_id"] == "keep"


def test_what_was_asked_lately_is_listed(page: httpx.Client, tokens: dict[str, dict[str, Any]]) -> None:
    call(page, tokens)
    assert f"GET {GMAIL}" in page.get("/break").text
