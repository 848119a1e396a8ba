"""Work on mailboxes. Every task is a hint: what is to be done stands in the database, and `dispatch` finds it again."""

from __future__ import annotations

from collections.abc import Iterable

from celery import current_app, shared_task
from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from crm.lib.queue import Task, tenant_task
from crm.lib.tenancy import tenant_scope
from emailsync import engine, operations, queries
from emailsync.models import Mailbox
from emailsync.queries import Due

#: How long a task that was sent is not sent again, unless its work began meanwhile.
SENT_FOR = 60


@shared_task
def dispatch() -> None:
    """Finds what is due in all tenants and sends a task for each; sent every few seconds by beat."""
    mailboxes = queries.due_mailboxes("next_poll_at")
    _send(poll, "mailbox_id", [due for due in mailboxes if due.state != Mailbox.State.DISCONNECTED])
    _send(part, "mailbox_id", [due for due in mailboxes if due.state == Mailbox.State.DISCONNECTED])
    runs = queries.due_runs()
    _send(walk, "run_id", [due for due in runs if not due.is_preview])
    _send(preview, "run_id", [due for due in runs if due.is_preview])
    _send(label, "mailbox_id", queries.due_mailboxes("next_label_at"))
    _send(renew_watch, "mailbox_id", queries.due_mailboxes("next_watch_at"))
    _send(check, "mailbox_id", queries.due_mailboxes("next_reconcile_at"))
    for tenant_id in queries.tenants_with_changes():
        if cache.add(_mark(match_contacts.name, tenant_id), 1, timeout=SENT_FOR):
            current_app.send_task(match_contacts.name, kwargs={"tenant_id": tenant_id})


@shared_task
def enforce_rights() -> None:
    """Stops mailboxes whose member may not sync any more (R23), and lets go on those whose member may again."""
    _send(disable, "mailbox_id", queries.mailboxes_without_right())
    _send(resume, "mailbox_id", queries.mailboxes_with_right_again())


@shared_task
def poll(*, tenant_id: int, mailbox_id: int) -> None:
    cache.delete(_mark(poll.name, mailbox_id))
    engine.poll(tenant_id=tenant_id, mailbox_id=mailbox_id)


@shared_task
def walk(*, tenant_id: int, run_id: int) -> None:
    cache.delete(_mark(walk.name, run_id))
    if engine.walk(tenant_id=tenant_id, run_id=run_id):
        _send(walk, "run_id", [Due(tenant_id, run_id)])


@shared_task
def preview(*, tenant_id: int, run_id: int) -> None:
    cache.delete(_mark(preview.name, run_id))
    if engine.preview(tenant_id=tenant_id, run_id=run_id):
        _send(preview, "run_id", [Due(tenant_id, run_id)])


@shared_task
def label(*, tenant_id: int, mailbox_id: int) -> None:
    engine.label(tenant_id=tenant_id, mailbox_id=mailbox_id)


@shared_task
def renew_watch(*, tenant_id: int, mailbox_id: int) -> None:
    engine.renew_watch(tenant_id=tenant_id, mailbox_id=mailbox_id)


@shared_task
def part(*, tenant_id: int, mailbox_id: int) -> None:
    engine.part(tenant_id=tenant_id, mailbox_id=mailbox_id)


@shared_task
def check(*, tenant_id: int, mailbox_id: int) -> None:
    engine.check(tenant_id=tenant_id, mailbox_id=mailbox_id)


@tenant_task()
def disable(*, mailbox_id: int) -> None:
    operations.disable_for_right(mailbox_id)


@tenant_task()
def resume(*, mailbox_id: int) -> None:
    operations.resume_for_right(mailbox_id)


@shared_task
def match_contacts(*, tenant_id: int) -> None:
    cache.delete(_mark(match_contacts.name, tenant_id))
    with tenant_scope(tenant_id):
        operations.match_changed()


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=8)
def tell_of_trouble(*, tenant_id: int, mailbox_id: int) -> None:
    """Mails a mailbox's owner that it stopped, and the link that mends it (E10); not if it was mended meanwhile."""
    with tenant_scope(tenant_id):
        letter = queries.trouble_letter(mailbox_id)
    if letter is not None:
        context = {"letter": letter, "link": settings.SITE_URL + reverse("email_settings")}
        text = render_to_string("emailsync/mail/trouble.txt", context)
        html = render_to_string("emailsync/mail/trouble.html", context)
        send_mail(letter.subject, text, None, [letter.email], html_message=html)


def _send(task: Task, argument: str, found: Iterable[Due]) -> None:
    """A task each, but for those that wait in their queue since a moment ago."""
    name = task.name
    for due in found:
        if cache.add(_mark(name, due.id), 1, timeout=SENT_FOR):
            kwargs = {"tenant_id": due.tenant_id, argument: due.id}
            current_app.send_task(name, kwargs=kwargs, expires=SENT_FOR)


def _mark(name: str, row_id: int) -> str:
    return f"sent:{name}:{row_id}"
