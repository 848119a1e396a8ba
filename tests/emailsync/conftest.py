"""Mailboxes of the emulated world, connected and synced in the test's own process.

`world` speaks to the outside world; `connected` connects a member's mailbox as a script would; `workers` are the
workers: they take the tasks that were sent, in their order, until there are none, and look for what is due besides.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import httpx
import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Membership
from console.demo import outside
from contacts import operations as contacts
from contacts.data import ContactData
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Decision, Link
from emailsync import queries, tasks
from emailsync.models import Mailbox, Run
from emailsync.operations import Choices
from emailsync.queries import Due
from tests.conftest import Northwind

Provider = Literal["gmail", "graph"]
WHOSE: dict[str, str] = {"gmail": "google", "graph": "microsoft"}


@pytest.fixture(autouse=True)
def _outside_world(emulator_url: str, settings: Settings) -> None:
    """The endpoints as `make run` sets them."""
    settings.OUTSIDE_WORLD_URL = emulator_url
    settings.GOOGLE_API_ROOT = settings.GOOGLE_OAUTH_ROOT = settings.MICROSOFT_LOGIN_ROOT = emulator_url
    settings.MICROSOFT_GRAPH_ROOT = f"{emulator_url}/graph"
    settings.GOOGLE_CLIENT_ID = "postroom-demo.apps.googleusercontent.example"
    settings.MICROSOFT_CLIENT_ID = "postroom-demo"
    settings.GOOGLE_CLIENT_SECRET = settings.MICROSOFT_CLIENT_SECRET = "demo-secret"
    settings.GOOGLE_PUBSUB_TOPIC = ""
    settings.MICROSOFT_PUSH = False
    settings.PACED = False


@dataclass
class World:
    """The emulator's control door, in the words of these tests."""

    http: httpx.Client
    mail: Callable[..., bytes]

    def put(self, address: str, provider: str, raw: bytes | None = None, **given: Any) -> str:
        """Lays a message into a mailbox, ``folder=``, ``date=`` and headers as wanted; its Gmail id or Graph id."""
        names = ("folder", "labels", "read", "date")
        query = {name: given.pop(name) for name in names if name in given} | {"provider": WHOSE[provider]}
        content = raw or self.mail(**({"To": address} | given))
        answer = self.http.post(f"mailboxes/{address}/messages", content=content, params=query)
        ids = answer.raise_for_status().json()
        return str(ids["gmail_id"])

    def post(self, route: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(route, json=body).raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def fault(self, path: str, **what: Any) -> None:
        self.post("faults", path=path, **what)

    def clear_faults(self) -> None:
        self.http.delete("faults").raise_for_status()

    def requests(self, **wanted: str) -> list[dict[str, Any]]:
        """What was asked so far; ``mailbox``, ``path``, ``method``."""
        return list(self.http.get("requests", params=wanted).raise_for_status().json()["requests"])

    def forget_requests(self) -> None:
        self.http.delete("requests").raise_for_status()

    def truth(self, address: str) -> list[dict[str, Any]]:
        return list(self.http.get("truth", params={"address": address}).raise_for_status().json()["messages"])


@pytest.fixture
def world(emulator: httpx.Client, mail: Callable[..., bytes]) -> World:
    return World(emulator, mail)


class Workers:
    """Runs tasks in this process, in the order in which they were sent."""

    def __init__(self) -> None:
        self.sent: deque[tuple[str, dict[str, Any]]] = deque()

    def take(self, name: str, kwargs: dict[str, Any]) -> None:
        self.sent.append((name, kwargs))

    def work(self) -> None:
        """Until nothing is sent and nothing is due."""
        while True:
            self._commit()
            if not self.sent:
                cache.clear()
                tasks.dispatch()
                if not self.sent:
                    return
            name, kwargs = self.sent.popleft()
            current_app.tasks[name](**kwargs)

    def _commit(self) -> None:
        """What waits for the commit that a test's transaction never makes."""
        while connection.run_on_commit:
            connection.run_on_commit.pop(0)[1]()


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Workers:
    found = Workers()

    def send(name: str, kwargs: dict[str, Any] | None = None, **_: Any) -> None:
        found.take(name, kwargs or {})

    monkeypatch.setattr("crm.celery.app.send_task", send)
    return found


Connect = Callable[..., Mailbox]


@pytest.fixture
def connected(workers: Workers) -> Connect:
    """``connected(alice, "gmail", history_days=None)``: connects, starts, and lets the workers read."""

    def connect(member: Membership, provider: Provider, address: str = "", **choices: Any) -> Mailbox:
        wanted = Choices(**({"history_days": None} | choices))
        mailbox = outside.connect(member, provider, address or member.user.email, wanted)
        workers.work()
        return mailbox

    return connect


@dataclass
class Crm:
    """Northwind's CRM as a test changes and sees it."""

    cast: Northwind
    workers: Workers

    def contact(self, *emails: str, by: Membership | None = None, **fields: Any) -> Contact:
        actor = by or self.cast.alice
        data = ContactData(**({"last_name": emails[0], "emails": emails} | fields))
        with tenant_scope(actor.tenant_id):
            return contacts.create_contact(actor=actor, data=data)

    def links(self) -> set[tuple[str, int]]:
        """All live links of living contacts: the email's Message-ID, the contact's id."""
        with tenant_scope(self.cast.tenant.pk):
            found = Link.objects.filter(removed_at=None, contact__deleted_at=None, email__deleted_at=None)
            return set(found.values_list("email__message_id", "contact_id"))

    def subjects(self, contact: Contact) -> list[str]:
        """The subjects on a contact's timeline, newest first."""
        with tenant_scope(self.cast.tenant.pk):
            found = Link.objects.filter(contact=contact, removed_at=None, email__deleted_at=None)
            return list(found.order_by("-sent_at", "-email_id").values_list("email__subject", flat=True))

    def mailbox(self, mailbox: Mailbox) -> Mailbox:
        """As it is now."""
        with tenant_scope(self.cast.tenant.pk):
            return Mailbox.objects.get(pk=mailbox.pk)

    def runs(self, mailbox: Mailbox) -> list[Run]:
        with tenant_scope(self.cast.tenant.pk):
            return list(Run.objects.filter(mailbox=mailbox).order_by("created_at", "id"))

    def make_due(self, mailbox: Mailbox) -> None:
        """Time passes until the next poll, and what waits for another try is due."""
        past = timezone.now() - timedelta(seconds=1)
        with tenant_scope(self.cast.tenant.pk):
            Mailbox.objects.filter(pk=mailbox.pk, next_poll_at__isnull=False).update(next_poll_at=past)
            Run.objects.filter(mailbox=mailbox, next_at__isnull=False).update(next_at=past)
            Decision.objects.filter(door=mailbox.door_id, next_attempt_at__isnull=False).update(next_attempt_at=past)

    def sync(self, *mailboxes: Mailbox) -> None:
        """The next poll of these mailboxes, and all that follows."""
        for mailbox in mailboxes:
            self.make_due(mailbox)
        self.workers.work()


@pytest.fixture
def crm(northwind: Northwind, workers: Workers) -> Crm:
    return Crm(northwind, workers)


__all__ = ["Connect", "Crm", "Due", "Provider", "Workers", "World", "queries"]
