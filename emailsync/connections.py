"""The providers as the settings set them up, and a mailbox's grant in and out of its encryption (S2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError

from crm.lib import product
from crm.lib.crypto import Undecipherable, decrypt, encrypt
from crm.lib.tenancy import tenant_scope
from emailsync.leases import LeaseLost
from emailsync.models import Mailbox
from emailsync.pacing import purse_of
from providers import gmail, graph
from providers.base import Kind, Login, Pace, Provider, ProviderError, Recovery, Save

PURPOSE = "mailbox-grant"
log = structlog.get_logger("emailsync")


def gmail_app() -> gmail.App:
    return gmail.App(
        client_id=settings.GOOGLE_CLIENT_ID,
        client_secret=settings.GOOGLE_CLIENT_SECRET,
        api_root=settings.GOOGLE_API_ROOT,
        oauth_root=settings.GOOGLE_OAUTH_ROOT,
        price_list="old" if settings.GOOGLE_QUOTA == "old" else "new",
    )


def graph_app() -> graph.App:
    return graph.App(
        client_id=settings.MICROSOFT_CLIENT_ID,
        client_secret=settings.MICROSOFT_CLIENT_SECRET,
        graph_root=settings.MICROSOFT_GRAPH_ROOT,
        login_root=settings.MICROSOFT_LOGIN_ROOT,
        tenant=settings.MICROSOFT_TENANT,
    )


def is_set_up(provider: str) -> bool:
    """Whether this installation has an app at the provider, without which nobody can connect."""
    return bool(settings.GOOGLE_CLIENT_ID if provider == "gmail" else settings.MICROSOFT_CLIENT_ID)


def login(provider: str) -> Login:
    return gmail.login(gmail_app()) if provider == "gmail" else graph.login(graph_app())


def seal(grant: str) -> str:
    """A grant as the database keeps it."""
    return encrypt(grant, purpose=PURPOSE)


def unseal(mailbox: Mailbox) -> str:
    """The grant itself. Raises `ProviderError` where it cannot be read: the user has to log in again."""
    try:
        return decrypt(mailbox.grant, purpose=PURPOSE)
    except Undecipherable as error:
        detail = "The stored log-in can no longer be read."
        raise ProviderError(Kind.ACCOUNT, Recovery.PERMANENT, detail, code="undecipherable") from error


@contextmanager
def opened(mailbox: Mailbox, *, in_background: bool) -> Iterator[Provider]:
    """The mailbox at its provider, paced. Call it outside of every scope. Raises `ProviderError`.

    Where the provider says to wait, everybody does who works on this mailbox.
    """
    purse = purse_of(mailbox.pk, mailbox.provider)
    pace = partial(purse.take, in_background=in_background) if settings.PACED else _at_will
    keeper = _Keeper(mailbox)
    provider = _open(mailbox.provider, unseal(mailbox), keeper.save, pace)
    try:
        yield provider
    except ProviderError as error:
        if error.status in {429, 503} and error.retry_after:
            purse.hold(error.retry_after)
        raise
    except (LeaseLost, DatabaseError, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        # Ours, or an answer that no provider should give. Whoever has the mailbox must see that it stands still, and
        # the log the rest; without this it would be tried for ever, and say that all is well.
        log.exception("a mailbox met an error of our own", mailbox=mailbox.pk)
        detail = "Postroom met an error of its own in this mailbox. It is tried again every hour."
        raise ProviderError(Kind.CODE, Recovery.PERMANENT, detail, code=type(error).__name__) from error
    finally:
        provider.close()


def aliases(provider: str, grant: str) -> tuple[str, ...]:
    """The other addresses of a mailbox that is about to be connected (R3). Network; raises `ProviderError`."""
    mailbox = _open(provider, grant, _keep_nothing, _at_will)
    try:
        return mailbox.identity().aliases
    finally:
        mailbox.close()


def _open(provider: str, grant: str, save: Save, pace: Pace) -> Provider:
    if provider == "gmail":
        return gmail.open_mailbox(gmail_app(), grant, save=save, pace=pace, never=product.NEVER)
    return graph.open_mailbox(graph_app(), grant, save=save, pace=pace, never=product.NEVER)


def _keep_nothing(_grant: str) -> None:
    """Before there is a row, a grant that was renewed on the way stays usable beside the one at hand."""


def _at_will(_units: int) -> None:
    """The pace of mailboxes without a quota."""


class _Keeper:
    """Keeps renewed grants of one connection, as long as nobody has put another in their place."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._sealed = mailbox.grant

    def save(self, grant: str) -> None:
        sealed = seal(grant)
        with tenant_scope(self._mailbox.tenant_id):
            held = Mailbox.objects.filter(pk=self._mailbox.pk, grant=self._sealed, disconnected_at=None)
            if held.update(grant=sealed):
                self._sealed = sealed
