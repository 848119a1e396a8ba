"""Lists and searches of emails: as quick at five million as at fifty thousand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts import operations as accounts
from accounts.models import Membership, Role, User
from accounts.queries import memberships_of
from bench.figures import Figure, Work, in_the_faster_half, milliseconds, ratio, say
from bench.inboxes import VOCABULARY, Account, fill, sizes, word
from bench.pages import browser as signed_in
from contacts.models import Contact, SavedFilter, Tag
from crm.lib.tenancy import tenant_scope
from emails import queries
from emails.forms import ListQuery
from emails.queries import Wanted
from local import roles

EMAILS = int(os.environ.get("BENCH_EMAILS", "200000"))
#: What the pages are compared with.
FEW = 50_000
BUDGET, P95 = 1.5, 100.0
ROUNDS = 21
#: For the time that one in twenty takes longer than: of twenty alone it would be the longest.
MORE = 80
CLICK = "reader"
#: How far down the later pages are.
LATER = 10
TWO_PAGES = 60


@dataclass(frozen=True)
class World:
    """A database with a large and a small account, and browsers that are signed in there."""

    name: str
    members: dict[str, Membership]

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Everything that asks the database asks this one."""
        usual = connections["default"]
        connections["default"] = self._connection()
        try:
            yield
        finally:
            connections["default"] = usual

    def _connection(self) -> BaseDatabaseWrapper:
        if self.name not in _OPEN:
            _OPEN[self.name] = connections.create_connection("default")
            _OPEN[self.name].settings_dict = {**_OPEN[self.name].settings_dict, "NAME": self.name}
        return _OPEN[self.name]


_OPEN: dict[str, BaseDatabaseWrapper] = {}


