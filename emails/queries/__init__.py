"""Readers of emails. Whoever asks is always named: what they may see (R37) is decided in `seeing`, and only there."""

from __future__ import annotations

from emails.queries.lists import Box, Wanted, email_page, for_lists
from emails.queries.reading import Opened, Standing, State, Who, attachment_of, get_email, open_email, thread_of
from emails.queries.seeing import is_visible, may_see_bcc, require_gone, visible_emails, visible_links
from emails.queries.timeline import Entry, Kind, timeline_page

__all__ = [
    "Box",
    "Entry",
    "Kind",
    "Opened",
    "Standing",
    "State",
    "Wanted",
    "Who",
    "attachment_of",
    "email_page",
    "for_lists",
    "get_email",
    "is_visible",
    "may_see_bcc",
    "open_email",
    "require_gone",
    "thread_of",
    "timeline_page",
    "visible_emails",
    "visible_links",
]
