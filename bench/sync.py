"""The sync engine over the emulator: what an idle poll costs, how long a first sync takes, what a backfill spends."""

from __future__ import annotations

import json
import os
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import google_auth_httplib2  # type: ignore[import-untyped]  # The library has no types.
import googleapiclient
import httplib2
from django.conf import settings
from django.db import connection, connections
from django.test import override_settings
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document

from accounts.models import Membership
from bench import samples
from bench.figures import Figure, Work, compare, milliseconds, ratio, say
from bench.outside import Control
from console.demo import outside
from crm.lib.tenancy import tenant_scope
from emailsync import engine
from emailsync.models import Mailbox, Run
from emailsync.operations import Choices
from emulator.generator.year import stream
from emulator.mailbox import Provider

MESSAGES = 2_000
SYNCS = 2
#: Synced before, to make connections, caches and plans.
WARM_UP = 200
#: Of a mailbox that the quota is measured with: how many messages, and how many of them concern contacts.
LARGE = int(os.environ.get("BENCH_MAILBOX", "100000"))
RELEVANT = LARGE // 20
#: Messages of each contact there.
EACH = 25


def figures() -> Iterator[Figure]:
    """An idle poll, two first syncs, and the quota of a large mailbox."""
    control = Control(settings.OUTSIDE_WORLD_URL)
    yield from idle_poll(control)
    yield first_sync(control, "gmail", "google", samples.ALICE)
    yield first_sync(control, "graph", "microsoft", samples.BOB)
    yield quota(control)


# --- An idle poll --------------------------------------------------------------------------------


