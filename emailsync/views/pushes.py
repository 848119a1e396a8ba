"""What the providers push (E9): hints that a mailbox has news. They are checked, noted, and answered at once (S4)."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.middleware import outside_tenants
from crm.lib.tenancy import tenant_scope
from emailsync import connections, operations, queries
from emailsync.models import Mailbox
from providers import gmail, graph
from providers.base import ProviderError
from providers.graph import Notification

log = structlog.get_logger("emailsync.pushes")
#: Bytes. Gmail's have a few hundred; Graph sends up to a hundred notifications of about one kilobyte at once.
LARGEST_GMAIL, LARGEST_GRAPH = 2**16, 2**20
#: Characters; Microsoft names no bound for its handshake's, and uses less than 200.
LONGEST_TOKEN = 2_000

DONE, FORGED, TOO_LARGE, LATER = 204, 403, 413, 503


@csrf_exempt
@outside_tenants
@require_POST
def gmail_push(request: HttpRequest) -> HttpResponse:
    """Pub/Sub's. Whether the address is anybody's cannot be told from the answer."""
    body = request.read(LARGEST_GMAIL + 1)
    if len(body) > LARGEST_GMAIL:
        return HttpResponse(status=TOO_LARGE)
    try:
        gmail.verify_push(
            connections.gmail_app(),
            request.headers.get("Authorization", ""),
            audience=settings.SITE_URL + reverse("gmail_push"),
            account=settings.GOOGLE_PUBSUB_ACCOUNT,
        )
    except gmail.BadPush:
        return HttpResponse(status=FORGED)
    except ProviderError:
        # Google's certificates cannot be had: Pub/Sub comes again.
        return HttpResponse(status=LATER)
    try:
        address, _ = gmail.read_push(body)
    except gmail.BadPush as error:
        # It is Google's own, and would come again for a week: there is nothing in it for us.
        log.warning("a push could not be read", reason=str(error))
        return HttpResponse(status=DONE)
    for mailbox in queries.pushed_mailboxes(address=address):
        _note(mailbox, [])
    return HttpResponse(status=DONE)


@csrf_exempt
@outside_tenants
@require_POST
def graph_push(request: HttpRequest) -> HttpResponse:
    """Graph's, of mail and of the subscriptions themselves."""
    token = request.GET.get("validationToken")
    if token is not None:
        return _handshake(token)
    body = request.read(LARGEST_GRAPH + 1)
    if len(body) > LARGEST_GRAPH:
        return HttpResponse(status=TOO_LARGE)
    try:
        notifications = graph.read_notifications(body)
    except graph.BadPush:
        return HttpResponse(status=400)
    return HttpResponse(status=202 if _note_all(notifications) else FORGED)


def _handshake(token: str) -> HttpResponse:
    """A new subscription asks whether we are there, and wants its token back as plain text.

    https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
    """
    if len(token) > LONGEST_TOKEN:
        return HttpResponse(status=TOO_LARGE)
    return HttpResponse(token, content_type="text/plain; charset=utf-8")


def _note_all(notifications: Iterable[Notification]) -> bool:
    """Makes due whom they are about; False where one was not made with the secret of its subscription.

    Subscriptions that we do not know are not ours any more, and no fault.
    """
    by_subscription: dict[str, list[Notification]] = defaultdict(list)
    for each in notifications:
        by_subscription[each.subscription].append(each)
    all_genuine = True
    for mailbox in queries.pushed_mailboxes(watch_ids=by_subscription.keys()):
        found = by_subscription[mailbox.watch_id]
        genuine = [each for each in found if _is_genuine(mailbox, each)]
        all_genuine = all_genuine and len(genuine) == len(found)
        if genuine:
            _note(mailbox, [each.lifecycle for each in genuine if each.lifecycle])
    return all_genuine


def _is_genuine(mailbox: Mailbox, notification: Notification) -> bool:
    secret = mailbox.watch_secret
    return bool(secret) and hmac.compare_digest(secret.encode(), notification.secret.encode())


def _note(mailbox: Mailbox, events: list[str]) -> None:
    with tenant_scope(mailbox.tenant_id):
        if events:
            operations.note_lifecycle(mailbox.pk, events)
        else:
            operations.make_due(mailbox.pk)
