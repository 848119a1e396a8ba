"""Lists of emails, newest first. A page costs the same number of queries whatever its length."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Membership
from contacts.queries import matching as matching_contacts
from crm.lib.compiled import compiled
from crm.lib.pagination import Page, Walk, keyset_page, walk_of
from emails.models import Email
from emails.queries.boxes import Box
from emails.queries.hits import show_hits
from emails.queries.listed import Listed, listed
from emails.queries.seeing import visible_links
from emails.queries.wanted import Wanted, matching, newest_of_each_thread

NEWEST = ["-sent_at"]


def email_page(member: Membership, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[Listed]:
    """A page of the emails that a member can see. Raises `BadCursor`."""
    if wanted.contact is not None:
        return _page_of_contact(member, wanted, cursor, limit)
    walk, beyond = walk_of(Email, order=NEWEST, cursor=cursor, limit=limit)
    if wanted.since and wanted.until and walk.is_first and not replace(wanted, since=None, until=None):
        rows = _box_in_between(member, wanted.since, wanted.until, box=wanted.box, walk=walk)
    else:
        rows = list(walk.along(matching(member, wanted, in_order=True).only("sent_at"), *beyond))
    page = walk.page(rows)
    return page.of(listed(member, [email.pk for email in page.items]))


@compiled
def _box_in_between(member: Membership, since: datetime, until: datetime, *, box: Box, walk: Walk) -> QuerySet[Email]:
    wanted = Wanted(box=box, since=since, until=until)
    return walk.along(matching(member, wanted, in_order=True).only("sent_at"))


def conversation_page(
    member: Membership, wanted: Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[Listed]:
    """The same folded: of each conversation the last email that is wanted. Raises `BadCursor`.

    Where what is shown of one has no hit of the search, its snippet is taken from around the hit.
    """
    walk, beyond = walk_of(Email, order=NEWEST, cursor=cursor, limit=limit)
    if wanted:
        rows = list(walk.along(_conversations(member, wanted), *beyond))
    elif walk.is_first:
        rows = _whole_box(member, box=wanted.box, walk=walk)
    else:
        rows = _further_in_box(member, *beyond, box=wanted.box, walk=walk)
    page = walk.page(rows)
    emails = listed(member, [email.pk for email in page.items], folded=True)
    return page.of(show_hits(emails, wanted.search))


def _conversations(member: Membership, wanted: Wanted) -> QuerySet[Email]:
    return newest_of_each_thread(matching(member, wanted, in_order=True)).only("sent_at")


@compiled
def _whole_box(member: Membership, *, box: Box, walk: Walk) -> QuerySet[Email]:
    return walk.along(_conversations(member, Wanted(box=box)))


@compiled
def _further_in_box(member: Membership, sent_at: datetime, pk: int, *, box: Box, walk: Walk) -> QuerySet[Email]:
    return walk.along(_conversations(member, Wanted(box=box)), sent_at, pk)


def _page_of_contact(member: Membership, wanted: Wanted, cursor: str | None, limit: int) -> Page[Listed]:
    """One contact's emails: a walk along its links, however many emails others have."""
    others = matching(member, replace(wanted, contact=None))
    links = visible_links(member).filter(contact=wanted.contact, email__in=others)
    if wanted.criteria:
        links = links.filter(contact__in=matching_contacts(member, wanted.criteria))
    page = keyset_page(links, order=["-sent_at", "-email_id"], cursor=cursor, limit=limit)
    return page.of(listed(member, [link.email_id for link in page.items]))
