"""What happened with a contact: its emails and notes in one order, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, Final

from django.core import signing
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from accounts.models import Membership
from contacts.models import Contact, Note
from contacts.queries import notes_of
from crm.lib.compiled import compiled
from crm.lib.pagination import BadCursor, Page
from emails.models import Link
from emails.queries.listed import Listed, listed
from emails.queries.seeing import visible_entries

Entry = Listed | Note
_Row = Link | Note
_Key = tuple[datetime, int, int]
_signer = signing.Signer(salt="emails.queries.timeline")


class Kind(StrEnum):
    """What of a contact's timeline to show (R38)."""

    ALL = "all"
    EMAILS = "emails"
    NOTES = "notes"


@dataclass(frozen=True)
class _Lane:
    """One of the tables that a timeline is woven of: its columns for time and id, and its rank in one moment."""

    rank: int
    at: str
    id: str

    def key(self, row: _Row) -> _Key:
        return getattr(row, self.at), self.rank, getattr(row, self.id)

    def beyond(self, place: _Place) -> Q:
        """Its rows that come after ``place`` in the place's direction."""
        side = "gt" if place.backward else "lt"
        if self.rank == place.rank:
            compare = TupleGreaterThan if place.backward else TupleLessThan
            return Q(compare(Tuple(F(self.at), F(self.id)), (place.at, place.id)))
        # In the very moment of the place, the whole lane lies on one side of it.
        reaches = (self.rank > place.rank) if place.backward else (self.rank < place.rank)
        return Q((f"{self.at}__{side}{'e' if reaches else ''}", place.at))

    def order(self, *, backward: bool) -> list[str]:
        return [self.at, self.id] if backward else [f"-{self.at}", f"-{self.id}"]


@dataclass(frozen=True)
class _Place:
    """What a cursor says: the entry that the page lies beyond, and on which side of it."""

    at: datetime
    rank: int
    id: int
    backward: bool


EMAILS: Final = _Lane(rank=1, at="sent_at", id="email_id")
NOTES: Final = _Lane(rank=0, at="created_at", id="id")


def timeline_page(
    member: Membership,
    contact: Contact,
    kind: Kind = Kind.ALL,
    *,
    folded: bool = False,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[Entry]:
    """A page of a contact that the member can see: its emails, and notes with their authors.

    ``folded``, of each conversation the last email that the contact has. A constant number of queries. Raises
    `BadCursor`.
    """
    place = _read(cursor) if cursor else None
    backward = place is not None and place.backward
    if place:
        keyed = _keyed(_lanes(member, contact, kind, folded=folded), place, limit + 1)
    else:
        keyed = _newest(member, contact, kind, folded=folded, limit=limit + 1)
    more, keyed = len(keyed) > limit, keyed[:limit]
    if backward:
        keyed.reverse()
    has_next, has_previous = (True, more) if backward else (more, place is not None)
    return Page(
        items=_entries(member, [row for _, row in keyed], folded=folded),
        next=_cursor(keyed[-1][0], backward=False) if keyed and has_next else None,
        previous=_cursor(keyed[0][0], backward=True) if keyed and has_previous else None,
    )


def _keyed(lanes: list[tuple[_Lane, QuerySet[Any]]], place: _Place, limit: int) -> list[tuple[_Key, _Row]]:
    """Rows beyond a place, each with where it stands, in the order in which a page walks; of each lane so many."""
    keyed: list[tuple[_Key, _Row]] = []
    for lane, rows in lanes:
        found = rows.filter(lane.beyond(place)).order_by(*lane.order(backward=place.backward))
        keyed += [(lane.key(row), row) for row in found[:limit]]
    return sorted(keyed, key=itemgetter(0), reverse=not place.backward)


def _newest(member: Membership, contact: Contact, kind: Kind, *, folded: bool, limit: int) -> list[tuple[_Key, _Row]]:
    """The same from the beginning."""
    keyed: list[tuple[_Key, _Row]] = []
    if kind is not Kind.NOTES:
        keyed += [(EMAILS.key(row), row) for row in _newest_links(member, contact, folded=folded, limit=limit)]
    if kind is not Kind.EMAILS:
        keyed += [(NOTES.key(row), row) for row in _newest_notes(member, contact, limit=limit)]
    return sorted(keyed, key=itemgetter(0), reverse=True)


@compiled
def _newest_links(member: Membership, contact: Contact, *, folded: bool, limit: int) -> QuerySet[Link]:
    return _links(member, contact, folded=folded).order_by(*EMAILS.order(backward=False))[:limit]


@compiled
def _newest_notes(member: Membership, contact: Contact, *, limit: int) -> QuerySet[Note]:
    return notes_of(member, contact).order_by(*NOTES.order(backward=False))[:limit]


def _links(member: Membership, contact: Contact, *, folded: bool) -> QuerySet[Link]:
    found = visible_entries(member).filter(contact=contact)
    return _last_of_each(found) if folded else found


def _entries(member: Membership, rows: list[_Row], *, folded: bool) -> list[Entry]:
    ids = [row.email_id for row in rows if isinstance(row, Link)]
    emails = {email.id: email for email in listed(member, ids, folded=folded)}
    found = (emails.get(row.email_id) if isinstance(row, Link) else row for row in rows)
    return [entry for entry in found if entry is not None]


def _lanes(member: Membership, contact: Contact, kind: Kind, *, folded: bool) -> list[tuple[_Lane, QuerySet[Any]]]:
    lanes: list[tuple[_Lane, QuerySet[Any]]] = []
    if kind is not Kind.NOTES:
        lanes.append((EMAILS, _links(member, contact, folded=folded)))
    if kind is not Kind.EMAILS:
        lanes.append((NOTES, notes_of(member, contact)))
    return lanes


def _last_of_each(entries: QuerySet[Link]) -> QuerySet[Link]:
    """Of these entries the last one of each conversation."""
    # The last condition says nothing that the first does not, but in the terms of an index.
    newer = entries.filter(
        Q(sent_at__gt=OuterRef("sent_at")) | Q(sent_at=OuterRef("sent_at"), email__gt=OuterRef("email")),
        email__thread=OuterRef("email__thread"),
        sent_at__gte=OuterRef("sent_at"),
    )
    return entries.filter(~Exists(newer))


# --- Cursors: signed, so that whatever stands in one was once a place of ours --------------------


def _cursor(key: _Key, *, backward: bool) -> str:
    at, rank, row_id = key
    return _signer.sign_object([int(backward), at.isoformat(), rank, row_id], compress=True)


def _read(cursor: str) -> _Place:
    try:
        backward, at, rank, row_id = _signer.unsign_object(cursor)
    except (signing.BadSignature, ValueError) as error:
        raise BadCursor from error
    return _Place(datetime.fromisoformat(at), rank, row_id, bool(backward))
