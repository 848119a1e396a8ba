"""E4: reading the past of a Gmail mailbox costs what its relevant messages cost, and nothing private is read."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from emailsync.models import Run
from tests.conftest import Northwind
from tests.emailsync.conftest import Connect, Crm, World
from tests.emailsync.history.privacy import asked

ALICE = "alice@northwind.example"
MESSAGES, RELEVANT, CONTACTS = 10_000, 500, 40
NEWEST = datetime(2026, 10, 1, 9, tzinfo=UTC)
#: Quota units of one `messages.get`: https://developers.google.com/workspace/gmail/api/reference/quota
PRICE = 20


def contact_of(number: int) -> str:
    return f"contact{number % CONTACTS}@customer{number % 7}.example"


def lines(mail: Callable[..., bytes]) -> Iterator[bytes]:
    """A mailbox of some years, as the emulator loads it: every twentieth message names a contact."""
    for number in range(MESSAGES):
        other = contact_of(number) if number % 20 == 0 else f"somebody{number}@else{number % 90}.example"
        sender, to = (other, ALICE) if number % 3 else (ALICE, other)
        raw = mail(From=sender, To=to, subject=f"Letter {number}", Message_ID=f"<{number}@load.example>")
        date = (NEWEST - timedelta(hours=4 * number)).isoformat()
        line = {"address": ALICE, "raw": b64encode(raw).decode(), "date": date, "provider": "google"}
        yield json.dumps(line).encode() + b"\n"


def test_the_past_costs_little_more_than_its_relevant_messages(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, mail: Callable[..., bytes]
) -> None:
    for address in sorted(
        {f"contact{number % CONTACTS}@customer{number % 7}.example" for number in range(0, MESSAGES, 20)}
    ):
        crm.contact(address)
    world.http.post("load", params={"format": "ndjson"}, content=b"".join(lines(mail)), timeout=120).raise_for_status()
    world.forget_requests()
    mailbox = connected(northwind.alice, "gmail", history_days=None)
    assert len(crm.links()) == RELEVANT
    [history] = [run for run in crm.runs(mailbox) if run.kind == Run.Kind.HISTORY]
    assert (history.state, history.stored, history.handled) == (Run.State.DONE, RELEVANT, RELEVANT)
    requests = world.requests()
    assert len(asked(requests)) == RELEVANT
    assert sum(entry["units"] for entry in requests) <= 1.2 * RELEVANT * PRICE
