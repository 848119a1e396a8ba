"""The pages about mailboxes, with something on each to look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from contacts import operations as contacts
from contacts.data import ContactData
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emailsync.models import Mailbox, Run
from emailsync.queries import RIGHT_GONE
from providers.base import Kind
from tests.conftest import Northwind
from tests.emailsync.pages.rows import make_mailbox, make_run
from tests.functional.contact_pages import fill


def several(cast: Northwind) -> str:
    """One that reads its history, one that is done, one that waits, one that lost its log-in."""
    now = timezone.now()
    with tenant_scope(cast.tenant.pk):
        reading = make_mailbox(cast.alice, "alice@northwind.example", wants_label=True)
        make_run(reading, Run.Kind.HISTORY, progress=0.62, handled=1240, stored=1196, skipped=44)
        done = make_mailbox(cast.alice, "a.lindqvist@northwind.example", "graph", rights=["read", "send"])
        make_run(done, Run.Kind.HISTORY, state="done", progress=1, handled=5210, stored=5020, skipped=186, failed=4)
        make_mailbox(
            cast.alice, "sales@northwind.example", state="waiting", since=None, polled_at=None, next_poll_at=None
        )
        detail = "Google no longer lets Postroom in: the permission was withdrawn."
        lost: dict[str, Any] = {
            "problem": Kind.ACCOUNT,
            "problem_detail": detail,
            "problem_at": now - timedelta(hours=3),
        }
        make_mailbox(cast.alice, "alice.private@northwind.example", state="reconnect", next_poll_at=None, **lost)
    return reverse("email_settings")


def troubled(cast: Northwind) -> str:
    """Bob's: without the right, held up, stopped; and one for sending alone."""
    now = timezone.now()
    since = now - timedelta(minutes=25)
    with tenant_scope(cast.tenant.pk):
        right = {"problem": Kind.DISABLED, "problem_detail": RIGHT_GONE, "problem_at": since, "next_poll_at": None}
        make_mailbox(cast.bob, "bob@northwind.example", "graph", state="disabled", **right)
        busy = {"problem": Kind.API, "problem_detail": "Microsoft asks us to wait before the next call."}
        make_mailbox(cast.bob, "support.for.the.northern.yards@northwind.example", "graph", problem_at=since, **busy)
        gone = {"problem": Kind.INBOX, "problem_detail": "Microsoft knows the account but keeps no mailbox for it."}
        make_mailbox(cast.bob, "old@northwind.example", "graph", state="failed", problem_at=since, **gone)
        make_mailbox(
            cast.bob, "b.marsh@northwind.example", mode="manual", rights=["send"], polled_at=None, next_poll_at=None
        )
    return reverse("email_settings")


def connecting(cast: Northwind) -> str:
    return reverse("mailbox_connect", args=["gmail"])


def connecting_without_the_right(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        Membership.objects.filter(pk=cast.bob.pk).update(can_full_sync=False)
    return reverse("mailbox_connect", args=["graph"])


def _waiting(cast: Northwind) -> Mailbox:
    return make_mailbox(
        cast.alice, "alice@northwind.example", state="waiting", since=None, polled_at=None, next_poll_at=None
    )


def counting(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        mailbox = _waiting(cast)
        result = {"messages": 412, "contacts": {}, "waiting": []}
        make_run(mailbox, Run.Kind.PREVIEW, addresses=["x@x.example"], progress=0.31, looked_at=2310, result=result)
    return reverse("mailbox_preview", args=[mailbox.pk])


def counted(cast: Northwind) -> str:
    """About 1,240 emails, for more contacts than are named."""
    with tenant_scope(cast.tenant.pk):
        fill(cast)
        for number in range(50):
            contacts.create_contact(actor=cast.alice, data=ContactData(emails=(f"buyer{number}@contoso.example",)))
        found = (
            Contact.objects.filter(addresses__isnull=False).order_by("id").values_list("addresses__email", flat=True)
        )
        counts = {email: 1 + 97 // (number + 1) for number, email in enumerate(found)}
        mailbox = _waiting(cast)
        private = {"no-reply@bank.example": ["code", 12], "payroll@buero-am-markt-in-hamburg.example": ["pay", 3]}
        result = {"messages": 1240, "contacts": counts, "waiting": [], "private": private}
        make_run(
            mailbox,
            Run.Kind.PREVIEW,
            state="done",
            progress=1,
            addresses=list(counts),
            looked_at=18_204,
            result=result,
        )
    return reverse("mailbox_preview", args=[mailbox.pk])


def nobody(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        mailbox = _waiting(cast)
        make_run(mailbox, Run.Kind.PREVIEW, state="done", progress=1)
    return reverse("mailbox_preview", args=[mailbox.pk])


def stopped(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        mailbox = _waiting(cast)
        problem = "Google no longer lets Postroom in: the permission was withdrawn."
        make_run(mailbox, Run.Kind.PREVIEW, next_at=None, problem=problem)
    return reverse("mailbox_preview", args=[mailbox.pk])