def idle_poll(control: Control) -> Iterator[Figure]:
    """A poll of a Gmail mailbox where nothing happened."""
    contacts = seed(control, "google", samples.ALICE, WARM_UP)
    mailbox = connected(samples.account("Idle", contacts), "gmail", samples.ALICE)
    sync(mailbox)
    # As workers run it, pacing included, which the emulator's mailboxes do without.
    with override_settings(PACED=True):
        poll = partial(engine.poll, tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
        yield compare(
            "CPU of an idle poll of a Gmail mailbox",
            poll,
            yardstick=("one bare history.list by the same client", bare_call(control, samples.ALICE)),
            budget=3.0,
            rounds=101,
            clock=time.process_time,
        )
        control.forget_requests()
        statements = counted(poll)
    yield Figure("API calls of an idle poll", len(control.requests()), 1, "none", unit="calls")
    yield Figure("SQL of an idle poll", statements, 4, "BEGIN and COMMIT not counted", unit="statements")


def bare_call(control: Control, address: str) -> Work:
    """One call as a program makes it that has nothing but Google's client, a token and a connection to open."""
    scopes = ["https://www.googleapis.com/auth/gmail.readonly"]
    answer = control.post("tokens", json={"address": address, "provider": "google", "scopes": scopes})
    service = google_service(settings.OUTSIDE_WORLD_URL)
    token = answer["access_token"]
    head = _execute(token, service.users().getProfile(userId="me"))["historyId"]
    return lambda: _execute(token, service.users().history().list(userId="me", startHistoryId=head))


def google_service(root: str) -> Any:
    """Google's own client for another root."""
    path = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "gmail.v1.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return build_from_document({**document, "rootUrl": f"{root}/"}, http=httplib2.Http())


def _execute(token: str, request: Any) -> Any:
    http = httplib2.Http(timeout=60)
    credentials = Credentials(token)  # type: ignore[no-untyped-call]  # google-auth has only some types.
    try:
        return request.execute(http=google_auth_httplib2.AuthorizedHttp(credentials, http=http))
    finally:
        http.close()


def counted(work: Work) -> int:
    """How many SQL statements a call makes."""
    statements = 0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        work()
    return statements


# --- A first sync --------------------------------------------------------------------------------


def first_sync(control: Control, provider: outside.Provider, kind: Provider, address: str) -> Figure:
    """From connect to the end of history, again and again in new accounts, by the wall clock."""
    first = seed(control, kind, address, WARM_UP)
    sync(connected(samples.account(f"Warm up {provider}", first, login=address), provider, address))
    contacts = seed(control, kind, address, MESSAGES)
    waited, answered, stored = [], [], 0
    for number in range(SYNCS):
        owner = samples.account(f"First sync {provider} {number}", contacts, login=address)
        mailbox = connected(owner, provider, address)
        # Only their owner may; autovacuum would do so a minute later.
        connections["owner"].cursor().execute("ANALYZE")
        control.forget_requests()
        waited.append(milliseconds(partial(sync, mailbox)))
        # A batch's time is that of its parts.
        answered.append(sum(entry["ms"] for entry in control.requests() if not entry["part"]))
        stored = handled(mailbox)["stored"]
    say(f"First sync of {provider}: {stored:,} of {MESSAGES:,} messages were stored.")
    name = f"first sync of {MESSAGES:,} messages, {provider}"
    return ratio(name, waited, answered, yardstick="sum of the emulator's own answer times", budget=1.5)


def seed(control: Control, kind: Provider, address: str, count: int) -> set[str]:
    """A world with one mailbox with a year of mail; answers everybody whom it names."""
    control.post("reset")
    asked = {"messages": count, "seed": 1, "mailboxes": {address: kind}}
    control.post("seed", json=asked)
    copies = stream(1, count, end=datetime.now(UTC), mailboxes={address: kind})
    return samples.addresses(copy.raw for copy in copies) - {address}


def connected(owner: Membership, provider: outside.Provider, address: str) -> Mailbox:
    """With all of its history to come, and no label."""
    return outside.connect(owner, provider, address, Choices(history_days=None))


def sync(mailbox: Mailbox) -> None:
    """All that there is to do."""
    engine.bring_up_to_date(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)


def handled(mailbox: Mailbox) -> Counter[str]:
    """What the walk through history did, by outcome. Raises where it did not end well."""
    with tenant_scope(mailbox.tenant_id):
        run = Run.objects.get(mailbox=mailbox, kind=Run.Kind.HISTORY)
    if run.state != Run.State.DONE:
        raise RuntimeError(f"The first sync is {run.state}: {run.problem}")
    return Counter(stored=run.stored, duplicates=run.duplicates, skipped=run.skipped, failed=run.failed)


# --- Quota ---------------------------------------------------------------------------------------


def quota(control: Control) -> Figure:
    """Units of a backfill where one message in twenty concerns a contact."""
    control.post("reset")
    contacts = [f"buyer{number}@customer{number % 50}.example" for number in range(RELEVANT // EACH)]
    for start in range(0, LARGE, 5_000):
        lines = "".join(_line(number, contacts) for number in range(start, min(start + 5_000, LARGE)))
        control.post(f"load?address={samples.ALICE}&provider=google", content=lines)
    mailbox = connected(samples.account("Quota", contacts), "gmail", samples.ALICE)
    control.forget_requests()
    sync(mailbox)
    entries = control.requests()
    done = handled(mailbox)
    if done["stored"] != RELEVANT:
        raise RuntimeError(f"{RELEVANT:,} messages concern contacts, but {done} were handled.")
    get = next(entry["units"] for entry in entries if entry["part"])
    spent = sum(entry["units"] for entry in entries)
    calls = Counter(entry["path"].rpartition("/")[2] if not entry["part"] else "get" for entry in entries)
    say(f"Quota: {spent:,} units by {dict(calls)}.")
    name = f"quota of backfilling {LARGE:,} messages, {RELEVANT:,} of them relevant"
    return Figure(name, round(spent / (RELEVANT * get), 3), 1.2, f"{RELEVANT:,} messages.get at {get} units")


def _line(number: int, contacts: list[str]) -> str:
    """A message for the emulator to load: every twentieth is from a contact."""
    sender = contacts[number // 20 % len(contacts)] if number % 20 == 0 else f"no{number % 997}@stranger.example"
    # Over three years.
    moment = datetime.now(UTC) - timedelta(minutes=16 * (LARGE - number))
    raw = (
        f"From: <{sender}>\r\nTo: Alice <{samples.ALICE}>\r\nSubject: Message {number}\r\n"
        f"Date: {format_datetime(moment)}\r\nMessage-ID: <{number}@bench.example>\r\n\r\nHello.\r\n"
    )
    return json.dumps({"raw": b64encode(raw.encode()).decode(), "labels": "INBOX"}) + "\n"
