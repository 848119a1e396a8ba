"""Intake: messages to stored, linked and searchable, beside other ways to do the same; and what a worker holds."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from django.db import connections

from accounts.models import Membership
from bench import rivals, samples, sketch
from bench.figures import Figure, Work, Yardstick, compare_all, say
from crm.lib.tenancy import tenant_scope
from emails.models import Door
from intake.run import Order, Outcomes, take
from providers.base import Missing, Raw, Seen, Unfetched

MESSAGES = 1_000
ROUNDS = 3
#: As `emailsync` walks.
PAGE = 100
#: The rounds that nobody counts: connections, caches and plans are made in them.
WARM_UP = 1
HELD = int(os.environ.get("BENCH_HELD", "10000"))


def figures() -> Iterator[Figure]:
    """Intake on one core, then its memory."""
    messages = samples.messages(MESSAGES)
    contacts = samples.addresses(messages)
    sketch.make_tables()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postroom-rivals-")))
        stack.enter_context(rivals.one_core())
        work = intake(messages, contacts, ROUNDS + WARM_UP)
        yardsticks = _yardsticks(messages, contacts, home, stack)
        for each in (work, *(yardstick.work for yardstick in yardsticks)):
            for _ in range(WARM_UP):
                each()
        # Only their owner may; autovacuum would do so a minute later.
        connections["owner"].cursor().execute("ANALYZE")
        name = f"intake of {len(messages):,} messages"
        yield from compare_all(name, work, yardsticks=yardsticks, rounds=ROUNDS)
    yield memory()


def _yardsticks(messages: Sequence[bytes], contacts: Collection[str], home: Path, stack: ExitStack) -> list[Yardstick]:
    maildir = rivals.write_maildir(home / "mail", messages)
    ids = {address: number for number, address in enumerate(sorted(contacts), start=1)}
    tenants = count(1)
    rival = stack.enter_context(rivals.django_mailbox(maildir, os.environ["BENCH_RIVALS_URL"]))
    found: dict[tuple[str, float], Work | None] = {
        ("parsing by the standard library, INSERT by the hundreds", 2.0): lambda: sketch.store(
            messages, ids, next(tenants)
        ),
        ("django-mailbox", 1 / 5): rival,
        ("notmuch new", 1 / 3): rivals.notmuch(maildir, home, ROUNDS + WARM_UP),
        ("mu index", 1.0): rivals.mu(maildir, home, ROUNDS + WARM_UP),
    }
    return [Yardstick(label, work, budget) for (label, budget), work in found.items() if work is not None]


class InMemory:
    """Messages as a source of intake: `intake.run.Source`."""

    def __init__(self, messages: Mapping[str, bytes]) -> None:
        self._messages = messages

    def headers(self, ids: Sequence[str]) -> Iterator[Seen | Missing | Unfetched]:
        """Never asked: what is `concerns` is read whole."""
        raise NotImplementedError

    def raw(self, ids: Sequence[str]) -> Iterator[Raw | Missing | Unfetched]:
        """The bytes."""
        return (Raw(Seen(each), self._messages[each]) for each in ids)


def intake(messages: Sequence[bytes], contacts: Collection[str], rounds: int) -> Work:
    """Each call stores the messages in another new account."""
    owners = iter([samples.account(f"Intake {number}", contacts) for number in range(rounds)])
    doors = ((owner.tenant_id, door_of(owner)) for owner in list(owners))
    return lambda: store(*next(doors), messages)


def door_of(owner: Membership) -> int:
    """A mailbox's door, without the mailbox."""
    with tenant_scope(owner.tenant_id):
        return Door.objects.create(member=owner, kind=Door.Kind.GMAIL, address=samples.ALICE).pk


def store(tenant_id: int, door_id: int, messages: Sequence[bytes], *, first: int = 0) -> int:
    """Takes messages in as the walk through a Gmail mailbox does; answers how many were stored.

    ``first`` is the number of the first of them in its mailbox.
    """
    order = Order(tenant_id=tenant_id, door_id=door_id, since=None, settle=_nothing)
    stored = 0
    for start in range(0, len(messages), PAGE):
        page = {str(first + start + number): raw for number, raw in enumerate(messages[start : start + PAGE])}
        outcomes = take(order, [Seen(key, concerns=True) for key in page], InMemory(page))
        stored += outcomes.stored
    return stored


def memory() -> Figure:
    """What a worker holds, in a process that has done nothing else."""
    answer = subprocess.run(
        [sys.executable, "-m", "bench.worker", str(HELD)], check=True, stdout=subprocess.PIPE, text=True
    )
    early, most, stored = map(int, answer.stdout.split())
    say(f"Of {HELD:,} messages {stored:,} were stored; {early / 2**20:.0f} MiB, then {most / 2**20:.0f} MiB.")
    return Figure(f"memory of a worker over {HELD:,} messages", round(most / early, 3), 1.2, "after the first 1,000")


def _nothing(_outcomes: Outcomes) -> None:
    """There is no cursor to move."""
