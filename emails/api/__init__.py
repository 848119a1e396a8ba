"""The API of emails: lists, one, what is done with it, its original and files; threads and timelines."""

from __future__ import annotations

from emails.api.content import EmailAttachment, EmailRaw
from emails.api.emails import EmailDetail, EmailMove, Emails, EmailStore, EmailUnstore
from emails.api.threads import ContactTimeline, ThreadDetail

__all__ = [
    "ContactTimeline",
    "EmailAttachment",
    "EmailDetail",
    "EmailMove",
    "EmailRaw",
    "EmailStore",
    "EmailUnstore",
    "Emails",
    "ThreadDetail",
]
