"""The work of a call does not grow with the mailbox: counted in messages looked at, not in time."""

from __future__ import annotations

import json
from base64 import b64encode

import httpx

from tests.emulator.conftest import Mail
from tests.emulator.google.conftest import ALICE, Gmail, Put

START_S = 1_600_000_000
RARE = "rare@fabrikam.example"
CALLS = {
    "a page of everything": ("messages", ""),
    "a label": ("messages", "label:starred"),
    "the trash by name": ("messages", "in:trash"),
    "a Message-ID": ("messages", "rfc822msgid:m7@contoso.example"),
    "a person": ("messages", f"from:{RARE}"),
    "some persons": ("messages", f"{{from:{RARE} to:{RARE} cc:nobody@contoso.example}}"),
    "a person since a day": ("messages", f"from:{RARE} after:{START_S}"),
    "a subject": ("messages", "subject:rarity"),
    "an hour": ("messages", f"after:{START_S + 600} before:{START_S + 1200} -in:chats"),
    "a page of threads": ("threads", ""),
    "the drafts": ("drafts", ""),
}


def load(emulator: httpx.Client, mail: Mail, first: int, last: int) -> None:
    """Messages a minute apart; every ninth of the first ninety is starred and from a rare person."""
    lines = []
    for number in range(first, last):
        rare = number < 90 and number % 9 == 0
        sender, title = (RARE, "Rarity") if rare else ("carla@contoso.example", "Offer")
        raw = mail(From=sender, subject=f"{title} {number}", Message_ID=f"<m{number}@contoso.example>")
        labels = ["STARRED"] if rare else ["INBOX"]
        date = (START_S + 60 * number) * 1000
        lines.append(json.dumps({"address": ALICE, "raw": b64encode(raw).decode(), "labels": labels, "date": date}))
    emulator.post("load", params={"provider": "google"}, content="\n".join(lines)).raise_for_status()


def touched(emulator: httpx.Client, alice: Gmail, path: str, **query: str) -> int:
    """How many messages or changes the call looked at."""
    alice.http.get(f"/gmail/v1/users/me/{path}", params={"maxResults": "10", **query}).raise_for_status()
    return int(emulator.get("requests", params={"limit": 1}).json()["requests"][0]["touched"])


def test_the_work_is_the_same_in_a_mailbox_ten_times_as_big(emulator: httpx.Client, alice: Gmail, mail: Mail) -> None:
    load(emulator, mail, 0, 300)
    small = {name: touched(emulator, alice, path, q=query) for name, (path, query) in CALLS.items()}
    load(emulator, mail, 300, 3000)
    large = {name: touched(emulator, alice, path, q=query) for name, (path, query) in CALLS.items()}
    assert large == small
    assert max(small.values()) <= 21


def test_history_reads_what_is_new_and_a_page_at_most(
    emulator: httpx.Client, alice: Gmail, mail: Mail, put: Put
) -> None:
    load(emulator, mail, 0, 300)
    start = alice.http.get("/gmail/v1/users/me/profile").json()["historyId"]
    put()
    assert touched(emulator, alice, "history", startHistoryId=start) == 1
    load(emulator, mail, 300, 600)
    assert touched(emulator, alice, "history", startHistoryId=start) == 11
