"""Emails as lists say them: with who got them and for whom they are stored, and without their texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Func, IntegerField, JSONField, Min, QuerySet

from accounts.models import Membership
from contacts.names import ContactName
from contacts.queries import VISIBLE
from crm.lib.bulk import is_among
from crm.lib.compiled import compiled
from emails.models import NO_SUBJECT, Email, Party
from emails.queries.seeing import HIDDEN, in_full, visible_emails
from emails.queries.shown import Way, email_linked

#: Recipients of an email that a list names; a mail to thousands has many more.
NAMED: Final = 4


@dataclass(frozen=True)
class Recipient:
    """Somebody in To or Cc, as the message names them."""

    address: str
    name: str

    def __str__(self) -> str:
        return self.name or self.address


@dataclass(frozen=True)
class Listed:
    """An email, as far as its reader may see it (R37): what `Email` has under these names, and more.

    ``contacts`` are those for whom it is stored and whom the reader sees, by name; ``recipients`` the first `NAMED` in
    To and Cc; ``files`` how many there are that the body does not show itself.

    Of a folded list, ``in_thread`` is how many emails of the conversation the reader sees, in whatever box, and
    ``senders`` who wrote in it, in turn and each once, as (address, name).
    """

    id: int
    thread_id: int
    direction: str
    from_address: str
    from_name: str
    subject: str
    snippet: str
    sent_at: datetime
    size: int
    has_attachments: bool
    has_quote: bool
    is_tracked: bool
    opens: int
    last_opened_at: datetime | None
    problem: str
    is_readable: bool
    files: int
    contacts: tuple[ContactName, ...]
    recipients: tuple[Recipient, ...]
    in_thread: int = 1
    senders: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.subject or NO_SUBJECT

    @property
    def is_outgoing(self) -> bool:
        return self.direction == Email.Direction.OUTGOING


def listed(member: Membership, ids: Sequence[int], *, folded: bool = False) -> list[Listed]:
    """These emails in this order; those that the member cannot see left out, or cannot see any more.

    One query, or two for a folded list, however many they are.
    """
    by_id = {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in _rows(member, ids)}
    rows = [by_id[one] for one in ids if one in by_id]
    threads = _threads(member, {row["thread_id"] for row in rows}) if folded else {}
    return [_listed(row, threads.get(row["thread_id"], (1, ()))) for row in rows]


@compiled
def _rows(member: Membership, ids: Collection[int]) -> QuerySet[Email, tuple[Any, ...]]:
    found = visible_emails(member, linked=email_linked(member, Way.IN_TURN)).filter(is_among("pk", ids))
    return found.annotate(
        is_readable=ExpressionWrapper(in_full(member), output_field=BooleanField()),
        files=Func(F("pk"), template=_FILES, output_field=IntegerField()),
        contacts=Func(F("pk"), template=_CONTACTS, reader=member.pk, output_field=JSONField()),
        recipients=Func(F("pk"), template=_RECIPIENTS, output_field=JSONField()),
    ).values_list(*_COLUMNS)


def _listed(row: dict[str, Any], thread: tuple[int, tuple[tuple[str, str], ...]]) -> Listed:
    shown = row if row["is_readable"] else row | {"files": 0} | {one: HIDDEN[one] for one in HIDDEN.keys() & row.keys()}
    contacts = tuple(ContactName.of(*columns) for columns in row["contacts"] or ())
    recipients = tuple(Recipient(*columns) for columns in row["recipients"] or ())
    told = {"contacts": contacts, "recipients": recipients, "in_thread": thread[0], "senders": thread[1]}
    return Listed(**shown | told)


def _threads(member: Membership, threads: set[int]) -> Mapping[int, tuple[int, tuple[tuple[str, str], ...]]]:
    """Of these conversations how many emails the member can see, and who wrote them."""
    sizes: defaultdict[int, int] = defaultdict(int)
    senders: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for thread, address, name, number, _ in sorted(_by_sender(member, threads), key=itemgetter(4)):
        sizes[thread] += number
        senders[thread].setdefault(address or name, name)
    return {thread: (number, tuple(senders[thread].items())) for thread, number in sizes.items()}


@compiled
def _by_sender(member: Membership, threads: Collection[int]) -> QuerySet[Email, tuple[int, str, str, int, datetime]]:
    seen = visible_emails(member).filter(is_among("thread_id", threads)).order_by()
    return seen.values_list("thread", "from_address", "from_name").annotate(Count("pk"), first=Min("sent_at"))


# --- What belongs to an email, in SQL -----------------------------------------------------------
# As columns of the one query: the ORM would ask three more, and make a model of each row.

_COLUMNS: Final = [field.name for field in fields(Listed) if field.name not in {"in_thread", "senders"}]
_FILES: Final = "(SELECT count(*) FROM emails_attachment WHERE email_id = %(expressions)s AND NOT is_inline)"
_CONTACTS: Final = f"""(
    SELECT jsonb_agg(
        jsonb_build_array(
            contact.id, contact.first_name, contact.last_name, contact.company, contact.sort_name
        ) ORDER BY contact.sort_name, contact.id
    )
    FROM emails_link link JOIN contacts_contact contact ON contact.id = link.contact_id
    WHERE link.email_id = %(expressions)s AND link.removed_at IS NULL AND {VISIBLE}
)"""  # noqa: S608  # Put together of our own words.
_RECIPIENTS: Final = f"""(
    SELECT jsonb_agg(jsonb_build_array(party.address, party.name) ORDER BY party.position)
    FROM (
        SELECT address, name, position FROM emails_party
        WHERE email_id = %(expressions)s AND role IN ('{Party.Role.TO}', '{Party.Role.CC}')
        ORDER BY position LIMIT {NAMED}
    ) party
)"""  # noqa: S608  # The same.