def figures() -> Iterator[Figure]:
    """Each page in the large account and in a small one, beside the same among few emails."""
    many = world("many", sizes(EMAILS, 1000 if EMAILS >= 1_000_000 else 100))
    few = world("few", [FEW * 3 // 5, *[FEW // 10] * 4])
    for size in ("large", "small"):
        for name in pages(many, size):
            yield from compared(name, size, many, few)


def compared(name: str, size: str, many: World, few: World) -> Iterator[Figure]:
    """The ratio, and the time that one in twenty takes longer than in the faster half of the moments."""
    measured: list[float] = []
    beside: list[float] = []
    works = {one.name: work_of(name, size, one) for one in (many, few)}
    for _ in range(ROUNDS):
        for one, times in ((few, beside), (many, measured)):
            with one.entered():
                times.append(milliseconds(works[one.name]))
    with many.entered():
        fast = in_the_faster_half(works[many.name], calls=MORE)
    label = f"{name}, {size} account, at {EMAILS:,} emails"
    yield ratio(label, measured[1:], beside[1:], yardstick=f"the same at {FEW:,}", budget=BUDGET)
    yield Figure(
        f"p95 of {label}",
        round(quantiles([one.time for one in fast], n=20)[-1], 1),
        P95,
        "the pace of the machine meanwhile",
        measured_ms=round(median(one.time for one in fast), 1),
        yardstick_ms=round(median(one.pace for one in fast), 1),
        unit="ms",
    )


def work_of(name: str, size: str, world: World) -> Work:
    """One request, again and again."""
    path, query = pages(world, size)[name]
    return partial(get, browser(world, size), path, query, in_place=name == CLICK or "cursor" in query)


def pages(world: World, size: str) -> dict[str, tuple[str, dict[str, str]]]:
    """What is asked for, by name: path and parameters."""
    me = world.members[size]
    with world.entered(), tenant_scope(me.tenant_id):
        other = str(me.__class__.objects.order_by("-id").values_list("id", flat=True)[0])
        tag = str(Tag.objects.get(name="customer").pk)
        saved, _ = SavedFilter.objects.get_or_create(
            name="Companies", owner=me, defaults={"criteria": {"company": "Company 5", "tags": [int(tag)]}}
        )
        first = Contact.objects.filter(is_private=False).order_by("id").first()
        newest = queries.conversation_page(me, Wanted(), limit=1).items[0]
        seldom = rare_word(me)
        rare = connection_value("SELECT subject FROM emails_email ORDER BY sent_at LIMIT 1").split()[-1]
    assert first is not None
    listing = reverse("email_list")
    found = {
        "All": (listing, {}),
        "Incoming": (listing, {"box": "incoming"}),
        "Sent": (listing, {"box": "sent"}),
        "Open Tracking": (listing, {"box": "tracked"}),
        "by member": (listing, {"member": other}),
        "by tag": (listing, {"tag": tag}),
        "by saved filter": (listing, {"filter": str(saved.pk)}),
        "timeline": (reverse("contact_detail", args=[first.pk]), {}),
        CLICK: (reverse("email_detail", args=[newest.id]), {}),
        "list and reader": (reverse("email_detail", args=[newest.id]), {}),
        "Activity": (reverse("activity"), {}),
        "numbers beside the boxes": (reverse("email_counts"), {}),
        "search, one hit": (listing, {"q": rare}),
        "search, rare word": (listing, {"q": seldom}),
        "search, common word": (listing, {"q": "common"}),
        "search, two words": (listing, {"q": "pallet delivery"}),
        "search, phrase": (listing, {"q": '"pallet common"'}),
        "search, from": (listing, {"q": "from:family3"}),
        "search, from an address": (listing, {"q": "from:person3@company3.example"}),
        "search, copied to": (listing, {"q": "cc:family3"}),
        "search, file name": (listing, {"q": "filename:offer"}),
        "search, no hit": (listing, {"q": "nobodyhaswrittenthis"}),
        "search, all but": (listing, {"q": "-common has:attachment"}),
    }
    with world.entered(), tenant_scope(me.tenant_id):
        for name in ("All", "Sent", "by tag", "search, common word"):
            later = cursor_at(me, found[name][1], LATER)
            if later:
                found[f"{name}, page {LATER}"] = (listing, {**found[name][1], "cursor": later})
    return found


def rare_word(me: Membership) -> str:
    """The rarest word, or nearly, that fills two pages: of few emails the rarest of all would fill none."""
    for step in range(VOCABULARY.bit_length()):
        text = word(VOCABULARY - 1 >> step)
        wanted = ListQuery(q=text).wanted(me)
        if len(queries.email_page(me, wanted, limit=TWO_PAGES).items) == TWO_PAGES:
            return text
    raise RuntimeError("No word is in so many emails.")


def cursor_at(me: Membership, query: dict[str, str], pages: int) -> str | None:
    """Where a later page begins."""
    wanted = ListQuery.read(QueryDict("&".join(f"{name}={value}" for name, value in query.items()))).wanted(me)
    cursor: str | None = None
    for _ in range(pages - 1):
        cursor = queries.conversation_page(me, wanted, cursor=cursor).next
        if cursor is None:
            return None
    return cursor


def connection_value(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])


# --- The two databases --------------------------------------------------------------------------


def world(name: str, emails: list[int]) -> World:
    """The database of this name, with so many emails an account; it stays as it is where it was filled before."""
    roles.prepare(os.environ["BENCH_ADMIN_URL"], name)
    there = {
        variable: os.environ[variable].removesuffix(roles.DATABASE) + name
        for variable in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], check=True, env=os.environ | there)
    made = World(name, {})
    with made.entered():
        found = User.objects.filter(email__in=["owner0@office.example", f"owner{len(emails) - 1}@office.example"])
        if not found:
            say(f"Filling {name} with {sum(emails):,} emails of {len(emails):,} accounts.")
            filled = [account(number, count) for number, count in enumerate(emails)]
            fill(os.environ["BENCH_ADMIN_URL"].rsplit("/", 1)[0] + f"/{name}", filled)
        for size, number in (("large", 0), ("small", len(emails) - 1)):
            user = User.objects.get(email=f"owner{number}@office.example")
            made.members[size] = memberships_of(user)[0]
    return made


def account(number: int, emails: int) -> Account:
    """An account with members by its size."""
    user = User.objects.create(email=f"owner{number}@office.example", name=f"Owner {number}")
    owner = accounts.create_account(user=user, name=f"Office {number}")
    members = [owner.pk]
    with tenant_scope(owner.tenant_id):
        for place in range(min(20, 1 + emails // 2_000)):
            colleague = User.objects.create(email=f"m{number}-{place}@office.example", name=f"Colleague {place}")
            members.append(Membership.objects.create(user=colleague, role=Role.MEMBER).pk)
    return Account(owner.tenant_id, members, emails)


def browser(world: World, size: str) -> Client:
    """A signed-in browser there."""
    with world.entered():
        return signed_in(world.members[size])


def get(client: Client, path: str, query: dict[str, str], *, in_place: bool = False) -> None:
    """One request, ``in_place`` by htmx for a part of the page; anything but an answer is an error of the benchmark."""
    answer = client.get(path, query, headers={"HX-Request": "true"} if in_place else {})
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
