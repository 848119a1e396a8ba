"""What allauth says of log-ins, passwords and second factors goes to the audit log of each of the person's accounts.

By a task: one request is in the scope of one tenant at most, and the others want to know as well.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import queries, tasks
from accounts.models import User

FACTORS = {
    Authenticator.Type.TOTP: "an authenticator app",
    Authenticator.Type.WEBAUTHN: "a security key",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


@receiver(account_signals.user_logged_in)
def on_log_in(request: HttpRequest, user: User, **_: Any) -> None:
    _tell(request, user.pk, "session.started", "signed in")


@receiver(user_logged_out)
def on_log_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        _tell(request, user.pk, "session.ended", "signed out")


@receiver(user_login_failed)
def on_failed_log_in(request: HttpRequest | None, credentials: dict[str, Any], **_: Any) -> None:
    email = str(credentials.get("email", ""))
    user_id = queries.user_id_of(email)
    if request is not None and user_id is not None:
        _tell(request, user_id, "session.refused", f"refused a wrong password for {email}", by_user=False)


@receiver(mfa_signals.authentication_failed)
def on_failed_second_factor(request: HttpRequest, user: User, **_: Any) -> None:
    _tell(request, user.pk, "session.refused", f"refused a wrong second factor for {user.email}", by_user=False)


@receiver([account_signals.password_changed, account_signals.password_set, account_signals.password_reset])
def on_password_change(request: HttpRequest, user: User, **_: Any) -> None:
    _tell(request, user.pk, "password.changed", "changed their password")


@receiver(account_signals.email_changed)
def on_email_change(
    request: HttpRequest, user: User, to_email_address: EmailAddress, from_email_address: EmailAddress | None, **_: Any
) -> None:
    before = f" from {from_email_address.email}" if from_email_address else ""
    _tell(request, user.pk, "email.changed", f"changed their address{before} to {to_email_address.email}")


@receiver(mfa_signals.authenticator_added)
def on_factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _tell(request, user.pk, "mfa.added", f"added {FACTORS[authenticator.type]} to their log-in")


@receiver(mfa_signals.authenticator_removed)
def on_factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _tell(request, user.pk, "mfa.removed", f"removed {FACTORS[authenticator.type]} from their log-in")


@receiver(mfa_signals.authenticator_reset)
def on_factor_reset(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _tell(request, user.pk, "mfa.reset", f"made new {FACTORS[authenticator.type].removeprefix('an ')}")


def _tell(request: HttpRequest, user_id: int, action: str, summary: str, *, by_user: bool = True) -> None:
    send = partial(
        tasks.record_sign_in.delay,
        user_id=user_id,
        action=action,
        summary=summary,
        by_user=by_user,
        at=timezone.now().isoformat(),
        ip=get_adapter(request).get_client_ip(request),
        request_id=structlog.contextvars.get_contextvars().get("request", ""),
    )
    transaction.on_commit(send)
