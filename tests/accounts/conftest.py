"""What the tests of accounts share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from celery import Task
from django.core import mail
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import operations, queries
from accounts.models import Invitation, Membership, Role
from crm.celery import app
from crm.lib.tenancy import tenant_scope
from tests.conftest import PASSWORD, Northwind

TOTP_PERIOD = 59_000_000
Worker = Callable[[], AbstractContextManager[None]]
NEW_PASSWORD = "sailing-to-lyon-42"


@pytest.fixture(autouse=True)
def _time_of_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes change every 30 seconds: not while a test enters one."""
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([TOTP_PERIOD]))


@pytest.fixture
def worker(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]]
) -> Worker:
    """``with worker():`` does at its end, as a worker would, what was enqueued within."""

    def send(name: str, kwargs: dict[str, object], **_options: object) -> None:
        app.tasks[name].apply(kwargs=kwargs, throw=True)

    @contextmanager
    def working() -> Iterator[None]:
        with django_capture_on_commit_callbacks(execute=True):
            yield

    def apply(task: Task[..., None], args: Any = None, kwargs: Any = None, **_options: object) -> None:
        task.apply(args, kwargs, throw=True)

    monkeypatch.setattr(app, "send_task", send)
    monkeypatch.setattr(Task, "apply_async", apply)
    return working


@pytest.fixture
def browser(client: Client) -> Client:
    """A browser in which nobody has signed in."""
    return client


def log_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> HttpResponse:
    """Sends the log-in form."""
    return client.post(reverse("account_login"), {"login": email, "password": password, **more})  # type: ignore[return-value]


def confirm(client: Client) -> None:
    """Enters the password once more, as pages ask that change how one logs in."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def turn_on_totp(client: Client) -> str:
    """Has a signed-in person add an authenticator app, and answers its secret."""
    confirm(client)
    secret: str = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    return secret


def totp_code(secret: str) -> str:
    """What the app shows, at the time that stands still here."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, TOTP_PERIOD)))


def who_is_in(client: Client) -> str:
    """The name on the profile page, or nothing where somebody has to log in first."""
    answer = client.get(reverse("profile"))
    return answer.context["membership"].user.name if answer.status_code == 200 else ""


def actions_of(member: Membership) -> list[str]:
    """The actions in the audit log of a member's account, the newest first."""
    with tenant_scope(member.tenant_id):
        return list(queries.audit_entries().values_list("action", flat=True))


def last_mail() -> EmailMessage:
    return mail.outbox[-1]


def last_code() -> str:
    """The code in the newest mail."""
    found = re.search(r"^([A-Z0-9-]{4,})$", str(last_mail().body), re.MULTILINE)
    assert found is not None, last_mail().body
    return found[1]


@pytest.fixture
def invite(northwind: Northwind) -> Callable[..., str]:
    """Has Alice invite an address, and answers the path of the link."""

    def inviting(email: str = "new@northwind.example", role: Role = Role.MEMBER) -> str:
        with tenant_scope(northwind.tenant.pk):
            return path_of(operations.invite(actor=northwind.alice, email=email, role=role))

    return inviting


def path_of(invitation: Invitation) -> str:
    return reverse("accept_invitation", args=[queries.invitation_key(invitation)])
