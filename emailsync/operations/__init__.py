"""Writers of emailsync: connecting mailboxes, and beginning the walks through them."""

from __future__ import annotations

from emailsync.operations.connecting import (
    Choices,
    UnableToConnect,
    change_mailbox,
    connect,
    disconnect,
    note_aliases,
    reconnect,
    start,
)
from emailsync.operations.private import start_without
from emailsync.operations.runs import (
    begin_daily_checks,
    begin_history,
    begin_match,
    begin_preview,
    begin_retry,
    count_again,
    match_changed,
    note_changes,
)
from emailsync.operations.states import (
    disable_for_right,
    make_due,
    note_lifecycle,
    resume_for_right,
    sync_now,
)

__all__ = [
    "Choices",
    "UnableToConnect",
    "begin_daily_checks",
    "begin_history",
    "begin_match",
    "begin_preview",
    "begin_retry",
    "change_mailbox",
    "connect",
    "count_again",
    "disable_for_right",
    "disconnect",
    "make_due",
    "match_changed",
    "note_aliases",
    "note_changes",
    "note_lifecycle",
    "reconnect",
    "resume_for_right",
    "start",
    "start_without",
    "sync_now",
]
