"""What exclusions cost: a page of messages with ten thousand entries on the list, beside the same with ten."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from django.db import connection, connections

from accounts.models import Membership
from bench import samples
from bench.figures import Figure, Work, compare
from bench.mail import InMemory, door_of
from crm.lib.tenancy import tenant_scope
from emailsync.queries import excluded_values
from intake.run import Order, Outcomes, take
from providers.base import Seen

FEW, MANY = 10, 10_000
PAGE = 100
ROUNDS = 101
WARM_UP = 10
#: "No more than ten do", within a tenth.
BUDGET = 1.1
CONTACTS = 50

_ENTRIES = """
    INSERT INTO exclusions_exclusion (tenant_id, kind, value, reason, created_by_id, created_at, door)
    SELECT %(tenant)s, 'domain', 'private' || n || '.example', '', %(member)s, now(), 'settings'
    FROM generate_series(1, %(count)s) AS n
"""


def figures() -> Iterator[Figure]:
    """A page as a walk takes it: what it tells the provider of exclusions, the decisions, the storing."""
    few, many = pages("Few", FEW), pages("Many", MANY)
    # Only their owner may; autovacuum would do so a minute later.
    connections["owner"].cursor().execute("ANALYZE")
    for _ in range(WARM_UP):
        few()
        many()
    yield compare(
        f"a page of {PAGE} messages with {MANY:,} exclusions",
        many,
        yardstick=(f"the same with {FEW}", few),
        budget=BUDGET,
        rounds=ROUNDS,
    )


def pages(name: str, entries: int) -> Work:
    """Takes another page each time, in an account of its own with so many entries."""
    people = [f"buyer{number}@customer{number}.example" for number in range(CONTACTS)]
    private = [f"buyer{number}@mail.private{1 + number % FEW}.example" for number in range(CONTACTS)]
    owner = samples.account(f"Exclusions {name}", [*people, *private])
    with tenant_scope(owner.tenant_id), connection.cursor() as cursor:
        cursor.execute(_ENTRIES, {"tenant": owner.tenant_id, "member": owner.pk, "count": entries})
    door_id, numbers = door_of(owner), count()
    return lambda: _take(owner, door_id, next(numbers), [*people, *private])


def _take(owner: Membership, door_id: int, number: int, senders: list[str]) -> None:
    with tenant_scope(owner.tenant_id):
        excluded_values()
    page = {f"{number}-{at}": _message(number, at, senders[at % len(senders)]) for at in range(PAGE)}
    order = Order(owner.tenant_id, door_id, since=None, settle=_check)
    take(order, [Seen(key, concerns=True) for key in page], InMemory(page))


def _check(outcomes: Outcomes) -> None:
    """Half of a page is kept out; anything else is an error of the benchmark."""
    if (outcomes.stored, outcomes.skipped) != (PAGE // 2, PAGE // 2):
        raise RuntimeError(f"Of a page {outcomes.stored} were stored, {outcomes.skipped} skipped.")


def _message(number: int, at: int, sender: str) -> bytes:
    return (
        f"From: <{sender}>\r\nTo: Alice <{samples.ALICE}>\r\nSubject: Letter {number} {at}\r\n"
        f"Date: Mon, 02 Nov 2026 08:00:00 +0000\r\nMessage-ID: <{number}.{at}@bench.example>\r\n\r\nHello.\r\n"
    ).encode()
