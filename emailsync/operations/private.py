"""Starting without the mail that looked private in the preview."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import Membership
from emailsync import queries
from emailsync.models import Mailbox
from emailsync.operations.connecting import start
from emailsync.private import Suspect, chosen
from exclusions import operations as exclusions
from exclusions.lists import Line
from exclusions.models import REASON_LENGTH


def start_without(*, member: Membership, mailbox: Mailbox, addresses: Collection[str]) -> list[Suspect]:
    """The go, after those of the addresses that the preview has named were excluded (R14); answers whom that concerns.

    Twice does no harm. Raises as `start` does.
    """
    left_out = chosen(queries.preview_of(mailbox), addresses)
    if left_out:
        exclusions.exclude_many(actor=member, lines=[_line(one, mailbox) for one in left_out], wish=exclusions.Wish())
    start(member=member, mailbox=mailbox)
    return left_out


def _line(suspect: Suspect, mailbox: Mailbox) -> Line:
    # Not what it looks like: owner and admins read it, and it may be somebody's doctor.
    reason = f"Left out when {mailbox.address} was connected"
    return Line(suspect.address, reason=reason[:REASON_LENGTH])
