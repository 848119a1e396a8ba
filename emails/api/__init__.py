"""The API of emails: lists, one, what is done with it, its original and files; threads and timelines."""

from __future__ import annotations

from emails.api.activity import Activity, ActivitySums
from emails.api.content import EmailAttachment, EmailRaw
from emails.api.emails import EmailDetail, EmailMove, Emails, EmailStore, EmailUnstore
from emails.api.sharing import (
    AccessRequest,
    AccessRequests,
    ContactVisibility,
    EmailRequestAccess,
    ThreadVisibility,
)
from emails.api.threads import ContactTimeline, ThreadDetail

__all__ = [
    "AccessRequest",
    "AccessRequests",
    "Activity",
    "ActivitySums",
    "ContactTimeline",
    "ContactVisibility",
    "EmailAttachment",
    "EmailDetail",
    "EmailMove",
    "EmailRaw",
    "EmailRequestAccess",
    "EmailStore",
    "EmailUnstore",
    "Emails",
    "ThreadDetail",
    "ThreadVisibility",
]
