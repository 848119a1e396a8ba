"""Mail to people about their accounts, and what their log-ins leave in the audit logs."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task
from django.core.mail import send_mail
from django.template.loader import render_to_string
from structlog.contextvars import bound_contextvars

from accounts import operations, queries
from crm.lib.tenancy import tenant_scope


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=8)
def send_invitation(*, tenant_id: int, invitation_id: int) -> None:
    """Mails the link that accepts an invitation; one withdrawn meanwhile is not sent."""
    with tenant_scope(tenant_id):
        letter = queries.invitation_letter(invitation_id)
    if letter is not None:
        text = render_to_string("accounts/mail/invitation.txt", {"letter": letter})
        html = render_to_string("accounts/mail/invitation.html", {"letter": letter})
        send_mail(letter.subject, text, None, [letter.email], html_message=html)


@shared_task
def record_sign_in(
    *, user_id: int, action: str, summary: str, by_user: bool, at: str, ip: str, request_id: str
) -> None:
    """Tells each account of a person what happened to their log-in; ``at`` in ISO format."""
    with bound_contextvars(request=request_id):
        operations.record_sign_in(
            user_id=user_id, action=action, summary=summary, by_user=by_user, at=datetime.fromisoformat(at), ip=ip
        )
