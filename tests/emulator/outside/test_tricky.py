"""Fifteen tricky mails, each one click away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from emulator.outside.samples import SAMPLES
from tests.emulator.outside.conftest import ALICE, INES

Newest = Callable[[str], dict[str, Any]]


def send(page: httpx.Client, sample: str, to: str = ALICE) -> httpx.Response:
    return page.post("/try", data={"sender": f"Ines Moreau <{INES}>", "to": to, "sample": sample})


def test_every_sample_is_offered_with_what_to_expect(page: httpx.Client) -> None:
    text = page.get("/try").text
    assert all(f'value="{key}"' in text for key in SAMPLES)


@pytest.mark.parametrize("sample", list(SAMPLES))
def test_every_sample_arrives_and_can_be_opened(page: httpx.Client, newest: Newest, sample: str) -> None:
    assert "is in the mailbox of" in send(page, sample).text
    path = f"/mail/{ALICE}/{newest(ALICE)['gmail_id']}"
    assert page.get(path).status_code == page.get(f"{path}/body").status_code == 200


@pytest.mark.parametrize(
    ("sample", "mark"),
    [
        ("newsletter", b"List-Unsubscribe:"),
        ("auto-reply", b"Auto-Submitted: auto-replied"),
        ("odd-charset", b'charset="x-user-defined"'),
        ("japanese", b'charset="iso-2022-jp"'),
        ("invitation", b"method=REQUEST"),
        ("pixel", b'width="1" height="1"'),
        ("unknown", b"From: Ines Moreau <private.address@mail.test>"),
        ("bounce", b"message/delivery-status"),
        ("hostile", b"onerror="),
        ("inline", b"Content-ID: <logo@here>"),
        ("forward", b"Gesendet:"),
        ("header", b"=0D=0ABcc:"),
        ("crowd", b"guest300@fernhill.example"),
    ],
)
def test_a_sample_is_what_it_says(page: httpx.Client, newest: Newest, sample: str, mark: bytes) -> None:
    send(page, sample)
    assert mark in newest(ALICE)["raw"]


def test_the_large_one_is_large(page: httpx.Client, newest: Newest) -> None:
    send(page, "large")
    assert newest(ALICE)["size"] > 5_000_000


def test_a_reply_answers_what_was_sent_last(page: httpx.Client, emulator: httpx.Client, newest: Newest) -> None:
    raw = b"From: alice@northwind.example\r\nTo: a@b.example\r\nMessage-ID: <sent@x.example>\r\n\r\nHi.\r\n"
    emulator.post(f"mailboxes/{ALICE}/messages", content=raw, params={"labels": "SENT"})
    send(page, "unknown")
    assert newest(ALICE)["references"] == ["sent@x.example"]


def test_nobody_but_the_one_named_gets_it(page: httpx.Client, emulator: httpx.Client) -> None:
    send(page, "crowd")
    addresses = {box["address"] for box in emulator.get("mailboxes").json()["mailboxes"]}
    assert "guest1@fernhill.example" not in addresses


def test_a_bad_address_is_told(page: httpx.Client) -> None:
    answer = send(page, "newsletter", to="nobody")
    assert answer.status_code == 422
    assert "One address is wanted" in answer.text
