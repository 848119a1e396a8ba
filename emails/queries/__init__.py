"""Readers of emails. Whoever asks is always named: what they may see (R37) is decided in `seeing`, and only there."""

from __future__ import annotations

from emails.queries.boxes import Box
from emails.queries.conversations import Conversation, Side, conversation, in_full, next_in_list
from emails.queries.listed import Listed, listed
from emails.queries.lists import conversation_page, email_page
from emails.queries.parties import Standing, State, Who, excluded_in, party_of, why_excluded
from emails.queries.reading import (
    Opened,
    attachment_of,
    get_email,
    get_readable_email,
    open_email,
    thread_of,
)
from emails.queries.search import search_problems
from emails.queries.seeing import (
    is_readable,
    is_visible,
    may_see_bcc,
    readable_emails,
    require_gone,
    reveal,
    visible_emails,
    visible_entries,
    visible_links,
    visible_sources,
    with_readable,
)
from emails.queries.suggest import suggest
from emails.queries.timeline import Entry, Kind, timeline_page
from emails.queries.wanted import Wanted, matching, newest_of_each_thread

__all__ = [
    "Box",
    "Conversation",
    "Entry",
    "Kind",
    "Listed",
    "Opened",
    "Side",
    "Standing",
    "State",
    "Wanted",
    "Who",
    "attachment_of",
    "conversation",
    "conversation_page",
    "email_page",
    "excluded_in",
    "get_email",
    "get_readable_email",
    "in_full",
    "is_readable",
    "is_visible",
    "listed",
    "matching",
    "may_see_bcc",
    "newest_of_each_thread",
    "next_in_list",
    "open_email",
    "party_of",
    "readable_emails",
    "require_gone",
    "reveal",
    "search_problems",
    "suggest",
    "thread_of",
    "timeline_page",
    "visible_emails",
    "visible_entries",
    "visible_links",
    "visible_sources",
    "why_excluded",
    "with_readable",
]
