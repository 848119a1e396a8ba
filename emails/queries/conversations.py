"""A conversation across all mailboxes, oldest first, as far as its reader may see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import Membership
from crm.lib.bulk import is_among
from crm.lib.compiled import compiled
from emails.models import Attachment, Door, Email, Party, Source
from emails.queries.listed import Listed, listed
from emails.queries.seeing import readable_emails, visible_emails, visible_sources
from emails.queries.wanted import Wanted, matching, newest_of_each_thread

#: Emails on each side of the one that is open, and how many come with a click on those that are left out.
AROUND, MORE = 20, 50
#: Nobody reads on beyond so many.
LONGEST = 5_000
#: Recipients that a print names.
MOST_NAMED = 100
MAILBOXES = (Door.Kind.GMAIL, Door.Kind.GRAPH)


class Side(StrEnum):
    """Which emails of a conversation, seen from one of them."""

    AROUND = "around"
    EARLIER = "earlier"
    LATER = "later"


@dataclass(frozen=True)
class Conversation:
    """Emails, oldest first, each with a few words on the colleagues' mailboxes that have it, empty where none does.

    Beside them how many lie before and after.
    """

    emails: tuple[tuple[Listed, str], ...]
    earlier: int = 0
    later: int = 0

    @property
    def first(self) -> Listed:
        return self.emails[0][0]

    @property
    def last(self) -> Listed:
        return self.emails[-1][0]


def conversation(member: Membership, email: Email, side: Side = Side.AROUND) -> Conversation:
    """The emails around one of them, or the next ones before or after it. Three queries, however long it is."""
    ids = _ids(member, email.thread_id)
    place = ids.index(email.pk) if email.pk in ids else 0
    first, last = {
        Side.AROUND: (place - AROUND, place + AROUND + 1),
        Side.EARLIER: (place - MORE, place),
        Side.LATER: (place + 1, place + 1 + MORE),
    }[side]
    first = max(first, 0)
    shown = ids[first:last]
    emails = _bring(member, shown)
    # Without any, it was deleted in this moment, and there is nothing that others could stand around.
    return Conversation(emails, earlier=first, later=len(ids) - first - len(shown)) if emails else Conversation(())


def in_full(member: Membership, ids: Collection[int]) -> list[Email]:
    """Of these emails those that the member can read, oldest first, with all that they say. Three queries.

    Each has ``files``, and in ``named`` its first recipients.
    """
    found = readable_emails(member).filter(pk__in=ids).defer("search")
    recipients = Party.objects.filter(role__in=[Party.Role.TO, Party.Role.CC]).order_by("position")
    return list(
        found.order_by("sent_at", "pk").prefetch_related(
            Prefetch("attachments", Attachment.objects.order_by("position"), to_attr="files"),
            Prefetch("parties", recipients[:MOST_NAMED], to_attr="named"),
        )
    )


def next_in_list(member: Membership, wanted: Wanted, email: Email) -> int | None:
    """The email that a list of conversations shows below the one of this email; None at its end. Two queries."""
    found = matching(member, wanted)
    same = found.filter(thread=email.thread_id).order_by("-sent_at", "-pk").values_list("sent_at", "pk").first()
    at, pk = same or (email.sent_at, email.pk)
    # The first condition says nothing that the second does not, but in the terms of an index.
    below = Q(sent_at__lt=at) | Q(sent_at=at, pk__lt=pk)
    rest = newest_of_each_thread(found).filter(below, sent_at__lte=at).exclude(thread=email.thread_id)
    return rest.order_by("-sent_at", "-pk").values_list("pk", flat=True).first()


def _ids(member: Membership, thread_id: int) -> list[int]:
    return _latest(member, thread_id)[::-1]


@compiled
def _latest(member: Membership, thread_id: int) -> QuerySet[Email, int]:
    found = visible_emails(member).filter(thread=thread_id).order_by("-sent_at", "-pk")
    return found.values_list("pk", flat=True)[:LONGEST]


def _bring(member: Membership, ids: Sequence[int]) -> tuple[tuple[Listed, str], ...]:
    owners = _mailboxes(member, ids)
    return tuple((email, _where(member, owners[email.id])) for email in listed(member, ids))


def _mailboxes(member: Membership, ids: Sequence[int]) -> defaultdict[int, dict[int, Membership]]:
    """By email whose mailboxes have it, each once, first the one that saw it first."""
    found: defaultdict[int, dict[int, Membership]] = defaultdict(dict)
    for source in _in_mailboxes(member, ids):
        found[source.email_id].setdefault(source.door.member_id, source.door.member)
    return found


@compiled
def _in_mailboxes(member: Membership, ids: Collection[int]) -> QuerySet[Source]:
    found = visible_sources(member).filter(is_among("email_id", ids), door__kind__in=MAILBOXES)
    return found.select_related("door__member__user").order_by("seen_at", "pk")


def _where(member: Membership, owners: dict[int, Membership]) -> str:
    others = [str(owner) for pk, owner in owners.items() if pk != member.pk]
    if not others:
        return ""
    also = "also in" if member.pk in owners else "in"
    names = " and ".join(f"{name}’s" for name in others) if len(others) < 3 else f"{len(others)} colleagues’"
    return f"{also} {names} mailbox{'es' if len(others) > 1 else ''}"
