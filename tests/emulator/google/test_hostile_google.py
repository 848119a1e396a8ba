"""Hostile calls to Gmail are refused as any wrong one is."""

from __future__ import annotations

import pytest

from tests.emulator.google.conftest import Gmail, read_refusal

USER = "/gmail/v1/users/me"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("number", ["9" * 5000, "²", "-1", "1e5"])
def test_a_number_has_an_end(alice: Gmail, number: str) -> None:
    answer = alice.http.get(f"{USER}/messages", params={"maxResults": number})
    assert "TYPE_UINT32" in read_refusal(answer.status_code, answer.content).message


@pytest.mark.parametrize(
    ("path", "body"),
    [("messages/send", r'{"raw": "\ud800"}'), ("labels", r'{"name": "\ud800"}'), ("drafts", r'{"\ud800": 1}')],
)
def test_half_a_character_is_no_json(alice: Gmail, path: str, body: str) -> None:
    answer = alice.http.post(f"{USER}/{path}", headers=JSON, content=body)
    assert read_refusal(answer.status_code, answer.content).reason == "parseError"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("drafts", {"message": [{"raw": "aGk="}]}, "message"),
        ("labels", {"name": "Deals", "color": [{"textColor": "#000000"}]}, "color"),
    ],
)
def test_a_list_is_no_object(alice: Gmail, path: str, body: dict[str, object], field: str) -> None:
    answer = alice.http.post(f"{USER}/{path}", json=body)
    assert f"Invalid value at '{field}'" in read_refusal(answer.status_code, answer.content).message
